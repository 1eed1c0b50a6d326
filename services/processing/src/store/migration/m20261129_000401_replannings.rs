//! What decisions on days off have promised.

use sea_orm_migration::prelude::*;

use crate::store::entity::replanning::{Column, Entity};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000401_replannings"
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
            .col(ColumnDef::new(Column::Version).big_integer().not_null())
            .col(ColumnDef::new(Column::Decision).text().not_null())
            .col(ColumnDef::new(Column::PreviousDueAt).timestamp_with_time_zone().not_null())
            .col(ColumnDef::new(Column::PreviousAppointmentAt).timestamp_with_time_zone())
            .col(ColumnDef::new(Column::DueAt).timestamp_with_time_zone().not_null())
            .col(ColumnDef::new(Column::AppointmentAt).timestamp_with_time_zone())
            .primary_key(Index::create().col(Column::Province).col(Column::Application).col(Column::Version))
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Entity).to_owned()).await
    }
}
