//! A case ends without a decision: the citizen has withdrawn it, or not supplemented it in time. Intake says so, which alone
//! knows what citizens hand in.

use jiff::Timestamp;
use phidia_domain::{
    case::{ReferralEnd, Stage},
    id::CaseId,
    province::Province,
    work_item::WorkItem,
};
use phidia_outbox::Facts;
use phidia_proto::{
    convert,
    events::v1::{CaseStopped, Event, StopRequested, event::Fact},
};
use phidia_runtime::{database::alone, failure::Failure};
use sea_orm::DatabaseTransaction;

use crate::{
    Processing,
    answer_referral::ended,
    deed::Deed,
    record::{CaseRecord, Finished},
    sink::{changed_meanwhile, follows},
    store,
};

impl Processing {
    /// Ends a case without a decision. Where there is one already, it stands, and nothing changes.
    ///
    /// # Errors
    /// `UNAVAILABLE` while others change it; `FAILED_PRECONDITION` when it is to lapse, and nothing is asked for.
    pub(crate) async fn stop_case(
        &self,
        tx: &DatabaseTransaction,
        event: &Event,
        fact: &StopRequested,
        facts: &mut Facts,
        now: Timestamp,
    ) -> Result<(), Failure> {
        // Before anything is locked: it may take another connection.
        let today = self.versions.active().await?;
        // Whoever answers a question of it comes before, or finds it ended.
        let case = self.case_of(tx, event).await?;
        alone(tx, &questions_of(case.id)).await?;
        let case = self.case_of(tx, event).await?;
        let ground = convert::stop_ground(fact.ground, "stop_requested.ground")?;
        let asked_at = convert::required(event.occurred_at, "occurred_at")?;
        let asked_at = convert::timestamp(asked_at, "occurred_at")?;
        // The decision outran it, also where that was opened again since.
        let outrun = case.reopenings.last().is_some_and(|reopening| asked_at < reopening.before.at);
        if case.standing.state.is_final() || outrun {
            return Ok(());
        }
        let standing = case.standing.stopped(ground)?;
        let Rest { left, ended } =
            stop_the_rest(tx, &case, &today.value, Deed { actor: &event.actor, at: now }).await?;
        // While the clock stands still, it cannot become late.
        let counted = case.stands_still_since().map_or(now, |since| since.min(now));
        for fact in ended {
            facts.tell(follows(event, &case, now, fact));
        }
        let on_time = case.due_at.is_none_or(|due_at| counted <= due_at);
        let pinned = self.versions.at(case.province_version).await?;
        let besides = store::Besides {
            // One that has not got to any unit is opened to be closed: routing gives it up.
            opened_at: case.opened_at.is_none().then_some(now),
            promised: Some(case.promised()),
            ended: Some(case.ends(&pinned.value.clock, Finished { at: now, on_time })),
            ..store::Besides::default()
        };
        store::advance(tx, case.id, &case.standing, &standing, besides).await?;
        let stopped = CaseStopped {
            case_id: case.id.to_string(),
            ground: convert::wire_stop_ground(ground).into(),
            work_item: left.map(convert::wire_work_item),
            stopped_at: Some(convert::wire_timestamp(now)),
            on_time,
        };
        facts.tell(follows(event, &case, now, Fact::CaseStopped(stopped)));
        Ok(())
    }
}

/// What was left of a case when it ended.
#[derive(Default)]
pub(crate) struct Rest {
    /// A work item that lay in a worklist, or was to go on.
    pub(crate) left: Option<WorkItem>,
    /// That questions to other offices have ended with it.
    pub(crate) ended: Vec<Fact>,
}

/// Takes what is left of a case from its worklists, and ends the questions that other offices are asked.
///
/// # Errors
/// `UNAVAILABLE` while others change it.
pub(crate) async fn stop_the_rest(
    tx: &DatabaseTransaction,
    case: &CaseRecord,
    today: &Province,
    deed: Deed<'_>,
) -> Result<Rest, Failure> {
    let mut rest = Rest::default();
    for item in store::list_items(tx, &case.province, case.application, None).await? {
        if matches!(item.held.stage, Stage::Open | Stage::Paused) {
            if !store::stop_item(tx, &item, deed).await? {
                return Err(changed_meanwhile(case.id).into());
            }
            rest.left.get_or_insert(item.held.work_item);
        }
    }
    for mut asked in store::referrals_of(tx, case.id).await? {
        let end = ReferralEnd::Moot;
        if asked.referral.is_open() && store::end_referral(tx, asked.referral.id, end, deed.at, None).await? {
            asked.referral.ended = Some((end, deed.at));
            rest.ended.push(Fact::ReferralEnded(ended(&asked.referral, today)));
        }
    }
    Ok(rest)
}

/// Under which name whoever ends a question of a case is alone.
pub(crate) fn questions_of(case: CaseId) -> String {
    format!("referrals/{case}")
}
