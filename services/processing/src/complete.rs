//! An officer ends a step: the case goes on where it is, goes back to routing for its next unit, waits for what goes on together with
//! the step, or is finished.

use jiff::Timestamp;
use phidia_domain::{
    case::{Completion, Outcome, State, Verdict, reached},
    officer::Officer,
    province::Province,
    work_item::WorkItem,
};
use phidia_outbox::Facts;
use phidia_proto::{
    convert,
    events::v1::{CaseCompleted, StepCompleted, event::Fact},
};
use phidia_runtime::{database::alone, failure::Failure, telemetry::TraceParent, versions::Versions};
use sea_orm::DatabaseTransaction;

use crate::{
    Processing,
    caller::{self, Sender},
    deed::Deed,
    get_case::CaseView,
    ready,
    record::{self, CaseRecord, Finished, Item},
    stop_case::{Rest, questions_of, stop_the_rest},
    store,
};

/// How a step is to be ended.
#[derive(Clone)]
pub(crate) struct Ending {
    pub(crate) work_item: WorkItem,
    /// The one that the claim gave.
    pub(crate) fence: u64,
    pub(crate) outcome: Outcome,
    /// The officer's words to the citizen. They may name people: they go into the event that becomes the
    /// notice, and neither into a row nor into a log.
    pub(crate) refusal_reason: String,
    /// Which of the steps that may follow does; 0: the usual one.
    pub(crate) next_step: u32,
}

impl Processing {
    /// Ends a step. Asked again with the same fence, outcome and next step, nothing changes.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` for who is no officer; `NOT_FOUND`; `ABORTED` with the present holder for an old
    /// fence; `INVALID_ARGUMENT` for a refusal without a reason, or with a next step; `FAILED_PRECONDITION` for a step that was
    /// ended otherwise, for a next step that may not follow, and for a refusal while the citizen is asked for something in a step that
    /// goes on together with this one.
    pub(crate) async fn complete(&self, sender: Sender, ending: Ending) -> Result<CaseView, Failure> {
        let today = self.versions.active().await?;
        let officer = caller::officer(&sender.caller, &today.value)?.clone();
        let (now, versions) = (self.business.now(), self.versions.clone());
        let case = self
            .outbox
            .write(move |tx, facts| {
                Box::pin(async move {
                    let deed = Deed { actor: &sender.caller.actor(), at: now };
                    let Ended { item, mut case, completion } =
                        end(tx, &versions, &today.value, &officer, &ending, deed).await?;
                    if completion == Completion::AlreadyDone {
                        return Ok(case);
                    }
                    let standing = case.standing.ended(ending.work_item.step, &completion)?;
                    if let Completion::Finished { on_time, .. } = completion {
                        case.finished = Some(Finished { at: now, on_time });
                    }
                    let pinned = versions.at(case.province_version).await?;
                    let ended = case.finished.map(|finished| case.ends(&pinned.value.clock, finished));
                    let promised = ended.is_some().then(|| case.promised());
                    let besides = store::Besides { ended, promised, ..store::Besides::default() };
                    let rest = match case.finished.is_some() && !standing.branches.is_empty() {
                        true => stop_the_rest(tx, &case, &today.value, deed).await?,
                        false => Rest::default(),
                    };
                    store::advance(tx, case.id, &case.standing, &standing, besides).await?;
                    if let Completion::Onward { next } = &completion {
                        for step in next {
                            ready::enter(tx, &case, &pinned.value, *step, deed).await?;
                        }
                    }
                    case.standing = standing;
                    for fact in rest.ended {
                        facts.tell(sender.tells(&case.province, case.application, now, fact));
                    }
                    tell(facts, &sender, &case, &item, ending, completion, now);
                    Ok(case)
                })
            })
            .await?;
        self.view(case).await
    }
}

struct Ended {
    item: Item,
    case: CaseRecord,
    completion: Completion,
}

/// Ends the work item, under its fence. The case is as it was before.
async fn end(
    tx: &DatabaseTransaction,
    versions: &Versions<Province>,
    today: &Province,
    officer: &Officer,
    ending: &Ending,
    deed: Deed<'_>,
) -> Result<Ended, Failure> {
    // Once more when somebody was faster: what is there then gives the precise answer.
    for _ in 0..2 {
        let mut item = store::get_item(tx, &today.code, ending.work_item).await?;
        let found = store::find_case(tx, item.case).await?;
        let no_case = || Failure::broken(format!("{} has no case", ending.work_item));
        let mut case = found.ok_or_else(no_case)?;
        if ending.outcome == Outcome::Refused && !case.standing.branches.is_empty() {
            // It ends for all that goes on together with it: whoever answers a question of that comes before, or finds it ended.
            alone(tx, &questions_of(case.id)).await?;
            store::lock_items(tx, &case.province, case.application).await?;
            item = store::get_item(tx, &today.code, ending.work_item).await?;
            case = store::find_case(tx, item.case).await?.ok_or_else(no_case)?;
        }
        TraceParent::link_to(&case.traceparent);
        let pinned = versions.at(case.province_version).await?;
        let all = store::list_items(tx, &case.province, case.application, None).await?;
        let reached = reached(all.iter().map(|item| &item.held));
        let course = record::course(&case, &pinned.value, today, &reached)?;
        let Ending { fence, outcome, refusal_reason, next_step, .. } = ending;
        let verdict = Verdict { outcome: *outcome, refusal_reason, next_step: *next_step };
        let completion = item
            .held
            .complete(officer.id, *fence, verdict, &case.standing, &course, deed.at)
            .map_err(|refusal| item.naming_holder(refusal, today))?;
        let next = match &completion {
            Completion::AlreadyDone => return Ok(Ended { item, case, completion }),
            Completion::Awaits { next } => *next,
            Completion::Onward { next } => next.first().map_or(0, |ready| ready.work_item.step),
            Completion::Finished { .. } => 0,
        };
        if store::finish_item(tx, &item, *outcome, next, deed).await? {
            return Ok(Ended { item, case, completion });
        }
    }
    Err(Failure::broken(format!("{} changes without its fence", ending.work_item)))
}

fn tell(
    facts: &mut Facts,
    sender: &Sender,
    case: &CaseRecord,
    done: &Item,
    ending: Ending,
    completion: Completion,
    now: Timestamp,
) {
    let completed = Fact::StepCompleted(StepCompleted {
        case_id: case.id.to_string(),
        work_item: Some(convert::wire_work_item(ending.work_item)),
        unit_id: done.held.unit.to_string(),
        outcome: convert::wire_outcome(ending.outcome).into(),
    });
    let then = match completion {
        Completion::AlreadyDone => return,
        Completion::Awaits { .. } => Vec::new(),
        Completion::Onward { next } => {
            next.into_iter().map(|step| ready::fact(case, step, done.held.unit)).collect()
        }
        Completion::Finished { state, on_time } => {
            let outcome = if state == State::Granted { Outcome::Approved } else { Outcome::Refused };
            vec![Fact::CaseCompleted(CaseCompleted {
                case_id: case.id.to_string(),
                outcome: convert::wire_outcome(outcome).into(),
                completed_at: Some(convert::wire_timestamp(now)),
                on_time,
                refusal_reason: ending.refusal_reason,
            })]
        }
    };
    for fact in std::iter::once(completed).chain(then) {
        facts.tell(sender.tells(&case.province, case.application, now, fact));
    }
}
