//! `phidia equipment …`

use phidia_proto::{
    convert::wire_timestamp,
    intake::v1::{
        self as wire, AmendEquipmentRequest, EquipmentKind, EquipmentState, ListEquipmentChangesRequest,
        ListEquipmentRequest, RegisterEquipmentRequest, equipment_service_client::EquipmentServiceClient,
    },
};
use phidia_runtime::peer::Peer;
use phidia_words::Words;
use std::process::ExitCode;

use super::staff;
use crate::{
    client::Client,
    command::{Equipment, EquipmentKindName, EquipmentStateName, SetEquipment},
    show::{self, Zone},
};

pub(crate) async fn run(client: &Client<'_>, verb: Equipment) -> anyhow::Result<ExitCode> {
    match verb {
        Equipment::Add { asset_number, kind, unit: unit_code, name, point } => {
            let kind = wire_kind(kind).into();
            let request = RegisterEquipmentRequest { unit_code, asset_number, kind, name, point };
            let answer = register(client).await?.register_equipment(request).await?.into_inner();
            let (piece, changed) = (answer.equipment.as_ref(), answer.changed);
            told(client, "phidia.intake.v1.RegisterEquipmentResponse", &answer, piece, changed)?;
        }
        Equipment::Set(options) => set(client, options).await?,
        Equipment::List { unit: unit_code, kind, state, page: page_token } => {
            let request = ListEquipmentRequest {
                unit_code,
                kind: kind.map_or(EquipmentKind::Unspecified, wire_kind).into(),
                state: state.map_or(EquipmentState::Unspecified, wire_state).into(),
                page_size: 0,
                page_token,
            };
            let answer = register(client).await?.list_equipment(request).await?.into_inner();
            if client.json() {
                show::json("phidia.intake.v1.ListEquipmentResponse", &answer)?;
            } else {
                let (speech, zone) = (client.speech(), client.zone().await);
                let rows = answer.equipment.iter().map(|piece| row(speech, &zone, piece)).collect();
                show::page(speech, &headings(speech), rows, &answer.next_page_token);
            }
        }
        Equipment::History { equipment } => history(client, equipment).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn register(client: &Client<'_>) -> anyhow::Result<EquipmentServiceClient<Peer>> {
    Ok(EquipmentServiceClient::new(client.peer(staff(client)).await?))
}

async fn set(client: &Client<'_>, options: SetEquipment) -> anyhow::Result<()> {
    let SetEquipment { equipment: equipment_id, state, since, name, point, note } = options;
    let zone = client.zone().await;
    let since = since.map(|since| zone.parse(&since)).transpose()?;
    let request = AmendEquipmentRequest {
        equipment_id,
        state: state.map_or(EquipmentState::Unspecified, wire_state).into(),
        since: since.map(wire_timestamp),
        name,
        point,
        note,
    };
    let answer = register(client).await?.amend_equipment(request).await?.into_inner();
    let (piece, changed) = (answer.equipment.as_ref(), answer.changed);
    told(client, "phidia.intake.v1.AmendEquipmentResponse", &answer, piece, changed)
}

async fn history(client: &Client<'_>, equipment_id: String) -> anyhow::Result<()> {
    let request = ListEquipmentChangesRequest { equipment_id };
    let answer = register(client).await?.list_equipment_changes(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ListEquipmentChangesResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.changes.iter().map(|change| {
        let piece = change.equipment.clone().unwrap_or_default();
        vec![
            zone.instant(change.at.as_ref()),
            change.actor.clone(),
            state(speech, piece.state()).to_owned(),
            zone.instant(piece.since.as_ref()),
            piece.name,
            piece.point,
            change.note.clone(),
        ]
    });
    let headings = [
        speech.term_at(),
        speech.term_by(),
        speech.term_state_2(),
        speech.term_since(),
        speech.term_name(),
        speech.equipment_point(),
        speech.term_note(),
    ];
    show::page(speech, &headings, rows.collect(), "");
    Ok(())
}

fn told<M: prost::Message>(
    client: &Client<'_>,
    name: &str,
    answer: &M,
    piece: Option<&wire::Equipment>,
    changed: bool,
) -> anyhow::Result<()> {
    if client.json() {
        return show::json(name, answer);
    }
    let speech = client.speech();
    let already = if changed { "" } else { speech.term_nothing_changed() };
    let Some(piece) = piece else { return Ok(()) };
    let state = state(speech, piece.state());
    show::line(&format!("{} {}: {state}{already}", piece.asset_number, piece.equipment_id));
    Ok(())
}

fn headings(speech: Words) -> [&'static str; 7] {
    [
        speech.term_unit(),
        speech.equipment_asset_number(),
        speech.equipment_what(),
        speech.term_state_2(),
        speech.term_since(),
        speech.term_name(),
        speech.term_id(),
    ]
}

fn row(speech: Words, zone: &Zone, piece: &wire::Equipment) -> Vec<String> {
    vec![
        format!("{} {}", piece.unit_code, piece.point).trim_end().to_owned(),
        piece.asset_number.clone(),
        kind(speech, piece.kind()).to_owned(),
        state(speech, piece.state()).to_owned(),
        zone.instant(piece.since.as_ref()),
        piece.name.clone(),
        piece.equipment_id.clone(),
    ]
}

fn kind(speech: Words, kind: EquipmentKind) -> &'static str {
    match kind {
        EquipmentKind::Unspecified => "–",
        EquipmentKind::Counter => speech.equipment_counter(),
        EquipmentKind::Pc => speech.equipment_pc(),
        EquipmentKind::Scanner => speech.equipment_scanner(),
        EquipmentKind::Printer => speech.equipment_printer(),
        EquipmentKind::QueueMachine => speech.equipment_queue_machine(),
    }
}

fn state(speech: Words, state: EquipmentState) -> &'static str {
    match state {
        EquipmentState::Unspecified => "–",
        EquipmentState::Working => speech.equipment_working(),
        EquipmentState::Broken => speech.equipment_broken(),
        EquipmentState::AwayForRepair => speech.equipment_away_for_repair(),
        EquipmentState::Retired => speech.equipment_retired(),
    }
}

fn wire_kind(name: EquipmentKindName) -> EquipmentKind {
    match name {
        EquipmentKindName::Counter => EquipmentKind::Counter,
        EquipmentKindName::Pc => EquipmentKind::Pc,
        EquipmentKindName::Scanner => EquipmentKind::Scanner,
        EquipmentKindName::Printer => EquipmentKind::Printer,
        EquipmentKindName::QueueMachine => EquipmentKind::QueueMachine,
    }
}

fn wire_state(name: EquipmentStateName) -> EquipmentState {
    match name {
        EquipmentStateName::Working => EquipmentState::Working,
        EquipmentStateName::Broken => EquipmentState::Broken,
        EquipmentStateName::AwayForRepair => EquipmentState::AwayForRepair,
        EquipmentStateName::Retired => EquipmentState::Retired,
    }
}
