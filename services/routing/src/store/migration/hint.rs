//! Steps that are to be looked at before the next round of rescues.

use sea_orm_migration::prelude::*;

use crate::store::entity::hint::{Column, Entity};

pub(super) struct M20261129Hints;

impl MigrationName for M20261129Hints {
    fn name(&self) -> &'static str {
        "m20261129_000110_hints"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for M20261129Hints {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let hints = Table::create()
            .table(Entity)
            .col(ColumnDef::new(Column::Province).string().not_null())
            .col(ColumnDef::new(Column::Application).uuid().not_null())
            .col(ColumnDef::new(Column::Step).integer().not_null())
            .primary_key(Index::create().col(Column::Province).col(Column::Application).col(Column::Step))
            .to_owned();
        manager.create_table(hints).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Entity).to_owned()).await
    }
}
