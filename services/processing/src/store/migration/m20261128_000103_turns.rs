//! What an officer took up last is found without a walk through all that they ever did.

use sea_orm_migration::prelude::*;

use crate::store::entity::work_item::{Column, Entity};

const NAME: &str = "work_items_turns";

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000103_turns"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut turns = Index::create();
        turns.name(NAME).table(Entity).col(Column::Officer).col(Column::StartedAt);
        manager.create_index(turns).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(NAME).table(Entity).to_owned()).await
    }
}
