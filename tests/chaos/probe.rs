//! When work resumed: the first application handed in since that has come to its case.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use harness::{
    client::{Client, application},
    province::ANYWHERE,
    wait,
};
use phidia_proto::processing::v1::{
    GetCaseRequest, case_service_client::CaseServiceClient, get_case_request::Key,
};
use tokio::{sync::watch, task::JoinSet};

use crate::{load, recorder::Recorder};

/// How often another application is handed in, until one is through: at first, and when that takes long. More
/// would be a fault of its own.
const EVERY: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(1)];
/// How many are handed in quickly.
const QUICK: usize = 30;
/// How many of those that were accepted are watched; no more are handed in then.
const ENOUGH: usize = 3;
/// How often is looked for its case.
const LOOK: Duration = Duration::from_millis(20);

/// How long it took from now on; none when it did not come to that for a long time. Keys begin with `name`.
pub(crate) async fn resumed(
    recorder: &Recorder,
    intake: &str,
    processing: &str,
    name: &str,
) -> Option<Duration> {
    let since = recorder.now();
    let (through, mut seen) = watch::channel(None::<Duration>);
    let accepted = Arc::new(AtomicUsize::new(0));
    let mut probes = JoinSet::new();
    while seen.borrow_and_update().is_none() && recorder.now() < since + wait::PATIENCE {
        let pause = EVERY[usize::from(probes.len() >= QUICK)];
        let come = tokio::time::timeout(pause, seen.changed());
        if accepted.load(Ordering::Relaxed) >= ENOUGH {
            let _ = come.await;
            continue;
        }
        let (recorder, through, accepted) = (recorder.clone(), through.clone(), Arc::clone(&accepted));
        let request = application(&format!("{name}-{}", probes.len()), ANYWHERE);
        // On connections of its own: how long old ones of a client take to notice is the client's affair.
        let (citizen, operator) = (Client::system(intake), Client::operator(processing));
        probes.spawn(async move {
            let Some(receipt) = load::submit(&recorder, &citizen, &request).await else { return };
            if accepted.fetch_add(1, Ordering::Relaxed) >= ENOUGH {
                return;
            }
            while through.borrow().is_none() && recorder.now() < since + wait::PATIENCE {
                if came(&operator, &receipt.application_id).await {
                    let took = recorder.now() - since;
                    through.send_modify(|first| {
                        first.get_or_insert(took);
                    });
                    return;
                }
                tokio::time::sleep(LOOK).await;
            }
        });
        let _ = come.await;
    }
    // Those that were handed in are to have their answers.
    probes.join_all().await;
    *seen.borrow()
}

async fn came(operator: &Client, application_id: &str) -> bool {
    let request = GetCaseRequest { key: Some(Key::ApplicationId(application_id.to_owned())) };
    let mut cases = CaseServiceClient::new(operator.peer());
    let asked = tokio::time::timeout(Duration::from_secs(1), cases.get_case(request)).await;
    matches!(asked, Ok(Ok(found)) if !found.get_ref().work_items.is_empty())
}
