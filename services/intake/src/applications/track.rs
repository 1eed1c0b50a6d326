//! How an application stands, for anybody who has its receipt.

use std::time::Instant;

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    application::{Happening, Status},
    caller::Caller,
    id::ApplicationId,
    procedure::Text,
    province::Province,
};
use phidia_runtime::{digest, failure::Failure};

use super::guesses::Guess;
use crate::{
    Intake,
    record::{Application, Entry, Issued, Receipt},
    store::reading,
};

/// What the holder of a receipt is told. Nothing in it is personal.
pub(crate) struct Tracked {
    pub(crate) application: Application,
    pub(crate) receipt: Receipt,
    pub(crate) entries: Vec<Entry>,
    pub(crate) history: Vec<Told>,
}

/// One thing that has happened, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) at: Timestamp,
    pub(crate) sentence: Text,
}

impl Intake {
    /// The application of a receipt: the one way to it for whoever has nothing else. A wrong dossier code and a wrong check code are answered
    /// alike, after the same statement and the same comparison: dossier codes can be guessed, and who guesses must not learn which exist,
    /// nor try for long.
    ///
    /// # Errors
    /// `NOT_FOUND`; `FAILED_PRECONDITION` after too many wrong codes.
    pub(crate) async fn by_receipt(
        &self,
        caller: &Caller,
        dossier_code: &str,
        check_code: &str,
    ) -> Result<ApplicationId, Failure> {
        self.guess_receipt(caller, dossier_code, check_code).await.map(|(id, _)| id)
    }

    /// The application of a receipt, where its holder has to know more than that: what they know of it is looked at before the guess
    /// is over.
    pub(super) async fn guess_receipt(
        &self,
        caller: &Caller,
        dossier_code: &str,
        check_code: &str,
    ) -> Result<(ApplicationId, Guess<'_>), Failure> {
        let guess = self.guesses.begin(caller, dossier_code, Instant::now())?;
        let province = &self.versions.active().await?.value.code;
        let found = reading::codes(self.outbox.database().read(), province, dossier_code).await?;
        // Compared also where there is none.
        let (id, known) = found.map_or((None, String::new()), |(id, known)| (Some(id), known));
        let is_same = digest::same(known.as_bytes(), check_code.as_bytes());
        match id.filter(|_| is_same) {
            Some(id) => Ok((id, guess)),
            None => Err(wrong_receipt(guess)),
        }
    }

    /// How an application stands.
    ///
    /// # Errors
    /// As [`Intake::by_receipt`].
    pub(crate) async fn track(
        &self,
        caller: &Caller,
        dossier_code: &str,
        check_code: &str,
    ) -> Result<Tracked, Failure> {
        let id = self.by_receipt(caller, dossier_code, check_code).await?;
        self.tracked(id).await
    }

    /// What the holder of its receipt is told of an application.
    pub(super) async fn tracked(&self, id: ApplicationId) -> Result<Tracked, Failure> {
        let version = self.versions.active().await?;
        let (province, conn) = (&version.value, self.outbox.database().read());
        let found = reading::with_receipt(conn, &province.code, id).await?;
        let (application, receipt) =
            found.ok_or_else(|| Failure::broken(format!("{id} was here and is no more")))?;
        let entries = reading::entries(conn, &province.code, id).await?;
        let history = history(province, &application, &receipt, &entries);
        Ok(Tracked { application, receipt, entries, history })
    }
}

/// The answer to wrong codes, which are counted.
pub(super) fn wrong_receipt(guess: Guess<'_>) -> Failure {
    guess.was_wrong(Instant::now());
    let message = "no application has this dossier code and this check code";
    Rejection::not_found("UNKNOWN_RECEIPT", message).into()
}

/// What has happened to an application in sentences, oldest first.
pub(super) fn history(
    province: &Province,
    application: &Application,
    receipt: &Receipt,
    entries: &[Entry],
) -> Vec<Told> {
    let due = receipt.due_at.map(|due| province.clock.time_zone().to_datetime(due));
    let received = Happening::Received { unit: &receipt.received_at_name, due };
    let mut happened = vec![(receipt.received_at, received)];
    for entry in entries.iter().filter(|entry| entry.status != Status::Accepted) {
        let status = Happening::Status {
            status: entry.status,
            unit: entry.unit_name.as_ref(),
            why: entry.why.as_ref().map(|why| &why.sentences),
            reopened_by: entry.reopened_by.as_deref(),
        };
        happened.push((entry.at, status));
    }
    let progress = &application.progress;
    let supplemented = progress.supplement.and_then(|wanted| wanted.received_at);
    happened.extend(supplemented.map(|at| (at, Happening::Supplemented)));
    for charge in &progress.payments {
        let paid = charge.paid.as_ref();
        happened.extend(paid.map(|paid| (paid.at, Happening::Paid { amount_dong: charge.amount_dong })));
    }
    happened.extend(application.contact_corrected_at.map(|at| (at, Happening::ContactCorrected)));
    let outcome = &application.outcome;
    let present = [(&outcome.issued, &outcome.handed_over, None)];
    let withdrawn = outcome.withdrawn.iter().map(|gone| (&gone.issued, &gone.handed_over, Some(gone.at)));
    for (issued, handed_over, gone) in withdrawn.chain(present) {
        happened.extend(issued.as_ref().map(|Issued { at, .. }| (*at, Happening::Issued)));
        happened.extend(handed_over.as_ref().map(|handed_over| {
            (handed_over.at, Happening::HandedOver { way: handed_over.way, unit: &handed_over.unit_name })
        }));
        happened.extend(gone.map(|at| (at, Happening::ResultWithdrawn)));
    }
    // What came at the same instant stays in the order in which it became known.
    happened.sort_by_key(|(at, _)| *at);
    happened.into_iter().map(|(at, happening)| Told { at, sentence: happening.in_words() }).collect()
}
