//! What the national database says otherwise than the province.

use sea_orm_migration::prelude::*;

use crate::store::entity::difference::{Column, Entity};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_010001_differences"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(differences()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Entity).to_owned()).await
    }
}

fn differences() -> TableCreateStatement {
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::ProcedureCode).string().not_null())
        .col(ColumnDef::new(Column::Attribute).string().not_null())
        .col(ColumnDef::new(Column::Ours).text().not_null())
        .col(ColumnDef::new(Column::Theirs).text().not_null())
        .col(ColumnDef::new(Column::FoundAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::GoneAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::Resolution).string())
        .col(ColumnDef::new(Column::ResolvedBy).string())
        .col(ColumnDef::new(Column::Reason).text())
        .col(ColumnDef::new(Column::ResolvedAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::Reopened).integer().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::ProcedureCode).col(Column::Attribute))
        .to_owned()
}
