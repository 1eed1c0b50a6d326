//! Dossiers are looked for by the beginning of their codes.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261203_010001_beginnings"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite compares byte by byte and has such an index.
        if manager.get_database_backend() == DbBackend::Postgres {
            let index =
                r#"CREATE INDEX application_code_begins ON application (province, dossier_code COLLATE "C")"#;
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP INDEX IF EXISTS application_code_begins").await?;
        Ok(())
    }
}
