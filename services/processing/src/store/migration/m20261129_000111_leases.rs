//! Until when claims hold.

use sea_orm_migration::prelude::*;

use crate::store::entity::work_item::{Column, Entity};

const NAME: &str = "work_items_leases";

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000111_leases"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What was claimed before, or at a replica of the version before, is given an end by the first look at it.
        let held_until = ColumnDef::new(Column::HeldUntil)
            .timestamp_with_time_zone()
            .not_null()
            .default("1970-01-01 00:00:00+00:00")
            .to_owned();
        manager.alter_table(Table::alter().table(Entity).add_column(held_until).to_owned()).await?;
        let mut index = Index::create();
        index.name(NAME).table(Entity).col(Column::Open).col(Column::HeldUntil).col(Column::Officer);
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(NAME).table(Entity).to_owned()).await?;
        manager.alter_table(Table::alter().table(Entity).drop_column(Column::HeldUntil).to_owned()).await
    }
}
