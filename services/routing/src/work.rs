//! What routing keeps of an application, of its work items and of its decisions.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use phidia_domain::{
    id::{AssignmentId, EventId, UnitId},
    procedure::CompetenceKey,
    route::{self, Explanation, Ground, Load},
    work_item::WorkItem,
};
use sea_orm::{DeriveActiveEnum, EnumIter, prelude::StringLen};

/// How a work item stands with routing.
///
/// ```text
///            decided              the step is done
///   Waiting ---------> Assigned -------------------> Done  (or waits for the citizen; back when it goes on)
///     |  ^               |  ^
///     v  |               v  | an officer was quicker than the release
///   Unassignable        Released (a later attempt took its place, or its case was stopped)
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub(crate) enum State {
    /// On the agenda: it will be decided.
    Waiting,
    /// No unit can take it at present; put on the agenda again when something may have changed.
    Unassignable,
    /// Has its unit.
    Assigned,
    /// Done; or, by its reason, it waits for its citizen or for other offices ([`PAUSED`]): either way nobody has to do anything.
    Done,
    /// Taken back: a later attempt took its place, or its case was stopped.
    Released,
}

/// Why an attempt was taken back that was made in vain: an officer had taken up an earlier one.
pub(crate) const BEGUN_EARLIER: &str = "BEGUN_EARLIER";

/// Why a work item is done that is not: it waits for its citizen's supplement.
pub(crate) const AWAITING_SUPPLEMENT: &str = "AWAITING_SUPPLEMENT";

/// For their payment.
pub(crate) const AWAITING_PAYMENT: &str = "AWAITING_PAYMENT";

/// For other offices.
pub(crate) const REFERRED: &str = "REFERRED";

/// All of these, and what is said to whoever wants to move it.
pub(crate) const PAUSED: [(&str, &str); 3] = [
    (AWAITING_SUPPLEMENT, "it waits for what the citizen is to supplement"),
    (AWAITING_PAYMENT, "it waits for what the citizen is to pay"),
    (REFERRED, "it waits for other offices"),
];

/// Whether a work item that is done for this reason waits.
pub(crate) fn waits(reason: &str) -> bool {
    PAUSED.iter().any(|(paused, _)| *paused == reason)
}

/// How far a move has come.
///
/// ```text
///   Open ------> Done     processing has moved it, and the decision is written
///     `--------> Refused  its fence has moved on: it stays where it is
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub(crate) enum Way {
    /// Its place is reserved; what processing says to it is not known yet.
    Open,
    /// The work item is at its new unit.
    Done,
    /// It came to nothing.
    Refused,
}

/// What is still to be done with the board, in the order of arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub(crate) enum Action {
    /// Find a unit, or confirm on the board the one that the store already has.
    Decide,
    /// Count in what goes on where it is.
    Place,
    /// Count out what is done or taken back.
    Release,
}

/// One entry of the agenda.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Grows with every entry.
    pub(crate) position: i64,
    /// What it is about.
    pub(crate) work_item: WorkItem,
    /// What is to be done.
    pub(crate) action: Action,
}

/// What later steps have to know of an application.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    /// Code of its procedure.
    pub(crate) procedure_code: String,
    /// Version of the province that its procedure is taken from, for good.
    pub(crate) province_version: i64,
    /// The unit that received it.
    pub(crate) received_at: UnitId,
    /// Commune codes by competence key, as it named them.
    pub(crate) places: BTreeMap<CompetenceKey, String>,
    /// Units that must not take any of its steps.
    pub(crate) conflicts: BTreeSet<UnitId>,
    /// Business time of acceptance: its steps keep the law of that day.
    pub(crate) submitted_at: Timestamp,
    /// The promised instant.
    pub(crate) due_at: Option<Timestamp>,
    /// The unit that last did work of an earlier application of the same person in the same field, as it is when
    /// this is read.
    pub(crate) earlier: Option<UnitId>,
}

/// A work item.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Order of arrival; the key of its row.
    pub(crate) arrived: i64,
    /// Which.
    pub(crate) work_item: WorkItem,
    /// How it stands.
    pub(crate) state: State,
    /// Whether an officer has it in hand, or had it to its end.
    pub(crate) begun: bool,
    /// The fence under which it lies in its worklist, while nobody has it in hand; 0: nobody ever had.
    pub(crate) fence: u64,
    /// Why it cannot be assigned, or was released; empty otherwise.
    pub(crate) reason: String,
    /// The unit that did the step before.
    pub(crate) previous: Option<UnitId>,
    /// What it came from.
    pub(crate) origin: Origin,
}

/// What brought a work item about: its decision names it as cause.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    /// The event, if it was one.
    pub(crate) event: Option<EventId>,
    /// Its trace; empty: none.
    pub(crate) traceparent: String,
}

/// A decision.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    /// Its id.
    pub(crate) id: AssignmentId,
    /// What was assigned.
    pub(crate) work_item: WorkItem,
    /// To whom.
    pub(crate) unit: UnitId,
    /// Why.
    pub(crate) ground: Ground,
    /// Business time.
    pub(crate) decided_at: Timestamp,
    /// Real time that it took.
    pub(crate) decided_in_micros: i64,
    /// Whether its load counts: neither done nor taken back.
    pub(crate) open: bool,
    /// Its place on the board; none: a kept step that is still on the agenda.
    pub(crate) counted: Option<Counted>,
}

/// How a decision stands on the board, and why it is there.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    /// The whole comparison.
    pub(crate) explanation: Explanation,
    /// What it adds.
    pub(crate) load: Load,
    /// Epoch of the board.
    pub(crate) epoch: i64,
    /// Sequence within the epoch.
    pub(crate) sequence: i64,
}

/// A decision that found no unit.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    /// Its id.
    pub(crate) id: AssignmentId,
    /// What was to be assigned.
    pub(crate) work_item: WorkItem,
    /// Why, `UPPER_SNAKE_CASE`.
    pub(crate) reason: String,
    /// Business time.
    pub(crate) decided_at: Timestamp,
    /// Version of the province's documents that it was made over.
    pub(crate) province_version: i64,
    /// Revision of the registry.
    pub(crate) registry_revision: i64,
    /// What the policy found; none where it could not even be asked.
    pub(crate) finding: Option<route::Refusal>,
}

/// What a decision came to.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// It found a unit.
    Assigned(Box<Assignment>),
    /// It found none.
    Refused(Box<Refusal>),
}

impl Outcome {
    /// What it is about.
    pub(crate) fn work_item(&self) -> WorkItem {
        match self {
            Self::Assigned(assignment) => assignment.work_item,
            Self::Refused(refusal) => refusal.work_item,
        }
    }
}

/// A work item on its way to another unit.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    /// The attempt that lies in a worklist.
    pub(crate) from: WorkItem,
    /// Whose worklist that is.
    pub(crate) from_unit: UnitId,
    /// The fence that it is believed to have.
    pub(crate) expected_fence: u64,
    /// The decision on the attempt that takes its place; it counts once it is written.
    pub(crate) to: Assignment,
    /// Its reservation, and why.
    pub(crate) counted: Counted,
    /// The trace of who asked for it; empty: none.
    pub(crate) traceparent: String,
}
