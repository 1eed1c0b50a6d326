//! What the centres have, its history, and what routing is to be told of it.

use jiff::Timestamp;
use phidia_domain::{
    equipment::{Equipment, EquipmentKind, EquipmentState, Workplaces},
    id::{EquipmentId, Id as _, UnitId},
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _, OnConflict, Query},
};
use serde_json::Value;

use super::{
    entity::{
        equipment::{self, Column, Entity},
        equipment_change, workplace,
    },
    from_json, to_json,
};

/// A piece, whose it is, and how often it was changed.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) unit: UnitId,
    pub(crate) equipment: Equipment,
    /// Its registration included.
    pub(crate) changes: i32,
}

/// What was changed of a piece.
#[derive(Clone, Debug)]
pub(crate) struct PieceChange {
    pub(crate) number: i32,
    pub(crate) at: Timestamp,
    /// `role/name`.
    pub(crate) actor: String,
    pub(crate) note: String,
    /// Afterwards.
    pub(crate) equipment: Equipment,
}

/// Which pieces are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PieceFilter {
    pub(crate) unit: Option<UnitId>,
    pub(crate) kind: Option<EquipmentKind>,
    /// None: all that have not left the register.
    pub(crate) state: Option<EquipmentState>,
}

/// What a unit's register allows, for routing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Untold {
    pub(crate) unit: UnitId,
    /// How many can work at once; none: no limit.
    pub(crate) places: Option<u32>,
    /// Of this telling.
    pub(crate) revision: i64,
}

/// The piece that a unit has under an asset number.
pub(crate) async fn by_asset_number<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    unit: UnitId,
    asset_number: &str,
) -> Result<Option<Piece>, Failure> {
    let found = of_unit(province, unit).filter(Column::AssetNumber.eq(asset_number));
    found.one(conn).await?.map(piece).transpose()
}

/// A piece.
pub(crate) async fn find<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: EquipmentId,
) -> Result<Option<Piece>, Failure> {
    Entity::find_by_id((province.to_owned(), id.uuid())).one(conn).await?.map(piece).transpose()
}

/// A piece, for whoever changes it.
pub(crate) async fn lock<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: EquipmentId,
) -> Result<Option<Piece>, Failure> {
    let found = Entity::find_by_id((province.to_owned(), id.uuid())).lock_exclusive();
    found.one(tx).await?.map(piece).transpose()
}

/// The pieces that pass `filter` by unit and asset number, those behind `after` only.
pub(crate) async fn page<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    filter: PieceFilter,
    after: Option<(UnitId, String)>,
    limit: u64,
) -> Result<Vec<Piece>, Failure> {
    let mut found = Entity::find().filter(Column::Province.eq(province));
    if let Some(unit) = filter.unit {
        found = found.filter(Column::Unit.eq(unit.uuid()));
    }
    if let Some(kind) = filter.kind {
        found = found.filter(Column::Kind.eq(name(&kind)?));
    }
    found = match filter.state {
        Some(state) => found.filter(Column::State.eq(state.as_str())),
        None => found.filter(Column::State.ne(EquipmentState::Retired.as_str())),
    };
    if let Some((unit, asset_number)) = after {
        let columns = [Column::Unit, Column::AssetNumber].map(Expr::col);
        let values = [Expr::value(unit.uuid()), Expr::value(asset_number)];
        found = found.filter(Expr::tuple(columns).gt(Expr::tuple(values)));
    }
    let ordered = found.order_by_asc(Column::Unit).order_by_asc(Column::AssetNumber);
    ordered.limit(limit).all(conn).await?.into_iter().map(piece).collect()
}

/// What was changed of a piece, oldest first.
pub(crate) async fn changes<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: EquipmentId,
) -> Result<Vec<PieceChange>, Failure> {
    use equipment_change::{Column, Entity};
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Equipment.eq(id.uuid()))
        .order_by_asc(Column::Number);
    let change = |row: equipment_change::Model| {
        Ok(PieceChange {
            number: row.number,
            at: from_db(row.at),
            actor: row.actor,
            note: row.note,
            equipment: from_json(row.body)?,
        })
    };
    found.all(conn).await?.into_iter().map(change).collect()
}

/// What was noted with one change of a piece.
pub(crate) async fn note<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: EquipmentId,
    change: i32,
) -> Result<Option<String>, Failure> {
    let key = (province.to_owned(), id.uuid(), change);
    Ok(equipment_change::Entity::find_by_id(key).one(conn).await?.map(|row| row.note))
}

/// What the equipment of one hall allows.
pub(crate) async fn of_hall<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    unit: UnitId,
    point: &str,
) -> Result<Workplaces, Failure> {
    let pieces = of_whole_unit(conn, province, unit).await?;
    Ok(Workplaces::of(pieces.iter().filter(|piece| piece.point == point)))
}

async fn of_whole_unit<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    unit: UnitId,
) -> Result<Vec<Equipment>, Failure> {
    let counted = [EquipmentKind::Counter, EquipmentKind::Pc, EquipmentKind::Scanner].iter().map(name);
    let counted: Vec<_> = counted.collect::<Result<_, _>>()?;
    let found = of_unit(province, unit).filter(Column::Kind.is_in(counted));
    found.all(conn).await?.into_iter().map(|row| from_json(row.body)).collect()
}

/// Writes a piece down, new or changed, with what was done; and what routing is to be told of its unit by that.
pub(crate) async fn keep<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    unit: UnitId,
    change: PieceChange,
) -> Result<(), Failure> {
    let PieceChange { number, at, actor, note, equipment } = change;
    let (id, body) = (equipment.id.uuid(), to_json(&equipment)?);
    let row = equipment::ActiveModel {
        province: Set(province.to_owned()),
        id: Set(id),
        unit: Set(unit.uuid()),
        asset_number: Set(equipment.asset_number.clone()),
        kind: Set(name(&equipment.kind)?),
        state: Set(equipment.state.as_str().to_owned()),
        changes: Set(number),
        body: Set(body.clone()),
    };
    match number {
        1 => drop(Entity::insert(row).exec_without_returning(tx).await?),
        _ => drop(Entity::update(row).exec(tx).await?),
    }
    let row = equipment_change::ActiveModel {
        province: Set(province.to_owned()),
        equipment: Set(id),
        number: Set(number),
        at: Set(to_db(at)),
        actor: Set(actor),
        note: Set(note),
        body: Set(body),
    };
    equipment_change::Entity::insert(row).exec_without_returning(tx).await?;
    note_workplaces(tx, province, unit).await
}

/// Notes what routing is to be told of a unit, unless it was told the same last.
async fn note_workplaces<C: ConnectionTrait>(tx: &C, province: &str, unit: UnitId) -> Result<(), Failure> {
    use workplace::{Column, Entity};
    let pieces = of_whole_unit(tx, province, unit).await?;
    let places = Workplaces::of(&pieces).pcs;
    let known = Entity::find_by_id((province.to_owned(), unit.uuid())).lock_exclusive().one(tx).await?;
    let before = known.as_ref().map_or(Ok(None), |row| row.places.map(u32::try_from).transpose());
    if before.map_err(Failure::broken)? == places {
        return Ok(());
    }
    let mut insert = Query::insert();
    let places = places.map(i32::try_from).transpose().map_err(Failure::broken)?;
    insert
        .into_table(Entity)
        .columns([Column::Province, Column::Unit, Column::Places, Column::Revision, Column::Told])
        .values_panic([province.into(), unit.uuid().into(), places.into(), 1_i64.into(), false.into()])
        .on_conflict(
            OnConflict::columns([Column::Province, Column::Unit])
                .values([
                    (Column::Places, Expr::value(places)),
                    (Column::Revision, Expr::col((Entity, Column::Revision)).add(1)),
                    (Column::Told, Expr::value(false)),
                ])
                .to_owned(),
        );
    tx.execute(&insert).await?;
    Ok(())
}

/// What routing has not been told.
pub(crate) async fn untold<C: ConnectionTrait>(conn: &C, province: &str) -> Result<Vec<Untold>, Failure> {
    use workplace::{Column, Entity};
    let found = Entity::find().filter(Column::Province.eq(province)).filter(Column::Told.eq(false));
    let untold = |row: workplace::Model| {
        let places = row.places.map(u32::try_from).transpose().map_err(Failure::broken)?;
        Ok(Untold { unit: UnitId::from_uuid(row.unit), places, revision: row.revision })
    };
    found.all(conn).await?.into_iter().map(untold).collect()
}

/// Routing has it, unless something else is to be told by now.
pub(crate) async fn mark_told<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    unit: UnitId,
    revision: i64,
) -> Result<(), Failure> {
    use workplace::{Column, Entity};
    let this =
        Column::Province.eq(province).and(Column::Unit.eq(unit.uuid())).and(Column::Revision.eq(revision));
    Entity::update_many().col_expr(Column::Told, Expr::value(true)).filter(this).exec(tx).await?;
    Ok(())
}

fn of_unit(province: &str, unit: UnitId) -> Select<Entity> {
    Entity::find().filter(Column::Province.eq(province)).filter(Column::Unit.eq(unit.uuid()))
}

fn piece(row: equipment::Model) -> Result<Piece, Failure> {
    Ok(Piece { unit: UnitId::from_uuid(row.unit), equipment: from_json(row.body)?, changes: row.changes })
}

/// A kind as it is stored.
fn name(kind: &EquipmentKind) -> Result<String, Failure> {
    match to_json(kind)? {
        Value::String(name) => Ok(name),
        _ => Err(Failure::broken("a kind of equipment has no name")),
    }
}
