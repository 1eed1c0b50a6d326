//! Records as messages.

use std::collections::BTreeMap;

use phidia_domain::{
    case::{self, Happening, Passage, Stage, State, Warning},
    id::UnitId,
    procedure::Text,
};
use phidia_proto::{
    application::wire_return_way,
    convert::{wire_outcome, wire_payment_way, wire_text, wire_timestamp, wire_warning, wire_work_item},
    events::v1::{DeadlineStage, PaymentWay, StepOutcome},
    processing::v1::{
        Awaited, AwaitedOffice, AwaitedOffices, Case, CaseBranch, CaseState, CaseTransition,
        CaseTransitionKind, CaseWorkItem, CorridorDate, Deadline, ExplainDeadlineResponse, Payment,
        Postponement, Reopening, Supplement, Turn, awaited::What,
    },
};

use crate::{
    deadline::{CaseDeadline, Reckoning},
    get_case::{CaseView, Transition},
    line::Line,
};

pub(super) fn case(CaseView { case, procedure_name }: CaseView) -> Case {
    let clock_version = case.clock_version();
    Case {
        case_id: case.id.to_string(),
        application_id: case.application.to_string(),
        dossier_code: case.dossier_code,
        procedure_code: case.procedure_code,
        procedure_name: Some(wire_text(&procedure_name)),
        state: state(case.standing.state).into(),
        submitted_at: Some(wire_timestamp(case.submitted_at)),
        due_at: case.due_at.map(wire_timestamp),
        completed_at: case.finished.map(|finished| wire_timestamp(finished.at)),
        on_time: case.finished.map(|finished| finished.on_time),
        province_version: case.province_version,
        supplement: case.supplement.map(supplement),
        corridor_due_at: case.corridor_due_at.map(wire_timestamp),
        payments: case.payments.into_iter().map(payment).collect(),
        warned: warned_of(case.warned).into(),
        result_by: wire_return_way(case.result_by).into(),
        postponement: case.postponement.map(|postponement| Postponement {
            told_at: Some(wire_timestamp(postponement.told_at)),
            due_at: Some(wire_timestamp(postponement.due_at)),
            agreed_at: Some(wire_timestamp(postponement.agreed_at)),
            appointment_at: Some(wire_timestamp(postponement.appointment_at)),
        }),
        clock_version,
        reopenings: case.reopenings.into_iter().map(reopening).collect(),
        branches: case.standing.branches.into_iter().map(branch).collect(),
    }
}

fn branch(branch: case::Branch) -> CaseBranch {
    CaseBranch { step: branch.step, state: state(branch.state).into() }
}

fn reopening(reopening: case::Reopening) -> Reopening {
    let case::Reopening { decision, actor, at, step, before } = reopening;
    Reopening {
        decision,
        actor,
        reopened_at: Some(wire_timestamp(at)),
        step,
        state: state(before.state).into(),
        completed_at: Some(wire_timestamp(before.at)),
        on_time: before.on_time,
        due_at: before.due_at.map(wire_timestamp),
    }
}

fn supplement(supplement: case::Supplement) -> Supplement {
    Supplement {
        requested_at: Some(wire_timestamp(supplement.requested_at)),
        until: Some(wire_timestamp(supplement.until)),
        received_at: supplement.received_at.map(wire_timestamp),
    }
}

fn payment(payment: case::Payment) -> Payment {
    Payment {
        amount_dong: payment.amount_dong,
        requested_at: Some(wire_timestamp(payment.requested_at)),
        paid_at: payment.paid_at.map(wire_timestamp),
        way: payment.way.map_or(PaymentWay::Unspecified, wire_payment_way).into(),
    }
}

fn warned_of(warned: Option<Warning>) -> DeadlineStage {
    warned.map_or(DeadlineStage::Unspecified, wire_warning)
}

pub(super) fn case_deadline(found: CaseDeadline) -> ExplainDeadlineResponse {
    let CaseDeadline { case: view, reckoning, minutes_left } = found;
    let agreed = view.case.postponement.map(|postponement| postponement.appointment_at);
    let corridor = reckoning.corridor.as_ref().and_then(|promise| promise.due_at);
    let same = (view.case.due_at, view.case.corridor_due_at, agreed)
        == (reckoning.promise.due_at, corridor, reckoning.appointment_at);
    ExplainDeadlineResponse {
        case: Some(case(view)),
        deadline: Some(deadline(reckoning)),
        same,
        minutes_left,
    }
}

pub(super) fn deadline(reckoning: Reckoning) -> Deadline {
    let Reckoning {
        procedure_code,
        procedure_name,
        province_version,
        clock_version,
        promise,
        corridor,
        appointment_at,
    } = reckoning;
    Deadline {
        procedure_code,
        procedure_name: Some(wire_text(&procedure_name)),
        province_version,
        time_limit: promise.limit.map(|limit| wire_text(&limit.in_words())),
        received_at: Some(wire_timestamp(promise.received_at)),
        counted_from: Some(wire_timestamp(promise.counted_from)),
        due_at: promise.due_at.map(wire_timestamp),
        arithmetic: promise.arithmetic.iter().map(wire_text).collect(),
        corridor: corridor.map(|promise| CorridorDate {
            due_at: promise.due_at.map(wire_timestamp),
            arithmetic: promise.arithmetic.iter().map(wire_text).collect(),
        }),
        appointment_at: appointment_at.map(wire_timestamp),
        clock_version,
    }
}

pub(super) fn work_item(line: Line) -> CaseWorkItem {
    let Line {
        item,
        procedure_name,
        field,
        step_name,
        holder_code,
        minutes_left,
        warned,
        sent_back_reason,
        aim_at,
        next_steps,
        together_with,
        awaits,
        offices,
        ..
    } = line;
    CaseWorkItem {
        work_item: Some(wire_work_item(item.held.work_item)),
        case_id: item.case.to_string(),
        dossier_code: item.dossier_code,
        procedure_code: item.procedure_code,
        procedure_name: Some(wire_text(&procedure_name)),
        field: Some(wire_text(&field)),
        step_name: Some(wire_text(&step_name)),
        level: item.held.level.into(),
        effort_minutes: item.effort_minutes,
        unit_id: item.held.unit.to_string(),
        fence: item.held.fence,
        officer_id: item.held.holder.map(|officer| officer.to_string()).unwrap_or_default(),
        officer_code: holder_code,
        queued_at: Some(wire_timestamp(item.queued_at)),
        started_at: item.started_at.map(wire_timestamp),
        completed_at: item.completed_at.map(wire_timestamp),
        due_at: item.due_at.map(wire_timestamp),
        minutes_left,
        corridor_due_at: item.corridor_due_at.map(wire_timestamp),
        outcome: outcome(item.held.stage).into(),
        sent_back_reason,
        warned: warned_of(warned).into(),
        held_until: item.held.held_until.map(wire_timestamp),
        aim_at: aim_at.map(wire_timestamp),
        next_steps,
        together_with,
        awaits: awaits.map(|awaits| awaited(awaits, &offices)),
    }
}

/// What is waited for. `names`: of the offices that are asked.
fn awaited(awaits: case::Awaited, names: &BTreeMap<UnitId, Text>) -> Awaited {
    let what = match awaits {
        case::Awaited::Supplement(asked) => What::Supplement(supplement(asked)),
        case::Awaited::Payment(asked) => What::Payment(payment(asked)),
        case::Awaited::Offices(asked) => {
            let office = |asked: case::Referral| AwaitedOffice {
                referral_id: asked.id.to_string(),
                unit_id: asked.to.to_string(),
                unit_name: names.get(&asked.to).map(wire_text),
                due_at: Some(wire_timestamp(asked.due_at)),
                acknowledged_at: asked.acknowledged_at.map(wire_timestamp),
            };
            What::Offices(AwaitedOffices { offices: asked.into_iter().map(office).collect() })
        }
    };
    Awaited { what: Some(what) }
}

pub(super) fn transition(Transition { passage, officer_code }: Transition) -> CaseTransition {
    let Passage { work_item, fence, happening, at, unit, officer, actor } = passage;
    CaseTransition {
        work_item: Some(wire_work_item(work_item)),
        fence,
        kind: transition_kind(happening).into(),
        occurred_at: Some(wire_timestamp(at)),
        unit_id: unit.to_string(),
        officer_id: officer.map(|officer| officer.to_string()).unwrap_or_default(),
        officer_code,
        actor: actor.unwrap_or_default(),
    }
}

fn transition_kind(happening: Happening) -> CaseTransitionKind {
    match happening {
        Happening::Reached => CaseTransitionKind::Reached,
        Happening::TakenUp => CaseTransitionKind::TakenUp,
        Happening::Returned => CaseTransitionKind::Returned,
        Happening::Paused => CaseTransitionKind::SupplementRequested,
        Happening::Charged => CaseTransitionKind::PaymentRequested,
        Happening::Referred => CaseTransitionKind::Referred,
        Happening::Resumed => CaseTransitionKind::Resumed,
        Happening::Done => CaseTransitionKind::Done,
        Happening::SentBack => CaseTransitionKind::SentBack,
        Happening::Superseded => CaseTransitionKind::Superseded,
        Happening::Stopped => CaseTransitionKind::Stopped,
        Happening::Reopened => CaseTransitionKind::Reopened,
    }
}

pub(super) fn turn(turn: case::Turn) -> Turn {
    match turn {
        case::Turn::InHand => Turn::InHand,
        case::Turn::Green => Turn::Green,
        case::Turn::Urgent => Turn::Urgent,
        case::Turn::LateTurn => Turn::LateTurn,
        case::Turn::Late => Turn::Late,
    }
}

fn outcome(stage: Stage) -> StepOutcome {
    match stage {
        Stage::Done(outcome) => wire_outcome(outcome),
        Stage::SentBack => StepOutcome::SentBack,
        Stage::Open | Stage::Paused | Stage::Superseded | Stage::Stopped => StepOutcome::Unspecified,
    }
}

pub(super) fn state(state: State) -> CaseState {
    match state {
        State::AwaitingUnit => CaseState::AwaitingUnit,
        State::Queued => CaseState::Queued,
        State::InProgress => CaseState::InProgress,
        State::Granted => CaseState::Granted,
        State::Refused => CaseState::Refused,
        State::AwaitingSupplement => CaseState::AwaitingSupplement,
        State::Withdrawn => CaseState::Withdrawn,
        State::Lapsed => CaseState::Lapsed,
        State::AwaitingPayment => CaseState::AwaitingPayment,
        State::Referred => CaseState::Referred,
    }
}
