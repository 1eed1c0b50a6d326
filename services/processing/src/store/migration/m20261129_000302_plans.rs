//! The reform plan, and what has happened to its tasks.

use sea_orm_migration::prelude::*;

use crate::store::entity::{plan_change, plan_task};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000302_plans"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(tasks()).await?;
        manager.create_table(changes()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(plan_change::Entity).to_owned()).await?;
        manager.drop_table(Table::drop().table(plan_task::Entity).to_owned()).await
    }
}

fn tasks() -> TableCreateStatement {
    use plan_task::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Code).string().not_null())
        .col(ColumnDef::new(Column::Position).big_integer().not_null())
        .col(ColumnDef::new(Column::AreaVi).text().not_null())
        .col(ColumnDef::new(Column::AreaEn).text().not_null())
        .col(ColumnDef::new(Column::WhatVi).text().not_null())
        .col(ColumnDef::new(Column::WhatEn).text().not_null())
        .col(ColumnDef::new(Column::Owner).text().not_null())
        .col(ColumnDef::new(Column::Due).string().not_null())
        .col(ColumnDef::new(Column::State).string().not_null())
        .col(ColumnDef::new(Column::Note).text().not_null())
        .col(ColumnDef::new(Column::Changes).big_integer().not_null())
        .col(ColumnDef::new(Column::ChangedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::ChangedBy).text().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Code))
        .to_owned()
}

fn changes() -> TableCreateStatement {
    use plan_change::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Code).string().not_null())
        .col(ColumnDef::new(Column::Number).big_integer().not_null())
        .col(ColumnDef::new(Column::At).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::Actor).text().not_null())
        .col(ColumnDef::new(Column::Kind).string().not_null())
        .col(ColumnDef::new(Column::State).string().not_null())
        .col(ColumnDef::new(Column::Owner).text().not_null())
        .col(ColumnDef::new(Column::Due).string().not_null())
        .col(ColumnDef::new(Column::Note).text().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Code).col(Column::Number))
        .to_owned()
}
