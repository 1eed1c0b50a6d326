//! What officers wrote to applicants: it stands on the forms that they get.

use sea_orm_migration::prelude::*;

use crate::store::entity::application::{Column, Entity};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000201_words"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One by one: SQLite adds no two columns in a statement.
        for column in [Column::SupplementWords, Column::RefusalWords] {
            let column = ColumnDef::new(column).binary().to_owned();
            manager.alter_table(Table::alter().table(Entity).add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [Column::SupplementWords, Column::RefusalWords] {
            manager.alter_table(Table::alter().table(Entity).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
