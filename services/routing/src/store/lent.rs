//! How much foreign work each unit took: added up with the decisions, in their transaction, and never counted
//! out, when it is done or taken back. Who helped much of late is spared for a while.

use std::collections::BTreeMap;

use phidia_domain::{
    id::{Id as _, UnitId},
    route::{Lent, lent_on},
};
use phidia_runtime::failure::Failure;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, Set,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};

use super::entity::lent::{ActiveModel, Column, Entity};
use crate::work::{Assignment, Counted};

/// Adds what is borrowed by these decisions. In the order of the units, so that two who add at once wait for each
/// other and not both.
pub(crate) async fn add<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    decisions: &[(&Assignment, &Counted)],
) -> Result<(), Failure> {
    let mut taken = BTreeMap::<(UnitId, i64), i64>::new();
    for (decision, counted) in decisions.iter().filter(|(_, counted)| counted.load.borrowed) {
        *taken.entry((decision.unit, lent_on(decision.decided_at))).or_default() +=
            i64::from(counted.load.minutes);
    }
    for ((unit, day), minutes) in taken {
        let row = ActiveModel {
            province: Set(province.to_owned()),
            unit: Set(unit.uuid()),
            day: Set(day),
            minutes: Set(minutes),
        };
        let sum = Expr::col((Entity, Column::Minutes)).add(minutes);
        let there = OnConflict::columns([Column::Province, Column::Unit, Column::Day])
            .value(Column::Minutes, sum)
            .to_owned();
        Entity::insert(row).on_conflict(there).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// What units took from a day on.
pub(crate) async fn since<C: ConnectionTrait>(conn: &C, province: &str, day: i64) -> Result<Lent, Failure> {
    let found = Entity::find().filter(Column::Province.eq(province)).filter(Column::Day.gte(day));
    let mut lent = Lent::new();
    for row in found.all(conn).await? {
        lent.entry(UnitId::from_uuid(row.unit)).or_default().insert(row.day, row.minutes);
    }
    Ok(lent)
}
