//! Officers: they take up what lies in their worklists and end it, and leave some of it lying, so that there is
//! open work at the end.

use std::time::Duration;

use harness::{
    client::Client,
    province::{ALPHA, BETA, CODE, GAMMA, SIDE_BY_SIDE},
    wait,
};
use phidia_domain::id::OfficerId;
use phidia_proto::{
    events::v1::StepOutcome,
    processing::v1::{
        CaseWorkItem, CompleteStepRequest, ListWorklistRequest, RequestSupplementRequest,
        case_service_client::CaseServiceClient,
    },
};
use tokio::{sync::watch, task::JoinSet};

use crate::{
    history::{Answer, Item, What},
    recorder::Recorder,
};

/// Who works where; more than one at Beta, so that they want the same work.
const STAFF: [(&str, &str); 6] =
    [(ALPHA, "A-1"), (BETA, "B-1"), (BETA, "B-2"), (BETA, "B-3"), (BETA, "B-4"), (GAMMA, "C-1")];
/// How often an officer looks at the worklist.
const LOOK: Duration = Duration::from_millis(200);

/// Works until `closed` says true, then finishes what is in hand.
pub(crate) async fn work(recorder: Recorder, processing: String, closed: watch::Receiver<bool>) {
    let mut staff = JoinSet::new();
    for (unit, code) in STAFF {
        let officer = Officer {
            recorder: recorder.clone(),
            client: Client::officer(&processing, unit, code),
            id: OfficerId::of(CODE, code).to_string(),
            closed: closed.clone(),
        };
        staff.spawn(officer.work());
    }
    staff.join_all().await;
}

struct Officer {
    recorder: Recorder,
    client: Client,
    id: String,
    closed: watch::Receiver<bool>,
}

/// What an officer does with an application, by its number: the same for all officers.
#[derive(PartialEq)]
pub(crate) enum Fate {
    Granted,
    /// Granted, unless a dispatcher is quicker: then it is routed again first.
    Released,
    /// Granted, unless a supervisor is quicker: then it is sent elsewhere first.
    Sent,
    Refused,
    /// The citizen is asked for a supplement, and brings it; then granted.
    Supplemented,
    /// The citizen is asked for a supplement, and does not bring it.
    Unanswered,
    /// Taken up in the second step and kept.
    Kept,
    /// Never looked at.
    Left,
}

pub(crate) fn fate(application: &str) -> Fate {
    // The last digits of an id are drawn by chance.
    match u8::from_str_radix(&application[application.len() - 2..], 16).unwrap() % 16 {
        0 | 1 => Fate::Left,
        2 => Fate::Kept,
        3 => Fate::Refused,
        4 | 5 => Fate::Released,
        6 | 7 => Fate::Sent,
        8 | 9 => Fate::Supplemented,
        10 => Fate::Unanswered,
        _ => Fate::Granted,
    }
}

/// Whether its citizen withdraws it, whatever else is done with it.
pub(crate) fn is_withdrawn(application: &str) -> bool {
    let digits = application.len() - 4..application.len() - 2;
    u8::from_str_radix(&application[digits], 16).unwrap().is_multiple_of(12)
}

impl Officer {
    async fn work(mut self) {
        while !*self.closed.borrow() {
            // No answer is no work.
            let worklist = tokio::time::timeout(Duration::from_secs(3), self.worklist()).await;
            for item in worklist.ok().flatten().unwrap_or_default() {
                if *self.closed.borrow() {
                    return;
                }
                self.take(&item).await;
            }
            let _ = tokio::time::timeout(LOOK, self.closed.wait_for(|closed| *closed)).await;
        }
    }

    async fn worklist(&self) -> Option<Vec<CaseWorkItem>> {
        let request = ListWorklistRequest { page_size: 500, ..ListWorklistRequest::default() };
        let mut cases = CaseServiceClient::new(self.client.peer());
        Some(cases.list_worklist(request).await.ok()?.into_inner().work_items)
    }

    async fn take(&self, listed: &CaseWorkItem) {
        let item = Item::of(listed.work_item.as_ref());
        let fate = fate(&item.application);
        let held = listed.officer_id == self.id;
        if fate == Fate::Left || (fate == Fate::Kept && held && item.step == 2) {
            return;
        }
        let what = |answer| What::Claim { item: item.clone(), officer: self.id.clone(), answer };
        let claim = async { Ok(self.client.claim(listed).await?.fence) };
        let Answer::Given(fence) = self.recorder.call(what, claim).await else { return };
        // Where two are at work at once, whoever verifies asks or refuses, and the other goes on.
        let decides = item.step == if listed.procedure_code == SIDE_BY_SIDE { 3 } else { 1 };
        // Whoever has it after somebody had or could have had it leaves it at that: one supplement is asked for.
        let first = fence == 1 && item.attempt == 1 && decides;
        if matches!(fate, Fate::Supplemented | Fate::Unanswered) && first {
            self.ask(&item, fence).await;
            return;
        }
        let refuses = fate == Fate::Refused && decides;
        let outcome = if refuses { StepOutcome::Refused } else { StepOutcome::Approved };
        if fate != Fate::Kept || item.step == 1 {
            self.complete(&item, fence, outcome).await;
        }
    }

    /// Asks the citizen for a supplement, until there is an answer.
    async fn ask(&self, item: &Item, fence: u64) {
        let since = self.recorder.now();
        while self.recorder.now() < since + wait::PATIENCE {
            let what = |answer| {
                let (item, officer) = (item.clone(), self.id.clone());
                What::Ask { item, officer, fence, answer }
            };
            let ask = async {
                let (work_item, reasons) = (Some(item.wire()), vec!["Bản chính Giấy chứng sinh".to_owned()]);
                let request = RequestSupplementRequest { work_item, fence, reasons };
                CaseServiceClient::new(self.client.peer()).request_supplement(request).await.map(drop)
            };
            match self.recorder.call(what, ask).await {
                Answer::Given(()) | Answer::Refused(..) => return,
                Answer::Unknown(_) => tokio::time::sleep(LOOK).await,
            }
        }
    }

    /// Asks until there is an answer.
    async fn complete(&self, item: &Item, fence: u64, outcome: StepOutcome) {
        let since = self.recorder.now();
        while self.recorder.now() < since + wait::PATIENCE {
            let what = |answer| {
                let (item, officer) = (item.clone(), self.id.clone());
                What::Complete { item, officer, fence, outcome, answer }
            };
            let complete = async {
                let refusal_reason = match outcome {
                    StepOutcome::Refused => "Thiếu giấy tờ".to_owned(),
                    _ => String::new(),
                };
                let request = CompleteStepRequest {
                    work_item: Some(item.wire()),
                    fence,
                    outcome: outcome.into(),
                    refusal_reason,
                    next_step: 0,
                };
                CaseServiceClient::new(self.client.peer()).complete_step(request).await.map(drop)
            };
            match self.recorder.call(what, complete).await {
                Answer::Given(()) | Answer::Refused(..) => return,
                Answer::Unknown(_) => tokio::time::sleep(LOOK).await,
            }
        }
    }
}
