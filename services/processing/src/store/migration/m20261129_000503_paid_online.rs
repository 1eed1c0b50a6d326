//! Whether what was paid for a case was paid online. Before that nobody has told of any.

use sea_orm_migration::prelude::*;

use crate::store::entity::case_figure::{Column, Entity};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000503_paid_online"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let counted = ColumnDef::new(Column::PaidOnline).boolean().to_owned();
        manager.alter_table(Table::alter().table(Entity).add_column(counted).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(Entity).drop_column(Column::PaidOnline).to_owned()).await
    }
}
