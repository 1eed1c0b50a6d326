//! The answers to the form, under the titles that the form gives them.

use maud::{Markup, html};
use phidia_domain::application::Language;
use phidia_words::Words;
use serde_json::Value;

use super::whole::Whole;
use crate::visitor::Visitor;

pub(super) fn drawn(visitor: &Visitor, whole: &Whole) -> Markup {
    let words = visitor.words;
    let answers =
        whole.application.as_ref().and_then(|application| serde_json::from_str(&application.answers).ok());
    let text = whole.procedure.as_ref().map_or("", |procedure| &procedure.form_schema);
    let schema = serde_json::from_str(text).unwrap_or(Value::Null);
    html! {
        @if let Some(answers @ Value::Object(_)) = answers {
            section {
                h2 { (words.web_work_said()) }
                (value(&Form { words, text, schema: &schema }, &schema, &answers))
            }
        }
    }
}

/// The form that is answered.
struct Form<'f> {
    words: Words,
    /// As it was written: fields are told in its order.
    text: &'f str,
    schema: &'f Value,
}

fn value(form: &Form<'_>, schema: &Value, answer: &Value) -> Markup {
    let schema = resolved(form, schema);
    match answer {
        Value::Null => html! {},
        Value::Bool(true) => html! { (form.words.web_work_yes()) },
        Value::Bool(false) => html! { (form.words.web_work_no()) },
        Value::Number(number) => html! { (number) },
        Value::String(text) => html! { (chosen(form, schema, text)) },
        Value::Array(items) => html! {
            ol.said { @for item in items { li { (value(form, &schema["items"], item)) } } }
        },
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| form.text.find(&format!("\"{name}\":")).unwrap_or(usize::MAX));
            html! {
                dl.facts {
                    @for (name, answer) in fields {
                        @let field = resolved(form, &schema["properties"][name.as_str()]);
                        div { dt { (title(form, field).unwrap_or(name)) } dd { (value(form, field, answer)) } }
                    }
                }
            }
        }
    }
}

/// What a choice is called, or the text itself; days as they are written here.
fn chosen(form: &Form<'_>, schema: &Value, text: &str) -> String {
    let choices = schema["oneOf"].as_array().map(Vec::as_slice).unwrap_or_default();
    let choice = choices.iter().find(|choice| choice["const"] == text);
    match choice.and_then(|choice| title(form, choice)) {
        Some(title) => title.to_owned(),
        None if schema["format"] == "date" => form.words.day_of(text),
        None => text.to_owned(),
    }
}

/// Where a part of the form stands elsewhere in it, that.
fn resolved<'f>(form: &Form<'f>, schema: &'f Value) -> &'f Value {
    let path = schema["$ref"].as_str().and_then(|place| place.strip_prefix('#'));
    path.and_then(|path| form.schema.pointer(path)).unwrap_or(schema)
}

fn title<'f>(form: &Form<'_>, schema: &'f Value) -> Option<&'f str> {
    let english = schema["x-title-en"].as_str().filter(|_| form.words.language() == Language::En);
    english.or_else(|| schema["title"].as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_under_their_titles_in_the_order_of_the_form() {
        let text = r##"{"properties": {
            "sex": {"title": "Giới tính", "x-title-en": "Sex", "oneOf": [{"const": "male", "title": "Nam", "x-title-en": "Male"}]},
            "born_on": {"title": "Ngày sinh", "format": "date"},
            "goods": {"title": "Hàng", "items": {"$ref": "#/$defs/one"}}},
            "$defs": {"one": {"properties": {"what": {"title": "Tên hàng"}}}}}"##;
        let schema: Value = serde_json::from_str(text).unwrap();
        let answers = serde_json::json!({
            "born_on": "2026-11-03", "goods": [{"what": "Gạo <1>"}], "sex": "male", "unknown": true,
        });
        let told = |words| value(&Form { words, text, schema: &schema }, &schema, &answers).into_string();
        let vi = told(Words::VI);
        let places: Vec<_> =
            ["Giới tính", "Nam", "Ngày sinh", "03/11/2026", "Hàng", "Tên hàng", "Gạo &lt;1&gt;", "unknown"]
                .map(|piece| vi.find(piece).unwrap_or_else(|| panic!("{piece} in {vi}")))
                .into();
        assert!(places.is_sorted(), "{places:?} in {vi}");
        assert!(told(Words::EN).contains("<dt>Sex</dt><dd>Male</dd>"));
    }
}
