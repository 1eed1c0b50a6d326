//! What the scanner found, how often it said nothing, and what was done with what is in quarantine.

use sea_orm_migration::prelude::*;

use crate::store::entity::{content, quarantine_act};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261201_020001_quarantine"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        use content::{Column, Entity};
        let columns = [
            ColumnDef::new(Column::Found).string().to_owned(),
            ColumnDef::new(Column::FoundAt).timestamp_with_time_zone().to_owned(),
            ColumnDef::new(Column::ScanTries).integer().not_null().default(0).to_owned(),
            ColumnDef::new(Column::ScanAfter).timestamp_with_time_zone().to_owned(),
        ];
        for column in columns {
            manager.alter_table(Table::alter().table(Entity).add_column(column).to_owned()).await?;
        }
        manager.create_table(acts()).await?;
        manager.create_index(by_attachment()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        use content::{Column, Entity};
        manager.drop_table(Table::drop().table(quarantine_act::Entity).to_owned()).await?;
        for column in [Column::ScanAfter, Column::ScanTries, Column::FoundAt, Column::Found] {
            manager.alter_table(Table::alter().table(Entity).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

fn acts() -> TableCreateStatement {
    use quarantine_act::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Id).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Attachment).uuid().not_null())
        .col(ColumnDef::new(Column::Content).uuid().not_null())
        .col(ColumnDef::new(Column::Application).uuid())
        .col(ColumnDef::new(Column::Act).string().not_null())
        .col(ColumnDef::new(Column::Found).string())
        .col(ColumnDef::new(Column::Reason).string().not_null())
        .col(ColumnDef::new(Column::Actor).string().not_null())
        .col(ColumnDef::new(Column::At).timestamp_with_time_zone().not_null())
        .to_owned()
}

fn by_attachment() -> IndexCreateStatement {
    use quarantine_act::{Column, Entity};
    Index::create()
        .name("quarantine_act_of")
        .table(Entity)
        .col(Column::Province)
        .col(Column::Attachment)
        .to_owned()
}
