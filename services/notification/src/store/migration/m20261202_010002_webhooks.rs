//! Subscriptions to the feed, their secrets, what they did not take, what they were sent, and who sends.

use sea_orm_migration::prelude::*;

use crate::store::entity::{
    webhook_delivery, webhook_held, webhook_lease, webhook_secret, webhook_subscription,
};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261202_010002_webhooks"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [subscriptions(), secrets(), held(), deliveries(), lease()] {
            manager.create_table(table).await?;
        }
        for index in indices() {
            manager.create_index(index).await?;
        }
        use webhook_lease::{Column, Entity};
        let mut row = Query::insert();
        row.into_table(Entity)
            .columns([
                Column::Id,
                Column::Holder,
                Column::Fence,
                Column::LeasedUntil,
                Column::Position,
                Column::Changes,
            ])
            .values_panic([1_i16.into(), "".into(), 0_i64.into(), 0_i64.into(), 0_i64.into(), 0_i64.into()]);
        manager.execute(row).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in
            ["webhook_lease", "webhook_delivery", "webhook_held", "webhook_secret", "webhook_subscription"]
        {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn subscriptions() -> TableCreateStatement {
    use webhook_subscription::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::SubscriptionId).uuid().not_null().primary_key())
        .col(ColumnDef::new(Column::Owner).string().not_null())
        .col(ColumnDef::new(Column::IdempotencyKey).string().not_null())
        .col(ColumnDef::new(Column::RequestSha256).string().not_null())
        .col(ColumnDef::new(Column::Name).string().not_null())
        .col(ColumnDef::new(Column::Url).text().not_null())
        .col(ColumnDef::new(Column::Format).string().not_null())
        .col(ColumnDef::new(Column::Signature).string().not_null())
        .col(ColumnDef::new(Column::Filter).json().not_null())
        .col(ColumnDef::new(Column::State).string().not_null())
        .col(ColumnDef::new(Column::StateReason).string().not_null())
        .col(ColumnDef::new(Column::FailingSince).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::Cursor).big_integer())
        .col(ColumnDef::new(Column::Run).integer().not_null())
        .col(ColumnDef::new(Column::CreatedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::Revision).big_integer().not_null())
        .take()
}

fn secrets() -> TableCreateStatement {
    use webhook_secret::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::SubscriptionId).uuid().not_null())
        .col(ColumnDef::new(Column::Number).integer().not_null())
        .col(ColumnDef::new(Column::Wrapped).blob().not_null())
        .col(ColumnDef::new(Column::Until).timestamp_with_time_zone())
        .primary_key(Index::create().col(Column::SubscriptionId).col(Column::Number))
        .take()
}

fn held() -> TableCreateStatement {
    use webhook_held::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::SubscriptionId).uuid().not_null())
        .col(ColumnDef::new(Column::ApplicationId).uuid().not_null())
        .col(ColumnDef::new(Column::Position).big_integer().not_null())
        .col(ColumnDef::new(Column::Attempts).integer().not_null())
        .col(ColumnDef::new(Column::Since).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::NextAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::IsDead).boolean().not_null())
        .primary_key(Index::create().col(Column::SubscriptionId).col(Column::ApplicationId))
        .take()
}

fn deliveries() -> TableCreateStatement {
    use webhook_delivery::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::DeliveryId).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(Column::SubscriptionId).uuid().not_null())
        .col(ColumnDef::new(Column::Position).big_integer().not_null())
        .col(ColumnDef::new(Column::Run).integer().not_null())
        .col(ColumnDef::new(Column::EventId).uuid().not_null())
        .col(ColumnDef::new(Column::ApplicationId).uuid())
        .col(ColumnDef::new(Column::At).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::TookMs).integer().not_null())
        .col(ColumnDef::new(Column::Outcome).string().not_null())
        .col(ColumnDef::new(Column::Status).small_integer().not_null())
        .col(ColumnDef::new(Column::Sha256).string().not_null())
        .col(ColumnDef::new(Column::Size).integer().not_null())
        .take()
}

fn lease() -> TableCreateStatement {
    use webhook_lease::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Id).small_integer().not_null().primary_key())
        .col(ColumnDef::new(Column::Holder).string().not_null())
        .col(ColumnDef::new(Column::Fence).big_integer().not_null())
        .col(ColumnDef::new(Column::LeasedUntil).big_integer().not_null())
        .col(ColumnDef::new(Column::Position).big_integer().not_null())
        .col(ColumnDef::new(Column::Changes).big_integer().not_null())
        .take()
}

fn indices() -> [IndexCreateStatement; 4] {
    [
        Index::create()
            .name("webhook_subscription_key")
            .table(webhook_subscription::Entity)
            .col(webhook_subscription::Column::Owner)
            .col(webhook_subscription::Column::IdempotencyKey)
            .unique()
            .take(),
        // The log of one.
        Index::create()
            .name("webhook_delivery_log")
            .table(webhook_delivery::Entity)
            .col(webhook_delivery::Column::SubscriptionId)
            .col(webhook_delivery::Column::DeliveryId)
            .take(),
        // What one was sent behind a place.
        Index::create()
            .name("webhook_delivery_subscription")
            .table(webhook_delivery::Entity)
            .col(webhook_delivery::Column::SubscriptionId)
            .col(webhook_delivery::Column::Position)
            .take(),
        Index::create()
            .name("webhook_delivery_age")
            .table(webhook_delivery::Entity)
            .col(webhook_delivery::Column::At)
            .take(),
    ]
}
