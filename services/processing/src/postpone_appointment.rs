//! The result will not be there by its due date: before that, the citizen is given a new appointment, with an apology. The due date
//! stays.

use jiff::Timestamp;
use phidia_domain::{
    caller::Role,
    case::{Apology, Clocks, Postponer, Postponing, most_minutes},
    province::Province,
};
use phidia_outbox::Facts;
use phidia_proto::{
    convert,
    events::v1::{AppointmentPostponed, event::Fact},
};
use phidia_runtime::{failure::Failure, telemetry::TraceParent, versions::Versions};
use sea_orm::DatabaseTransaction;

use crate::{
    Processing,
    caller::{self, Sender},
    get_case::{CaseKey, CaseView, unknown},
    record::{self, CaseRecord},
    store,
};

/// What the citizen is told.
#[derive(Clone)]
pub(crate) struct NewAppointment {
    pub(crate) case: CaseKey,
    /// Their words to the citizen. They may name people: they go into the event that becomes the notice, and neither into a row
    /// nor into a log.
    pub(crate) reason: String,
    pub(crate) appointment_at: Timestamp,
}

impl Processing {
    /// Gives the citizen a new appointment. Asked again, nothing changes.
    ///
    /// # Errors
    /// `NOT_FOUND`, those of [`Postponer::unit`] and of [`Apology::judge`].
    pub(crate) async fn postpone_appointment(
        &self,
        sender: Sender,
        asked: NewAppointment,
    ) -> Result<CaseView, Failure> {
        let today = self.versions.active().await?;
        let by = match sender.caller.role {
            Role::Officer => Postponer::Officer(caller::officer(&sender.caller, &today.value)?.id),
            _ => Postponer::Supervisor(caller::scope(&sender.caller)?),
        };
        let (now, versions) = (self.business.now(), self.versions.clone());
        let case = self
            .outbox
            .write(move |tx, facts| {
                Box::pin(async move {
                    postpone(tx, facts, &versions, &today.value, &sender, by, asked, now).await
                })
            })
            .await?;
        self.view(case).await
    }
}

#[expect(clippy::too_many_arguments, reason = "who tells whom what, and where it is written")]
async fn postpone(
    tx: &DatabaseTransaction,
    facts: &mut Facts,
    versions: &Versions<Province>,
    today: &Province,
    sender: &Sender,
    by: Postponer,
    asked: NewAppointment,
    now: Timestamp,
) -> Result<CaseRecord, Failure> {
    let NewAppointment { case, reason, appointment_at } = asked;
    // Also one that is not opened yet: routing may find no unit until it is late.
    let mut case = store::lock_case(tx, &today.code, case).await?.ok_or_else(unknown)?;
    TraceParent::link_to(&case.traceparent);
    let items = store::list_items(tx, &case.province, case.application, None).await?;
    let items: Vec<_> = items.into_iter().map(|item| item.held).collect();
    let pinned = versions.at(case.province_version).await?;
    let follows = versions.at(case.clock_version()).await?;
    let own = &follows.value.clock;
    let limit = record::pinned(&pinned.value, &case.procedure_code, case.submitted_at)?.limit;
    let most_minutes = most_minutes(own, limit, case.counts_from())?;
    let clocks = Clocks { own, today: &today.clock, most_minutes };

    let unit = by.unit(&items, case.received_at);
    let apology = Apology { by, reason: &reason, appointment_at };
    let judged = apology.judge(&case.standing, case.due_at, case.postponement.as_ref(), clocks, now);
    if judged == Ok(Postponing::Before) && matches!(by, Postponer::Officer(_)) {
        // Whoever made it may have handed the case on since.
        return Ok(case);
    }
    let unit = unit?;
    let Postponing::Now(postponement) = judged? else { return Ok(case) };
    store::save_postponement(tx, case.id, &postponement).await?;
    let postponed = AppointmentPostponed {
        case_id: case.id.to_string(),
        reason,
        due_at: Some(convert::wire_timestamp(postponement.due_at)),
        appointment_at: Some(convert::wire_timestamp(appointment_at)),
        unit_id: unit.to_string(),
        unit_name: record::unit_name(unit, [&pinned.value, today]).map(convert::wire_text),
    };
    facts.tell(sender.tells(&case.province, case.application, now, Fact::AppointmentPostponed(postponed)));
    case.postponement = Some(postponement);
    Ok(case)
}
