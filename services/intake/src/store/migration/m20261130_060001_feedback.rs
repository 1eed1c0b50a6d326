//! What people say and are answered, with its numbers.

use sea_orm_migration::prelude::*;

use crate::store::entity::{feedback, feedback_entry, issued_number};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_060001_feedback"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(feedback()).await?;
        manager.create_table(feedback_entry()).await?;
        manager.create_table(issued_number()).await?;
        manager.create_index(by_number()).await?;
        manager.create_index(newest()).await?;
        manager.create_index(sent()).await?;
        manager.create_index(public()).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(issued_number::Entity).to_owned()).await?;
        manager.drop_table(Table::drop().table(feedback_entry::Entity).to_owned()).await?;
        manager.drop_table(Table::drop().table(feedback::Entity).to_owned()).await?;
        Ok(())
    }
}

fn feedback() -> TableCreateStatement {
    use feedback::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Id).uuid().not_null())
        .col(ColumnDef::new(Column::Number).string().not_null())
        .col(ColumnDef::new(Column::CheckCode).string().not_null())
        .col(ColumnDef::new(Column::Kind).string().not_null())
        .col(ColumnDef::new(Column::Channel).string().not_null())
        .col(ColumnDef::new(Column::State).string().not_null())
        .col(ColumnDef::new(Column::OwnerUnit).uuid())
        .col(ColumnDef::new(Column::WithSupervisor).boolean().not_null())
        .col(ColumnDef::new(Column::DueAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::ReceivedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::SettledAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::Standing).json().not_null())
        .col(ColumnDef::new(Column::DossierCode).string())
        .col(ColumnDef::new(Column::ProcedureCode).string())
        .col(ColumnDef::new(Column::TakenOutOn).string())
        .col(ColumnDef::new(Column::Person).uuid().not_null())
        .col(ColumnDef::new(Column::Said).blob().not_null())
        .col(ColumnDef::new(Column::Published).json())
        .col(ColumnDef::new(Column::PublishedAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::Day).string().not_null())
        .col(ColumnDef::new(Column::Caller).blob().not_null())
        .col(ColumnDef::new(Column::Same).blob().not_null())
        .col(ColumnDef::new(Column::Entries).integer().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Id))
        .to_owned()
}

fn feedback_entry() -> TableCreateStatement {
    use feedback_entry::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Feedback).uuid().not_null())
        .col(ColumnDef::new(Column::Number).integer().not_null())
        .col(ColumnDef::new(Column::At).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::Act).string().not_null())
        .col(ColumnDef::new(Column::Unit).uuid())
        .col(ColumnDef::new(Column::Officer).uuid())
        .col(ColumnDef::new(Column::Words).blob())
        .primary_key(Index::create().col(Column::Province).col(Column::Feedback).col(Column::Number))
        .to_owned()
}

fn issued_number() -> TableCreateStatement {
    use issued_number::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Series).string().not_null())
        .col(ColumnDef::new(Column::Day).string().not_null())
        .col(ColumnDef::new(Column::Last).integer().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Series).col(Column::Day))
        .to_owned()
}

fn by_number() -> IndexCreateStatement {
    use feedback::{Column, Entity};
    Index::create()
        .name("feedback_by_number")
        .table(Entity)
        .col(Column::Province)
        .col(Column::Number)
        .unique()
        .to_owned()
}

fn newest() -> IndexCreateStatement {
    use feedback::{Column, Entity};
    Index::create()
        .name("feedback_newest")
        .table(Entity)
        .col(Column::Province)
        .col(Column::ReceivedAt)
        .col(Column::Id)
        .to_owned()
}

fn sent() -> IndexCreateStatement {
    use feedback::{Column, Entity};
    Index::create()
        .name("feedback_sent")
        .table(Entity)
        .col(Column::Province)
        .col(Column::Day)
        .col(Column::Caller)
        .to_owned()
}

fn public() -> IndexCreateStatement {
    use feedback::{Column, Entity};
    Index::create()
        .name("feedback_public")
        .table(Entity)
        .col(Column::Province)
        .col(Column::PublishedAt)
        .col(Column::Id)
        .to_owned()
}
