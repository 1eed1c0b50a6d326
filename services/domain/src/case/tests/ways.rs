//! What may follow a step, and what may not.

use std::{collections::BTreeMap, sync::LazyLock};

use proptest::prelude::*;

use super::*;
use crate::province::{Documents, tests::small};

/// 1 leads to 2, or to 3 or 4; 2 to 4; 3 ends it, and so does 4.
static WAYS: LazyLock<Province> = LazyLock::new(|| {
    let mut documents: Documents = small();
    let steps = "procedure,step,kind,name_vi,name_en,scope,competence_key,authority,level,effort_minutes,next\n\
         1.1,1,work,Thẩm tra,Examination,province,fixed,D,3,90,2 3 4\n\
         1.1,2,work,Thẩm định,Appraisal,province,fixed,D,3,90,4\n\
         1.1,3,sign,Ký tắt,Short signature,home,fixed,D,5,8,end\n\
         1.1,4,sign,Ký,Signature,home,fixed,D,5,8,\n\
         1.2,1,work,Thẩm tra,Examination,home,register,,2,12,\n";
    documents.0.insert("steps.csv".to_owned(), steps.as_bytes().to_vec());
    Province::parse(&documents).unwrap()
});

fn at_step(number: u32) -> Held {
    let holder = Some(OfficerId::of("37", "D-01"));
    let item = WorkItem::first(application(), number);
    Held { fence: 1, holder, ..Held::queued(item, UnitId::of("37", "D"), "Đất đai", 3) }
}

fn with_ways<T>(reached: &Reached, use_it: impl FnOnce(&Course<'_>) -> T) -> T {
    let received_at = UnitId::of("37", "1");
    let course = Course {
        province: &WAYS,
        today: &WAYS,
        procedure: WAYS.procedure("1.1").unwrap(),
        accepted_on: DAY,
        received_at,
        places: &BTreeMap::new(),
        conflicts: &BTreeSet::new(),
        due_at: None,
        reached,
    };
    use_it(&course)
}

fn end(held: &Held, outcome: Outcome, next_step: u32) -> Result<Completion, Rejection> {
    let refusal_reason = if outcome == Outcome::Refused { "thiếu giấy tờ" } else { "" };
    let verdict = Verdict { outcome, refusal_reason, next_step };
    let (officer, now) = (OfficerId::of("37", "D-01"), at("2026-11-23T03:00:00Z"));
    let standing = Standing::at(State::InProgress, held.work_item.step);
    with_ways(&Reached::new(), |course| held.complete(officer, 1, verdict, &standing, course, now))
}

#[test]
fn an_officer_names_one_of_the_steps_that_may_follow_or_takes_the_usual_one() {
    let next = |from, wanted| match end(&at_step(from), Outcome::Approved, wanted).unwrap() {
        Completion::Onward { next } => next[0].work_item.step,
        other => panic!("{other:?}"),
    };
    assert_eq!([next(1, 0), next(1, 2), next(1, 3), next(1, 4), next(2, 0), next(2, 4)], [2, 2, 3, 4, 4, 4]);
    for last in [3, 4] {
        let granted = Completion::Finished { state: State::Granted, on_time: true };
        assert_eq!(end(&at_step(last), Outcome::Approved, 0), Ok(granted));
    }
    let refusal = end(&at_step(2), Outcome::Approved, 3).unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "NEXT_STEP_NOT_ALLOWED"));
    assert_eq!(refusal.metadata, [("allowed".to_owned(), "4".to_owned())]);
    let refusal = end(&at_step(1), Outcome::Approved, 9).unwrap_err();
    assert!(refusal.message.contains("2 or 3 or 4"), "{}", refusal.message);
    assert_eq!(end(&at_step(3), Outcome::Approved, 4).unwrap_err().reason, "NEXT_STEP_NOT_ALLOWED");
    let refusal = end(&at_step(1), Outcome::Refused, 2).unwrap_err();
    assert_eq!((refusal.kind, refusal.violations[0].field.as_str()), (Kind::Invalid, "next_step"));
}

#[test]
fn asked_again_with_another_next_step_it_was_ended_otherwise() {
    let done = |next_step| Held { stage: Stage::Done(Outcome::Approved), next_step, ..at_step(1) };
    for wanted in [0, 3] {
        assert_eq!(end(&done(Some(3)), Outcome::Approved, wanted), Ok(Completion::AlreadyDone));
    }
    assert_eq!(end(&done(Some(3)), Outcome::Approved, 4).unwrap_err().reason, "STEP_DONE");
    // It was not kept by the version before.
    assert_eq!(end(&done(None), Outcome::Approved, 4), Ok(Completion::AlreadyDone));
}

#[test]
fn nothing_is_to_be_corrected_in_a_step_that_was_passed_by() {
    let (here, standing) = (UnitId::of("37", "D"), Standing::at(State::InProgress, 4));
    let done = |step| {
        let work_item = WorkItem::first(application(), step);
        (step, Last { work_item, unit: here, is_approved: true })
    };
    let reached: Reached = [done(1), done(4)].into();
    let back = |to| {
        let officer = OfficerId::of("37", "D-01");
        with_ways(&reached, |course| at_step(4).send_back(officer, 1, to, "sai", &standing, course))
    };
    assert_eq!(back(2).unwrap_err().reason, "STEP_SKIPPED");
    let again = Ready { work_item: WorkItem::of_round(application(), 1, 1), unit: Some(here) };
    assert_eq!(back(1), Ok(SentBack::Now { next: vec![again] }));
}

proptest! {
    /// Whatever the officers choose, a case goes along one of the ways of its process, and is granted at its end.
    #[test]
    fn whatever_is_chosen_a_case_goes_along_a_way_to_its_end(choices in proptest::collection::vec(0..5_u32, 8)) {
        let ways = [vec![1, 2, 4], vec![1, 3], vec![1, 4]];
        let (mut standing, mut way) = (Standing::PREPARED, vec![1]);
        for wanted in choices {
            if standing.state == State::AwaitingUnit {
                standing = standing.queued(standing.step).unwrap();
            }
            let step = standing.step;
            let Ok(completion) = end(&at_step(step), Outcome::Approved, wanted) else { continue };
            standing = standing.started(step).unwrap().ended(step, &completion).unwrap();
            if standing.state.is_final() {
                prop_assert!(standing.state == State::Granted && ways.contains(&way), "{way:?}");
                return Ok(());
            }
            way.push(standing.step);
        }
        prop_assert!(ways.iter().any(|whole| whole.starts_with(&way)), "{way:?}");
    }
}
