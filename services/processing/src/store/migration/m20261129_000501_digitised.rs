//! Whether applications were digitised, of which nobody has told of those that are there already; and what is counted of results that
//! were issued, of which those that are there are known.

use sea_orm_migration::prelude::*;

use crate::store::{
    entity::{case, case_figure},
    recount,
};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000501_digitised"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let of_case = ColumnDef::new(case::Column::Digitised).boolean().to_owned();
        manager.alter_table(Table::alter().table(case::Entity).add_column(of_case).to_owned()).await?;
        let counted = ColumnDef::new(case_figure::Column::Digitised).boolean().to_owned();
        manager.alter_table(Table::alter().table(case_figure::Entity).add_column(counted).to_owned()).await?;
        let issued =
            ColumnDef::new(case_figure::Column::Issued).boolean().not_null().default(false).to_owned();
        manager.alter_table(Table::alter().table(case_figure::Entity).add_column(issued).to_owned()).await?;
        manager.execute(recount::note_issued(Condition::all())).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for counted in [case_figure::Column::Issued, case_figure::Column::Digitised] {
            manager
                .alter_table(Table::alter().table(case_figure::Entity).drop_column(counted).to_owned())
                .await?;
        }
        let of_case = case::Column::Digitised;
        manager.alter_table(Table::alter().table(case::Entity).drop_column(of_case).to_owned()).await
    }
}
