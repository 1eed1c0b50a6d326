//! Applications, their status entries, the persons' keys, the running numbers of dossiers.

use sea_orm_migration::prelude::*;

use crate::store::entity::{application, dossier_number, person_key, status_entry};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261123_000101_applications"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [applications(), status_entries(), person_keys(), dossier_numbers()] {
            manager.create_table(table).await?;
        }
        for index in indices() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["dossier_number", "person_key", "status_entry", "application"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn applications() -> TableCreateStatement {
    use application::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Id).uuid().not_null())
        .col(ColumnDef::new(Column::DossierCode).string().not_null())
        .col(ColumnDef::new(Column::CheckCode).string().not_null())
        .col(ColumnDef::new(Column::ProcedureCode).string().not_null())
        .col(ColumnDef::new(Column::ProcedureName).json().not_null())
        .col(ColumnDef::new(Column::ProvinceVersion).big_integer().not_null())
        .col(ColumnDef::new(Column::ReceivedAtUnit).uuid().not_null())
        .col(ColumnDef::new(Column::ReturnAtUnit).uuid().not_null())
        .col(ColumnDef::new(Column::Channel).string().not_null())
        .col(ColumnDef::new(Column::Places).json().not_null())
        .col(ColumnDef::new(Column::ConflictedCodes).json().not_null())
        .col(ColumnDef::new(Column::HandedInAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::SubmittedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::DueAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::Receipt).json().not_null())
        .col(ColumnDef::new(Column::Person).uuid().not_null())
        .col(ColumnDef::new(Column::Applicant).blob().not_null())
        .col(ColumnDef::new(Column::Status).string().not_null())
        .col(ColumnDef::new(Column::WorkingUnit).uuid())
        .col(ColumnDef::new(Column::WorkingUnitName).json())
        .col(ColumnDef::new(Column::Changes).integer().not_null())
        .col(ColumnDef::new(Column::FinishedAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::OnTime).boolean())
        .primary_key(Index::create().col(Column::Province).col(Column::Id))
        .to_owned()
}

fn status_entries() -> TableCreateStatement {
    use status_entry::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Application).uuid().not_null())
        .col(ColumnDef::new(Column::Number).integer().not_null())
        .col(ColumnDef::new(Column::At).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::Status).string().not_null())
        .col(ColumnDef::new(Column::UnitName).json())
        .primary_key(Index::create().col(Column::Province).col(Column::Application).col(Column::Number))
        .to_owned()
}

fn person_keys() -> TableCreateStatement {
    use person_key::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Person).uuid().not_null())
        .col(ColumnDef::new(Column::WrappedKey).blob().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Person))
        .to_owned()
}

fn dossier_numbers() -> TableCreateStatement {
    use dossier_number::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Unit).uuid().not_null())
        .col(ColumnDef::new(Column::Day).string().not_null())
        .col(ColumnDef::new(Column::Last).integer().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Unit).col(Column::Day))
        .to_owned()
}

fn indices() -> [IndexCreateStatement; 3] {
    use application::{Column, Entity};
    [
        // Tracking; and no code is ever given twice.
        Index::create()
            .name("application_dossier_code")
            .table(Entity)
            .col(Column::Province)
            .col(Column::DossierCode)
            .unique()
            .to_owned(),
        // The lists of a unit and of a status, page by page in the order of ids.
        Index::create()
            .name("application_received_at")
            .table(Entity)
            .col(Column::Province)
            .col(Column::ReceivedAtUnit)
            .col(Column::Id)
            .to_owned(),
        Index::create()
            .name("application_status")
            .table(Entity)
            .col(Column::Province)
            .col(Column::Status)
            .col(Column::Id)
            .to_owned(),
    ]
}
