//! The schema of processing, step by step. Released migrations are never changed.

mod m20261123_000101_cases;
mod m20261123_000102_traces;
mod m20261128_000103_turns;
mod m20261129_000104_supplements;
mod m20261129_000105_corridors;
mod m20261129_000106_pauses;
mod m20261129_000107_corrections;
mod m20261129_000110_warnings;
mod m20261129_000111_leases;
mod m20261129_000120_figures;
mod m20261129_000130_appointments;
mod m20261129_000131_results;
mod m20261129_000132_clocks;
mod m20261129_000201_hand_overs;
mod m20261129_000202_next_steps;
mod m20261129_000301_channels;
mod m20261129_000302_plans;
mod m20261129_000400_reopenings;
mod m20261129_000401_replannings;
mod m20261129_000402_branches;
mod m20261129_000501_digitised;
mod m20261129_000502_ratings;
mod m20261129_000503_paid_online;
mod m20261129_000601_actors;
mod m20261130_020001_result_by;
mod m20261203_020001_laid_down;

use sea_orm_migration::prelude::*;

/// All migrations of this service's database.
pub(crate) struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = phidia_outbox::migrations();
        all.extend(phidia_runtime::reference::migrations());
        all.push(Box::new(m20261123_000101_cases::Migration));
        all.push(Box::new(m20261123_000102_traces::Migration));
        all.push(Box::new(m20261128_000103_turns::Migration));
        all.push(Box::new(m20261129_000104_supplements::Migration));
        all.push(Box::new(m20261129_000105_corridors::Migration));
        all.push(Box::new(m20261129_000106_pauses::Migration));
        all.push(Box::new(m20261129_000107_corrections::Migration));
        all.push(Box::new(m20261129_000110_warnings::Migration));
        all.push(Box::new(m20261129_000111_leases::Migration));
        all.push(Box::new(m20261129_000130_appointments::Migration));
        all.push(Box::new(m20261129_000131_results::Migration));
        all.push(Box::new(m20261129_000132_clocks::Migration));
        all.push(Box::new(m20261129_000201_hand_overs::Migration));
        all.push(Box::new(m20261129_000120_figures::Migration));
        all.push(Box::new(m20261129_000202_next_steps::Migration));
        all.push(Box::new(m20261129_000301_channels::Migration));
        all.push(Box::new(m20261129_000302_plans::Migration));
        all.push(Box::new(m20261129_000400_reopenings::Migration));
        all.push(Box::new(m20261129_000401_replannings::Migration));
        all.push(Box::new(m20261129_000402_branches::Migration));
        all.push(Box::new(m20261129_000501_digitised::Migration));
        all.push(Box::new(m20261129_000502_ratings::Migration));
        all.push(Box::new(m20261129_000503_paid_online::Migration));
        all.push(Box::new(m20261129_000601_actors::Migration));
        all.push(Box::new(m20261130_020001_result_by::Migration));
        all.push(Box::new(m20261203_020001_laid_down::Migration));
        all
    }

    /// Its own, so that services may share a database without sharing a history.
    fn migration_table_name() -> DynIden {
        "seaql_migrations_processing".into_iden()
    }
}
