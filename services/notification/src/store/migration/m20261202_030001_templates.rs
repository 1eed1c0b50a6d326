//! Sets of templates, and with what a message was told.

use sea_orm_migration::prelude::*;

use crate::store::entity::{message, template_set};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261202_030001_templates"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(sets()).await?;
        let column = ColumnDef::new(message::Column::ToldWith).json().to_owned();
        manager.alter_table(Table::alter().table(message::Entity).add_column(column).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = message::Column::ToldWith;
        manager.alter_table(Table::alter().table(message::Entity).drop_column(column).to_owned()).await?;
        manager.drop_table(Table::drop().table(template_set::Entity).to_owned()).await
    }
}

fn sets() -> TableCreateStatement {
    use template_set::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Version).integer().not_null().primary_key())
        .col(ColumnDef::new(Column::Digest).string().not_null())
        .col(ColumnDef::new(Column::Files).json().not_null())
        .col(ColumnDef::new(Column::Bundled).boolean().not_null())
        .col(ColumnDef::new(Column::ImportedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::ImportedBy).string().not_null())
        .col(ColumnDef::new(Column::Reason).text().not_null())
        .take()
}
