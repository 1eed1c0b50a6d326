//! Finding a case by what stands on its paper: its dossier code, or its id.

use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::Uri;
use maud::{Markup, html};
use phidia_domain::Kind;
use phidia_proto::{
    intake::v1::{
        ListApplicationsRequest, ListApplicationsResponse,
        application_service_client::ApplicationServiceClient,
    },
    processing::v1::get_case_request::Key,
};

use super::{case, instant};
use crate::{
    Portal,
    form::{Faults, Fields},
    page::{Look, Page},
    part,
    services::soon,
    trouble::Trouble,
    visitor::{AtWork, Visitor},
};

/// Where one looks for a case.
pub(super) const PATH: &str = "/tim";

pub(super) async fn show(
    State(portal): State<Portal>,
    visitor: AtWork,
    uri: Uri,
) -> Result<Response, Trouble> {
    let words = visitor.words;
    let query = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    let wanted = query.text("q");
    let key = match wanted {
        id if id.starts_with("app_") => Some(Key::ApplicationId(id.to_owned())),
        id if id.starts_with("case_") => Some(Key::CaseId(id.to_owned())),
        _ => None,
    };
    if let Some(key) = key {
        match case::get(&portal, &visitor, key).await {
            Ok(answer) => {
                let id = answer.case.unwrap_or_default().application_id;
                return Ok(Redirect::to(&case::path(&id)).into_response());
            }
            Err(Trouble::Refused(refusal)) if matches!(refusal.kind, Kind::NotFound | Kind::Invalid) => {}
            Err(trouble) => return Err(trouble),
        }
    }
    let request = ListApplicationsRequest {
        page_size: 20,
        page_token: query.text("trang").to_owned(),
        dossier_code: wanted.to_uppercase(),
        ..ListApplicationsRequest::default()
    };
    let (found, faults) = match wanted {
        "" => (ListApplicationsResponse::default(), Faults::none()),
        _ => match ApplicationServiceClient::new(portal.intake(&visitor))
            .list_applications(soon(request))
            .await
        {
            Ok(answer) => (answer.into_inner(), Faults::none()),
            // Too short to look for.
            Err(refusal) => {
                (ListApplicationsResponse::default(), Faults::of(&visitor, refusal.into())?.named(|_| None))
            }
        },
    };
    if let ([only], "") = (found.applications.as_slice(), query.text("trang")) {
        return Ok(Redirect::to(&case::path(&only.application_id)).into_response());
    }
    let main = html! {
        (faults.summary(words))
        h1 { (words.web_work_find()) }
        (search(&visitor, wanted))
        @if !wanted.is_empty() && faults.is_empty() && found.applications.is_empty() { p.empty role="status" { (words.web_work_not_found(wanted)) } }
        ul.found {
            @for one in &found.applications {
                li data-row tabindex="0" {
                    a href=(case::path(&one.application_id)) { (one.dossier_code) }
                    p.soft { (visitor.text(one.procedure_name.as_ref())) " · " (instant(&visitor, one.received_at.as_ref())) }
                }
            }
        }
        (part::more(words, &format!("{PATH}?q={}", part::encoded(wanted)), &found.next_page_token))
    };
    Ok(Page::new(words.web_work_find(), main)
        .with_look(Look::Work)
        .with_faults(!faults.is_empty())
        .into_response())
}

/// The search for cases.
pub(super) fn search(visitor: &Visitor, wanted: &str) -> Markup {
    let words = visitor.words;
    html! {
        form.search.cases role="search" method="get" action=(PATH) {
            label.hidden for="q" { (words.web_work_find_label()) }
            div.row {
                input id="q" name="q" type="search" value=(wanted) autocomplete="off" placeholder=(words.web_work_find_label());
                button.second { (words.web_search()) }
            }
        }
    }
}
