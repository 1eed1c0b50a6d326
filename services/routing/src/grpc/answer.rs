//! From what routing keeps to messages.

use std::collections::BTreeMap;

use phidia_domain::{
    id::UnitId,
    route::{self, Explanation, Ground, Refused},
    unit::UnitKind,
};
use phidia_proto::{
    convert,
    registry::wire_standing,
    routing::v1::{
        Candidate, Decision, Gate, PreviewAssignmentResponse, Relocation, Ring, Unit, UnitLoad,
        WatchLoadResponse, WhatIf, WorkRecord, WorkState,
    },
    types::v1::Outlook,
};

use crate::{
    list_units::Standing,
    list_work::Record,
    preview::Preview,
    reference::Reference,
    watch_load::Told,
    work::{AWAITING_PAYMENT, AWAITING_SUPPLEMENT, Assignment, Item, REFERRED, Refusal, State},
};

pub(super) fn unit(standing: Standing) -> Unit {
    let Standing { unit, officers, load, stands } = standing;
    let (latitude, longitude) = unit.position.unzip();
    Unit {
        unit_id: unit.id.to_string(),
        name: Some(convert::wire_text(&unit.name)),
        kind: kind(unit.kind).to_owned(),
        code: unit.code,
        cluster: unit.cluster,
        officers,
        queued_minutes: load.total_minutes(),
        open_items: load.open_items,
        borrowed_minutes: load.borrowed_minutes,
        availability: wire_standing(&stands).availability,
        latitude,
        longitude,
        neighbour_codes: unit.neighbours,
    }
}

/// What a watcher is told; of all, also the units that have nothing to do.
pub(super) fn load(today: &Reference, told: Told) -> WatchLoadResponse {
    let Told { place, whole, mut units } = told;
    if whole {
        for unit in today.province.units.keys() {
            units.entry(*unit).or_default();
        }
    }
    let code = |unit| today.province.units.get(unit).map(|unit| unit.code.clone()).unwrap_or_default();
    let units = units.iter().map(|(unit, load)| UnitLoad {
        unit_id: unit.to_string(),
        code: code(unit),
        queued_minutes: load.total_minutes(),
        borrowed_minutes: load.borrowed_minutes,
        open_items: load.open_items,
    });
    WatchLoadResponse { resume_token: place.to_string(), whole, units: units.collect() }
}

pub(super) fn kind(kind: UnitKind) -> &'static str {
    match kind {
        UnitKind::CommuneCentre => "commune_centre",
        UnitKind::ProvincialCentre => "provincial_centre",
        UnitKind::Department => "department",
        UnitKind::Agency => "agency",
    }
}

pub(super) fn record(today: &Reference, record: &Record, candidates: bool) -> WorkRecord {
    let Record { item, decision: found, refusal } = record;
    let reason_of = |states: &[State]| {
        if states.contains(&item.state) { item.reason.clone() } else { String::new() }
    };
    WorkRecord {
        work_item: Some(convert::wire_work_item(item.work_item)),
        state: state(item).into(),
        unassignable_reason: reason_of(&[State::Waiting, State::Unassignable]),
        release_reason: reason_of(&[State::Released]),
        decision: found.as_ref().map(|found| decision(today, found, candidates)),
        refusal: refusal.as_ref().map(|refusal| refused(today, refusal)),
    }
}

fn state(item: &Item) -> WorkState {
    match item.state {
        State::Waiting => WorkState::Waiting,
        State::Unassignable => WorkState::Unassignable,
        State::Assigned => WorkState::Assigned,
        State::Done => match item.reason.as_str() {
            AWAITING_SUPPLEMENT => WorkState::AwaitingSupplement,
            AWAITING_PAYMENT => WorkState::AwaitingPayment,
            REFERRED => WorkState::Referred,
            _ => WorkState::Done,
        },
        State::Released => WorkState::Released,
    }
}

/// A decision; with its candidates where the whole comparison is asked for.
pub(super) fn decision(today: &Reference, found: &Assignment, candidates: bool) -> Decision {
    let mut decision = match &found.counted {
        Some(counted) => explained(today, &counted.explanation, candidates),
        // A kept step whose turn has not come yet.
        None => Decision {
            unit_id: found.unit.to_string(),
            unit_name: Some(convert::wire_text(&today.name(found.unit))),
            ground: convert::wire_ground(found.ground).into(),
            decided_at: Some(convert::wire_timestamp(found.decided_at)),
            ..Decision::default()
        },
    };
    decision.assignment_id = found.id.to_string();
    decision.decided_in_micros = found.decided_in_micros;
    if let Some(counted) = &found.counted {
        decision.epoch = counted.epoch;
        decision.board_sequence = counted.sequence;
    }
    decision
}

/// An explanation; with its candidates where the whole comparison is asked for.
pub(super) fn explained(today: &Reference, explanation: &Explanation, candidates: bool) -> Decision {
    let name = |unit: UnitId| Some(convert::wire_text(&today.name(unit)));
    let zone = today.province.clock.time_zone();
    let sentence = explanation.sentence(|unit| today.name(unit), zone);
    let citizen_text = explanation.for_citizen(|unit| today.name(unit), zone);
    let shown: &[route::Candidate] = if candidates { &explanation.candidates } else { &[] };
    Decision {
        unit_id: explanation.chosen.to_string(),
        unit_name: name(explanation.chosen),
        home_unit_id: explanation.home.to_string(),
        home_unit_name: name(explanation.home),
        ground: convert::wire_ground(explanation.ground).into(),
        predicted_finish_at: explanation
            .candidate(explanation.chosen)
            .map(|chosen| convert::wire_timestamp(chosen.predicted_finish_at)),
        decided_at: Some(convert::wire_timestamp(explanation.decided_at)),
        policy: format!("{}@{}", explanation.policy, explanation.policy_version),
        rules_edition: explanation.edition.number(),
        candidates: shown.iter().map(|shown| candidate(today, shown)).collect(),
        filtered: left_out(today, explanation),
        sentence: Some(convert::wire_text(&sentence)),
        citizen_text: Some(convert::wire_text(&citizen_text)),
        ring: ring(explanation.ring).into(),
        gate: explanation.gate.map(gate),
        margin_minutes: explanation.margin_minutes,
        what_if: explanation.what_if.map(|what_if| WhatIf {
            unit_id: what_if.unit.to_string(),
            queue_minutes: what_if.queue_minutes,
            sentence: Some(convert::wire_text(
                &what_if.sentence(explanation.ground, |unit| today.name(unit)),
            )),
        }),
        moved: explanation.moved.as_ref().map(|moved| relocation(today, moved)),
        ..Decision::default()
    }
}

/// A decision that found no unit.
pub(super) fn refused(today: &Reference, refusal: &Refusal) -> Decision {
    Decision {
        assignment_id: refusal.id.to_string(),
        decided_at: Some(convert::wire_timestamp(refusal.decided_at)),
        ..refusal.finding.as_ref().map(|found| finding(today, found)).unwrap_or_default()
    }
}

/// A decision without a unit.
pub(super) fn finding(today: &Reference, found: &route::Refusal) -> Decision {
    let home = found.request.home;
    Decision {
        home_unit_id: home.to_string(),
        home_unit_name: Some(convert::wire_text(&today.name(home))),
        decided_at: Some(convert::wire_timestamp(found.decided_at)),
        policy: format!("{}@{}", found.policy, found.policy_version),
        rules_edition: found.edition.number(),
        filtered: filtered(&found.filtered),
        ..Decision::default()
    }
}

/// How many units were left out, by reason; with those that were weighed and are not among the few that are kept, where the
/// units of that day are known.
fn left_out(today: &Reference, explanation: &Explanation) -> BTreeMap<String, u32> {
    let mut left_out = filtered(&explanation.filtered);
    // Of a unit that somebody has named, what speaks against it is noted in their place.
    let chose = matches!(explanation.ground, Ground::Home | Ground::Bound | Ground::Need | Ground::Gain);
    if chose && explanation.province_version == today.version() {
        let units = today.province.units.len().try_into().unwrap_or(u32::MAX);
        let shown = explanation.candidates.len().try_into().unwrap_or(u32::MAX);
        let told = left_out.values().fold(shown, |told, count| told.saturating_add(*count));
        if told < units {
            left_out.insert(OUTWEIGHED.to_owned(), units - told);
        }
    }
    left_out
}

/// Weighed, and further behind than those that are kept.
const OUTWEIGHED: &str = "outweighed";

/// How many units were left out, by reason.
pub(super) fn filtered(left_out: &BTreeMap<Refused, u32>) -> BTreeMap<String, u32> {
    left_out.iter().map(|(why, count)| (why.name().to_owned(), *count)).collect()
}

fn ring(ring: route::Ring) -> Ring {
    match ring {
        route::Ring::Home => Ring::Home,
        route::Ring::Neighbours => Ring::Neighbours,
        route::Ring::Cluster => Ring::Cluster,
        route::Ring::Province => Ring::Province,
    }
}

fn gate(gate: route::Gate) -> Gate {
    let route::Gate { finish_minutes, remaining_minutes, share, passed } = gate;
    Gate { finish_minutes, remaining_minutes, share, passed }
}

fn relocation(today: &Reference, moved: &route::Moved) -> Relocation {
    let name = |unit: Option<UnitId>| unit.map(|unit| convert::wire_text(&today.name(unit)));
    let id = |unit: Option<UnitId>| unit.map(|unit| unit.to_string()).unwrap_or_default();
    Relocation {
        from_unit_id: id(moved.from),
        from_unit_name: name(moved.from),
        by: moved.by.clone(),
        reason: moved.reason.clone(),
        violations: moved.against.iter().map(|refused| refused.name().to_owned()).collect(),
        instead_unit_id: id(moved.instead),
        instead_unit_name: name(moved.instead),
    }
}

fn candidate(today: &Reference, candidate: &route::Candidate) -> Candidate {
    Candidate {
        unit_id: candidate.unit.to_string(),
        unit_name: Some(convert::wire_text(&today.name(candidate.unit))),
        queued_minutes: candidate.queued_minutes,
        competent_officers: candidate.competent_officers,
        busy_officers: candidate.busy_officers,
        predicted_finish_at: Some(convert::wire_timestamp(candidate.predicted_finish_at)),
        terms: candidate.terms.iter().map(|(name, minutes)| (name.to_string(), *minutes)).collect(),
        score: candidate.score,
        late_probability: candidate.late_probability,
    }
}

pub(super) fn preview(preview: &Preview) -> PreviewAssignmentResponse {
    let (decision, outlook, reason) = match &preview.decision {
        Ok((explanation, outlook, micros)) => {
            let mut decision = explained(&preview.today.value, explanation, true);
            decision.decided_in_micros = *micros;
            decision.epoch = preview.epoch;
            (Some(decision), outlook.as_ref().ok(), outlook.as_ref().err().copied().unwrap_or_default())
        }
        Err(reason) => (None, None, *reason),
    };
    PreviewAssignmentResponse {
        decision,
        due_at: preview.due_at.map(convert::wire_timestamp),
        arithmetic: preview.arithmetic.iter().map(convert::wire_text).collect(),
        unassignable_reason: reason.to_owned(),
        outlook: outlook.map(|looked| self::outlook(&preview.today.value, looked)),
    }
}

fn outlook(today: &Reference, outlook: &route::Outlook) -> Outlook {
    let sentence = outlook.sentence(today.province.clock.time_zone());
    Outlook {
        on_time_probability: outlook.on_time,
        finish_at: Some(convert::wire_timestamp(outlook.finish_at)),
        feasible_at: Some(convert::wire_timestamp(outlook.feasible_at)),
        promise_holds: outlook.holds(),
        sentence: Some(convert::wire_text(&sentence)),
    }
}
