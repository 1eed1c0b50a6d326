//! What is asked often.

use sea_orm_migration::prelude::*;

use crate::store::entity::{faq_entry, faq_useful, faq_version};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_060002_faq"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(faq_entry()).await?;
        manager.create_table(faq_version()).await?;
        manager.create_table(faq_useful()).await?;
        manager.create_index(most_useful()).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(faq_useful::Entity).to_owned()).await?;
        manager.drop_table(Table::drop().table(faq_version::Entity).to_owned()).await?;
        manager.drop_table(Table::drop().table(faq_entry::Entity).to_owned()).await?;
        Ok(())
    }
}

fn faq_entry() -> TableCreateStatement {
    use faq_entry::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Number).integer().not_null())
        .col(ColumnDef::new(Column::Version).integer().not_null())
        .col(ColumnDef::new(Column::Question).json().not_null())
        .col(ColumnDef::new(Column::Answer).json().not_null())
        .col(ColumnDef::new(Column::ProcedureCode).string())
        .col(ColumnDef::new(Column::Field).string())
        .col(ColumnDef::new(Column::OwnerUnit).uuid())
        .col(ColumnDef::new(Column::FeedbackNumber).string())
        .col(ColumnDef::new(Column::ReviewedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::ReviewFrom).string().not_null())
        .col(ColumnDef::new(Column::Retired).boolean().not_null())
        .col(ColumnDef::new(Column::Useful).big_integer().not_null())
        .col(ColumnDef::new(Column::Folded).string().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Number))
        .to_owned()
}

fn faq_version() -> TableCreateStatement {
    use faq_version::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Number).integer().not_null())
        .col(ColumnDef::new(Column::Version).integer().not_null())
        .col(ColumnDef::new(Column::Question).json().not_null())
        .col(ColumnDef::new(Column::Answer).json().not_null())
        .col(ColumnDef::new(Column::Retired).boolean().not_null())
        .col(ColumnDef::new(Column::Actor).string().not_null())
        .col(ColumnDef::new(Column::At).timestamp_with_time_zone().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Number).col(Column::Version))
        .to_owned()
}

fn faq_useful() -> TableCreateStatement {
    use faq_useful::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Number).integer().not_null())
        .col(ColumnDef::new(Column::Caller).blob().not_null())
        .col(ColumnDef::new(Column::Day).string().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Number).col(Column::Caller))
        .to_owned()
}

fn most_useful() -> IndexCreateStatement {
    use faq_entry::{Column, Entity};
    Index::create()
        .name("faq_entry_most_useful")
        .table(Entity)
        .col(Column::Province)
        .col(Column::Useful)
        .col(Column::Number)
        .to_owned()
}
