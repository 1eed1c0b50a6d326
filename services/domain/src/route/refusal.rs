//! A decision that finds no unit, with what it knew: kept, so that it can be made again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Facts, Policy, Refused, Request, Roster, Snapshot, Unassignable, Unplaced,
    predict::{Case, Seen},
    ring::Able,
};
use crate::province::Province;

/// Near ties are drawn among those who are able, and here nobody is.
const NO_LOT: u64 = 0;

/// Why no unit could take a work item, and what that rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refusal {
    /// Name of the policy.
    pub policy: String,
    /// Version of the policy.
    pub policy_version: u32,
    /// Business time of the decision.
    pub decided_at: Timestamp,
    /// Why.
    pub why: Unassignable,
    /// How many units were left out, by reason.
    pub filtered: BTreeMap<Refused, u32>,
    /// What was known of what was queued.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: Facts,
    /// What was asked.
    pub request: Request,
}

impl Refusal {
    /// What [`decide`](super::decide) rests on where it finds no unit; none where it finds one.
    pub fn of(
        policy: &Policy,
        province: &Province,
        roster: &Roster,
        snapshot: &Snapshot,
        request: &Request,
        now: Timestamp,
    ) -> Option<Self> {
        Self::found(&Case::new(policy, province, roster, Seen::Board(snapshot), request, now, NO_LOT))
    }

    /// Makes it again from what was known then: policy, province and roster are those of its day. Answers with what it
    /// comes to, which is that very record; none where a unit is found, and then the record is not true.
    pub fn again(&self, policy: &Policy, province: &Province, roster: &Roster) -> Option<Self> {
        let Self { facts, request, decided_at, .. } = self;
        Self::found(&Case::new(policy, province, roster, Seen::Record(facts), request, *decided_at, NO_LOT))
    }

    fn found(case: &Case<'_>) -> Option<Self> {
        let able = Able::of(case);
        if !able.predictions.is_empty() {
            return None;
        }
        let facts = able.facts();
        let Unplaced { why, filtered } = able.unplaced(case);
        Some(Self {
            policy: case.policy.name.clone(),
            policy_version: case.policy.version,
            decided_at: case.now,
            why,
            filtered,
            facts,
            request: case.request.clone(),
        })
    }
}
