//! The wish to withdraw an application.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::Uri;
use maud::html;
use phidia_domain::Rejection;
use phidia_proto::intake::v1::{
    WithdrawApplicationRequest, application_service_client::ApplicationServiceClient,
};

use super::{Brought, CODES, asked, check_code, done, faults};
use crate::{
    Portal,
    form::{Faults, Fields, Posted, id},
    page::Page,
    part,
    services::soon,
    trouble::Trouble,
    visitor::{Admitted as _, AtCentre, Visitor},
};

const PATH: &str = "/quay/rut";
const SURE: &str = "chac";

pub(in crate::counter) async fn show(State(portal): State<Portal>, who: AtCentre, uri: Uri) -> Page {
    page(&portal, &who, &asked(&uri), &Faults::none())
}

pub(in crate::counter) async fn send(
    State(portal): State<Portal>,
    posted: Posted<AtCentre>,
) -> Result<Response, Trouble> {
    let (visitor, fields) = (posted.who.visitor(), posted.fields());
    match withdrawn(&portal, &posted).await {
        Ok(()) => Ok(done(PATH, fields.text("ma-ho-so"))),
        Err(trouble) => {
            let controls = [&CODES[..], &[(SURE, SURE)]].concat();
            Ok(page(&portal, visitor, fields, &faults(visitor, trouble, &controls)?).into_response())
        }
    }
}

async fn withdrawn(portal: &Portal, posted: &Posted<AtCentre>) -> Result<(), Trouble> {
    let fields = posted.sent()?.fields;
    if !fields.has(SURE) {
        return Err(Rejection::invalid("MISSING_FIELD", SURE, "is required").into());
    }
    let request = WithdrawApplicationRequest {
        dossier_code: fields.text("ma-ho-so").to_owned(),
        check_code: fields.text("ma-tra-cuu").to_owned(),
    };
    ApplicationServiceClient::new(portal.intake(posted.who.visitor()))
        .withdraw_application(soon(request))
        .await?;
    Ok(())
}

fn page(portal: &Portal, visitor: &Visitor, fields: &Fields, faults: &Faults) -> Page {
    let words = visitor.words;
    let fault = faults.at(SURE);
    let controls = html! {
        (check_code(visitor, fields, faults))
        div.field.faulty[fault.is_some()] id=(id(SURE)) tabindex="-1" {
            @if let Some(fault) = fault { p.fault { (fault) } }
            (part::tick(SURE, words.web_counter_withdrawal_sure(), fields.has(SURE)))
        }
    };
    let brought = Brought {
        path: PATH,
        title: words.web_counter_withdrawal(),
        lead: words.web_counter_withdrawal_lead(),
        act: words.web_counter_withdrawal_act(),
        enctype: None,
        controls: &controls,
    };
    super::page(portal, visitor, fields, faults, &brought)
}
