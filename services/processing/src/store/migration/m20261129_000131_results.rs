//! Results: what was issued, signed and handed over, and the keys under which that is sealed.

use sea_orm_migration::prelude::*;

use crate::store::entity::{case, person_key, result, result_file};

pub(crate) struct Migration;

const TO_HAND_OVER: &str = "cases_to_hand_over";

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000131_results"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        use case::{Column, Entity};
        // One by one: SQLite adds no two columns in a statement.
        for column in [
            ColumnDef::new(Column::Person).uuid(),
            ColumnDef::new(Column::HandedOverAt).timestamp_with_time_zone(),
        ] {
            manager.alter_table(Table::alter().table(Entity).add_column(column).to_owned()).await?;
        }
        for table in [person_keys(), results(), result_files()] {
            manager.create_table(table).await?;
        }
        // What lies at a unit to be handed over, in its order.
        let index = Index::create()
            .name(TO_HAND_OVER)
            .table(Entity)
            .col(Column::ReturnAt)
            .col(Column::HandedOverAt)
            .col(Column::CompletedAt)
            .col(Column::Application)
            .to_owned();
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        use case::{Column, Entity};
        manager.drop_index(Index::drop().name(TO_HAND_OVER).table(Entity).to_owned()).await?;
        for table in ["result_files", "results", "person_key"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        for column in [Column::Person, Column::HandedOverAt] {
            manager.alter_table(Table::alter().table(Entity).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

fn person_keys() -> TableCreateStatement {
    use person_key::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Person).uuid().not_null())
        .col(ColumnDef::new(Column::WrappedKey).blob().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Person))
        .to_owned()
}

fn results() -> TableCreateStatement {
    use result::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Application).uuid().not_null())
        .col(ColumnDef::new(Column::Person).uuid().not_null())
        .col(ColumnDef::new(Column::Issued).text())
        .col(ColumnDef::new(Column::HandedOver).text())
        .col(ColumnDef::new(Column::FileName).blob())
        .col(ColumnDef::new(Column::Signer).blob())
        .col(ColumnDef::new(Column::Receiver).blob())
        .primary_key(Index::create().col(Column::Province).col(Column::Application))
        .to_owned()
}

fn result_files() -> TableCreateStatement {
    use result_file::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Application).uuid().not_null())
        .col(ColumnDef::new(Column::Part).string().not_null())
        .col(ColumnDef::new(Column::Sealed).blob().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Application).col(Column::Part))
        .to_owned()
}
