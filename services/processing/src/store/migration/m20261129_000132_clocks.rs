//! Which clock a case follows.

use sea_orm_migration::prelude::*;

use crate::store::entity::case::{Column, Entity};

pub(crate) struct Migration;

const OPEN: &str = "cases_open";

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000132_clocks"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new(Column::ClockVersion).big_integer().to_owned();
        manager.alter_table(Table::alter().table(Entity).add_column(column).to_owned()).await?;
        // Re-planning goes through all open cases in the order of their applications.
        let index = Index::create()
            .name(OPEN)
            .table(Entity)
            .col(Column::Province)
            .col(Column::CompletedAt)
            .col(Column::Application)
            .to_owned();
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(OPEN).table(Entity).to_owned()).await?;
        manager.alter_table(Table::alter().table(Entity).drop_column(Column::ClockVersion).to_owned()).await
    }
}
