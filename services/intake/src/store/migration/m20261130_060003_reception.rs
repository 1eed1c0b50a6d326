//! The days on which citizens are received, and what is booked.

use sea_orm_migration::prelude::*;

use crate::store::entity::{reception_booking, reception_day};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_060003_reception"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(reception_day()).await?;
        manager.create_table(reception_booking()).await?;
        manager.create_index(of_day()).await?;
        manager.create_index(in_order()).await?;
        manager.create_index(of_telephone()).await?;
        manager.create_index(booked()).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(reception_booking::Entity).to_owned()).await?;
        manager.drop_table(Table::drop().table(reception_day::Entity).to_owned()).await?;
        Ok(())
    }
}

fn reception_day() -> TableCreateStatement {
    use reception_day::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Unit).uuid().not_null())
        .col(ColumnDef::new(Column::Date).string().not_null())
        .col(ColumnDef::new(Column::Hours).json().not_null())
        .col(ColumnDef::new(Column::Host).string().not_null())
        .col(ColumnDef::new(Column::CancelledFor).string())
        .primary_key(Index::create().col(Column::Province).col(Column::Unit).col(Column::Date))
        .to_owned()
}

fn reception_booking() -> TableCreateStatement {
    use reception_booking::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Number).string().not_null())
        .col(ColumnDef::new(Column::CheckCode).string().not_null())
        .col(ColumnDef::new(Column::Unit).uuid().not_null())
        .col(ColumnDef::new(Column::Date).string().not_null())
        .col(ColumnDef::new(Column::StartsAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::State).string().not_null())
        .col(ColumnDef::new(Column::Telephone).blob().not_null())
        .col(ColumnDef::new(Column::Person).uuid().not_null())
        .col(ColumnDef::new(Column::Said).blob().not_null())
        .col(ColumnDef::new(Column::Outcome).blob())
        .col(ColumnDef::new(Column::FeedbackNumber).string())
        .col(ColumnDef::new(Column::Day).string().not_null())
        .col(ColumnDef::new(Column::Caller).blob().not_null())
        .col(ColumnDef::new(Column::Same).blob().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Number))
        .to_owned()
}

fn of_day() -> IndexCreateStatement {
    use reception_booking::{Column, Entity};
    Index::create()
        .name("reception_booking_of_day")
        .table(Entity)
        .col(Column::Province)
        .col(Column::Unit)
        .col(Column::Date)
        .to_owned()
}

fn in_order() -> IndexCreateStatement {
    use reception_booking::{Column, Entity};
    Index::create()
        .name("reception_booking_in_order")
        .table(Entity)
        .col(Column::Province)
        .col(Column::StartsAt)
        .col(Column::Number)
        .to_owned()
}

fn of_telephone() -> IndexCreateStatement {
    use reception_booking::{Column, Entity};
    Index::create()
        .name("reception_booking_of_telephone")
        .table(Entity)
        .col(Column::Province)
        .col(Column::Telephone)
        .to_owned()
}

fn booked() -> IndexCreateStatement {
    use reception_booking::{Column, Entity};
    Index::create()
        .name("reception_booking_booked")
        .table(Entity)
        .col(Column::Province)
        .col(Column::Day)
        .col(Column::Caller)
        .to_owned()
}
