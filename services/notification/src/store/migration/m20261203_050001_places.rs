//! Numbers of messages in the mailbox that they are kept in, for those who watch it. What is there already was never told to anybody who
//! watches, and lies before the first number.

use sea_orm_migration::prelude::*;

use crate::store::entity::message::{Column, Entity};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261203_050001_places"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new(Column::Place).big_integer().to_owned();
        manager.alter_table(Table::alter().table(Entity).add_column(column).to_owned()).await?;
        let known = Query::update()
            .table(Entity)
            .value(Column::Place, 0_i64)
            .and_where(Expr::col(Column::Channel).eq("in_app"))
            .to_owned();
        manager.execute(known).await?;
        // What is new in the mailbox of a unit; an application has few messages.
        let new = Index::create()
            .name("message_place")
            .table(Entity)
            .col(Column::UnitId)
            .col(Column::Channel)
            .col(Column::Place)
            .to_owned();
        manager.create_index(new).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("message_place").table(Entity).to_owned()).await?;
        manager.alter_table(Table::alter().table(Entity).drop_column(Column::Place).to_owned()).await
    }
}
