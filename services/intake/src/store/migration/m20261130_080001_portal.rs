//! What the national portal knows, is told and brings.

use sea_orm_migration::prelude::*;

use crate::store::entity::{portal_arrival, portal_dossier, portal_message};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_080001_portal"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [dossiers(), messages(), arrivals()] {
            manager.create_table(table).await?;
        }
        for index in indices() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["portal_arrival", "portal_message", "portal_dossier"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn dossiers() -> TableCreateStatement {
    use portal_dossier::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Code).string().not_null())
        .col(ColumnDef::new(Column::Application).uuid())
        .col(ColumnDef::new(Column::Brought).boolean().not_null())
        .col(ColumnDef::new(Column::LastCode).integer().not_null())
        .col(ColumnDef::new(Column::LastNumber).integer().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Code))
        .to_owned()
}

fn messages() -> TableCreateStatement {
    use portal_message::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Code).string().not_null())
        .col(ColumnDef::new(Column::Number).integer().not_null())
        .col(ColumnDef::new(Column::NationalCode).integer().not_null())
        .col(ColumnDef::new(Column::At).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::UnitName).json())
        .col(ColumnDef::new(Column::DueAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::Reasons).json())
        .col(ColumnDef::new(Column::State).string().not_null())
        .col(ColumnDef::new(Column::Attempts).integer().not_null())
        .col(ColumnDef::new(Column::NextAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::Failure).string())
        .col(ColumnDef::new(Column::DeliveredAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::Sha256).string())
        .col(ColumnDef::new(Column::Note).string())
        .col(ColumnDef::new(Column::NotedBy).string())
        .primary_key(Index::create().col(Column::Province).col(Column::Code).col(Column::Number))
        .to_owned()
}

fn arrivals() -> TableCreateStatement {
    use portal_arrival::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Item).string().not_null())
        .col(ColumnDef::new(Column::Kind).string().not_null())
        .col(ColumnDef::new(Column::Code).string().not_null())
        .col(ColumnDef::new(Column::SeenAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::State).string().not_null())
        .col(ColumnDef::new(Column::Attempts).integer().not_null())
        .col(ColumnDef::new(Column::NextAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::Reason).string())
        .col(ColumnDef::new(Column::Answer).json())
        .col(ColumnDef::new(Column::Application).uuid())
        .primary_key(Index::create().col(Column::Province).col(Column::Item))
        .to_owned()
}

fn indices() -> [IndexCreateStatement; 4] {
    [
        // What the portal knows of an application: once.
        Index::create()
            .name("portal_dossier_application")
            .table(portal_dossier::Entity)
            .unique()
            .col(portal_dossier::Column::Province)
            .col(portal_dossier::Column::Application)
            .to_owned(),
        // What is to be told next, and the log by state.
        Index::create()
            .name("portal_message_next")
            .table(portal_message::Entity)
            .col(portal_message::Column::Province)
            .col(portal_message::Column::State)
            .col(portal_message::Column::NextAt)
            .to_owned(),
        // The arrivals of a dossier, and those by state.
        Index::create()
            .name("portal_arrival_code")
            .table(portal_arrival::Entity)
            .col(portal_arrival::Column::Province)
            .col(portal_arrival::Column::Code)
            .to_owned(),
        Index::create()
            .name("portal_arrival_state")
            .table(portal_arrival::Entity)
            .col(portal_arrival::Column::Province)
            .col(portal_arrival::Column::State)
            .to_owned(),
    ]
}
