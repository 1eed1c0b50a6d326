//! How the applications of each closed day stand, so that a day that is settled is not counted each time. Those that were closed before are
//! counted when the next one is.

use sea_orm_migration::prelude::*;

use crate::store::entity::{closed_day, day_standing};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261201_020002_standings"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        use closed_day::{Column, Entity};
        let columns = [
            ColumnDef::new(Column::IsSettled).boolean().not_null().default(false).to_owned(),
            ColumnDef::new(Column::CountedAt).timestamp_with_time_zone().to_owned(),
        ];
        for column in columns {
            manager.alter_table(Table::alter().table(Entity).add_column(column).to_owned()).await?;
        }
        manager.create_table(standings()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        use closed_day::{Column, Entity};
        manager.drop_table(Table::drop().table(day_standing::Entity).to_owned()).await?;
        for column in [Column::CountedAt, Column::IsSettled] {
            manager.alter_table(Table::alter().table(Entity).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

fn standings() -> TableCreateStatement {
    use day_standing::{Column, Entity};
    let mut table = Table::create();
    table
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Day).string().not_null())
        .col(ColumnDef::new(Column::Unit).uuid().not_null());
    for counted in
        [Column::Accepted, Column::Open, Column::Finished, Column::Withdrawn, Column::Refused, Column::Lapsed]
    {
        table.col(ColumnDef::new(counted).big_integer().not_null());
    }
    table.primary_key(Index::create().col(Column::Province).col(Column::Day).col(Column::Unit)).to_owned()
}
