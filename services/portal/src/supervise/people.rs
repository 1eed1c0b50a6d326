//! Who has what to do.

use std::collections::BTreeMap;

use axum::extract::State;
use maud::html;
use phidia_proto::processing::v1::{
    CaseWorkItem, Figures, GetReportRequest, ReportDimension, ReportSelection,
    report_service_client::ReportServiceClient,
};

use super::{centre, menu};
use crate::{
    Portal,
    page::{Look, Page},
    part::{Column, Tone, encoded, table},
    picture::bar,
    services::soon,
    trouble::Trouble,
    visitor::Supervising,
};

pub(super) const PATH: &str = "/phu-trach";

/// What lies with one officer, or with nobody.
#[derive(Clone, Copy, Debug, Default)]
struct Load {
    items: u64,
    minutes: i64,
    warned: u64,
    late: u64,
}

impl Load {
    fn add(&mut self, item: &CaseWorkItem) {
        self.items += 1;
        self.minutes += i64::from(item.effort_minutes);
        match item.minutes_left {
            Some(..0) => self.late += 1,
            _ if item.warned != 0 => self.warned += 1,
            _ => {}
        }
    }
}

pub(super) async fn show(State(portal): State<Portal>, who: Supervising) -> Result<Page, Trouble> {
    let words = who.words;
    let today = centre::today(&portal, &who);
    let (unit, work, done) = tokio::try_join!(
        centre::unit(&portal, &who),
        centre::work(&portal, &who),
        done(&portal, &who, today.to_string()),
    )?;
    let mut loads = BTreeMap::<&str, Load>::new();
    for item in &work {
        loads.entry(&item.officer_code).or_default().add(item);
    }
    let most = loads.values().map(|load| load.minutes).max().unwrap_or_default();
    let row = |load: Load| {
        let tone = if load.late > 0 { Tone::Late } else { Tone::Calm };
        html! {
            td.number { (words.count(load.items)) }
            td.number { (words.span(load.minutes)) " " (bar(load.minutes, most, tone)) }
            td.number { (words.count(load.warned)) }
            td.number { (words.count(load.late)) }
        }
    };
    let of = |code: &str| loads.get(code).copied().unwrap_or_default();
    let rows = html! {
        @for officer in &unit.officers {
            tr data-row tabindex="0" {
                th scope="row" {
                    a href={ "/phu-trach/nguoi/" (encoded(&officer.code)) } { (officer.name) } " " span.soft { (officer.code) }
                }
                td { (centre::presence(&who, officer, today)) }
                (row(of(&officer.code)))
                td.number { (words.count(done.get(&officer.code).map_or(0, |figures| figures.finished))) }
            }
        }
        tr {
            th scope="row" { (words.web_supervise_nobody_yet()) }
            td {}
            (row(of("")))
            td {}
        }
    };
    let columns = [
        Column::Words(words.term_officer()),
        Column::Words(words.web_supervise_today()),
        Column::Numbers(words.web_supervise_items()),
        Column::Numbers(words.web_supervise_effort()),
        Column::Numbers(words.web_supervise_warned()),
        Column::Numbers(words.web_supervise_overdue()),
        Column::Numbers(words.web_supervise_done_today()),
    ];
    let title = words.web_supervise_people();
    let main = html! {
        (menu(&who))
        h1 { (title) }
        p.lead { (words.web_supervise_people_why(work.len())) }
        (table(title, &columns, &rows))
    };
    Ok(Page::new(title, main).with_look(Look::Work))
}

/// What each has finished on a day, by staff code.
async fn done(
    portal: &Portal,
    who: &Supervising,
    period: String,
) -> Result<BTreeMap<String, Figures>, Trouble> {
    let selection = ReportSelection {
        period,
        worked_at_unit_code: who.staff().unit.clone(),
        ..ReportSelection::default()
    };
    let request = GetReportRequest { selection: Some(selection), by: ReportDimension::Officer.into() };
    let mut reports = ReportServiceClient::new(portal.processing(who));
    let groups = reports.get_report(soon(request)).await?.into_inner().groups;
    Ok(groups.into_iter().filter_map(|group| Some((group.code, group.figures?))).collect())
}
