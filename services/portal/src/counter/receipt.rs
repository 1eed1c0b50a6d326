//! The receipt as it is printed at the counter, on A5 or on the roll of 80 mm. It stands beside form 01, which is the official one.

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, Uri, header::HOST};
use maud::{Markup, html};
use phidia_proto::intake::v1::{
    Form, GetApplicationRequest, GetApplicationResponse, Receipt, RenderFormRequest,
    application_service_client::ApplicationServiceClient,
};

use crate::{
    Portal,
    form::Fields,
    page::{Look, Page},
    part::{self, encoded, qr::qr},
    services::soon,
    trouble::Trouble,
    visitor::{AtCentre, Visitor},
};

pub(super) async fn show(
    State(portal): State<Portal>,
    Path(application): Path<String>,
    who: AtCentre,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Page, Trouble> {
    let words = who.words;
    let asked = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    let is_roll = asked.text("kho") == "80";
    let request = GetApplicationRequest { application_id: application.clone() };
    let answer =
        ApplicationServiceClient::new(portal.intake(&who)).get_application(soon(request)).await?.into_inner();
    let receipt = answer.receipt.clone().unwrap_or_default();
    let procedure =
        answer.application.as_ref().map(|application| application.procedure_code.clone()).unwrap_or_default();
    let path = uri.path();
    let sizes = [("a5", words.web_counter_a5(), !is_roll), ("80", words.web_counter_roll(), is_roll)];
    let main = html! {
        div.no-print {
            p.done role="status" { (words.web_counter_accepted(&receipt.dossier_code)) }
            div.acts {
                button data-print hidden data-press="p" { (words.web_counter_print()) }
                @for (size, label, is_shown) in sizes {
                    a.button.second href={ (path) "?kho=" (size) } aria-current=[is_shown.then_some("true")] { (label) }
                }
                a.button.second href={ (path) "/mau-01.pdf" } { (words.web_counter_form_01()) }
                a.button.second href={ "/tiep-nhan?thu-tuc=" (encoded(&procedure)) } data-press="i" { (words.web_counter_same_again()) }
                a href="/tiep-nhan" { (words.web_counter_another_procedure()) }
            }
        }
        (slip(&who, &answer, &receipt, &tracking(&portal, &headers, &receipt), is_roll))
    };
    let title = format!("{} · {}", words.web_counter_receipt(), receipt.dossier_code);
    Ok(Page::new(title, main).with_look(Look::Work))
}

/// Where it can be looked up by whoever reads the code with a telephone.
fn tracking(portal: &Portal, headers: &HeaderMap, receipt: &Receipt) -> String {
    let told = portal.0.config.public_url.trim_end_matches('/');
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let scheme = if portal.0.config.secure { "https" } else { "http" };
    let base = if told.is_empty() { format!("{scheme}://{host}") } else { told.to_owned() };
    format!("{base}/t/{}/{}", receipt.dossier_code, receipt.check_code)
}

fn slip(
    visitor: &Visitor,
    answer: &GetApplicationResponse,
    receipt: &Receipt,
    tracking: &str,
    is_roll: bool,
) -> Markup {
    let words = visitor.words;
    let name = answer.applicant.as_ref().map(|applicant| applicant.name.as_str()).unwrap_or_default();
    let received = html! { (visitor.instant(receipt.received_at.as_ref())) };
    let due = html! { strong { (visitor.appointment(receipt.due_at.as_ref())) } };
    let fee = match receipt.fee_vnd {
        Some(0) => html! { (words.web_no_fee()) },
        Some(fee) => html! { (words.dong(fee)) },
        None => Markup::default(),
    };
    html! {
        article class={ "issued " @if is_roll { "roll" } @else { "a5" } } {
            p.soft { (visitor.text(receipt.received_at_name.as_ref())) }
            h1 { (words.web_counter_receipt()) }
            p.code { (receipt.dossier_code) }
            p { (words.web_counter_check_code()) " " strong.code { (receipt.check_code) } }
            (part::facts(&[
                (words.web_counter_full_name(), html! { (name) }),
                (words.web_counter_procedure(), html! { (visitor.text(receipt.procedure_name.as_ref())) }),
                (words.web_counter_received(), received),
                (words.web_counter_due(), due),
                (words.web_counter_return_at(), html! { (visitor.text(receipt.return_at_name.as_ref())) }),
                (words.web_fee(), fee),
            ]))
            div.codes {
                figure { (qr(tracking, words.web_counter_qr_track())) figcaption { (words.web_counter_qr_track()) } }
                @if !receipt.signed.is_empty() {
                    figure { (qr(&receipt.signed, words.web_counter_qr_signed())) figcaption { (words.web_counter_qr_signed()) } }
                }
            }
            p.soft { (words.web_counter_beside_form_01()) }
        }
    }
}

/// Form 01, as the law has it.
pub(super) async fn form(
    State(portal): State<Portal>,
    Path(application): Path<String>,
    who: AtCentre,
) -> Result<Response, Trouble> {
    let mut request = RenderFormRequest { application_id: application, ..RenderFormRequest::default() };
    request.set_form(Form::Receipt);
    let answer =
        ApplicationServiceClient::new(portal.intake(&who)).render_form(soon(request)).await?.into_inner();
    Ok(part::pdf(answer.document.unwrap_or_default()))
}
