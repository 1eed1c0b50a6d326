//! What stands for a person over all their applications, and over which ways they want to be told.

use sea_orm_migration::prelude::*;

use crate::store::entity::{preference, recipient};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261202_040001_people"
    }
}

#[async_trait::async_trait]
#[expect(
    elided_lifetimes_in_paths,
    reason = "the trait leaves it out, and async_trait compares by the letter"
)]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        use preference::{Column, Entity};
        let pseudonym = ColumnDef::new(recipient::Column::Pseudonym).uuid().to_owned();
        let alter = Table::alter().table(recipient::Entity).add_column(pseudonym).to_owned();
        manager.alter_table(alter).await?;
        let preferences = Table::create()
            .table(Entity)
            .col(ColumnDef::new(Column::Province).string().not_null())
            .col(ColumnDef::new(Column::Person).uuid().not_null())
            .col(ColumnDef::new(Column::Preferences).json_binary().not_null())
            .col(ColumnDef::new(Column::StatedAt).timestamp_with_time_zone().not_null())
            .primary_key(Index::create().col(Column::Province).col(Column::Person))
            .take();
        manager.create_table(preferences).await
    }
}
