//! What processing tells of dates: they move, and the application comes no further by it.

use phidia_domain::{Rejection, id::ApplicationId, procedure::Text};
use phidia_proto::{
    convert,
    events::v1::{Event, event::Fact},
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::store::dates::{self, Dates};

/// Follows the dates that an event tells of, if any.
///
/// # Errors
/// `NOT_FOUND` for an unknown application; `INVALID_ARGUMENT` for an event that leaves out what it has to tell.
pub(crate) async fn follow(tx: &DatabaseTransaction, event: &Event) -> Result<(), Failure> {
    let Some(dates) = told(event)? else { return Ok(()) };
    let id: ApplicationId = convert::id(&event.application_id, "application_id")?;
    dates::save(tx, &event.province, id, dates).await
}

fn told(event: &Event) -> Result<Option<Dates>, Rejection> {
    Ok(match &event.fact {
        Some(Fact::AppointmentPostponed(fact)) => {
            let at = convert::required(fact.appointment_at, "appointment_postponed.appointment_at")?;
            let at = convert::timestamp(at, "appointment_postponed.appointment_at")?;
            Some(Dates { appointment_at: Some(at), ..Dates::default() })
        }
        Some(Fact::DeadlineReplanned(fact)) => {
            let due_at = convert::required(fact.due_at, "deadline_replanned.due_at")?;
            let appointment_at = fact.appointment_at;
            Some(Dates {
                due_at: Some(convert::timestamp(due_at, "deadline_replanned.due_at")?),
                appointment_at: appointment_at
                    .map(|at| convert::timestamp(at, "deadline_replanned.appointment_at"))
                    .transpose()?,
            })
        }
        // The promised instant, that of the progress tells.
        Some(Fact::CaseResumed(fact)) => match fact.appointment_at {
            None => None,
            Some(at) => {
                let at = convert::timestamp(at, "case_resumed.appointment_at")?;
                Some(Dates { appointment_at: Some(at), ..Dates::default() })
            }
        },
        _ => None,
    })
}

/// What goes with a new appointment.
pub(crate) fn apology() -> Text {
    Text {
        vi: "Chúng tôi xin lỗi vì chưa thể trả kết quả đúng thời hạn đã hẹn; lý do ở trong thông báo đã gửi.".into(),
        en: "We apologise that the result will be later than promised; the message that you were sent says why.".into(),
    }
}
