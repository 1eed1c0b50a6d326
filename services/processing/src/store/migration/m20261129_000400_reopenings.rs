//! Cases that are opened again: that they were, why, and the results that are withdrawn by it.

use sea_orm_migration::prelude::*;

use crate::store::entity::{case, reopening};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000400_reopenings"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new(case::Column::Reopenings).text().to_owned();
        manager.alter_table(Table::alter().table(case::Entity).add_column(column).to_owned()).await?;
        manager.create_table(reopenings()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(reopening::Entity).to_owned()).await?;
        let column = case::Column::Reopenings;
        manager.alter_table(Table::alter().table(case::Entity).drop_column(column).to_owned()).await
    }
}

fn reopenings() -> TableCreateStatement {
    use reopening::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Application).uuid().not_null())
        .col(ColumnDef::new(Column::Number).big_integer().not_null())
        .col(ColumnDef::new(Column::ReasonKey).blob().not_null())
        .col(ColumnDef::new(Column::Reason).blob().not_null())
        .col(ColumnDef::new(Column::Person).uuid())
        .col(ColumnDef::new(Column::Issued).text())
        .col(ColumnDef::new(Column::HandedOver).text())
        .col(ColumnDef::new(Column::FileName).blob())
        .col(ColumnDef::new(Column::Signer).blob())
        .col(ColumnDef::new(Column::Receiver).blob())
        .col(ColumnDef::new(Column::File).blob())
        .col(ColumnDef::new(Column::Signature).blob())
        .primary_key(Index::create().col(Column::Province).col(Column::Application).col(Column::Number))
        .to_owned()
}
