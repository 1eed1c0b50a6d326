//! What the centres have, and how many can work with it.

use sea_orm_migration::prelude::*;

use crate::store::entity::{equipment, equipment_change, workplace};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_050002_equipment"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [pieces(), changes(), workplaces()] {
            manager.create_table(table).await?;
        }
        manager.create_index(asset_numbers()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(workplace::Entity).to_owned()).await?;
        manager.drop_table(Table::drop().table(equipment_change::Entity).to_owned()).await?;
        manager.drop_table(Table::drop().table(equipment::Entity).to_owned()).await
    }
}

fn pieces() -> TableCreateStatement {
    use equipment::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Id).uuid().not_null())
        .col(ColumnDef::new(Column::Unit).uuid().not_null())
        .col(ColumnDef::new(Column::AssetNumber).string().not_null())
        .col(ColumnDef::new(Column::Kind).string().not_null())
        .col(ColumnDef::new(Column::State).string().not_null())
        .col(ColumnDef::new(Column::Changes).integer().not_null())
        .col(ColumnDef::new(Column::Body).json().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Id))
        .to_owned()
}

fn asset_numbers() -> IndexCreateStatement {
    use equipment::{Column, Entity};
    Index::create()
        .name("equipment_asset_number")
        .table(Entity)
        .col(Column::Province)
        .col(Column::Unit)
        .col(Column::AssetNumber)
        .unique()
        .to_owned()
}

fn changes() -> TableCreateStatement {
    use equipment_change::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Equipment).uuid().not_null())
        .col(ColumnDef::new(Column::Number).integer().not_null())
        .col(ColumnDef::new(Column::At).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::Actor).string().not_null())
        .col(ColumnDef::new(Column::Note).string().not_null())
        .col(ColumnDef::new(Column::Body).json().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Equipment).col(Column::Number))
        .to_owned()
}

fn workplaces() -> TableCreateStatement {
    use workplace::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Unit).uuid().not_null())
        .col(ColumnDef::new(Column::Places).integer())
        .col(ColumnDef::new(Column::Revision).big_integer().not_null())
        .col(ColumnDef::new(Column::Told).boolean().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Unit))
        .to_owned()
}
