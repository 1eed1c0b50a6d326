use jiff::civil::date;
use proptest::prelude::*;

use crate::{
    catalogue::{
        Catalogue, Entry, Row,
        difference::{difference, from_now_on},
    },
    procedure::TimeLimit,
    province::{Documents, Province, tests::small},
};

fn row(cells: &[(&str, &str)]) -> Row {
    cells.iter().map(|(column, cell)| ((*column).to_owned(), (*cell).to_owned())).collect()
}

fn charge(amount: &str, from: &str, to: &str) -> Row {
    row(&[
        ("fee", "charge"),
        ("kind", "charge"),
        ("name_vi", "Lệ phí"),
        ("name_en", "Charge"),
        ("amount_vnd", amount),
        ("per", "application"),
        ("basis", "test"),
        ("effective_from", from),
        ("effective_to", to),
    ])
}

/// The small province with what is stated here.
fn with(documents: &Documents, entry: Entry) -> Documents {
    let stated = Catalogue { procedures: vec![entry], ..Catalogue::default() };
    stated.put_into(documents, None).unwrap()
}

fn entry(cells: &[(&str, &str)]) -> Entry {
    Entry { procedure: row(cells), ..Entry::default() }
}

/// In November an operator is told that the fee changes on 15 December, and the time on 1 February.
#[test]
fn what_changes_on_a_day_to_come_is_said_today_and_holds_from_that_day() {
    let before = small();
    let fees = vec![charge("8000", "", "2026-12-15"), charge("12000", "2026-12-15", "")];
    let with_fees = with(&before, Entry { fees: Some(fees), ..entry(&[("code", "1.1")]) });
    let cells = [("code", "1.1"), ("effective_from", "2027-02-01"), ("time_value", "2")];
    let documents = with(&with_fees, entry(&cells));
    let province = Province::parse(&documents).unwrap_or_else(|errors| panic!("{errors:#?}"));

    let on = |day| {
        let procedure = province.procedure_on("1.1", day).unwrap();
        procedure.check_in_force(day).unwrap();
        (procedure.fees[0].amount_vnd, procedure.limit.unwrap(), procedure.name.vi.as_str())
    };
    assert_eq!(on(date(2026, 12, 14)), (8_000, TimeLimit::WorkingDays(3), "Đất, nhà"));
    assert_eq!(on(date(2026, 12, 15)), (12_000, TimeLimit::WorkingDays(3), "Đất, nhà"));
    assert_eq!(on(date(2027, 2, 1)), (12_000, TimeLimit::WorkingDays(2), "Đất, nhà"));
    assert_eq!(province.procedures.lines("1.1").len(), 3);
    assert_eq!((province.procedures.len(), province.procedures.period("1.1")), (2, (None, None)));

    // From one day to the next only that is told; no procedure seems to begin or end.
    let told = |before, after| -> Vec<String> {
        let changes = difference((&province, before), (&province, after));
        changes.into_iter().map(|change| format!("{} {}", change.code, change.attribute.en)).collect()
    };
    assert_eq!(told(date(2026, 12, 14), date(2026, 12, 15)), ["1.1 fee charge"]);
    assert_eq!(told(date(2027, 1, 31), date(2027, 2, 1)), ["1.1 time"]);

    // Whoever says it today is told what it will change, and when.
    let told: Vec<_> = from_now_on(&Province::parse(&before).unwrap(), &province, date(2026, 11, 30))
        .into_iter()
        .map(|(day, change)| (day, change.attribute.en, change.after.en))
        .collect();
    let [first, second, third] = &told[..] else { panic!("{told:?}") };
    assert_eq!((first.0, first.1.as_str()), (None, "fee charge"));
    assert_eq!((second.0, second.1.as_str()), (Some(date(2026, 12, 15)), "fee charge"));
    assert!(second.2.contains("12000") || second.2.contains("12,000"), "{second:?}");
    assert_eq!((third.0, third.2.as_str()), (Some(date(2027, 2, 1)), "2 working days"));

    // It goes out and comes back as it is, and said once more nothing changes.
    let catalogue = Catalogue::of(&documents).unwrap();
    assert_eq!(catalogue.procedures[0].later.len(), 1);
    assert_eq!(Catalogue::of(&catalogue.documents()).unwrap(), catalogue);
    assert_eq!(catalogue.put_into(&documents, None).unwrap(), documents);
    assert_eq!(with(&documents, entry(&cells)), documents);
}

#[test]
fn a_line_that_begins_between_others_holds_until_the_next() {
    let line =
        |from: &str, name: &str| entry(&[("code", "1.2"), ("effective_from", from), ("name_vi", name)]);
    let mut documents = small();
    for (from, name) in [("2027-03-01", "C"), ("2027-01-01", "A"), ("2027-02-01", "B")] {
        documents = with(&documents, line(from, name));
    }
    let province = Province::parse(&documents).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let name = |month| province.procedure_on("1.2", date(2027, month, 28)).unwrap().name.vi.as_str();
    assert_eq!([1, 2, 3].map(name), ["A", "B", "C"]);
}

#[test]
fn two_lines_of_a_day_are_refused_and_so_is_what_may_mean_either() {
    let dated =
        with(&small(), entry(&[("code", "1.1"), ("effective_from", "2027-01-01"), ("name_vi", "Mới")]));
    let put = |entry: Entry| {
        let stated = Catalogue { procedures: vec![entry], ..Catalogue::default() };
        stated.put_into(&dated, None).unwrap_err()
    };
    assert_eq!(put(entry(&[("code", "1.1"), ("name_vi", "Nào?")])).reason, "DUPLICATE");
    let twice = Entry { later: vec![row(&[("code", "1.1")])], ..entry(&[("code", "1.1")]) };
    assert_eq!(put(twice).violations[0].field, "procedures[0].procedure.effective_from");

    let open = entry(&[("code", "1.1"), ("effective_from", ""), ("effective_to", "2027-01-02")]);
    let errors = Province::parse(&with(&dated, open)).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].expected.contains("on the same day"), "{errors:?}");
    let fees = vec![charge("1", "", "2026-12-15"), charge("2", "2026-12-14", "")];
    let errors = Province::parse(&with(
        &dated,
        Entry {
            fees: Some(fees),
            procedure: row(&[("code", "1.1"), ("effective_from", "")]),
            ..Entry::default()
        },
    ));
    assert!(errors.unwrap_err()[0].file == "fees.csv");
}

proptest! {
    /// Whatever is said of which days, in whichever order: no two lines hold on a day, no day is lost, and each day has what was said last
    /// of the line that it lies in.
    #[test]
    fn lines_follow_each_other_without_gap_or_overlap(said in prop::collection::vec(0_i8..28, 1..12)) {
        let mut documents = small();
        let mut names = std::collections::BTreeMap::from([(0, "Đất, nhà".to_owned())]);
        for (turn, day) in said.iter().enumerate() {
            let from = if *day == 0 { String::new() } else { date(2027, 1, *day).to_string() };
            let name = format!("Đất {turn}");
            documents = with(&documents, entry(&[("code", "1.1"), ("effective_from", &from), ("name_vi", &name)]));
            names.insert(*day, name);
        }
        let province = Province::parse(&documents).unwrap();
        prop_assert_eq!(province.procedures.lines("1.1").len(), names.len());
        for day in 1..=28 {
            let on = date(2027, 1, day);
            let line = province.procedure_on("1.1", on).unwrap();
            prop_assert!(line.check_in_force(on).is_ok());
            prop_assert_eq!(Some(&line.name.vi), names.range(..=day).next_back().map(|(_, name)| name));
        }
    }
}
