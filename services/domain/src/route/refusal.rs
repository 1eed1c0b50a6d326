//! A decision that finds no unit, with what it knew: kept, so that it can be made again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Edition, Facts, Policy, Refused, Request, Roster, Unassignable,
    case::{Case, Seen},
    choose,
    ring::Able,
};
use crate::province::Province;

/// Near ties are drawn among those who are able, and here nobody is.
const NO_LOT: u64 = 0;

/// Why no unit could take a work item, and what that rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("no unit can take it at present: {}", .why.reason())]
pub struct Refusal {
    /// Name of the policy.
    pub policy: String,
    /// Version of the policy.
    pub policy_version: u32,
    /// Edition of the rules.
    #[serde(default, skip_serializing_if = "Edition::is_first")]
    pub edition: Edition,
    /// Business time of the decision.
    pub decided_at: Timestamp,
    /// Why.
    pub why: Unassignable,
    /// How many units were left out, by reason.
    pub filtered: BTreeMap<Refused, u32>,
    /// What was known of what was queued.
    #[serde(default, skip_serializing_if = "Facts::is_empty")]
    pub facts: Facts,
    /// What was asked.
    pub request: Request,
}

impl Refusal {
    /// Nobody of those who were looked at is able.
    pub(super) fn of(case: &Case<'_>, able: Able<'_>) -> Self {
        let why = able.why_nobody(case);
        Self { filtered: able.filtered, facts: able.facts.into_iter().collect(), ..Self::because(case, why) }
    }

    /// The one unit that is asked about is not known, or has no working time left.
    pub(super) fn closed(case: &Case<'_>) -> Self {
        Self { filtered: [(Refused::Closed, 1)].into(), ..Self::because(case, Unassignable::Closed) }
    }

    fn because(case: &Case<'_>, why: Unassignable) -> Self {
        Self {
            policy: case.policy.name.clone(),
            policy_version: case.policy.version,
            edition: case.edition,
            decided_at: case.now,
            why,
            filtered: BTreeMap::new(),
            facts: Facts::default(),
            request: case.request.clone(),
        }
    }

    /// Makes it again from what was known then: policy, province and roster are those of its day. Answers with what it
    /// comes to, which is that very record; none where a unit is found, and then the record is not true.
    pub fn again(&self, policy: &Policy, province: &Province, roster: &Roster) -> Option<Self> {
        let Self { facts, request, decided_at, .. } = self;
        let seen = Seen::Record(facts, self.edition);
        let case = Case::new(policy, province, roster, seen, request, *decided_at, NO_LOT);
        choose(&case).err().map(|again| *again)
    }
}
