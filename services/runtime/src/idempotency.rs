//! Idempotency of commands: the answer to a request is kept beside what the request did, in the same
//! transaction, so that the same request, sent again, gets the same answer and does nothing.

use std::time::Duration;

use jiff::Timestamp;
use phidia_domain::{Kind, Rejection};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, SqlErr,
    sea_query::{Expr, ExprTrait as _, Query},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    prelude::{ColumnDef, Index, Table},
};
use serde::Serialize;

use crate::{
    database::{from_db, to_db},
    digest,
    failure::Failure,
};

/// The reason of a refusal because of the same command at another replica.
pub const RACE: &str = "IDEMPOTENCY_RACE";

/// How often a command is tried that meets itself.
const ATTEMPTS: usize = 3;

/// How long an answer is kept.
pub const KEPT_FOR: Duration = Duration::from_secs(7 * 24 * 3600);

/// So many expired answers are removed in one transaction: others write between two of them.
pub const PRUNED_AT_ONCE: u64 = 1_000;

/// The scope of a key: who sent what under it. Two callers may use the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    caller: String,
    rpc: String,
    key: String,
}

impl Claim {
    /// The claim of `caller` (see `Caller::actor`) to `key` for `rpc`.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when the key is not of 1 to 128 visible ASCII characters.
    pub fn new(caller: &str, rpc: &str, key: &str) -> Result<Self, Rejection> {
        check_key(key)?;
        Ok(Self { caller: caller.to_owned(), rpc: rpc.to_owned(), key: key.to_owned() })
    }

    fn id(&self) -> (String, String, String) {
        (self.caller.clone(), self.rpc.clone(), self.key.clone())
    }
}

/// What is compared of two requests with the same key: the SHA-256 of the canonical domain value.
///
/// # Errors
/// Broken when the value cannot be serialized.
pub fn fingerprint<T: Serialize>(value: &T) -> Result<String, Failure> {
    let bytes = serde_json::to_vec(value).map_err(Failure::broken)?;
    Ok(digest::sha256(&bytes))
}

/// The answer that was kept for the same request, if there is one that has not expired.
///
/// # Errors
/// `ALREADY_EXISTS` when the key was used for another request.
pub async fn find<C: ConnectionTrait>(
    tx: &C,
    claim: &Claim,
    fingerprint: &str,
    real_now: Timestamp,
) -> Result<Option<Vec<u8>>, Failure> {
    match kept::Entity::find_by_id(claim.id()).one(tx).await? {
        None => Ok(None),
        Some(kept) if from_db(kept.kept_until) <= real_now => {
            kept::Entity::delete_by_id(claim.id()).exec(tx).await?;
            Ok(None)
        }
        Some(kept) if kept.fingerprint == fingerprint => Ok(Some(kept.response)),
        Some(_) => Err(reused().into()),
    }
}

/// That a key can be one.
///
/// # Errors
/// `INVALID_ARGUMENT` when it is not of 1 to 128 visible ASCII characters.
pub fn check_key(key: &str) -> Result<(), Rejection> {
    if key.is_empty() || key.len() > 128 || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        let expected = "expected 1 to 128 visible ASCII characters";
        return Err(Rejection::invalid("MALFORMED_IDEMPOTENCY_KEY", "idempotency_key", expected));
    }
    Ok(())
}

/// The refusal of a key that was used for something else.
pub fn reused() -> Rejection {
    let message = "the idempotency key was used for another request";
    Rejection::new(Kind::AlreadyExists, "IDEMPOTENCY_KEY_REUSED", message)
}

/// Keeps the answer to a request.
///
/// # Errors
/// `ABORTED` when the same request is being answered elsewhere at this moment: tried again, it finds that
/// answer.
pub async fn keep<C: ConnectionTrait>(
    tx: &C,
    claim: &Claim,
    fingerprint: &str,
    response: Vec<u8>,
    kept_until: Timestamp,
) -> Result<(), Failure> {
    let row = kept::ActiveModel {
        caller: Set(claim.caller.clone()),
        rpc: Set(claim.rpc.clone()),
        key: Set(claim.key.clone()),
        fingerprint: Set(fingerprint.to_owned()),
        response: Set(response),
        kept_until: Set(to_db(kept_until)),
    };
    match kept::Entity::insert(row).exec_without_returning(tx).await {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            Err(Rejection::new(
                Kind::Conflict,
                RACE,
                "the same request is being answered at this moment; try again",
            )
            .into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes an attempt at a command again where the same one is being answered elsewhere at this moment: then it finds that answer.
///
/// # Errors
/// Those of the last attempt.
pub async fn retried<T, A>(mut attempt: impl FnMut() -> A) -> Result<T, Failure>
where
    A: Future<Output = Result<T, Failure>>,
{
    let mut attempts = 1;
    loop {
        match attempt().await {
            Err(failure) if attempts < ATTEMPTS && is_race(&failure) => attempts += 1,
            answer => return answer,
        }
    }
}

fn is_race(failure: &Failure) -> bool {
    failure.rejection().is_some_and(|refusal| refusal.reason == RACE)
}

/// Removes what has expired, at most [`PRUNED_AT_ONCE`], and answers how many answers that were.
///
/// # Errors
/// Those of the store.
pub async fn prune<C: ConnectionTrait>(conn: &C, real_now: Timestamp) -> Result<u64, Failure> {
    let key = [kept::Column::Caller, kept::Column::Rpc, kept::Column::Key];
    let expired = Query::select()
        .columns(key)
        .from(kept::Entity)
        .and_where(Expr::col(kept::Column::KeptUntil).lte(to_db(real_now)))
        .limit(PRUNED_AT_ONCE)
        .to_owned();
    let these = Expr::tuple(key.map(Expr::col)).in_subquery(expired);
    Ok(kept::Entity::delete_many().filter(these).exec(conn).await?.rows_affected)
}

/// The migration that every schema with commands includes.
pub fn migration() -> Box<dyn MigrationTrait> {
    Box::new(Migration)
}

mod kept {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) caller: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) rpc: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) key: String,
        pub(super) fingerprint: String,
        pub(super) response: Vec<u8>,
        pub(super) kept_until: DateTimeUtc,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261123_000001_idempotency"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(kept::Entity)
            .col(ColumnDef::new(kept::Column::Caller).string().not_null())
            .col(ColumnDef::new(kept::Column::Rpc).string().not_null())
            .col(ColumnDef::new(kept::Column::Key).string().not_null())
            .col(ColumnDef::new(kept::Column::Fingerprint).string().not_null())
            .col(ColumnDef::new(kept::Column::Response).blob().not_null())
            .col(ColumnDef::new(kept::Column::KeptUntil).timestamp_with_time_zone().not_null())
            .primary_key(
                Index::create().col(kept::Column::Caller).col(kept::Column::Rpc).col(kept::Column::Key),
            )
            .take();
        manager.create_table(table).await?;
        let index = Index::create()
            .name("idempotency_kept_until")
            .table(kept::Entity)
            .col(kept::Column::KeptUntil)
            .take();
        manager.create_index(index).await
    }
}
