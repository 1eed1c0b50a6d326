//! The schema of this service.

mod m20261123_000101_messages;
mod m20261128_000102_names;
mod m20261129_000103_rounds;
mod m20261130_040001_contacts;
mod m20261202_010001_feed;
mod m20261202_010002_webhooks;
mod m20261202_020001_delivery;
mod m20261202_030001_templates;
mod m20261202_040001_people;
mod m20261202_040002_hours;

use sea_orm_migration::prelude::*;

pub(crate) struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = phidia_outbox::migrations();
        migrations.push(Box::new(m20261123_000101_messages::Migration));
        migrations.push(Box::new(m20261128_000102_names::Migration));
        migrations.push(Box::new(m20261129_000103_rounds::Migration));
        migrations.push(Box::new(m20261130_040001_contacts::Migration));
        migrations.extend(phidia_runtime::reference::migrations());
        migrations.push(Box::new(m20261202_040001_people::Migration));
        migrations.push(Box::new(m20261202_010001_feed::Migration));
        migrations.push(Box::new(m20261202_010002_webhooks::Migration));
        migrations.push(Box::new(m20261202_030001_templates::Migration));
        migrations.push(Box::new(m20261202_020001_delivery::Migration));
        migrations.push(Box::new(m20261202_040002_hours::Migration));
        migrations
    }

    fn migration_table_name() -> DynIden {
        "seaql_migrations_notification".into_iden()
    }
}
