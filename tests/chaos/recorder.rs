//! Writes the history of a run down while it goes.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tonic::{Code, Status};

use crate::history::{Answer, Call, What};

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Clones write into the same history.
#[derive(Clone)]
pub(crate) struct Recorder {
    since: Instant,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Recorder {
    pub(crate) fn start() -> Self {
        Self { since: Instant::now(), calls: Arc::default() }
    }

    /// Since the start of the run.
    pub(crate) fn now(&self) -> Duration {
        self.since.elapsed()
    }

    /// Waits for this moment of the run.
    pub(crate) async fn until(&self, at: Duration) {
        tokio::time::sleep(at.saturating_sub(self.now())).await;
    }

    /// Makes a call and writes down how it ended. Never drop it before that: it may have happened.
    pub(crate) async fn call<T: Clone>(
        &self,
        what: impl Fn(Answer<T>) -> What,
        call: impl Future<Output = Result<T, Status>>,
    ) -> Answer<T> {
        let began = self.now();
        let answer = match tokio::time::timeout(PATIENCE, call).await {
            Ok(Ok(given)) => Answer::Given(given),
            Ok(Err(status)) => judged(&status),
            Err(_) => Answer::Unknown(Code::DeadlineExceeded),
        };
        let call = Call { began, ended: self.now(), what: what(answer.clone()) };
        self.calls.lock().unwrap().push(call);
        answer
    }

    /// What was written so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }
}

/// Whether a status says that it did not happen, and will not.
fn judged<T>(status: &Status) -> Answer<T> {
    match status.code() {
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::ResourceExhausted => {
            Answer::Unknown(status.code())
        }
        // A broken connection reads like a fault of the service; but a service's own answer has details.
        Code::Internal | Code::Unknown if status.details().is_empty() => Answer::Unknown(status.code()),
        code => Answer::Refused(code, status.message().to_owned()),
    }
}
