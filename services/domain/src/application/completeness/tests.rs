//! Laws of completeness over many dossiers, and what a citizen is told.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    application::Answers,
    procedure::{Form, Need},
    province::{Documents, Province},
};

static PROCEDURE: LazyLock<Procedure> = LazyLock::new(|| {
    let files: BTreeMap<String, Vec<u8>> = [
        ("province.csv", &include_bytes!("../../../../../deploy/province/ninh-binh/province.csv")[..]),
        ("units.csv", include_bytes!("../../../../../deploy/province/ninh-binh/units.csv")),
        ("unit_history.csv", include_bytes!("../../../../../deploy/province/ninh-binh/unit_history.csv")),
        ("legal_calendar.csv", include_bytes!("../../../../../deploy/province/ninh-binh/legal_calendar.csv")),
        ("working_hours.csv", include_bytes!("../../../../../deploy/province/ninh-binh/working_hours.csv")),
        ("procedures.csv", include_bytes!("../../../../../deploy/province/ninh-binh/procedures.csv")),
        ("steps.csv", include_bytes!("../../../../../deploy/province/ninh-binh/steps.csv")),
        ("officers.csv", include_bytes!("../../../../../deploy/province/ninh-binh/officers.csv")),
        ("competencies.csv", include_bytes!("../../../../../deploy/province/ninh-binh/competencies.csv")),
        ("capacity.csv", include_bytes!("../../../../../deploy/province/ninh-binh/capacity.csv")),
    ]
    .map(|(name, bytes)| (name.to_owned(), bytes.to_vec()))
    .into();
    // The form names its own: of the province's procedures one without a form is as good as any.
    let files = without_dossiers(files);
    let province = Province::parse(&Documents(files)).unwrap();
    province.procedures.values().next().unwrap().clone()
});

/// The same without the column that points to a form, whose files are not among these.
fn without_dossiers(mut files: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let text = String::from_utf8(files.remove("procedures.csv").unwrap()).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let form = headings.iter().position(|heading| heading == "form");
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headings).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        let fields = record.iter().enumerate().map(|(at, field)| if Some(at) == form { "" } else { field });
        writer.write_record(fields).unwrap();
    }
    files.insert("procedures.csv".to_owned(), writer.into_inner().unwrap());
    files
}

fn required(part: &str, originals: u32, copies: u32, need: Need) -> RequiredDocument {
    RequiredDocument {
        part: part.to_owned(),
        name: Text { vi: format!("Giấy {part}"), en: format!("Paper {part}") },
        originals,
        copies,
        need,
        template: None,
        from_data: None,
        basis: "assumed".to_owned(),
    }
}

fn procedure(documents: Vec<RequiredDocument>) -> Procedure {
    Procedure { documents, form: None, ..PROCEDURE.clone() }
}

fn line(part: &str, form: DocumentForm, copies: u32) -> HandedIn {
    HandedIn { part: part.to_owned(), form, copies, attachments: Vec::new() }
}

fn of(documents: Vec<HandedIn>) -> Contents {
    Contents { answers: None, documents }
}

fn told(procedure: &Procedure, contents: &Contents) -> Vec<(String, String)> {
    let weighed = contents.weigh(procedure, Channel::Direct);
    let violations = weighed.faults.into_iter().flat_map(|fault| fault.violations);
    violations.map(|violation| (violation.field, violation.reason)).collect()
}

#[test]
fn what_is_missing_is_named_where_it_would_have_stood() {
    use DocumentForm::{Copy, Electronic, Original};
    let condition = Need::If(Text { vi: "nếu có".into(), en: "if any".into() });
    let birth = procedure(vec![
        required("1", 1, 0, Need::Always),
        required("2", 1, 2, Need::Always),
        required("3", 1, 0, condition),
        required("4", 1, 0, Need::Never),
        RequiredDocument { from_data: Some("CSDL".into()), ..required("5", 1, 0, Need::Always) },
    ]);
    let fault = |field: &str, reason: &str| (field.to_owned(), reason.to_owned());
    assert_eq!(
        told(&birth, &of(vec![])),
        [fault("documents[0]", "MISSING_DOCUMENT"), fault("documents[1]", "MISSING_DOCUMENT")]
    );
    let some = of(vec![line("2", Copy, 2), line("9", Original, 1)]);
    assert_eq!(
        told(&birth, &some),
        [
            fault("documents[1].part", "UNKNOWN_DOCUMENT"),
            fault("documents[2]", "MISSING_DOCUMENT"),
            fault("documents[0].copies", "TOO_FEW_COPIES"),
        ]
    );
    // An original stands for a copy, and a file for all of them.
    assert_eq!(told(&birth, &of(vec![line("1", Original, 1), line("2", Original, 3)])), []);
    assert_eq!(told(&birth, &of(vec![line("1", Electronic, 1), line("2", Electronic, 1)])), []);
    // A copy stands for no original.
    assert_eq!(told(&birth, &of(vec![line("1", Copy, 5), line("2", Original, 3)])).len(), 1);
    // What a database holds is not asked for, and taken all the same.
    let brought = of([HandedIn::all_that_is_required(&birth), vec![line("5", Copy, 1)]].concat());
    let weighed = brought.weigh(&birth, Channel::Direct);
    assert_eq!((weighed.faults.len(), weighed.advice.len()), (0, 1));
    assert!(weighed.advice[0].vi.contains("CSDL"));
    let sentence = &of(vec![]).weigh(&birth, Channel::Direct).faults[1].violations[0];
    assert_eq!(sentence.description, "missing: part 2, Paper 2: 1 original(s) and 2 copies");
    assert_eq!(
        sentence.in_vietnamese.as_deref(),
        Some("thiếu giấy tờ: thành phần 2, Giấy 2: 1 bản chính và 2 bản sao")
    );
}

#[test]
fn where_the_catalogue_states_nothing_nothing_is_missed() {
    assert_eq!(told(&procedure(vec![]), &of(vec![line("anything", DocumentForm::Copy, 1)])), []);
    let answered = Contents { answers: Some(Answers::parse(r#"{"a":1}"#).unwrap()), documents: vec![] };
    assert_eq!(told(&procedure(vec![]), &answered), []);
}

fn with_form() -> Procedure {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": false,
        "required": ["child"],
        "properties": {
            "child": {"title": "Trẻ", "x-title-en": "Child", "type": "object", "required": ["full_name"], "properties": {
                "full_name": {"title": "Họ tên", "x-title-en": "Full name", "type": "string", "minLength": 2, "maxLength": 20},
                "weight": {"title": "Cân nặng", "x-title-en": "Weight", "type": "integer", "minimum": 500, "maximum": 9000}}},
            "others": {"title": "Anh chị em", "x-title-en": "Siblings", "type": "array", "maxItems": 3,
                "items": {"title": "Tên", "x-title-en": "Name", "type": "string", "minLength": 1}}
        }
    });
    let form =
        Form::parse("birth", schema.to_string().as_bytes()).unwrap_or_else(|faults| panic!("{faults:#?}"));
    Procedure { form: Some(Arc::new(form)), ..procedure(vec![]) }
}

#[test]
fn answers_are_told_of_by_their_paths_and_never_repeated() {
    let contents = |text: &str| Contents { answers: Some(Answers::parse(text).unwrap()), documents: vec![] };
    let paths = |text: &str| told(&with_form(), &contents(text));
    let fault = |field: &str, reason: &str| (field.to_owned(), reason.to_owned());
    assert_eq!(paths("{}"), [fault("answers.child", "MISSING_FIELD")]);
    assert_eq!(paths(r#"{"child":{}}"#), [fault("answers.child.full_name", "MISSING_FIELD")]);
    let wrong = r#"{"child":{"full_name":"Bí Mật Vô Cùng Dài Hơn Hai Mươi","weight":1},"others":["a",""]}"#;
    assert_eq!(
        paths(wrong),
        [
            fault("answers.child.full_name", "ANSWER_DOES_NOT_FIT"),
            fault("answers.child.weight", "ANSWER_DOES_NOT_FIT"),
            fault("answers.others[1]", "ANSWER_DOES_NOT_FIT"),
        ]
    );
    let weighed = contents(wrong).weigh(&with_form(), Channel::Online);
    assert!(!format!("{weighed:?}").contains("Bí Mật"));
    // Whoever hands in a form on paper has no answers; online they hear that there is a form.
    let nothing = Contents::default();
    assert_eq!(told(&with_form(), &nothing), []);
    assert_eq!(nothing.weigh(&with_form(), Channel::Online).advice.len(), 1);
}

#[test]
fn a_name_without_end_makes_no_path_without_end() {
    let answers = json!({"child": {"full_name": "An"}, "ế".repeat(10_000): 1}).to_string();
    let contents = Contents { answers: Some(Answers::parse(&answers).unwrap()), documents: vec![] };
    let [(path, _)] = told(&with_form(), &contents).try_into().unwrap();
    assert_eq!(path.chars().count(), 201);
}

/// Whether a path leads somewhere in the answers, or to what is missing where it leads.
fn leads(path: &str, answers: &serde_json::Value) -> bool {
    let mut at = answers;
    let Some(rest) = path.strip_prefix("answers") else { return false };
    let mut segments = rest.split(['.', '[']).filter(|segment| !segment.is_empty()).peekable();
    while let Some(segment) = segments.next() {
        let next = match segment.strip_suffix(']') {
            Some(index) => index.parse::<usize>().ok().and_then(|index| at.get(index)),
            None => at.get(segment),
        };
        match next {
            Some(next) => at = next,
            // Only the last may be missing.
            None => return segments.peek().is_none() && at.is_object(),
        }
    }
    true
}

fn answers() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<i32>().prop_map(|number| json!(number)),
        "[a-zA-Z ]{0,25}".prop_map(|text| json!(text)),
    ];
    let names = prop_oneof![Just("child"), Just("full_name"), Just("weight"), Just("others"), Just("else")];
    let value = leaf.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|items| json!(items)),
            prop::collection::btree_map(names.clone().prop_map(str::to_owned), inner, 0..4)
                .prop_map(|fields| json!(fields)),
        ]
    });
    prop::collection::btree_map("child|others|else", value, 0..3).prop_map(|fields| json!(fields))
}

proptest! {
    /// What the form admits passes.
    #[test]
    fn whatever_the_form_admits_passes(
        name in "[a-zA-Z]{2,20}",
        weight in proptest::option::of(500..=9_000i32),
        others in prop::collection::vec("[a-z]{1,9}", 0..=3),
    ) {
        let mut child = json!({"full_name": name});
        if let Some(weight) = weight {
            child["weight"] = json!(weight);
        }
        let text = json!({"child": child, "others": others}).to_string();
        let contents = Contents { answers: Some(Answers::parse(&text).unwrap()), documents: vec![] };
        prop_assert_eq!(told(&with_form(), &contents), []);
    }

    /// A violation is of a place that is there, or of one that is missing where it says.
    #[test]
    fn a_violation_names_a_path_that_exists_or_is_missing(answers in answers()) {
        let contents = Contents { answers: Some(Answers::parse(&answers.to_string()).unwrap()), documents: vec![] };
        for (path, _) in told(&with_form(), &contents) {
            prop_assert!(leads(&path, &answers), "{path} in {answers}");
        }
    }

    /// What is required is enough, one line less is not, and whatever else is there, each fault is of a line that is there or of the
    /// first that are not.
    #[test]
    fn what_is_required_is_enough_and_no_less_is(
        counts in prop::collection::vec((0u32..3, 0u32..3, any::<bool>()), 1..6),
        left_out in any::<prop::sample::Index>(),
    ) {
        let documents = counts.iter().enumerate().map(|(part, (originals, copies, must))| {
            required(&part.to_string(), *originals, *copies, if *must { Need::Always } else { Need::Never })
        });
        let procedure = procedure(documents.collect());
        let mut whole = HandedIn::all_that_is_required(&procedure);
        prop_assert_eq!(told(&procedure, &of(whole.clone())), []);
        if !whole.is_empty() {
            whole.remove(left_out.index(whole.len()));
            let lines = whole.len();
            let faults = told(&procedure, &of(whole));
            prop_assert_eq!(faults.len(), 1);
            let field = &faults[0].0;
            let index: usize = field["documents[".len()..field.find(']').unwrap()].parse().unwrap();
            prop_assert_eq!(index < lines, field.ends_with(".copies"));
            prop_assert!(index <= lines);
        }
    }
}
