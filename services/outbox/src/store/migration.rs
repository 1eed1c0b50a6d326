//! The tables of an outbox and an inbox. Every service includes them in its own migrator.

use sea_orm_migration::prelude::*;

use super::entity::{event, inbox, lane, parked, pruned, sequence};

/// The migrations of this crate, to be put before the service's own.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(M20260101HandOver), Box::new(M20261129Pruned)]
}

/// Events, sequences, lanes, parked events, inbox.
struct M20260101HandOver;

impl MigrationName for M20260101HandOver {
    fn name(&self) -> &'static str {
        "m20260101_000001_hand_over"
    }
}

#[allow(
    elided_lifetimes_in_paths,
    reason = "the trait leaves it out, and async-trait takes both by the letter"
)]
#[async_trait::async_trait]
impl MigrationTrait for M20260101HandOver {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [events(), sequences(), lanes(), parked_events(), inbox_rows()] {
            manager.create_table(table).await?;
        }
        for index in indices() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["inbox", "outbox_parked", "outbox_lanes", "outbox_sequences", "outbox_events"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

/// How far events have been pruned.
struct M20261129Pruned;

impl MigrationName for M20261129Pruned {
    fn name(&self) -> &'static str {
        "m20261129_000001_pruned"
    }
}

#[allow(
    elided_lifetimes_in_paths,
    reason = "the trait leaves it out, and async-trait takes both by the letter"
)]
#[async_trait::async_trait]
impl MigrationTrait for M20261129Pruned {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        use pruned::{Column, Entity};
        let table = Table::create()
            .table(Entity)
            .col(ColumnDef::new(Column::Id).small_integer().not_null().primary_key())
            .col(ColumnDef::new(Column::Through).big_integer().not_null())
            .to_owned();
        manager.create_table(table).await?;
        // Whoever follows begins after this: what was pruned before nobody asks for.
        let mut row = Query::insert();
        row.into_table(Entity)
            .columns([Column::Id, Column::Through])
            .values_panic([1_i16.into(), 0_i64.into()]);
        manager.execute(row).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("outbox_pruned").to_owned()).await
    }
}

fn events() -> TableCreateStatement {
    use event::{Column, Entity};
    Table::create()
        .table(Entity)
        // SQLite: AUTOINCREMENT, so that a position that was pruned is never given again.
        .col(ColumnDef::new(Column::Position).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(Column::EventId).uuid().not_null().unique_key())
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Application).uuid().not_null())
        .col(ColumnDef::new(Column::Lane).small_integer().not_null())
        .col(ColumnDef::new(Column::Sequence).big_integer().not_null())
        .col(ColumnDef::new(Column::Kind).string().not_null())
        .col(ColumnDef::new(Column::Payload).binary().not_null())
        .col(ColumnDef::new(Column::RecordedAt).big_integer().not_null())
        .to_owned()
}

fn sequences() -> TableCreateStatement {
    use sequence::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Application).uuid().not_null().primary_key())
        .col(ColumnDef::new(Column::Last).big_integer().not_null())
        .to_owned()
}

fn lanes() -> TableCreateStatement {
    use lane::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Subscriber).string().not_null())
        .col(ColumnDef::new(Column::Lane).small_integer().not_null())
        .col(ColumnDef::new(Column::Position).big_integer().not_null())
        .col(ColumnDef::new(Column::Holder).string().not_null())
        .col(ColumnDef::new(Column::Fence).big_integer().not_null())
        .col(ColumnDef::new(Column::LeasedUntil).big_integer().not_null())
        .primary_key(Index::create().col(Column::Subscriber).col(Column::Lane))
        .to_owned()
}

fn parked_events() -> TableCreateStatement {
    use parked::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Subscriber).string().not_null())
        .col(ColumnDef::new(Column::Position).big_integer().not_null())
        .col(ColumnDef::new(Column::EventId).uuid().not_null())
        .col(ColumnDef::new(Column::Application).uuid().not_null())
        .col(ColumnDef::new(Column::Lane).small_integer().not_null())
        .col(ColumnDef::new(Column::Sequence).big_integer().not_null())
        .col(ColumnDef::new(Column::Kind).string().not_null())
        .col(ColumnDef::new(Column::Reason).string().not_null())
        .col(ColumnDef::new(Column::ParkedAt).big_integer().not_null())
        .col(ColumnDef::new(Column::Replay).boolean().not_null())
        .primary_key(Index::create().col(Column::Subscriber).col(Column::Position))
        .to_owned()
}

fn inbox_rows() -> TableCreateStatement {
    use inbox::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::EventId).uuid().not_null().primary_key())
        .col(ColumnDef::new(Column::Source).string().not_null())
        .col(ColumnDef::new(Column::SeenAt).big_integer().not_null())
        .to_owned()
}

fn indices() -> [IndexCreateStatement; 5] {
    [
        Index::create()
            .name("outbox_events_application")
            .table(event::Entity)
            .col(event::Column::Application)
            .col(event::Column::Sequence)
            .unique()
            .to_owned(),
        // Counting what is outstanding, and relays that hold only some of the lanes.
        Index::create()
            .name("outbox_events_lane")
            .table(event::Entity)
            .col(event::Column::Lane)
            .col(event::Column::Position)
            .to_owned(),
        Index::create()
            .name("outbox_parked_application")
            .table(parked::Entity)
            .col(parked::Column::Subscriber)
            .col(parked::Column::Application)
            .to_owned(),
        Index::create()
            .name("outbox_parked_position")
            .table(parked::Entity)
            .col(parked::Column::Position)
            .to_owned(),
        Index::create().name("inbox_seen").table(inbox::Entity).col(inbox::Column::SeenAt).to_owned(),
    ]
}
