//! What is counted of cases that were there before anybody counted, and of those that another version changed.

use std::collections::BTreeMap;

use phidia_domain::{case::Outcome, work_item::WorkItem};
use phidia_proto::events::v1::{Rating, StopGround};
use phidia_runtime::database::Database;
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use crate::{
    harness::{Office, application, at},
    payment::paid_in_all_ways,
    rating::rate,
    report::{WEDNESDAY, busy},
    result::{PDF, decided, issue},
    supplement::{ask, birth, received, stop},
};

/// Every row of what is counted, as text.
async fn rows(db: &Database) -> BTreeMap<String, String> {
    const COLUMNS: [&str; 23] = [
        "province",
        "procedure_code",
        "field",
        "received_at",
        "worked_at",
        "worked_step",
        "worked_effort",
        "officer",
        "submitted_at",
        "due_at",
        "ended_at",
        "state",
        "timeliness",
        "minutes",
        "allowed_minutes",
        "waits_from",
        "waits_to",
        "supplements",
        "channel",
        "digitised",
        "issued",
        "rating",
        "paid_online",
    ];
    let hex = |column: &str| match db.backend() {
        DbBackend::Sqlite => format!("coalesce(hex({column}), '-')"),
        _ => format!("coalesce({column}::text, '-')"),
    };
    let columns: Vec<_> = COLUMNS.iter().map(|column| hex(column)).collect();
    let sql = format!("select {}, {} from case_figures", hex("case_id"), columns.join(" || '|' || "));
    let rows = db.read().query_all_raw(Statement::from_string(db.backend(), sql)).await.unwrap();
    rows.iter().map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())).collect()
}

async fn execute(db: &Database, statements: &'static [&'static str]) {
    let written = db.write(move |tx| {
        Box::pin(async move {
            for sql in statements {
                tx.execute_unprepared(sql).await?;
            }
            Ok(())
        })
    });
    written.await.unwrap();
}

/// A store of the version before has cases, and nothing that counts them: what the migration makes of them is what would have been kept.
#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_counts_what_was_there_before() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    busy(&office).await;
    // Asked, answered, and in hand again; and one that nobody answered.
    for number in [8, 9] {
        let item = office.open_case(number, birth(), "2").await;
        office.claim("2-01", item, 0).await.unwrap();
        ask(&office, "2-01", item, 1, &["Tờ khai"]).await.unwrap();
    }
    office.clock.set(at("2026-12-02T01:00:00Z"));
    office.tell("intake", application(8), received("2026-12-02T01:00:00Z")).await;
    office.claim("2-01", WorkItem::first(application(8), 1), 2).await.unwrap();
    office.tell("intake", application(9), stop(StopGround::Lapsed)).await;
    let copy = decided(&office, 10, Outcome::Approved).await;
    issue(&office, "2-01", copy, PDF).await.unwrap();
    rate(&office, copy, Rating::Satisfied, "2026-12-02T01:00:00Z").await;
    // Nobody had told that version how they came in, whether they were digitised, nor what anybody thinks.
    execute(
        &office.db,
        &["update case_figures set channel = null, digitised = null, rating = null, paid_online = null"],
    )
    .await;
    let kept = rows(&office.db).await;
    assert_eq!(kept.len(), 10);

    execute(
        &office.db,
        &[
            "drop table case_figures",
            "alter table cases drop column channel",
            "alter table cases drop column digitised",
            "alter table cases drop column rating",
            "delete from seaql_migrations_processing where version in \
             ('m20261129_000120_figures', 'm20261129_000301_channels', 'm20261129_000501_digitised', \
              'm20261129_000502_ratings', 'm20261129_000503_paid_online')",
        ],
    )
    .await;
    phidia_processing::migrate(&office.db).await.unwrap();
    assert_eq!(rows(&office.db).await, kept);
    office.close().await;
}

/// Replicas of the version before go on for a while after the migration, and count nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_version_changed_is_counted_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    busy(&office).await;
    paid_in_all_ways(&office, WEDNESDAY).await;
    let copy = decided(&office, 10, Outcome::Approved).await;
    issue(&office, "2-01", copy, PDF).await.unwrap();
    rate(&office, copy, Rating::Satisfied, WEDNESDAY).await;
    let kept = rows(&office.db).await;
    execute(
        &office.db,
        &[
            // It had no row when it reached its unit, and was given one at the next step.
            "update case_figures set worked_at = null, worked_step = null, worked_effort = null \
         where state = 'queued'",
            "delete from case_figures where state = 'refused'",
            "update case_figures set state = 'queued', worked_at = null, officer = null, minutes = null, \
         ended_at = 9223372036854775807 where state = 'granted'",
            // It was counted anew by a version that knows of no channels.
            "update case_figures set channel = null where state = 'withdrawn'",
            // Or of no digital papers, and counts no results that are issued.
            "update case_figures set digitised = null where channel = 'post'",
            "update case_figures set issued = not issued where state in ('granted', 'queued')",
            "update case_figures set rating = null",
            // Among them is what was paid.
            "delete from case_figures where paid_online is not null",
        ],
    )
    .await;
    assert_ne!(rows(&office.db).await, kept);
    office.close().await;
    let office = Office::over(&::harness::store::at(&folder.path().join("processing.db"))).await;
    ::harness::wait::until("all is counted", async || (rows(&office.db).await == kept).then_some(())).await;
    office.close().await;
}
