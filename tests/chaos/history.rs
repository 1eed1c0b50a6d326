//! What clients saw of one run: every answer while it went, and what every service said at rest. The answers
//! are kept as the contract's messages.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use phidia_proto::{
    events::v1::{Holding, OutboxPosition, StepOutcome},
    intake::v1::{Application, Receipt, TrackApplicationResponse},
    notification::v1::Message,
    processing::v1::{CaseWorkItem, GetCaseResponse},
    routing::v1::{Unit, WorkRecord},
    types::v1::WorkItem,
};
use tonic::Code;

/// One run.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    /// In the order in which they ended.
    pub(crate) calls: Vec<Call>,
    /// What was read once nothing was on its way any more.
    pub(crate) rest: Reading,
    /// Applications of which the harness had a sink refuse an event.
    pub(crate) refused_by_sink: BTreeSet<String>,
}

/// One call of one client.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Since the start of the run.
    pub(crate) began: Duration,
    /// When the client knew the answer, or gave up.
    pub(crate) ended: Duration,
    pub(crate) what: What,
}

/// What was asked for, and what was answered.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a history has a few thousand of them")]
pub(crate) enum What {
    /// An application was handed in under a key; tried again it is another call.
    Submit { key: String, answer: Answer<Receipt> },
    /// An officer wanted a work item from their worklist; the answer is its fence.
    Claim { item: Item, officer: String, answer: Answer<u64> },
    /// An officer ended a step under a fence.
    Complete { item: Item, officer: String, fence: u64, outcome: StepOutcome, answer: Answer<()> },
    /// An officer asked for a supplement under a fence.
    Ask { item: Item, officer: String, fence: u64, answer: Answer<()> },
    /// A citizen handed a supplement in.
    Supplement { application: String, answer: Answer<()> },
    /// A citizen withdrew an application.
    Withdraw { application: String, answer: Answer<()> },
    /// A supervisor sent a work item elsewhere that nobody had begun; the answer is the attempt that is there.
    Send { item: Item, answer: Answer<Item> },
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer<T> {
    Given(T),
    /// Nobody can know whether it happened: no answer came, or one that says try again.
    Unknown(Code),
    /// It did not happen, and will not.
    Refused(Code, String),
}

impl<T> Answer<T> {
    pub(crate) fn given(&self) -> Option<&T> {
        match self {
            Self::Given(answer) => Some(answer),
            Self::Unknown(_) | Self::Refused(..) => None,
        }
    }
}

/// A work item, in an order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Item {
    pub(crate) application: String,
    pub(crate) step: u32,
    pub(crate) attempt: u32,
}

impl Item {
    /// The item of a message; one that is missing has no application.
    pub(crate) fn of(wire: Option<&WorkItem>) -> Self {
        let wire = wire.cloned().unwrap_or_default();
        Self { application: wire.application_id, step: wire.step, attempt: wire.attempt }
    }

    pub(crate) fn wire(&self) -> WorkItem {
        WorkItem { application_id: self.application.clone(), step: self.step, attempt: self.attempt }
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.application, self.step, self.attempt)
    }
}

/// What every service said at rest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    /// `ListProcedures`: of each step of each procedure the first of those that go on together with it.
    pub(crate) stages: BTreeMap<String, Vec<u32>>,
    /// `ListApplications`.
    pub(crate) applications: Vec<Application>,
    /// `TrackApplication` with every receipt that was given, by application.
    pub(crate) tracks: BTreeMap<String, TrackApplicationResponse>,
    /// `GetCase`, by application; those that have none are left out.
    pub(crate) cases: BTreeMap<String, GetCaseResponse>,
    /// `ListWorklist` of every unit, also what others hold.
    pub(crate) worklists: Vec<CaseWorkItem>,
    /// `ExplainAssignment`, by application; those that routing does not know are left out.
    pub(crate) routed: BTreeMap<String, Vec<WorkRecord>>,
    /// `ListMessages`.
    pub(crate) messages: Vec<Message>,
    /// `ListUnits`, and whether the load that is shown is settled.
    pub(crate) units: Vec<Unit>,
    pub(crate) settled: bool,
    /// `ListHoldings`, with the service that was asked.
    pub(crate) holdings: Vec<(String, Holding)>,
    /// `GetPositions` of every service.
    pub(crate) positions: Vec<OutboxPosition>,
    /// What `phidia conservation` says.
    pub(crate) conservation: Conservation,
}

/// The verdict of the product's own proof.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conservation {
    pub(crate) accepted: usize,
    pub(crate) lost: Vec<String>,
    pub(crate) doubled: Vec<String>,
    /// How the board stands beside the store; `even` is what it should be.
    pub(crate) board: String,
}
