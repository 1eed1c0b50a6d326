//! Steps that go on together: begun at once, each at a unit of its own, and followed when the last of them is done.

use std::{collections::BTreeMap, sync::LazyLock};

use proptest::{prelude::*, sample::select};

use super::*;
use crate::province::{Documents, tests::small};

/// 1, then 2, 3 and 4 together, then 5, then 6 and 7 together, then 8. What may be done anywhere stays at D; the others go where they
/// belong.
static TOGETHER: LazyLock<Province> = LazyLock::new(|| {
    let mut documents: Documents = small();
    let steps = "procedure,step,together_with,kind,name_vi,name_en,scope,competence_key,authority,level,effort_minutes\n\
         1.1,1,,work,Tiếp nhận,Reception,province,fixed,D,3,5\n\
         1.1,2,,work,Thẩm tra,Examination,province,fixed,D,3,90\n\
         1.1,3,2,work,Xác minh,Verification,home,fixed,1,3,30\n\
         1.1,4,2,work,Nghĩa vụ tài chính,Financial duty,home,fixed,2,3,30\n\
         1.1,5,,work,Thẩm định,Appraisal,home,fixed,D,3,60\n\
         1.1,6,,work,Trích đo,Survey,province,fixed,D,3,60\n\
         1.1,7,6,work,Lấy ý kiến,Consultation,home,fixed,1,3,60\n\
         1.1,8,,sign,Ký,Signature,home,fixed,D,5,8\n\
         1.2,1,,work,Thẩm tra,Examination,home,register,,2,12\n";
    documents.0.insert("steps.csv".to_owned(), steps.as_bytes().to_vec());
    Province::parse(&documents).unwrap()
});

const STAGES: [&[u32]; 5] = [&[1], &[2, 3, 4], &[5], &[6, 7], &[8]];

fn stage(step: u32) -> &'static [u32] {
    STAGES.into_iter().find(|stage| stage.contains(&step)).unwrap()
}

/// A case as a store has it, with what routing has said and is to say.
struct House {
    standing: Standing,
    items: Vec<Held>,
    /// For what each item waits.
    waits: BTreeMap<WorkItem, Wait>,
    /// All that routing ever said, in its order; the first so many have arrived.
    said: Vec<(WorkItem, UnitId)>,
    arrived: usize,
    reopenings: u32,
    /// The steps that are to be done, once more or for the first time.
    owed: BTreeSet<u32>,
}

impl House {
    fn new() -> Self {
        let first = (WorkItem::first(application(), 1), unit("D"));
        let (items, waits) = (Vec::new(), BTreeMap::new());
        let (said, owed) = (vec![first], [1].into());
        Self { standing: Standing::PREPARED, items, waits, said, arrived: 0, reopenings: 0, owed }
    }

    fn course<T>(&self, use_it: impl FnOnce(&Course<'_>) -> T) -> T {
        let reached = reached(&self.items);
        use_it(&Course {
            province: &TOGETHER,
            today: &TOGETHER,
            procedure: TOGETHER.procedure("1.1").unwrap(),
            accepted_on: DAY,
            received_at: unit("1"),
            places: &BTreeMap::new(),
            conflicts: &BTreeSet::new(),
            due_at: None,
            reached: &reached,
        })
    }

    /// What is open at a step.
    fn open(&mut self, step: u32) -> Option<&mut Held> {
        let open = |held: &&mut Held| {
            held.work_item.step == step && matches!(held.stage, Stage::Open | Stage::Paused)
        };
        self.items.iter_mut().rfind(open)
    }

    fn go_on(&mut self, next: &[Ready]) {
        for Ready { work_item, unit: there } in next {
            self.owed.insert(work_item.step);
            match there {
                Some(unit) => self.items.push(Held::queued(*work_item, *unit, "Đất đai", 3)),
                None => self.said.push((*work_item, unit("2"))),
            }
        }
    }

    fn arrive(&mut self, index: usize) {
        let Some((item, unit)) = self.said.get(index).copied() else { return };
        let of_step: Vec<_> =
            self.items.iter().filter(|held| held.work_item.step == item.step).cloned().collect();
        let arrival = self.standing.arrive(&of_step, item, unit, Some(0), self.reopenings > 0).unwrap();
        if let Arrival::Moved { from } = arrival {
            let old = self.items.iter_mut().find(|held| held.work_item == from).unwrap();
            (old.stage, old.fence) = (Stage::Superseded, old.fence + 1);
        }
        if arrival != Arrival::Known {
            self.standing = self.standing.queued(item.step).unwrap();
            self.items.push(Held::queued(item, unit, "Đất đai", 3));
        }
    }

    fn obey(&mut self, deed: &Deed) -> Result<(), Rejection> {
        let now = at("2026-11-23T03:00:00Z");
        let standing = self.standing.clone();
        match *deed {
            Deed::Arrive => {
                self.arrive(self.arrived);
                self.arrived = (self.arrived + 1).min(self.said.len());
            }
            // What was handed over, and its answer lost.
            Deed::ArriveAgain(back) => self.arrive(self.arrived.saturating_sub(1 + back)),
            Deed::Move(step) => {
                let last = self.said.iter().rfind(|(item, _)| item.step == step).copied();
                if let Some((item, _)) = last {
                    self.said.push((item.next_attempt(), unit("1")));
                }
            }
            Deed::Claim(step) => {
                let Some(held) = self.open(step) else { return Ok(()) };
                let able = officer("9", if held.unit == unit("D") { "D" } else { "1" }, 5);
                let able =
                    Officer { unit: held.unit, competencies: [("Đất đai".to_owned(), 5)].into(), ..able };
                let claim = held.claim(&able, held.fence)?;
                take(held, &able, claim);
                if claim != Claim::AlreadyHeld {
                    self.standing = standing.started(step).unwrap();
                }
            }
            Deed::Return(step) => {
                let Some(held) = self.open(step) else { return Ok(()) };
                if let Return::Free { fence } = held.give_back(None, held.fence)? {
                    (held.fence, held.holder) = (fence, None);
                    self.standing = standing.returned(step).unwrap();
                }
            }
            Deed::End(step, outcome) => {
                let Some(held) = self.open(step).cloned() else { return Ok(()) };
                let refusal_reason = if outcome == Outcome::Refused { "thiếu giấy tờ" } else { "" };
                let verdict = Verdict { outcome, refusal_reason, next_step: 0 };
                let Some(holder) = held.holder else { return Ok(()) };
                let completion =
                    self.course(|course| held.complete(holder, held.fence, verdict, &standing, course, now))?;
                self.standing = standing.ended(step, &completion).unwrap();
                self.open(step).unwrap().stage = Stage::Done(outcome);
                if outcome == Outcome::Approved {
                    self.owed.remove(&step);
                }
                match completion {
                    Completion::Onward { next } => self.go_on(&next),
                    Completion::Finished { .. } => self.stop_the_rest(),
                    Completion::AlreadyDone | Completion::Awaits { .. } => {}
                }
            }
            Deed::Pause(step, wait) => {
                let Some(held) = self.open(step) else { return Ok(()) };
                let Some(holder) = held.holder else { return Ok(()) };
                held.check_in_hand(holder, held.fence)?;
                let after = standing.paused(step, wait)?;
                (held.stage, held.fence, held.holder) = (Stage::Paused, held.fence + 1, None);
                let item = held.work_item;
                self.waits.insert(item, wait);
                self.standing = after;
            }
            Deed::Resume(step) => {
                let Some(held) = self.open(step) else { return Ok(()) };
                if held.stage == Stage::Paused {
                    (held.stage, held.fence) = (Stage::Open, held.fence + 1);
                    let item = held.work_item;
                    self.standing = standing.resumed(step, self.waits[&item]).unwrap();
                }
            }
            Deed::Back(step, to) => {
                let Some(held) = self.open(step).cloned() else { return Ok(()) };
                let Some(holder) = held.holder else { return Ok(()) };
                let back =
                    self.course(|course| held.send_back(holder, held.fence, to, "sai", &standing, course))?;
                let SentBack::Now { next } = back else { panic!("it is open") };
                self.standing = standing.sent_back(step, &next).unwrap();
                self.open(step).unwrap().stage = Stage::SentBack;
                self.go_on(&next);
            }
            Deed::Reopen(to_step) => {
                let decision = format!("QĐ {}", self.reopenings);
                let reversal = Reversal { decision: &decision, reason: "sai", to_step };
                let reopened = self.course(|course| reversal.judge(application(), &standing, &[], course))?;
                let Reopened::Now { next, .. } = reopened else { panic!("nothing opened it before") };
                self.standing = standing.reopened(&next).unwrap();
                self.reopenings += 1;
                self.go_on(&next);
            }
            Deed::Withdraw => {
                self.standing = standing.stopped(StopGround::Withdrawn)?;
                self.stop_the_rest();
            }
        }
        Ok(())
    }

    fn stop_the_rest(&mut self) {
        let left = self.items.iter_mut().filter(|held| matches!(held.stage, Stage::Open | Stage::Paused));
        left.for_each(|held| held.stage = Stage::Stopped);
    }

    /// What its items say of it.
    fn check(&self) {
        let open: Vec<_> =
            self.items.iter().filter(|held| matches!(held.stage, Stage::Open | Stage::Paused)).collect();
        let Standing { state, step, branches } = &self.standing;
        if state.is_final() {
            assert_eq!(open, Vec::<&Held>::new(), "{:?}", self.standing);
            return;
        }
        let steps: Vec<u32> = match branches.as_slice() {
            [] => vec![*step],
            branches => branches.iter().map(|branch| branch.step).collect(),
        };
        assert!(steps.iter().all(|step| stage(*step) == stage(steps[0])), "{steps:?} are of one stage");
        assert!(open.iter().all(|held| steps.contains(&held.work_item.step)), "{steps:?}: {open:?}");
        let mut states = Vec::new();
        for step in &steps {
            let here: Vec<_> = open.iter().filter(|held| held.work_item.step == *step).collect();
            let expected = match here[..] {
                [] => State::AwaitingUnit,
                [held] if held.stage == Stage::Paused => self.waits[&held.work_item].state(),
                [held] if held.holder.is_some() => State::InProgress,
                [_] => State::Queued,
                _ => panic!("two are open at step {step}: {here:?}"),
            };
            assert_eq!(self.standing.of(*step), Some(expected));
            states.push(expected);
        }
        assert!(states.contains(state), "the case stands as one of its steps");
        let asked = states.iter().filter(|state| state.waits_for_citizen()).count();
        assert!(
            asked <= 1 && state.waits_for_citizen() == (asked == 1),
            "the citizen is asked for one thing"
        );
        let worked = states.contains(&State::InProgress);
        assert!(!worked || asked == 1 || *state == State::InProgress, "somebody is at work while anybody is");
        // What was there before is done.
        let last = reached(&self.items);
        let done =
            |step: &u32| last.get(step).is_some_and(|last| last.is_approved) && !self.owed.contains(step);
        assert!((1..stage(steps[0])[0]).all(|step| done(&step)), "{:?}: {last:?}", self.standing);
        let beside = stage(steps[0]).iter().filter(|step| !steps.contains(step));
        assert!(beside.copied().all(|step| done(&step)), "{:?}: {last:?}", self.standing);
    }
}

#[derive(Clone, Debug)]
enum Deed {
    Arrive,
    ArriveAgain(usize),
    Move(u32),
    Claim(u32),
    Return(u32),
    End(u32, Outcome),
    Pause(u32, Wait),
    Resume(u32),
    Back(u32, u32),
    Reopen(Option<u32>),
    Withdraw,
}

fn deeds() -> impl Strategy<Value = Deed> {
    let step = || 1..9_u32;
    let wait = || select(vec![Wait::Supplement, Wait::Payment, Wait::Referral]);
    prop_oneof![
        30 => Just(Deed::Arrive),
        3 => (0..4_usize).prop_map(Deed::ArriveAgain),
        3 => step().prop_map(Deed::Move),
        60 => step().prop_map(Deed::Claim),
        5 => step().prop_map(Deed::Return),
        60 => step().prop_map(|step| Deed::End(step, Outcome::Approved)),
        3 => step().prop_map(|step| Deed::End(step, Outcome::Refused)),
        10 => (step(), wait()).prop_map(|(step, wait)| Deed::Pause(step, wait)),
        20 => step().prop_map(Deed::Resume),
        5 => (step(), 1..8_u32).prop_map(|(step, to)| Deed::Back(step, to)),
        5 => prop::option::of(step()).prop_map(Deed::Reopen),
        1 => Just(Deed::Withdraw),
    ]
}

/// The house after all that is to be done at once is done, with a grant each time.
fn played(house: &mut House, until: u32) {
    for _ in 0..200 {
        if house.standing.step >= until {
            return;
        }
        house.obey(&Deed::Arrive).unwrap();
        for step in 1..until {
            let _ = house.obey(&Deed::Claim(step));
            let _ = house.obey(&Deed::End(step, Outcome::Approved));
        }
    }
    panic!("it came no further than {:?}", house.standing);
}

#[test]
fn what_goes_on_together_begins_at_once_and_what_follows_waits_for_the_last() {
    let mut house = House::new();
    played(&mut house, 2);
    let states = |house: &House| [2, 3, 4].map(|step| house.standing.of(step));
    let (waits, lies, works) = (Some(State::AwaitingUnit), Some(State::Queued), Some(State::InProgress));
    assert_eq!(states(&house), [lies, waits, waits], "what may stay stays, and routing looks for the others");
    house.obey(&Deed::Arrive).unwrap();
    house.obey(&Deed::Arrive).unwrap();
    house.obey(&Deed::Claim(3)).unwrap();
    assert_eq!((states(&house), house.standing.state), ([lies, works, lies], State::InProgress));
    house.obey(&Deed::End(3, Outcome::Approved)).unwrap();
    assert_eq!((states(&house), house.standing.state), ([lies, None, lies], State::Queued));
    for step in [4, 2] {
        house.obey(&Deed::Claim(step)).unwrap();
        assert_eq!(house.standing.of(5), None, "5 waits for {step}");
        house.obey(&Deed::End(step, Outcome::Approved)).unwrap();
    }
    assert_eq!(house.standing, Standing::at(State::Queued, 5));
}

#[test]
fn the_citizen_is_asked_for_one_thing_and_nothing_is_refused_meanwhile() {
    let mut house = House::new();
    played(&mut house, 2);
    (0..2).for_each(|_| house.obey(&Deed::Arrive).unwrap());
    (2..5).for_each(|step| house.obey(&Deed::Claim(step)).unwrap());
    house.obey(&Deed::Pause(3, Wait::Supplement)).unwrap();
    assert_eq!(house.standing.state, State::AwaitingSupplement);
    for refused in [Deed::Pause(2, Wait::Payment), Deed::End(2, Outcome::Refused)] {
        let refusal = house.obey(&refused).unwrap_err();
        assert_eq!(refusal.reason, "CITIZEN_ASKED");
        let told = ["state", "allowed", "step"].map(|key| {
            refusal.metadata.iter().find(|(told, _)| told == key).map(|(_, value)| value.as_str()).unwrap()
        });
        assert_eq!(told, ["awaiting_supplement", "SupplementApplication,WithdrawApplication", "3"]);
    }
    // Others may be asked, and what needs no citizen goes on.
    house.obey(&Deed::Pause(4, Wait::Referral)).unwrap();
    house.obey(&Deed::End(2, Outcome::Approved)).unwrap();
    assert_eq!(house.standing.state, State::AwaitingSupplement);
    house.obey(&Deed::Resume(3)).unwrap();
    assert_eq!(house.standing.state, State::Queued);
    house.obey(&Deed::Claim(3)).unwrap();
    house.obey(&Deed::End(3, Outcome::Refused)).unwrap();
    assert_eq!(
        house.standing.state,
        State::Refused,
        "a question to an office keeps nothing from being refused"
    );
}

#[test]
fn what_is_sent_back_waits_for_what_goes_on_together_with_it() {
    let mut house = House::new();
    played(&mut house, 2);
    (0..2).for_each(|_| house.obey(&Deed::Arrive).unwrap());
    (2..5).for_each(|step| house.obey(&Deed::Claim(step)).unwrap());
    house.obey(&Deed::End(3, Outcome::Approved)).unwrap();
    let refusal = house.obey(&Deed::Back(4, 1)).unwrap_err();
    assert_eq!(refusal.reason, "STEPS_TOGETHER");
    assert!(refusal.metadata.contains(&("steps".to_owned(), "2".to_owned())), "{refusal:?}");
    house.obey(&Deed::End(2, Outcome::Approved)).unwrap();
    house.obey(&Deed::Back(4, 1)).unwrap();
    assert_eq!(house.standing, Standing::at(State::Queued, 1));
    // And all of them come again, in a round of their own.
    played(&mut house, 5);
    let rounds: Vec<_> = house
        .items
        .iter()
        .filter(|held| (2..5).contains(&held.work_item.step))
        .map(|held| held.work_item.round())
        .collect();
    assert_eq!(
        (
            rounds.iter().filter(|round| **round == 0).count(),
            rounds.iter().filter(|round| **round == 1).count()
        ),
        (3, 3)
    );
}

#[test]
fn what_was_refused_before_its_others_had_a_unit_is_opened_again_with_them() {
    let mut house = House::new();
    played(&mut house, 2);
    house.obey(&Deed::Claim(2)).unwrap();
    house.obey(&Deed::End(2, Outcome::Refused)).unwrap();
    house.obey(&Deed::Arrive).unwrap();
    assert_eq!(house.standing.state, State::Refused, "routing may have found a unit meanwhile");
    house.obey(&Deed::Reopen(None)).unwrap();
    let rounds: Vec<_> = house.standing.branches.iter().map(|branch| (branch.step, branch.round)).collect();
    assert_eq!(rounds, [(2, 1), (3, 1), (4, 1)]);
    // What it found for 4 before that is outrun.
    house.obey(&Deed::Arrive).unwrap();
    assert_eq!(house.standing.of(4), Some(State::AwaitingUnit));
    played(&mut house, 8);
}

/// 2 was done, but is to be done once more after what was sent back: to open the case again at 3 does not pass it by.
#[test]
fn what_was_to_be_done_once_more_is_so_after_a_reopening() {
    let mut house = House::new();
    played(&mut house, 2);
    (0..2).for_each(|_| house.obey(&Deed::Arrive).unwrap());
    (2..5).for_each(|step| house.obey(&Deed::Claim(step)).unwrap());
    for step in [2, 3] {
        house.obey(&Deed::End(step, Outcome::Approved)).unwrap();
    }
    house.obey(&Deed::Back(4, 1)).unwrap();
    house.obey(&Deed::Claim(1)).unwrap();
    house.obey(&Deed::End(1, Outcome::Approved)).unwrap();
    // 2 lies at D once more and nobody has begun it; 4 gets its unit, and is refused.
    (0..2).for_each(|_| house.obey(&Deed::Arrive).unwrap());
    house.obey(&Deed::Claim(4)).unwrap();
    house.obey(&Deed::End(4, Outcome::Refused)).unwrap();
    house.obey(&Deed::Reopen(None)).unwrap();
    let steps: Vec<_> = house.standing.branches.iter().map(|branch| branch.step).collect();
    assert_eq!(steps, [2, 3, 4]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]

    /// Whatever happens to it, and whenever and how often routing's news come: a case stands as its work items say, no step has two
    /// that are open, and nothing is begun before all that comes before it is done.
    #[test]
    fn a_case_stands_as_its_work_items_say(deeds in prop::collection::vec(deeds(), 0..120)) {
        let mut house = House::new();
        for deed in &deeds {
            let before = house.standing.clone();
            if house.obey(deed).is_err() {
                prop_assert_eq!(&house.standing, &before, "what is refused changes nothing");
            }
            house.check();
        }
        // And it can be brought to its end.
        if !house.standing.state.is_final() {
            let steps: Vec<u32> = (1..9).collect();
            for step in &steps {
                house.obey(&Deed::Resume(*step)).unwrap();
            }
            for _ in 0..200 {
                house.obey(&Deed::Arrive).unwrap();
                for step in &steps {
                    let _ = house.obey(&Deed::Claim(*step));
                    let _ = house.obey(&Deed::End(*step, Outcome::Approved));
                }
            }
            prop_assert_eq!(house.standing, Standing::at(State::Granted, 8));
        }
    }
}
