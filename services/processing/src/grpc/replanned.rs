//! Re-planned deadlines as messages.

use phidia_domain::case::replan::{Dates, Replanned, Why};
use phidia_proto::{
    convert::wire_timestamp,
    processing::v1::{ReplanDeadlinesResponse, ReplanOutcome, ReplanTotals, ReplannedDeadline},
};

use crate::replan_deadlines::{ReplannedCase, ReplannedPage};

pub(super) fn page(page: ReplannedPage) -> ReplanDeadlinesResponse {
    let ReplannedPage { version, cases, next } = page;
    let mut totals = ReplanTotals::default();
    let mut deadlines = Vec::new();
    for case in cases {
        let count = match case.replanned {
            Replanned::Nothing => &mut totals.without_promise,
            Replanned::Same => &mut totals.same,
            Replanned::Later(_) => &mut totals.later,
            Replanned::Earlier(_) => &mut totals.earlier,
            Replanned::Kept(..) => &mut totals.kept,
            Replanned::Unexplained => &mut totals.unexplained,
        };
        *count += 1;
        deadlines.extend(line(case));
    }
    ReplanDeadlinesResponse {
        province_version: version,
        deadlines,
        totals: Some(totals),
        next_page_token: next.map(|next| next.to_string()).unwrap_or_default(),
    }
}

/// None where nothing is another.
fn line(ReplannedCase { case, before, replanned }: ReplannedCase) -> Option<ReplannedDeadline> {
    let (outcome, dates) = match replanned {
        Replanned::Nothing | Replanned::Same => return None,
        Replanned::Later(dates) => (ReplanOutcome::Later, Some(dates)),
        Replanned::Earlier(dates) => (ReplanOutcome::Earlier, Some(dates)),
        Replanned::Kept(dates, Why::Promised) => (ReplanOutcome::Kept, Some(dates)),
        Replanned::Kept(dates, Why::BeforeNow) => (ReplanOutcome::BeforeNow, Some(dates)),
        Replanned::Unexplained => (ReplanOutcome::Unexplained, None),
    };
    Some(ReplannedDeadline {
        case_id: case.id.to_string(),
        application_id: case.application.to_string(),
        dossier_code: case.dossier_code,
        outcome: outcome.into(),
        previous_due_at: before.map(|before| wire_timestamp(before.due_at)),
        previous_appointment_at: before.and_then(|before| before.appointment_at).map(wire_timestamp),
        due_at: dates.map(|Dates { due_at, .. }| wire_timestamp(due_at)),
        appointment_at: dates.and_then(|dates| dates.appointment_at).map(wire_timestamp),
    })
}
