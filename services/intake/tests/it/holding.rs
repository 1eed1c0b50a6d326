//! What intake holds.

use phidia_domain::{conservation::Place, id::ApplicationId};

use crate::harness::{Intake, request};

#[tokio::test]
async fn every_accepted_application_is_held_once() {
    let mut intake = Intake::empty().await;
    let holder = intake.built().holder.unwrap();
    assert_eq!((holder.service(), holder.page(None, 10).await.unwrap().len()), ("intake", 0));
    intake.import(&crate::harness::files()).await.unwrap();
    let mut ids: Vec<ApplicationId> = Vec::new();
    for n in 0..5 {
        ids.push(intake.submit(request(&format!("k{n}"))).await.unwrap().application_id.parse().unwrap());
    }
    ids.sort();
    let first = holder.page(None, 3).await.unwrap();
    let rest = holder.page(Some(first[2].application), 3).await.unwrap();
    let held: Vec<_> = first.iter().chain(&rest).map(|holding| holding.application).collect();
    assert_eq!(held, ids);
    assert!(first.iter().all(|holding| holding.place == Place::Accepted));
}
