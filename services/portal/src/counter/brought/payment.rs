//! A payment that was asked for.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::Uri;
use maud::html;
use phidia_domain::Rejection;
use phidia_proto::{
    events::v1::PaymentWay,
    intake::v1::{RecordPaymentRequest, application_service_client::ApplicationServiceClient},
};

use super::{Brought, asked, done, faults};
use crate::{
    Portal,
    form::{Faults, Fields, Posted},
    page::Page,
    part,
    services::soon,
    trouble::Trouble,
    visitor::{Admitted as _, AtCentre, Visitor},
};

const PATH: &str = "/quay/thu-tien";
/// Paths of the contract, and the controls that they are of.
const CONTROLS: [(&str, &str); 4] =
    [("dossier_code", "ma-ho-so"), ("amount_dong", "so-tien"), ("reference", "so-bien-lai"), ("way", "cach")];

pub(in crate::counter) async fn show(State(portal): State<Portal>, who: AtCentre, uri: Uri) -> Page {
    page(&portal, &who, &asked(&uri), &Faults::none())
}

pub(in crate::counter) async fn send(
    State(portal): State<Portal>,
    posted: Posted<AtCentre>,
) -> Result<Response, Trouble> {
    let (visitor, fields) = (posted.who.visitor(), posted.fields());
    match recorded(&portal, &posted).await {
        Ok(()) => Ok(done(PATH, fields.text("ma-ho-so"))),
        Err(trouble) => {
            Ok(page(&portal, visitor, fields, &faults(visitor, trouble, &CONTROLS)?).into_response())
        }
    }
}

async fn recorded(portal: &Portal, posted: &Posted<AtCentre>) -> Result<(), Trouble> {
    let fields = posted.sent()?.fields;
    // As sums are written here: points part thousands.
    let amount: String =
        fields.text("so-tien").chars().filter(|sign| !matches!(sign, '.' | ' ' | '\u{a0}' | 'đ')).collect();
    let no_sum = || Rejection::invalid("OUT_OF_RANGE", "so-tien", "expected whole VND, as 8.000");
    let mut request = RecordPaymentRequest {
        dossier_code: fields.text("ma-ho-so").to_owned(),
        amount_dong: amount.parse().map_err(|_| no_sum())?,
        reference: fields.text("so-bien-lai").to_owned(),
        ..RecordPaymentRequest::default()
    };
    request.set_way(if fields.text("cach") == "chuyen-khoan" {
        PaymentWay::Transfer
    } else {
        PaymentWay::Cash
    });
    ApplicationServiceClient::new(portal.intake(posted.who.visitor())).record_payment(soon(request)).await?;
    Ok(())
}

fn page(portal: &Portal, visitor: &Visitor, fields: &Fields, faults: &Faults) -> Page {
    let words = visitor.words;
    let text = |name, label, inputmode, width| {
        part::text(
            &part::Text { name, label, value: fields.text(name), inputmode, width, ..part::Text::DEFAULT },
            faults,
        )
    };
    let is_transfer = fields.text("cach") == "chuyen-khoan";
    let controls = html! {
        (text("so-tien", words.web_counter_amount(), "numeric", 14))
        (text("so-bien-lai", words.web_counter_reference(), "", 24))
        fieldset.choices {
            legend { (words.web_counter_paid_by()) }
            (part::radio("cach", "tien-mat", words.web_counter_cash(), !is_transfer))
            (part::radio("cach", "chuyen-khoan", words.web_counter_transfer(), is_transfer))
        }
    };
    let brought = Brought {
        path: PATH,
        title: words.web_counter_payment(),
        lead: words.web_counter_payment_lead(),
        act: words.web_counter_payment_act(),
        enctype: None,
        controls: &controls,
    };
    super::page(portal, visitor, fields, faults, &brought)
}
