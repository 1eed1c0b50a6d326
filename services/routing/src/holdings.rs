//! What routing holds, for conservation: every application whose case is not completed. It waits until it has
//! got its first unit, and is assigned from then on: between two steps, too, its case is open.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use phidia_domain::{
    Kind, Rejection,
    conservation::{Place, drifts},
    id::{ApplicationId, Id as _},
};
use phidia_outbox::{
    Outbox,
    conservation::{BoardBalance, Holder, Holding},
};
use phidia_runtime::failure::Failure;

use crate::{
    NAME, Routing,
    desk::unavailable,
    store::{agenda, application, assignment, item},
    work::State,
};

/// Answers from the store, and from the board.
#[derive(Debug)]
pub(crate) struct Holdings(pub(crate) Arc<Routing>);

#[async_trait]
impl Holder for Holdings {
    fn service(&self) -> &'static str {
        NAME
    }

    fn outbox(&self) -> &Outbox {
        &self.0.outbox
    }

    async fn page(&self, after: Option<ApplicationId>, limit: u64) -> Result<Vec<Holding>, Failure> {
        let conn = self.0.db.read();
        let held = application::held(conn, after, limit).await?;
        let mut of_province = BTreeMap::<&str, Vec<uuid::Uuid>>::new();
        for (province, application) in &held {
            of_province.entry(province).or_default().push(*application);
        }
        let mut standing = BTreeMap::<_, (Place, String)>::new();
        for (province, applications) in of_province {
            for (application, state, reason) in item::standing(conn, province, &applications).await? {
                let (place, why) = standing.entry(application).or_insert((Place::Waiting, String::new()));
                match state {
                    State::Assigned | State::Done | State::Released => *place = Place::Assigned,
                    State::Waiting | State::Unassignable => {}
                }
                // In the order of arrival: the last that was not taken back is the current one.
                if state != State::Released {
                    *why = reason;
                }
            }
        }
        let holding = |(_, application): (String, uuid::Uuid)| {
            let (place, reason) = standing.remove(&application).unwrap_or((Place::Waiting, String::new()));
            Holding { application: ApplicationId::from_uuid(application), place, reason }
        };
        Ok(held.into_iter().map(holding).collect())
    }

    /// The store is read between two looks at the board. An empty agenda says that all that was decided is in
    /// both; what comes onto it later changes the board, and its sequence says so. Only a decision or a move that
    /// somebody asks for by RPC may be on the board and not yet in the store: who asks again, some time later, does not
    /// see it again.
    async fn board(&self) -> Result<Option<BoardBalance>, Failure> {
        let Routing { board, db, versions, .. } = &*self.0;
        let today = versions.active().await?;
        let province = today.value.code();
        let before = board.snapshot(province).await.map_err(unavailable)?;
        let pending = agenda::first(db.read(), province, 1).await?;
        let stored = assignment::sums(db.read(), province).await?;
        let after = board.snapshot(province).await.map_err(unavailable)?;
        if !pending.is_empty() || (before.epoch, before.sequence) != (after.epoch, after.sequence) {
            let message = "the board is at work: what changes cannot be compared";
            return Err(Rejection::new(Kind::Unavailable, "BOARD_AT_WORK", message).into());
        }
        let open_items = stored.values().map(|unit| u64::from(unit.open_items)).sum();
        Ok(Some(BoardBalance { open_items, drifts: drifts(&stored, &after.units) }))
    }
}
