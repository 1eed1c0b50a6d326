//! What is in a dossier, and how its result is wanted. Of what was accepted before, nobody has said.

use sea_orm_migration::prelude::*;

use crate::store::entity::application::{Column, Entity};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_020001_contents"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            ColumnDef::new(Column::Entrance).string().to_owned(),
            ColumnDef::new(Column::ResultBy).string().to_owned(),
            ColumnDef::new(Column::Answers).blob().to_owned(),
            ColumnDef::new(Column::Documents).json_binary().to_owned(),
        ];
        // SQLite takes one column at a time.
        for column in columns {
            manager.alter_table(Table::alter().table(Entity).add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [Column::Documents, Column::Answers, Column::ResultBy, Column::Entrance] {
            manager.alter_table(Table::alter().table(Entity).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
