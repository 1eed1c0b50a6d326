//! What is counted, as messages.

use phidia_domain::{
    id::UnitId,
    procedure::TimeLimit,
    report::{
        Figure, Figures as Counted,
        index::{Measure, not_measured},
        online::{Levels, tier_name},
        shares::{Share, Shares},
    },
};
use phidia_proto::{
    convert::{wire_channel, wire_rating, wire_text, wire_timestamp},
    events::v1::{Channel, Rating},
    processing::v1::{
        ConvertedProcedure, ExchangeCell, ExchangeTotal, Figures, GetExchangeResponse,
        GetOnlineServicesResponse, GetReportResponse, GetServiceIndexResponse,
        GetSimplifiedProcessesResponse, ListReportCasesResponse, OnlineMeasure, OnlineServices,
        ProgressMeasure, RankedUnit, ReportCase, ReportGroup, SatisfactionMeasure, ServiceShares,
        ShareMeasure, SimplifiedProcess, TrendPoint, UnmeasuredCriterion,
    },
    types::v1::Text,
};

use super::answer::state;
use crate::{
    get_exchange::{Exchange, Flow},
    get_online_services,
    get_report::Report,
    get_service_index::{Online, Ranked, ServiceIndex},
    get_simplified_processes::SimplifiedProcesses,
    get_trend::Point,
    list_report_cases::Cases,
    selection::{Chosen, NONE_YET, officer_code, unit_code},
    store::{self, Dimension},
};

pub(super) fn report(report: &Report, by: Option<Dimension>) -> GetReportResponse {
    let Report { chosen, total, groups } = report;
    let group = |by: Dimension| {
        let groups = groups.iter().map(move |(key, counted)| ReportGroup {
            code: chosen.code(by, key),
            name: chosen.name(by, key).as_ref().map(wire_text),
            figures: Some(figures(counted)),
        });
        let mut groups: Vec<_> = groups.collect();
        groups.sort_by(|one, other| one.code.cmp(&other.code));
        groups
    };
    GetReportResponse {
        from: chosen.period.from().to_string(),
        to: chosen.period.to().to_string(),
        as_of: Some(wire_timestamp(chosen.window.as_of)),
        total: Some(figures(total)),
        groups: by.map(group).unwrap_or_default(),
    }
}

pub(super) fn point(Point { days, counts, running }: Point) -> TrendPoint {
    TrendPoint {
        from: days.from().to_string(),
        to: days.to().to_string(),
        received: counts.received,
        finished: counts.finished(),
        finished_in_time: counts.in_time,
        finished_late: counts.late,
        finished_undated: counts.undated,
        running,
    }
}

fn figures(counted: &Counted) -> Figures {
    let count = |figure| counted.count(figure);
    let [median, p90, p95] = match counted.percentiles {
        Some(percentiles) => percentiles.map(Some),
        None => [None; 3],
    };
    Figures {
        received: count(Figure::Received),
        carried_over: count(Figure::CarriedOver),
        finished: count(Figure::Finished),
        finished_early: count(Figure::Early),
        finished_on_time: count(Figure::OnTime),
        finished_late: count(Figure::Late),
        finished_undated: count(Figure::FinishedUndated),
        granted: count(Figure::Granted),
        refused: count(Figure::Refused),
        withdrawn: count(Figure::Withdrawn),
        lapsed: count(Figure::Lapsed),
        running: count(Figure::Running),
        running_in_term: count(Figure::InTerm),
        running_overdue: count(Figure::Overdue),
        running_undated: count(Figure::RunningUndated),
        waiting: count(Figure::Waiting),
        mean_minutes: counted.mean_minutes(),
        median_minutes: median,
        p90_minutes: p90,
        p95_minutes: p95,
        supplements: counted.supplements,
        supplemented: count(Figure::Supplemented),
        received_direct: count(Figure::ReceivedDirect),
        received_online: count(Figure::ReceivedOnline),
        received_by_post: count(Figure::ReceivedByPost),
        received_unstated: count(Figure::ReceivedUnstated),
        received_digitised: count(Figure::ReceivedDigitised),
        received_undigitised: count(Figure::ReceivedUndigitised),
        received_digitised_unstated: count(Figure::ReceivedDigitisedUnstated),
        issued_electronically: count(Figure::IssuedElectronically),
        rated: count(Figure::Rated),
        satisfied: count(Figure::Satisfied),
        dissatisfied: count(Figure::Dissatisfied),
        paid_online: count(Figure::PaidOnline),
        paid_otherwise: count(Figure::PaidOtherwise),
    }
}

pub(super) fn exchange(exchange: &Exchange) -> GetExchangeResponse {
    let Exchange { chosen, cells, flows } = exchange;
    let code = |unit| unit_code(&chosen.today.value, unit);
    let mut cells: Vec<_> = cells
        .iter()
        .map(|((received, worked), counted)| ExchangeCell {
            received_at_unit_code: code(Some(*received)),
            worked_at_unit_code: code(*worked),
            cases: counted.cases(),
            finished: counted.count(Figure::Finished),
            running: counted.count(Figure::Running),
        })
        .collect();
    let codes = |cell: &ExchangeCell| (cell.received_at_unit_code.clone(), cell.worked_at_unit_code.clone());
    cells.sort_by_cached_key(codes);
    let mut totals: Vec<_> = flows.iter().map(|(unit, flow)| flow_of(chosen, *unit, *flow)).collect();
    totals.sort_by(|one, other| one.unit_code.cmp(&other.unit_code));
    GetExchangeResponse {
        from: chosen.period.from().to_string(),
        to: chosen.period.to().to_string(),
        as_of: Some(wire_timestamp(chosen.window.as_of)),
        cells,
        totals,
    }
}

fn flow_of(chosen: &Chosen, unit: UnitId, flow: Flow) -> ExchangeTotal {
    let Flow { kept, out, unassigned, taken_in } = flow;
    ExchangeTotal {
        unit_code: unit_code(&chosen.today.value, Some(unit)),
        unit_name: unit_name(chosen, unit),
        received: kept + out + unassigned,
        kept,
        out,
        unassigned,
        r#in: taken_in,
    }
}

fn unit_name(chosen: &Chosen, unit: UnitId) -> Option<Text> {
    chosen.today.value.units.get(&unit).map(|unit| wire_text(&unit.name))
}

pub(super) fn service_index(index: &ServiceIndex) -> GetServiceIndexResponse {
    let ServiceIndex { chosen, total, online, shares, offered, used, ranking, ranked } = index;
    let ranking =
        ranking.iter().map(|Ranked { place, unit, measure: measured, online, shares }| RankedUnit {
            place: *place,
            unit_code: unit_code(&chosen.today.value, Some(*unit)),
            unit_name: unit_name(chosen, *unit),
            measure: Some(measure(measured)),
            online: Some(came_in(*online)),
            shares: Some(self::shares(*shares)),
        });
    let unmeasured = not_measured().into_iter().map(|group| UnmeasuredCriterion {
        number: group.number.to_owned(),
        points: group.points,
        name: Some(wire_text(&group.name)),
        missing: Some(wire_text(&group.missing)),
    });
    GetServiceIndexResponse {
        from: chosen.period.from().to_string(),
        to: chosen.period.to().to_string(),
        as_of: Some(wire_timestamp(chosen.window.as_of)),
        total: total.as_ref().map(measure),
        ranking: ranking.collect(),
        ranked: u32::try_from(*ranked).unwrap_or(u32::MAX),
        unmeasured: unmeasured.collect(),
        online: Some(came_in(*online)),
        shares: Some(self::shares(*shares)),
        services_online: Some(share(*offered)),
        services_used_online: used.map(share),
    }
}

fn came_in(online: Online) -> OnlineMeasure {
    let Online { stated, online } = online;
    OnlineMeasure { stated, online }
}

fn share(share: Share) -> ShareMeasure {
    ShareMeasure { of: share.of, count: share.count, fulfilled: share.fulfilled() }
}

fn shares(shares: Shares) -> ServiceShares {
    let Shares { paid_online, electronic_results, digitised, satisfaction } = shares;
    ServiceShares {
        paid_online: Some(share(paid_online)),
        electronic_results: Some(share(electronic_results)),
        digitised: Some(share(digitised)),
        satisfaction: Some(SatisfactionMeasure {
            judged: satisfaction.judged,
            overdue: satisfaction.overdue,
            finished: satisfaction.finished,
            dissatisfied: satisfaction.dissatisfied,
            share: satisfaction.share(),
            fulfilled: satisfaction.fulfilled(),
        }),
    }
}

fn measure(measured: &Measure) -> ProgressMeasure {
    ProgressMeasure {
        judged: measured.judged,
        on_time: measured.on_time,
        on_time_share: measured.on_time_share(),
        points: measured.points(),
        mean_minutes: measured.mean_minutes(),
        mean_allowed_minutes: measured.mean_allowed_minutes(),
    }
}

pub(super) fn online_services(found: get_online_services::OnlineServices) -> GetOnlineServicesResponse {
    let sum = |one: Levels, (_, other): &(_, Levels)| Levels {
        full: one.full + other.full,
        partial: one.partial + other.partial,
        none: one.none + other.none,
    };
    let total = found.tiers.iter().fold(Levels::default(), sum);
    let tiers = found.tiers.iter().map(|(tier, levels)| online(Some(wire_text(&tier_name(*tier))), *levels));
    let converted = found.converted.into_iter();
    GetOnlineServicesResponse {
        day: found.day.to_string(),
        province_version: found.province_version,
        total: Some(online(None, total)),
        tiers: tiers.collect(),
        converted: converted
            .map(|(code, name)| ConvertedProcedure { code, name: Some(wire_text(&name)) })
            .collect(),
    }
}

fn online(tier: Option<Text>, levels: Levels) -> OnlineServices {
    let Levels { full, partial, none } = levels;
    OnlineServices { tier, procedures: levels.base(), full, partial, offline: none }
}

pub(super) fn simplified_processes(found: SimplifiedProcesses) -> GetSimplifiedProcessesResponse {
    let SimplifiedProcesses { day, province_version, sum, all } = found;
    let time = |limit: Option<TimeLimit>| limit.map(|limit| wire_text(&limit.in_words()));
    let processes = all.into_iter().map(|one| SimplifiedProcess {
        code: one.code,
        name: Some(wire_text(&one.name)),
        decision: one.decision,
        steps_before: one.steps_before,
        steps_after: one.steps_after,
        time_before: time(one.time_before),
        time_after: time(one.time_after),
    });
    GetSimplifiedProcessesResponse {
        day: day.to_string(),
        province_version,
        procedures: sum.procedures,
        published: sum.published,
        simplified: sum.simplified,
        steps_before: sum.steps_before,
        steps_after: sum.steps_after,
        minutes_before: sum.minutes_before,
        minutes_after: sum.minutes_after,
        processes: processes.collect(),
    }
}

pub(super) fn cases(cases: Cases) -> ListReportCasesResponse {
    let Cases { chosen, cases, next } = cases;
    let shown = cases.into_iter().map(|case| case_of(&chosen, case)).collect();
    ListReportCasesResponse { cases: shown, next_page_token: next }
}

fn case_of(chosen: &Chosen, case: store::Counted) -> ReportCase {
    let province = &chosen.today.value;
    // Who works at another unit is nobody's business here.
    let ours = chosen.own.is_none() || case.worked_at == chosen.own;
    ReportCase {
        case_id: case.case.to_string(),
        dossier_code: case.dossier_code,
        procedure_code: case.procedure_code,
        state: state(case.state).into(),
        submitted_at: Some(wire_timestamp(case.submitted_at)),
        due_at: case.due_at.map(wire_timestamp),
        ended_at: case.ended_at.map(wire_timestamp),
        minutes: case.minutes,
        received_at_unit_code: unit_code(province, Some(case.received_at)),
        worked_at_unit_code: unit_code(province, case.worked_at),
        officer_code: if ours { officer_code(province, case.officer) } else { NONE_YET.to_owned() },
        supplements: case.supplements,
        channel: case.channel.map_or(Channel::Unspecified, wire_channel).into(),
        digitised: case.digitised,
        issued: case.issued,
        paid_online: case.paid_online,
        rating: case.rating.map_or(Rating::Unspecified, wire_rating).into(),
    }
}
