//! The schema of routing: outbox and inbox, the province's documents, and its own tables.

mod applicant;
mod fence;
mod hint;
mod log;

use phidia_runtime::reference;
use sea_orm_migration::prelude::*;

use super::entity::{
    agenda, application, assignment, chain, decision, epoch, lent, moves, policy, registry_change, turn,
    work_item,
};

/// All migrations of this service.
pub(crate) struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = phidia_outbox::migrations();
        all.extend(reference::migrations());
        all.push(Box::new(M20261123Routing));
        all.push(Box::new(M20261124Turn));
        all.push(Box::new(log::M20261128Log));
        all.push(Box::new(applicant::M20261128Applicant));
        all.push(Box::new(log::M20261128Refusals));
        all.push(Box::new(fence::M20261129Fence));
        all.push(Box::new(hint::M20261129Hints));
        all
    }

    fn migration_table_name() -> DynIden {
        Alias::new("seaql_migrations_routing").into_iden()
    }
}

/// Applications, work items, decisions, moves, the agenda, epochs, the history of the live facts, policies.
struct M20261123Routing;

impl MigrationName for M20261123Routing {
    fn name(&self) -> &'static str {
        "m20261123_000102_routing"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for M20261123Routing {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            applications(),
            work_items(),
            assignments(),
            decisions(),
            chains(),
            lent(),
            moves(),
            agenda(),
            epochs(),
            registry_changes(),
            policies(),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        for index in indices() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            "policy",
            "registry_change",
            "epoch",
            "agenda",
            "moves",
            "chain",
            "decision",
            "lent",
            "assignment",
            "work_item",
            "application",
        ] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

/// Whose turn it is at the agenda: routing has replicas.
struct M20261124Turn;

impl MigrationName for M20261124Turn {
    fn name(&self) -> &'static str {
        "m20261124_000103_turn"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait must see the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for M20261124Turn {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        use turn::{Column, Entity};
        let turns = Table::create()
            .table(Entity)
            .col(ColumnDef::new(Column::Province).string().not_null().primary_key())
            .col(ColumnDef::new(Column::Holder).uuid().not_null())
            .col(ColumnDef::new(Column::Replica).string().not_null())
            .col(ColumnDef::new(Column::Until).big_integer().not_null())
            .to_owned();
        manager.create_table(turns).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("turn").to_owned()).await
    }
}

fn applications() -> TableCreateStatement {
    use application::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Application).uuid().not_null())
        .col(ColumnDef::new(Column::ProcedureCode).string().not_null())
        .col(ColumnDef::new(Column::ProvinceVersion).big_integer().not_null())
        .col(ColumnDef::new(Column::ReceivedAt).uuid().not_null())
        .col(ColumnDef::new(Column::Places).text().not_null())
        .col(ColumnDef::new(Column::Conflicts).text().not_null())
        .col(ColumnDef::new(Column::SubmittedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::DueAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::Completed).boolean().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Application))
        .to_owned()
}

fn work_items() -> TableCreateStatement {
    use work_item::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Arrived).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Application).uuid().not_null())
        .col(ColumnDef::new(Column::Step).integer().not_null())
        .col(ColumnDef::new(Column::Attempt).integer().not_null())
        .col(ColumnDef::new(Column::State).string_len(16).not_null())
        .col(ColumnDef::new(Column::Begun).boolean().not_null())
        .col(ColumnDef::new(Column::Reason).string().not_null())
        .col(ColumnDef::new(Column::PreviousUnit).uuid())
        .col(ColumnDef::new(Column::WaitingSince).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::Cause).uuid())
        .col(ColumnDef::new(Column::Traceparent).string().not_null())
        .to_owned()
}

fn decisions() -> TableCreateStatement {
    use decision::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Position).big_integer().not_null())
        .col(ColumnDef::new(Column::Decision).uuid().not_null().unique_key())
        .col(ColumnDef::new(Column::Hash).binary().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Position))
        .to_owned()
}

fn lent() -> TableCreateStatement {
    use lent::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Unit).uuid().not_null())
        .col(ColumnDef::new(Column::Day).big_integer().not_null())
        .col(ColumnDef::new(Column::Minutes).big_integer().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Unit).col(Column::Day))
        .to_owned()
}

fn chains() -> TableCreateStatement {
    use chain::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null().primary_key())
        .col(ColumnDef::new(Column::Position).big_integer().not_null())
        .col(ColumnDef::new(Column::Hash).binary().not_null())
        .to_owned()
}

fn assignments() -> TableCreateStatement {
    use assignment::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Id).uuid().not_null().primary_key())
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Application).uuid().not_null())
        .col(ColumnDef::new(Column::Step).integer().not_null())
        .col(ColumnDef::new(Column::Attempt).integer().not_null())
        .col(ColumnDef::new(Column::Unit).uuid().not_null())
        .col(ColumnDef::new(Column::Ground).string_len(16).not_null())
        .col(ColumnDef::new(Column::PredictedFinishAt).timestamp_with_time_zone())
        .col(ColumnDef::new(Column::DecidedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::DecidedInMicros).big_integer().not_null())
        .col(ColumnDef::new(Column::Explanation).text())
        .col(ColumnDef::new(Column::Load).text())
        .col(ColumnDef::new(Column::Epoch).big_integer())
        .col(ColumnDef::new(Column::BoardSequence).big_integer())
        .col(ColumnDef::new(Column::Open).boolean().not_null())
        .to_owned()
}

fn moves() -> TableCreateStatement {
    use moves::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Application).uuid().not_null())
        .col(ColumnDef::new(Column::Step).integer().not_null())
        .col(ColumnDef::new(Column::Attempt).integer().not_null())
        .col(ColumnDef::new(Column::FromAttempt).integer().not_null())
        .col(ColumnDef::new(Column::FromUnit).uuid().not_null())
        .col(ColumnDef::new(Column::ExpectedFence).big_integer().not_null())
        .col(ColumnDef::new(Column::State).string_len(16).not_null())
        .col(ColumnDef::new(Column::RefusedBecause).string().not_null())
        .col(ColumnDef::new(Column::Assignment).uuid().not_null())
        .col(ColumnDef::new(Column::Unit).uuid().not_null())
        .col(ColumnDef::new(Column::Ground).string_len(16).not_null())
        .col(ColumnDef::new(Column::DecidedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::DecidedInMicros).big_integer().not_null())
        .col(ColumnDef::new(Column::Explanation).text().not_null())
        .col(ColumnDef::new(Column::Load).text().not_null())
        .col(ColumnDef::new(Column::Epoch).big_integer().not_null())
        .col(ColumnDef::new(Column::BoardSequence).big_integer().not_null())
        .col(ColumnDef::new(Column::Traceparent).string().not_null())
        // An attempt is given once, whatever becomes of the move.
        .primary_key(
            Index::create()
                .col(Column::Province)
                .col(Column::Application)
                .col(Column::Step)
                .col(Column::Attempt),
        )
        .to_owned()
}

fn agenda() -> TableCreateStatement {
    use agenda::{Column, Entity};
    Table::create()
        .table(Entity)
        // SQLite: AUTOINCREMENT, so that a position that was done is never given again.
        .col(ColumnDef::new(Column::Position).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Application).uuid().not_null())
        .col(ColumnDef::new(Column::Step).integer().not_null())
        .col(ColumnDef::new(Column::Attempt).integer().not_null())
        .col(ColumnDef::new(Column::Action).string_len(16).not_null())
        .to_owned()
}

fn epochs() -> TableCreateStatement {
    use epoch::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null().primary_key())
        .col(ColumnDef::new(Column::Epoch).big_integer().not_null())
        .col(ColumnDef::new(Column::Sequence).big_integer().not_null())
        .col(ColumnDef::new(Column::RegistryRevision).big_integer().not_null())
        .to_owned()
}

fn registry_changes() -> TableCreateStatement {
    use registry_change::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Province).string().not_null())
        .col(ColumnDef::new(Column::Revision).big_integer().not_null())
        .col(ColumnDef::new(Column::At).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::Actor).string().not_null())
        .col(ColumnDef::new(Column::Reason).text().not_null())
        .col(ColumnDef::new(Column::Unit).uuid().not_null())
        .col(ColumnDef::new(Column::Officer).uuid())
        .col(ColumnDef::new(Column::Change).text().not_null())
        .primary_key(Index::create().col(Column::Province).col(Column::Revision))
        .to_owned()
}

fn policies() -> TableCreateStatement {
    use policy::{Column, Entity};
    Table::create()
        .table(Entity)
        .col(ColumnDef::new(Column::Version).integer().not_null().primary_key())
        .col(ColumnDef::new(Column::Name).string().not_null())
        .col(ColumnDef::new(Column::Document).text().not_null())
        .col(ColumnDef::new(Column::Digest).string().not_null())
        .col(ColumnDef::new(Column::PublishedAt).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(Column::PublishedBy).string().not_null())
        .col(ColumnDef::new(Column::Reason).text().not_null())
        .to_owned()
}

fn indices() -> [IndexCreateStatement; 11] {
    [
        Index::create()
            .name("work_item_key")
            .table(work_item::Entity)
            .col(work_item::Column::Province)
            .col(work_item::Column::Application)
            .col(work_item::Column::Step)
            .col(work_item::Column::Attempt)
            .unique()
            .to_owned(),
        // The dispatch queue, and whether anything waits.
        Index::create()
            .name("work_item_state")
            .table(work_item::Entity)
            .col(work_item::Column::Province)
            .col(work_item::Column::State)
            .col(work_item::Column::Arrived)
            .to_owned(),
        // All work items, page by page.
        Index::create()
            .name("work_item_order")
            .table(work_item::Entity)
            .col(work_item::Column::Province)
            .col(work_item::Column::Arrived)
            .to_owned(),
        // One decision per work item: of two deciders one is first.
        Index::create()
            .name("assignment_key")
            .table(assignment::Entity)
            .col(assignment::Column::Province)
            .col(assignment::Column::Application)
            .col(assignment::Column::Step)
            .col(assignment::Column::Attempt)
            .unique()
            .to_owned(),
        // A board that was rolled back gives a sequence again: then the store refuses it.
        Index::create()
            .name("assignment_sequence")
            .table(assignment::Entity)
            .col(assignment::Column::Province)
            .col(assignment::Column::Epoch)
            .col(assignment::Column::BoardSequence)
            .unique()
            .to_owned(),
        // Rebuilding the board.
        Index::create()
            .name("assignment_open")
            .table(assignment::Entity)
            .col(assignment::Column::Province)
            .col(assignment::Column::Open)
            .to_owned(),
        // Work at a unit.
        Index::create()
            .name("assignment_unit")
            .table(assignment::Entity)
            .col(assignment::Column::Province)
            .col(assignment::Column::Unit)
            .to_owned(),
        // What is on its way.
        Index::create()
            .name("moves_state")
            .table(moves::Entity)
            .col(moves::Column::Province)
            .col(moves::Column::State)
            .to_owned(),
        // What was moved of late.
        Index::create()
            .name("moves_age")
            .table(moves::Entity)
            .col(moves::Column::Province)
            .col(moves::Column::DecidedAt)
            .to_owned(),
        // The history of a unit, with its officers'.
        Index::create()
            .name("registry_change_unit")
            .table(registry_change::Entity)
            .col(registry_change::Column::Province)
            .col(registry_change::Column::Unit)
            .col(registry_change::Column::Revision)
            .to_owned(),
        // Holdings: what is not completed, by id.
        Index::create()
            .name("application_held")
            .table(application::Entity)
            .col(application::Column::Completed)
            .col(application::Column::Application)
            .to_owned(),
    ]
}
