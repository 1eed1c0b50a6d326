//! What whoever holds a receipt can do about the application: withdraw it, say how they are reached, say how content they are.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::HeaderMap;
use maud::{Markup, html};
use phidia_domain::Rejection;
use phidia_proto::{
    events::v1::Rating,
    intake::v1::{
        CorrectContactRequest, RateApplicationRequest, ReceiptHolder, WithdrawApplicationRequest,
        application_service_client::ApplicationServiceClient, correct_contact_request,
        feedback_service_client::FeedbackServiceClient,
    },
};

use super::held::Held;
use crate::{
    Portal,
    form::{Faults, Fields, Posted, key_field},
    page::Page,
    part::{self, encoded},
    services::soon,
    trouble::Trouble,
    visitor::Visitor,
};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Withdraw,
    Contact,
    Rate,
}

impl Act {
    fn parse(slug: &str) -> Result<Self, Trouble> {
        match slug {
            "rut" => Ok(Self::Withdraw),
            "lien-he" => Ok(Self::Contact),
            "danh-gia" => Ok(Self::Rate),
            _ => Err(Trouble::NoSuchPage),
        }
    }
}

const RATINGS: [Rating; 3] = [Rating::Satisfied, Rating::Neither, Rating::Dissatisfied];

pub(super) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path((dossier, slug)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let act = Act::parse(&slug)?;
    if Held::of(&portal, &headers).check_code(&dossier).is_none() {
        return Ok(Redirect::to(&format!("/tra-cuu/{}", encoded(&dossier))).into_response());
    }
    Ok(page(&portal, &visitor, (&dossier, &slug), act, &Fields::default(), &Faults::none()).into_response())
}

fn page(
    portal: &Portal,
    visitor: &Visitor,
    (dossier, slug): (&str, &str),
    act: Act,
    fields: &Fields,
    faults: &Faults,
) -> Page {
    let words = visitor.words;
    let action = format!("/tra-cuu/{}/{slug}", encoded(dossier));
    let (title, send) = match act {
        Act::Withdraw => (words.web_citizen_withdraw(), words.web_citizen_withdraw_do()),
        Act::Contact => (words.web_citizen_contact(), words.web_citizen_contact_do()),
        Act::Rate => (words.web_citizen_rate(), words.web_citizen_rate_do()),
    };
    let main = html! {
        (faults.summary(words))
        p.more { a href={ "/tra-cuu/" (encoded(dossier)) } { (words.web_citizen_dossier(dossier)) } }
        h1 { (title) }
        form method="post" action=(action) {
            (key_field(portal, visitor, &action))
            (controls(visitor, act, fields, faults))
            button.grave[act == Act::Withdraw] { (send) }
        }
    };
    Page::new(title, main).with_faults(!faults.is_empty())
}

fn controls(visitor: &Visitor, act: Act, fields: &Fields, faults: &Faults) -> Markup {
    let words = visitor.words;
    let line = |name, label, hint, kind, autocomplete| {
        let value = fields.text(name);
        part::text(
            &part::Text { name, label, hint, value, kind, autocomplete, ..part::Text::DEFAULT },
            faults,
        )
    };
    match act {
        Act::Withdraw => html! { p { (words.web_citizen_withdraw_why()) } },
        Act::Contact => html! {
            p { (words.web_citizen_contact_why()) }
            (line("so-dinh-danh", words.web_citizen_identity(), Some(words.web_citizen_identity_hint()), "text", "off"))
            (line("dien-thoai", words.web_citizen_telephone(), None, "tel", "tel"))
            (line("thu", words.web_citizen_email(), None, "email", "email"))
        },
        Act::Rate => html! {
            fieldset.choices {
                legend { (words.web_citizen_how_content()) }
                @for rating in RATINGS {
                    @let key = rating.as_str_name();
                    (part::radio("muc", key, rating_name(visitor, rating), fields.text("muc") == key))
                }
            }
            (part::area("loi", words.web_citizen_comment(), Some(words.web_citizen_comment_hint()), fields.text("loi"), 4, faults))
        },
    }
}

pub(super) fn rating_name(visitor: &Visitor, rating: Rating) -> &'static str {
    match rating {
        Rating::Satisfied => visitor.words.web_citizen_satisfied(),
        Rating::Dissatisfied => visitor.words.web_citizen_dissatisfied(),
        Rating::Neither | Rating::Unspecified => visitor.words.web_citizen_neither(),
    }
}

pub(super) async fn send(
    State(portal): State<Portal>,
    Path((dossier, slug)): Path<(String, String)>,
    headers: HeaderMap,
    posted: Posted<Visitor>,
) -> Result<Response, Trouble> {
    let act = Act::parse(&slug)?;
    let back = format!("/tra-cuu/{}", encoded(&dossier));
    let held = Held::of(&portal, &headers);
    let Some(check) = held.check_code(&dossier) else { return Ok(Redirect::to(&back).into_response()) };
    match done(&portal, act, &dossier, check, &posted).await {
        Ok(()) => Ok(Redirect::to(&back).into_response()),
        Err(trouble) => {
            let faults = Faults::of(&posted.who, trouble)?.named(control);
            let page = page(&portal, &posted.who, (&dossier, &slug), act, posted.fields(), &faults);
            Ok(page.into_response())
        }
    }
}

async fn done(
    portal: &Portal,
    act: Act,
    dossier: &str,
    check: &str,
    posted: &Posted<Visitor>,
) -> Result<(), Trouble> {
    let fields = posted.sent()?.fields;
    let (dossier_code, check_code) = (dossier.to_owned(), check.to_owned());
    let mut applications = ApplicationServiceClient::new(portal.intake(&posted.who));
    match act {
        Act::Withdraw => {
            applications
                .withdraw_application(soon(WithdrawApplicationRequest { dossier_code, check_code }))
                .await?;
        }
        Act::Contact => {
            let identity_number = fields.text("so-dinh-danh").to_owned();
            let holder = ReceiptHolder { dossier_code, check_code, identity_number };
            let request = CorrectContactRequest {
                key: Some(correct_contact_request::Key::Holder(holder)),
                email: fields.text("thu").to_owned(),
                telephone: fields.text("dien-thoai").to_owned(),
            };
            applications.correct_contact(soon(request)).await?;
        }
        Act::Rate => {
            let rating = Rating::from_str_name(fields.text("muc"));
            let rating =
                rating.ok_or_else(|| Rejection::invalid("MISSING_FIELD", "rating", "is required"))?;
            let comment = fields.text("loi").to_owned();
            let request = RateApplicationRequest { dossier_code, check_code, rating: rating.into(), comment };
            let mut feedback = FeedbackServiceClient::new(portal.intake(&posted.who));
            feedback.rate_application(soon(request)).await?;
        }
    }
    Ok(())
}

/// The control of a field of the contract.
fn control(field: &str) -> Option<String> {
    let control = match field.rsplit('.').next().unwrap_or(field) {
        "identity_number" => "so-dinh-danh",
        "telephone" => "dien-thoai",
        "email" => "thu",
        "rating" => "muc",
        "comment" => "loi",
        _ => return None,
    };
    Some(control.to_owned())
}
