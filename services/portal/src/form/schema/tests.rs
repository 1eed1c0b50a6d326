use std::fs;

use phidia_words::Words;
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, Value, json};

use super::Form;
use crate::form::{Faults, Fields};

/// What a browser would send of these controls, untouched.
fn sent(html: &str) -> Fields {
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        Some(plain(rest.split('"').next()?))
    };
    let has = |tag: &str, name: &str| tag.split(' ').any(|word| word == name);
    let mut fields = Vec::new();
    let mut select = None;
    for piece in html.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap();
        let name = attribute(tag, "name");
        match (tag.split(' ').next().unwrap(), name) {
            ("input", Some(name)) => {
                let is_radio = attribute(tag, "type").as_deref() == Some("radio");
                if !is_radio || has(tag, "checked") {
                    fields.push((name, attribute(tag, "value").unwrap()));
                }
            }
            ("textarea", Some(name)) => fields.push((name, plain(text.strip_prefix('\n').unwrap()))),
            ("select", name) => select = name,
            ("option", _) if has(tag, "selected") => {
                fields.push((select.clone().unwrap(), attribute(tag, "value").unwrap()))
            }
            _ => {}
        }
    }
    Fields::of(fields)
}

fn plain(html: &str) -> String {
    html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// Through the controls of a page and back.
fn over_a_page(form: &Form, answers: &Value) -> Option<Value> {
    let html = form.draw(Words::VI, &form.fill(answers), &Faults::none()).into_string();
    form.read(&sent(&html))
}

/// A schema, and an answer to it.
type Asked = (Value, Value);

fn word() -> impl Strategy<Value = String> {
    "[\\p{L}0-9<>&\"'./ -]{1,12}"
        .prop_map(|text| text.trim().to_owned())
        .prop_filter("is empty", |text| !text.is_empty())
}

fn leaf() -> BoxedStrategy<Asked> {
    prop_oneof![
        word().prop_map(|text| (json!({"type": "string", "maxLength": 20}), text.into())),
        (word(), word()).prop_map(|(one, other)| {
            (json!({"type": "string", "maxLength": 300}), format!("{one}\n{other}").into())
        }),
        (1_i32..=9999, 1..=12, 1..=28).prop_map(|(year, month, day)| {
            (json!({"type": "string", "format": "date"}), format!("{year:04}-{month:02}-{day:02}").into())
        }),
        any::<i64>().prop_map(|number| (json!({"type": "integer"}), number.into())),
        any::<f64>()
            .prop_filter("is no number of JSON", |number| number.is_finite())
            .prop_map(|number| (json!({"type": "number"}), number.into())),
        any::<bool>().prop_map(|answer| (json!({"type": "boolean"}), answer.into())),
        (0..3_usize).prop_map(|chosen| {
            let values = ["a", "b c", "đ\"<"];
            let one_of: Vec<_> =
                values.iter().map(|value| json!({"const": value, "title": "x", "x-title-en": "y"})).collect();
            (json!({ "oneOf": one_of }), values[chosen].into())
        }),
        (0..12_u32).prop_map(|chosen| (json!({"enum": (0..12).collect::<Vec<_>>()}), chosen.into())),
        // Two that look the same, and what no control is made for.
        select(vec![json!(1), json!("1")]).prop_map(|chosen| (json!({"enum": [1, "1"]}), chosen)),
        word().prop_map(|text| (json!({"type": ["string", "null"]}), json!([text, null, {"a": 1.5}]))),
    ]
    .boxed()
}

fn group(inner: BoxedStrategy<Asked>) -> BoxedStrategy<Asked> {
    let key = select(vec!["ten", "so", "a/b", "c.d", "7", "đường"]);
    vec((key, inner, any::<bool>()), 1..4)
        .prop_map(|fields| {
            let (mut properties, mut answers, mut required) = (Map::new(), Map::new(), Vec::new());
            for (key, (mut schema, answer), is_answered) in fields {
                schema["title"] = key.into();
                schema["x-title-en"] = key.into();
                properties.insert(key.to_owned(), schema);
                answers.remove(key);
                required.retain(|known| *known != key);
                if is_answered {
                    answers.insert(key.to_owned(), answer);
                    required.push(key);
                }
            }
            // What nobody fills in is no answer: so a group has one at least.
            if let (true, Some((key, _))) = (answers.is_empty(), properties.iter().next()) {
                let (schema, answer) = (json!({"type": "boolean", "title": key, "x-title-en": key}), true);
                answers.insert(key.clone(), answer.into());
                let key = key.clone();
                properties.insert(key, schema);
            }
            (json!({"type": "object", "properties": properties, "required": required}), answers.into())
        })
        .boxed()
}

fn asked() -> impl Strategy<Value = Asked> {
    let inner = leaf().prop_recursive(3, 24, 4, |inner| {
        let list = (inner.clone(), 1..4_usize).prop_map(|((schema, answer), count)| {
            (json!({"type": "array", "items": schema}), vec![answer; count].into())
        });
        prop_oneof![group(inner.boxed()), list.boxed()]
    });
    group(inner.boxed())
}

proptest! {
    #[test]
    fn what_is_answered_is_what_stands_in_the_controls((schema, answers) in asked()) {
        let form = Form::of(&schema.to_string());
        prop_assert_eq!(over_a_page(&form, &answers), Some(answers));
    }

    /// Each fault that has a place is told beside a control.
    #[test]
    fn every_answer_has_a_control((schema, answers) in asked()) {
        let form = Form::of(&schema.to_string());
        let fields = form.fill(&answers);
        let html = form.draw(Words::EN, &fields, &Faults::none()).into_string();
        for (key, _) in answers.as_object().unwrap() {
            let path = if key.parse::<usize>().is_ok() { format!("answers[{key}]") } else { format!("answers.{key}") };
            let control = form.control(&path).unwrap();
            prop_assert!(html.contains(&format!(" id=\"f-{control}\"")), "{control}: {html}");
        }
    }
}

#[test]
fn every_form_of_the_province_is_drawn_in_its_order() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/province/ninh-binh");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.file_name().unwrap().to_str().unwrap().starts_with("form_") {
            continue;
        }
        seen += 1;
        let text = fs::read_to_string(&path).unwrap();
        let schema: Value = serde_json::from_str(&text).unwrap();
        let form = Form::of(&text);
        let html = form.draw(Words::VI, &Fields::default(), &Faults::none()).into_string();
        let mut before = 0;
        let mut keys: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        keys.sort_by_key(|key| text.find(&format!("\n    \"{key}\": {{")).unwrap());
        for key in keys {
            let at = html.find(&format!(" id=\"f-a/{key}\"")).unwrap_or_else(|| panic!("{path:?}: {key}"));
            assert!(before < at, "{path:?}: {key}");
            before = at;
        }
        assert_eq!(form.read(&sent(&html)), None, "an empty form has no answers");
        assert!(!html.contains("JSON"), "{path:?}");
    }
    assert_eq!(seen, 5);
}

fn business() -> Form {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/province/ninh-binh");
    Form::of(&fs::read_to_string(format!("{folder}/form_household_business.json")).unwrap())
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    Fields::of(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

#[test]
fn lines_are_added_and_taken_away_without_losing_a_word() {
    let form = business();
    let (added, at) = form.pressed(&fields(&[("a/business_name", "Hộ An"), ("them", "a/members")])).unwrap();
    assert_eq!(at, "a/members/0");
    assert_eq!(form.read(&added), Some(json!({"business_name": "Hộ An", "members": [{}]})));
    let three = [
        ("a/members", "3"),
        ("a/members/0/name", "An"),
        ("a/members/1/name", "Bình"),
        ("a/members/2/name", "Chi"),
        ("bot", "a/members/1"),
    ];
    let (fewer, at) = form.pressed(&fields(&three)).unwrap();
    assert_eq!(at, "a/members");
    assert_eq!(form.read(&fewer), Some(json!({"members": [{"name": "An"}, {"name": "Chi"}]})));
    for nothing in ["", "a/members", "a/members/x", "a/business_name/0", "b/0"] {
        assert_eq!(form.pressed(&fields(&[("bot", nothing)])), None, "{nothing}");
    }
    assert_eq!(form.pressed(&fields(&[("them", "a/business_name")])), None);
}

#[test]
fn what_is_no_number_and_no_day_is_told_and_not_lost() {
    let form = business();
    let capital =
        |typed: &str| form.read(&fields(&[("a/capital_vnd", typed)])).unwrap()["capital_vnd"].clone();
    assert_eq!(capital("100.000.000"), json!(100_000_000));
    assert_eq!(capital("100 000 000"), json!(100_000_000));
    assert_eq!(capital("12345678901234567"), json!(12_345_678_901_234_567_i64));
    assert_eq!(capital("1,5"), json!("1,5"));
    assert_eq!(capital("nhiều"), json!("nhiều"));
    let number = Form::of(
        r#"{"type": "object", "properties": {"x": {"type": "number", "title": "x", "x-title-en": "x"}}}"#,
    );
    assert_eq!(number.read(&fields(&[("a/x", "1,5")])), Some(json!({"x": 1.5})));
    let day = Form::of(r#"{"type": "object", "properties": {"x": {"type": "string", "format": "date"}}}"#);
    let half = day.read(&fields(&[("a/x/ngay", "31"), ("a/x/thang", "2")])).unwrap();
    assert_eq!(half, json!({"x": "0000-02-31"}));
    assert_eq!(over_a_page(&day, &half), Some(half));
}

#[test]
fn a_fault_is_told_at_the_control_of_its_path() {
    let form = business();
    for (path, control) in [
        ("answers.business_name", Some("a/business_name")),
        ("answers.members[1].number", Some("a/members/1/number")),
        ("answers.members", Some("a/members")),
        // The nearest around it.
        ("answers.members[0].street", Some("a/members/0")),
        ("answers.business", None),
        ("answers", None),
        ("applicant.name", None),
    ] {
        assert_eq!(form.control(path).as_deref(), control, "{path}");
    }
}

#[test]
fn what_depends_on_other_answers_is_marked() {
    let html = business().draw(Words::EN, &Fields::default(), &Faults::none()).into_string();
    let members = html.split("id=\"f-a/members\"").nth(1).unwrap();
    assert!(
        members.split("</legend>").next().unwrap().contains(Words::EN.web_counter_in_some_cases()),
        "{members}"
    );
}
