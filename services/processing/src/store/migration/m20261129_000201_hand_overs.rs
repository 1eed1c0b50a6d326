//! What has happened to work items.

use sea_orm_migration::prelude::*;

use crate::store::entity::hand_over::{Column, Entity};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000201_hand_overs"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(Entity)
            .col(ColumnDef::new(Column::Province).string().not_null())
            .col(ColumnDef::new(Column::Application).uuid().not_null())
            .col(ColumnDef::new(Column::Step).big_integer().not_null())
            .col(ColumnDef::new(Column::Attempt).big_integer().not_null())
            .col(ColumnDef::new(Column::Fence).big_integer().not_null())
            .col(ColumnDef::new(Column::Happening).string().not_null())
            .col(ColumnDef::new(Column::At).timestamp_with_time_zone().not_null())
            .col(ColumnDef::new(Column::Unit).uuid().not_null())
            .col(ColumnDef::new(Column::Officer).uuid())
            .primary_key(
                Index::create()
                    .col(Column::Province)
                    .col(Column::Application)
                    .col(Column::Step)
                    .col(Column::Attempt)
                    .col(Column::Fence)
                    .col(Column::Happening),
            )
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Entity).to_owned()).await
    }
}
