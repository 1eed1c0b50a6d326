//! What whoever has the receipt thinks of how a case ended. Before that nobody was asked.

use sea_orm_migration::prelude::*;

use crate::store::entity::{case, case_figure};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000502_ratings"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let of_case = ColumnDef::new(case::Column::Rating).string().to_owned();
        let counted = ColumnDef::new(case_figure::Column::Rating).string().to_owned();
        manager.alter_table(Table::alter().table(case::Entity).add_column(of_case).to_owned()).await?;
        manager.alter_table(Table::alter().table(case_figure::Entity).add_column(counted).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (of_case, counted) = (case::Column::Rating, case_figure::Column::Rating);
        manager
            .alter_table(Table::alter().table(case_figure::Entity).drop_column(counted).to_owned())
            .await?;
        manager.alter_table(Table::alter().table(case::Entity).drop_column(of_case).to_owned()).await
    }
}
