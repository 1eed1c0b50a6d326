//! The board as this replica sees and changes it.
//!
//! A snapshot of 129 units for each of thousands of decisions would cost more than the decisions. So the desk
//! keeps one view and counts into it what it does itself, and takes a fresh one every second, after any
//! fault, and when another replica was quicker. A view that is out of date costs a better choice at most,
//! never a wrong sum: the board checks every bid against what it knows itself.

use std::{
    collections::BTreeMap,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use phidia_board::{Board, BoardError, Entry, Lease, Reservation, Reserve};
use phidia_domain::{
    Kind, Rejection,
    id::UnitId,
    route::{Lent, Load, Plan, Snapshot, lent_on},
    work_item::WorkItem,
};
use phidia_runtime::failure::Failure;
use tokio::sync::MutexGuard;

use crate::Routing;

/// How long a view is believed while other replicas may change the board.
const VIEW_BELIEVED_FOR: Duration = Duration::from_secs(1);
/// The same for what was lent, which changes little in a minute.
const LENT_BELIEVED_FOR: Duration = Duration::from_secs(60);

/// How long a caller waits for the desk.
const CALLERS_WAIT: Duration = Duration::from_secs(5);

/// Whoever holds it is the only one of this process who changes the board.
pub(crate) struct Desk {
    board: Arc<dyn Board>,
    lease: Duration,
    view: Option<(Snapshot, Instant)>,
    /// What units took from others of late, which the board does not know, and since when that is known.
    lent: (Lent, Option<Instant>),
    /// What was counted into it for reservations whose decisions are not written yet: it goes back where none will be.
    borrowing: BTreeMap<WorkItem, Borrowed>,
    /// Entries of the agenda up to here may have been done before: what they would change in the view is
    /// not known.
    pub(crate) unsure_through: i64,
    /// By how many passes over the agenda the registry has been ahead: each halves what the next one takes.
    pub(crate) outrun: u32,
    /// Whether the board was told last to count a work item; the store is to be asked whether that is still so
    /// ([`Routing::ask_back`](crate::Routing::ask_back)).
    pub(crate) told: BTreeMap<WorkItem, bool>,
}

/// What a reservation takes from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Borrowed {
    unit: UnitId,
    day: i64,
    minutes: i64,
}

/// What became of a reservation.
pub(crate) enum Bidding {
    /// A unit got it.
    Won(Reservation),
    /// The board has moved on; the view is fresh again.
    Lost,
}

impl Desk {
    pub(crate) fn new(board: Arc<dyn Board>, lease: Duration) -> Self {
        Self {
            board,
            lease,
            view: None,
            lent: (Lent::new(), None),
            borrowing: BTreeMap::new(),
            unsure_through: i64::MAX,
            outrun: 0,
            told: BTreeMap::new(),
        }
    }

    /// The board; the view is taken if there is none.
    pub(crate) async fn view(&mut self, province: &str) -> Result<&Snapshot, BoardError> {
        let snapshot = match self.view.take() {
            Some(known) => known,
            None => {
                let seen = self.board.snapshot(province).await?;
                (Snapshot { lent: self.lent.0.clone(), ..seen }, Instant::now())
            }
        };
        Ok(&self.view.insert(snapshot).0)
    }

    /// Whether the view has to be taken anew.
    pub(crate) fn is_stale(&self) -> bool {
        self.view.as_ref().is_none_or(|(_, since)| since.elapsed() >= VIEW_BELIEVED_FOR)
    }

    /// Whether what was lent has to be asked for again.
    pub(crate) fn lent_is_old(&self) -> bool {
        self.lent.1.is_none_or(|since| since.elapsed() >= LENT_BELIEVED_FOR)
    }

    /// What was lent, as the store has it.
    pub(crate) fn know_lent(&mut self, lent: Lent) {
        if let Some((view, _)) = &mut self.view {
            view.lent.clone_from(&lent);
        }
        self.lent = (lent, Some(Instant::now()));
        // Those that are not written are not in there.
        self.borrowing.clear();
    }

    /// Forgets the view.
    pub(crate) fn forget(&mut self) {
        self.view = None;
    }

    /// Bids as planned.
    pub(crate) async fn reserve(
        &mut self,
        province: &str,
        work_item: WorkItem,
        plan: &Plan,
    ) -> Result<Bidding, BoardError> {
        let epoch = self.view(province).await?.epoch;
        let asked = Reserve {
            province: province.to_owned(),
            epoch,
            work_item,
            key: plan.key.clone(),
            minutes: plan.minutes,
            bids: plan.bids.clone(),
            lease: self.lease,
        };
        match self.board.reserve(asked).await {
            Ok(reservation) => {
                let load = plan.load_at(reservation.unit);
                self.counted(reservation.unit, reservation.sequence, &load);
                if load.borrowed {
                    let day = lent_on(plan.explanation.decided_at);
                    let minutes = i64::from(load.minutes);
                    self.borrows(work_item, Borrowed { unit: reservation.unit, day, minutes });
                }
                Ok(Bidding::Won(reservation))
            }
            Err(BoardError::Outbid { .. } | BoardError::StaleEpoch { .. }) => {
                self.forget();
                Ok(Bidding::Lost)
            }
            Err(error) => {
                self.forget();
                Err(error)
            }
        }
    }

    /// Counts in what goes on where it is; answers with epoch and sequence.
    pub(crate) async fn place(
        &mut self,
        province: &str,
        work_item: WorkItem,
        unit: UnitId,
        load: &Load,
    ) -> Result<(i64, i64), BoardError> {
        let epoch = self.view(province).await?.epoch;
        self.borrowing.remove(&work_item);
        // Before it is told: it may be told and its answer be lost.
        self.told.insert(work_item, true);
        match self.board.place(province, epoch, work_item, unit, load.clone()).await {
            Ok(sequence) => {
                self.counted(unit, sequence, load);
                Ok((epoch, sequence))
            }
            Err(error) => {
                self.forget();
                Err(error)
            }
        }
    }

    /// Makes a decision of the store permanent on the board, whatever epoch that is in by now.
    pub(crate) async fn confirm(
        &mut self,
        province: &str,
        epoch: i64,
        work_item: WorkItem,
        unit: UnitId,
        load: &Load,
    ) -> Result<(), BoardError> {
        self.borrowing.remove(&work_item);
        self.told.insert(work_item, true);
        let first = self.board.confirm(province, epoch, work_item, unit, load.clone()).await;
        let done = match first {
            Err(BoardError::StaleEpoch { current }) => {
                self.forget();
                self.board.confirm(province, current, work_item, unit, load.clone()).await
            }
            done => done,
        };
        if done.is_err() {
            self.forget();
        }
        done
    }

    /// Gives the load of a work item back. `held` is what it surely holds; none: not known.
    pub(crate) async fn release(
        &mut self,
        province: &str,
        work_item: WorkItem,
        held: Option<(UnitId, &Load)>,
    ) -> Result<(), BoardError> {
        self.gives_back(work_item);
        self.told.insert(work_item, false);
        let released = self.board.release(province, work_item).await;
        match (&released, held, &mut self.view) {
            (Ok(()), Some((unit, load)), Some((view, _))) => {
                if let Some(units) = view.units.get_mut(&unit) {
                    units.remove(load);
                }
            }
            _ => self.forget(),
        }
        released
    }

    /// Reservations that were never confirmed.
    pub(crate) async fn due_leases(&self, province: &str, limit: usize) -> Result<Vec<Lease>, BoardError> {
        self.board.due_leases(province, limit).await
    }

    /// Cuts over to an epoch with these entries.
    pub(crate) async fn rebuild(
        &mut self,
        province: &str,
        epoch: i64,
        entries: Vec<Entry>,
        sequence: i64,
    ) -> Result<(), BoardError> {
        self.forget();
        self.board.rebuild(province, epoch, entries, sequence).await
    }

    /// Counts out again what a reservation took from others that comes to nothing. What is written was lent for good.
    pub(crate) fn gives_back(&mut self, work_item: WorkItem) {
        if let Some(Borrowed { unit, day, minutes }) = self.borrowing.remove(&work_item) {
            self.lends(unit, day, -minutes);
        }
    }

    /// Counts in what a reservation has just taken from others; one that was made before is there already.
    fn borrows(&mut self, work_item: WorkItem, borrowed: Borrowed) {
        self.gives_back(work_item);
        self.borrowing.insert(work_item, borrowed);
        self.lends(borrowed.unit, borrowed.day, borrowed.minutes);
    }

    fn lends(&mut self, unit: UnitId, day: i64, minutes: i64) {
        let known = [Some(&mut self.lent.0), self.view.as_mut().map(|(view, _)| &mut view.lent)];
        for lent in known.into_iter().flatten() {
            *lent.entry(unit).or_default().entry(day).or_default() += minutes;
        }
    }

    /// Counts into the view what the board has just counted in. What has an earlier sequence than the view
    /// is in there already: the board gave an old answer again.
    fn counted(&mut self, unit: UnitId, sequence: i64, load: &Load) {
        if let Some((view, _)) = &mut self.view
            && sequence > view.sequence
        {
            view.units.entry(unit).or_default().add(load);
            view.sequence = sequence;
        }
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("unsure_through", &self.unsure_through).finish_non_exhaustive()
    }
}

impl Routing {
    /// The desk, for a caller, who does not wait for it for ever: the board may hang for whoever has it.
    ///
    /// # Errors
    /// `UNAVAILABLE` when it is not free soon.
    pub(crate) async fn desk_for_caller(&self) -> Result<MutexGuard<'_, Desk>, Failure> {
        let busy = "so much is being decided now that this has to wait";
        tokio::time::timeout(CALLERS_WAIT, self.desk.lock())
            .await
            .map_err(|_| Rejection::new(Kind::Unavailable, "DESK_BUSY", busy).into())
    }
}

/// Others were quicker, again and again.
const CONTENDED: &str = "BOARD_CONTENDED";

/// Whether it is about this one work item, and not about the board.
pub(crate) fn is_contended(failure: &Failure) -> bool {
    failure.rejection().is_some_and(|rejection| rejection.reason == CONTENDED)
}

/// What a caller is told when the board does not do its part: try again later.
pub(crate) fn unavailable(error: BoardError) -> Failure {
    let (reason, message) = match &error {
        BoardError::Away(_) => ("BOARD_AWAY", "the board cannot be reached now"),
        BoardError::NotBuilt => ("BOARD_NOT_BUILT", "the board is being built"),
        BoardError::StaleEpoch { .. } => ("BOARD_REBUILT", "the board is being built anew"),
        BoardError::Outbid { .. } => (CONTENDED, "the units' load changes too fast now"),
    };
    tracing::debug!(error = &error as &dyn std::error::Error, reason, "the board did not do it");
    Rejection::new(Kind::Unavailable, reason, message).into()
}

#[cfg(test)]
mod tests;
