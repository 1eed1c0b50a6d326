//! Drafts that were begun and not handed in: one's own, and those of the unit.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use futures::future::join_all;
use http::Uri;
use maud::{Markup, html};
use phidia_proto::intake::v1::{
    DeleteDraftRequest, Draft, GetProcedureRequest, ListDraftsRequest,
    catalogue_service_client::CatalogueServiceClient,
};

use super::draft::drafts;
use crate::{
    Portal,
    form::{Fields, Posted, key_field},
    page::{Look, Page},
    part,
    services::soon,
    trouble::Trouble,
    visitor::{Admitted as _, AtCentre, Visitor},
};

pub(super) async fn show(State(portal): State<Portal>, who: AtCentre, uri: Uri) -> Result<Page, Trouble> {
    let words = who.words;
    let asked = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    let of_unit = asked.has("don-vi");
    let request = ListDraftsRequest { page_size: 50, page_token: asked.text("trang").to_owned(), of_unit };
    let answer = drafts(&portal, &who).list_drafts(soon(request)).await?.into_inner();
    let names = names(&portal, &who, &answer.drafts).await;
    let whose = [
        ("/nhap", words.web_counter_my_drafts(), !of_unit),
        ("/nhap?don-vi=1", words.web_counter_drafts_of_unit(), of_unit),
    ];
    let main = html! {
        h1 { (words.web_counter_drafts()) }
        nav.acts aria-label=(words.web_counter_drafts()) {
            @for (path, label, is_shown) in whose {
                a href=(path) aria-current=[is_shown.then_some("page")] { (label) }
            }
        }
        @if answer.drafts.is_empty() {
            p { (words.web_counter_no_drafts()) " " a href="/tiep-nhan" { (words.web_counter_take_in()) } }
        } @else {
            (table(&portal, &who, &answer.drafts, &names))
            (part::more(words, if of_unit { "/nhap?don-vi=1" } else { "/nhap" }, &answer.next_page_token))
        }
    };
    Ok(Page::new(words.web_counter_drafts(), main).with_look(Look::Work))
}

fn table(portal: &Portal, visitor: &Visitor, drafts: &[Draft], names: &BTreeMap<String, String>) -> Markup {
    let words = visitor.words;
    html! {
        table {
            thead {
                tr {
                    th scope="col" { (words.web_counter_procedure()) }
                    th scope="col" { (words.web_counter_saved()) }
                    th scope="col" { (words.web_counter_kept_until()) }
                    th scope="col" { span.hidden { (words.web_counter_throw_away()) } }
                }
            }
            tbody {
                @for draft in drafts {
                    @let name = names.get(&draft.procedure_code).map_or(draft.procedure_code.as_str(), String::as_str);
                    @let path = format!("/nhap/{}", draft.draft_id);
                    tr data-row tabindex="0" {
                        td data-label=(words.web_counter_procedure()) { a href={ "/tiep-nhan/" (draft.draft_id) } { (name) } }
                        td data-label=(words.web_counter_saved()) { (visitor.instant(draft.saved_at.as_ref())) }
                        td data-label=(words.web_counter_kept_until()) { (visitor.instant(draft.kept_until.as_ref())) }
                        td {
                            form method="post" action=(path) {
                                (key_field(portal, visitor, &path))
                                button.quiet { (words.web_counter_throw_away()) span.hidden { " " (name) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(super) async fn send(
    State(portal): State<Portal>,
    Path(draft_id): Path<String>,
    posted: Posted<AtCentre>,
) -> Result<Response, Trouble> {
    posted.sent()?;
    drafts(&portal, posted.who.visitor()).delete_draft(soon(DeleteDraftRequest { draft_id })).await?;
    Ok(Redirect::to("/nhap").into_response())
}

/// What procedures are called, by code; those that nobody knows any more are left out.
async fn names(portal: &Portal, visitor: &Visitor, drafts: &[Draft]) -> BTreeMap<String, String> {
    let codes: std::collections::BTreeSet<_> =
        drafts.iter().map(|draft| draft.procedure_code.clone()).collect();
    let asked = codes.into_iter().filter(|code| !code.is_empty()).map(|code| async move {
        let request = GetProcedureRequest { code: code.clone(), ..GetProcedureRequest::default() };
        let answer =
            CatalogueServiceClient::new(portal.intake(visitor)).get_procedure(soon(request)).await.ok()?;
        let procedure = answer.into_inner().procedure?;
        Some((code, visitor.text(procedure.name.as_ref()).to_owned()))
    });
    join_all(asked).await.into_iter().flatten().collect()
}
