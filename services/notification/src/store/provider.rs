//! What all replicas share of the providers: how much may be given to each, and until when it wants nothing.

use jiff::Timestamp;
use phidia_domain::notice::budget::Bucket;
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, prelude::Expr, sea_query::ExprTrait as _,
};

use super::entity::provider::{ActiveModel, Column, Entity};

/// What is kept of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) name: String,
    pub(crate) bucket: Bucket,
    /// Real time.
    pub(crate) paused_until: Option<Timestamp>,
}

/// Of these providers. `hold`: for the rest of the transaction; in the order of their names, so that no two wait for each other.
pub(crate) async fn of(tx: &DatabaseTransaction, names: &[String], hold: bool) -> Result<Vec<Kept>, Failure> {
    let mut rows = Entity::find().filter(Column::Name.is_in(names)).order_by_asc(Column::Name);
    if hold {
        rows = rows.lock_exclusive();
    }
    rows.all(tx)
        .await?
        .into_iter()
        .map(|row| {
            Ok(Kept {
                name: row.name,
                bucket: Bucket {
                    micros: u64::try_from(row.micros).map_err(Failure::broken)?,
                    at: from_db(row.counted_at),
                },
                paused_until: row.paused_until.map(from_db),
            })
        })
        .collect()
}

/// Makes a row for a provider that has none; what is there stays.
pub(crate) async fn know(tx: &DatabaseTransaction, name: &str, full: Bucket) -> Result<(), Failure> {
    let row = ActiveModel {
        name: Set(name.to_owned()),
        micros: Set(micros(full)),
        counted_at: Set(to_db(full.at)),
        paused_until: Set(None),
    };
    Entity::insert(row).on_conflict_do_nothing_on([Column::Name]).exec_without_returning(tx).await?;
    Ok(())
}

/// Keeps what is left of the budget of a provider that is held.
pub(crate) async fn spend(tx: &DatabaseTransaction, name: &str, left: Bucket) -> Result<(), Failure> {
    Entity::update_many()
        .col_expr(Column::Micros, Expr::value(micros(left)))
        .col_expr(Column::CountedAt, Expr::value(to_db(left.at)))
        .filter(Column::Name.eq(name))
        .exec(tx)
        .await?;
    Ok(())
}

/// It wants nothing until then; a longer pause that it asked for before holds.
pub(crate) async fn pause(tx: &DatabaseTransaction, name: &str, until: Timestamp) -> Result<(), Failure> {
    let until = to_db(until);
    Entity::update_many()
        .col_expr(Column::PausedUntil, Expr::value(until))
        .filter(Column::Name.eq(name))
        .filter(Column::PausedUntil.is_null().or(Column::PausedUntil.lt(until)))
        .exec(tx)
        .await?;
    Ok(())
}

fn micros(bucket: Bucket) -> i64 {
    i64::try_from(bucket.micros).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use phidia_runtime::database::Database;

    use super::*;
    use crate::store::migration::Migrator;

    #[tokio::test]
    async fn the_longest_pause_that_it_asked_for_holds() {
        let folder = tempfile::tempdir().unwrap();
        let db = Database::open(&harness::store::at(&folder.path().join("n.db"))).await.unwrap();
        db.migrate::<Migrator>().await.unwrap();
        let at = |seconds: i64| Timestamp::from_second(1_795_000_000 + seconds).unwrap();
        let kept = db.write(move |tx| {
            Box::pin(async move {
                know(tx, "one", Bucket { micros: 0, at: at(0) }).await?;
                for until in [60, 5, 90] {
                    pause(tx, "one", at(until)).await?;
                    if until == 5 {
                        assert_eq!(of(tx, &["one".to_owned()], true).await?[0].paused_until, Some(at(60)));
                    }
                }
                of(tx, &["one".to_owned()], true).await
            })
        });
        assert_eq!(kept.await.unwrap()[0].paused_until, Some(at(90)));
        db.close().await.unwrap();
    }
}
