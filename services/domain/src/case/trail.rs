//! Who had a dossier when: what has happened to its work items, read as hand-overs, each from whoever had it before.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::State;
use crate::{
    id::{OfficerId, UnitId},
    work_item::WorkItem,
};

/// What happens to a work item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happening {
    /// It reached the worklist of a unit.
    Reached,
    /// An officer has it from now on.
    TakenUp,
    /// It lies in the worklist again.
    Returned,
    /// It waits for the citizen's supplement.
    Paused,
    /// It goes on, for whoever takes it up next.
    Resumed,
    /// It is done.
    Done,
    /// A later attempt has taken its place.
    Superseded,
    /// Its case was stopped.
    Stopped,
    /// It waits for the citizen's payment.
    Charged,
    /// It waits for other offices.
    Referred,
    /// An earlier step is to be corrected first.
    SentBack,
    /// Its case, which had ended, is opened again: this is to be done, wherever it goes.
    Reopened,
}

/// Something that happened to a work item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The work item.
    pub work_item: WorkItem,
    /// Its fence from then on.
    pub fence: u64,
    /// What happened.
    pub happening: Happening,
    /// When.
    pub at: Timestamp,
    /// The unit whose worklist it was in.
    pub unit: UnitId,
    /// Who has it since, or had it then.
    pub officer: Option<OfficerId>,
    /// Who brought it about, `role/name`; none: nobody wrote it down.
    pub actor: Option<String>,
}

/// Who may have a dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// A unit, and nobody there in particular.
    Unit(UnitId),
    /// An officer of a unit.
    Officer(UnitId, OfficerId),
    /// The applicant.
    Applicant,
    /// Other offices, which are asked something.
    Offices,
}

/// What a dossier is handed over for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To do this step.
    Step(u32),
    /// To go on with this step for whoever had it.
    StandIn(u32),
    /// It was given back, for whoever does this step next.
    Returned(u32),
    /// To be supplemented.
    Supplement,
    /// It was supplemented; to go on with this step.
    Supplemented(u32),
    /// For what is to be paid.
    Payment,
    /// It was paid; to go on with this step.
    Paid(u32),
    /// To be asked about.
    Referral,
    /// They need not be waited for any more; to go on with this step.
    Answered(u32),
    /// To do this step again: it was sent back.
    Again(u32),
    /// To do this step again: the case was opened again.
    Reopened(u32),
    /// It has ended so.
    End(State),
}

impl Purpose {
    /// The step that is to be done.
    pub fn step(self) -> Option<u32> {
        match self {
            Self::Step(step)
            | Self::StandIn(step)
            | Self::Returned(step)
            | Self::Supplemented(step)
            | Self::Paid(step)
            | Self::Answered(step)
            | Self::Again(step)
            | Self::Reopened(step) => Some(step),
            Self::Supplement | Self::Payment | Self::Referral | Self::End(_) => None,
        }
    }
}

/// A dossier goes from one to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandOver {
    /// Who hands it over.
    pub from: Party,
    /// Who receives it.
    pub to: Party,
    /// When.
    pub at: Timestamp,
    /// What for.
    pub purpose: Purpose,
    /// When an officer there took it up.
    pub taken_up: Option<(Timestamp, OfficerId)>,
    /// When they were done.
    pub done_at: Option<Timestamp>,
}

/// Puts what has happened to the work items of a case in order, oldest first.
pub fn put_in_order(passages: &mut [Passage]) {
    // At one instant it is sent back before it reaches whoever corrects it, and opened again before it reaches a unit.
    let follows = |it: &Passage| it.happening != Happening::Reopened;
    passages
        .sort_by_key(|it| (it.at, it.work_item.round(), follows(it), it.work_item, it.fence, it.happening));
}

/// The hand-overs of a case, oldest first: from the unit that received it to the one where its result is collected, or, when it was
/// stopped, back. Of what goes on together each has its own, and what follows comes from whoever was done last. `stage` is the first
/// of the steps that go on together with one; `ended`, when and how it ended; `before`, how it had each time that it was opened again.
pub fn hand_overs(
    received_at: UnitId,
    return_at: UnitId,
    passages: &[Passage],
    stage: impl Fn(u32) -> u32,
    before: impl IntoIterator<Item = (Timestamp, State)>,
    ended: Option<(Timestamp, State)>,
) -> Vec<HandOver> {
    let mut passages = passages.to_vec();
    put_in_order(&mut passages);
    let (mut before, office) = (before.into_iter(), Party::Unit(received_at));
    let mut trail = Trail {
        lines: Vec::new(),
        has_it: office,
        office,
        branches: BTreeMap::new(),
        parted: None,
        stage,
        received_at,
        return_at,
        is_reopened: false,
    };
    for passage in &passages {
        if passage.happening == Happening::Reopened {
            trail.ends(before.next());
            trail.is_reopened = true;
        } else {
            trail.passes(passage);
        }
    }
    trail.ends(ended);
    trail.lines
}

struct Trail<S> {
    lines: Vec<HandOver>,
    /// Who has it; of what goes on together, who got it last, or was done with it last.
    has_it: Party,
    /// Who of an office had it last.
    office: Party,
    /// Who has it for a step, since that was reached.
    branches: BTreeMap<u32, Branch>,
    /// The stage that was reached last, in which round, and who had it before.
    parted: Option<(u32, u32, Party)>,
    stage: S,
    received_at: UnitId,
    return_at: UnitId,
    /// Whether it was opened again, and has reached nobody since.
    is_reopened: bool,
}

/// One of the steps that go on together, or one that goes on alone.
struct Branch {
    has_it: Party,
    /// Of those that are there, its last line.
    line: usize,
}

impl<S: Fn(u32) -> u32> Trail<S> {
    fn hand(&mut self, step: u32, to: Party, at: Timestamp, purpose: Purpose) {
        let from = self.branches.get(&step).map_or(self.has_it, |branch| branch.has_it);
        self.branches.insert(step, Branch { has_it: to, line: self.lines.len() });
        self.lines.push(HandOver { from, to, at, purpose, taken_up: None, done_at: None });
        self.holds(to);
    }

    fn holds(&mut self, party: Party) {
        self.has_it = party;
        if !matches!(party, Party::Applicant | Party::Offices) {
            self.office = party;
        }
    }

    fn ends(&mut self, ended: Option<(Timestamp, State)>) {
        let Some((at, state)) = ended else { return };
        // Whoever withdraws it has it not: what ends is with an office.
        let to = Party::Unit(if state.is_stopped() { self.received_at } else { self.return_at });
        let (from, purpose) = (self.office, Purpose::End(state));
        self.lines.push(HandOver { from, to, at, purpose, taken_up: None, done_at: None });
        self.holds(to);
        self.branches.clear();
        self.parted = None;
    }

    /// A step is reached: from whoever had it for that step, or else for the one before, which those that go on together share.
    fn reaches(&mut self, work_item: WorkItem, unit: UnitId, at: Timestamp, purpose: Purpose) {
        let (step, stage, round) = (work_item.step, (self.stage)(work_item.step), work_item.round());
        let before = match self.parted {
            Some((parted, in_round, before)) if (parted, in_round) == (stage, round) => before,
            _ => self.has_it,
        };
        if self.parted.is_some_and(|(parted, in_round, _)| (parted, in_round) != (stage, round)) {
            self.branches.clear();
        }
        let moves = self.branches.contains_key(&step)
            && self.parted.is_some_and(|(it, of, _)| (it, of) == (stage, round));
        self.parted = Some((stage, round, before));
        if !moves {
            self.branches.insert(step, Branch { has_it: before, line: self.lines.len() });
        }
        self.hand(step, Party::Unit(unit), at, purpose);
    }

    fn passes(&mut self, passage: &Passage) {
        let Passage { work_item, happening, at, unit, officer, .. } = *passage;
        let step = work_item.step;
        match happening {
            Happening::Reached if std::mem::take(&mut self.is_reopened) => {
                self.reaches(work_item, unit, at, Purpose::Reopened(step));
            }
            Happening::Reached if work_item.round() > 0 => {
                self.reaches(work_item, unit, at, Purpose::Again(step));
            }
            Happening::Reached => self.reaches(work_item, unit, at, Purpose::Step(step)),
            Happening::TakenUp => {
                let Some(officer) = officer else { return };
                let to = Party::Officer(unit, officer);
                let Some(branch) = self.branches.get(&step) else { return };
                if branch.has_it == to {
                    return;
                }
                if matches!(branch.has_it, Party::Officer(..)) {
                    self.hand(step, to, at, Purpose::StandIn(step));
                }
                if let Some(branch) = self.branches.get_mut(&step) {
                    branch.has_it = to;
                    if let Some(line) = self.lines.get_mut(branch.line) {
                        line.taken_up = Some((at, officer));
                    }
                }
                self.holds(to);
            }
            Happening::Returned => self.hand(step, Party::Unit(unit), at, Purpose::Returned(step)),
            Happening::Paused => self.hand(step, Party::Applicant, at, Purpose::Supplement),
            Happening::Charged => self.hand(step, Party::Applicant, at, Purpose::Payment),
            Happening::Referred => self.hand(step, Party::Offices, at, Purpose::Referral),
            Happening::Resumed => {
                let last = self.branches.get(&step).and_then(|branch| self.lines.get(branch.line));
                let purpose = match last.map(|line| line.purpose) {
                    Some(Purpose::Payment) => Purpose::Paid(step),
                    Some(Purpose::Referral) => Purpose::Answered(step),
                    _ => Purpose::Supplemented(step),
                };
                self.hand(step, Party::Unit(unit), at, purpose);
            }
            Happening::Done | Happening::SentBack => {
                // What it is sent back to may have been reached at the same instant.
                let line = self.lines.iter_mut().rfind(|line| line.purpose.step() == Some(step));
                if let Some(line) = line {
                    line.done_at = Some(at);
                }
                if let Some(branch) = self.branches.get(&step).filter(|_| happening == Happening::Done) {
                    self.holds(branch.has_it);
                }
            }
            // Where it went, the attempt that took its place tells; how it ended, the case.
            Happening::Superseded | Happening::Stopped | Happening::Reopened => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};
    use uuid::Uuid;

    use super::*;
    use crate::id::{ApplicationId, Id as _};

    fn unit(number: u128) -> UnitId {
        UnitId::from_uuid(Uuid::from_u128(number))
    }

    fn officer(number: u128) -> OfficerId {
        OfficerId::from_uuid(Uuid::from_u128(number))
    }

    /// No two steps go on together.
    fn alone(step: u32) -> u32 {
        step
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn passage(second: i64, step: u32, happening: Happening, there: u128, who: Option<u128>) -> Passage {
        let application = ApplicationId::from_uuid(Uuid::from_u128(1));
        Passage {
            work_item: WorkItem { application, step, attempt: 1 },
            fence: u64::try_from(second).unwrap(),
            happening,
            at: at(second),
            unit: unit(there),
            officer: who.map(officer),
            actor: None,
        }
    }

    /// Received at 1, examined at 2 by 7, who fell ill, and 8, supplemented, signed at 1, collected at 3.
    #[test]
    fn a_dossier_goes_from_hand_to_hand() {
        use Happening::{Done, Paused, Reached, Resumed, Returned, TakenUp};
        let way = [
            passage(1, 1, Reached, 2, None),
            passage(2, 1, TakenUp, 2, Some(7)),
            passage(3, 1, TakenUp, 2, Some(8)),
            passage(4, 1, Paused, 2, Some(8)),
            passage(5, 1, Resumed, 2, None),
            passage(6, 1, TakenUp, 2, Some(8)),
            passage(7, 1, Returned, 2, None),
            passage(8, 1, TakenUp, 2, Some(7)),
            passage(9, 1, Done, 2, Some(7)),
            passage(10, 2, Reached, 1, None),
            passage(11, 2, TakenUp, 1, Some(9)),
            passage(12, 2, Done, 1, Some(9)),
        ];
        let lines = hand_overs(unit(1), unit(3), &way, alone, [], Some((at(12), State::Granted)));
        let (one, two) = (Party::Unit(unit(1)), Party::Unit(unit(2)));
        let (seven, eight) = (Party::Officer(unit(2), officer(7)), Party::Officer(unit(2), officer(8)));
        let told: Vec<_> = lines.iter().map(|it| (it.from, it.to, it.purpose)).collect();
        assert_eq!(
            told,
            [
                (one, two, Purpose::Step(1)),
                (seven, eight, Purpose::StandIn(1)),
                (eight, Party::Applicant, Purpose::Supplement),
                (Party::Applicant, two, Purpose::Supplemented(1)),
                (eight, two, Purpose::Returned(1)),
                (seven, one, Purpose::Step(2)),
                (Party::Officer(unit(1), officer(9)), Party::Unit(unit(3)), Purpose::End(State::Granted)),
            ]
        );
        assert_eq!(lines[0].taken_up, Some((at(2), officer(7))));
        assert_eq!((lines[4].taken_up, lines[4].done_at), (Some((at(8), officer(7))), Some(at(9))));
    }

    #[test]
    fn what_is_sent_back_is_done_where_it_was_and_not_where_it_arrives_at_the_same_instant() {
        use Happening::{Done, Reached, SentBack, TakenUp};
        let mut again = passage(6, 1, Reached, 2, None);
        again.work_item.attempt = 1001;
        let way = [
            passage(1, 1, Reached, 2, None),
            passage(2, 1, TakenUp, 2, Some(7)),
            passage(3, 1, Done, 2, Some(7)),
            passage(4, 2, Reached, 1, None),
            passage(5, 2, TakenUp, 1, Some(9)),
            passage(6, 2, SentBack, 1, Some(9)),
            again,
        ];
        let lines = hand_overs(unit(1), unit(3), &way, alone, [], None);
        let told: Vec<_> = lines.iter().map(|it| (it.to, it.purpose, it.done_at)).collect();
        let (one, two) = (Party::Unit(unit(1)), Party::Unit(unit(2)));
        assert_eq!(
            told,
            [
                (two, Purpose::Step(1), Some(at(3))),
                (one, Purpose::Step(2), Some(at(6))),
                (two, Purpose::Again(1), None),
            ]
        );
    }

    /// Decided at 2, handed to 3 for its citizen, and opened again: what was collected or not is done again at 2.
    #[test]
    fn what_is_opened_again_goes_back_from_where_it_was_to_be_collected() {
        use Happening::{Done, Reached, Reopened, TakenUp};
        let mut way = vec![
            passage(1, 1, Reached, 2, None),
            passage(2, 1, TakenUp, 2, Some(7)),
            passage(3, 1, Done, 2, Some(7)),
            passage(6, 1, Reached, 2, None),
            passage(6, 1, Reopened, 2, None),
            passage(7, 1, TakenUp, 2, Some(8)),
            passage(8, 1, Done, 2, Some(8)),
        ];
        way[3..].iter_mut().for_each(|it| it.work_item.attempt = 1001);
        let ends = ([(at(3), State::Refused)], Some((at(8), State::Granted)));
        let lines = hand_overs(unit(1), unit(3), &way, alone, ends.0, ends.1);
        let told: Vec<_> = lines.iter().map(|it| (it.to, it.purpose, it.done_at)).collect();
        let (two, three) = (Party::Unit(unit(2)), Party::Unit(unit(3)));
        assert_eq!(
            told,
            [
                (two, Purpose::Step(1), Some(at(3))),
                (three, Purpose::End(State::Refused), None),
                (two, Purpose::Reopened(1), Some(at(8))),
                (three, Purpose::End(State::Granted), None),
            ]
        );
        assert_eq!(lines[2].from, three);
    }

    #[test]
    fn what_is_withdrawn_while_it_waits_goes_back_from_the_office() {
        let way = [
            passage(1, 1, Happening::Reached, 2, None),
            passage(2, 1, Happening::TakenUp, 2, Some(7)),
            passage(3, 1, Happening::Paused, 2, Some(7)),
            passage(4, 1, Happening::Stopped, 2, Some(7)),
        ];
        let lines = hand_overs(unit(1), unit(3), &way, alone, [], Some((at(4), State::Withdrawn)));
        let last = lines.last().unwrap();
        assert_eq!((last.from, last.to), (Party::Officer(unit(2), officer(7)), Party::Unit(unit(1))));
        // One that never got anywhere.
        let [only] = hand_overs(unit(1), unit(3), &[], alone, [], Some((at(4), State::Withdrawn)))[..] else {
            panic!()
        };
        assert_eq!((only.from, only.to), (Party::Unit(unit(1)), Party::Unit(unit(1))));
    }

    proptest! {
        /// Whatever has happened, in whatever order it was read: nobody hands over what they have not got, and time goes on.
        #[test]
        fn nobody_hands_over_what_they_have_not(
            happenings in vec((
                select(vec![
                    Happening::Reached, Happening::TakenUp, Happening::Returned, Happening::Paused,
                    Happening::Resumed, Happening::Done, Happening::Superseded, Happening::Stopped,
                    Happening::Charged, Happening::Referred, Happening::SentBack, Happening::Reopened,
                ]),
                1..4_u128,
                7..10_u128,
            ), 0..20),
        ) {
            let mut passages: Vec<_> = (2..).zip(&happenings)
                .map(|(second, (happening, there, who))| passage(second, 1, *happening, *there, Some(*who)))
                .collect();
            passages.reverse();
            passages.push(passage(1, 1, Happening::Reached, 2, None));
            let lines = hand_overs(unit(1), unit(3), &passages, alone, [], None);
            let place = |party: Party| match party {
                Party::Unit(unit) | Party::Officer(unit, _) => Some(unit),
                Party::Applicant | Party::Offices => None,
            };
            let mut has_it = Party::Unit(unit(1));
            for line in &lines {
                let taken = line.taken_up.map(|(_, officer)| officer);
                prop_assert!(line.from == has_it, "{:?} is not {has_it:?}", line.from);
                has_it = match (line.to, taken) {
                    (_, Some(officer)) => {
                        let taken_up = passages.iter().find(|it| Some((it.at, officer)) == line.taken_up);
                        Party::Officer(taken_up.unwrap().unit, officer)
                    }
                    (to, None) => to,
                };
                let away = matches!(line.purpose, Purpose::Supplement | Purpose::Payment | Purpose::Referral);
                prop_assert!(place(line.to).is_some() || away);
            }
            prop_assert!(lines.is_sorted_by_key(|line| line.at));
        }
    }
}
