//! Leaves of signed receipts, the days that are closed, and the keys that signed. Of what was accepted before there is none.

use sea_orm_migration::prelude::*;

use crate::store::entity::{closed_day, receipt_key, receipt_leaf};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_040001_receipts"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(leaves()).await?;
        manager.create_index(by_day()).await?;
        manager.create_table(days()).await?;
        manager.create_table(keys()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(receipt_key::Entity).to_owned()).await?;
        manager.drop_table(Table::drop().table(closed_day::Entity).to_owned()).await?;
        manager.drop_table(Table::drop().table(receipt_leaf::Entity).to_owned()).await
    }
}

fn leaves() -> TableCreateStatement {
    use receipt_leaf::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Application).uuid().not_null())
        .col(ColumnDef::new(Column::Unit).uuid().not_null())
        .col(ColumnDef::new(Column::ReceivedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::Salt).blob().not_null())
        .col(ColumnDef::new(Column::Leaf).blob().not_null())
        .col(ColumnDef::new(Column::Day).string())
        .primary_key(Index::create().col(Column::Province).col(Column::Application))
        .to_owned()
}

/// Those of a day in their order, and those that are in no tree yet.
fn by_day() -> IndexCreateStatement {
    use receipt_leaf::{Column, Entity};
    Index::create()
        .name("receipt_leaf_day")
        .table(Entity)
        .col(Column::Province)
        .col(Column::Day)
        .col(Column::Application)
        .to_owned()
}

fn days() -> TableCreateStatement {
    use closed_day::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Day).string().not_null())
        .col(ColumnDef::new(Column::Signed).text().not_null())
        .col(ColumnDef::new(Column::Sums).json().not_null())
        .col(ColumnDef::new(Column::ClosedAt).timestamp_with_time_zone().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Day))
        .to_owned()
}

fn keys() -> TableCreateStatement {
    use receipt_key::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Public).string().not_null().primary_key())
        .col(ColumnDef::new(Column::Since).timestamp_with_time_zone().not_null())
        .to_owned()
}
