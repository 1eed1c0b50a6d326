//! Whose applications are, for continuity.

use sea_orm_migration::prelude::*;

use crate::store::entity::applicant::{Column, Entity};

/// Which applications are of the same person.
pub(super) struct M20261128Applicant;

impl MigrationName for M20261128Applicant {
    fn name(&self) -> &'static str {
        "m20261128_000105_applicant"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for M20261128Applicant {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let applicants = Table::create()
            .table(Entity)
            .col(ColumnDef::new(Column::Province).string().not_null())
            .col(ColumnDef::new(Column::Application).uuid().not_null())
            .col(ColumnDef::new(Column::Pseudonym).uuid().not_null())
            .col(ColumnDef::new(Column::SubmittedAt).timestamp_with_time_zone().not_null())
            .primary_key(Index::create().col(Column::Province).col(Column::Application))
            .to_owned();
        manager.create_table(applicants).await?;
        // What else they handed in of late.
        let pseudonym = Index::create()
            .name("applicant_pseudonym")
            .table(Entity)
            .col(Column::Province)
            .col(Column::Pseudonym)
            .col(Column::SubmittedAt)
            .to_owned();
        manager.create_index(pseudonym).await?;
        // What is to be forgotten.
        let age = Index::create().name("applicant_age").table(Entity).col(Column::SubmittedAt).to_owned();
        manager.create_index(age).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("applicant").to_owned()).await
    }
}
