//! What an application is called, in both languages: units are told in theirs, and citizens in their own.

use sea_orm_migration::prelude::*;

use crate::store::entity::recipient::{Column, Entity};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000102_names"
    }
}

const NAMES: [Column; 2] = [Column::ProcedureEn, Column::ReturnAtEn];

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in NAMES {
            let column = ColumnDef::new(name).text().to_owned();
            manager.alter_table(Table::alter().table(Entity).add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in NAMES {
            manager.alter_table(Table::alter().table(Entity).drop_column(name).to_owned()).await?;
        }
        Ok(())
    }
}
