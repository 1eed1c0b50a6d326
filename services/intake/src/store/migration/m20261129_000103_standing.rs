//! What applicants hand in later: supplements, and that they withdraw.

use sea_orm_migration::prelude::*;

use crate::store::entity::application::{Column, Entity};

pub(super) struct Migration;

const OVERDUE: &str = "idx_application_supplement_until";

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000103_standing"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One by one: SQLite adds no two columns in a statement.
        for column in [
            ColumnDef::new(Column::SupplementUntil).timestamp_with_time_zone(),
            ColumnDef::new(Column::SupplementReceivedAt).timestamp_with_time_zone(),
            ColumnDef::new(Column::StopGround).string(),
            ColumnDef::new(Column::StopAskedAt).timestamp_with_time_zone(),
        ] {
            manager.alter_table(Table::alter().table(Entity).add_column(column).to_owned()).await?;
        }
        manager
            .create_index(Index::create().name(OVERDUE).table(Entity).col(Column::SupplementUntil).to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(OVERDUE).table(Entity).to_owned()).await?;
        for column in
            [Column::SupplementUntil, Column::SupplementReceivedAt, Column::StopGround, Column::StopAskedAt]
        {
            manager.alter_table(Table::alter().table(Entity).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
