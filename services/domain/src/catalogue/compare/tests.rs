use super::*;
use crate::province::tests::small;

#[test]
fn what_the_two_say_otherwise_is_told_once_for_each_attribute() {
    let ours = Catalogue::of(&small()).unwrap();
    assert_eq!(compare(&ours, &ours), []);
    let row = |cells: &[(&str, &str)]| -> Row {
        cells.iter().map(|(column, cell)| ((*column).to_owned(), (*cell).to_owned())).collect()
    };
    let entry = |cells: &[(&str, &str)]| Entry { procedure: row(cells), ..Entry::default() };
    let mut theirs = Catalogue::default();
    // The same but for blanks and the way of composing, and another time; nothing is said of the field.
    theirs.procedures.push(entry(&[
        ("code", "1.1"),
        ("name_vi", "Đâ\u{301}t,  nhà"),
        ("time_value", "5"),
        ("time_unit", "working_day"),
    ]));
    theirs.procedures[0].fees = Some(vec![row(&[("fee", "charge"), ("amount_vnd", "8000")])]);
    theirs.procedures.push(entry(&[("code", "1.9"), ("name_vi", "Mới")]));
    let told: Vec<_> = compare(&ours, &theirs)
        .into_iter()
        .map(|one| format!("{} {} {} {}", one.code, one.attribute, one.ours, one.theirs))
        .collect();
    assert_eq!(
        told,
        [
            "1.1 time 3 working_day 5 working_day",
            "1.1 fees/charge  8000",
            "1.2 procedure Sao ",
            "1.9 procedure  Mới"
        ]
    );
}

/// Each paper is looked up, not looked for among all others: else a file of 4 MB would take hours.
#[test]
fn as_many_papers_as_a_file_can_name_are_compared_in_their_order() {
    let papers = |name: &str| -> Option<Vec<Row>> {
        let paper = |number: u32| {
            [("part", number.to_string()), ("name_vi", format!("{name} {}", number % 7))]
                .map(|(column, cell)| (column.to_owned(), cell))
                .into()
        };
        Some((0..50_000).map(paper).collect())
    };
    let catalogue = |name: &str| {
        let procedure = [("code".to_owned(), "1.1".to_owned())].into();
        let entry = Entry { procedure, documents: papers(name), ..Entry::default() };
        Catalogue { procedures: vec![entry], ..Catalogue::default() }
    };
    assert_eq!(compare(&catalogue("Đơn"), &catalogue("Tờ khai")).len(), 50_000);
    assert_eq!(compare(&catalogue("Đơn"), &catalogue("Đơn")), []);
}

#[test]
fn a_resolution_has_a_word_and_a_reason() {
    for one in Resolution::ALL {
        assert_eq!(Resolution::parse(one.as_str()), Some(one));
    }
    assert_eq!(Resolution::parse("maybe"), None);
    assert!(check_reason("ok").is_err() && check_reason("theo QĐ 12").is_ok());
}
