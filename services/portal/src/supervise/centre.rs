//! The centre that somebody answers for, as its services tell of it.

use jiff::civil::Date;
use maud::Markup;
use phidia_proto::{
    processing::v1::{CaseWorkItem, ListWorklistRequest, case_service_client::CaseServiceClient},
    routing::v1::{
        DayHours, Days, GetUnitRequest, GetUnitResponse, HalfDay, Officer,
        registry_service_client::RegistryServiceClient,
    },
};

use crate::{
    Portal,
    part::{Tone, tag},
    services::soon,
    trouble::Trouble,
    visitor::{Supervising, Visitor},
};

/// More work items than so many pages of a worklist are not looked at: nobody reads on there.
const PAGES: usize = 6;

/// What the documents and the registry say of it.
pub(super) async fn unit(portal: &Portal, who: &Supervising) -> Result<GetUnitResponse, Trouble> {
    let request = GetUnitRequest { unit_code: who.staff().unit.clone(), revision: None };
    Ok(RegistryServiceClient::new(portal.routing(who)).get_unit(soon(request)).await?.into_inner())
}

/// All that is to be done there, most urgent first.
pub(super) async fn work(portal: &Portal, who: &Supervising) -> Result<Vec<CaseWorkItem>, Trouble> {
    let mut cases = CaseServiceClient::new(portal.processing(who));
    let (mut work, mut page_token) = (Vec::new(), String::new());
    for _ in 0..PAGES {
        let request =
            ListWorklistRequest { page_size: 500, page_token, all: true, ..ListWorklistRequest::default() };
        let page = cases.list_worklist(soon(request)).await?.into_inner();
        work.extend(page.work_items);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    Ok(work)
}

/// The day of business.
pub(super) fn today(portal: &Portal, visitor: &Visitor) -> Date {
    visitor.zone().to_datetime(portal.now()).date()
}

/// Whether somebody is there today.
pub(super) fn presence(visitor: &Visitor, officer: &Officer, today: Date) -> Markup {
    let words = visitor.words;
    let on = |days: &Days| includes(days, today);
    if officer.compensatory_leave.iter().any(on) && officer.absences.iter().any(on) {
        return tag(Tone::Soon, words.unit_compensatory_leave());
    }
    if officer.absences.iter().any(on) {
        return tag(Tone::Soon, words.unit_absent());
    }
    match officer.changed_hours.iter().find(|hours| hours.day == today.to_string()) {
        Some(hours) => tag(Tone::Calm, &written(&hours.hours)),
        None => tag(Tone::Well, words.unit_present()),
    }
}

fn includes(days: &Days, day: Date) -> bool {
    // Days are written so that they sort as text.
    let day = day.to_string();
    let last = if days.to.is_empty() { &days.from } else { &days.to };
    days.from <= day && day <= *last
}

/// Days as they are said.
pub(super) fn said(visitor: &Visitor, days: &Days) -> String {
    let words = visitor.words;
    match days.to.is_empty() || days.to == days.from {
        true => words.day_of(&days.from),
        false => format!("{} – {}", words.day_of(&days.from), words.day_of(&days.to)),
    }
}

/// `07:30-11:30, 13:00-17:00`.
pub(super) fn written(hours: &[HalfDay]) -> String {
    let one = |half: &HalfDay| format!("{}-{}", half.opens, half.closes);
    hours.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The same read back. What is not written so is for the service to refuse, which names the half-day.
pub(super) fn read(text: &str) -> Vec<HalfDay> {
    let halves = text.split([',', ';']).map(str::trim).filter(|half| !half.is_empty());
    let half = |half: &str| {
        let (opens, closes) = half.split_once(['-', '–']).unwrap_or((half, ""));
        HalfDay { opens: opens.trim().to_owned(), closes: closes.trim().to_owned() }
    };
    halves.map(half).collect()
}

/// The hours of a day as they are said.
pub(super) fn hours_said(visitor: &Visitor, hours: &DayHours) -> String {
    let said = match hours.hours.is_empty() {
        true => visitor.words.unit_closed().to_owned(),
        false => written(&hours.hours),
    };
    format!("{}: {said}", visitor.words.day_of(&hours.day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_they_are_written() {
        let hours = read("07:30-11:30, 13:00 – 17:00");
        assert_eq!(written(&hours), "07:30-11:30, 13:00-17:00");
        assert!(read(" ").is_empty());
        assert_eq!(read("sáng"), [HalfDay { opens: "sáng".into(), closes: String::new() }]);
    }

    #[test]
    fn days_without_a_last_are_one_day() {
        let days = |from: &str, to: &str| Days { from: from.into(), to: to.into() };
        let day = "2026-11-24".parse().unwrap();
        assert!(includes(&days("2026-11-24", ""), day) && includes(&days("2026-11-20", "2026-11-24"), day));
        assert!(!includes(&days("2026-11-23", ""), day) && !includes(&days("2026-11-25", "2026-11-26"), day));
    }
}
