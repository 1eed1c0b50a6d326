//! The fence under which a work item lies in its worklist, once somebody has given it back.

use sea_orm_migration::prelude::*;

use crate::store::entity::work_item::{Column, Entity};

pub(super) struct M20261129Fence;

impl MigrationName for M20261129Fence {
    fn name(&self) -> &'static str {
        "m20261129_000107_fence"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for M20261129Fence {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A replica of the version before writes none.
        let fence = ColumnDef::new(Column::Fence).big_integer().not_null().default(0).to_owned();
        manager.alter_table(Table::alter().table(Entity).add_column(fence).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(Entity).drop_column(Column::Fence).to_owned()).await
    }
}
