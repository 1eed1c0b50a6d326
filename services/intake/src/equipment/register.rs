//! The register of equipment: each change is kept with who made it.

use phidia_domain::{
    Kind, Rejection,
    caller::Caller,
    equipment::{Amendment, Equipment, EquipmentKind, EquipmentState, check_note},
    id::{EquipmentId, UnitId},
};
use phidia_runtime::{database::alone, failure::Failure};

use crate::{
    Intake,
    page::{self, Page},
    scope::Scope,
    store::equipment::{self as store, Piece, PieceChange, PieceFilter},
};

/// What is registered.
#[derive(Clone, Debug)]
pub(crate) struct New {
    pub(crate) asset_number: String,
    pub(crate) kind: EquipmentKind,
    pub(crate) name: String,
    pub(crate) point: String,
}

/// Which pieces are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// Empty: all that the caller may see.
    pub(crate) unit_code: String,
    pub(crate) kind: Option<EquipmentKind>,
    pub(crate) state: Option<EquipmentState>,
    pub(crate) page_size: u64,
    pub(crate) page_token: String,
}

impl Intake {
    /// Registers a piece, and answers whether it was not there before.
    ///
    /// # Errors
    /// Those of [`Equipment::check`]; a violation of `unit_code`; `PERMISSION_DENIED` for another unit; `ALREADY_EXISTS` for an asset number that
    /// something else has.
    pub(crate) async fn register_equipment(
        &self,
        caller: &Caller,
        unit_code: &str,
        new: New,
    ) -> Result<(Piece, bool), Failure> {
        let today = self.versions.active().await?;
        let province = today.value.code.clone();
        let scope = Scope::of(caller);
        let unit = scope
            .named(&today.value, "unit_code", unit_code)?
            .ok_or_else(|| Rejection::invalid("MISSING_FIELD", "unit_code", "is required"))?;
        let (now, actor) = (self.business.now(), caller.actor());
        let New { asset_number, kind, name, point } = new;
        let equipment = Equipment {
            id: self.ids.mint(now),
            asset_number,
            kind,
            name,
            point,
            state: EquipmentState::Working,
            since: now,
        };
        equipment.check()?;
        self.outbox
            .write(move |tx, _| {
                Box::pin(async move {
                    alone(tx, &of_unit(&province, unit)).await?;
                    if let Some(known) =
                        store::by_asset_number(tx, &province, unit, &equipment.asset_number).await?
                    {
                        let Equipment { kind, name, point, .. } = &known.equipment;
                        if (*kind, name, point) == (equipment.kind, &equipment.name, &equipment.point) {
                            return Ok((known, false));
                        }
                        let message = "the centre has something else under this asset number";
                        let refusal = Rejection::new(Kind::AlreadyExists, "ASSET_NUMBER_TAKEN", message);
                        return Err(refusal.with("equipment_id", known.equipment.id).into());
                    }
                    let change = PieceChange {
                        number: 1,
                        at: now,
                        actor,
                        note: String::new(),
                        equipment: equipment.clone(),
                    };
                    store::keep(tx, &province, unit, change).await?;
                    Ok((Piece { unit, equipment, changes: 1 }, true))
                })
            })
            .await
    }

    /// Amends a piece, and answers whether anything is otherwise. What is noted of it is kept, also where nothing else is.
    ///
    /// # Errors
    /// `NOT_FOUND`; `PERMISSION_DENIED` for another unit's; a violation of `note`; those of [`Equipment::amend`].
    pub(crate) async fn amend_equipment(
        &self,
        caller: &Caller,
        id: EquipmentId,
        amendment: Amendment,
        note: String,
    ) -> Result<(Piece, bool), Failure> {
        check_note(&note)?;
        let province = self.versions.active().await?.value.code.clone();
        let unit = self.piece(caller, id).await?.unit;
        let (now, actor) = (self.business.now(), caller.actor());
        self.outbox
            .write(move |tx, _| {
                Box::pin(async move {
                    // What all pieces of a unit allow is told to routing: one change after the other.
                    alone(tx, &of_unit(&province, unit)).await?;
                    let mut piece = store::lock(tx, &province, id).await?.ok_or_else(unknown)?;
                    let last_note = store::note(tx, &province, id, piece.changes).await?;
                    let is_noted = note.is_empty() || last_note.as_ref() == Some(&note);
                    if !piece.equipment.amend(amendment, now)? && is_noted {
                        return Ok((piece, false));
                    }
                    piece.changes += 1;
                    let equipment = piece.equipment.clone();
                    let change = PieceChange { number: piece.changes, at: now, actor, note, equipment };
                    store::keep(tx, &province, unit, change).await?;
                    Ok((piece, true))
                })
            })
            .await
    }

    /// The register, page by page.
    ///
    /// # Errors
    /// Violations of `unit_code` and `page_token`; `PERMISSION_DENIED` for another unit.
    pub(crate) async fn list_equipment(
        &self,
        caller: &Caller,
        question: Question,
    ) -> Result<Page<Piece>, Failure> {
        let today = self.versions.active().await?;
        let unit = Scope::of(caller).named(&today.value, "unit_code", &question.unit_code)?;
        let filter = PieceFilter { unit, kind: question.kind, state: question.state };
        let asked = format!("equipment {filter:?}");
        let after =
            page::position(&asked, &question.page_token)?.map(|place| position(&place)).transpose()?;
        let conn = self.outbox.database().read();
        let limit = question.page_size.saturating_add(1);
        let found = store::page(conn, &today.value.code, filter, after, limit).await?;
        Ok(Page::of(found, question.page_size, &asked, |piece| {
            format!("{} {}", piece.unit, piece.equipment.asset_number)
        }))
    }

    /// What was changed of a piece, oldest first, and whose it is.
    ///
    /// # Errors
    /// `NOT_FOUND`; `PERMISSION_DENIED` for another unit's.
    pub(crate) async fn equipment_changes(
        &self,
        caller: &Caller,
        id: EquipmentId,
    ) -> Result<(UnitId, Vec<PieceChange>), Failure> {
        let province = self.versions.active().await?.value.code.clone();
        let unit = self.piece(caller, id).await?.unit;
        Ok((unit, store::changes(self.outbox.database().read(), &province, id).await?))
    }

    async fn piece(&self, caller: &Caller, id: EquipmentId) -> Result<Piece, Failure> {
        let province = self.versions.active().await?.value.code.clone();
        let found = store::find(self.outbox.database().read(), &province, id).await?;
        let piece = found.ok_or_else(unknown)?;
        Scope::of(caller).check(piece.unit)?;
        Ok(piece)
    }
}

fn position(place: &str) -> Result<(UnitId, String), Rejection> {
    let (unit, asset_number) = place.split_once(' ').unwrap_or_default();
    let malformed =
        |_| Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", "expected next_page_token of an answer");
    Ok((unit.parse().map_err(malformed)?, asset_number.to_owned()))
}

fn of_unit(province: &str, unit: UnitId) -> String {
    format!("intake.equipment/{province}/{unit}")
}

fn unknown() -> Rejection {
    Rejection::not_found("UNKNOWN_EQUIPMENT", "no piece of equipment has this id")
}
