mod reasons;
mod used;

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::{
    Number, Words,
    compiler::{
        catalogue::{Catalogue, Fault, Kind, Source, read, sentences},
        rust,
    },
    reason,
};
use phidia_domain::application::Language;

fn sources(text: &str) -> Vec<Source> {
    vec![Source { area: "hall".into(), text: text.into() }]
}

fn both(vi: &str, en: &str) -> Result<Catalogue, Vec<Fault>> {
    read(&sources(vi), &sources(en))
}

/// What is wrong, as it is told where the build ends.
fn wrong(vi: &str, en: &str) -> String {
    both(vi, en).unwrap_err().iter().map(|fault| format!("{fault}\n")).collect()
}

#[test]
fn what_is_said_in_one_language_only_is_told_with_its_place() {
    assert_eq!(
        wrong("call = Mời số\nwait = Chờ", "call = Please come"),
        "services/words/catalogue/vi/hall.ftl: wait: it is said in Vietnamese only\n"
    );
    assert!(
        wrong("call = Mời", "call = Come\nwait = Wait").contains("en/hall.ftl: wait: it is said in English")
    );
}

#[test]
fn variables_are_the_same_in_both_languages() {
    assert!(wrong("call = Mời { $ticket }", "call = Please come").contains("other variables"));
    let typed = |of: &str| format!("# $count ({of}): how many\nwait = {{ $count }}");
    assert!(wrong(&typed("Number"), &typed("Text")).contains("other types"));
    assert!(wrong(&typed("Many"), &typed("Many")).contains("of no type that there is"));
    assert!(
        wrong("# $x (Text): nothing\nwait = Chờ", "# $x (Text): nothing\nwait = Wait")
            .contains("and it does not")
    );
}

#[test]
fn words_are_chosen_by_numbers_and_by_nothing_else() {
    let chosen =
        |comment: &str, last: &str| format!("{comment}wait = {{ $count ->\n    [one] a\n   {last} b\n }}");
    let number = "# $count (Number): how many\n";
    assert!(both(&chosen(number, "*[other]"), &chosen(number, "*[other]")).is_ok());
    assert!(
        wrong(&chosen("", "*[other]"), &chosen("", "*[other]")).contains("does not say to be a (Number)")
    );
    assert!(wrong(&chosen(number, "*[few]"), "wait = x").contains("[few] is no form"));
}

#[test]
fn what_fluent_allows_and_nobody_needs_is_refused() {
    for (text, what) in [
        ("a = { NUMBER($n) }", "only variables, texts and terms"),
        ("a = x\n    .title = y", "no attributes"),
        ("a = { -nobody }", "no term -nobody"),
        ("a = x\na = y", "said twice"),
        ("a = { $n", "line "),
    ] {
        let told = wrong(text, text);
        assert!(told.contains(what), "{text}: {told}");
    }
}

#[test]
fn a_message_becomes_a_function_that_says_it() {
    let text = "-centre = Trung tâm\n# $n (Number): how many\n# $who (Text): who\nwait = { -centre }: { $who } còn { $n ->\n    [0] không ai\n   *[other] { $n } người\n }";
    let catalogue = both(text, text).unwrap();
    let wait = &catalogue["wait"];
    assert_eq!(wait.variables.values().copied().collect::<Vec<_>>(), [Kind::Number, Kind::Text]);
    let written = rust::write(&catalogue);
    assert!(
        written.contains("pub fn wait(self, v_n: impl Into<Number>, v_who: impl Display) -> String"),
        "{written}"
    );
    assert!(
        written.contains("said.push_str(\"Trung tâm: \"); let _ = write!(said, \"{v_who}\");"),
        "{written}"
    );
    assert!(written.contains("0 => { said.push_str(\"không ai\");}"), "{written}");
}

#[test]
fn a_reason_has_its_sentence_and_no_other() {
    assert_eq!(reason("TOO_LARGE"), Some("quá lớn"));
    assert_eq!(reason("TOO_LARG"), None);
    let one = BTreeMap::from([("TOO_LARGE".to_owned(), "quá lớn".to_owned())]);
    assert_eq!(
        rust::table("ALL", &one),
        "pub(crate) static ALL: [(&str, &str); 1] = [\n    (\"TOO_LARGE\", \"quá lớn\"),\n];\n"
    );
    assert!(sentences(&Source { area: "reasons".into(), text: "A = { $x }".into() }).is_err());
}

#[test]
fn a_sentence_is_said_in_the_language_that_was_asked_for() {
    let said = |language| Words::of(language).refusal_held_by("14701-02");
    assert_eq!(said(Language::Vi), "việc này do cán bộ 14701-02 giữ; hãy xem lại danh sách việc");
    assert_eq!(said(Language::En), "14701-02 holds this; look at the worklist again");
}

proptest! {
    #[test]
    fn a_number_is_the_same_without_its_dots(number: i64) {
        for (language, apart) in [(Language::Vi, '.'), (Language::En, ',')] {
            let mut said = String::new();
            Number(number).say(language, &mut said);
            let groups: Vec<_> = said.trim_start_matches('-').split(apart).collect();
            prop_assert!(groups[1..].iter().all(|group| group.len() == 3) && groups[0].len() <= 3, "{}", said);
            prop_assert_eq!(said.replace(apart, ""), number.to_string());
        }
    }
}
