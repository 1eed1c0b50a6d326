//! Applications that are not handed in yet.

use sea_orm_migration::prelude::*;

use crate::store::entity::draft::{Column, Entity};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_020002_drafts"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(drafts()).await?;
        let columns = [("draft_of_owner", Column::Owner), ("draft_of_unit", Column::Unit)];
        for (name, column) in columns {
            manager.create_index(index(name, column)).await?;
        }
        manager.create_index(index("draft_saved", Column::SavedAt)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Entity).to_owned()).await
    }
}

fn drafts() -> TableCreateStatement {
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Id).uuid().not_null())
        .col(ColumnDef::new(Column::Owner).string().not_null())
        .col(ColumnDef::new(Column::Unit).uuid())
        .col(ColumnDef::new(Column::Revision).big_integer().not_null())
        .col(ColumnDef::new(Column::ProcedureCode).string().not_null())
        .col(ColumnDef::new(Column::WrappedKey).blob())
        .col(ColumnDef::new(Column::Content).blob())
        .col(ColumnDef::new(Column::CreatedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::SavedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::Application).uuid())
        .primary_key(Index::create().col(Column::Province).col(Column::Id))
        .to_owned()
}

/// Newest first within whatever it is of.
fn index(name: &str, column: Column) -> IndexCreateStatement {
    Index::create().name(name).table(Entity).col(Column::Province).col(column).col(Column::Id).to_owned()
}
