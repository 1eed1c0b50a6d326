//! What a unit received on some days, with all that the register shows of it.

use std::{collections::BTreeMap, ops::Range};

use jiff::Timestamp;
use phidia_domain::{
    id::{Id as _, UnitId},
    procedure::Text,
};
use phidia_runtime::{database::to_db, failure::Failure};
use sea_orm::{ConnectionTrait, QueryOrder as _, QuerySelect as _, entity::prelude::*};
use serde_json::Value;

use super::{
    entity::{application, person_key, status_entry},
    from_json,
    reading::DossierRow,
};
use crate::record::Dossier;

/// So many rows are asked for at once.
const CHUNK: usize = 500;

/// A dossier with the name of the unit that worked on it last.
#[derive(Clone, Debug)]
pub(crate) struct Registered {
    pub(crate) dossier: Dossier,
    pub(crate) worked_on_at: Option<Text>,
}

/// What a unit received between two instants, oldest first, at most so much.
pub(crate) async fn received<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    unit: UnitId,
    time: Range<Timestamp>,
    limit: u64,
) -> Result<Vec<Registered>, Failure> {
    use application::Column;
    let found = application::Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::ReceivedAtUnit.eq(unit.uuid()))
        .filter(Column::SubmittedAt.gte(to_db(time.start)))
        .filter(Column::SubmittedAt.lt(to_db(time.end)))
        .order_by_asc(Column::Id)
        .limit(limit);
    let mut rows = found.into_partial_model::<DossierRow>().all(conn).await?;
    let mut registered = Vec::with_capacity(rows.len());
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(CHUNK));
        let keys = keys(conn, province, &rows).await?;
        let mut units = last_units(conn, province, &rows).await?;
        for row in rows {
            let worked_on_at = units.remove(&row.id()).map(from_json).transpose()?;
            let wrapped_key = keys.get(&row.person).cloned();
            registered.push(Registered { dossier: row.dossier(wrapped_key)?, worked_on_at });
        }
        rows = rest;
    }
    Ok(registered)
}

async fn keys<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    rows: &[DossierRow],
) -> Result<BTreeMap<Uuid, Vec<u8>>, Failure> {
    use person_key::Column;
    let of_these = Column::Person.is_in(rows.iter().map(|row| row.person));
    let found = person_key::Entity::find().filter(Column::Province.eq(province)).filter(of_these);
    Ok(found.all(conn).await?.into_iter().map(|key| (key.person, key.wrapped_key)).collect())
}

/// The name of the unit of each application's last entry that names one.
async fn last_units<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    rows: &[DossierRow],
) -> Result<BTreeMap<Uuid, Value>, Failure> {
    use status_entry::Column;
    let found = status_entry::Entity::find()
        .select_only()
        .columns([Column::Application, Column::UnitName])
        .filter(Column::Province.eq(province))
        .filter(Column::Application.is_in(rows.iter().map(DossierRow::id)))
        // The first is where it was received.
        .filter(Column::Number.gt(1))
        .filter(Column::UnitName.is_not_null())
        .order_by_asc(Column::Number);
    Ok(found.into_tuple::<(Uuid, Value)>().all(conn).await?.into_iter().collect())
}
