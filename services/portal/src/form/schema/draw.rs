//! The controls of a form.

use maud::{Markup, html};
use phidia_words::Words;

use super::{
    Choice, FEW, Field, Form, Keyboard, Kind, Need, ROOT,
    answers::{ADD, DAY, NO, TAKE_AWAY, YES, items},
    below,
};
use crate::{
    form::{Faults, Fields, id},
    part,
};

impl Form {
    /// All controls with what stands in them.
    pub(crate) fn draw(&self, words: Words, fields: &Fields, faults: &Faults) -> Markup {
        let drawing = Drawing { words, fields, faults };
        match &self.0.kind {
            Kind::Group(group) => drawing.fields(ROOT, group),
            _ => drawing.field(ROOT, &self.0, words.web_counter_form()),
        }
    }

    /// What the control of this name is called, if it asks for a day.
    pub(crate) fn day(&self, words: Words, name: &str) -> Option<String> {
        let field = self.0.at(ROOT, name).filter(|field| field.kind == Kind::Date)?;
        Some(field.label.in_language(words.language()).to_owned())
    }

    /// What it is called.
    pub(crate) fn title(&self, words: Words) -> &str {
        self.0.label.in_language(words.language())
    }
}

struct Drawing<'d> {
    words: Words,
    fields: &'d Fields,
    faults: &'d Faults,
}

impl Drawing<'_> {
    fn fields(&self, name: &str, fields: &[Field]) -> Markup {
        html! {
            @for field in fields {
                @let label = field.label.in_language(self.words.language());
                (self.field(&below(name, &field.key), field, if label.is_empty() { &field.key } else { label }))
            }
        }
    }

    fn field(&self, name: &str, field: &Field, label: &str) -> Markup {
        let Self { words, fields, faults } = self;
        let hint = Some(field.hint.in_language(words.language())).filter(|hint| !hint.is_empty());
        let optional = match field.need {
            Need::Always => None,
            Need::Sometimes => Some(words.web_counter_in_some_cases()),
            Need::Never => Some(words.web_counter_optional()),
        };
        let value = fields.text(name);
        let line = |keyboard: Keyboard, width: u32| {
            let (kind, inputmode) = match keyboard {
                Keyboard::Letters => ("text", ""),
                Keyboard::Digits => ("text", "numeric"),
                Keyboard::Telephone => ("tel", "tel"),
                Keyboard::Email => ("email", "email"),
            };
            let text = part::Text {
                name,
                label,
                hint,
                value,
                kind,
                inputmode,
                width,
                optional,
                ..part::Text::DEFAULT
            };
            part::text(&text, faults)
        };
        match &field.kind {
            Kind::Line { keyboard, letters } => line(*keyboard, *letters),
            Kind::Number { .. } => line(Keyboard::Digits, 16),
            Kind::Lines => part::field(name, label, optional, hint, faults, |described| {
                html! {
                    textarea id=(id(name)) name=(name) rows="2" aria-describedby=[described]
                        aria-invalid=[faults.at(name).map(|_| "true")] { "\n" (value) }
                }
            }),
            Kind::Raw => {
                let hint = [hint.unwrap_or_default(), words.web_counter_as_json()].join(" ");
                part::field(name, label, optional, Some(hint.trim()), faults, |described| {
                    html! {
                        textarea id=(id(name)) name=(name) rows="4" spellcheck="false" aria-describedby=[described]
                            aria-invalid=[faults.at(name).map(|_| "true")] { "\n" (value) }
                    }
                })
            }
            Kind::Date => self.date(name, label, optional, hint),
            Kind::YesNo => {
                let choices = [(YES, words.web_counter_yes()), (NO, words.web_counter_no())];
                self.radios(name, label, optional, hint, &choices)
            }
            Kind::Choice(choices) => self.choice(name, label, optional, hint, choices),
            Kind::Group(group) => self.group(name, label, optional, hint, &self.fields(name, group)),
            Kind::List { item, most } => {
                self.group(name, label, optional, hint, &self.list(name, label, item, *most))
            }
        }
    }

    fn date(&self, name: &str, label: &str, optional: Option<&str>, hint: Option<&str>) -> Markup {
        let words = self.words;
        let labels = [words.web_counter_day(), words.web_counter_month(), words.web_counter_year()];
        let is_faulty = self.faults.at(name).is_some();
        self.group(
            name,
            label,
            optional,
            hint,
            &html! {
                div.date {
                    @for (part, label) in DAY.into_iter().zip(labels) {
                        @let own = below(name, part);
                        @let letters = if part == "nam" { 4 } else { 2 };
                        div {
                            label for=(id(&own)) { (label) }
                            input id=(id(&own)) name=(own) type="text" inputmode="numeric" autocomplete="off"
                                size=(letters) maxlength=(letters) value=(self.fields.text(&own))
                                aria-invalid=[is_faulty.then_some("true")];
                        }
                    }
                }
            },
        )
    }

    fn choice(
        &self,
        name: &str,
        label: &str,
        optional: Option<&str>,
        hint: Option<&str>,
        choices: &[Choice],
    ) -> Markup {
        let language = self.words.language();
        let named: Vec<_> =
            choices.iter().map(|choice| (choice.key.as_str(), choice.label.in_language(language))).collect();
        if choices.len() <= FEW {
            return self.radios(name, label, optional, hint, &named);
        }
        let chosen = self.fields.text(name);
        part::field(name, label, optional, hint, self.faults, |described| {
            html! {
                select id=(id(name)) name=(name) aria-describedby=[described]
                    aria-invalid=[self.faults.at(name).map(|_| "true")] {
                    option value="" { (self.words.web_choose()) }
                    @for (key, label) in &named { option value=(key) selected[*key == chosen] { (label) } }
                }
            }
        })
    }

    fn radios(
        &self,
        name: &str,
        label: &str,
        optional: Option<&str>,
        hint: Option<&str>,
        choices: &[(&str, &str)],
    ) -> Markup {
        let chosen = self.fields.text(name);
        self.group(name, label, optional, hint, &html! {
            div.choices {
                @for (key, label) in choices { (part::radio(name, key, label, *key == chosen)) }
                // What was chosen by mistake can be left open again.
                @if optional.is_some() { (part::radio(name, "", self.words.web_counter_left_open(), chosen.is_empty())) }
            }
        })
    }

    fn list(&self, name: &str, label: &str, item: &Field, most: usize) -> Markup {
        let words = self.words;
        let count = items(self.fields, name);
        html! {
            input type="hidden" name=(name) value=(count);
            @for index in 0..count {
                @let own = below(name, &index.to_string());
                @let number = words.web_counter_item(label, index + 1);
                div.item {
                    (self.field(&own, item, &number))
                    button.second name=(TAKE_AWAY) value=(own) formnovalidate {
                        (words.web_counter_take_away()) span.hidden { " " (number) }
                    }
                }
            }
            @if count < most {
                button.second name=(ADD) value=(name) formnovalidate {
                    (words.web_counter_add()) span.hidden { " " (label) }
                }
            }
        }
    }

    /// Controls that belong together, under one name.
    fn group(
        &self,
        name: &str,
        label: &str,
        optional: Option<&str>,
        hint: Option<&str>,
        controls: &Markup,
    ) -> Markup {
        let fault = self.faults.at(name);
        let (hint_id, fault_id) = (format!("h-{name}"), format!("e-{name}"));
        let described = [hint.map(|_| hint_id.as_str()), fault.map(|_| fault_id.as_str())];
        let described: Vec<_> = described.into_iter().flatten().collect();
        let described = (!described.is_empty()).then(|| described.join(" "));
        html! {
            fieldset.field.faulty[fault.is_some()] id=(id(name)) tabindex="-1" aria-describedby=[described] {
                legend { (label) @if let Some(optional) = optional { " " span.optional { (optional) } } }
                @if let Some(hint) = hint { p.hint id=(hint_id) { (hint) } }
                @if let Some(fault) = fault { p.fault id=(fault_id) { (fault) } }
                (controls)
            }
        }
    }
}
