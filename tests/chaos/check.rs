//! The judge: looks for whatever the contract rules out in the history of one run. It knows `proto/` and
//! nothing of our code, and reads what clients can read, no table and no log.
//!
//! One file per promise: `answers` (what was asked for rightly is not refused), `lost`, `doubled`, `order`,
//! `holders` (no two of one fence), `load` (what the board counts is the open work, and the store's), `unrest` (everything
//! comes to rest). Each file's tests spoil the good history of `sample` and must be heard.

mod answers;
mod doubled;
mod holders;
mod load;
mod lost;
mod order;
#[cfg(test)]
mod sample;
mod unrest;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use phidia_proto::{
    events::v1::HoldingPlace,
    intake::v1::{Application, Receipt},
    processing::v1::{CaseState, CaseWorkItem, GetCaseResponse},
};

use crate::history::{History, Item, What};

/// A promise of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// What was accepted or answered is not there.
    Lost,
    /// Something is there twice, or came out of nothing.
    Doubled,
    /// What happened to an application is told in another order.
    Disordered,
    /// Two officers were given the same work, or a fence did not hold.
    TwoHolders,
    /// The load that routing counts is not the open work.
    Miscounted,
    /// What was rightly asked for was refused for good.
    Refused,
    /// Something is still on its way although nothing moves any more.
    Unrest,
}

/// A promise that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) kind: Kind,
    pub(crate) what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.what)
    }
}

/// Judges a run: empty is what it should be.
pub(crate) fn check(history: &History) -> Vec<Violation> {
    let book = Book::of(history);
    let mut found = Found(Vec::new());
    for judge in [
        answers::judge,
        lost::judge,
        doubled::judge,
        order::judge,
        holders::judge,
        load::judge,
        unrest::judge,
    ] {
        judge(&book, &mut found);
    }
    found.0
}

/// What was found so far.
struct Found(Vec<Violation>);

impl Found {
    fn add(&mut self, kind: Kind, what: String) {
        self.0.push(Violation { kind, what });
    }

    fn unless(&mut self, holds: bool, kind: Kind, what: impl FnOnce() -> String) {
        if !holds {
            self.add(kind, what());
        }
    }
}

/// A history with what several judges look up.
struct Book<'h> {
    history: &'h History,
    /// What intake lists, by id.
    listed: BTreeMap<&'h str, &'h Application>,
    /// The receipts that each key was answered with; a key that was never answered has none.
    receipts: BTreeMap<&'h str, Vec<&'h Receipt>>,
    /// Applications with a parked event: they are in that place, and what follows waits behind it.
    parked: BTreeSet<&'h str>,
}

impl<'h> Book<'h> {
    fn of(history: &'h History) -> Self {
        let rest = &history.rest;
        let listed = rest.applications.iter().map(|found| (found.application_id.as_str(), found)).collect();
        let mut receipts = BTreeMap::<_, Vec<_>>::new();
        for call in &history.calls {
            if let What::Submit { key, answer } = &call.what {
                receipts.entry(key.as_str()).or_default().extend(answer.given());
            }
        }
        let parked = rest.holdings.iter().filter(|(_, holding)| holding.place() == HoldingPlace::Parked);
        let parked = parked.map(|(_, holding)| holding.application_id.as_str()).collect();
        Self { history, listed, receipts, parked }
    }

    /// What intake lists, without what waits behind a parked event.
    fn flowing(&self) -> impl Iterator<Item = (&'h str, &'h Application)> {
        let flowing = self.listed.iter().filter(|(id, _)| !self.parked.contains(*id));
        flowing.map(|(id, application)| (*id, *application))
    }

    /// The steps of an application's procedure, stage by stage: those of one go on together.
    fn stages(&self, application: &str) -> Vec<BTreeSet<u32>> {
        let procedure = self.listed.get(application).map(|found| &found.procedure_code);
        let stages = procedure.and_then(|code| self.history.rest.stages.get(code));
        let mut together = BTreeMap::<u32, BTreeSet<u32>>::new();
        for (step, stage) in (1..).zip(stages.into_iter().flatten()) {
            together.entry(*stage).or_default().insert(step);
        }
        together.into_values().collect()
    }

    /// The work items of an application's case.
    fn items(&self, application: &str) -> &'h [CaseWorkItem] {
        self.history.rest.cases.get(application).map_or(&[], |case| &case.work_items)
    }

    /// The attempt at a step that counts: the one that was begun, else the last.
    fn present(&self, application: &str, step: u32) -> Option<&'h CaseWorkItem> {
        let of_step = self.items(application).iter().filter(|item| number(item).step == step);
        of_step.max_by_key(|item| (item.started_at.is_some(), number(item).attempt))
    }

    /// The work item of a case with this number.
    fn item(&self, wanted: &Item) -> Option<&'h CaseWorkItem> {
        self.items(&wanted.application).iter().find(|item| number(item) == *wanted)
    }

    /// All present attempts that are to be done, of all cases: of a step that waits for its citizen, or whose case has ended, none is.
    fn open(&self) -> impl Iterator<Item = &'h CaseWorkItem> {
        let goes_on = |found: &GetCaseResponse, step: u32| {
            found.case.as_ref().is_none_or(|case| {
                let own = case.branches.iter().find(|branch| branch.step == step);
                let ended = case.completed_at.is_some();
                let state = own.filter(|_| !ended).map_or(case.state(), |branch| branch.state());
                !matches!(
                    state,
                    CaseState::AwaitingSupplement
                        | CaseState::AwaitingPayment
                        | CaseState::Referred
                        | CaseState::Refused
                        | CaseState::Withdrawn
                        | CaseState::Lapsed
                )
            })
        };
        self.history.rest.cases.iter().flat_map(move |(application, found)| {
            let steps: BTreeSet<u32> = self.items(application).iter().map(|item| number(item).step).collect();
            let open = steps.into_iter().filter(|step| goes_on(found, *step));
            let present = open.filter_map(|step| self.present(application, step));
            present.filter(|item| item.completed_at.is_none()).collect::<Vec<_>>()
        })
    }
}

/// The number of a case's work item.
fn number(item: &CaseWorkItem) -> Item {
    Item::of(item.work_item.as_ref())
}

/// An instant in an order.
fn instant(at: Option<&prost_types::Timestamp>) -> Option<(i64, i32)> {
    at.map(|at| (at.seconds, at.nanos))
}

/// The keys that come more than once.
fn repeated<K: Ord>(keys: impl IntoIterator<Item = K>) -> BTreeSet<K> {
    let (mut once, mut more) = (BTreeSet::new(), BTreeSet::new());
    for key in keys {
        if once.contains(&key) {
            more.insert(key);
        } else {
            once.insert(key);
        }
    }
    more
}

#[cfg(test)]
mod tests {
    use super::{sample::good, *};

    #[test]
    fn the_good_history_is_good() {
        assert_eq!(check(&good()), []);
    }

    #[test]
    fn an_empty_history_is_good() {
        let mut history = History::default();
        history.rest.settled = true;
        history.rest.conservation.board = "even".into();
        assert_eq!(check(&history), []);
    }
}
