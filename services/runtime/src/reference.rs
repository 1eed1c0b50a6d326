//! Versioned reference documents: name to bytes, staged whole, activated by version, never changed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use phidia_domain::{Kind, Rejection};
use ring::digest::{Context, SHA256};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
    sea_query::{ConditionalStatement as _, Expr, ExprTrait as _},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    prelude::{ColumnDef, Index, Query, Table},
};

use crate::{
    database::{from_db, to_db},
    failure::Failure,
    random,
};

/// Documents by name.
pub type Documents = BTreeMap<String, Vec<u8>>;

/// The SHA-256 of all documents, their names and lengths.
pub fn digest(docs: &Documents) -> String {
    let mut context = Context::new(&SHA256);
    for (name, bytes) in docs {
        for part in [name.as_bytes(), bytes] {
            // Lengths first: otherwise a byte could move from a name into its document.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
    }
    random::hex(context.finish().as_ref())
}

/// A version that was made the active one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activated {
    /// Counts from 1.
    pub version: i64,
    /// Whether it still is.
    pub active: bool,
    /// When it first was, by real time; of versions from before that was noted, when it was staged.
    pub at: Timestamp,
    /// Who did it, `role/name`; none where that was not noted.
    pub by: Option<String>,
}

/// Stores `docs` as `version`, not active yet. Doing so again changes nothing.
///
/// # Errors
/// `ALREADY_EXISTS` when other documents are staged under that version.
pub async fn stage<C: ConnectionTrait>(
    tx: &C,
    version: i64,
    docs: &Documents,
    staged_at: Timestamp,
) -> Result<(), Failure> {
    let digest = digest(docs);
    match version::Entity::find_by_id(version).one(tx).await? {
        Some(there) if there.digest == digest => return Ok(()),
        Some(there) => {
            return Err(Rejection::new(
                Kind::AlreadyExists,
                "REFERENCE_VERSION_REUSED",
                format!("other documents are staged as version {version}"),
            )
            .with("digest", there.digest)
            .into());
        }
        None => {}
    }
    let row = version::ActiveModel {
        version: Set(version),
        digest: Set(digest),
        active: Set(false),
        staged_at: Set(to_db(staged_at)),
        activated_at: Set(None),
        activated_by: Set(None),
    };
    version::Entity::insert(row).exec_without_returning(tx).await?;
    for (name, content) in docs {
        let row = document::ActiveModel {
            version: Set(version),
            name: Set(name.clone()),
            content: Set(content.clone()),
        };
        document::Entity::insert(row).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Makes `version` the active one, `by` whom (`role/name`) is noted. Doing so again changes nothing. What was made `over` another version is not to
/// take the place of any but that.
///
/// # Errors
/// `NOT_FOUND` when it is not staged, `FAILED_PRECONDITION` when a later one is active, `ABORTED` when it was made
/// over another one than the active one.
pub async fn activate<C: ConnectionTrait>(
    tx: &C,
    version: i64,
    over: Option<i64>,
    at: Timestamp,
    by: Option<&str>,
) -> Result<(), Failure> {
    if version::Entity::find_by_id(version).one(tx).await?.is_none() {
        let message = format!("no reference version {version} is staged");
        return Err(Rejection::not_found("REFERENCE_NOT_STAGED", message).into());
    }
    // Whoever activates another one at the same time comes before or after.
    let now =
        version::Entity::find().filter(version::Column::Active.eq(true)).lock_exclusive().one(tx).await?;
    match now.map(|row| row.version) {
        Some(now) if now == version => return Ok(()),
        now if over.is_some() && now != over => {
            let message = "another version has become the active one meanwhile";
            return Err(Rejection::new(Kind::Conflict, "VERSION_MOVED_ON", message).into());
        }
        Some(now) if now > version => {
            return Err(Rejection::new(
                Kind::Precondition,
                "REFERENCE_GOES_FORWARD",
                format!("version {now} is active; an earlier one cannot be activated"),
            )
            .with("active", now)
            .into());
        }
        _ => {}
    }
    // Whoever is of the version before, while a cluster is upgraded, does not note when.
    let unnoted = version::Column::Active.eq(true).and(version::Column::ActivatedAt.is_null());
    version::Entity::update_many()
        .col_expr(version::Column::ActivatedAt, Expr::col(version::Column::StagedAt))
        .filter(unnoted)
        .exec(tx)
        .await?;
    // First none, then one: an index allows only one active row.
    set_active(tx, version::Column::Active.eq(true), false).await?;
    set_active(tx, version::Column::Version.eq(version), true).await?;
    let noted = version::ActiveModel {
        version: Set(version),
        activated_at: Set(Some(to_db(at))),
        activated_by: Set(by.map(str::to_owned)),
        ..Default::default()
    };
    version::Entity::update(noted).exec(tx).await?;
    Ok(())
}

async fn set_active<C: ConnectionTrait>(tx: &C, rows: Expr, active: bool) -> Result<(), Failure> {
    let update = version::Entity::update_many().col_expr(version::Column::Active, Expr::value(active));
    update.filter(rows).exec(tx).await?;
    Ok(())
}

/// The active version and its digest.
///
/// # Errors
/// Those of the store.
pub async fn active<C: ConnectionTrait>(conn: &C) -> Result<Option<(i64, String)>, Failure> {
    let found = version::Entity::find().filter(version::Column::Active.eq(true)).one(conn).await?;
    Ok(found.map(|row| (row.version, row.digest)))
}

/// The newest staged version, active or not, and its digest.
///
/// # Errors
/// Those of the store.
pub async fn newest<C: ConnectionTrait>(conn: &C) -> Result<Option<(i64, String)>, Failure> {
    let found = version::Entity::find().order_by_desc(version::Column::Version).limit(1).one(conn).await?;
    Ok(found.map(|row| (row.version, row.digest)))
}

/// The versions below one, or all, that were ever active, the newest first: at most so many.
///
/// # Errors
/// Those of the store.
pub async fn history<C: ConnectionTrait>(
    conn: &C,
    below: Option<i64>,
    most: u64,
) -> Result<Vec<Activated>, Failure> {
    let ever = version::Column::ActivatedAt.is_not_null().or(version::Column::Active.eq(true));
    let mut found = version::Entity::find().filter(ever);
    if let Some(below) = below {
        found = found.filter(version::Column::Version.lt(below));
    }
    let rows = found.order_by_desc(version::Column::Version).limit(most).all(conn).await?;
    let activated = |row: version::Model| {
        let (version, active, by) = (row.version, row.active, row.activated_by);
        Activated { version, active, at: from_db(row.activated_at.unwrap_or(row.staged_at)), by }
    };
    Ok(rows.into_iter().map(activated).collect())
}

/// The documents of `version`, or `None` when it is not staged.
///
/// # Errors
/// Those of the store; Broken when the documents are not those that were staged.
pub async fn load<C: ConnectionTrait>(conn: &C, version: i64) -> Result<Option<Documents>, Failure> {
    let Some(row) = version::Entity::find_by_id(version).one(conn).await? else { return Ok(None) };
    let found = document::Entity::find().filter(document::Column::Version.eq(version)).all(conn).await?;
    let docs = found.into_iter().map(|document| (document.name, document.content)).collect();
    if digest(&docs) != row.digest {
        return Err(Failure::broken(format!("reference version {version} does not match its digest")));
    }
    Ok(Some(docs))
}

/// The migrations that every schema with reference documents includes.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(Tables), Box::new(ActivatedBy)]
}

mod version {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reference_version")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) version: i64,
        pub(super) digest: String,
        pub(super) active: bool,
        pub(super) staged_at: DateTimeUtc,
        pub(super) activated_at: Option<DateTimeUtc>,
        pub(super) activated_by: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod document {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reference_document")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) version: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) name: String,
        pub(super) content: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

struct Tables;

impl MigrationName for Tables {
    fn name(&self) -> &'static str {
        "m20261123_000002_reference"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Tables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let versions = Table::create()
            .table(version::Entity)
            .col(ColumnDef::new(version::Column::Version).big_integer().not_null().primary_key())
            .col(ColumnDef::new(version::Column::Digest).string().not_null())
            .col(ColumnDef::new(version::Column::Active).boolean().not_null())
            .col(ColumnDef::new(version::Column::StagedAt).timestamp_with_time_zone().not_null())
            .take();
        manager.create_table(versions).await?;
        let one_active = Index::create()
            .name("reference_version_one_active")
            .table(version::Entity)
            .col(version::Column::Active)
            .unique()
            .and_where(Expr::col(version::Column::Active).eq(true))
            .take();
        manager.create_index(one_active).await?;
        let documents = Table::create()
            .table(document::Entity)
            .col(ColumnDef::new(document::Column::Version).big_integer().not_null())
            .col(ColumnDef::new(document::Column::Name).string().not_null())
            .col(ColumnDef::new(document::Column::Content).blob().not_null())
            .primary_key(Index::create().col(document::Column::Version).col(document::Column::Name))
            .take();
        manager.create_table(documents).await
    }
}

/// Who made a version the active one, and when.
struct ActivatedBy;

impl MigrationName for ActivatedBy {
    fn name(&self) -> &'static str {
        "m20261129_000004_activated_by"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for ActivatedBy {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One by one: SQLite adds no two columns in a statement.
        for column in [
            ColumnDef::new(version::Column::ActivatedAt).timestamp_with_time_zone().take(),
            ColumnDef::new(version::Column::ActivatedBy).string().take(),
        ] {
            manager.alter_table(Table::alter().table(version::Entity).add_column(column).take()).await?;
        }
        // Until now that was not noted. Of those up to the active one most were.
        let active = Query::select()
            .expr(Expr::col(version::Column::Version))
            .from(version::Entity)
            .and_where(Expr::col(version::Column::Active).eq(true))
            .take();
        let were = Query::update()
            .table(version::Entity)
            .value(version::Column::ActivatedAt, Expr::col(version::Column::StagedAt))
            .and_where(Expr::col(version::Column::Version).lte(Expr::SubQuery(None, Box::new(active.into()))))
            .take();
        manager.exec_stmt(were).await
    }
}
