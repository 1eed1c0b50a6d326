//! What the public feed says of applications, what came too early for it, and which feed it is.

use sea_orm_migration::prelude::*;

use crate::store::entity::{feed_early, feed_epoch, feed_subject};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261202_010001_feed"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [subjects(), early(), epochs()] {
            manager.create_table(table).await?;
        }
        let by_application = Index::create()
            .name("feed_early_application")
            .table(feed_early::Entity)
            .col(feed_early::Column::ApplicationId)
            .to_owned();
        manager.create_index(by_application).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["feed_epoch", "feed_early", "feed_subject"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn subjects() -> TableCreateStatement {
    use feed_subject::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::ApplicationId).uuid().not_null())
        .col(ColumnDef::new(Column::ProcedureCode).string().not_null())
        .col(ColumnDef::new(Column::Units).json().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::ApplicationId))
        .take()
}

fn early() -> TableCreateStatement {
    use feed_early::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Position).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::ApplicationId).uuid().not_null())
        .col(ColumnDef::new(Column::Event).blob().not_null())
        .take()
}

fn epochs() -> TableCreateStatement {
    use feed_epoch::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Id).small_integer().not_null().primary_key())
        .col(ColumnDef::new(Column::Epoch).uuid().not_null())
        .take()
}
