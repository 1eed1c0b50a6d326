//! A case that was decided is opened again by a decision: it goes on at a step that was done, and its time counts anew.

use std::collections::BTreeMap;

use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection,
    case::{Branch, Ending, Reached, Reopened, Reopening, Reversal, reached},
    id::{ApplicationId, UnitId},
    province::Province,
    work_item::WorkItem,
};
use phidia_outbox::Facts;
use phidia_proto::{
    convert,
    events::v1::{CaseReopened, event::Fact},
};
use phidia_runtime::{
    failure::Failure,
    seal::{PersonKey, Sealed},
    telemetry::TraceParent,
    versions::Versioned,
};
use sea_orm::DatabaseTransaction;

use crate::{
    Processing,
    caller::{self, Sender},
    deed::Deed,
    get_case::{CaseKey, CaseView, unknown},
    ready,
    record::{self, CaseRecord, Correction, Item},
    result::stands_for,
    store,
};

/// Which case, and why.
pub(crate) struct Opening {
    pub(crate) case: CaseKey,
    pub(crate) decision: String,
    /// For whoever does it again. It may name people: it is kept sealed.
    pub(crate) reason: String,
    /// None: the step that ended it.
    pub(crate) to_step: Option<u32>,
}

impl Processing {
    /// Opens a case again. Asked again with the same decision, nothing changes.
    ///
    /// # Errors
    /// `NOT_FOUND`; `PERMISSION_DENIED` for the supervisor of another unit than the one that decided; those of [`Reversal::judge`].
    pub(crate) async fn reopen_case(&self, sender: Sender, opening: Opening) -> Result<CaseView, Failure> {
        let today = self.versions.active().await?;
        let scope = caller::scope(&sender.caller)?;
        let (now, processing) = (self.business.now(), self.clone());
        let case = self
            .outbox
            .write(move |tx, facts| {
                Box::pin(
                    async move { processing.reopen(tx, facts, &sender, scope, &today, &opening, now).await },
                )
            })
            .await?;
        self.view(case).await
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "who opens what again, as of when, and where it is written"
    )]
    async fn reopen(
        &self,
        tx: &DatabaseTransaction,
        facts: &mut Facts,
        sender: &Sender,
        scope: Option<UnitId>,
        today: &Versioned<Province>,
        opening: &Opening,
        now: Timestamp,
    ) -> Result<CaseRecord, Failure> {
        let found = store::lock_case(tx, &today.value.code, opening.case).await?;
        let case = found.filter(|case| case.opened_at.is_some()).ok_or_else(unknown)?;
        TraceParent::link_to(&case.traceparent);
        let pinned = self.versions.at(case.province_version).await?;
        let items = store::list_items(tx, &case.province, case.application, None).await?;
        let items: Vec<_> = items.into_iter().map(|item| item.held).collect();
        let reached = reached(&items);
        let decided_at = case.standing.decided_at(&items);
        // Whoever asks again is judged as they were at first, whoever has decided since. Of one that is open, the unit that decided
        // last counts.
        let same = case.reopenings.iter().find(|reopening| reopening.decision == opening.decision);
        let opened_from = |reopening: &Reopening| reopening.before.unit;
        let decided_by = match same {
            Some(same) => opened_from(same),
            None => decided_at.or_else(|| case.reopenings.last().and_then(opened_from)),
        };
        check_scope(scope, decided_by, &today.value, &pinned.value)?;

        let Opening { decision, reason, to_step, .. } = opening;
        let course = record::course(&case, &pinned.value, &today.value, &reached)?;
        let reversal = Reversal { decision, reason, to_step: *to_step };
        let judged = reversal.judge(case.application, &case.standing, &case.reopenings, &course)?;
        let Reopened::Now { step: number, next } = judged else { return Ok(case) };

        let mut after = self.opened_again(&case, sender, decision, number, decided_at, today, now).await?;
        after.standing = case.standing.reopened(&next)?;
        let named = next.iter().find(|ready| ready.work_item.step == number).copied();
        let named =
            named.ok_or_else(|| Failure::broken(format!("step {number} of {} is not ready", case.id)))?;
        let procedure = record::pinned(&pinned.value, &case.procedure_code, case.submitted_at)?;
        let step = record::step(&pinned.value, procedure, number, case.submitted_at)
            .ok_or_else(|| Failure::broken(format!("procedure {} has no step {number}", procedure.code)))?;
        // Until a unit is found for it, it is where it was.
        let was = |step: u32| reached.get(&step).map_or(case.received_at, |last| last.unit);
        let lies = named.unit.unwrap_or_else(|| was(number));
        let item = after.queue(named.work_item, lies, procedure, step, now);
        let warn_at = after.warnings(&today.value.clock).and_then(|warnings| warnings.next(None));
        let deed = Deed { actor: &sender.caller.actor(), at: now };
        store::reopen(tx, &case, &after, &item, warn_at, deed).await?;
        let withdrawn = self.withdraw(tx, &after, reason).await?;
        for step in &next {
            ready::enter(tx, &after, &pinned.value, *step, deed).await?;
        }
        let kept = named.unit.is_some();
        let before = before(&case, &reached);
        let provinces = [&pinned.value, &today.value];
        let reopened = reopened(&after, &item, kept, before, withdrawn, provinces, now);
        let ready = next.into_iter().map(|step| ready::fact(&after, step, was(step.work_item.step)));
        for fact in std::iter::once(reopened).chain(ready) {
            facts.tell(sender.tells(&after.province, after.application, now, fact));
        }
        Ok(after)
    }

    /// The case as it is from then on, but for how it stands: by the legal clock of today, for what it is pinned to may end before
    /// its new date.
    #[expect(clippy::too_many_arguments, reason = "all that goes into the record of it")]
    async fn opened_again(
        &self,
        case: &CaseRecord,
        sender: &Sender,
        decision: &str,
        step: u32,
        decided_at: Option<UnitId>,
        today: &Versioned<Province>,
        now: Timestamp,
    ) -> Result<CaseRecord, Failure> {
        let finished =
            case.finished.ok_or_else(|| Failure::broken(format!("{} ended at no time", case.id)))?;
        let before = Ending {
            state: case.standing.state,
            step: case.standing.step,
            at: finished.at,
            on_time: finished.on_time,
            due_at: case.due_at,
            unit: decided_at,
        };
        let mut after = CaseRecord {
            follows: Some(today.version),
            finished: None,
            warned: None,
            postponement: None,
            ..case.clone()
        };
        after.reopenings.push(Reopening {
            decision: decision.to_owned(),
            actor: sender.caller.actor(),
            at: now,
            step,
            before,
        });
        let pinned = self.versions.at(case.province_version).await?;
        let procedure = record::pinned(&pinned.value, &case.procedure_code, case.submitted_at)?;
        let promised = after.grounds(procedure, &[]).promised(&today.value.clock)?;
        after.due_at = promised.promise.due_at;
        after.corridor_due_at = promised.corridor.and_then(|corridor| corridor.due_at);
        Ok(after)
    }

    /// Keeps why, sealed under a key of its own, and what was issued before; answers whether that was anything.
    async fn withdraw(
        &self,
        tx: &DatabaseTransaction,
        case: &CaseRecord,
        reason: &String,
    ) -> Result<bool, Failure> {
        let (key, number) = (PersonKey::generate(), case.reopenings.len());
        let why = Correction {
            wrapped_key: key.wrap(&self.master_key)?,
            reason: Sealed::seal(&key, &context(case.application, number), reason)?,
        };
        let withdrawn = store::insert_reopening(tx, case, number, why).await?;
        Ok(withdrawn.is_some_and(|result| result.issued.is_some() || result.handed_over.is_some()))
    }

    /// Why a case was opened again, each time that it was.
    ///
    /// # Errors
    /// Broken when they were sealed under another master key.
    pub(crate) async fn reopening_reasons(&self, case: &CaseRecord) -> Result<Vec<String>, Failure> {
        if case.reopenings.is_empty() {
            return Ok(Vec::new());
        }
        let sealed = store::list_reasons(self.outbox.database().read(), case).await?;
        let opened = (1..).zip(sealed).map(|(number, Correction { wrapped_key, reason })| {
            let key = PersonKey::unwrap(&self.master_key, &wrapped_key)?;
            reason.open(&key, &context(case.application, number))
        });
        opened.collect()
    }
}

/// That the caller may look beyond one unit, or theirs is, or stands for, the one that decided.
fn check_scope(
    scope: Option<UnitId>,
    decided_at: Option<UnitId>,
    today: &Province,
    pinned: &Province,
) -> Result<(), Rejection> {
    let Some(own) = scope else { return Ok(()) };
    if decided_at.is_some_and(|unit| stands_for(own, unit, today, pinned)) {
        return Ok(());
    }
    let message = "only the unit that decided, or the province, opens a case again";
    Err(Rejection::new(Kind::Forbidden, "OTHER_UNIT", message))
}

/// The last work item of each step that a case had come to before it was opened again, also of one for which no unit was found.
fn before(case: &CaseRecord, reached: &Reached) -> Vec<phidia_proto::types::v1::WorkItem> {
    let mut last: BTreeMap<_, _> = reached.iter().map(|(step, last)| (*step, last.work_item)).collect();
    for Branch { step, round, .. } in &case.standing.branches {
        let ready = WorkItem::of_round(case.application, *step, *round);
        let last = last.entry(*step).or_insert(ready);
        *last = ready.max(*last);
    }
    last.into_values().map(convert::wire_work_item).collect()
}

/// The fact that a case is opened again; `item`: what is to be done, at a unit where it is `kept`.
fn reopened(
    case: &CaseRecord,
    item: &Item,
    kept: bool,
    reached_before: Vec<phidia_proto::types::v1::WorkItem>,
    result_withdrawn: bool,
    provinces: [&Province; 2],
    now: Timestamp,
) -> Fact {
    let unit = item.held.unit;
    let decision = case.reopenings.last().map(|reopening| reopening.decision.clone());
    Fact::CaseReopened(CaseReopened {
        case_id: case.id.to_string(),
        decision: decision.unwrap_or_default(),
        reopened_at: Some(convert::wire_timestamp(now)),
        work_item: Some(convert::wire_work_item(item.held.work_item)),
        unit_id: if kept { unit.to_string() } else { String::new() },
        unit_name: record::unit_name(unit, provinces).filter(|_| kept).map(convert::wire_text),
        due_at: case.due_at.map(convert::wire_timestamp),
        result_withdrawn,
        reached_before,
    })
}

fn context(application: ApplicationId, number: usize) -> String {
    format!("processing.reopening/{application}/{number}")
}
