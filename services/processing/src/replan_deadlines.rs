//! A day off was announced late, or taken back: what was promised for open cases, by the clock of that decision. The difference can
//! be seen before anything changes.

use std::sync::Arc;

use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection,
    application::check_text,
    case::{
        Postponement,
        replan::{Dates, Replanned, replan},
    },
    id::ApplicationId,
    province::Province,
};
use phidia_proto::{
    convert,
    events::v1::{DeadlineReplanned, event::Fact},
};
use phidia_runtime::{failure::Failure, versions::Versioned};
use sea_orm::DatabaseTransaction;

use crate::{
    Processing,
    caller::Sender,
    record::{self, CaseRecord},
    store,
};

/// What is to be re-planned.
#[derive(Clone, Debug)]
pub(crate) struct Replanning {
    /// The decision by which it is so; none: it is only tried.
    pub(crate) decision: Option<String>,
    /// Whether promises may be shortened.
    pub(crate) earlier: bool,
    /// The version whose clock it is; none: the active one.
    pub(crate) version: Option<i64>,
    pub(crate) size: u64,
    /// From the page before.
    pub(crate) after: Option<ApplicationId>,
}

/// One page of it.
pub(crate) struct ReplannedPage {
    pub(crate) version: i64,
    /// All cases of the page.
    pub(crate) cases: Vec<ReplannedCase>,
    /// After which the next page begins; none: there is none.
    pub(crate) next: Option<ApplicationId>,
}

/// What comes of a case.
pub(crate) struct ReplannedCase {
    pub(crate) case: CaseRecord,
    /// What was promised before; none: nothing.
    pub(crate) before: Option<Dates>,
    pub(crate) replanned: Replanned,
}

impl Processing {
    /// Re-plans a page of open cases, or shows what it would come to. Asked again by the same decision, nothing changes, and what it has
    /// promised is told again: an answer may have been lost.
    ///
    /// # Errors
    /// `VERSION_MOVED_ON`; a violation of `decision`.
    pub(crate) async fn replan_deadlines(
        &self,
        sender: Sender,
        asked: Replanning,
    ) -> Result<ReplannedPage, Failure> {
        if let Some(decision) = &asked.decision {
            check_text("decision", decision, 1, 300)?;
        }
        let active = self.versions.active().await?;
        let version = active.version;
        if asked.version.is_some_and(|named| named != version) {
            let message = "another version of the province is active by now; begin again";
            let refusal = Rejection::new(Kind::Conflict, "VERSION_MOVED_ON", message);
            return Err(refusal.with("version", version).into());
        }
        let db = self.outbox.database().read();
        // One more than asked for: whether there is a next page.
        let mut open = store::list_open(db, &active.value.code, asked.after, asked.size + 1).await?;
        let size = usize::try_from(asked.size).unwrap_or(usize::MAX);
        let more = open.len() > size;
        open.truncate(size);
        let next = open.last().filter(|_| more).map(|case| case.application);
        let now = self.business.now();
        let cases = match asked.decision {
            None => {
                let mut cases = Vec::with_capacity(open.len());
                for case in open {
                    let replanned = self.replanned(&case, &active, asked.earlier, now).await?;
                    cases.push(ReplannedCase { before: promised(&case), case, replanned });
                }
                cases
            }
            Some(decision) => self.apply(sender, open, active, decision, asked.earlier, now).await?,
        };
        Ok(ReplannedPage { version, cases, next })
    }

    /// Each case of the page with its fact, in one transaction.
    async fn apply(
        &self,
        sender: Sender,
        open: Vec<CaseRecord>,
        active: Arc<Versioned<Province>>,
        decision: String,
        earlier: bool,
        now: Timestamp,
    ) -> Result<Vec<ReplannedCase>, Failure> {
        let processing = self.clone();
        let write = self.outbox.write(move |tx, facts| {
            Box::pin(async move {
                let (version, province) = (active.version, active.value.code.as_str());
                let mut cases = Vec::with_capacity(open.len());
                for seen in open {
                    // As it is by now; it may have ended.
                    let Some(case) = store::lock_open(tx, &seen).await? else { continue };
                    let replanned = processing.replanned(&case, &active, earlier, now).await?;
                    let beside = processing.beside(&case, replanned, &active).await?;
                    let told = tell(tx, &case, replanned, version, beside, &decision).await?;
                    if let Some(fact) = told {
                        facts.tell(sender.tells(&case.province, case.application, now, fact));
                    }
                    cases.push(ReplannedCase { before: promised(&case), case, replanned });
                }
                let same = cases.iter().filter(|case| case.replanned == Replanned::Same);
                let same = same.map(|same| same.case.application);
                let before = store::find_replannings(tx, province, version, &decision, same).await?;
                for same in cases.iter_mut().filter(|case| case.replanned == Replanned::Same) {
                    if let Some([before, after]) = before.get(&same.case.application) {
                        (same.before, same.replanned) = (Some(*before), Replanned::of(*before, *after));
                    }
                }
                Ok(cases)
            })
        });
        write.await
    }

    /// What moves along with a promise that the clock of a version makes.
    async fn beside(
        &self,
        case: &CaseRecord,
        replanned: Replanned,
        active: &Versioned<Province>,
    ) -> Result<Beside, Failure> {
        let due_at = match replanned {
            Replanned::Same => case.due_at,
            Replanned::Later(dates) | Replanned::Earlier(dates) => Some(dates.due_at),
            Replanned::Nothing | Replanned::Kept(..) | Replanned::Unexplained => return Ok(Beside::default()),
        };
        let pinned = self.versions.at(case.province_version).await?;
        let standstills = case.standstills();
        let grounds = case
            .grounds(record::pinned(&pinned.value, &case.procedure_code, case.submitted_at)?, &standstills);
        let corridor = grounds.promised(&active.value.clock)?.corridor;
        let after = CaseRecord { due_at, ..case.clone() };
        Ok(Beside {
            corridor_due_at: corridor.and_then(|promise| promise.due_at),
            warn_at: after.warnings(&active.value.clock).and_then(|warnings| warnings.next(case.warned)),
        })
    }

    /// What the clock of a version makes of what was promised for a case.
    async fn replanned(
        &self,
        case: &CaseRecord,
        active: &Versioned<Province>,
        earlier: bool,
        now: Timestamp,
    ) -> Result<Replanned, Failure> {
        let pinned = self.versions.at(case.province_version).await?;
        let follows = self.versions.at(case.clock_version()).await?;
        let standstills = case.standstills();
        let grounds = case
            .grounds(record::pinned(&pinned.value, &case.procedure_code, case.submitted_at)?, &standstills);
        Ok(replan(promised(case), &grounds, &follows.value.clock, &active.value.clock, earlier, now))
    }
}

/// The dates that its citizen was told; none: nothing was promised.
fn promised(case: &CaseRecord) -> Option<Dates> {
    let appointment_at = case.postponement.map(|postponement| postponement.appointment_at);
    case.due_at.map(|due_at| Dates { due_at, appointment_at })
}

/// What moves along with a promise.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Beside {
    /// The date of the green corridor; none: it has none.
    pub(crate) corridor_due_at: Option<Timestamp>,
    /// When there is something to say of its being late soon; none: never.
    pub(crate) warn_at: Option<Timestamp>,
}

/// Writes down what comes of a case, and what is told of it; none: nothing.
async fn tell(
    tx: &DatabaseTransaction,
    case: &CaseRecord,
    replanned: Replanned,
    version: i64,
    beside: Beside,
    decision: &str,
) -> Result<Option<Fact>, Failure> {
    let Some(before) = promised(case) else { return Ok(None) };
    let previous_due_at = before.due_at;
    let dates = match replanned {
        Replanned::Later(dates) | Replanned::Earlier(dates) => dates,
        Replanned::Same => {
            if case.clock_version() != version {
                store::follow_clock(tx, case.id, version, beside, None, None).await?;
            }
            // A step that was queued while its case got another date may have the one from before.
            store::promise_items(
                tx,
                &case.province,
                case.application,
                previous_due_at,
                beside.corridor_due_at,
            )
            .await?;
            return Ok(None);
        }
        Replanned::Nothing | Replanned::Kept(..) | Replanned::Unexplained => return Ok(None),
    };
    store::insert_replanning(tx, case, version, decision, [before, dates]).await?;
    let Dates { due_at, appointment_at } = dates;
    let postponement = case.postponement.zip(appointment_at);
    let postponement = postponement.map(|(before, appointment_at)| Postponement { appointment_at, ..before });
    store::follow_clock(tx, case.id, version, beside, Some(due_at), postponement.as_ref()).await?;
    store::promise_items(tx, &case.province, case.application, due_at, beside.corridor_due_at).await?;
    Ok(Some(Fact::DeadlineReplanned(DeadlineReplanned {
        case_id: case.id.to_string(),
        previous_due_at: Some(convert::wire_timestamp(previous_due_at)),
        due_at: Some(convert::wire_timestamp(due_at)),
        appointment_at: appointment_at.map(convert::wire_timestamp),
        decision: decision.to_owned(),
        clock_version: version,
    })))
}
