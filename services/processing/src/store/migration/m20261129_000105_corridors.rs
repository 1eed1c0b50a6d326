//! The dates of green corridors, beside the promised ones. Cases of before have none.

use sea_orm_migration::prelude::*;

use crate::store::entity::{case, work_item};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000105_corridors"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let of_case = ColumnDef::new(case::Column::CorridorDueAt).timestamp_with_time_zone().to_owned();
        let of_item = ColumnDef::new(work_item::Column::CorridorDueAt).timestamp_with_time_zone().to_owned();
        manager.alter_table(Table::alter().table(case::Entity).add_column(of_case).to_owned()).await?;
        manager.alter_table(Table::alter().table(work_item::Entity).add_column(of_item).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let of_case = Table::alter().table(case::Entity).drop_column(case::Column::CorridorDueAt).to_owned();
        let of_item =
            Table::alter().table(work_item::Entity).drop_column(work_item::Column::CorridorDueAt).to_owned();
        manager.alter_table(of_case).await?;
        manager.alter_table(of_item).await
    }
}
