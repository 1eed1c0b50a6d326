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
mod m20261203_010001_digests;
mod m20261203_050001_places;
mod m20261203_050002_epochs;

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
        migrations.push(Box::new(m20261203_050001_places::Migration));
        migrations.push(Box::new(m20261203_050002_epochs::Migration));
        migrations.push(Box::new(m20261203_010001_digests::Migration));
        migrations
    }

    fn migration_table_name() -> DynIden {
        "seaql_migrations_notification".into_iden()
    }
}

#[cfg(test)]
mod tests {
    use phidia_domain::{
        id::{ApplicationId, Id as _, UnitId},
        notice::{Audience, State},
    };
    use phidia_runtime::{database::Database, failure::Failure};
    use sea_orm::{ConnectionTrait as _, Statement};
    use uuid::Uuid;

    use super::*;
    use crate::store::mailbox::{self, Mailbox};

    /// As it was before states had the names of Notify.
    struct Before;

    #[async_trait::async_trait]
    impl MigratorTrait for Before {
        fn migrations() -> Vec<Box<dyn MigrationTrait>> {
            let mut migrations = Migrator::migrations();
            migrations.retain(|migration| migration.name() < "m20261202");
            migrations
        }

        fn migration_table_name() -> DynIden {
            Migrator::migration_table_name()
        }
    }

    #[tokio::test]
    async fn what_was_told_before_is_told_by_its_new_names() {
        let folder = tempfile::tempdir().unwrap();
        let db = Database::open(&::harness::store::at(&folder.path().join("notification.db"))).await.unwrap();
        db.migrate::<Before>().await.unwrap();
        let unit = UnitId::of("37", "13285");
        let application = ApplicationId::from_uuid(Uuid::from_u128(7));
        let rows = [
            ("created", "", None),
            ("retrying", "SMTP_451", None),
            ("failed", "SMTP_550", None),
            ("failed", "PERSON_ERASED", None),
            ("failed", "NO_OUTCOME", None),
            ("failed", "SMTP_451", None),
            ("sent", "", Some(unit.uuid())),
        ];
        let backend = db.backend();
        let inserted = db.write(move |tx| {
            Box::pin(async move {
                for (number, (state, failure, unit)) in (1_u128..).zip(rows) {
                    let values = [
                        Uuid::from_u128(number).into(),
                        application.uuid().into(),
                        unit.into(),
                        state.into(),
                        failure.into(),
                    ];
                    let insert = "INSERT INTO message (province, message_id, event_id, channel, application_id, unit_id, \
                         template, template_version, language, subject, body, state, occurred_at, stage, attempts, \
                         failure) VALUES ('37', $1, $1, 'email', $2, $3, 'case_opened', 1, 'vi', '', '', $4, \
                         '2026-11-23T01:00:00+00:00', 2, 0, $5)";
                    tx.execute_raw(Statement::from_sql_and_values(backend, insert, values)).await?;
                }
                Ok::<_, Failure>(())
            })
        });
        inserted.await.unwrap();

        db.migrate::<Migrator>().await.unwrap();
        let citizen = mailbox::list(db.read(), Mailbox::Application(application), None, 100).await.unwrap();
        assert!(citizen.iter().all(|message| message.audience == Audience::Applicant));
        let states: Vec<_> = citizen.iter().map(|message| message.state).collect();
        assert_eq!(
            states,
            [
                State::Created,
                State::TemporaryFailure,
                State::PermanentFailure,
                State::PermanentFailure,
                State::TechnicalFailure,
                State::TechnicalFailure,
            ]
        );
        let office = mailbox::list(db.read(), Mailbox::Unit(unit), None, 100).await.unwrap();
        assert_eq!((office.len(), office[0].audience), (1, Audience::Unit(unit)));
        db.close().await.unwrap();
    }
}
