//! What reports count of each case; of those that are there already, reckoned by the version of the province that each is pinned to.

use sea_orm_migration::prelude::*;

use crate::store::{
    entity::case_figure::{Column, Entity},
    recount,
};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000120_figures"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// With all that is reckoned, or not at all: also on SQLite.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(table()).await?;
        for index in indices() {
            manager.create_index(index).await?;
        }
        recount::all(manager.get_connection()).await.map_err(|failure| DbErr::Migration(failure.to_string()))
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Entity).to_owned()).await
    }
}

fn table() -> TableCreateStatement {
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::CaseId).uuid().not_null().primary_key())
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::ProcedureCode).string().not_null())
        .col(ColumnDef::new(Column::Field).string().not_null())
        .col(ColumnDef::new(Column::ReceivedAt).uuid().not_null())
        .col(ColumnDef::new(Column::WorkedAt).uuid())
        .col(ColumnDef::new(Column::WorkedStep).big_integer())
        .col(ColumnDef::new(Column::WorkedEffort).big_integer())
        .col(ColumnDef::new(Column::Officer).uuid())
        .col(ColumnDef::new(Column::SubmittedAt).big_integer().not_null())
        .col(ColumnDef::new(Column::DueAt).big_integer())
        .col(ColumnDef::new(Column::EndedAt).big_integer().not_null())
        .col(ColumnDef::new(Column::State).string().not_null())
        .col(ColumnDef::new(Column::Timeliness).string())
        .col(ColumnDef::new(Column::Minutes).big_integer())
        .col(ColumnDef::new(Column::AllowedMinutes).big_integer())
        .col(ColumnDef::new(Column::WaitsFrom).big_integer())
        .col(ColumnDef::new(Column::WaitsTo).big_integer())
        .col(ColumnDef::new(Column::Supplements).big_integer().not_null())
        .to_owned()
}

fn indices() -> [IndexCreateStatement; 2] {
    [
        // The cases of a period: accepted before its end, and not ended before its beginning.
        Index::create()
            .name("case_figures_period")
            .table(Entity)
            .col(Column::Province)
            .col(Column::EndedAt)
            .col(Column::SubmittedAt)
            .to_owned(),
        // A page of the cases behind a figure.
        Index::create()
            .name("case_figures_page")
            .table(Entity)
            .col(Column::SubmittedAt)
            .col(Column::CaseId)
            .to_owned(),
    ]
}
