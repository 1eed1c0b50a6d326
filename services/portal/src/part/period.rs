//! The period that figures are of.

use maud::{Markup, html};
use tonic::Status;

use super::{Text, text};
use crate::{form::Faults, trouble::Trouble, visitor::Visitor};

/// Asks for the period of a page. `kept` are the other fields of its address.
pub(crate) fn period(
    visitor: &Visitor,
    path: &str,
    asked: &str,
    kept: &[(&str, &str)],
    faults: &Faults,
) -> Markup {
    let words = visitor.words;
    html! {
        form.period method="get" action=(path) {
            @for (name, value) in kept { input type="hidden" name=(name) value=(value); }
            (text(&Text {
                name: "ky",
                label: words.web_period(),
                hint: Some(words.web_period_hint()),
                value: asked,
                width: 24,
                ..Text::DEFAULT
            }, faults))
            button.second { (words.web_show()) }
        }
    }
}

/// What is wrong with the period that was asked for.
///
/// # Errors
/// Whatever else is wrong.
pub(crate) fn period_faults(visitor: &Visitor, refusal: Status) -> Result<Faults, Trouble> {
    let trouble = Trouble::from(refusal);
    let is_of_it = match &trouble {
        Trouble::Refused(rejection) => rejection.violations.iter().any(|one| one.field.ends_with("period")),
        _ => false,
    };
    if !is_of_it {
        return Err(trouble);
    }
    Ok(Faults::of(visitor, trouble)?.named(|field| field.ends_with("period").then(|| "ky".to_owned())))
}

/// Of which days the figures are, and at which instant what runs is judged.
pub(crate) fn judged_at(
    visitor: &Visitor,
    from: &str,
    to: &str,
    as_of: Option<&prost_types::Timestamp>,
) -> Markup {
    let words = visitor.words;
    let (from, to) = (words.day_of(from), words.day_of(to));
    html! { p.soft { (words.report_from_to_the_end_of_as_of(visitor.instant(as_of), from, to)) } }
}
