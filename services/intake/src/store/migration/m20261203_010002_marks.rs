//! By what it is known that somebody has handed in the same before. It stands with the key of the person and goes with it.

use sea_orm_migration::prelude::*;

use crate::store::entity::{application, person_key};

pub(super) struct Migration;

const MARK: &str = "person_key_mark";
const PERSON: &str = "application_person";

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261203_010002_marks"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mark = ColumnDef::new(person_key::Column::Mark).blob().to_owned();
        manager.alter_table(Table::alter().table(person_key::Entity).add_column(mark).to_owned()).await?;
        let mark = Index::create()
            .name(MARK)
            .table(person_key::Entity)
            .col(person_key::Column::Province)
            .col(person_key::Column::Mark)
            .to_owned();
        manager.create_index(mark).await?;
        let person = Index::create()
            .name(PERSON)
            .table(application::Entity)
            .col(application::Column::Person)
            .to_owned();
        manager.create_index(person).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(PERSON).table(application::Entity).to_owned()).await?;
        manager.drop_index(Index::drop().name(MARK).table(person_key::Entity).to_owned()).await?;
        let mark = Table::alter().table(person_key::Entity).drop_column(person_key::Column::Mark).to_owned();
        manager.alter_table(mark).await
    }
}
