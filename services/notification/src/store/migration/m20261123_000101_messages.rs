//! Persons' keys, recipients, messages, and what is still to be delivered.

use sea_orm_migration::prelude::*;

use crate::store::entity::{delivery, message, person_key, recipient};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261123_000101_messages"
    }
}

#[async_trait::async_trait]
#[expect(
    elided_lifetimes_in_paths,
    reason = "the trait leaves it out, and async_trait compares by the letter"
)]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [person_keys(), recipients(), messages(), deliveries()] {
            manager.create_table(table).await?;
        }
        for index in indices() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn person_keys() -> TableCreateStatement {
    use person_key::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::PersonId).uuid().not_null())
        .col(ColumnDef::new(Column::WrappedKey).blob().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::PersonId))
        .take()
}

fn recipients() -> TableCreateStatement {
    use recipient::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::ApplicationId).uuid().not_null())
        .col(ColumnDef::new(Column::PersonId).uuid().not_null())
        .col(ColumnDef::new(Column::Contact).blob().not_null())
        .col(ColumnDef::new(Column::Language).string().not_null())
        .col(ColumnDef::new(Column::DossierCode).string().not_null())
        .col(ColumnDef::new(Column::Procedure).text().not_null())
        .col(ColumnDef::new(Column::ReturnAt).text().not_null())
        .col(ColumnDef::new(Column::DueAt).timestamp_with_time_zone())
        .primary_key(Index::create().col(Column::Province).col(Column::ApplicationId))
        .take()
}

fn messages() -> TableCreateStatement {
    use message::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::MessageId).uuid().not_null())
        .col(ColumnDef::new(Column::EventId).uuid().not_null())
        .col(ColumnDef::new(Column::Channel).string().not_null())
        .col(ColumnDef::new(Column::ApplicationId).uuid().not_null())
        .col(ColumnDef::new(Column::UnitId).uuid())
        .col(ColumnDef::new(Column::Template).string().not_null())
        .col(ColumnDef::new(Column::TemplateVersion).integer().not_null())
        .col(ColumnDef::new(Column::Language).string().not_null())
        .col(ColumnDef::new(Column::Subject).text().not_null())
        .col(ColumnDef::new(Column::Body).text().not_null())
        .col(ColumnDef::new(Column::State).string().not_null())
        .col(ColumnDef::new(Column::OccurredAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::Stage).small_integer().not_null())
        .col(ColumnDef::new(Column::SentAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::Attempts).integer().not_null())
        .col(ColumnDef::new(Column::Failure).string().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::MessageId))
        .take()
}

fn deliveries() -> TableCreateStatement {
    use delivery::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::MessageId).uuid().not_null())
        .col(ColumnDef::new(Column::Attempt).integer().not_null())
        .col(ColumnDef::new(Column::DueAt).timestamp_with_time_zone().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::MessageId))
        .take()
}

fn indices() -> [IndexCreateStatement; 5] {
    [
        Index::create()
            .name("message_fact")
            .table(message::Entity)
            .col(message::Column::Province)
            .col(message::Column::EventId)
            .col(message::Column::Channel)
            .col(message::Column::Template)
            .unique()
            .take(),
        // The mailbox of one application.
        Index::create()
            .name("message_application")
            .table(message::Entity)
            .col(message::Column::ApplicationId)
            .take(),
        // The mailbox of one unit, page by page.
        Index::create()
            .name("message_unit")
            .table(message::Entity)
            .col(message::Column::UnitId)
            .col(message::Column::OccurredAt)
            .col(message::Column::Stage)
            .col(message::Column::MessageId)
            .take(),
        // All messages, page by page.
        Index::create()
            .name("message_age")
            .table(message::Entity)
            .col(message::Column::OccurredAt)
            .col(message::Column::Stage)
            .col(message::Column::MessageId)
            .take(),
        Index::create().name("delivery_due").table(delivery::Entity).col(delivery::Column::DueAt).take(),
    ]
}
