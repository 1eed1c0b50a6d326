//! What citizens were asked to supplement.

use sea_orm_migration::prelude::*;

use crate::store::entity::case::{Column, Entity};

pub(crate) struct Migration;

const COLUMNS: [Column; 3] =
    [Column::SupplementRequestedAt, Column::SupplementUntil, Column::SupplementReceivedAt];

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000104_supplements"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One by one: SQLite adds no two columns in a statement.
        for column in COLUMNS {
            let mut column = ColumnDef::new(column);
            let add = Table::alter().table(Entity).add_column(column.timestamp_with_time_zone()).to_owned();
            manager.alter_table(add).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in COLUMNS {
            manager.alter_table(Table::alter().table(Entity).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
