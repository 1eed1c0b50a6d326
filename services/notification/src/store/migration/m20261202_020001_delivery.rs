//! Who a message is told to, how it stands, and what each attempt came to; providers, their receipts, and what operators did.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::store::entity::{attempt, deed, delivery, message, provider, receipt};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261202_020001_delivery"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for mut column in of_messages() {
            manager.alter_table(Table::alter().table(message::Entity).add_column(&mut column).take()).await?;
        }
        for mut column in of_deliveries() {
            manager
                .alter_table(Table::alter().table(delivery::Entity).add_column(&mut column).take())
                .await?;
        }
        for table in [attempts(), receipts(), providers(), deeds()] {
            manager.create_table(table).await?;
        }
        let conn = manager.get_connection();
        // Ids are 16 bytes here, and a type of its own there.
        let digits = match manager.get_database_backend() {
            DbBackend::Postgres => "replace(CAST(unit_id AS text), '-', '')",
            _ => "lower(hex(unit_id))",
        };
        let addressees = format!(
            "UPDATE message SET addressee = CASE WHEN unit_id IS NULL THEN 'applicant' ELSE 'unit:ctr_' || {digits} END"
        );
        conn.execute_unprepared(&addressees).await?;
        for statement in STATES {
            conn.execute_unprepared(statement).await?;
        }
        for index in indices() {
            manager.create_index(index).await?;
        }
        // Of all messages few are open, and they are looked for every minute.
        conn.execute_unprepared(
            "CREATE INDEX message_open ON message (state) \
             WHERE state IN ('created', 'sending', 'temporary_failure', 'pending', 'technical_failure')",
        )
        .await?;
        // It knew one addressee of each fact only.
        manager.drop_index(Index::drop().name("message_fact").table(message::Entity).to_owned()).await
    }
}

/// What was called otherwise before.
const STATES: [&str; 4] = [
    "UPDATE message SET settled_at = sent_at WHERE sent_at IS NOT NULL",
    "UPDATE message SET state = 'temporary_failure' WHERE state = 'retrying'",
    "UPDATE message SET state = 'permanent_failure' WHERE state = 'failed' \
     AND (failure LIKE 'SMTP_5%' OR failure IN ('MALFORMED_ADDRESS', 'PERSON_ERASED'))",
    "UPDATE message SET state = 'technical_failure' WHERE state = 'failed'",
];

fn of_messages() -> [ColumnDef; 6] {
    use message::Column;
    [
        ColumnDef::new(Column::Addressee).string().not_null().default("").take(),
        ColumnDef::new(Column::Provider).string().take(),
        ColumnDef::new(Column::ProviderRef).string().take(),
        ColumnDef::new(Column::ExpiresAt).timestamp_with_time_zone().take(),
        ColumnDef::new(Column::SettledAt).timestamp_with_time_zone().take(),
        ColumnDef::new(Column::Resends).integer().not_null().default(0).take(),
    ]
}

fn of_deliveries() -> [ColumnDef; 6] {
    use delivery::Column;
    [
        ColumnDef::new(Column::Channel).string().not_null().default("email").take(),
        ColumnDef::new(Column::Provider).string().take(),
        ColumnDef::new(Column::MayBeHeard).boolean().not_null().default(false).take(),
        ColumnDef::new(Column::BeganAt).timestamp_with_time_zone().take(),
        ColumnDef::new(Column::Base).integer().not_null().default(0).take(),
        ColumnDef::new(Column::ExpiresAt).timestamp_with_time_zone().take(),
    ]
}

fn attempts() -> TableCreateStatement {
    use attempt::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::MessageId).uuid().not_null())
        .col(ColumnDef::new(Column::Number).integer().not_null())
        .col(ColumnDef::new(Column::Provider).string().not_null())
        .col(ColumnDef::new(Column::BeganAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::TookMilliseconds).integer().not_null())
        .col(ColumnDef::new(Column::Outcome).string().not_null())
        .col(ColumnDef::new(Column::Code).string().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::MessageId).col(Column::Number))
        .take()
}

fn receipts() -> TableCreateStatement {
    use receipt::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Provider).string().not_null())
        .col(ColumnDef::new(Column::ProviderRef).string().not_null())
        .col(ColumnDef::new(Column::Kind).string().not_null())
        .col(ColumnDef::new(Column::Code).string().not_null())
        .col(ColumnDef::new(Column::SeenAt).timestamp_with_time_zone().not_null())
        .primary_key(Index::create().col(Column::Provider).col(Column::ProviderRef).col(Column::Kind))
        .take()
}

fn providers() -> TableCreateStatement {
    use provider::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Name).string().not_null().primary_key())
        .col(ColumnDef::new(Column::Micros).big_integer().not_null())
        .col(ColumnDef::new(Column::CountedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::PausedUntil).timestamp_with_time_zone())
        .take()
}

fn deeds() -> TableCreateStatement {
    use deed::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::MessageId).uuid().not_null())
        .col(ColumnDef::new(Column::Number).integer().not_null())
        .col(ColumnDef::new(Column::Deed).string().not_null())
        .col(ColumnDef::new(Column::Actor).string().not_null())
        .col(ColumnDef::new(Column::Reason).text().not_null())
        .col(ColumnDef::new(Column::DoneAt).timestamp_with_time_zone().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::MessageId).col(Column::Number))
        .take()
}

fn indices() -> [IndexCreateStatement; 4] {
    [
        Index::create()
            .name("message_told")
            .table(message::Entity)
            .col(message::Column::Province)
            .col(message::Column::EventId)
            .col(message::Column::Template)
            .col(message::Column::Addressee)
            .col(message::Column::Channel)
            .unique()
            .take(),
        // By what a provider calls it.
        Index::create()
            .name("message_provider_ref")
            .table(message::Entity)
            .col(message::Column::Provider)
            .col(message::Column::ProviderRef)
            .take(),
        Index::create()
            .name("delivery_channel")
            .table(delivery::Entity)
            .col(delivery::Column::Channel)
            .col(delivery::Column::DueAt)
            .take(),
        // What is old is forgotten.
        Index::create().name("attempt_age").table(attempt::Entity).col(attempt::Column::BeganAt).take(),
    ]
}
