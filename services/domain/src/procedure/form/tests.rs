use proptest::prelude::*;
use serde_json::json;

use super::*;

fn birth() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": false,
        "required": ["child_name", "born_on"],
        "dependentRequired": {"father_name": ["father_number"]},
        "properties": {
            "child_name": {"title": "Họ và tên trẻ", "x-title-en": "Name of the child", "type": "string", "minLength": 2, "maxLength": 20},
            "born_on": {"title": "Ngày sinh", "x-title-en": "Born on", "type": "string", "format": "date"},
            "sex": {"title": "Giới tính", "x-title-en": "Sex", "oneOf": [
                {"const": "f", "title": "Nữ", "x-title-en": "Female"}, {"const": "m", "title": "Nam", "x-title-en": "Male"}]},
            "copies": {"title": "Số bản sao", "x-title-en": "Copies", "type": "integer", "minimum": 0, "maximum": 20},
            "way": {"title": "Cách nhận", "x-title-en": "Way", "enum": ["post", "counter"]},
            "father_name": {"title": "Tên cha", "x-title-en": "Father", "type": "string"},
            "father_number": {"title": "Số định danh của cha", "x-title-en": "Father's number", "$ref": "#/$defs/number"},
            "paper": {"title": "Số giấy", "x-title-en": "Paper", "type": "string", "pattern": "^[A-Z]{2}[0-9]{4}$",
                "description": "hai chữ hoa và bốn chữ số.", "x-description-en": "two capitals and four digits."},
            "children": {"title": "Con khác", "x-title-en": "Other children", "type": "array", "maxItems": 3, "items": {
                "type": "object", "required": ["name"], "properties": {
                    "name": {"title": "Tên", "x-title-en": "Name", "type": "string"}}}}
        },
        "$defs": {"number": {"type": "string", "format": "identity-number"}}
    })
}

fn form(schema: &Value) -> Form {
    Form::parse("birth", schema.to_string().as_bytes()).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// The form of birth with something else at a place.
fn changed(pointer: &str, to: Value) -> Result<Form, Vec<Fault>> {
    let mut schema = birth();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    schema.pointer_mut(parent).unwrap()[name] = to;
    Form::parse("birth", schema.to_string().as_bytes())
}

#[track_caller]
fn assert_refused(pointer: &str, to: Value, at: &str, expected: &str) {
    let faults = changed(pointer, to).unwrap_err();
    assert!(
        faults.iter().any(|fault| fault.pointer == at && fault.expected.contains(expected)),
        "{faults:#?}"
    );
}

#[test]
fn answers_that_fit_have_nothing_wrong() {
    let form = form(&birth());
    let answers = json!({"child_name": "Trần Thị An", "born_on": "2026-11-24", "sex": "f", "copies": 2, "way": "post",
        "father_name": "Trần Văn B", "father_number": "037090001234", "paper": "AB1234", "children": [{"name": "Bình"}]});
    assert_eq!(form.check(&answers), []);
    assert_eq!(form.name(), "birth");
}

#[test]
fn every_wrong_answer_is_named_by_its_place_in_words_of_both_languages() {
    let form = form(&birth());
    let right = json!({"child_name": "An Bình", "born_on": "2026-11-24"});
    for (pointer, answer, keyword, vi, en) in [
        (
            "/child_name",
            json!("A"),
            "minLength",
            "Mục “Họ và tên trẻ” phải có ít nhất 2 ký tự.",
            "“Name of the child” must have at least 2 characters.",
        ),
        (
            "/child_name",
            json!(" "),
            "minLength",
            "Mục “Họ và tên trẻ” còn để trống.",
            "“Name of the child” is missing.",
        ),
        (
            "/child_name",
            json!("A".repeat(21)),
            "maxLength",
            "Mục “Họ và tên trẻ” chỉ được có tối đa 20 ký tự.",
            "“Name of the child” may have at most 20 characters.",
        ),
        (
            "/child_name",
            json!(7),
            "type",
            "Mục “Họ và tên trẻ” phải là chữ.",
            "“Name of the child” must be text.",
        ),
        (
            "/born_on",
            json!("24/11/2026"),
            "format",
            "Mục “Ngày sinh” phải là ngày theo dạng năm-tháng-ngày, ví dụ 2026-11-24.",
            "“Born on” must be a date such as 2026-11-24.",
        ),
        (
            "/sex",
            json!("x"),
            "oneOf",
            "Mục “Giới tính” phải là một trong: Nữ, Nam.",
            "“Sex” must be one of: Female, Male.",
        ),
        (
            "/copies",
            json!(-1),
            "minimum",
            "Mục “Số bản sao” phải từ 0 trở lên.",
            "“Copies” must be 0 or more.",
        ),
        (
            "/copies",
            json!(21),
            "maximum",
            "Mục “Số bản sao” chỉ được đến 20.",
            "“Copies” must be 20 or less.",
        ),
        (
            "/copies",
            json!(1.5),
            "type",
            "Mục “Số bản sao” phải là số nguyên.",
            "“Copies” must be a whole number.",
        ),
        (
            "/way",
            json!("dove"),
            "enum",
            "Mục “Cách nhận” phải là một trong: post, counter.",
            "“Way” must be one of: post, counter.",
        ),
        (
            "/father_number",
            json!("12"),
            "format",
            "Mục “Số định danh của cha” phải là số định danh cá nhân gồm 12 chữ số.",
            "“Father's number” must be an identity number of 12 digits.",
        ),
        (
            "/paper",
            json!("x"),
            "pattern",
            "Mục “Số giấy” chưa đúng: hai chữ hoa và bốn chữ số.",
            "“Paper” is not right: two capitals and four digits.",
        ),
        (
            "/children",
            json!([{"name": "A"}, {"name": "B"}, {"name": "C"}, {"name": "D"}]),
            "maxItems",
            "Mục “Con khác” chỉ được có tối đa 3 dòng.",
            "“Other children” may have at most 3 entries.",
        ),
        (
            "/shoe_size",
            json!(42),
            "additionalProperties",
            "Biểu mẫu không có mục này.",
            "The form has no such field.",
        ),
    ] {
        let mut answers = right.clone();
        answers[&pointer[1..]] = answer;
        let sentence = Text { vi: vi.to_owned(), en: en.to_owned() };
        let expected = Violation { pointer: pointer.to_owned(), keyword: keyword.to_owned(), sentence };
        assert_eq!(form.check(&answers), [expected], "{answers}");
    }
    let places = |answers: Value| {
        form.check(&answers).into_iter().map(|violation| violation.pointer).collect::<Vec<_>>()
    };
    // What is missing is named by where it belongs.
    assert_eq!(places(json!({})), ["/born_on", "/child_name"]);
    assert_eq!(
        places(json!({"child_name": "An", "born_on": "2026-11-24", "father_name": "B"})),
        ["/father_number"]
    );
    let children = json!({"child_name": "An", "born_on": "2026-11-24", "children": [{"name": "B"}, {}]});
    assert_eq!(places(children.clone()), ["/children/1/name"]);
    assert_eq!(form.check(&children)[0].sentence.vi, "Mục “Tên” còn để trống.");
    let whole = form.check(&json!([]));
    assert_eq!(
        (whole[0].pointer.as_str(), whole[0].sentence.vi.as_str()),
        ("", "Biểu mẫu phải là một nhóm mục.")
    );
}

#[test]
fn a_sentence_tells_nothing_of_the_answer() {
    let form = form(&birth());
    let secret = "Nguyễn Văn Bí Mật Của Tôi";
    let answers = json!({"child_name": secret, "born_on": secret, "sex": secret, "copies": secret, "way": secret,
        "father_name": [secret], "father_number": secret, "paper": secret, "children": secret});
    let violations = form.check(&answers);
    assert_eq!(violations.len(), 9);
    assert!(!format!("{violations:?}").contains("Bí Mật"));
}

#[test]
fn a_form_that_could_not_be_checked_by_is_refused_at_its_place() {
    assert_refused(
        "/properties/copies/minimum",
        json!("none"),
        "/properties/copies/minimum",
        "JSON Schema 2020-12",
    );
    assert_refused(
        "/properties/copies/type",
        json!("whole"),
        "/properties/copies/type",
        "JSON Schema 2020-12",
    );
    assert_refused("/required", json!("child_name"), "/required", "JSON Schema 2020-12");
    assert_refused("/type", json!("array"), "/type", "`object`");
    assert_refused("/$schema", json!("http://json-schema.org/draft-07/schema#"), "/$schema", "2020-12");
    assert_refused("/requred", json!([]), "/requred", "a keyword");
    assert_refused("/properties/way/format", json!("dmy"), "/properties/way/format", "one of the formats");
    assert_refused("/properties/way/pattern", json!("("), "/properties/way/pattern", "checked by");
    assert_refused("/properties/way/pattern", json!("(a+)\\1"), "/properties/way/pattern", "linear time");
    for elsewhere in
        ["https://example.org/a.json", "form_other.json", "#/properties/way", "#", "#/$defs/none"]
    {
        assert_refused("/properties/way/$ref", json!(elsewhere), "/properties/way/$ref", "nothing elsewhere");
    }
    assert_refused("/$dynamicRef", json!("#"), "/$dynamicRef", "a keyword");
    assert_refused(
        "/properties/way/$id",
        json!("https://example.org/x"),
        "/properties/way/$id",
        "at the top",
    );
    assert_refused("/properties/way", json!({"title": "Cách"}), "/properties/way", "in English: x-title-en");
    assert_refused(
        "/properties/way",
        json!({"x-title-en": "Way"}),
        "/properties/way",
        "in Vietnamese: title",
    );
    assert_refused("/$defs/number", json!({"$ref": "#/$defs/number"}), "/$defs/number", "refer back");
    let circle = json!({"a": {"items": {"$ref": "#/$defs/b"}}, "b": {"anyOf": [{"$ref": "#/$defs/a"}]}, "number": true});
    assert_refused("/$defs", circle, "/$defs/b", "refer back");
}

#[test]
fn a_form_that_grows_when_it_is_read_is_refused_at_once() {
    let mut parts = serde_json::Map::new();
    parts.insert("p0".to_owned(), json!({"type": "string"}));
    for number in 1..60 {
        let before = format!("#/$defs/p{}", number - 1);
        parts.insert(format!("p{number}"), json!({"allOf": [{"$ref": before}, {"$ref": before}]}));
    }
    parts.insert("number".to_owned(), json!(true));
    assert_refused("/$defs", Value::Object(parts), "", "");
    let mut schema = birth();
    schema["$defs"] = json!({"number": true, "p0": {"type": "string"}});
    for number in 1..60 {
        let before = format!("#/$defs/p{}", number - 1);
        schema["$defs"][format!("p{number}")] = json!({"allOf": [{"$ref": before}, {"$ref": before}]});
    }
    schema["properties"]["way"]["$ref"] = json!("#/$defs/p59");
    let faults = Form::parse("x", schema.to_string().as_bytes()).unwrap_err();
    assert!(faults[0].expected.contains("at most 5000 parts"), "{faults:?}");
    let deep = format!("{}{}", "{\"not\":".repeat(40), "true") + &"}".repeat(40);
    assert!(Form::parse("x", deep.as_bytes()).unwrap_err()[0].expected.contains("32 deep"));
    let long = format!("{{\"type\":\"object\",\"$comment\":\"{}\"}}", "x".repeat(MOST_BYTES));
    assert!(Form::parse("x", long.as_bytes()).unwrap_err()[0].expected.contains("bytes"));
}

#[test]
fn what_is_no_json_is_refused_at_line_and_column() {
    let place = |text: &str| {
        let faults = Form::parse("x", text.as_bytes()).unwrap_err();
        (faults[0].line, faults[0].column)
    };
    assert_eq!(place("{\n  \"type\" \"object\"\n}"), (2, 10));
    assert_eq!(place(""), (1, 1));
    let text = "{\n  \"type\": \"object\",\n  \"properties\": {\n    \"a\": {\"title\": \"A\"}\n  }\n}";
    assert_eq!(place(text), (4, 10));
}

#[test]
fn answers_beyond_any_form_are_not_looked_at() {
    let form = form(&json!({"type": "object"}));
    let mut deep = json!(1);
    for _ in 0..DEEPEST_ANSWERS {
        deep = json!([deep]);
    }
    for answers in [
        json!({"a": deep}),
        json!({"a": vec![1; MOST_ANSWERS]}),
        json!({"a": "x".repeat(MOST_ANSWERED_BYTES)}),
    ] {
        let violations = form.check(&answers);
        assert_eq!((violations.len(), violations[0].keyword.as_str()), (1, "limit"));
    }
    assert_eq!(form.check(&json!({"a": vec![1; MOST_ANSWERS - 10]})), []);
}

#[test]
fn a_pattern_costs_linear_time() {
    let schema = json!({"type": "object", "properties": {"a": {"title": "A", "x-title-en": "A", "pattern": "^(a+)+$"}}});
    let since = std::time::Instant::now();
    assert_eq!(form(&schema).check(&json!({"a": "a".repeat(60_000) + "b"})).len(), 1);
    assert!(since.elapsed().as_secs() < 5, "{:?}", since.elapsed());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z$/~đ ]{0,6}".prop_map(Value::from),
        Just(json!("#/$defs/a")),
        Just(json!("object")),
    ];
    let key = prop_oneof![
        Just("type"),
        Just("properties"),
        Just("$defs"),
        Just("$ref"),
        Just("a"),
        Just("title"),
        Just("x-title-en"),
        Just("items"),
        Just("allOf"),
        Just("required"),
        Just("pattern"),
        Just("enum"),
        Just("child_name"),
        Just("children"),
    ];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key.clone().prop_map(str::to_owned), inner, 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Whatever a form is, reading it ends, and what is wrong has a place in it.
    #[test]
    fn any_document_is_a_form_or_is_told_where_not(mut schema in any_json(), as_form: bool) {
        if as_form && schema.is_object() {
            schema["type"] = json!("object");
        }
        let text = serde_json::to_string_pretty(&schema).unwrap();
        match Form::parse("any", text.as_bytes()) {
            Ok(form) => prop_assert_eq!(form.text(), text),
            Err(faults) => {
                prop_assert!(!faults.is_empty());
                for fault in faults {
                    prop_assert!((1..=text.lines().count().max(1)).contains(&fault.line), "{:?}", fault);
                    prop_assert!(fault.column >= 1 && !fault.expected.is_empty());
                }
            }
        }
    }

    /// Whatever is answered, checking ends, and each violation has a sentence in both languages and a place that begins like a pointer.
    #[test]
    fn any_answers_fit_or_are_told_where_not(answers in any_json()) {
        for violation in form(&birth()).check(&answers) {
            prop_assert!(violation.pointer.is_empty() || violation.pointer.starts_with('/'));
            prop_assert!(violation.sentence.vi.ends_with('.') && violation.sentence.en.ends_with('.'));
        }
    }
}
