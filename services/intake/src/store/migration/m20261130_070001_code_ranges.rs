//! Dossier codes that were reserved ahead, and what bears them.

use sea_orm_migration::prelude::*;

use crate::store::entity::{code_range, issued_code};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_070001_code_ranges"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(ranges()).await?;
        manager.create_table(issued()).await?;
        for index in indices() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["issued_code", "code_range"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn ranges() -> TableCreateStatement {
    use code_range::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Id).uuid().not_null())
        .col(ColumnDef::new(Column::Unit).uuid().not_null())
        .col(ColumnDef::new(Column::Day).string().not_null())
        .col(ColumnDef::new(Column::Series).string().not_null())
        .col(ColumnDef::new(Column::First).integer().not_null())
        .col(ColumnDef::new(Column::Last).integer().not_null())
        .col(ColumnDef::new(Column::ReservedBy).string().not_null())
        .col(ColumnDef::new(Column::ReservedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::ClosedAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::Void).json())
        .primary_key(Index::create().col(Column::Province).col(Column::Id))
        .to_owned()
}

fn issued() -> TableCreateStatement {
    use issued_code::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Range).uuid().not_null())
        .col(ColumnDef::new(Column::Number).integer().not_null())
        .col(ColumnDef::new(Column::Application).uuid().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Range).col(Column::Number))
        .to_owned()
}

fn indices() -> [IndexCreateStatement; 2] {
    use code_range::{Column, Entity};
    [
        // The range of a code, and what is out of a unit's day.
        Index::create()
            .name("code_range_series")
            .table(Entity)
            .col(Column::Province)
            .col(Column::Series)
            .col(Column::First)
            .to_owned(),
        // The list of a unit, and what is to be closed.
        Index::create()
            .name("code_range_unit")
            .table(Entity)
            .col(Column::Province)
            .col(Column::Unit)
            .col(Column::Id)
            .to_owned(),
    ]
}
