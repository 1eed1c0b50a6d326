//! Who began another feed, when and why.

use sea_orm_migration::prelude::*;

use crate::store::entity::feed_epoch::{Column, Entity};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261203_050002_epochs"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut at = ColumnDef::new(Column::BegunAt);
        at.timestamp_with_time_zone();
        let words = [Column::BegunBy, Column::Reason].map(|column| ColumnDef::new(column).text().to_owned());
        for column in [at].into_iter().chain(words) {
            manager.alter_table(Table::alter().table(Entity).add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [Column::Reason, Column::BegunBy, Column::BegunAt] {
            manager.alter_table(Table::alter().table(Entity).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
