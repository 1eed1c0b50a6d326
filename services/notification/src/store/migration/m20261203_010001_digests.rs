//! What waits for a letter of the day.

use sea_orm_migration::prelude::*;

use crate::store::entity::digest_item::{Column, Entity};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261203_010001_digests"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let items = Table::create()
            .table(Entity)
            .col(ColumnDef::new(Column::Province).string().not_null())
            .col(ColumnDef::new(Column::MessageId).uuid().not_null())
            .col(ColumnDef::new(Column::Reader).string().not_null())
            .col(ColumnDef::new(Column::DueAt).timestamp_with_time_zone().not_null())
            .col(ColumnDef::new(Column::ExpiresAt).timestamp_with_time_zone())
            .col(ColumnDef::new(Column::DigestId).uuid())
            .col(ColumnDef::new(Column::LeftOut).string())
            .col(ColumnDef::new(Column::SettledAt).timestamp_with_time_zone())
            .primary_key(Index::create().col(Column::Province).col(Column::MessageId))
            .take();
        manager.create_table(items).await?;
        let index = |name: &str| Index::create().name(name).table(Entity).take();
        manager.create_index(index("digest_item_letter").col(Column::DigestId).take()).await?;
        manager.create_index(index("digest_item_age").col(Column::SettledAt).take()).await?;
        // Few wait, and they are looked for all the time.
        let waiting = "CREATE INDEX digest_item_waits ON digest_item (due_at) WHERE settled_at IS NULL";
        manager.get_connection().execute_unprepared(waiting).await?;
        Ok(())
    }
}
