//! An internal process, as a message.

use jiff::civil::Date;
use phidia_domain::procedure::{Change, Publication, TimeLimit};
use phidia_proto::{
    convert::{self, wire_text},
    intake::v1::{GetProcessRequest, GetProcessResponse, ProcessChange, ProcessDecision, ProcessStep},
};
use phidia_runtime::failure::Failure;

use super::catalogue::scope;
use crate::{
    Intake,
    catalogue::get_process::{Asked, ProcessView},
};

pub(super) async fn get(intake: &Intake, request: GetProcessRequest) -> Result<GetProcessResponse, Failure> {
    let version = |version: i64| Some(version).filter(|version| *version != 0);
    let asked = Asked {
        day: convert::optional_day(&request.day, "day")?,
        since_day: convert::optional_day(&request.since_day, "since_day")?,
        version: version(request.province_version),
        since_version: version(request.since_version),
        procedure_code: request.procedure_code,
    };
    Ok(wire(&intake.get_process(asked).await?))
}

fn wire(view: &ProcessView) -> GetProcessResponse {
    let ProcessView { province, procedure, day, changes } = view;
    let process = procedure.process_on(*day);
    let steps = process.steps().iter().map(|step| ProcessStep {
        number: step.number,
        name: Some(wire_text(&step.name)),
        role: step.role.map(|role| wire_text(&role.in_words())),
        scope: scope(step.scope).to_owned(),
        level: step.level.into(),
        effort_minutes: step.effort_minutes,
        share: step.share.map(u32::from),
        share_until: process.share_until(step.number),
        forms: step.forms.iter().map(|form| u32::from(*form)).collect(),
        next: process.next(step),
        together_with: step.together_with.unwrap_or_default(),
    });
    GetProcessResponse {
        procedure_code: procedure.code.clone(),
        procedure_name: Some(wire_text(&procedure.name)),
        day: day.to_string(),
        province_version: province.version,
        time_limit: procedure.limit.map(|limit| wire_text(&limit.in_words())),
        decision: procedure.published_on(*day).map(decision),
        steps: steps.collect(),
        changes: changes.iter().map(change).collect(),
    }
}

pub(super) fn decision(publication: &Publication) -> ProcessDecision {
    let date = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
    ProcessDecision {
        number: publication.decision.clone(),
        decided_on: publication.decided_on.to_string(),
        effective_from: date(publication.effective_from),
        effective_to: date(publication.effective_to),
        steps_before: publication.steps_before,
        time_before: publication.time_before.map(TimeLimit::in_words).as_ref().map(wire_text),
    }
}

fn change(change: &Change) -> ProcessChange {
    ProcessChange {
        step: change.step,
        aspect: Some(wire_text(&change.aspect.name())),
        before: Some(wire_text(&change.before)),
        after: Some(wire_text(&change.after)),
    }
}
