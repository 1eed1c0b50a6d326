//! Whether applications were digitised. Of those that are there already nobody was asked.

use sea_orm_migration::prelude::*;

use crate::store::entity::application::{Column, Entity};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000501_digitised"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let digitised = ColumnDef::new(Column::Digitised).boolean().to_owned();
        manager.alter_table(Table::alter().table(Entity).add_column(digitised).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(Entity).drop_column(Column::Digitised).to_owned()).await
    }
}
