//! When contacts were corrected.

use sea_orm_migration::prelude::*;

use crate::store::entity::application::{Column, Entity};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_040002_contacts"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let corrected = ColumnDef::new(Column::ContactCorrectedAt).timestamp_with_time_zone().to_owned();
        manager.alter_table(Table::alter().table(Entity).add_column(corrected).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = Column::ContactCorrectedAt;
        manager.alter_table(Table::alter().table(Entity).drop_column(column).to_owned()).await
    }
}
