//! Takes an application in: once answered, it is never lost, and the same request is never taken in twice.

use std::sync::Arc;

use jiff::Timestamp;
use phidia_domain::{Rejection, application::Submission, caller::Caller, id::ApplicationId};
use phidia_outbox::{Facts, NewEvent};
use phidia_proto::events::v1::event::Fact;
use phidia_runtime::{
    clock::RealClock,
    context::Context,
    failure::Failure,
    idempotency::{self, Claim, KEPT_FOR},
};
use sea_orm::DatabaseTransaction;

use crate::{
    Intake,
    applications::drawn_up::DrawnUp,
    record::Receipt,
    store::{reading, submission as store},
};

const RPC: &str = "/phidia.intake.v1.ApplicationService/SubmitApplication";

/// How often a request is tried that meets itself at another replica.
const ATTEMPTS: usize = 3;

/// A command under its key.
#[derive(Clone)]
struct Keyed {
    claim: Claim,
    fingerprint: String,
    province: String,
    actor: String,
    traceparent: String,
    real_now: Timestamp,
}

impl Intake {
    /// Takes an application in and answers with its receipt; the same request gets the same receipt.
    pub(crate) async fn submit(
        &self,
        caller: &Caller,
        idempotency_key: &str,
        submission: Submission,
    ) -> Result<Receipt, Failure> {
        let claim = Claim::new(&caller.actor(), RPC, idempotency_key)?;
        let version = self.versions.active().await?;
        // What is refused today may repeat what was accepted on another day: the key decides first.
        let drawn_up = match self.draw_up(caller, &submission, &version, self.business.now()) {
            Ok(drawn_up) => Ok(Arc::new(drawn_up)),
            Err(Failure::Rejected(refusal)) => Err(refusal),
            Err(broken) => return Err(broken),
        };
        let command = Keyed {
            claim,
            fingerprint: idempotency::fingerprint(&submission)?,
            province: version.value.code.clone(),
            actor: caller.actor(),
            traceparent: Context::current().map(|context| context.trace.to_string()).unwrap_or_default(),
            real_now: RealClock.now(),
        };
        let mut attempt = 1;
        loop {
            let (command, drawn_up) = (command.clone(), drawn_up.clone());
            let answer =
                self.outbox.write(move |tx, facts| Box::pin(take_in(tx, facts, command, drawn_up))).await;
            match answer {
                Err(failure) if attempt < ATTEMPTS && is_race(&failure) => attempt += 1,
                answer => return answer,
            }
        }
    }
}

async fn take_in(
    tx: &DatabaseTransaction,
    facts: &mut Facts,
    command: Keyed,
    drawn_up: Result<Arc<DrawnUp>, Rejection>,
) -> Result<Receipt, Failure> {
    let Keyed { claim, fingerprint, province, actor, traceparent, real_now } = command;
    if let Some(answer) = idempotency::find(tx, &claim, &fingerprint, real_now).await? {
        return receipt_of(tx, &province, &answer).await;
    }
    let drawn_up = drawn_up?;
    let number = store::next_number(tx, &province, drawn_up.unit, drawn_up.day).await?;
    let (dossier, fact) = drawn_up.numbered(number);
    let receipt = dossier.receipt.clone();
    store::insert(tx, &province, dossier, &drawn_up.stated).await?;
    let kept_until = real_now.saturating_add(KEPT_FOR).map_err(Failure::broken)?;
    let answer = receipt.application.to_string().into_bytes();
    idempotency::keep(tx, &claim, &fingerprint, answer, kept_until).await?;
    facts.tell(NewEvent {
        province,
        application: receipt.application,
        occurred_at: receipt.received_at,
        actor,
        cause: None,
        traceparent,
        fact: Fact::ApplicationSubmitted(fact),
    });
    Ok(receipt)
}

/// What was answered under a key is kept as the application's id: its receipt stands with it.
async fn receipt_of(tx: &DatabaseTransaction, province: &str, answer: &[u8]) -> Result<Receipt, Failure> {
    let id: ApplicationId = str::from_utf8(answer).map_err(Failure::broken)?.parse()?;
    reading::receipt(tx, province, id)
        .await?
        .ok_or_else(|| Failure::broken(format!("{id} was answered for but is not here")))
}

/// Another replica is answering the same request at this moment: tried again, this one finds that answer.
fn is_race(failure: &Failure) -> bool {
    failure.rejection().is_some_and(|refusal| refusal.reason == "IDEMPOTENCY_RACE")
}
