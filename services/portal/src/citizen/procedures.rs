//! Procedures, found by everyday words.

use axum::extract::State;
use http::Uri;
use maud::html;
use phidia_proto::intake::v1::{ListProceduresRequest, catalogue_service_client::CatalogueServiceClient};

use crate::{
    Portal,
    form::Fields,
    page::Page,
    part::{self, encoded},
    services::soon,
    trouble::Trouble,
    visitor::Visitor,
};

pub(super) async fn show(State(portal): State<Portal>, visitor: Visitor, uri: Uri) -> Result<Page, Trouble> {
    let words = visitor.words;
    let asked = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    let wanted = asked.text("tim");
    let request = ListProceduresRequest {
        page_size: 20,
        page_token: asked.text("trang").to_owned(),
        query: wanted.to_owned(),
        ..ListProceduresRequest::default()
    };
    let answer = CatalogueServiceClient::new(portal.intake(&visitor))
        .list_procedures(soon(request))
        .await?
        .into_inner();
    let title = match wanted {
        "" => words.web_procedures().to_owned(),
        wanted => words.web_found_for(wanted),
    };
    let main = html! {
        h1 { (words.web_procedures()) }
        (part::search(words, wanted))
        @if answer.procedures.is_empty() {
            p role="status" { (words.web_found_nothing(wanted)) }
        } @else {
            ul.found {
                @for procedure in &answer.procedures {
                    li {
                        a href={ "/thu-tuc/" (encoded(&procedure.code)) } { (visitor.text(procedure.name.as_ref())) }
                        p.soft {
                            (visitor.text(procedure.field.as_ref()))
                            @let limit = visitor.text(procedure.time_limit.as_ref());
                            @if !limit.is_empty() { " · " (limit) }
                        }
                    }
                }
            }
            (part::more(words, &format!("/thu-tuc?tim={}", encoded(wanted)), &answer.next_page_token))
        }
    };
    Ok(Page::new(title, main))
}
