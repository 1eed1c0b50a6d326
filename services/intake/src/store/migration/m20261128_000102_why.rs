//! Why an application is where it is, in words for whoever tracks it.

use sea_orm_migration::prelude::*;

use crate::store::entity::status_entry::{Column, Entity};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000102_why"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let why = ColumnDef::new(Column::Why).json().to_owned();
        manager.alter_table(Table::alter().table(Entity).add_column(why).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(Entity).drop_column(Column::Why).to_owned()).await
    }
}
