//! Until when a draft wants a file.

use sea_orm_migration::prelude::*;

use crate::store::entity::attachment::{Column, Entity};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261201_010001_wanted_files"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let wanted = ColumnDef::new(Column::WantedUntil).timestamp_with_time_zone().to_owned();
        manager.alter_table(Table::alter().table(Entity).add_column(wanted).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = Column::WantedUntil;
        manager.alter_table(Table::alter().table(Entity).drop_column(column).to_owned()).await
    }
}
