//! Takes an application in: once answered, it is never lost, and the same request is never taken in twice.

use std::sync::Arc;

use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection,
    application::{DossierCode, Issued, Submission},
    caller::{Caller, Role},
    id::{ApplicationId, AttachmentId},
    procedure::Text,
};
use phidia_outbox::{Facts, NewEvent};
use phidia_proto::{application, events::v1::event::Fact, intake::v1::SubmitApplicationRequest};
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
    attachments::attach,
    portal::KnownBy,
    record::Receipt,
    scope::Scope,
    store::{numbering, reading, submission as store},
};

const RPC: &str = "/phidia.intake.v1.ApplicationService/SubmitApplication";

/// What whoever hands something in is told.
#[derive(Clone, Debug)]
pub(crate) struct TakenIn {
    pub(crate) receipt: Receipt,
    /// What is worth saying, and was no reason to refuse.
    pub(crate) advice: Vec<Text>,
}

/// By whom something is handed in, as its event tells it.
#[derive(Clone)]
pub(crate) struct HandedInBy {
    province: String,
    caller: Caller,
    traceparent: String,
    /// By what the national portal will know it.
    portal: KnownBy,
}

/// A command under its key.
#[derive(Clone)]
struct Keyed {
    claim: Claim,
    fingerprint: String,
    by: HandedInBy,
    real_now: Timestamp,
    /// What its receipt says already, and the code of that.
    issued: Option<(Issued, DossierCode)>,
}

impl Intake {
    /// Takes an application in and answers with its receipt; the same request gets the same receipt.
    pub(crate) async fn submit(
        &self,
        caller: &Caller,
        request: SubmitApplicationRequest,
    ) -> Result<TakenIn, Failure> {
        self.submit_known_by(caller, request, None).await
    }

    /// The same for what the national portal brought, and knows by this code of its own.
    pub(crate) async fn submit_known_by(
        &self,
        caller: &Caller,
        mut request: SubmitApplicationRequest,
        portal_code: Option<&str>,
    ) -> Result<TakenIn, Failure> {
        let key = std::mem::take(&mut request.idempotency_key);
        let claim = Claim::new(&caller.actor(), RPC, &key)?;
        let (submission, misread) = application::read(request);
        let is_read = misread.is_empty();
        let version = self.versions.active().await?;
        // What is refused today may repeat what was accepted on another day: the key decides first.
        let drawn_up = match self.draw_up(caller, &submission, misread, &version, self.business.now()) {
            Ok(drawn_up) => Ok(Arc::new(drawn_up)),
            // But what says nothing repeats nothing.
            Err(Failure::Rejected(refusal)) if is_read => Err(refusal),
            Err(failure) => return Err(failure),
        };
        let advice = drawn_up.as_ref().map(|drawn_up| drawn_up.advice.clone()).unwrap_or_default();
        let command = Keyed {
            claim,
            fingerprint: idempotency::fingerprint::<Submission>(&submission)?,
            by: self.handed_in_by(caller, &version.value.code, portal_code),
            real_now: RealClock.now(),
            issued: submission.issued.and_then(|issued| issued.code().ok().map(|code| (issued, code))),
        };
        let receipt = idempotency::retried(|| {
            let (command, drawn_up) = (command.clone(), drawn_up.clone());
            self.outbox.write(move |tx, facts| Box::pin(take_in(tx, facts, command, drawn_up)))
        });
        Ok(TakenIn { receipt: receipt.await?, advice })
    }

    /// By whom something is handed in; `portal_code`: by which the national portal knows it, where it brought it.
    pub(crate) fn handed_in_by(
        &self,
        caller: &Caller,
        province: &str,
        portal_code: Option<&str>,
    ) -> HandedInBy {
        HandedInBy {
            province: province.to_owned(),
            caller: caller.clone(),
            traceparent: Context::current().map(|context| context.trace.to_string()).unwrap_or_default(),
            portal: self.portal.knows_by(portal_code),
        }
    }
}

async fn take_in(
    tx: &DatabaseTransaction,
    facts: &mut Facts,
    command: Keyed,
    drawn_up: Result<Arc<DrawnUp>, Rejection>,
) -> Result<Receipt, Failure> {
    let Keyed { claim, fingerprint, by, real_now, issued } = command;
    if let Some(answer) = idempotency::find(tx, &claim, &fingerprint, real_now).await? {
        return receipt_of(tx, &by.province, &answer).await;
    }
    if let Some((issued, code)) = &issued
        && let Some(receipt) = borne(tx, &by, code).await?
    {
        return if is_of(&receipt, issued) { Ok(receipt) } else { Err(code_used().into()) };
    }
    let drawn_up = drawn_up?;
    let receipt = number(tx, facts, by, &drawn_up).await?;
    let kept_until = real_now.saturating_add(KEPT_FOR).map_err(Failure::broken)?;
    let answer = receipt.application.to_string().into_bytes();
    idempotency::keep(tx, &claim, &fingerprint, answer, kept_until).await?;
    Ok(receipt)
}

/// The receipt of what bears a code; none: nothing does. Whoever does not accept for its unit learns nothing of a code: theirs is refused for
/// what it is.
pub(crate) async fn borne(
    tx: &DatabaseTransaction,
    by: &HandedInBy,
    code: &DossierCode,
) -> Result<Option<Receipt>, Failure> {
    if by.caller.role == Role::Citizen {
        return Ok(None);
    }
    let bearer = numbering::bearer(tx, &by.province, code).await?;
    match bearer.filter(|(unit, _)| Scope::of(&by.caller).check(*unit).is_ok()) {
        Some((_, bearer)) => reading::receipt(tx, &by.province, bearer).await,
        None => Ok(None),
    }
}

/// The refusal of a code that something else bears.
pub(crate) fn code_used() -> Rejection {
    let message = "another application bears this dossier code";
    Rejection::new(Kind::AlreadyExists, "CODE_USED", message)
}

/// Gives what is drawn up its code, and writes and tells it: now it is accepted.
pub(crate) async fn number(
    tx: &DatabaseTransaction,
    facts: &mut Facts,
    by: HandedInBy,
    drawn_up: &DrawnUp,
) -> Result<Receipt, Failure> {
    let HandedInBy { province, caller, traceparent, portal } = by;
    let code = match &drawn_up.issued {
        Some(code) => code.clone(),
        None => {
            let number = numbering::draw(tx, &province, drawn_up.unit, drawn_up.day, 1).await?;
            drawn_up.series.clone().code(number)
        }
    };
    let (dossier, fact) = drawn_up.coded(&code);
    if drawn_up.issued.is_some() {
        numbering::bear(tx, &province, drawn_up.unit, &code, dossier.application.id).await?;
    }
    let receipt = dossier.receipt.clone();
    store::insert(tx, &province, dossier, &drawn_up.stated).await?;
    portal.accepted(tx, &province, &receipt).await?;
    if !drawn_up.attachments.is_empty() {
        let ids: Vec<_> = drawn_up.attachments.iter().map(|(_, id)| *id).collect();
        let attached =
            attach::attach(tx, &province, &caller, &ids, receipt.application, receipt.received_at).await;
        attached.map_err(|failure| in_its_line(failure, &drawn_up.attachments))?;
    }
    let event = NewEvent {
        province,
        application: receipt.application,
        occurred_at: receipt.received_at,
        actor: caller.actor(),
        cause: None,
        traceparent,
        fact: Fact::ApplicationSubmitted(fact),
    };
    // They hold of the first message too: whoever is told of the application must know them by then.
    if let Some(preferences) = drawn_up.preferences.clone().map(Fact::PreferencesStated) {
        facts.tell(NewEvent { fact: preferences, ..event.clone() });
    }
    facts.tell(event);
    Ok(receipt)
}

/// Whether a receipt is the one that was given without a line: then it is the same application, under whichever key it comes.
pub(crate) fn is_of(receipt: &Receipt, issued: &Issued) -> bool {
    receipt.dossier_code == issued.dossier_code
        && receipt.check_code == issued.check_code
        && receipt.received_at == issued.accepted_at
}

/// The same failure, of the files where they stand in the request: `attachment_ids[2]` is the third of all.
fn in_its_line(failure: Failure, files: &[(String, AttachmentId)]) -> Failure {
    let Failure::Rejected(mut refusal) = failure else { return failure };
    for violation in &mut refusal.violations {
        let number = violation.field.strip_prefix("attachment_ids[").and_then(|rest| rest.strip_suffix(']'));
        let place =
            number.and_then(|number| number.parse::<usize>().ok()).and_then(|number| files.get(number));
        if let Some((path, _)) = place {
            refusal.message = refusal.message.replace(&violation.field, path);
            violation.field.clone_from(path);
        }
    }
    refusal.into()
}

/// What was answered under a key is kept as the application's id: its receipt stands with it.
async fn receipt_of(tx: &DatabaseTransaction, province: &str, answer: &[u8]) -> Result<Receipt, Failure> {
    let id: ApplicationId = str::from_utf8(answer).map_err(Failure::broken)?.parse()?;
    reading::receipt(tx, province, id)
        .await?
        .ok_or_else(|| Failure::broken(format!("{id} was answered for but is not here")))
}
