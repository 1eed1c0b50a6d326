//! What is wrong with what was filled in, each beside its field.

use maud::{Markup, html};
use phidia_domain::{FieldViolation, Kind, application::Language};
use phidia_words::Words;

use crate::{
    trouble::{self, Trouble},
    visitor::Visitor,
};

/// Where something is to be corrected, and what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// What cannot be said of one field.
    whole: Vec<String>,
    /// Field, sentence.
    fields: Vec<(String, String)>,
}

impl Faults {
    /// Nothing is wrong.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// What a refusal says is wrong.
    ///
    /// # Errors
    /// What whoever filled it in can do nothing about by correcting or by sending again: that is a page of its own.
    pub(crate) fn of(visitor: &Visitor, trouble: Trouble) -> Result<Self, Trouble> {
        let Trouble::Refused(rejection) = trouble else { return Err(trouble) };
        if rejection.kind == Kind::Internal {
            return Err(Trouble::Refused(rejection));
        }
        let words = visitor.words;
        let fields: Vec<_> = rejection
            .violations
            .iter()
            .map(|violation| (violation.field.clone(), said(words, violation)))
            .collect();
        let whole = match fields.is_empty() {
            true => vec![trouble::sentence(words, &rejection)],
            false => Vec::new(),
        };
        Ok(Self { whole, fields })
    }

    /// Sentences at controls.
    pub(crate) fn told(fields: Vec<(String, String)>) -> Self {
        Self { whole: Vec::new(), fields }
    }

    /// Control and sentence of each.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(field, sentence)| (field.as_str(), sentence.as_str()))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.fields.is_empty()
    }

    /// Names the fields as the page does: services name them as the contract does. What no field of the page is named after is told
    /// above the form.
    #[must_use]
    pub(crate) fn named(self, name: impl Fn(&str) -> Option<String>) -> Self {
        let Self { mut whole, fields } = self;
        let mut named = Vec::new();
        for (field, sentence) in fields {
            match name(&field) {
                Some(field) => named.push((field, sentence)),
                None => whole.push(sentence),
            }
        }
        Self { whole, fields: named }
    }

    /// What is wrong with a field.
    pub(crate) fn at(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == field).map(|(_, sentence)| sentence.as_str())
    }

    /// All of it, above the form, with the ways to the fields.
    pub(crate) fn summary(&self, words: Words) -> Markup {
        let count = self.whole.len() + self.fields.len();
        html! {
            @if !self.is_empty() {
                div.faults role="alert" tabindex="-1" autofocus {
                    h2 { (words.web_to_correct(count)) }
                    ul {
                        @for sentence in &self.whole { li { (sentence) } }
                        @for (field, sentence) in &self.fields { li { a href={ "#" (id(field)) } { (sentence) } } }
                    }
                }
            }
        }
    }
}

/// The id of the control of a field.
pub(crate) fn id(field: &str) -> String {
    format!("f-{field}")
}

/// A violation in one sentence of the visitor's language.
fn said(words: Words, violation: &FieldViolation) -> String {
    let sentence = match (words.language(), &violation.in_vietnamese) {
        (Language::Vi, Some(sentence)) => sentence,
        (Language::Vi, None) => phidia_words::reason(&violation.reason).unwrap_or(&violation.description),
        (Language::En, _) => &violation.description,
    };
    trouble::capital(sentence)
}
