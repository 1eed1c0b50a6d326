//! What the other services tell.

use phidia_domain::{
    id::{ApplicationId, EventId, OfficerId},
    work_item::WorkItem,
};
use phidia_proto::{
    convert,
    events::v1::{
        ApplicationSubmitted, CaseCompleted, DeadlineNear, DeadlineStage, Event, StepCompleted, StepOutcome,
        StepReady, StepStarted, event::Fact,
    },
    types::v1::{CompetenceKey, Place},
};
use phidia_runtime::ids::Ids;

use crate::{
    harness::{MONDAY, at},
    province::unit,
};

pub(crate) fn event(about: ApplicationId, fact: Fact) -> Event {
    Event {
        id: Ids::random().mint::<EventId>(at(MONDAY)).to_string(),
        province: "37".into(),
        application_id: about.to_string(),
        source: "intake".into(),
        sequence: 1,
        occurred_at: Some(convert::wire_timestamp(at(MONDAY))),
        recorded_at: Some(convert::wire_timestamp(at(MONDAY))),
        actor: "citizen/portal".into(),
        schema_version: 1,
        fact: Some(fact),
        ..Event::default()
    }
}

/// A submission that does not say where its subject lives.
pub(crate) fn submission_without_a_place(procedure: &str, received_at: &str) -> Fact {
    match submission(procedure, received_at) {
        Fact::ApplicationSubmitted(fact) => {
            Fact::ApplicationSubmitted(ApplicationSubmitted { places: Vec::new(), ..fact })
        }
        other => other,
    }
}

/// A submission by somebody who lives in commune 1.
pub(crate) fn submission(procedure: &str, received_at: &str) -> Fact {
    let residence = Place { key: CompetenceKey::Residence.into(), commune_code: "7".into() };
    Fact::ApplicationSubmitted(ApplicationSubmitted {
        procedure_code: procedure.into(),
        province_version: 1,
        received_at_unit_id: unit(received_at).to_string(),
        return_at_unit_id: unit(received_at).to_string(),
        places: vec![residence],
        submitted_at: Some(convert::wire_timestamp(at(MONDAY))),
        due_at: Some(convert::wire_timestamp(at("2026-11-24T01:00:00Z"))),
        ..ApplicationSubmitted::default()
    })
}

pub(crate) fn started(item: WorkItem, at: &str) -> Fact {
    let work_item = Some(convert::wire_work_item(item));
    Fact::StepStarted(StepStarted { work_item, unit_id: unit(at).to_string(), ..StepStarted::default() })
}

pub(crate) fn completed(item: WorkItem, at: &str) -> Fact {
    let (work_item, outcome) = (Some(convert::wire_work_item(item)), StepOutcome::Approved.into());
    Fact::StepCompleted(StepCompleted {
        work_item,
        unit_id: unit(at).to_string(),
        outcome,
        ..StepCompleted::default()
    })
}

pub(crate) fn ready(item: WorkItem, previous: &str, kept: bool) -> Fact {
    let work_item = Some(convert::wire_work_item(item));
    Fact::StepReady(StepReady {
        work_item,
        previous_unit_id: unit(previous).to_string(),
        kept,
        ..StepReady::default()
    })
}

pub(crate) fn finished() -> Fact {
    Fact::CaseCompleted(CaseCompleted { outcome: StepOutcome::Approved.into(), ..CaseCompleted::default() })
}

/// Processing says that it will soon be late; `held`: an officer holds it.
pub(crate) fn nearly_late(item: WorkItem, held: bool) -> Fact {
    Fact::DeadlineNear(DeadlineNear {
        work_item: Some(convert::wire_work_item(item)),
        stage: DeadlineStage::Officer.into(),
        officer_id: if held { OfficerId::of("37", "1-01").to_string() } else { String::new() },
        ..DeadlineNear::default()
    })
}
