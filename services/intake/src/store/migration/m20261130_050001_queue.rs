//! Numbers at the counters of the centres.

use sea_orm_migration::prelude::*;

use crate::store::entity::{hall, ticket, ticket_call, ticket_day};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_050001_queue"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [halls(), tickets(), calls(), days()] {
            manager.create_table(table).await?;
        }
        for index in [of_hall(), last_served(), to_be_summed(), calls_of_day()] {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(ticket_day::Entity).to_owned()).await?;
        manager.drop_table(Table::drop().table(ticket_call::Entity).to_owned()).await?;
        manager.drop_table(Table::drop().table(ticket::Entity).to_owned()).await?;
        manager.drop_table(Table::drop().table(hall::Entity).to_owned()).await
    }
}

fn halls() -> TableCreateStatement {
    use hall::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Unit).uuid().not_null())
        .col(ColumnDef::new(Column::Point).string().not_null())
        .col(ColumnDef::new(Column::Arrangement).json())
        .col(ColumnDef::new(Column::Day).string().not_null())
        .col(ColumnDef::new(Column::Course).json().not_null())
        .col(ColumnDef::new(Column::Sequence).big_integer().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Unit).col(Column::Point))
        .to_owned()
}

fn tickets() -> TableCreateStatement {
    use ticket::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Id).uuid().not_null())
        .col(ColumnDef::new(Column::Unit).uuid().not_null())
        .col(ColumnDef::new(Column::Point).string().not_null())
        .col(ColumnDef::new(Column::Day).string().not_null())
        .col(ColumnDef::new(Column::Holder).string().not_null())
        .col(ColumnDef::new(Column::Kind).string().not_null())
        .col(ColumnDef::new(Column::State).string().not_null())
        .col(ColumnDef::new(Column::EndedAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::Summed).boolean().not_null())
        .col(ColumnDef::new(Column::Body).json().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Id))
        .to_owned()
}

fn calls() -> TableCreateStatement {
    use ticket_call::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Unit).uuid().not_null())
        .col(ColumnDef::new(Column::Point).string().not_null())
        .col(ColumnDef::new(Column::Sequence).big_integer().not_null())
        .col(ColumnDef::new(Column::Day).string().not_null())
        .col(ColumnDef::new(Column::Number).string().not_null())
        .col(ColumnDef::new(Column::Kind).string().not_null())
        .col(ColumnDef::new(Column::Counter).integer().not_null())
        .col(ColumnDef::new(Column::CalledAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::Again).boolean().not_null())
        .primary_key(
            Index::create().col(Column::Province).col(Column::Unit).col(Column::Point).col(Column::Sequence),
        )
        .to_owned()
}

fn days() -> TableCreateStatement {
    use ticket_day::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Day).string().not_null())
        .col(ColumnDef::new(Column::Unit).uuid().not_null())
        .col(ColumnDef::new(Column::Point).string().not_null())
        .col(ColumnDef::new(Column::Tallies).json().not_null())
        .primary_key(
            Index::create().col(Column::Province).col(Column::Day).col(Column::Unit).col(Column::Point),
        )
        .to_owned()
}

fn of_hall() -> IndexCreateStatement {
    use ticket::{Column, Entity};
    Index::create()
        .name("ticket_of_hall")
        .table(Entity)
        .col(Column::Province)
        .col(Column::Unit)
        .col(Column::Point)
        .col(Column::Day)
        .col(Column::State)
        .to_owned()
}

fn last_served() -> IndexCreateStatement {
    use ticket::{Column, Entity};
    Index::create()
        .name("ticket_last_served")
        .table(Entity)
        .col(Column::Province)
        .col(Column::Unit)
        .col(Column::Point)
        .col(Column::Kind)
        .col(Column::State)
        .col(Column::EndedAt)
        .to_owned()
}

fn to_be_summed() -> IndexCreateStatement {
    use ticket::{Column, Entity};
    Index::create()
        .name("ticket_to_be_summed")
        .table(Entity)
        .col(Column::Summed)
        .col(Column::Day)
        .col(Column::State)
        .to_owned()
}

fn calls_of_day() -> IndexCreateStatement {
    use ticket_call::{Column, Entity};
    Index::create().name("ticket_call_of_day").table(Entity).col(Column::Day).to_owned()
}
