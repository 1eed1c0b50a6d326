//! When it is to be said of a case that it will soon be late, and what was said.

use sea_orm_migration::prelude::*;

use crate::store::entity::case::{Column, Entity};

const NAME: &str = "cases_warnings";

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000110_warnings"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What was there before, and what a replica of the version before writes, is looked at once, and reckoned then.
        let warn_at = ColumnDef::new(Column::WarnAt)
            .timestamp_with_time_zone()
            .not_null()
            .default("1970-01-01 00:00:00+00:00")
            .to_owned();
        manager.alter_table(Table::alter().table(Entity).add_column(warn_at).to_owned()).await?;
        let warned = ColumnDef::new(Column::Warned).string().to_owned();
        manager.alter_table(Table::alter().table(Entity).add_column(warned).to_owned()).await?;
        let mut index = Index::create();
        index.name(NAME).table(Entity).col(Column::State).col(Column::WarnAt);
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(NAME).table(Entity).to_owned()).await?;
        for column in [Column::Warned, Column::WarnAt] {
            manager.alter_table(Table::alter().table(Entity).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
