//! `phidia officer overtime`

use phidia_domain::application::Language;
use phidia_proto::routing::v1::{
    ListOvertimeRequest, ListOvertimeResponse, OvertimeDay, OvertimeFigures, OvertimeKind, OvertimeLine,
    OvertimeSelection, WorkingMinutes, registry_service_client::RegistryServiceClient,
};

use super::unit;
use crate::{
    client::Client,
    command::OfficerOvertime,
    show::{self, say},
    verb::staff,
};

/// The accounts; of one officer also its days.
pub(super) async fn show(client: &Client<'_>, wanted: OfficerOvertime) -> anyhow::Result<()> {
    let mut registry = RegistryServiceClient::new(client.peer(staff(client)).await?);
    let OfficerOvertime { unit: unit_code, staff: officer_code, period, after } = wanted;
    let selection = Some(OvertimeSelection { period, unit_code, officer_code });
    let request = ListOvertimeRequest { page_size: 1_000, page_token: after, selection };
    let answer = registry.list_overtime(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.ListOvertimeResponse", &answer);
    }
    let speech = client.speech();
    let as_of = client.zone().await.instant(answer.as_of.as_ref());
    show::line(&format!(
        "{} … {}, {} {as_of}; {}",
        answer.from,
        answer.to,
        say(speech, "tính đến", "as of"),
        say(speech, "trong ngoặc: theo kế hoạch, chưa làm", "in parentheses: planned, not yet worked")
    ));
    show::page(speech, &headings(speech), rows(speech, &answer), "");
    if !answer.next_page_token.is_empty() {
        let more = say(speech, "… danh sách còn nữa", "… the list goes on");
        show::aside(&format!("{more}: --after {}", answer.next_page_token));
    }
    if let [OvertimeLine { days, .. }] = answer.lines.as_slice()
        && !days.is_empty()
    {
        show::table(&headings_of_days(speech), days.iter().map(|day| row_of_day(speech, day)).collect());
    }
    Ok(())
}

fn headings(speech: Language) -> [&'static str; 9] {
    [
        say(speech, "Mã", "Code"),
        say(speech, "Cán bộ", "Officer"),
        say(speech, "Đơn vị", "Unit"),
        say(speech, "Kỳ trước chuyển sang", "Carried over"),
        say(speech, "Làm thêm ngày làm việc", "Overtime on working days"),
        say(speech, "ngày nghỉ", "on days off"),
        say(speech, "ngày lễ", "on holidays"),
        say(speech, "Đã nghỉ bù", "Leave taken"),
        say(speech, "Còn được nghỉ bù", "Leave owed"),
    ]
}

/// A row for each officer; of several, one for all of them.
fn rows(speech: Language, answer: &ListOvertimeResponse) -> Vec<Vec<String>> {
    let row = |code: &str, name: &str, unit_code: &str, figures: Option<&OvertimeFigures>| {
        let columns = figures.map(|figures| {
            [
                figures.carried_over,
                figures.working_days,
                figures.days_off,
                figures.holidays,
                figures.leave_taken,
                figures.owed,
            ]
        });
        let mut row = [code, name, unit_code].map(str::to_owned).to_vec();
        row.extend(columns.unwrap_or_default().map(|minutes| time(speech, minutes)));
        row
    };
    let mut rows: Vec<_> = (answer.lines.iter())
        .map(|line| row(&line.officer_code, &line.name, &line.unit_code, line.figures.as_ref()))
        .collect();
    if rows.len() > 1 {
        rows.push(row("", say(speech, "Tất cả", "All"), "", answer.total.as_ref()));
    }
    rows
}

fn headings_of_days(speech: Language) -> [&'static str; 5] {
    [
        say(speech, "Ngày", "Day"),
        say(speech, "Loại ngày", "Kind"),
        say(speech, "Giờ làm thêm", "Overtime hours"),
        say(speech, "Làm thêm", "Overtime"),
        say(speech, "Nghỉ bù", "Leave"),
    ]
}

fn row_of_day(speech: Language, day: &OvertimeDay) -> Vec<String> {
    let kind = match day.kind() {
        OvertimeKind::Unspecified => "–",
        OvertimeKind::WorkingDay => say(speech, "ngày làm việc", "working day"),
        OvertimeKind::DayOff => say(speech, "ngày nghỉ", "day off"),
        OvertimeKind::Holiday => say(speech, "ngày lễ", "holiday"),
    };
    let hours = if day.hours.is_empty() { "–".to_owned() } else { unit::half_days(speech, &day.hours) };
    vec![day.day.clone(), kind.to_owned(), hours, time(speech, day.overtime), time(speech, day.leave_taken)]
}

/// What is done, and in parentheses what is planned.
fn time(speech: Language, minutes: Option<WorkingMinutes>) -> String {
    let WorkingMinutes { done, planned } = minutes.unwrap_or_default();
    match (done, planned) {
        (0, 0) => "–".to_owned(),
        (done, 0) => signed(speech, done),
        (0, planned) => format!("({})", signed(speech, planned)),
        (done, planned) => format!("{} ({})", signed(speech, done), signed(speech, planned)),
    }
}

fn signed(speech: Language, minutes: i64) -> String {
    let sign = if minutes < 0 { "−" } else { "" };
    format!("{sign}{}", show::minutes(speech, minutes.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_and_what_is_planned_stand_side_by_side() {
        let told = |done, planned| time(Language::En, Some(WorkingMinutes { done, planned }));
        assert_eq!(
            [told(0, 0), told(240, 0), told(0, 30), told(90, -240)],
            ["–", "4 h 00", "(30 min)", "1 h 30 (−4 h 00)"]
        );
        let owing = WorkingMinutes { done: -480, planned: 0 };
        assert_eq!(time(Language::Vi, Some(owing)), "−8 giờ 00");
    }

    #[test]
    fn several_officers_are_added_up_and_one_is_not() {
        let figures = OvertimeFigures {
            owed: Some(WorkingMinutes { done: 60, planned: 0 }),
            ..OvertimeFigures::default()
        };
        let line = OvertimeLine { figures: Some(figures), ..OvertimeLine::default() };
        let mut answer = ListOvertimeResponse {
            lines: vec![line.clone()],
            total: Some(figures),
            ..ListOvertimeResponse::default()
        };
        assert_eq!(rows(Language::En, &answer).len(), 1);
        answer.lines.push(line);
        let rows = rows(Language::Vi, &answer);
        assert_eq!((rows.len(), rows[2][1].as_str(), rows[2][8].as_str()), (3, "Tất cả", "1 giờ 00"));
        assert!(rows.iter().all(|row| row.len() == headings(Language::Vi).len()));
    }
}
