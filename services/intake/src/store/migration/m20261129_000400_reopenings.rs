//! Applications that are opened again.

use sea_orm_migration::prelude::*;

use crate::store::entity::{application, status_entry};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000400_reopenings"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let ahead = ColumnDef::new(application::Column::Ahead).json().to_owned();
        let applications = Table::alter().table(application::Entity).add_column(ahead).to_owned();
        manager.alter_table(applications).await?;
        let by = ColumnDef::new(status_entry::Column::ReopenedBy).string().to_owned();
        manager.alter_table(Table::alter().table(status_entry::Entity).add_column(by).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let by = status_entry::Column::ReopenedBy;
        manager.alter_table(Table::alter().table(status_entry::Entity).drop_column(by).to_owned()).await?;
        let ahead = application::Column::Ahead;
        manager.alter_table(Table::alter().table(application::Entity).drop_column(ahead).to_owned()).await
    }
}
