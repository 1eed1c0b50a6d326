//! Citizens: each hands in when the schedule says, and asks again with the same key until there is an answer.

use std::time::Duration;

use harness::{client::Client, wait};
use phidia_proto::intake::v1::{Receipt, SubmitApplicationRequest};
use tokio::task::JoinSet;

use crate::{
    history::{Answer, What},
    recorder::Recorder,
    schedule::Arrival,
};

/// How long a client waits before it asks again.
const AGAIN: Duration = Duration::from_millis(150);

/// Hands all of it in, each when it is due, and waits until each has its answer.
pub(crate) async fn hand_in(recorder: Recorder, intake: String, arrivals: Vec<Arrival>) {
    // As few connections as a portal has.
    let portal: Vec<_> = (0..4).map(|_| Client::system(&intake)).collect();
    let mut citizens = JoinSet::new();
    for (number, Arrival { at, request }) in arrivals.into_iter().enumerate() {
        let (recorder, client) = (recorder.clone(), portal[number % portal.len()].clone());
        citizens.spawn(async move {
            recorder.until(at).await;
            submit(&recorder, &client, &request).await
        });
    }
    citizens.join_all().await;
}

/// Asks until there is an answer; none when there is none for a long time, or a refusal.
pub(crate) async fn submit(
    recorder: &Recorder,
    client: &Client,
    request: &SubmitApplicationRequest,
) -> Option<Receipt> {
    let since = recorder.now();
    while recorder.now() < since + wait::PATIENCE {
        let key = &request.idempotency_key;
        let what = |answer| What::Submit { key: key.clone(), answer };
        match recorder.call(what, client.submit(request.clone())).await {
            Answer::Given(receipt) => return Some(receipt),
            Answer::Refused(..) => return None,
            Answer::Unknown(_) => tokio::time::sleep(AGAIN).await,
        }
    }
    None
}
