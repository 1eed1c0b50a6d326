//! Attachments, their contents, and who was given them.

use sea_orm_migration::prelude::*;

use crate::store::entity::{attachment, attachment_part, attachment_reading, content};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_030001_attachments"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [attachments(), parts(), contents(), readings()] {
            manager.create_table(table).await?;
        }
        for index in indices() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(attachment_reading::Entity).to_owned()).await?;
        manager.drop_table(Table::drop().table(content::Entity).to_owned()).await?;
        manager.drop_table(Table::drop().table(attachment_part::Entity).to_owned()).await?;
        manager.drop_table(Table::drop().table(attachment::Entity).to_owned()).await
    }
}

fn attachments() -> TableCreateStatement {
    use attachment::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Id).uuid().not_null())
        .col(ColumnDef::new(Column::Owner).string().not_null())
        .col(ColumnDef::new(Column::FileType).string().not_null())
        .col(ColumnDef::new(Column::Size).big_integer().not_null())
        .col(ColumnDef::new(Column::Stored).big_integer().not_null())
        .col(ColumnDef::new(Column::Round).integer().not_null())
        .col(ColumnDef::new(Column::WrappedKey).blob().not_null())
        .col(ColumnDef::new(Column::Details).blob().not_null())
        .col(ColumnDef::new(Column::Content).uuid())
        .col(ColumnDef::new(Column::Application).uuid())
        .col(ColumnDef::new(Column::BegunAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::AttachedAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::Place).integer())
        .primary_key(Index::create().col(Column::Province).col(Column::Id))
        .to_owned()
}

fn parts() -> TableCreateStatement {
    use attachment_part::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Attachment).uuid().not_null())
        .col(ColumnDef::new(Column::Start).big_integer().not_null())
        .col(ColumnDef::new(Column::Size).big_integer().not_null())
        .col(ColumnDef::new(Column::Object).uuid().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Attachment).col(Column::Start))
        .to_owned()
}

fn contents() -> TableCreateStatement {
    use content::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Id).uuid().not_null())
        .col(ColumnDef::new(Column::Pseudonym).blob().not_null())
        .col(ColumnDef::new(Column::Size).big_integer().not_null())
        .col(ColumnDef::new(Column::WrappedKey).blob().not_null())
        .col(ColumnDef::new(Column::Verdict).string().not_null())
        .col(ColumnDef::new(Column::StoredAt).timestamp_with_time_zone().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Id))
        .to_owned()
}

fn readings() -> TableCreateStatement {
    use attachment_reading::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Id).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Attachment).uuid().not_null())
        .col(ColumnDef::new(Column::Application).uuid())
        .col(ColumnDef::new(Column::Actor).string().not_null())
        .col(ColumnDef::new(Column::ByReceipt).boolean().not_null())
        .col(ColumnDef::new(Column::At).timestamp_with_time_zone().not_null())
        .to_owned()
}

fn indices() -> [IndexCreateStatement; 6] {
    let index = |name: &str| Index::create().name(name).to_owned();
    [
        {
            use attachment::{Column, Entity};
            index("attachment_application")
                .table(Entity)
                .col(Column::Province)
                .col(Column::Application)
                .to_owned()
        },
        {
            use attachment::{Column, Entity};
            index("attachment_owner").table(Entity).col(Column::Province).col(Column::Owner).to_owned()
        },
        {
            use attachment::{Column, Entity};
            index("attachment_content").table(Entity).col(Column::Province).col(Column::Content).to_owned()
        },
        {
            use content::{Column, Entity};
            index("content_pseudonym")
                .table(Entity)
                .col(Column::Province)
                .col(Column::Pseudonym)
                .unique()
                .to_owned()
        },
        {
            use content::{Column, Entity};
            index("content_verdict").table(Entity).col(Column::Verdict).col(Column::StoredAt).to_owned()
        },
        {
            use attachment_reading::{Column, Entity};
            index("attachment_reading_of")
                .table(Entity)
                .col(Column::Province)
                .col(Column::Attachment)
                .to_owned()
        },
    ]
}
