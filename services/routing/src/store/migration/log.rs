//! Decisions are linked into the log a moment after they were made, and those that found no unit are logged, too.

use sea_orm_migration::prelude::*;

use crate::store::entity::{refusal, unlinked};

pub(super) struct M20261128Log;

impl MigrationName for M20261128Log {
    fn name(&self) -> &'static str {
        "m20261128_000104_log"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for M20261128Log {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(unlinked()).await?;
        manager.create_table(refusals()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["refusal", "unlinked"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

/// What was found of one application is found without a walk through all that was ever refused.
pub(super) struct M20261128Refusals;

const REFUSALS: &str = "refusal_application";

impl MigrationName for M20261128Refusals {
    fn name(&self) -> &'static str {
        "m20261128_000106_refusals"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for M20261128Refusals {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        use refusal::{Column, Entity};
        let mut refusals = Index::create();
        refusals.name(REFUSALS).table(Entity).col(Column::Province).col(Column::Application);
        manager.create_index(refusals).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(REFUSALS).table(refusal::Entity).to_owned()).await
    }
}

fn unlinked() -> TableCreateStatement {
    use unlinked::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Number).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Decision).uuid().not_null().unique_key())
        .to_owned()
}

fn refusals() -> TableCreateStatement {
    use refusal::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Id).uuid().not_null().primary_key())
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Application).uuid().not_null())
        .col(ColumnDef::new(Column::Step).integer().not_null())
        .col(ColumnDef::new(Column::Attempt).integer().not_null())
        .col(ColumnDef::new(Column::Reason).string().not_null())
        .col(ColumnDef::new(Column::DecidedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::ProvinceVersion).big_integer().not_null())
        .col(ColumnDef::new(Column::RegistryRevision).big_integer().not_null())
        .col(ColumnDef::new(Column::Finding).text())
        .to_owned()
}
