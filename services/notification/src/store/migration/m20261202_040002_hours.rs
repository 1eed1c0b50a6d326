//! What waits for a decent hour.

use sea_orm_migration::prelude::*;

use crate::store::entity::delivery::{Column, Entity};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261202_040002_hours"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new(Column::Waits).boolean().not_null().default(false).to_owned();
        manager.alter_table(Table::alter().table(Entity).add_column(column).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(Entity).drop_column(Column::Waits).to_owned()).await
    }
}
