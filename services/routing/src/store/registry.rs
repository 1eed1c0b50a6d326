//! The history of the live facts. Its last revision stands beside the epoch: decisions hold both at once.

use jiff::Timestamp;
use phidia_domain::{
    id::{Id as _, OfficerId, UnitId},
    registry::{Change, Registry},
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Set,
    sea_query::{Expr, OnConflict},
};

use super::entity::{
    epoch,
    registry_change::{ActiveModel, Column, Entity, Model},
};

/// How many changes are read at once.
const ROWS: u64 = 5_000;

/// An entry of the history.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) revision: i64,
    /// Business time.
    pub(crate) at: Timestamp,
    pub(crate) actor: String,
    pub(crate) reason: String,
    pub(crate) about: About,
    pub(crate) change: Change,
}

/// Who a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct About {
    /// The unit; of an officer, the one that they were at.
    pub(crate) unit: UnitId,
    /// The officer, if it is about one.
    pub(crate) officer: Option<OfficerId>,
}

/// Whose history is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Whose {
    /// Of this unit and of its officers; none: of all.
    pub(crate) unit: Option<UnitId>,
    /// Of this officer.
    pub(crate) officer: Option<OfficerId>,
}

/// The last revision; 0: nothing was ever changed.
pub(crate) async fn revision<C: ConnectionTrait>(conn: &C, province: &str) -> Result<i64, Failure> {
    let found = epoch::Entity::find_by_id(province.to_owned()).one(conn).await?;
    Ok(found.map_or(0, |row| row.registry_revision))
}

/// Has the registry to itself until the commit: other changes wait, and so do decisions, which hold the
/// revision that they were made over ([`super::epoch::hold`]).
pub(crate) async fn hold<C: ConnectionTrait>(tx: &C, province: &str) -> Result<(), Failure> {
    let none = epoch::ActiveModel {
        province: Set(province.to_owned()),
        epoch: Set(0),
        sequence: Set(0),
        registry_revision: Set(0),
    };
    let there = OnConflict::column(epoch::Column::Province).do_nothing().to_owned();
    epoch::Entity::insert(none).on_conflict(there).exec_without_returning(tx).await?;
    epoch::Entity::find_by_id(province.to_owned()).lock_exclusive().one(tx).await?;
    Ok(())
}

/// Adds a change, for whoever holds the registry.
pub(crate) async fn append<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    recorded: &Recorded,
) -> Result<(), Failure> {
    let row = ActiveModel {
        province: Set(province.to_owned()),
        revision: Set(recorded.revision),
        at: Set(to_db(recorded.at)),
        actor: Set(recorded.actor.clone()),
        reason: Set(recorded.reason.clone()),
        unit: Set(recorded.about.unit.uuid()),
        officer: Set(recorded.about.officer.map(|officer| officer.uuid())),
        change: Set(serde_json::to_string(&recorded.change).map_err(Failure::broken)?),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    epoch::Entity::update_many()
        .col_expr(epoch::Column::RegistryRevision, Expr::value(recorded.revision))
        .filter(epoch::Column::Province.eq(province))
        .exec(tx)
        .await?;
    Ok(())
}

/// Brings a registry up to the last revision, or up to an earlier one.
pub(crate) async fn catch_up<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    registry: &mut Registry,
    through: Option<i64>,
) -> Result<(), Failure> {
    loop {
        let mut found = Entity::find()
            .select_only()
            .columns([Column::Revision, Column::Change])
            .filter(Column::Province.eq(province))
            .filter(Column::Revision.gt(registry.revision));
        if let Some(through) = through {
            found = found.filter(Column::Revision.lte(through));
        }
        let rows: Vec<(i64, String)> =
            found.order_by_asc(Column::Revision).limit(ROWS).into_tuple().all(conn).await?;
        let last = u64::try_from(rows.len()).is_ok_and(|read| read < ROWS);
        for (revision, change) in rows {
            registry.apply(&change_of(&change)?);
            if registry.revision != revision {
                return Err(Failure::broken(format!("the registry has a gap before revision {revision}")));
            }
        }
        if last {
            return Ok(());
        }
    }
}

/// A page of the history, the newest first, from before a revision.
pub(crate) async fn page<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    whose: Whose,
    before: i64,
    limit: u64,
) -> Result<Vec<Recorded>, Failure> {
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Revision.lt(before))
        .filter(of(whose))
        .order_by_desc(Column::Revision)
        .limit(limit);
    found.all(conn).await?.into_iter().map(value).collect()
}

/// The last change of just this: of the officer where it is about one, else of the unit itself.
pub(crate) async fn last<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    about: About,
) -> Result<Option<Recorded>, Failure> {
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Unit.eq(about.unit.uuid()))
        .filter(match about.officer {
            Some(officer) => Column::Officer.eq(officer.uuid()),
            None => Column::Officer.is_null(),
        })
        .order_by_desc(Column::Revision)
        .limit(1);
    found.one(conn).await?.map(value).transpose()
}

fn of(whose: Whose) -> Condition {
    Condition::all()
        .add_option(whose.unit.map(|unit| Column::Unit.eq(unit.uuid())))
        .add_option(whose.officer.map(|officer| Column::Officer.eq(officer.uuid())))
}

fn value(row: Model) -> Result<Recorded, Failure> {
    let about = About { unit: UnitId::from_uuid(row.unit), officer: row.officer.map(OfficerId::from_uuid) };
    Ok(Recorded {
        revision: row.revision,
        at: from_db(row.at),
        actor: row.actor,
        reason: row.reason,
        about,
        change: change_of(&row.change)?,
    })
}

fn change_of(json: &str) -> Result<Change, Failure> {
    serde_json::from_str(json).map_err(Failure::broken)
}
