//! Pieces of which pages are made. A piece knows how it looks and how it is read aloud, and nothing of what it says.

mod menu;
mod period;
pub(crate) mod qr;
mod table;

use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use maud::{Markup, html};
use phidia_proto::types::v1::{ApplicationStatus, Document};
use phidia_words::Words;

use crate::form::{Faults, id};

pub(crate) use menu::menu;
pub(crate) use period::{judged_at, period, period_faults};
pub(crate) use table::{Column, table};

/// A field for a line of text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'t> {
    pub(crate) name: &'t str,
    pub(crate) label: &'t str,
    pub(crate) hint: Option<&'t str>,
    pub(crate) value: &'t str,
    /// `text`, `password`, `tel`, `email`, `search`.
    pub(crate) kind: &'t str,
    /// `numeric`, `tel`; empty: by its kind.
    pub(crate) inputmode: &'t str,
    /// What browsers may fill in by themselves (<https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#autofill>).
    pub(crate) autocomplete: &'t str,
    /// How many letters it is wide: what is expected.
    pub(crate) width: u32,
    /// That one need not fill it in is said beside its name.
    pub(crate) optional: Option<&'t str>,
}

impl Text<'_> {
    pub(crate) const DEFAULT: Self = Self {
        name: "",
        label: "",
        hint: None,
        value: "",
        kind: "text",
        inputmode: "",
        autocomplete: "off",
        width: 30,
        optional: None,
    };
}

pub(crate) fn text(text: &Text<'_>, faults: &Faults) -> Markup {
    field(text.name, text.label, text.optional, text.hint, faults, |described| {
        html! {
            input id=(id(text.name)) name=(text.name) type=(text.kind) value=(text.value) size=(text.width)
                inputmode=[Some(text.inputmode).filter(|mode| !mode.is_empty())] autocomplete=(text.autocomplete)
                aria-describedby=[described] aria-invalid=[faults.at(text.name).map(|_| "true")];
        }
    })
}

/// A field for several lines.
pub(crate) fn area(
    name: &str,
    label: &str,
    hint: Option<&str>,
    value: &str,
    rows: u32,
    faults: &Faults,
) -> Markup {
    field(name, label, None, hint, faults, |described| {
        html! {
            // A browser leaves out the first line break.
            textarea id=(id(name)) name=(name) rows=(rows) aria-describedby=[described]
                aria-invalid=[faults.at(name).map(|_| "true")] { "\n" (value) }
        }
    })
}

/// A choice of many.
pub(crate) fn select(
    name: &str,
    label: &str,
    hint: Option<&str>,
    faults: &Faults,
    options: Markup,
) -> Markup {
    field(name, label, None, hint, faults, |described| {
        html! {
            select id=(id(name)) name=(name) aria-describedby=[described]
                aria-invalid=[faults.at(name).map(|_| "true")] { (options) }
        }
    })
}

/// A control with its name, what helps to fill it in, and what is wrong with it.
pub(crate) fn field(
    name: &str,
    label: &str,
    optional: Option<&str>,
    hint: Option<&str>,
    faults: &Faults,
    control: impl FnOnce(Option<String>) -> Markup,
) -> Markup {
    let fault = faults.at(name);
    let (hint_id, fault_id) = (format!("h-{name}"), format!("e-{name}"));
    let described = [hint.map(|_| hint_id.as_str()), fault.map(|_| fault_id.as_str())];
    let described: Vec<_> = described.into_iter().flatten().collect();
    html! {
        div.field.faulty[fault.is_some()] {
            label for=(id(name)) { (label) @if let Some(optional) = optional { " " span.optional { (optional) } } }
            @if let Some(hint) = hint { p.hint id=(hint_id) { (hint) } }
            @if let Some(fault) = fault { p.fault id=(fault_id) { (fault) } }
            (control((!described.is_empty()).then(|| described.join(" "))))
        }
    }
}

/// One of a few.
pub(crate) fn radio(name: &str, value: &str, label: &str, checked: bool) -> Markup {
    html! {
        label.choice { input type="radio" name=(name) value=(value) checked[checked]; span { (label) } }
    }
}

/// Yes or no.
pub(crate) fn tick(name: &str, label: &str, checked: bool) -> Markup {
    html! {
        label.choice { input type="checkbox" name=(name) value="1" checked[checked]; span { (label) } }
    }
}

/// The search for procedures.
pub(crate) fn search(words: Words, wanted: &str) -> Markup {
    html! {
        form.search role="search" method="get" action="/thu-tuc" {
            label for="tim" { (words.web_search_label()) }
            div.row {
                input id="tim" name="tim" type="search" value=(wanted) autocomplete="off" placeholder=(words.web_search_example());
                button { (words.web_search()) }
            }
        }
    }
}

/// Facts with their names; what is empty is left out.
pub(crate) fn facts(facts: &[(&str, Markup)]) -> Markup {
    html! {
        dl.facts {
            @for (name, fact) in facts {
                @if !fact.0.is_empty() { div { dt { (name) } dd { (fact) } } }
            }
        }
    }
}

/// How something stands: in words, with a shape and a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Well,
    Soon,
    Late,
    Calm,
}

pub(crate) fn tag(tone: Tone, said: &str) -> Markup {
    let (class, shape) = match tone {
        Tone::Well => ("tag well", "●"),
        Tone::Soon => ("tag soon", "▲"),
        Tone::Late => ("tag late", "■"),
        Tone::Calm => ("tag", "○"),
    };
    html! { span class=(class) { span aria-hidden="true" { (shape) } " " (said) } }
}

/// The way to the next page of a list; nothing where it ends.
pub(crate) fn more(words: Words, path: &str, next: &str) -> Markup {
    html! {
        @if !next.is_empty() {
            p.more { a href={ (path) @if path.contains('?') { "&" } @else { "?" } "trang=" (encoded(next)) } { (words.web_more()) } }
        }
    }
}

/// Text as it may stand in an address.
pub(crate) fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// How far an application has come, in words.
pub(crate) fn status(words: Words, status: ApplicationStatus) -> &'static str {
    match status {
        ApplicationStatus::Unspecified => "–",
        ApplicationStatus::Accepted => words.term_accepted(),
        ApplicationStatus::AwaitingDispatch => words.term_awaiting_dispatch(),
        ApplicationStatus::Assigned => words.term_assigned(),
        ApplicationStatus::InProcess => words.term_in_process(),
        ApplicationStatus::Granted => words.term_result_ready(),
        ApplicationStatus::Refused => words.term_refused_2(),
        ApplicationStatus::AwaitingSupplement => words.term_awaiting_your_supplement(),
        ApplicationStatus::AwaitingPayment => words.term_awaiting_your_payment(),
        ApplicationStatus::Referred => words.term_awaiting_another_office(),
        ApplicationStatus::Withdrawn => words.term_withdrawn(),
        ApplicationStatus::Lapsed => words.term_ended_not_supplemented_in_time(),
    }
}

/// A document to be read, or to be kept.
pub(crate) fn pdf(document: Document) -> Response {
    let name = document.file_name.replace(['"', '\\', '\r', '\n'], "");
    let headers = [
        (CONTENT_TYPE, "application/pdf".to_owned()),
        (CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")),
        // What browsers show PDF with has styles of its own.
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'".to_owned(),
        ),
    ];
    (headers, document.pdf).into_response()
}
