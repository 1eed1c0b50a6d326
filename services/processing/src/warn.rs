//! A case will soon be late: whoever can still do something about it is told, each once (`phidia_domain::case::Warnings`).

use std::collections::BTreeSet;

use jiff::Timestamp;
use phidia_domain::{
    calendar::LegalClock,
    case::{Stage, Warning, Warnings, whole_minutes},
    deadline,
    id::CaseId,
    province::Province,
};
use phidia_outbox::NewEvent;
use phidia_proto::{
    convert,
    events::v1::{DeadlineNear, event::Fact},
};
use phidia_runtime::{failure::Failure, versions::Versions};
use sea_orm::DatabaseTransaction;

use crate::{
    ACTOR, Processing,
    look::AT_ONCE,
    record::{self, CaseRecord, Item},
    store,
};

impl Processing {
    /// Says of all cases what is to be said of them by now.
    ///
    /// # Errors
    /// The last failure: those cases are found again.
    pub(crate) async fn warn_all(&self) -> Result<(), Failure> {
        let (now, db) = (self.business.now(), self.outbox.database().read());
        loop {
            let cases = store::list_nearly_late(db, now, AT_ONCE).await?;
            let is_last = u64::try_from(cases.len()).is_ok_and(|count| count < AT_ONCE);
            let mut done = Ok(());
            for case in cases {
                // What fails keeps nothing else from being said.
                done = self.warn(case, now).await.and(done);
            }
            // What failed would be found at once again.
            if is_last || done.is_err() {
                return done;
            }
        }
    }

    async fn warn(&self, case: CaseId, now: Timestamp) -> Result<(), Failure> {
        let (today, versions) = (self.versions.active().await?, self.versions.clone());
        self.outbox
            .write(move |tx, facts| {
                Box::pin(async move {
                    for event in due(tx, &versions, &today.value, case, now).await? {
                        facts.tell(event);
                    }
                    Ok(())
                })
            })
            .await
    }
}

/// What is to be said of a case by now, and it is kept that it was.
async fn due(
    tx: &DatabaseTransaction,
    versions: &Versions<Province>,
    today: &Province,
    case: CaseId,
    now: Timestamp,
) -> Result<Vec<NewEvent>, Failure> {
    let found = store::find_case(tx, case).await?;
    let Some(case) = found.filter(|case| case.standing.state.is_warned_of()) else { return Ok(Vec::new()) };
    let pinned = versions.at(case.province_version).await?;
    let follows = versions.at(case.clock_version()).await?;
    let clock = &follows.value.clock;
    let warnings = case.warnings(clock);
    let stages = warnings.map(|warnings| warnings.due(case.warned, now)).unwrap_or_default();
    let said = stages.last().copied().or(case.warned);
    // Its date may have moved since it was reckoned: then there is nothing to say yet.
    let next = warnings.and_then(|warnings| warnings.next(said));
    if !store::note_warned(tx, &case, said, next).await? || stages.is_empty() {
        return Ok(Vec::new());
    }
    let mut there = store::list_items(tx, &case.province, case.application, None).await?;
    there.retain(|item| matches!(item.held.stage, Stage::Open | Stage::Paused));
    if there.is_empty() {
        return Err(Failure::broken(format!("{} has nothing to be done", case.id)));
    }
    let (mut said, mut told) = (Vec::new(), BTreeSet::new());
    for stage in stages {
        // Each of those that go on together can make it late; who hears of one of them need not hear of another.
        let rescued = stage == Warning::Rescue && case.due_at.is_some_and(|due_at| now <= due_at);
        let hears = |item: &&Item| {
            let holder = item.held.holder.filter(|_| stage == Warning::Officer);
            let work_item = Some(item.held.work_item).filter(|_| rescued);
            told.insert((stage, item.held.unit, holder, work_item))
        };
        let near = |item| near(&case, item, clock, [&pinned.value, today], stage, now);
        said.extend(there.iter().filter(hears).filter_map(near));
    }
    Ok(said)
}

/// The fact that one stage is said; none without a promised instant.
fn near(
    case: &CaseRecord,
    item: &Item,
    clock: &LegalClock,
    [pinned, today]: [&Province; 2],
    stage: Warning,
    now: Timestamp,
) -> Option<NewEvent> {
    let due_at = case.due_at?;
    let holder = item.held.holder;
    let known = holder.and_then(|holder| today.officers.get(&holder));
    let near = DeadlineNear {
        case_id: case.id.to_string(),
        work_item: Some(convert::wire_work_item(item.held.work_item)),
        unit_id: item.held.unit.to_string(),
        unit_name: record::unit_name(item.held.unit, [pinned, today]).map(convert::wire_text),
        stage: convert::wire_warning(stage).into(),
        due_at: Some(convert::wire_timestamp(due_at)),
        minutes_left: deadline::slack_minutes(clock, now, due_at).max(0),
        overdue: now > due_at,
        officer_id: holder.map(|holder| holder.to_string()).unwrap_or_default(),
        officer_code: known.map(|officer| officer.code.clone()).unwrap_or_default(),
        waits_for_offices: item.held.stage == Stage::Paused,
    };
    Some(NewEvent {
        province: case.province.clone(),
        application: case.application,
        occurred_at: now,
        actor: ACTOR.to_owned(),
        cause: None,
        traceparent: case.traceparent.clone(),
        fact: Fact::DeadlineNear(near),
    })
}

impl CaseRecord {
    /// When what is said of its being late soon, by the clock that it follows; none: nothing was promised.
    pub(crate) fn warnings(&self, clock: &LegalClock) -> Option<Warnings> {
        let due_at = self.due_at?;
        let pauses = self.standstills().into_iter().filter_map(|standstill| standstill.over);
        Some(Warnings::of(clock, due_at, whole_minutes(clock, self.counts_from(), due_at, pauses)))
    }
}
