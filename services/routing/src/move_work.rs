//! Moves a work item that nobody has begun to another unit. Processing is the authority on started work, so it is asked:
//!
//! 1. The place at the new unit is reserved on the board, for the attempt that will be there.
//! 2. The move is written down as open, with its reservation and its decision. From here on it is carried out or refused,
//!    whoever dies.
//! 3. Processing transfers it, or says that its fence has moved on: an officer was quicker.
//! 4. Transferred: the reservation becomes permanent, and one transaction writes the new decision, closes the old
//!    one, and tells it (`arrive`). Refused: the move is closed, and the reservation goes back by the agenda.
//!
//! Each of the last two can be done again without changing anything, by this replica or by another one, and each open
//! move is (`settle_moves`). Until then what it reserved counts as load of the store, too: a board that is built anew has
//! it, and one that is compared with the store is even. The work item itself stays where it was until the one
//! transaction: it is in one place at any moment.

use std::time::{Duration, Instant};

use phidia_board::BoardError;
use phidia_domain::{Kind, Rejection, route::Plan, work_item::WorkItem};
use phidia_proto::{
    convert,
    processing::v1::{TransferWorkItemRequest, case_service_client::CaseServiceClient},
};
use phidia_runtime::failure::Failure;

use crate::{
    Routing,
    desk::{Bidding, Desk, unavailable},
    reference::Reference,
    round::{is_outdated, micros, outdated},
    store::{agenda, epoch, is_taken, item, moves},
    work::{Action, Assignment, Counted, Item, Move, State, Way},
};

/// How long processing is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often, and after what pause, it is asked again for a caller about what has not come to it yet: that takes
/// milliseconds.
const ARRIVES_WITHIN: (u32, Duration) = (20, Duration::from_millis(50));

/// Why processing can never carry a move out, beside an old fence.
const NEVER: [&str; 2] = ["ASSIGNED_OTHERWISE", "NOT_A_LATER_ATTEMPT"];

/// What is to be moved.
#[derive(Clone, Debug)]
pub(crate) struct Moving {
    /// The attempt that lies in a worklist.
    pub(crate) item: Item,
    /// The decision that sent it there.
    pub(crate) held: Assignment,
    /// The attempt that is to take its place.
    pub(crate) to: WorkItem,
    /// The fence that it is believed to have.
    pub(crate) expected_fence: u64,
    /// The revision of the registry that its place was found over.
    pub(crate) revision: i64,
    /// Trace of who asks; empty: none.
    pub(crate) traceparent: String,
    /// When it was first looked at.
    pub(crate) since: Instant,
}

/// What became of a move that was tried.
pub(crate) enum Tried {
    /// It is where it was to go: the decision that stands.
    Arrived(Box<Assignment>),
    /// It stays where it is, and the move is closed.
    Refused(Rejection),
    /// What is to be moved has not come to processing, which has to be waited for.
    NotThere,
}

impl Routing {
    /// The attempt that a move of this step would bring about: beyond every one that there ever was.
    ///
    /// # Errors
    /// `UNAVAILABLE` while another move of the step is on its way.
    pub(crate) async fn next_attempt(&self, province: &str, of: WorkItem) -> Result<WorkItem, Failure> {
        let conn = self.db.read();
        let items = item::of_step(conn, province, of.application, of.step).await?;
        let (moved, is_open) = moves::of_step(conn, province, of).await?;
        if is_open {
            return Err(on_its_way());
        }
        let last = items.iter().map(|item| item.work_item.attempt).max().unwrap_or(of.attempt).max(moved);
        Ok(WorkItem { attempt: last + 1, ..of })
    }

    /// Reserves the place that a plan has found, and writes the move down. None: the board has moved on, and it is to
    /// be decided again.
    ///
    /// # Errors
    /// `ABORTED` when the work item is no longer where it was; `UNAVAILABLE` when another move of it is on its way, or
    /// the board or the store is away, or the registry has changed since ([`is_outdated`](crate::round::is_outdated)).
    pub(crate) async fn set_out(
        &self,
        desk: &mut Desk,
        province: &str,
        moving: &Moving,
        plan: &Plan,
    ) -> Result<Option<Move>, Failure> {
        let to = moving.to;
        let won = match desk.reserve(province, to, plan).await.map_err(unavailable)? {
            Bidding::Won(reservation) => reservation,
            Bidding::Lost => return Ok(None),
        };
        let Some(explanation) = plan.won_by(won.unit) else {
            // An earlier reservation that was never written, at a unit that would not be chosen any more.
            self.give_back(desk, province, to).await?;
            return Ok(None);
        };
        let decided_at = explanation.decided_at;
        let open = Move {
            from: moving.item.work_item,
            from_unit: moving.held.unit,
            expected_fence: moving.expected_fence,
            to: Assignment {
                id: self.ids.mint(decided_at),
                work_item: to,
                unit: won.unit,
                ground: explanation.ground,
                decided_at,
                decided_in_micros: micros(moving.since),
                open: true,
                counted: None,
            },
            counted: Counted {
                explanation,
                load: plan.load_at(won.unit),
                epoch: won.epoch,
                sequence: won.sequence,
            },
            traceparent: moving.traceparent.clone(),
        };
        let written = self.write_down(province, moving, &open).await;
        if written.as_ref().is_err_and(is_outdated) {
            self.versions.outdate();
        }
        if written.is_err()
            && let Err(failure) = self.give_back(desk, province, to).await
        {
            tracing::debug!(%to, %failure, "the reservation waits for its lease to fall due");
        }
        written.map(|()| Some(open))
    }

    async fn write_down(&self, province: &str, moving: &Moving, open: &Move) -> Result<(), Failure> {
        let row = moves::row(province, open)?;
        let (arrived, found_over) = (moving.item.arrived, moving.revision);
        let (province, from, reserved_in) = (province.to_owned(), open.from, open.counted.epoch);
        let work = self.db.write(move |tx| {
            Box::pin(async move {
                let (epoch, revision) = epoch::hold(tx, &province).await?;
                if epoch != reserved_in {
                    // A board that is being built may not know of the reservation any more.
                    return Err(unavailable(BoardError::NotBuilt));
                }
                if revision != found_over {
                    // The unit may have closed since, or its officers be absent.
                    return Err(outdated());
                }
                // Holds the row: whoever takes it back or moves it meanwhile comes before or after.
                let present = [State::Assigned];
                if item::turn(tx, &[arrived], &present, State::Assigned, None).await? == 0 {
                    return Err(elsewhere(from));
                }
                if moves::of_step(tx, &province, from).await?.1 {
                    return Err(on_its_way());
                }
                moves::add(tx, row).await.map_err(|error| match is_taken(&error) {
                    true => elsewhere(from),
                    false => error.into(),
                })
            })
        });
        work.await
    }

    /// Gives a reservation back that no open move has. Where the store does not answer, its lease falls due.
    async fn give_back(&self, desk: &mut Desk, province: &str, to: WorkItem) -> Result<(), Failure> {
        if moves::find_open(self.db.read(), province, to).await?.is_none() {
            desk.release(province, to, None).await.map_err(unavailable)?;
        }
        desk.forget();
        Ok(())
    }

    /// Has processing move it and writes what came of it; answers with the decision that stands.
    ///
    /// # Errors
    /// `ABORTED` as processing says it, with the present holder: the move is refused. `UNAVAILABLE`: it is not known
    /// yet what becomes of it; it is carried out, or refused, later.
    pub(crate) async fn carry_out(&self, today: &Reference, open: Move) -> Result<Assignment, Failure> {
        let mut left = ARRIVES_WITHIN.0;
        let tried = loop {
            match self.try_out(today, &open).await {
                Ok(Tried::NotThere) if left > 0 => left -= 1,
                tried => break tried,
            }
            tokio::time::sleep(ARRIVES_WITHIN.1).await;
        };
        match tried {
            Ok(Tried::Arrived(assignment)) => Ok(*assignment),
            Ok(Tried::Refused(refusal)) => Err(refusal.into()),
            Ok(Tried::NotThere) => {
                tracing::warn!(from = %open.from, "a move waits for its work item to come to processing");
                Err(on_its_way())
            }
            Err(failure) => {
                // Not known yet: the caller is told so, and a fault of ours stays in the log.
                tracing::warn!(%failure, "a move waits to be carried out");
                Err(on_its_way())
            }
        }
    }

    /// The same once, with what is known of it.
    ///
    /// # Errors
    /// Processing, the board or the store does not do its part: it is the same with any other move.
    pub(crate) async fn try_out(&self, today: &Reference, open: &Move) -> Result<Tried, Failure> {
        let refusal = match self.transfer(open).await {
            Ok(()) => return Ok(Tried::Arrived(self.arrive(today, open).await?.into())),
            Err(failure) => failure.rejection().cloned().ok_or(failure)?,
        };
        match refusal.kind {
            Kind::NotFound => match item::find(self.db.read(), today.code(), open.from).await? {
                // An officer was quicker with an earlier attempt, so that it will never come there.
                Some(from) if from.state == State::Released => {
                    let message = "an officer had taken up an earlier attempt";
                    let outrun = Rejection::new(Kind::Conflict, "OLD_ATTEMPT", message);
                    self.refuse(today.code(), open, &outrun).await?;
                    Ok(Tried::Refused(outrun))
                }
                _ => Ok(Tried::NotThere),
            },
            // It can never be carried out. Only what processing says of the move itself: by any other refusal it may be
            // there already, and its answer lost.
            _ if refusal.kind == Kind::Conflict || NEVER.contains(&refusal.reason.as_str()) => {
                self.refuse(today.code(), open, &refusal).await?;
                Ok(Tried::Refused(refusal))
            }
            _ => Err(refusal.into()),
        }
    }

    async fn transfer(&self, open: &Move) -> Result<(), Failure> {
        let request = TransferWorkItemRequest {
            from: Some(convert::wire_work_item(open.from)),
            expected_fence: open.expected_fence,
            to: Some(convert::wire_work_item(open.to.work_item)),
            unit_id: open.to.unit.to_string(),
        };
        let mut processing = CaseServiceClient::new(self.processing.clone());
        let answer = tokio::time::timeout(PATIENCE, processing.transfer_work_item(request)).await;
        answer.map_err(Failure::broken)?.map(drop).map_err(Failure::from)
    }

    /// It stays where it is: the move is closed, and its reservation goes back.
    async fn refuse(&self, province: &str, open: &Move, refusal: &Rejection) -> Result<(), Failure> {
        let (code, to, because) = (province.to_owned(), open.to.work_item, refusal.reason.clone());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    if moves::close(tx, &code, to, Way::Refused, &because).await? {
                        agenda::add(tx, &code, to, Action::Release).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        self.desk.lock().await.gives_back(to);
        tracing::info!(from = %open.from, reason = refusal.reason, "not moved");
        self.wake.notify_one();
        Ok(())
    }
}

/// Another move of the step is open.
pub(crate) fn on_its_way() -> Failure {
    let message = "a move of this work item is on its way; look again in a moment";
    Rejection::new(Kind::Unavailable, "MOVE_ON_ITS_WAY", message).into()
}

fn elsewhere(from: WorkItem) -> Failure {
    let message = format!("{from} is no longer where it was");
    Rejection::new(Kind::Conflict, "MOVED_ELSEWHERE", message).into()
}
