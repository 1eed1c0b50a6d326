use jiff::civil::date;

use super::*;
use crate::{
    catalogue::Catalogue,
    province::tests::{ninh_binh, small},
};

#[test]
fn a_version_does_not_differ_from_itself() {
    for documents in [small(), ninh_binh()] {
        let province = Province::parse(&documents).unwrap();
        let day = date(2026, 11, 29);
        assert_eq!(difference((&province, day), (&province, day)), []);
    }
}

#[test]
fn what_changes_on_a_day_is_told() {
    let province = Province::parse(&ninh_binh()).unwrap();
    let [before, after] = [date(2027, 2, 28), date(2027, 3, 1)];
    let changes = difference((&province, before), (&province, after));
    let codes: BTreeSet<_> = changes.iter().map(|change| &change.code).collect();
    // Civil status becomes free on that day, in 24 procedures.
    assert_eq!(codes.len(), 24);
    assert!(changes.iter().all(|change| change.attribute.en.starts_with("process, step ")));
}

#[test]
fn each_attribute_that_changes_is_told_in_words() {
    let row = |cells: &[(&str, &str)]| {
        cells.iter().map(|(column, cell)| ((*column).to_owned(), (*cell).to_owned())).collect()
    };
    let mut changed = Catalogue::default();
    let paper = row(&[
        ("part", "1"),
        ("name_vi", "Đơn"),
        ("name_en", "Request"),
        ("originals", "1"),
        ("copies", "0"),
        ("required", "yes"),
        ("basis", "test"),
    ]);
    changed.procedures.push(crate::catalogue::Entry {
        procedure: row(&[("code", "1.1"), ("time_value", "5"), ("name_vi", "Đất")]),
        documents: Some(vec![paper]),
        ..Default::default()
    });
    let before = Province::parse(&small()).unwrap();
    let after = Province::parse(&changed.put_into(&small(), None).unwrap()).unwrap();
    let day = date(2026, 6, 1);
    let told: Vec<_> = difference((&before, day), (&after, day))
        .into_iter()
        .map(|change| (change.attribute.en, change.before.en, change.after.en))
        .collect();
    let is = |attribute: &str, before: &str, after: &str| {
        (attribute.to_owned(), before.to_owned(), after.to_owned())
    };
    assert_eq!(
        told,
        [
            is("name", "Land", "Land"),
            is("time", "3 working days", "5 working days"),
            is("document 1", "", "Request (1 originals, 0 copies; required)"),
        ]
    );
    // A procedure that begins or ends is told as a whole.
    let told = difference((&before, date(2025, 12, 31)), (&before, day));
    assert_eq!((told.len(), told[0].code.as_str(), told[0].before.vi.as_str()), (1, "1.2", ""));
}
