//! Cases and their work items.

use sea_orm_migration::prelude::*;

use crate::store::entity::{case, work_item};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261123_000101_cases"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(cases()).await?;
        manager.create_table(work_items()).await?;
        for index in indices() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(work_item::Entity).to_owned()).await?;
        manager.drop_table(Table::drop().table(case::Entity).to_owned()).await
    }
}

fn cases() -> TableCreateStatement {
    use case::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Id).uuid().not_null().primary_key())
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Application).uuid().not_null())
        .col(ColumnDef::new(Column::DossierCode).string().not_null())
        .col(ColumnDef::new(Column::ProcedureCode).string().not_null())
        .col(ColumnDef::new(Column::ProvinceVersion).big_integer().not_null())
        .col(ColumnDef::new(Column::ReceivedAt).uuid().not_null())
        .col(ColumnDef::new(Column::ReturnAt).uuid().not_null())
        .col(ColumnDef::new(Column::Places).text().not_null())
        .col(ColumnDef::new(Column::Conflicts).text().not_null())
        .col(ColumnDef::new(Column::SubmittedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::DueAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::State).string().not_null())
        .col(ColumnDef::new(Column::Step).big_integer().not_null())
        .col(ColumnDef::new(Column::OpenedAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::CompletedAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::OnTime).boolean())
        .to_owned()
}

fn work_items() -> TableCreateStatement {
    use work_item::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Application).uuid().not_null())
        .col(ColumnDef::new(Column::Step).big_integer().not_null())
        .col(ColumnDef::new(Column::Attempt).big_integer().not_null())
        .col(ColumnDef::new(Column::CaseId).uuid().not_null())
        .col(ColumnDef::new(Column::DossierCode).string().not_null())
        .col(ColumnDef::new(Column::ProcedureCode).string().not_null())
        .col(ColumnDef::new(Column::ProvinceVersion).big_integer().not_null())
        .col(ColumnDef::new(Column::Field).string().not_null())
        .col(ColumnDef::new(Column::Level).big_integer().not_null())
        .col(ColumnDef::new(Column::EffortMinutes).big_integer().not_null())
        .col(ColumnDef::new(Column::Unit).uuid().not_null())
        .col(ColumnDef::new(Column::Fence).big_integer().not_null())
        .col(ColumnDef::new(Column::Officer).uuid())
        .col(ColumnDef::new(Column::Outcome).string())
        .col(ColumnDef::new(Column::Superseded).boolean().not_null())
        .col(ColumnDef::new(Column::Open).boolean().not_null())
        .col(ColumnDef::new(Column::QueuedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::StartedAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::CompletedAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::SubmittedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::DueAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::UrgentBy).timestamp_with_time_zone().not_null())
        .primary_key(
            Index::create()
                .col(Column::Province)
                .col(Column::Application)
                .col(Column::Step)
                .col(Column::Attempt),
        )
        .to_owned()
}

fn indices() -> [IndexCreateStatement; 3] {
    [
        // A second submission can never make a second case.
        Index::create()
            .name("cases_application")
            .table(case::Entity)
            .col(case::Column::Province)
            .col(case::Column::Application)
            .unique()
            .to_owned(),
        // Conservation goes through all applications in the order of their ids.
        Index::create().name("cases_holdings").table(case::Entity).col(case::Column::Application).to_owned(),
        // A worklist, in its order.
        Index::create()
            .name("work_items_worklist")
            .table(work_item::Entity)
            .col(work_item::Column::Unit)
            .col(work_item::Column::Open)
            .col(work_item::Column::UrgentBy)
            .col(work_item::Column::SubmittedAt)
            .col(work_item::Column::Application)
            .col(work_item::Column::Step)
            .to_owned(),
    ]
}
