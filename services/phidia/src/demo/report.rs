//! What came of the day: read from the services, shown beside the same day worked at home.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use phidia_domain::{conservation::Balance, id::UnitId, province::Province, unit::UnitKind};
use phidia_proto::{
    events::v1::AssignmentGround,
    notification::v1::{ListMessagesRequest, notification_service_client::NotificationServiceClient},
    processing::v1::{
        Figures, GetReportRequest, ReportSelection, report_service_client::ReportServiceClient,
    },
    routing::v1::{ListWorkRequest, WorkRecord, routing_service_client::RoutingServiceClient},
};
use phidia_words::Words;
use serde::Serialize;
use serde_json::json;

use super::{house::House, patience::PATIENCE};
use crate::{conservation::examine, show};

/// How many centres the summary names.
const NAMED: usize = 3;

/// A finished application.
pub(crate) struct Finished {
    pub(crate) on_time: bool,
    /// Whether the date of its green corridor was kept; none: it is in none.
    pub(crate) in_corridor: Option<bool>,
}

/// What did not go straight on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tally {
    /// Citizens who were asked for something that was missing.
    pub(crate) supplements: u32,
    /// Communes that were asked to verify something.
    pub(crate) verifications: u32,
    /// Departments and agencies that were asked for their part.
    pub(crate) agencies: u32,
    /// Cases that whoever signs sent back.
    pub(crate) sent_back: u32,
    /// Applications with the same day for their result that came too late for it.
    pub(crate) after_cutoff: u32,
    /// Work items that left the flooded centre.
    pub(crate) fled: u32,
    /// Work items that a stand-in took over.
    pub(crate) stood_in_for: u32,
}

/// What one run of the day came to.
pub(crate) struct Outcome {
    pub(crate) accepted: usize,
    pub(crate) finished: Vec<Finished>,
    pub(crate) balance: Balance,
    pub(crate) tally: Tally,
    /// Of processing, for the days from the first application until the last result.
    figures: Figures,
    assigned: usize,
    routed_away: usize,
    grounds: BTreeMap<&'static str, usize>,
    /// Examinations (first steps) by home, by unit that worked on them.
    flows: BTreeMap<(UnitId, UnitId), usize>,
    /// Sorted.
    decision_micros: Vec<i64>,
    notifications: u64,
}

/// Reads what the services know at the end of the day.
pub(crate) async fn gather(
    house: &House<'_>,
    days: String,
    accepted: usize,
    finished: Vec<Finished>,
    tally: Tally,
) -> anyhow::Result<Outcome> {
    let balance = examine(&house.holders(), PATIENCE).await?.balance;
    let mut reports = ReportServiceClient::new(house.processing.clone());
    let selection = ReportSelection { period: days, ..ReportSelection::default() };
    let request = GetReportRequest { selection: Some(selection), ..GetReportRequest::default() };
    let figures = reports.get_report(request).await?.into_inner().total.unwrap_or_default();
    let mut messages = NotificationServiceClient::new(house.notification.clone());
    let request = ListMessagesRequest { page_size: 1, ..ListMessagesRequest::default() };
    let notifications = messages.list_messages(request).await?.into_inner().total;
    let mut outcome = Outcome {
        accepted,
        finished,
        balance,
        tally,
        figures,
        assigned: 0,
        routed_away: 0,
        grounds: BTreeMap::new(),
        flows: BTreeMap::new(),
        decision_micros: Vec::new(),
        notifications,
    };
    let (mut assigned, mut away) = (BTreeSet::new(), BTreeSet::new());
    let mut routing = RoutingServiceClient::new(house.routing.clone());
    let mut page_token = String::new();
    loop {
        let request = ListWorkRequest { page_size: 1000, page_token, state: 0 };
        let page = routing.list_work(request).await?.into_inner();
        for record in &page.records {
            outcome.count(record, &mut assigned, &mut away)?;
        }
        if page.next_page_token.is_empty() {
            break;
        }
        page_token = page.next_page_token;
    }
    outcome.assigned = assigned.len();
    outcome.routed_away = away.len();
    outcome.decision_micros.sort_unstable();
    Ok(outcome)
}

impl Outcome {
    fn count(
        &mut self,
        record: &WorkRecord,
        assigned: &mut BTreeSet<String>,
        away: &mut BTreeSet<String>,
    ) -> anyhow::Result<()> {
        let (Some(item), Some(decision)) = (&record.work_item, &record.decision) else { return Ok(()) };
        assigned.insert(item.application_id.clone());
        let ground = match decision.ground() {
            AssignmentGround::Unspecified => "unspecified",
            AssignmentGround::Home => "home",
            AssignmentGround::Bound => "bound",
            AssignmentGround::Need => "need",
            AssignmentGround::Gain => "gain",
            AssignmentGround::Kept => "kept",
            AssignmentGround::Rescued => "rescued",
            AssignmentGround::Overridden => "overridden",
        };
        *self.grounds.entry(ground).or_default() += 1;
        if matches!(decision.ground(), AssignmentGround::Need | AssignmentGround::Gain) {
            away.insert(item.application_id.clone());
        }
        if decision.ground() != AssignmentGround::Kept {
            self.decision_micros.push(decision.decided_in_micros);
        }
        if item.step == 1 {
            *self.flows.entry((decision.home_unit_id.parse()?, decision.unit_id.parse()?)).or_default() += 1;
        }
        Ok(())
    }

    /// Whether every accepted application was finished, and none was lost or doubled; and whether the report of the day
    /// says so, too.
    pub(crate) fn is_whole(&self) -> bool {
        self.balance.holds() && self.finished.len() == self.accepted && self.adds_up()
    }

    /// Whether the report has as many as there were, on time as they were, and intake has as many.
    fn adds_up(&self) -> bool {
        let Figures { received, finished, finished_late, running, granted, refused, .. } = self.figures;
        let accepted = self.accepted as u64;
        let late = self.finished.len() - self.on_time();
        [received, finished, granted + refused, self.balance.accepted] == [accepted; 4]
            && (running, finished_late) == (0, late as u64)
    }

    fn on_time(&self) -> usize {
        self.finished.iter().filter(|finished| finished.on_time).count()
    }

    /// From acceptance to result, less the time for which the citizen was waited for, in whole working minutes.
    fn mean_minutes(&self) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "minutes of weeks")]
        self.figures.mean_minutes.map_or(0, |mean| mean as i64)
    }

    /// How many are in a green corridor, and of how many its date was kept.
    fn in_corridors(&self) -> (usize, usize) {
        let kept: Vec<_> = self.finished.iter().filter_map(|finished| finished.in_corridor).collect();
        (kept.len(), kept.iter().filter(|kept| **kept).count())
    }

    /// The decision time that so many percent of the decisions took at most, in microseconds.
    fn decision_percentile(&self, percent: usize) -> i64 {
        let index = self.decision_micros.len().saturating_sub(1) * percent / 100;
        self.decision_micros.get(index).copied().unwrap_or(0)
    }
}

/// Both runs side by side.
pub(crate) struct Report<'r> {
    pub(crate) seed: u64,
    pub(crate) day: Date,
    pub(crate) with_phidia: &'r Outcome,
    pub(crate) home_only: &'r Outcome,
    pub(crate) province: &'r Province,
    pub(crate) seconds: f64,
}

impl Report<'_> {
    fn centres(&self) -> usize {
        self.province.units.values().filter(|unit| unit.kind == UnitKind::CommuneCentre).count()
    }

    /// Commune centres by how much of something they have, most first; ties in the order of their ids.
    fn ranked(&self, select: impl Fn(UnitId, UnitId) -> Option<UnitId>) -> Vec<(UnitId, usize)> {
        let mut sums = BTreeMap::new();
        for ((home, unit), count) in &self.with_phidia.flows {
            let named = select(*home, *unit).filter(|named| {
                self.province.units.get(named).is_some_and(|unit| unit.kind == UnitKind::CommuneCentre)
            });
            if let Some(named) = named {
                *sums.entry(named).or_default() += count;
            }
        }
        let mut ranked: Vec<_> = sums.into_iter().collect();
        ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        ranked
    }

    /// One JSON object. `measured` depends on the machine; all else on the seed alone.
    pub(crate) fn print_json(&self) -> anyhow::Result<()> {
        let (with, home) = (self.with_phidia, self.home_only);
        let named = |ranked: Vec<(UnitId, usize)>| -> Vec<_> {
            let code = |unit: &UnitId| self.province.units.get(unit).map(|unit| unit.code.clone());
            ranked
                .iter()
                .take(NAMED)
                .map(|(unit, count)| json!({ "unit": code(unit), "applications": count }))
                .collect()
        };
        let out = json!({
            "province": self.province.code,
            "day": self.day.to_string(),
            "seed": self.seed,
            "centres": self.centres(),
            "accepted": with.accepted,
            "assigned": with.assigned,
            "finished": with.finished.len(),
            "onTime": with.on_time(),
            "meanWorkingMinutes": with.mean_minutes(),
            "inCorridors": with.in_corridors().0,
            "corridorsKept": with.in_corridors().1,
            "incidents": with.tally,
            "reportAddsUp": with.adds_up(),
            "routedAway": with.routed_away,
            "grounds": with.grounds,
            "mostLoaded": named(self.ranked(|_, unit| Some(unit))),
            "mostHelped": named(self.ranked(|home, unit| (home != unit).then_some(home))),
            "mostHelpful": named(self.ranked(|home, unit| (home != unit).then_some(unit))),
            "notifications": with.notifications,
            "lost": with.balance.lost.len(),
            "duplicated": with.balance.doubled.len(),
            "homeOnly": {
                "accepted": home.accepted,
                "finished": home.finished.len(),
                "onTime": home.on_time(),
                "meanWorkingMinutes": home.mean_minutes(),
                "corridorsKept": home.in_corridors().1,
                "incidents": home.tally,
                "reportAddsUp": home.adds_up(),
                "routedAway": home.routed_away,
                "lost": home.balance.lost.len(),
                "duplicated": home.balance.doubled.len(),
            },
            "measured": {
                "seconds": self.seconds,
                "decisionMicrosP50": with.decision_percentile(50),
                "decisionMicrosP99": with.decision_percentile(99),
            },
        });
        show::object(&out)?;
        Ok(())
    }

    /// A summary that a person reads.
    pub(crate) fn print(&self, speech: Words) {
        let (with, home) = (self.with_phidia, self.home_only);
        let name = self.province.name.clone();
        show::line(&format!(
            "{} – {} ({} {}, {} {}, seed {}; {})",
            show::name(speech, &name),
            self.day.strftime("%d/%m/%Y"),
            self.centres(),
            speech.demo_commune_centres(),
            self.province.officers.len(),
            speech.term_officers(),
            self.seed,
            speech.demo_officers_citizens_and_efforts_are_synthetic(),
        ));
        let headings = ["", speech.demo_at_home(), speech.demo_with_phidia()];
        let row = |what: &str, of: &dyn Fn(&Outcome) -> String| vec![what.to_owned(), of(home), of(with)];
        show::table(
            &headings,
            vec![
                row(speech.demo_applications_accepted(), &|run| run.accepted.to_string()),
                row(speech.demo_assigned(), &|run| run.assigned.to_string()),
                row(speech.demo_finished(), &|run| run.finished.len().to_string()),
                row(speech.demo_on_time(), &|run| {
                    format!("{} ({})", run.on_time(), percent(run.on_time(), run.accepted))
                }),
                row(speech.demo_mean_time_to_result(), &|run| show::minutes(speech, run.mean_minutes())),
                row(speech.demo_routed_away(), &|run| {
                    format!("{} ({})", run.routed_away, percent(run.routed_away, run.accepted))
                }),
                row(&format!("  {}", speech.demo_for_need_home_lacks_somebody_able()), &|run| {
                    run.grounds.get("need").copied().unwrap_or(0).to_string()
                }),
                row(&format!("  {}", speech.demo_for_gain_sooner_elsewhere()), &|run| {
                    run.grounds.get("gain").copied().unwrap_or(0).to_string()
                }),
                row(speech.demo_in_a_green_corridor_kept(), &|run| {
                    let (all, kept) = run.in_corridors();
                    format!("{kept} / {all}")
                }),
                row(speech.demo_a_supplement_was_asked_for(), &|run| run.tally.supplements.to_string()),
                row(speech.demo_a_commune_an_agency_was_asked(), &|run| {
                    format!("{} / {}", run.tally.verifications, run.tally.agencies)
                }),
                row(speech.demo_sent_back_by_whoever_signs(), &|run| run.tally.sent_back.to_string()),
                row(speech.demo_for_the_same_day_after_1500_the(), &|run| run.tally.after_cutoff.to_string()),
                row(speech.demo_left_the_centre_flooded_at_noon(), &|run| run.tally.fled.to_string()),
                row(speech.demo_stood_in_for_who_fell_ill(), &|run| run.tally.stood_in_for.to_string()),
                row(speech.demo_messages_to_citizens(), &|run| run.notifications.to_string()),
                row(speech.demo_decision_time_p50_p99(), &|run| {
                    format!("{} / {} µs", run.decision_percentile(50), run.decision_percentile(99))
                }),
                row(speech.demo_the_report_adds_up(), &|run| {
                    if run.adds_up() { speech.demo_yes() } else { speech.demo_no() }.to_owned()
                }),
                row(speech.demo_lost_doubled(), &|run| {
                    format!("{} / {}", run.balance.lost.len(), run.balance.doubled.len())
                }),
            ],
        );
        self.print_ranked(speech, speech.demo_most_loaded(), self.ranked(|_, unit| Some(unit)));
        self.print_ranked(
            speech,
            speech.demo_most_helped(),
            self.ranked(|home, unit| (home != unit).then_some(home)),
        );
        self.print_ranked(
            speech,
            speech.demo_most_helpful(),
            self.ranked(|home, unit| (home != unit).then_some(unit)),
        );
        show::line(&format!("{:.0} s", self.seconds));
    }

    fn print_ranked(&self, speech: Words, label: &str, ranked: Vec<(UnitId, usize)>) {
        let named: Vec<_> = ranked
            .iter()
            .take(NAMED)
            .filter_map(|(unit, count)| {
                let unit = self.province.units.get(unit)?;
                Some(format!("{} ({count})", show::name(speech, &unit.name)))
            })
            .collect();
        show::line(&format!("{label}: {}", named.join("; ")));
    }
}

fn percent(part: usize, whole: usize) -> String {
    // In hundredths of a percent, in whole numbers: the same on every machine.
    let hundredths = (part * 10_000).checked_div(whole).unwrap_or(0);
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}
