//! A question to another office goes its way: that office has it, answers it, or whoever asked takes it back. With the last open
//! one of a step that step goes on.

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    caller::{Caller, Role},
    case::{Referral, ReferralEnd, Wait, referral::Step},
    id::{ReferralId, UnitId},
    province::Province,
};
use phidia_outbox::Facts;
use phidia_proto::{
    convert,
    events::v1::{ReferralEnded, event::Fact},
};
use phidia_runtime::{
    database::alone,
    failure::Failure,
    seal::{PersonKey, Sealed},
    telemetry::TraceParent,
};
use sea_orm::DatabaseTransaction;

use crate::{
    Processing,
    caller::{self, Sender},
    deed::Deed,
    list_referrals::{ReferralView, unknown},
    record::{self, ReferralRecord},
    stop_case::questions_of,
    store,
};

/// What becomes of a question.
#[derive(Clone)]
pub(crate) enum Turn {
    /// The office that is asked has it.
    Acknowledged,
    /// It answers. The answer may name people: it is kept sealed.
    Answered(String),
    /// Whoever asked takes it back.
    Recalled,
}

/// What is told of a question that has ended.
pub(crate) fn ended(referral: &Referral, today: &Province) -> ReferralEnded {
    let name = |unit| record::unit_name(unit, [today]).map(convert::wire_text);
    ReferralEnded {
        referral_id: referral.id.to_string(),
        case_id: referral.case.to_string(),
        answered: referral.ended.is_some_and(|(end, _)| end == ReferralEnd::Answered),
        from_unit_id: referral.from.to_string(),
        from_unit_name: name(referral.from),
        to_unit_id: referral.to.to_string(),
        to_unit_name: name(referral.to),
    }
}

impl Processing {
    /// A question goes its way. The same again changes nothing.
    ///
    /// # Errors
    /// `NOT_FOUND`; `PERMISSION_DENIED` for other units; `INVALID_ARGUMENT` without an answer; `FAILED_PRECONDITION` when it has ended
    /// otherwise; `UNAVAILABLE` while others change its case.
    pub(crate) async fn turn_referral(
        &self,
        sender: Sender,
        id: ReferralId,
        turn: Turn,
    ) -> Result<ReferralView, Failure> {
        let today = self.versions.active().await?;
        let by = unit_of(&sender.caller, &today.value)?;
        let (now, processing) = (self.business.now(), self.clone());
        let record = self
            .outbox
            .write(move |tx, facts| {
                Box::pin(
                    async move { processing.turn(tx, facts, &today.value, &sender, by, id, turn, now).await },
                )
            })
            .await?;
        self.view_referral(record, now).await
    }

    #[expect(clippy::too_many_arguments, reason = "who does what to which question, and where it is written")]
    async fn turn(
        &self,
        tx: &DatabaseTransaction,
        facts: &mut Facts,
        today: &Province,
        sender: &Sender,
        by: Option<UnitId>,
        id: ReferralId,
        turn: Turn,
        now: Timestamp,
    ) -> Result<ReferralRecord, Failure> {
        let found = store::find_referral(tx, id).await?.ok_or_else(unknown)?;
        // Of two last answers at once one must see the other.
        alone(tx, &questions_of(found.referral.case)).await?;
        let mut record = store::find_referral(tx, id).await?.ok_or_else(unknown)?;
        let referral = record.referral;
        let step = match &turn {
            Turn::Acknowledged => referral.acknowledge(by)?,
            Turn::Answered(answer) => referral.answer(by, answer)?,
            Turn::Recalled => referral.recall(by)?,
        };
        if step == Step::Before {
            return Ok(record);
        }
        let end = match turn {
            Turn::Acknowledged => {
                store::acknowledge_referral(tx, id, now).await?;
                record.referral.acknowledged_at = Some(now);
                return Ok(record);
            }
            Turn::Answered(answer) => {
                let key = PersonKey::unwrap(&self.master_key, &record.wrapped_key)?;
                record.answer = Some(Sealed::seal(&key, &ReferralRecord::context(id, "answer"), &answer)?);
                ReferralEnd::Answered
            }
            Turn::Recalled => ReferralEnd::Recalled,
        };
        // A case that is being stopped ends its questions itself.
        if !store::end_referral(tx, id, end, now, record.answer.as_ref()).await? {
            return Err(crate::sink::changed_meanwhile(id).into());
        }
        record.referral.ended = Some((end, now));
        self.tell_end(tx, facts, today, sender, &record, now).await?;
        Ok(record)
    }

    /// Tells that a question has ended, and goes on with the step for which it was asked where it was the last.
    async fn tell_end(
        &self,
        tx: &DatabaseTransaction,
        facts: &mut Facts,
        today: &Province,
        sender: &Sender,
        record: &ReferralRecord,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let referral = &record.referral;
        let case = store::find_case(tx, referral.case)
            .await?
            .ok_or_else(|| Failure::broken(format!("{} has no case", referral.id)))?;
        TraceParent::link_to(&case.traceparent);
        let ended = Fact::ReferralEnded(ended(referral, today));
        facts.tell(sender.tells(&case.province, case.application, now, ended));
        let all = store::referrals_of(tx, case.id).await?;
        let of_step = |other: &Referral| other.work_item.step == referral.work_item.step;
        if all.iter().any(|other| other.referral.is_open() && of_step(&other.referral)) {
            return Ok(());
        }
        let (step, besides) = (referral.work_item.step, store::Besides::default());
        let deed = Deed { actor: &sender.caller.actor(), at: now };
        let resumed = self.go_on(tx, &case, step, Wait::Referral, None, besides, deed).await?;
        facts.tell(sender.tells(&case.province, case.application, now, resumed));
        Ok(())
    }
}

/// The unit in whose name a caller speaks; none: a supervisor of the whole province.
fn unit_of(caller: &Caller, today: &Province) -> Result<Option<UnitId>, Rejection> {
    match caller.role {
        Role::Officer => caller::officer(caller, today).map(|officer| Some(officer.unit)),
        _ => Ok(caller.unit),
    }
}
