//! Signing in and out.

use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::{StatusCode, Uri, header::SET_COOKIE};
use maud::{Markup, html};
use phidia_domain::{Kind, Rejection};
use phidia_proto::routing::v1::{GetUnitRequest, registry_service_client::RegistryServiceClient};
use phidia_runtime::{clock::RealClock, digest};
use secrecy::ExposeSecret as _;

use super::{GUEST, Resume, SESSION, cookie, keep};
use crate::{
    Portal,
    form::{Faults, Fields, Kept, Posted, key_field},
    page::Page,
    part,
    services::{Units, soon},
    trouble::Trouble,
    visitor::{Duty, SignedIn, Staff, Visitor},
};

/// Where one signs in.
const PATH: &str = "/dang-nhap";

/// Where one signs in, to come back to this page.
pub(crate) fn sign_in_path(at: &str) -> String {
    let back: String = form_urlencoded::byte_serialize(at.as_bytes()).collect();
    format!("{PATH}?ve={back}")
}

pub(super) async fn show(State(portal): State<Portal>, visitor: Visitor, uri: Uri) -> Result<Page, Trouble> {
    let back = cookie::back(uri.query().unwrap_or_default());
    let fields = Fields::of(vec![("ve".to_owned(), back)]);
    page(&portal, &visitor, &fields, &Faults::none()).await
}

/// Shown instead of what was sent, when the session had ended: what was filled in is kept.
pub(crate) async fn sign_in_again(portal: &Portal, visitor: &Visitor, kept: Option<Kept>) -> Page {
    let sealed = kept.as_ref().and_then(|kept| kept.seal(portal));
    let mut fields = vec![("ve".to_owned(), "/".to_owned())];
    fields.extend(sealed.map(|sealed| ("giu".to_owned(), sealed)));
    match page(portal, visitor, &Fields::of(fields), &Faults::none()).await {
        Ok(page) => page.with_status(StatusCode::UNAUTHORIZED),
        Err(trouble) => trouble.page(visitor, &Uri::from_static("/")),
    }
}

async fn page(portal: &Portal, visitor: &Visitor, fields: &Fields, faults: &Faults) -> Result<Page, Trouble> {
    let words = visitor.words;
    // Where nobody tells which there are, people know the code of their own.
    let units = portal.units().await.ok();
    let chosen = match fields.text("vai") {
        "" => Duty::Officer.key(),
        duty => duty,
    };
    let main = html! {
        (faults.summary(words))
        h1 { (words.web_sign_in()) }
        @if !fields.text("giu").is_empty() {
            p.note { strong { (words.web_session_ended()) } " " (words.web_session_ended_kept()) }
        }
        form method="post" action=(PATH) {
            (key_field(portal, visitor, PATH))
            input type="hidden" name="ve" value=(fields.text("ve"));
            @if !fields.text("giu").is_empty() { input type="hidden" name="giu" value=(fields.text("giu")); }
            fieldset.choices {
                legend { (words.web_what_you_do()) }
                @for duty in Duty::ALL {
                    (part::radio("vai", duty.key(), duty_name(words, duty), chosen == duty.key()))
                }
            }
            (centre(visitor, units.as_deref(), fields, faults))
            (part::text(&part::Text {
                name: "ma",
                label: words.web_your_code(),
                hint: Some(words.web_your_code_hint()),
                value: fields.text("ma"),
                autocomplete: "username",
                ..part::Text::DEFAULT
            }, faults))
            @if portal.0.token.is_some() {
                (part::text(&part::Text {
                    name: "mat-khau",
                    label: words.web_token(),
                    hint: Some(words.web_token_hint()),
                    kind: "password",
                    autocomplete: "current-password",
                    ..part::Text::DEFAULT
                }, faults))
            }
            button { (words.web_sign_in()) }
        }
        p.note { (words.web_sign_in_for_now()) }
    };
    Ok(Page::new(words.web_sign_in(), main).with_faults(!faults.is_empty()))
}

fn centre(visitor: &Visitor, units: Option<&Units>, fields: &Fields, faults: &Faults) -> Markup {
    let words = visitor.words;
    let (name, label, hint) = ("don-vi", words.web_your_centre(), Some(words.web_not_for_the_province()));
    let value = fields.text(name);
    match units {
        None => part::text(&part::Text { name, label, hint, value, ..part::Text::DEFAULT }, faults),
        Some(units) => part::select(
            name,
            label,
            hint,
            faults,
            html! {
                option value="" { (words.web_choose()) }
                @for unit in units.all() {
                    option value=(unit.code) selected[value == unit.code] {
                        (visitor.text(unit.name.as_ref())) " (" (unit.code) ")"
                    }
                }
            },
        ),
    }
}

pub(crate) fn duty_name(words: phidia_words::Words, duty: Duty) -> &'static str {
    match duty {
        Duty::Officer => words.web_duty_officer(),
        Duty::Supervisor => words.web_duty_supervisor(),
        Duty::Operator => words.web_duty_operator(),
        Duty::Device => words.web_duty_device(),
    }
}

pub(super) async fn send(State(portal): State<Portal>, posted: Posted<Visitor>) -> Result<Response, Trouble> {
    let fields = posted.fields();
    let staff = match admitted(&portal, &posted).await {
        Ok(staff) => staff,
        Err(trouble) => {
            let faults = Faults::of(&posted.who, trouble)?;
            return Ok(page(&portal, &posted.who, fields, &faults).await?.into_response());
        }
    };
    let mut response = match Kept::open(&portal, fields.text("giu")) {
        None => Redirect::to(&cookie::own_path(fields.text("ve"))).into_response(),
        // What somebody filled in is shown to nobody else.
        Some(kept) if kept.by.as_ref().is_some_and(|by| *by != staff.code) => {
            let fault =
                Rejection::invalid("FORM_OF_ANOTHER", "ma", "what was filled in is of another officer");
            let faults = Faults::of(&posted.who, fault.into())?;
            return Ok(page(&portal, &posted.who, fields, &faults).await?.into_response());
        }
        Some(Kept { path, fields, .. }) => {
            let mut response = StatusCode::OK.into_response();
            response.extensions_mut().insert(Resume { staff: staff.clone(), path, fields });
            response
        }
    };
    if let Some(cookie) = keep(&portal, &staff) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn admitted(portal: &Portal, posted: &Posted<Visitor>) -> Result<Staff, Trouble> {
    let fields = posted.sent()?.fields;
    if let Some(token) = &portal.0.token
        && !digest::same(token.expose_secret().as_bytes(), fields.text("mat-khau").as_bytes())
    {
        return Err(Rejection::invalid("WRONG_TOKEN", "mat-khau", "the password is not known").into());
    }
    let wanted = fields.text("vai");
    let duty = Duty::ALL.into_iter().find(|duty| duty.key() == wanted);
    let duty = duty.ok_or_else(|| Rejection::invalid("MISSING_FIELD", "vai", "is required"))?;
    let (unit, code) = (fields.text("don-vi"), fields.text("ma"));
    if code.is_empty() && duty != Duty::Device {
        return Err(Rejection::invalid("MISSING_FIELD", "ma", "is required").into());
    }
    let province = portal.province().await?;
    let mut staff = Staff {
        session: cookie::by_chance(),
        duty,
        province: province.code.clone(),
        unit: String::new(),
        unit_vi: String::new(),
        unit_en: String::new(),
        code: code.to_owned(),
        name: code.to_owned(),
        seen: RealClock.now().as_second(),
    };
    if duty == Duty::Operator {
        return Ok(staff);
    }
    if unit.is_empty() {
        return Err(Rejection::invalid("MISSING_FIELD", "don-vi", "is required").into());
    }
    let request = GetUnitRequest { unit_code: unit.to_owned(), revision: None };
    let found = RegistryServiceClient::new(portal.registry_as_operator()).get_unit(soon(request)).await;
    let found = found.map_err(|status| {
        let rejection = phidia_runtime::status::from_status(&status);
        match rejection.kind {
            Kind::NotFound => Rejection::invalid("UNKNOWN_UNIT", "don-vi", "no such unit").into(),
            _ => Trouble::from(rejection),
        }
    })?;
    let found = found.into_inner();
    let name = found.name.unwrap_or_default();
    (staff.unit, staff.unit_vi, staff.unit_en) = (found.code, name.vi, name.en);
    if duty == Duty::Device {
        staff.code = format!("kiosk-{}", staff.unit);
        staff.name = staff.code.clone();
        return Ok(staff);
    }
    let officer = found.officers.into_iter().find(|officer| officer.code == code);
    let officer = officer.ok_or_else(|| {
        Rejection::invalid("UNKNOWN_OFFICER", "ma", "no officer of this centre has this code")
    })?;
    staff.name = officer.name;
    Ok(staff)
}

pub(super) async fn sign_out(
    State(portal): State<Portal>,
    posted: Posted<SignedIn>,
) -> Result<Response, Trouble> {
    posted.sent()?;
    let mut response = Redirect::to("/").into_response();
    for name in [SESSION, GUEST] {
        if let Some(cookie) = cookie::plain_text(&portal, name, "", 0) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    Ok(response)
}
