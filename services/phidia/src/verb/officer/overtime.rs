//! `phidia officer overtime`

use phidia_proto::routing::v1::{
    ListOvertimeRequest, ListOvertimeResponse, OvertimeDay, OvertimeFigures, OvertimeKind, OvertimeLine,
    OvertimeSelection, WorkingMinutes, registry_service_client::RegistryServiceClient,
};
use phidia_words::Words;

use super::unit;
use crate::{client::Client, command::OfficerOvertime, show, verb::staff};

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
        speech.officer_as_of(),
        speech.officer_in_parentheses_planned_not_yet_worked()
    ));
    show::page(speech, &headings(speech), rows(speech, &answer), "");
    if !answer.next_page_token.is_empty() {
        let more = speech.term_the_list_goes_on();
        show::aside(&format!("{more}: --after {}", answer.next_page_token));
    }
    if let [OvertimeLine { days, .. }] = answer.lines.as_slice()
        && !days.is_empty()
    {
        show::table(&headings_of_days(speech), days.iter().map(|day| row_of_day(speech, day)).collect());
    }
    Ok(())
}

fn headings(speech: Words) -> [&'static str; 9] {
    [
        speech.term_code(),
        speech.term_officer(),
        speech.term_unit(),
        speech.term_carried_over(),
        speech.officer_overtime_on_working_days(),
        speech.officer_on_days_off(),
        speech.officer_on_holidays(),
        speech.officer_leave_taken(),
        speech.officer_leave_owed(),
    ]
}

/// A row for each officer; of several, one for all of them.
fn rows(speech: Words, answer: &ListOvertimeResponse) -> Vec<Vec<String>> {
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
        rows.push(row("", speech.term_all(), "", answer.total.as_ref()));
    }
    rows
}

fn headings_of_days(speech: Words) -> [&'static str; 5] {
    [
        speech.term_day(),
        speech.officer_kind(),
        speech.officer_overtime_hours(),
        speech.officer_overtime(),
        speech.officer_leave(),
    ]
}

fn row_of_day(speech: Words, day: &OvertimeDay) -> Vec<String> {
    let kind = match day.kind() {
        OvertimeKind::Unspecified => "–",
        OvertimeKind::WorkingDay => speech.officer_working_day(),
        OvertimeKind::DayOff => speech.officer_day_off(),
        OvertimeKind::Holiday => speech.officer_holiday(),
    };
    let hours = if day.hours.is_empty() { "–".to_owned() } else { unit::half_days(speech, &day.hours) };
    vec![day.day.clone(), kind.to_owned(), hours, time(speech, day.overtime), time(speech, day.leave_taken)]
}

/// What is done, and in parentheses what is planned.
fn time(speech: Words, minutes: Option<WorkingMinutes>) -> String {
    let WorkingMinutes { done, planned } = minutes.unwrap_or_default();
    match (done, planned) {
        (0, 0) => "–".to_owned(),
        (done, 0) => signed(speech, done),
        (0, planned) => format!("({})", signed(speech, planned)),
        (done, planned) => format!("{} ({})", signed(speech, done), signed(speech, planned)),
    }
}

fn signed(speech: Words, minutes: i64) -> String {
    let sign = if minutes < 0 { "−" } else { "" };
    format!("{sign}{}", show::minutes(speech, minutes.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_and_what_is_planned_stand_side_by_side() {
        let told = |done, planned| time(Words::EN, Some(WorkingMinutes { done, planned }));
        assert_eq!(
            [told(0, 0), told(240, 0), told(0, 30), told(90, -240)],
            ["–", "4 h 00", "(30 min)", "1 h 30 (−4 h 00)"]
        );
        let owing = WorkingMinutes { done: -480, planned: 0 };
        assert_eq!(time(Words::VI, Some(owing)), "−8 giờ 00");
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
        assert_eq!(rows(Words::EN, &answer).len(), 1);
        answer.lines.push(line);
        let rows = rows(Words::VI, &answer);
        assert_eq!((rows.len(), rows[2][1].as_str(), rows[2][8].as_str()), (3, "Tất cả", "1 giờ 00"));
        assert!(rows.iter().all(|row| row.len() == headings(Words::VI).len()));
    }
}
