//! What applicants think of how their applications were dealt with.

use sea_orm_migration::prelude::*;

use crate::store::entity::rating::{Column, Entity};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000502_ratings"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(ratings()).await?;
        manager.create_index(newest()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Entity).to_owned()).await
    }
}

fn ratings() -> TableCreateStatement {
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Application).uuid().not_null())
        .col(ColumnDef::new(Column::Number).integer().not_null())
        .col(ColumnDef::new(Column::ReceivedAtUnit).uuid().not_null())
        .col(ColumnDef::new(Column::Rating).string().not_null())
        .col(ColumnDef::new(Column::Comment).blob())
        .col(ColumnDef::new(Column::RatedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::EndedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::ReopenedAt).timestamp_with_time_zone())
        .primary_key(Index::create().col(Column::Province).col(Column::Application).col(Column::Number))
        .to_owned()
}

fn newest() -> IndexCreateStatement {
    Index::create()
        .name("rating_newest")
        .table(Entity)
        .col(Column::Province)
        .col(Column::RatedAt)
        .col(Column::Application)
        .to_owned()
}
