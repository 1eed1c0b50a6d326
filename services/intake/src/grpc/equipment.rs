//! `EquipmentService`.

use phidia_domain::{
    Rejection,
    equipment::{Amendment, Equipment, EquipmentKind, EquipmentState},
    id::{EquipmentId, UnitId},
};
use phidia_proto::{
    convert::{self, wire_timestamp},
    intake::v1::{
        self as wire, AmendEquipmentRequest, AmendEquipmentResponse, EquipmentChange,
        ListEquipmentChangesRequest, ListEquipmentChangesResponse, ListEquipmentRequest,
        ListEquipmentResponse, RegisterEquipmentRequest, RegisterEquipmentResponse,
        equipment_service_server::EquipmentService,
    },
};
use phidia_runtime::{failure::Failure, identity, status};
use tonic::{Request, Response, Status, async_trait};

use crate::{
    Intake,
    equipment::register::{New, Question},
    store::equipment::{Piece, PieceChange},
};

/// Serves the register of equipment.
pub(crate) struct EquipmentServer(Intake);

impl EquipmentServer {
    pub(crate) fn new(intake: Intake) -> Self {
        Self(intake)
    }

    async fn register(
        &self,
        request: Request<RegisterEquipmentRequest>,
    ) -> Result<RegisterEquipmentResponse, Failure> {
        let caller = identity::caller(&request)?;
        let RegisterEquipmentRequest { unit_code, asset_number, kind, name, point } = request.into_inner();
        let kind = kind_of(kind)?.ok_or_else(|| convert::missing("kind"))?;
        let new = New { asset_number, kind, name, point };
        let (piece, changed) = self.0.register_equipment(&caller, &unit_code, new).await?;
        Ok(RegisterEquipmentResponse { equipment: Some(self.wire(&piece).await?), changed })
    }

    async fn amend(
        &self,
        request: Request<AmendEquipmentRequest>,
    ) -> Result<AmendEquipmentResponse, Failure> {
        let caller = identity::caller(&request)?;
        let AmendEquipmentRequest { equipment_id, state, since, name, point, note } = request.into_inner();
        let id: EquipmentId = convert::id(&equipment_id, "equipment_id")?;
        let since = since.map(|since| convert::timestamp(since, "since")).transpose()?;
        let amendment = Amendment { name, point, state: state_of(state)?, since };
        let (piece, changed) = self.0.amend_equipment(&caller, id, amendment, note).await?;
        Ok(AmendEquipmentResponse { equipment: Some(self.wire(&piece).await?), changed })
    }

    async fn list(&self, request: Request<ListEquipmentRequest>) -> Result<ListEquipmentResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ListEquipmentRequest { unit_code, kind, state, page_size, page_token } = request.into_inner();
        let question = Question {
            unit_code,
            kind: kind_of(kind)?,
            state: state_of(state)?,
            page_size: convert::page_size(page_size, 100, 500)?,
            page_token,
        };
        let page = self.0.list_equipment(&caller, question).await?;
        let mut equipment = Vec::with_capacity(page.items.len());
        for piece in &page.items {
            equipment.push(self.wire(piece).await?);
        }
        Ok(ListEquipmentResponse { equipment, next_page_token: page.next_page_token })
    }

    async fn changes(
        &self,
        request: Request<ListEquipmentChangesRequest>,
    ) -> Result<ListEquipmentChangesResponse, Failure> {
        let caller = identity::caller(&request)?;
        let id: EquipmentId = convert::id(&request.into_inner().equipment_id, "equipment_id")?;
        let (unit, found) = self.0.equipment_changes(&caller, id).await?;
        let mut changes = Vec::with_capacity(found.len());
        for PieceChange { number, at, actor, note, equipment } in found {
            changes.push(EquipmentChange {
                number: u32::try_from(number).map_err(Failure::broken)?,
                at: Some(wire_timestamp(at)),
                actor,
                equipment: Some(self.wire_of(unit, &equipment).await?),
                note,
            });
        }
        Ok(ListEquipmentChangesResponse { changes })
    }

    async fn wire(&self, piece: &Piece) -> Result<wire::Equipment, Failure> {
        self.wire_of(piece.unit, &piece.equipment).await
    }

    async fn wire_of(&self, unit: UnitId, equipment: &Equipment) -> Result<wire::Equipment, Failure> {
        let today = self.0.versions.active().await?;
        let unit_code = today.value.units.get(&unit).map(|unit| unit.code.clone()).unwrap_or_default();
        Ok(wire::Equipment {
            equipment_id: equipment.id.to_string(),
            unit_id: unit.to_string(),
            unit_code,
            asset_number: equipment.asset_number.clone(),
            kind: wire_kind(equipment.kind).into(),
            name: equipment.name.clone(),
            point: equipment.point.clone(),
            state: wire_state(equipment.state).into(),
            since: Some(wire_timestamp(equipment.since)),
        })
    }
}

#[async_trait]
impl EquipmentService for EquipmentServer {
    async fn register_equipment(
        &self,
        request: Request<RegisterEquipmentRequest>,
    ) -> Result<Response<RegisterEquipmentResponse>, Status> {
        self.register(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn amend_equipment(
        &self,
        request: Request<AmendEquipmentRequest>,
    ) -> Result<Response<AmendEquipmentResponse>, Status> {
        self.amend(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn list_equipment(
        &self,
        request: Request<ListEquipmentRequest>,
    ) -> Result<Response<ListEquipmentResponse>, Status> {
        self.list(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn list_equipment_changes(
        &self,
        request: Request<ListEquipmentChangesRequest>,
    ) -> Result<Response<ListEquipmentChangesResponse>, Status> {
        self.changes(request).await.map(Response::new).map_err(status::of_failure)
    }
}

fn wire_kind(kind: EquipmentKind) -> wire::EquipmentKind {
    match kind {
        EquipmentKind::Counter => wire::EquipmentKind::Counter,
        EquipmentKind::Pc => wire::EquipmentKind::Pc,
        EquipmentKind::Scanner => wire::EquipmentKind::Scanner,
        EquipmentKind::Printer => wire::EquipmentKind::Printer,
        EquipmentKind::QueueMachine => wire::EquipmentKind::QueueMachine,
    }
}

fn wire_state(state: EquipmentState) -> wire::EquipmentState {
    match state {
        EquipmentState::Working => wire::EquipmentState::Working,
        EquipmentState::Broken => wire::EquipmentState::Broken,
        EquipmentState::AwayForRepair => wire::EquipmentState::AwayForRepair,
        EquipmentState::Retired => wire::EquipmentState::Retired,
    }
}

/// None: unspecified.
fn kind_of(value: i32) -> Result<Option<EquipmentKind>, Rejection> {
    let known = EquipmentKind::ALL.into_iter().find(|kind| i32::from(wire_kind(*kind)) == value);
    or_unspecified(known, value, "kind")
}

/// None: unspecified.
fn state_of(value: i32) -> Result<Option<EquipmentState>, Rejection> {
    let known = EquipmentState::ALL.into_iter().find(|state| i32::from(wire_state(*state)) == value);
    or_unspecified(known, value, "state")
}

fn or_unspecified<T>(known: Option<T>, value: i32, field: &str) -> Result<Option<T>, Rejection> {
    match known {
        None if value != 0 => {
            Err(Rejection::invalid("UNKNOWN_VALUE", field, "expected a value of the contract"))
        }
        known => Ok(known),
    }
}
