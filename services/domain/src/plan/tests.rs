//! Plans by example – this one is made up – and what holds of any.

use proptest::{collection::vec, prelude::*};

use super::*;

/// Made up: no task of any province.
const PLAN: &str = "code,area_vi,area_en,task_vi,task_en,owner,due
A1,Lĩnh vực thử A,Made-up area A,Nhiệm vụ thử một,Made-up task one,Đơn vị thử,2026-11-30
A2,Lĩnh vực thử A,Made-up area A,\"Nhiệm vụ thử hai, có dấu phẩy\",Made-up task two,Đơn vị thử,2026-12-31
B1,Lĩnh vực thử B,Made-up area B,Nhiệm vụ thử ba,Made-up task three,Đơn vị khác,2027-03-31
";

fn plan(text: &str) -> Vec<Task> {
    parse("", text.as_bytes().to_vec()).unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn a_plan_is_read_as_it_stands() {
    let tasks = plan(PLAN);
    assert_eq!(tasks.iter().map(|task| task.code.as_str()).collect::<Vec<_>>(), ["A1", "A2", "B1"]);
    assert_eq!(tasks[1].what.vi, "Nhiệm vụ thử hai, có dấu phẩy");
    assert_eq!((tasks[2].area.en.as_str(), tasks[2].due), ("Made-up area B", day("2027-03-31")));
}

#[test]
fn a_file_is_named_as_its_caller_knows_it() {
    let wrong = PLAN.replace("2026-12-31", "31/12/2026");
    let refused = |name: &str| parse(name, wrong.as_bytes().to_vec()).unwrap_err();
    let refusal = refused("kế hoạch/08.csv");
    assert_eq!(refusal.violations[0].field, "kế hoạch/08.csv:3:94");
    assert!(
        refusal.message.contains("kế hoạch/08.csv") && !refusal.message.contains(FILE),
        "{}",
        refusal.message
    );
    assert_eq!(refused("a\nb").violations[0].field, "file_name");
}

#[test]
fn every_wrong_place_is_named() {
    let refused = |text: &str| {
        let refusal = parse("", text.as_bytes().to_vec()).unwrap_err();
        assert_eq!(refusal.reason, "MALFORMED_PLAN");
        refusal.violations.into_iter().map(|violation| violation.field).collect::<Vec<_>>()
    };
    for (from, to, places) in [
        ("2026-12-31", "31/12/2026", &["plan.csv:3:94"][..]),
        ("\nA2", "\nA1", &["plan.csv:3:1"]),
        ("B1,", "B 1,", &["plan.csv:4:1"]),
        // The first line has the English name that the second then has otherwise.
        ("A1,Lĩnh vực thử A,Made-up area A", "A1,Lĩnh vực thử A,Another area", &["plan.csv:3:19"]),
        (",Đơn vị khác,", ",,", &["plan.csv:4:69"]),
        (",owner,", ",who,", &["plan.csv:1:38", "plan.csv:1:0"]),
        (",2027-03-31", "", &["plan.csv:4:69"]),
        ("Made-up task three", &"x".repeat(501), &["plan.csv:4:50"]),
    ] {
        let text = PLAN.replacen(from, to, 1);
        assert_ne!(text, PLAN, "{from}");
        let mut found = refused(&text);
        found.sort();
        let mut expected: Vec<_> = places.iter().map(|place| (*place).to_owned()).collect();
        expected.sort();
        assert_eq!(found, expected, "{to}");
    }
    // No task at all, and too many.
    let (header, row) = (PLAN.lines().next().unwrap(), PLAN.lines().nth(1).unwrap());
    assert_eq!(refused(&format!("{header}\n")), ["plan.csv:1:0"]);
    let many: String =
        (0..=MOST_TASKS).map(|code| format!("\n{}", row.replacen("A1", &code.to_string(), 1))).collect();
    assert_eq!(refused(&format!("{header}{many}\n")), ["plan.csv:1:0"]);
}

#[test]
fn a_task_is_late_when_its_last_day_is_over() {
    let due = day("2026-11-30");
    for (state, late) in
        [(State::NotBegun, true), (State::UnderWay, true), (State::Done, false), (State::GivenUp, false)]
    {
        assert!(!state.is_overdue(due, due), "{state:?}");
        assert_eq!(state.is_overdue(due, day("2026-12-01")), late, "{state:?}");
    }
}

#[test]
fn what_does_not_simply_go_on_has_a_reason() {
    use State::{Done, NotBegun, UnderWay};
    let goes_on = [(NotBegun, UnderWay), (NotBegun, Done), (UnderWay, Done)];
    for from in State::ALL {
        for to in State::ALL.into_iter().filter(|to| *to != from) {
            let silently = set(from, "", to, " ");
            match goes_on.contains(&(from, to)) {
                true => assert_eq!(silently, Ok(true), "{from:?} {to:?}"),
                false => assert_eq!(silently.unwrap_err().violations[0].field, "note", "{from:?} {to:?}"),
            }
            assert_eq!(set(from, "", to, "vì sao"), Ok(true), "{from:?} {to:?}");
        }
        // Said again, it changes nothing; something else said of it does.
        assert_eq!(set(from, "đã nói", from, ""), Ok(false));
        assert_eq!(set(from, "đã nói", from, "đã nói"), Ok(false));
        assert_eq!(set(from, "đã nói", from, "nói thêm"), Ok(true));
    }
    for rubbish in ["a\nb", &"x".repeat(1001)] {
        assert_eq!(set(NotBegun, "", Done, rubbish).unwrap_err().violations[0].field, "note");
    }
}

#[test]
fn a_file_adds_and_amends_and_takes_nothing_away() {
    let before = plan(PLAN);
    let known: BTreeMap<_, _> = before.iter().map(|task| (task.code.as_str(), task)).collect();
    let again = compare(&known, &before);
    assert_eq!(
        (again.unchanged.len(), again.added.len() + again.amended.len() + again.left_out.len()),
        (3, 0)
    );
    let later = PLAN.replace("2026-12-31", "2027-01-31").replace("\nB1,", "\nB2,");
    let comparison = compare(&known, &plan(&later));
    let expected = Comparison {
        added: vec!["B2".to_owned()],
        amended: vec!["A2".to_owned()],
        unchanged: vec!["A1".to_owned()],
        left_out: vec!["B1".to_owned()],
    };
    assert_eq!(comparison, expected);
}

prop_compose! {
    fn tasks()(
        state in prop::sample::select(State::ALL.to_vec()),
        due in 1..28_i8,
        area in 0..4_u8,
    ) -> (State, Date, u8) {
        (state, jiff::civil::date(2026, 11, due), area)
    }
}

proptest! {
    /// The whole is the sum of its states, and of its areas; what is late is open.
    #[test]
    fn counts_add_up(tasks in vec(tasks(), 0..60), by in 1..28_i8) {
        let by = jiff::civil::date(2026, 11, by);
        let mut whole = Counts::default();
        let mut areas: BTreeMap<u8, Counts> = BTreeMap::new();
        for (state, due, area) in &tasks {
            whole.add(*state, *due, by);
            areas.entry(*area).or_default().add(*state, *due, by);
        }
        prop_assert_eq!(whole.total(), tasks.len() as u64);
        for state in State::ALL {
            prop_assert_eq!(whole.of(state), areas.values().map(|area| area.of(state)).sum::<u64>());
        }
        prop_assert_eq!(whole.overdue, areas.values().map(|area| area.overdue).sum::<u64>());
        prop_assert!(whole.overdue <= whole.of(State::NotBegun) + whole.of(State::UnderWay));
        // What is late on a day is late the day after.
        let mut next = Counts::default();
        tasks.iter().for_each(|(state, due, _)| next.add(*state, *due, by.tomorrow().unwrap()));
        prop_assert!(next.overdue >= whole.overdue);
    }
}
