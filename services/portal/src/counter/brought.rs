//! What is brought to the counter later: papers that were asked for, a payment, the wish to withdraw. Whoever brings it has the receipt.

pub(super) mod payment;
pub(super) mod supplement;
pub(super) mod withdrawal;

use axum::response::{IntoResponse as _, Redirect, Response};
use http::Uri;
use maud::{Markup, html};

use crate::{
    Portal,
    form::{Faults, Fields, key_field},
    page::{Look, Page},
    part::{self, encoded},
    trouble::Trouble,
    visitor::Visitor,
};

/// The dossier for which it was done a moment ago.
const DONE: &str = "xong";

/// One of the three pages.
struct Brought<'b> {
    path: &'static str,
    title: &'static str,
    lead: &'static str,
    /// The button.
    act: &'static str,
    enctype: Option<&'static str>,
    controls: &'b Markup,
}

fn page(portal: &Portal, visitor: &Visitor, fields: &Fields, faults: &Faults, brought: &Brought<'_>) -> Page {
    let words = visitor.words;
    let Brought { path, title, lead, act, enctype, controls } = *brought;
    let others = [
        ("/quay/bo-sung", words.web_counter_supplement()),
        ("/quay/thu-tien", words.web_counter_payment()),
        ("/quay/rut", words.web_counter_withdrawal()),
    ];
    let main = html! {
        (faults.summary(words))
        @if !fields.text(DONE).is_empty() { p.done role="status" { (words.web_counter_brought_done(fields.text(DONE))) } }
        h1 { (title) }
        nav.acts aria-label=(words.web_counter_brought()) {
            @for (to, label) in others { a href=(to) aria-current=[(to == path).then_some("page")] { (label) } }
        }
        p { (lead) }
        form method="post" action=(path) enctype=[enctype] novalidate {
            (key_field(portal, visitor, path))
            // What the return key presses.
            button.hidden tabindex="-1" aria-hidden="true" { (act) }
            (part::text(&part::Text {
                name: "ma-ho-so",
                label: words.web_counter_dossier_code(),
                value: fields.text("ma-ho-so"),
                ..part::Text::DEFAULT
            }, faults))
            (controls)
            button { (act) }
        }
    };
    Page::new(title, main).with_look(Look::Work).with_faults(!faults.is_empty())
}

fn check_code(visitor: &Visitor, fields: &Fields, faults: &Faults) -> Markup {
    let words = visitor.words;
    part::text(
        &part::Text {
            name: "ma-tra-cuu",
            label: words.web_counter_check_code(),
            hint: Some(words.web_counter_check_code_hint()),
            value: fields.text("ma-tra-cuu"),
            inputmode: "numeric",
            width: 8,
            ..part::Text::DEFAULT
        },
        faults,
    )
}

/// What was asked for, as it stands in the address.
fn asked(uri: &Uri) -> Fields {
    Fields::parse(uri.query().unwrap_or_default().as_bytes())
}

fn done(path: &str, dossier_code: &str) -> Response {
    Redirect::to(&format!("{path}?{DONE}={}", encoded(dossier_code))).into_response()
}

/// A refusal, at the controls of the page.
fn faults(visitor: &Visitor, trouble: Trouble, controls: &[(&str, &str)]) -> Result<Faults, Trouble> {
    let named = |path: &str| {
        let own = controls
            .iter()
            .find(|(known, control)| path.split('[').next() == Some(*known) || path == *control);
        own.map(|(_, control)| (*control).to_owned())
    };
    Ok(Faults::of(visitor, trouble)?.named(named))
}

/// What the contract calls the codes of a receipt.
const CODES: [(&str, &str); 2] = [("dossier_code", "ma-ho-so"), ("check_code", "ma-tra-cuu")];
