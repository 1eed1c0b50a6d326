//! The equipment of the centre, and what works of it.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};
use phidia_proto::intake::v1::{
    AmendEquipmentRequest, Equipment, EquipmentKind, EquipmentState, ListEquipmentChangesRequest,
    ListEquipmentRequest, RegisterEquipmentRequest, equipment_service_client::EquipmentServiceClient,
};
use phidia_words::Words;

use super::menu;
use crate::{
    Portal,
    form::{Faults, Fields, Posted, key_field},
    page::{Look, Page},
    part::{self, Column, Tone, encoded, tag},
    services::soon,
    trouble::Trouble,
    visitor::{Supervising, Visitor},
};

pub(super) const PATH: &str = "/phu-trach/thiet-bi";

/// What is registered, by the word that forms have for it.
const KINDS: [(EquipmentKind, &str); 5] = [
    (EquipmentKind::Counter, "quay"),
    (EquipmentKind::Pc, "may-tinh"),
    (EquipmentKind::Scanner, "may-quet"),
    (EquipmentKind::Printer, "may-in"),
    (EquipmentKind::QueueMachine, "may-lay-so"),
];

const STATES: [(EquipmentState, &str); 4] = [
    (EquipmentState::Working, "tot"),
    (EquipmentState::Broken, "hong"),
    (EquipmentState::AwayForRepair, "sua"),
    (EquipmentState::Retired, "thanh-ly"),
];

fn kind_name(words: Words, kind: EquipmentKind) -> &'static str {
    match kind {
        EquipmentKind::Unspecified => "–",
        EquipmentKind::Counter => words.equipment_counter(),
        EquipmentKind::Pc => words.equipment_pc(),
        EquipmentKind::Scanner => words.equipment_scanner(),
        EquipmentKind::Printer => words.equipment_printer(),
        EquipmentKind::QueueMachine => words.equipment_queue_machine(),
    }
}

fn state_name(words: Words, state: EquipmentState) -> &'static str {
    match state {
        EquipmentState::Unspecified => "–",
        EquipmentState::Working => words.equipment_working(),
        EquipmentState::Broken => words.equipment_broken(),
        EquipmentState::AwayForRepair => words.equipment_away_for_repair(),
        EquipmentState::Retired => words.equipment_retired(),
    }
}

fn state_tag(words: Words, state: EquipmentState) -> Markup {
    let tone = match state {
        EquipmentState::Working => Tone::Well,
        EquipmentState::Broken => Tone::Late,
        EquipmentState::AwayForRepair => Tone::Soon,
        EquipmentState::Unspecified | EquipmentState::Retired => Tone::Calm,
    };
    tag(tone, state_name(words, state))
}

pub(super) async fn show(State(portal): State<Portal>, who: Supervising) -> Result<Page, Trouble> {
    page(&portal, &who, &Fields::default(), &Faults::none()).await
}

pub(super) async fn register(
    State(portal): State<Portal>,
    posted: Posted<Supervising>,
) -> Result<Response, Trouble> {
    let registered = async {
        let fields = posted.sent()?.fields;
        let kind = KINDS.into_iter().find(|(_, key)| *key == fields.text("loai"));
        let request = RegisterEquipmentRequest {
            unit_code: posted.who.staff().unit.clone(),
            asset_number: fields.text("so").to_owned(),
            kind: kind.map_or(EquipmentKind::Unspecified, |(kind, _)| kind).into(),
            name: fields.text("ten").to_owned(),
            point: fields.text("diem").to_owned(),
        };
        let mut register = EquipmentServiceClient::new(portal.intake(&posted.who));
        Ok::<_, Trouble>(register.register_equipment(soon(request)).await?.into_inner())
    };
    match registered.await {
        Ok(answer) => Ok(Redirect::to(&path(&answer.equipment.unwrap_or_default())).into_response()),
        Err(trouble) => {
            let faults = Faults::of(&posted.who, trouble)?.named(named);
            Ok(page(&portal, &posted.who, posted.fields(), &faults).await?.into_response())
        }
    }
}

fn named(field: &str) -> Option<String> {
    let name = match field {
        "asset_number" => "so",
        "kind" => "loai",
        "name" => "ten",
        "point" => "diem",
        "state" => "tinh-trang",
        "note" => "ghi-chu",
        _ => return None,
    };
    Some(name.to_owned())
}

fn path(piece: &Equipment) -> String {
    format!("{PATH}/{}", encoded(&piece.equipment_id))
}

async fn pieces(portal: &Portal, who: &Supervising) -> Result<Vec<Equipment>, Trouble> {
    let request = ListEquipmentRequest {
        unit_code: who.staff().unit.clone(),
        page_size: 500,
        ..ListEquipmentRequest::default()
    };
    let mut register = EquipmentServiceClient::new(portal.intake(who));
    Ok(register.list_equipment(soon(request)).await?.into_inner().equipment)
}

async fn page(portal: &Portal, who: &Supervising, fields: &Fields, faults: &Faults) -> Result<Page, Trouble> {
    let words = who.words;
    let pieces = pieces(portal, who).await?;
    let columns = [
        Column::Words(words.equipment_asset_number()),
        Column::Words(words.term_kind()),
        Column::Words(words.term_name()),
        Column::Words(words.equipment_point()),
        Column::Words(words.term_stands()),
        Column::Words(words.term_since()),
    ];
    let rows = html! {
        @for piece in &pieces {
            tr data-row tabindex="0" {
                th scope="row" { a href=(path(piece)) { (piece.asset_number) } }
                td { (kind_name(words, piece.kind())) }
                td { (piece.name) }
                td { (piece.point) }
                td { (state_tag(words, piece.state())) }
                td { (who.instant(piece.since.as_ref())) }
            }
        }
    };
    let title = words.web_supervise_equipment();
    let main = html! {
        (menu(who))
        (faults.summary(words))
        h1 { (title) }
        @if pieces.is_empty() {
            p.soft { (words.web_supervise_no_equipment()) }
        } @else {
            (part::table(title, &columns, &rows))
        }
        h2 { (words.web_supervise_register_equipment()) }
        form method="post" action=(PATH) {
            (key_field(portal, who, PATH))
            (part::select("loai", words.term_kind(), None, faults, html! {
                @for (kind, key) in KINDS {
                    option value=(key) selected[fields.text("loai") == key] { (kind_name(words, kind)) }
                }
            }))
            (line("so", words.equipment_asset_number(), fields, faults))
            (line("ten", words.term_name(), fields, faults))
            (line("diem", words.equipment_point(), fields, faults))
            button { (words.web_supervise_register()) }
        }
    };
    Ok(Page::new(title, main).with_look(Look::Work).with_faults(!faults.is_empty()))
}

fn line(name: &str, label: &str, fields: &Fields, faults: &Faults) -> Markup {
    part::text(&part::Text { name, label, value: fields.text(name), ..part::Text::DEFAULT }, faults)
}

pub(super) async fn show_one(
    State(portal): State<Portal>,
    who: Supervising,
    Path(id): Path<String>,
) -> Result<Page, Trouble> {
    one(&portal, &who, &id, None, &Faults::none()).await
}

pub(super) async fn amend(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    posted: Posted<Supervising>,
) -> Result<Response, Trouble> {
    let amended = async {
        let fields = posted.sent()?.fields;
        let state = STATES.into_iter().find(|(_, key)| *key == fields.text("tinh-trang"));
        let request = AmendEquipmentRequest {
            equipment_id: id.clone(),
            state: state.map_or(EquipmentState::Unspecified, |(state, _)| state).into(),
            since: None,
            name: Some(fields.text("ten").to_owned()),
            point: Some(fields.text("diem").to_owned()),
            note: fields.text("ghi-chu").to_owned(),
        };
        let mut register = EquipmentServiceClient::new(portal.intake(&posted.who));
        register.amend_equipment(soon(request)).await?;
        Ok::<_, Trouble>(())
    };
    match amended.await {
        Ok(()) => Ok(Redirect::to(&format!("{PATH}/{}", encoded(&id))).into_response()),
        Err(trouble) => {
            let faults = Faults::of(&posted.who, trouble)?.named(named);
            Ok(one(&portal, &posted.who, &id, Some(posted.fields()), &faults).await?.into_response())
        }
    }
}

async fn one(
    portal: &Portal,
    who: &Supervising,
    id: &str,
    fields: Option<&Fields>,
    faults: &Faults,
) -> Result<Page, Trouble> {
    let words = who.words;
    let request = ListEquipmentChangesRequest { equipment_id: id.to_owned() };
    let mut register = EquipmentServiceClient::new(portal.intake(who));
    let changes = register.list_equipment_changes(soon(request)).await?.into_inner().changes;
    let last = changes.last().and_then(|change| change.equipment.clone()).ok_or(Trouble::NoSuchPage)?;
    let title = format!("{} – {}", kind_name(words, last.kind()), last.asset_number);
    let main = html! {
        (menu(who))
        (faults.summary(words))
        h1 { (title) }
        p { (state_tag(words, last.state())) }
        @if last.state() != EquipmentState::Retired { (amend_form(portal, who, &last, fields, faults)) }
        (history(who, &changes))
    };
    Ok(Page::new(title, main).with_look(Look::Work).with_faults(!faults.is_empty()))
}

fn amend_form(
    portal: &Portal,
    who: &Supervising,
    piece: &Equipment,
    fields: Option<&Fields>,
    faults: &Faults,
) -> Markup {
    let words = who.words;
    let action = path(piece);
    let value = |name, so| fields.map_or(so, |fields| fields.text(name));
    let line = |name, label, so| {
        part::text(&part::Text { name, label, value: value(name, so), ..part::Text::DEFAULT }, faults)
    };
    let chosen = |state: EquipmentState, key: &str| match fields {
        Some(fields) => fields.text("tinh-trang") == key,
        None => piece.state() == state,
    };
    html! {
        form method="post" action=(action) {
            (key_field(portal, who, &action))
            fieldset.choices {
                legend { (words.term_stands()) }
                @for (state, key) in STATES {
                    (part::radio("tinh-trang", key, state_name(words, state), chosen(state, key)))
                }
            }
            (line("ten", words.term_name(), &piece.name))
            (line("diem", words.equipment_point(), &piece.point))
            (part::text(&part::Text {
                name: "ghi-chu",
                label: words.term_note(),
                hint: Some(words.web_supervise_no_names()),
                value: value("ghi-chu", ""),
                width: 50,
                ..part::Text::DEFAULT
            }, faults))
            button { (words.web_supervise_keep()) }
        }
    }
}

fn history(visitor: &Visitor, changes: &[phidia_proto::intake::v1::EquipmentChange]) -> Markup {
    let words = visitor.words;
    let columns = [
        Column::Words(words.term_when()),
        Column::Words(words.term_stands()),
        Column::Words(words.term_note()),
        Column::Words(words.term_by()),
    ];
    let rows = html! {
        @for change in changes {
            tr {
                td { (visitor.instant(change.at.as_ref())) }
                td { @if let Some(piece) = &change.equipment { (state_name(words, piece.state())) } }
                td { (change.note) }
                td { (change.actor) }
            }
        }
    };
    html! {
        h2 { (words.web_supervise_changes()) }
        (part::table(words.web_supervise_changes(), &columns, &rows))
    }
}
