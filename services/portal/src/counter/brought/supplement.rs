//! Papers that were asked for.

use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::Uri;
use maud::html;
use phidia_proto::intake::v1::{
    SupplementApplicationRequest, application_service_client::ApplicationServiceClient,
};

use super::{Brought, CODES, asked, check_code, done, faults};
use crate::{
    Portal,
    counter::papers,
    form::{Faults, Fields, Posted, held, upload},
    page::Page,
    services::soon,
    trouble::Trouble,
    visitor::{Admitted as _, AtCentre, Visitor},
};

const PATH: &str = "/quay/bo-sung";
const FILES: &str = "g/bo-sung/co";

pub(in crate::counter) async fn show(
    State(portal): State<Portal>,
    who: AtCentre,
    uri: Uri,
) -> Result<Page, Trouble> {
    page(&portal, &who, &asked(&uri), &Faults::none()).await
}

pub(in crate::counter) async fn send(
    State(portal): State<Portal>,
    request: Request,
) -> Result<Response, Trouble> {
    let uri = request.uri().clone();
    let delivery = upload::receive::<AtCentre>(&portal, request).await?;
    let (visitor, fields) = (delivery.posted.who.visitor(), delivery.posted.fields());
    if !delivery.refused.is_empty() {
        return Ok(page(&portal, visitor, fields, &delivery.refused).await?.into_response());
    }
    if let Some((fields, _)) = papers::moved(fields) {
        return Ok(page(&portal, visitor, &fields, &Faults::none()).await?.into_response());
    }
    match supplemented(&portal, &delivery.posted).await {
        Ok(()) => Ok(done(PATH, fields.text("ma-ho-so"))),
        Err(trouble) => {
            let again = async {
                let controls = [&CODES[..], &[("attachment_ids", "g/bo-sung/tep")]].concat();
                page(&portal, visitor, fields, &faults(visitor, trouble.clone(), &controls)?).await
            };
            match again.await {
                Ok(page) => Ok(page.into_response()),
                Err(trouble) => Ok(held::page(visitor, &uri, fields, trouble, ENCTYPE)?.into_response()),
            }
        }
    }
}

const ENCTYPE: Option<&str> = Some("multipart/form-data");

async fn supplemented(portal: &Portal, posted: &Posted<AtCentre>) -> Result<(), Trouble> {
    let fields = posted.sent()?.fields;
    let request = SupplementApplicationRequest {
        dossier_code: fields.text("ma-ho-so").to_owned(),
        check_code: fields.text("ma-tra-cuu").to_owned(),
        attachment_ids: fields.all(FILES).map(str::to_owned).collect(),
    };
    ApplicationServiceClient::new(portal.intake(posted.who.visitor()))
        .supplement_application(soon(request))
        .await?;
    Ok(())
}

async fn page(portal: &Portal, visitor: &Visitor, fields: &Fields, faults: &Faults) -> Result<Page, Trouble> {
    let words = visitor.words;
    let ids = fields.all(FILES).map(str::to_owned).collect();
    let (limits, files) =
        futures::join!(upload::limits(portal, visitor), papers::files(portal, visitor, ids));
    let limits = limits?;
    let controls = html! {
        (check_code(visitor, fields, faults))
        fieldset.part {
            legend { (words.web_counter_papers()) }
            p.hint { (upload::said(words, &limits)) }
            div.row { (upload::field(words, "g/bo-sung/tep", words.web_counter_files(), &limits, faults)) }
            (upload::list(words, FILES, "bo-sung", fields, &files))
            (upload::script_key(portal, visitor))
        }
    };
    let brought = Brought {
        path: PATH,
        title: words.web_counter_supplement(),
        lead: words.web_counter_supplement_lead(),
        act: words.web_counter_supplement_act(),
        enctype: ENCTYPE,
        controls: &controls,
    };
    Ok(super::page(portal, visitor, fields, faults, &brought))
}
