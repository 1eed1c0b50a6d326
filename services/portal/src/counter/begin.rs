//! Taking an application in: first, of which procedure.

use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::Uri;
use maud::{Markup, html};
use phidia_domain::Rejection;
use phidia_proto::intake::v1::{
    Channel, GetProcedureRequest, ListProceduresRequest, Procedure, SaveDraftRequest,
    SubmitApplicationRequest, catalogue_service_client::CatalogueServiceClient,
};

use super::draft::{Step, drafts};
use crate::{
    Portal,
    form::{Faults, Fields, Posted, key_field},
    page::{Look, Page},
    part::{self, encoded},
    services::soon,
    trouble::Trouble,
    visitor::{Admitted as _, AtCentre, Visitor},
};

const PATH: &str = "/tiep-nhan";

pub(super) async fn show(State(portal): State<Portal>, who: AtCentre, uri: Uri) -> Result<Page, Trouble> {
    let asked = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    page(&portal, &who, &asked, &Faults::none()).await
}

pub(super) async fn send(
    State(portal): State<Portal>,
    posted: Posted<AtCentre>,
) -> Result<Response, Trouble> {
    let visitor = posted.who.visitor();
    match begun(&portal, &posted).await {
        Ok(draft_id) => {
            Ok(Redirect::to(&format!("{PATH}/{draft_id}/{}", Step::Applicant.slug())).into_response())
        }
        Err(trouble) => {
            let faults = Faults::of(visitor, trouble)?;
            Ok(page(&portal, visitor, posted.fields(), &faults).await?.into_response())
        }
    }
}

/// The id of a new draft that says which procedure, and where.
async fn begun(portal: &Portal, posted: &Posted<AtCentre>) -> Result<String, Trouble> {
    let procedure_code = posted.sent()?.fields.text("thu-tuc").to_owned();
    if procedure_code.is_empty() {
        return Err(Rejection::invalid("MISSING_FIELD", "tim", "is required").into());
    }
    let mut application = SubmitApplicationRequest {
        procedure_code,
        received_at_code: posted.who.staff().unit.clone(),
        ..SubmitApplicationRequest::default()
    };
    application.set_channel(Channel::Direct);
    let request = SaveDraftRequest { application: Some(application), ..SaveDraftRequest::default() };
    let answer = drafts(portal, &posted.who).save_draft(soon(request)).await?.into_inner();
    Ok(answer.draft.unwrap_or_default().draft_id)
}

async fn page(portal: &Portal, visitor: &Visitor, asked: &Fields, faults: &Faults) -> Result<Page, Trouble> {
    let words = visitor.words;
    let code = asked.text("thu-tuc");
    if !code.is_empty() {
        let request = GetProcedureRequest { code: code.to_owned(), ..GetProcedureRequest::default() };
        let answer = CatalogueServiceClient::new(portal.intake(visitor))
            .get_procedure(soon(request))
            .await?
            .into_inner();
        return Ok(confirm(portal, visitor, &answer.procedure.unwrap_or_default(), faults));
    }
    let wanted = asked.text("tim");
    let found = match wanted {
        "" => Vec::new(),
        query => {
            let request = ListProceduresRequest {
                page_size: 30,
                query: query.to_owned(),
                ..ListProceduresRequest::default()
            };
            let mut catalogue = CatalogueServiceClient::new(portal.intake(visitor));
            catalogue.list_procedures(soon(request)).await?.into_inner().procedures
        }
    };
    let main = html! {
        (faults.summary(words))
        h1 { (words.web_counter_take_in()) }
        form.search role="search" method="get" action=(PATH) {
            label for="f-tim" { (words.web_search_label()) }
            div.row {
                input id="f-tim" name="tim" type="search" value=(wanted) autocomplete="off" placeholder=(words.web_search_example()) autofocus[wanted.is_empty()];
                button { (words.web_search()) }
            }
        }
        @if !wanted.is_empty() && found.is_empty() { p role="status" { (words.web_found_nothing(wanted)) } }
        ul.found {
            @for procedure in &found {
                li data-row tabindex="0" {
                    a href={ (PATH) "?thu-tuc=" (encoded(&procedure.code)) } { (visitor.text(procedure.name.as_ref())) }
                    p.soft { (procedure.code) " · " (visitor.text(procedure.field.as_ref())) }
                }
            }
        }
    };
    Ok(Page::new(words.web_counter_take_in(), main).with_look(Look::Work).with_faults(!faults.is_empty()))
}

/// Nothing is made by looking: a draft is begun by a button.
fn confirm(portal: &Portal, visitor: &Visitor, procedure: &Procedure, faults: &Faults) -> Page {
    let words = visitor.words;
    let name = visitor.text(procedure.name.as_ref());
    let limit: Markup = html! { (visitor.text(procedure.time_limit.as_ref())) };
    let fee = procedure.fee_vnd.map(|fee| html! { (words.dong(fee)) }).unwrap_or_default();
    let main = html! {
        (faults.summary(words))
        p.soft { (visitor.text(procedure.field.as_ref())) " · " (procedure.code) }
        h1 { (name) }
        (part::facts(&[(words.web_takes(), limit), (words.web_fee(), fee)]))
        form method="post" action=(PATH) {
            (key_field(portal, visitor, PATH))
            input type="hidden" name="thu-tuc" value=(procedure.code);
            div.acts {
                button data-press="i" autofocus { (words.web_counter_begin()) }
                a href={ "/thu-tuc/" (encoded(&procedure.code)) } { (words.web_what_to_bring()) }
                a href=(PATH) { (words.web_counter_another_procedure()) }
            }
        }
    };
    Page::new(format!("{} · {name}", words.web_counter_take_in()), main)
        .with_look(Look::Work)
        .with_faults(!faults.is_empty())
}
