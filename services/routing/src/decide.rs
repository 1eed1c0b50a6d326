//! One decision: over the view of the desk, reserved on the board, not yet written.

use jiff::Timestamp;
use phidia_board::BoardError;
use phidia_domain::{
    id::UnitId,
    route::{self, Request},
};
use phidia_runtime::failure::Failure;

use crate::{
    Routing,
    desk::{Bidding, Desk, unavailable},
    reference::Reference,
    work::Counted,
};

/// How often a decision is made anew because the board moved on.
const ATTEMPTS: u32 = 4;

/// What came of a decision.
pub(crate) enum Choice {
    /// A unit, and its load is reserved there.
    Placed(UnitId, Box<Counted>),
    /// None.
    Unplaced(Unplaced),
}

/// Why no unit can take a work item at present.
#[derive(Clone, Debug)]
pub(crate) enum Unplaced {
    /// The policy could not even be asked: `UPPER_SNAKE_CASE`.
    NotAsked(&'static str),
    /// The policy found none.
    Refused(Box<route::Refusal>),
}

impl Unplaced {
    /// `UPPER_SNAKE_CASE`.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::NotAsked(reason) => reason,
            Self::Refused(found) => found.why.reason(),
        }
    }

    /// What the policy found.
    pub(crate) fn finding(&self) -> Option<&route::Refusal> {
        match self {
            Self::NotAsked(_) => None,
            Self::Refused(found) => Some(found),
        }
    }
}

impl Routing {
    /// Decides and reserves. When every bid is too low by now, the view is taken anew and it decides again.
    pub(crate) async fn decide(
        &self,
        desk: &mut Desk,
        today: &Reference,
        request: &Request,
        now: Timestamp,
    ) -> Result<Choice, Failure> {
        let code = today.code();
        let policy = self.policies.active().await?;
        for retries in 0..ATTEMPTS {
            let view = desk.view(code).await.map_err(unavailable)?;
            let plan = match route::decide(&policy, &today.province, &today.roster, view, request, now) {
                Ok(plan) => plan,
                Err(found) => return Ok(Choice::Unplaced(Unplaced::Refused(found))),
            };
            let won = match desk.reserve(code, request.work_item, &plan).await.map_err(unavailable)? {
                Bidding::Won(reservation) => reservation,
                Bidding::Lost => continue,
            };
            if let Some(mut explanation) = plan.won_by(won.unit) {
                explanation.retries = retries;
                let load = plan.load_at(won.unit);
                let counted = Counted { explanation, load, epoch: won.epoch, sequence: won.sequence };
                return Ok(Choice::Placed(won.unit, Box::new(counted)));
            }
            // An earlier reservation that was never written, at a unit that would not be chosen any more.
            desk.release(code, request.work_item, None).await.map_err(unavailable)?;
        }
        let fresh = Box::default();
        Err(unavailable(BoardError::Outbid { fresh }))
    }
}
