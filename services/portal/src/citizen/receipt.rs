//! A receipt, and that it is true: checked here as anybody can check it, without believing whoever wrote it.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use http::{
    HeaderMap,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE},
};
use maud::html;
use phidia_domain::receipt::{Checks, Local, Pins, Proven, verify};
use phidia_proto::{
    intake::v1::{
        Form, GetInclusionProofRequest, GetReceiptRequest, ListReceiptKeysRequest,
        RenderFormOfReceiptRequest, application_service_client::ApplicationServiceClient,
        receipt_service_client::ReceiptServiceClient,
    },
    receipt,
};
use phidia_runtime::{digest, failure::Failure, sign, status};

use super::held::Held;
use crate::{
    Portal,
    page::Page,
    part::{self, encoded},
    services::soon,
    trouble::Trouble,
    visitor::Visitor,
};

/// How hashes are reckoned and signatures checked.
const CHECKS: Checks = Checks {
    sha256: digest::hash,
    ed25519: |key, bytes, signature| sign::verifies(&key.0, bytes, signature),
};

/// A receipt with its proof, and what it proves.
struct Shown {
    file: String,
    proven: Proven,
}

async fn shown(
    portal: &Portal,
    visitor: &Visitor,
    dossier: &str,
    headers: &HeaderMap,
) -> Result<Shown, Trouble> {
    let held = Held::of(portal, headers);
    let check_code = held.check_code(dossier).ok_or(Trouble::NoSuchPage)?.to_owned();
    let dossier_code = dossier.to_owned();
    let mut receipts = ReceiptServiceClient::new(portal.intake(visitor));
    let asked = GetReceiptRequest { dossier_code: dossier_code.clone(), check_code: check_code.clone() };
    let signed = receipts.get_receipt(soon(asked)).await?.into_inner().receipt.unwrap_or_default().signed;
    let asked = GetInclusionProofRequest { dossier_code, check_code };
    let proof = match receipts.get_inclusion_proof(soon(asked)).await {
        Ok(answer) => Some(receipt::proof(&answer.into_inner())?),
        // Its day is not over: the signature has to do.
        Err(refused) if status::from_status(&refused).reason == "NOT_CLOSED_YET" => None,
        Err(refused) => return Err(refused.into()),
    };
    let known = receipts.list_receipt_keys(soon(ListReceiptKeysRequest {})).await?.into_inner().keys;
    let file = receipt::file(&signed, proof.as_ref(), &known)?.write().map_err(Failure::broken)?;
    let proven = verify(&file, &Pins::default(), CHECKS)?;
    Ok(Shown { file, proven })
}

pub(super) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(dossier): Path<String>,
    headers: HeaderMap,
) -> Result<Page, Trouble> {
    let words = visitor.words;
    let Shown { proven, .. } = shown(&portal, &visitor, &dossier, &headers).await?;
    let said = &proven.receipt.statement;
    let local = |Local { at, offset }: Local| words.instant(at, &offset.to_time_zone());
    let at = |page: &str| format!("/tra-cuu/{}/{page}", encoded(&dossier));
    let main = html! {
        p.more { a href={ "/tra-cuu/" (encoded(&dossier)) } { (words.web_citizen_dossier(&dossier)) } }
        h1 { (words.web_citizen_receipt()) }
        p.done role="status" { strong { (words.web_citizen_receipt_holds()) } }
        (part::facts(&[
            (words.web_citizen_dossier_code(), html! { (said.dossier_code) }),
            (words.web_citizen_procedure_code(), html! { a href={ "/thu-tuc/" (encoded(&said.procedure_code)) } { (said.procedure_code) } }),
            (words.web_citizen_received_at(), html! { (said.received_at_code) }),
            (words.web_citizen_received(), html! { (local(said.received_at)) }),
            (words.web_citizen_promised(), html! { @if let Some(due) = said.due_at { (local(due)) } }),
            (words.web_citizen_signed_by(), html! { code { (proven.receipt.key) } }),
        ]))
        @match &proven.day {
            Some(day) => p { (words.web_citizen_in_tree(
                words.day(day.closed.statement.day), words.count(day.closed.statement.count))) },
            None => p { (words.web_citizen_day_open()) },
        }
        ul.ways {
            li { a href=(at("mau/1.pdf")) { (words.web_citizen_form_receipt()) } }
            li { a href=(at("bang-chung.json")) download { (words.web_citizen_take_home()) } }
        }
        p.soft { (words.web_citizen_take_home_why()) " " code { "phidia receipt verify" } }
    };
    Ok(Page::new(words.web_citizen_receipt(), main))
}

/// The file with which anybody can check the receipt, without us.
pub(super) async fn take_home(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(dossier): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let Shown { file, .. } = shown(&portal, &visitor, &dossier, &headers).await?;
    let name = format!("attachment; filename=\"{}.json\"", dossier.replace(['"', '\\'], ""));
    Ok(([(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_DISPOSITION, name)], file).into_response())
}

/// A form of Circular 03/2025/TT-VPCP, as it was given out.
pub(super) async fn form(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path((dossier, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let number = name.strip_suffix(".pdf").and_then(|number| number.parse::<i32>().ok());
    let form =
        number.and_then(|number| Form::try_from(number).ok()).filter(|form| *form != Form::Unspecified);
    let form = form.ok_or(Trouble::NoSuchPage)?;
    let held = Held::of(&portal, &headers);
    let check_code = held.check_code(&dossier).ok_or(Trouble::NoSuchPage)?.to_owned();
    let asked = RenderFormOfReceiptRequest { dossier_code: dossier, check_code, form: form.into() };
    let mut applications = ApplicationServiceClient::new(portal.intake(&visitor));
    let answer = applications.render_form_of_receipt(soon(asked)).await?.into_inner();
    Ok(part::pdf(answer.document.unwrap_or_default()))
}
