//! The schema of intake: its own tables beside those of the outbox and the runtime.

mod m20261123_000101_applications;
mod m20261128_000102_why;
mod m20261129_000103_standing;
mod m20261129_000104_payments;
mod m20261129_000201_words;
mod m20261129_000300_appointments;
mod m20261129_000301_outcomes;
mod m20261129_000302_apologies;
mod m20261129_000400_reopenings;
mod m20261129_000401_rounds;
mod m20261129_000402_beside;
mod m20261129_000501_digitised;
mod m20261129_000502_ratings;
mod m20261130_010001_differences;
mod m20261130_020001_contents;
mod m20261130_020002_drafts;
mod m20261130_030001_attachments;
mod m20261130_040001_receipts;
mod m20261130_040002_contacts;
mod m20261130_050001_queue;
mod m20261130_050002_equipment;
mod m20261130_060001_feedback;
mod m20261130_060002_faq;
mod m20261130_060003_reception;
mod m20261130_070001_code_ranges;
mod m20261130_080001_portal;
mod m20261201_010001_wanted_files;
mod m20261201_020001_quarantine;
mod m20261201_020002_standings;
mod m20261201_030001_feedback_due;
mod m20261203_010001_beginnings;
mod m20261203_010002_marks;

use phidia_runtime::{idempotency, reference};
use sea_orm::DynIden;
use sea_orm_migration::{MigrationTrait, MigratorTrait, sea_query::IntoIden as _};

/// Brings intake's schema up to date.
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = phidia_outbox::migrations();
        migrations.push(idempotency::migration());
        migrations.extend(reference::migrations());
        migrations.push(Box::new(m20261123_000101_applications::Migration));
        migrations.push(Box::new(m20261128_000102_why::Migration));
        migrations.push(Box::new(m20261129_000103_standing::Migration));
        migrations.push(Box::new(m20261129_000104_payments::Migration));
        migrations.push(Box::new(m20261129_000201_words::Migration));
        migrations.push(Box::new(m20261129_000300_appointments::Migration));
        migrations.push(Box::new(m20261129_000301_outcomes::Migration));
        migrations.push(Box::new(m20261129_000302_apologies::Migration));
        migrations.push(Box::new(m20261129_000400_reopenings::Migration));
        migrations.push(Box::new(m20261129_000401_rounds::Migration));
        migrations.push(Box::new(m20261129_000402_beside::Migration));
        migrations.push(Box::new(m20261129_000501_digitised::Migration));
        migrations.push(Box::new(m20261129_000502_ratings::Migration));
        migrations.push(Box::new(m20261130_010001_differences::Migration));
        migrations.push(Box::new(m20261130_020001_contents::Migration));
        migrations.push(Box::new(m20261130_020002_drafts::Migration));
        migrations.push(Box::new(m20261130_030001_attachments::Migration));
        migrations.push(Box::new(m20261130_040001_receipts::Migration));
        migrations.push(Box::new(m20261130_040002_contacts::Migration));
        migrations.push(Box::new(m20261130_050001_queue::Migration));
        migrations.push(Box::new(m20261130_050002_equipment::Migration));
        migrations.push(Box::new(m20261130_060001_feedback::Migration));
        migrations.push(Box::new(m20261130_060002_faq::Migration));
        migrations.push(Box::new(m20261130_060003_reception::Migration));
        migrations.push(Box::new(m20261130_070001_code_ranges::Migration));
        migrations.push(Box::new(m20261130_080001_portal::Migration));
        migrations.push(Box::new(m20261201_010001_wanted_files::Migration));
        migrations.push(Box::new(m20261201_020001_quarantine::Migration));
        migrations.push(Box::new(m20261201_020002_standings::Migration));
        migrations.push(Box::new(m20261201_030001_feedback_due::Migration));
        migrations.push(Box::new(m20261203_010001_beginnings::Migration));
        migrations.push(Box::new(m20261203_010002_marks::Migration));
        migrations
    }

    fn migration_table_name() -> DynIden {
        "seaql_migrations_intake".into_iden()
    }
}
