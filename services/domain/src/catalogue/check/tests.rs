use jiff::civil::date;

use super::*;
use crate::{
    catalogue::{Catalogue, Entry, Row},
    province::tests::small,
};

const DAY: Date = date(2026, 11, 29);

fn row(cells: &[(&str, &str)]) -> Row {
    cells.iter().map(|(column, cell)| ((*column).to_owned(), (*cell).to_owned())).collect()
}

/// Two procedures with nothing to complain of.
fn sound() -> Catalogue {
    let mut catalogue = Catalogue::of(&small()).unwrap();
    let codes = ["1.000001", "1.000002"];
    for (entry, code) in catalogue.procedures.iter_mut().zip(codes) {
        entry.procedure.extend(row(&[
            ("code", code),
            ("effective_from", ""),
            ("effective_to", ""),
            ("replaced_by", ""),
            ("time_value", "3"),
            ("time_unit", "working_day"),
            ("fee_rule", "free"),
            ("fee_vnd", "0"),
            ("online_level", "none"),
            ("decision", "1/QĐ"),
            ("decided_on", "2026-01-01"),
            ("boundary_free_kind", "C_fixed_place"),
            ("boundary_list", ""),
            ("form", ""),
        ]));
        entry.documents = Some(vec![row(&[
            ("part", "1"),
            ("name_vi", "Đơn"),
            ("name_en", "Request"),
            ("originals", "1"),
            ("copies", "0"),
            ("required", "yes"),
            ("basis", "test"),
        ])]);
    }
    catalogue
}

fn findings(catalogue: &Catalogue) -> Vec<(&'static str, Vec<String>)> {
    let mut files = small();
    files.0.extend(catalogue.documents().0);
    let province = Province::parse(&files).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let bad = check(&province, DAY).into_iter().filter(|finding| !finding.offenders.is_empty());
    bad.map(|finding| (finding.rule, finding.offenders)).collect()
}

#[test]
fn a_sound_catalogue_has_no_offender_and_all_six_words_are_measured() {
    assert_eq!(findings(&sound()), []);
    let mut files = small();
    files.0.extend(sound().documents().0);
    let all = check(&Province::parse(&files).unwrap(), DAY);
    let words: BTreeSet<_> = all.iter().map(|finding| finding.quality).collect();
    assert_eq!(words.len(), 6);
    assert!(all.iter().all(|finding| finding.share() == 10_000));
}

#[test]
fn each_planted_offender_is_found_and_no_other() {
    let second = |cells: &[(&str, &str)]| {
        let mut catalogue = sound();
        catalogue.procedures[1].procedure.extend(row(cells));
        findings(&catalogue)
    };
    let is = |rule: &'static str| vec![(rule, vec!["1.000002".to_owned()])];
    assert_eq!(second(&[("fee_vnd", "7")]), is("fee"));
    assert_eq!(second(&[("fee_rule", "fixed"), ("fee_vnd", "")]), [is("fee"), is("fees")].concat());
    assert_eq!(second(&[("fee_rule", "unknown"), ("fee_vnd", "")]), is("fees"));
    assert_eq!(second(&[("time_value", ""), ("time_unit", "")]), is("time"));
    assert_eq!(second(&[("online_level", "full")]), is("form"));
    assert_eq!(second(&[("decision", ""), ("decided_on", "")]), is("decision"));
    assert_eq!(second(&[("boundary_free_kind", "A_decide_anywhere")]), is("boundary_list"));
    assert_eq!(second(&[("name_vi", "Sao  chép")]), is("blanks"));
    assert_eq!(second(&[("name_vi", "Sao che\u{301}p")]), is("unicode"));
    assert_eq!(second(&[("name_vi", "Nhà, ĐẤT")]), is("duplicates"));
    assert_eq!(second(&[("name_en", "Sao")]), is("english"));
    assert_eq!(second(&[("result_vi", "GIẤY")]), is("result"));
    assert_eq!(second(&[("decided_by", "ubnd")]), is("agency"));
    assert_eq!(second(&[("effective_to", "2026-05-01")]), is("replacement"));
    assert_eq!(second(&[("effective_to", "2026-05-01"), ("replaced_by", "1.000002")]), is("successor"));

    let renamed = |code: &str| {
        let mut catalogue = sound();
        catalogue.procedures[1].procedure.insert("code".to_owned(), code.to_owned());
        findings(&catalogue)
    };
    assert_eq!(renamed("1.0002"), [("code", vec!["1.0002".to_owned()])]);
    assert_eq!(renamed("1.000002.H42"), [("national", vec!["1.000002.H42".to_owned()])]);

    let with = |change: &dyn Fn(&mut Entry)| {
        let mut catalogue = sound();
        change(&mut catalogue.procedures[1]);
        findings(&catalogue)
    };
    assert_eq!(with(&|entry| entry.documents = None), is("documents"));
    assert_eq!(
        with(&|entry| entry.documents.as_mut().unwrap()[0].extend(row(&[("template", "form_none.json")]))),
        is("template")
    );
    let fee = |amount: &str, online: &str| {
        let cells = [
            ("fee", "a"),
            ("kind", "fee"),
            ("name_vi", "Phí"),
            ("name_en", "Fee"),
            ("per", "page"),
            ("basis", "test"),
        ];
        let mut fee = row(&cells);
        fee.extend(row(&[("amount_vnd", amount), ("online_amount_vnd", online)]));
        fee
    };
    assert_eq!(
        with(&|entry| {
            entry.fees = Some(vec![fee("1", "2")]);
            entry.procedure.insert("fee_rule".to_owned(), "see_lines".to_owned());
        }),
        is("online_amount")
    );
    let process = |decided_on: &str, before: &str| {
        vec![row(&[
            ("decision", "2/QĐ"),
            ("decided_on", decided_on),
            ("time_value_before", before),
            ("time_unit_before", "working_day"),
        ])]
    };
    assert_eq!(with(&|entry| entry.processes = Some(process("2025-12-31", "5"))), is("process"));
    assert_eq!(with(&|entry| entry.processes = Some(process("2026-12-31", "2"))), is("simplified"));
}

#[test]
fn a_field_in_two_spellings_offends_by_the_rarer_one() {
    let mut catalogue = sound();
    let mut third = catalogue.procedures[1].clone();
    third.procedure.extend(row(&[
        ("code", "1.000003"),
        ("name_vi", "Việc khác"),
        ("field_en", "Certifying"),
        ("result_vi", "Bản sao"),
    ]));
    catalogue.procedures.push(third.clone());
    third.procedure.extend(row(&[
        ("code", "1.000004"),
        ("name_vi", "Việc nữa"),
        ("field_en", "Certification"),
    ]));
    catalogue.procedures.push(third);
    assert_eq!(findings(&catalogue), [("field", vec!["1.000003".to_owned()])]);
}

/// Days without a line are told, and so is a successor that begins only later.
#[test]
fn a_day_without_a_line_offends_and_so_does_a_successor_that_comes_late() {
    let mut catalogue = sound();
    let first = &mut catalogue.procedures[0];
    let mut later = first.procedure.clone();
    first.procedure.insert("effective_to".to_owned(), "2027-01-01".to_owned());
    later.insert("effective_from".to_owned(), "2027-01-01".to_owned());
    first.later = vec![later.clone()];
    assert_eq!(findings(&catalogue), []);
    later.insert("effective_from".to_owned(), "2027-01-02".to_owned());
    catalogue.procedures[0].later = vec![later];
    assert_eq!(findings(&catalogue), [("gap", vec!["1.000001".to_owned()])]);

    let mut catalogue = sound();
    let [first, second] = &mut catalogue.procedures[..] else { panic!() };
    first.procedure.extend(row(&[("effective_to", "2027-01-01"), ("replaced_by", "1.000002")]));
    second.procedure.extend(row(&[("effective_from", "2027-01-01")]));
    assert_eq!(findings(&catalogue), []);
    catalogue.procedures[1].procedure.extend(row(&[("effective_from", "2027-02-01")]));
    assert_eq!(findings(&catalogue), [("successor", vec!["1.000001".to_owned()])]);
}
