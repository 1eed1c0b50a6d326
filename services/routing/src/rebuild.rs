//! Makes the board fit to be decided upon: builds it when it is not there, or has lost something.

use phidia_board::{BoardError, Entry};
use phidia_domain::route::{Lent, lent_on};
use phidia_runtime::failure::Failure;

use crate::{
    Routing,
    desk::{Desk, unavailable},
    store::{agenda, assignment, epoch, lent},
};

/// So many days of foreign work are looked at: of what is older nothing is left after some half-lives.
const LENT_DAYS: i64 = 90;

impl Routing {
    /// Sees to it that the desk has a view that can be relied on. A board that is not there, is in another
    /// epoch than the store, or has forgotten sequences that the store has seen, is built anew: one of the two
    /// was emptied or set back.
    pub(crate) async fn ready(&self, desk: &mut Desk, province: &str) -> Result<(), Failure> {
        if desk.lent_is_old() {
            desk.know_lent(self.lent(province).await?);
        }
        if !desk.is_stale() {
            return Ok(());
        }
        desk.forget();
        let (seen, sequence) = match desk.view(province).await {
            Ok(view) => (view.epoch, view.sequence),
            Err(BoardError::NotBuilt) => return self.rebuild(desk, province, 0).await,
            Err(error) => return Err(unavailable(error)),
        };
        let (epoch, _) = epoch::current(self.db.read(), province).await?;
        let highest = assignment::highest_sequence(self.db.read(), province, epoch).await?;
        if seen != epoch || sequence < highest {
            tracing::warn!(province, seen, epoch, sequence, highest, "the board has lost something");
            return self.rebuild(desk, province, seen).await;
        }
        if desk.unsure_through == i64::MAX {
            desk.unsure_through = agenda::last(self.db.read()).await?;
        }
        Ok(())
    }

    /// What units took from others of late.
    pub(crate) async fn lent(&self, province: &str) -> Result<Lent, Failure> {
        let first = lent_on(self.business.now()) - LENT_DAYS;
        lent::since(self.db.read(), province, first).await
    }

    /// Builds the board from the open decisions and moves into a new epoch: the store's epoch first, the cut-over last.
    /// Only whose turn it is does so (it is taken here where it is free); the others wait for it.
    /// A reservation that was not written is gone with the old epoch; its work item is still on the agenda.
    pub(crate) async fn rebuild(&self, desk: &mut Desk, province: &str, seen: i64) -> Result<(), Failure> {
        if !self.has_turn().await {
            return Err(unavailable(BoardError::NotBuilt));
        }
        let code = province.to_owned();
        let (epoch, sequence, open, last) = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let (before, begun) = epoch::current(tx, &code).await?;
                    let sequence = assignment::highest_sequence(tx, &code, before).await?.max(begun);
                    let next = before.max(seen) + 1;
                    if !epoch::begin(tx, &code, next, sequence).await? {
                        return Err(unavailable(BoardError::StaleEpoch { current: next }));
                    }
                    let open = assignment::open(tx, &code).await?;
                    Ok((next, sequence, open, agenda::last(tx).await?))
                })
            })
            .await?;
        // What is on the agenda by now may be in the open decisions, or not: the view cannot tell.
        desk.unsure_through = last;
        let entries: Vec<_> =
            open.into_iter().map(|(work_item, unit, load)| Entry { work_item, unit, load }).collect();
        let items = entries.len();
        desk.rebuild(province, epoch, entries, sequence).await.map_err(unavailable)?;
        tracing::info!(province, epoch, items, "the board is built");
        desk.view(province).await.map_err(unavailable)?;
        Ok(())
    }
}
