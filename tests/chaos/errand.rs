//! What citizens hand in later: some bring what they were asked to supplement, some think better of it as soon as they have their
//! receipt – while it waits for a unit, lies in a worklist, is moved, in hand, or done.

use std::{collections::BTreeSet, time::Duration};

use harness::{client::Client, wait};
use phidia_proto::intake::v1::{
    Receipt, SupplementApplicationRequest, WithdrawApplicationRequest,
    application_service_client::ApplicationServiceClient,
};
use tokio::sync::watch;

use crate::{
    history::{Answer, What},
    office::{self, Fate},
    recorder::Recorder,
};

/// How often they look.
const LOOK: Duration = Duration::from_millis(300);

/// Goes on errands until `closed` says true, and ends the one it is on.
pub(crate) async fn work(recorder: Recorder, intake: String, mut closed: watch::Receiver<bool>) {
    let client = Client::system(&intake);
    let mut done = BTreeSet::new();
    while !*closed.borrow() {
        let receipts = recorder.calls().into_iter().filter_map(|call| match call.what {
            // A probe goes its way.
            What::Submit { key, answer: Answer::Given(receipt) } if !key.starts_with("probe-") => {
                Some(receipt)
            }
            _ => None,
        });
        for receipt in receipts.collect::<Vec<_>>() {
            if *closed.borrow() {
                return;
            }
            let id = receipt.application_id.clone();
            let supplements = office::fate(&id) == Fate::Supplemented;
            if office::is_withdrawn(&id) && !done.contains(&id) {
                withdraw(&recorder, &client, &receipt).await;
                done.insert(id);
            } else if supplements && !done.contains(&id) && supplement(&recorder, &client, &receipt).await {
                done.insert(id);
            }
        }
        let _ = tokio::time::timeout(LOOK, closed.wait_for(|closed| *closed)).await;
    }
}

/// Asks until there is an answer.
async fn withdraw(recorder: &Recorder, client: &Client, receipt: &Receipt) {
    let since = recorder.now();
    while recorder.now() < since + wait::PATIENCE {
        let what = |answer| What::Withdraw { application: receipt.application_id.clone(), answer };
        let withdraw = async {
            let Receipt { dossier_code, check_code, .. } = receipt.clone();
            let request = WithdrawApplicationRequest { dossier_code, check_code };
            ApplicationServiceClient::new(client.peer()).withdraw_application(request).await.map(drop)
        };
        match recorder.call(what, withdraw).await {
            Answer::Given(()) | Answer::Refused(..) => return,
            Answer::Unknown(_) => tokio::time::sleep(LOOK).await,
        }
    }
}

/// Once; whether it was taken in. What is refused was not asked for yet, or not heard of at intake.
async fn supplement(recorder: &Recorder, client: &Client, receipt: &Receipt) -> bool {
    let what = |answer| What::Supplement { application: receipt.application_id.clone(), answer };
    let supplement = async {
        let Receipt { dossier_code, check_code, .. } = receipt.clone();
        let request = SupplementApplicationRequest { dossier_code, check_code, attachment_ids: Vec::new() };
        ApplicationServiceClient::new(client.peer()).supplement_application(request).await.map(drop)
    };
    matches!(recorder.call(what, supplement).await, Answer::Given(()))
}
