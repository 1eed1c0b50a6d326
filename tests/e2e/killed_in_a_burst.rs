//! The process dies by SIGKILL in the middle of a burst, and is started again on the same folder.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use harness::{
    client::{Client, application, submit_surely},
    process::Phidia,
    province::{ALPHA, ANYWHERE},
    wait,
};
use tokio::task::JoinSet;

use crate::stage::Stage;

const BURST: usize = 300;
const BEFORE_THE_KILL: usize = 100;

#[tokio::test]
async fn nothing_is_lost_and_nothing_is_done_twice() {
    let Stage { phidia, folder } = Stage::set();
    let endpoint = phidia.endpoint.clone();
    let answered = Arc::new(Mutex::new(BTreeMap::new()));
    let next = Arc::new(AtomicUsize::new(0));
    let mut callers = JoinSet::new();
    for _ in 0..16 {
        let (citizen, answered, next) = (Client::system(&endpoint), answered.clone(), next.clone());
        callers.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= BURST {
                    return;
                }
                let Ok(receipt) = citizen.submit(application(&format!("burst-{number}"), ANYWHERE)).await
                else {
                    return;
                };
                answered.lock().unwrap().insert(number, receipt);
            }
        });
    }
    // An officer works meanwhile, so that the kill hits every service at work.
    let officer = Client::officer(&endpoint, ALPHA, "A-1");
    let at_work = tokio::spawn(async move {
        loop {
            for item in officer.worklist().await {
                let Ok(held) = officer.claim(&item).await else { continue };
                if officer.complete(&held).await.is_err() {
                    return;
                }
            }
        }
    });
    wait::until("a third of the burst is answered", async || {
        (answered.lock().unwrap().len() >= BEFORE_THE_KILL).then_some(())
    })
    .await;
    phidia.kill();
    callers.join_all().await;
    at_work.abort();

    let phidia = Phidia::up(&folder.path().join("data"), &[]);
    let before = std::mem::take(&mut *answered.lock().unwrap());
    let mut ids = BTreeSet::new();
    for number in 0..BURST {
        let request = application(&format!("burst-{number}"), ANYWHERE);
        let receipt = submit_surely(&phidia.endpoint, &request).await;
        if let Some(earlier) = before.get(&number) {
            assert_eq!(&receipt, earlier, "who was answered before the kill keeps that receipt");
        }
        ids.insert(receipt.application_id);
    }
    assert_eq!(ids.len(), BURST);
    let balance = Client::operator(&phidia.endpoint).balance().await;
    assert!(balance.holds(), "{balance:?}");
    assert_eq!(balance.accepted, BURST as u64);

    // And the work goes on: an officer takes up and finishes what is there.
    let officer = Client::officer(&phidia.endpoint, ALPHA, "A-1");
    let item = wait::until("work at Alpha", async || officer.worklist().await.into_iter().next()).await;
    let held = officer.claim(&item).await.unwrap();
    officer.complete(&held).await.unwrap();
    assert!(phidia.terminate().success(), "and stops in peace");
}
