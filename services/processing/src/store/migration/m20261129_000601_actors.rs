//! Who brought about what has happened to work items. Of what happened before nobody knows.

use sea_orm_migration::prelude::*;

use crate::store::entity::hand_over::{Column, Entity};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000601_actors"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let actor = ColumnDef::new(Column::Actor).string().to_owned();
        manager.alter_table(Table::alter().table(Entity).add_column(actor).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(Entity).drop_column(Column::Actor).to_owned()).await
    }
}
