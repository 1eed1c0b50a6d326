//! From the register of overtime to messages.

use phidia_domain::registry::{self, Account, Minutes};
use phidia_proto::{
    convert,
    registry::wire_hours,
    routing::v1::{
        ListOvertimeResponse, OvertimeDay, OvertimeFigures, OvertimeKind, OvertimeLine, WorkingMinutes,
    },
};

use super::live;
use crate::{
    list_overtime::{Line, Register},
    reference::Reference,
};

pub(super) fn page(register: Register) -> ListOvertimeResponse {
    let Register { reference, period, now, lines, more, total } = register;
    let today = &reference.value;
    ListOvertimeResponse {
        lines: lines.iter().filter_map(|line| self::line(today, line)).collect(),
        next_page_token: more.unwrap_or_default(),
        total: Some(figures(&total)),
        from: period.from().to_string(),
        to: period.to().to_string(),
        as_of: Some(convert::wire_timestamp(now)),
        revision: today.revision(),
    }
}

fn line(today: &Reference, line: &Line) -> Option<OvertimeLine> {
    let officer = today.province.officers.get(&line.officer)?;
    Some(OvertimeLine {
        officer_code: officer.code.clone(),
        name: officer.name.clone(),
        unit_code: live::unit_code(today, officer.unit),
        figures: Some(figures(&line.account)),
        days: line.days.iter().map(day).collect(),
    })
}

fn figures(account: &Account) -> OvertimeFigures {
    let registry::Overtime { working_days, days_off, holidays, leave } = account.overtime;
    OvertimeFigures {
        carried_over: minutes(account.carried),
        working_days: minutes(working_days),
        days_off: minutes(days_off),
        holidays: minutes(holidays),
        leave_taken: minutes(leave),
        owed: minutes(account.owed()),
    }
}

fn day(day: &registry::OvertimeDay) -> OvertimeDay {
    let kind = match day.kind {
        registry::OvertimeKind::WorkingDay => OvertimeKind::WorkingDay,
        registry::OvertimeKind::DayOff => OvertimeKind::DayOff,
        registry::OvertimeKind::Holiday => OvertimeKind::Holiday,
    };
    OvertimeDay {
        day: day.day.to_string(),
        kind: kind.into(),
        hours: wire_hours(&day.hours),
        overtime: minutes(day.overtime),
        leave_taken: minutes(day.leave),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "as a field of a message is")]
fn minutes(minutes: Minutes) -> Option<WorkingMinutes> {
    Some(WorkingMinutes { done: minutes.done, planned: minutes.planned })
}
