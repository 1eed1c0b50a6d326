//! What is overdue, and what came to its end long ago, is looked for again and again.

use sea_orm_migration::prelude::*;

use crate::store::entity::feedback::{Column, Entity};

pub(super) struct Migration;

const DUE: &str = "feedback_due";
const SETTLED: &str = "feedback_settled";

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261201_030001_feedback_due"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let due = Index::create().name(DUE).table(Entity).col(Column::Province).col(Column::DueAt).to_owned();
        manager.create_index(due).await?;
        manager
            .create_index(Index::create().name(SETTLED).table(Entity).col(Column::SettledAt).to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in [DUE, SETTLED] {
            manager.drop_index(Index::drop().name(index).table(Entity).to_owned()).await?;
        }
        Ok(())
    }
}
