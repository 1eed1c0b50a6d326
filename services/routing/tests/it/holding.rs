//! What routing says that it holds.

use phidia_domain::conservation::Place;
use tempfile::tempdir;

use crate::{
    facts::{completed, finished, ready},
    harness::{Office, item, until},
    province::{COPY, LAND},
};

#[tokio::test(flavor = "multi_thread")]
async fn every_application_that_is_not_completed_is_held_once() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..4, COPY, "1").await;
    office.submit(4..5, LAND, "1").await;
    office.rest().await;
    let held = async || {
        let mut all = Vec::new();
        loop {
            let page = office.holder.page(all.last().map(|(id, _, _)| *id), 2).await.unwrap();
            let end = page.len() < 2;
            all.extend(page.into_iter().map(|held| (held.application, held.place, held.reason)));
            if end {
                return all;
            }
        }
    };
    let assigned = |number| (item(number, 1).application, Place::Assigned, String::new());
    let waiting = (item(4, 1).application, Place::Waiting, "NOBODY_COMPETENT".to_owned());
    assert_eq!(held().await, [assigned(1), assigned(2), assigned(3), waiting.clone()]);

    // Between two steps it is still somewhere; once completed it is not.
    office.apply(item(1, 1), completed(item(1, 1), "1")).await;
    assert_eq!(held().await[0], assigned(1));
    office.apply(item(1, 2), ready(item(1, 2), "1", true)).await;
    office.apply(item(1, 2), completed(item(1, 2), "1")).await;
    office.apply(item(1, 2), finished()).await;
    assert_eq!(held().await, [assigned(2), assigned(3), waiting]);
    office.balanced().await;
    assert_eq!((office.holder.service(), office.holder.outbox().source()), ("routing", "routing"));
    until(async || office.holder.outbox().positions().await.unwrap().iter().all(|at| at.outstanding == 0))
        .await;
    office.close().await;
}
