//! What citizens were asked to pay, and what other offices were asked.

use sea_orm_migration::prelude::*;

use crate::store::entity::{case, referral};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000106_pauses"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let payments = ColumnDef::new(case::Column::Payments).text().to_owned();
        manager.alter_table(Table::alter().table(case::Entity).add_column(payments).to_owned()).await?;
        manager.create_table(referrals()).await?;
        for index in indices() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(referral::Entity).to_owned()).await?;
        let payments = Table::alter().table(case::Entity).drop_column(case::Column::Payments).to_owned();
        manager.alter_table(payments).await
    }
}

fn referrals() -> TableCreateStatement {
    use referral::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Id).uuid().not_null().primary_key())
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Application).uuid().not_null())
        .col(ColumnDef::new(Column::Step).big_integer().not_null())
        .col(ColumnDef::new(Column::Attempt).big_integer().not_null())
        .col(ColumnDef::new(Column::CaseId).uuid().not_null())
        .col(ColumnDef::new(Column::DossierCode).string().not_null())
        .col(ColumnDef::new(Column::ProcedureCode).string().not_null())
        .col(ColumnDef::new(Column::ProvinceVersion).big_integer().not_null())
        .col(ColumnDef::new(Column::Kind).string().not_null())
        .col(ColumnDef::new(Column::FromUnit).uuid().not_null())
        .col(ColumnDef::new(Column::ToUnit).uuid().not_null())
        .col(ColumnDef::new(Column::Officer).uuid().not_null())
        .col(ColumnDef::new(Column::Fence).big_integer().not_null())
        .col(ColumnDef::new(Column::AskedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::DueAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::AcknowledgedAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::Outcome).string())
        .col(ColumnDef::new(Column::EndedAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::WrappedKey).binary().not_null())
        .col(ColumnDef::new(Column::Question).binary().not_null())
        .col(ColumnDef::new(Column::Answer).binary())
        .to_owned()
}

fn indices() -> [IndexCreateStatement; 3] {
    use referral::{Column, Entity};
    let index = |name: &str| Index::create().name(name).table(Entity).to_owned();
    [
        index("referrals_to").col(Column::ToUnit).col(Column::EndedAt).col(Column::DueAt).to_owned(),
        index("referrals_from").col(Column::FromUnit).col(Column::EndedAt).col(Column::DueAt).to_owned(),
        index("referrals_of").col(Column::CaseId).to_owned(),
    ]
}
