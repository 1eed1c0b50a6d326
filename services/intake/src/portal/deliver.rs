//! Tells the portal what there is to tell: of each dossier one message after the other, of different ones beside each other, each
//! until it is taken or refused.

use std::{sync::OnceLock, time::Duration};

use futures::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use phidia_domain::{Rejection, application::Status};
use phidia_runtime::{
    clock::RealClock,
    digest,
    failure::Failure,
    http_client::Bytes,
    metrics::{Counter, Gauge},
    random,
    seal::PersonKey,
    service::Worker,
};
use serde_json::Value;

use super::{
    Message,
    body::{self, Progress},
    client::{self, Client, Missed},
};
use crate::{
    Intake,
    applications::words as written,
    record::Dossier,
    store::{
        portal::{self as store, Told},
        reading, words,
    },
};

static ATTEMPTS: Counter =
    Counter::new("phidia.portal.attempts", "{attempt}", "Attempts to tell the national portal something.");
static WAITING: Gauge =
    Gauge::new("phidia.portal.waiting", "{message}", "Messages that wait to be told to the national portal.");
static REFUSED: Gauge = Gauge::new(
    "phidia.portal.refused",
    "{message}",
    "Messages that the national portal refuses: their dossiers wait for an operator.",
);
static FAILED: Gauge = Gauge::new(
    "phidia.portal.failed_arrivals",
    "{item}",
    "What the national portal brought and could not be taken in yet.",
);

/// How often it is looked for what is to be told, in real time.
const EVERY: Duration = Duration::from_secs(1);
/// How long it is waited when the portal is away, at first and at last.
const PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// So much is told in one look …
const MOST: u64 = 64;
/// … and so much of it at once.
const AT_ONCE: usize = 8;
/// A message is tried again after two seconds, four, eight …, at last every so often.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(30);
/// What is counted is looked at so often.
const COUNTED_EVERY: SignedDuration = SignedDuration::from_secs(15);

/// What goes to the portal.
struct Call {
    path: &'static str,
    body: Bytes,
}

/// Tells, until it is stopped.
pub(super) fn worker(intake: Intake) -> Worker {
    Worker::new("tell-portal", move |stop| async move {
        let Some(client) = &intake.portal.client else { return };
        let (mut wait, mut counted_at) = (EVERY, Timestamp::MIN);
        loop {
            // What is left in the middle is told again once its claim has ended.
            let told = tokio::select! {
                () = stop.cancelled() => break,
                told = intake.tell_portal(client) => told,
            };
            wait = match told {
                Ok(None) => EVERY,
                Ok(Some(pause)) => (wait * 2).clamp(PAUSE, LONGEST_PAUSE).max(pause),
                Err(failure) => {
                    tracing::warn!(%failure, "the national portal is not told anything at present");
                    PAUSE
                }
            };
            let now = RealClock.now();
            if now.duration_since(counted_at) >= COUNTED_EVERY {
                counted_at = now;
                intake.count_portal().await;
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(wait) => {}
            }
        }
    })
}

impl Intake {
    /// Tells what is due; where the portal is away: how long it is not to be asked, as far as it said so.
    async fn tell_portal(&self, client: &Client) -> Result<Option<Duration>, Failure> {
        let province = self.versions.active().await?.value.code.clone();
        let now = RealClock.now();
        let due = store::due(self.outbox.database().read(), &province, now, MOST).await?;
        let away = OnceLock::new();
        let (province, away_now) = (&province, &away);
        futures::stream::iter(due)
            .for_each_concurrent(AT_ONCE, |message| async move {
                if away_now.get().is_some() {
                    return;
                }
                match self.tell_one(client, province, &message).await {
                    Ok(None) => {}
                    Ok(Some(pause)) => drop(away_now.set(pause)),
                    // It must not keep the others from it.
                    Err(failure) => {
                        let (code, number) = (&message.code, message.number);
                        tracing::warn!(code, number, %failure, "the national portal was not told");
                    }
                }
            })
            .await;
        Ok(away.into_inner())
    }

    /// Tells one message, unless another replica does; where the portal is away: as [`Intake::tell_portal`].
    async fn tell_one(
        &self,
        client: &Client,
        province: &str,
        message: &Message,
    ) -> Result<Option<Duration>, Failure> {
        let now = RealClock.now();
        // A login, the call, and both once more.
        let longest = client.config.patience() * 4 + Duration::from_secs(10);
        let until = later(now, SignedDuration::try_from(longest).map_err(Failure::broken)?);
        let (of, claimed) = (province.to_owned(), message.clone());
        let is_ours = self
            .outbox
            .database()
            .write(move |tx| Box::pin(async move { store::claim(tx, &of, &claimed, until).await }))
            .await?;
        if !is_ours {
            return Ok(None);
        }
        let attempt = message.attempts + 1;
        let call = match self.call(province, message).await {
            Ok(call) => call,
            Err(failure) => {
                let refusal = failure.rejection().filter(|_| !failure.is_transient());
                let told = match refusal {
                    Some(refusal) => Told::Refused(refusal.reason.clone()),
                    None => Told::Later(later(RealClock.now(), backoff(attempt)), "INTERNAL".to_owned()),
                };
                self.settle(province, message, attempt, told).await?;
                return Err(failure);
            }
        };
        let id = format!("{}/{}", message.code, message.number);
        let sha256 = digest::sha256(&call.body);
        let again = |pause: SignedDuration, why| Told::Later(later(RealClock.now(), pause), why);
        let (told, away) = match client.post::<Value>(call.path, &id, call.body).await {
            Ok(_) => (Told::Delivered(sha256), None),
            Err(Missed::Refused(why)) => {
                let (code, number) = (&message.code, message.number);
                tracing::warn!(code, number, why, "the national portal refuses");
                (Told::Refused(why), None)
            }
            Err(Missed::Failed(why)) => (again(backoff(attempt), why), None),
            Err(Missed::Away(why, pause)) => {
                let pause = pause.unwrap_or_default();
                let whole = Duration::try_from(pause).unwrap_or_default();
                (again(pause.max(backoff(attempt)), why), Some(whole))
            }
        };
        let outcome = match &told {
            Told::Delivered(_) => "delivered",
            Told::Later(..) => "later",
            Told::Refused(_) => "refused",
        };
        ATTEMPTS.add(1, &[("outcome", outcome)]);
        self.settle(province, message, attempt, told).await?;
        Ok(away)
    }

    async fn settle(
        &self,
        province: &str,
        message: &Message,
        attempt: i32,
        told: Told,
    ) -> Result<(), Failure> {
        let (of, message, now) = (province.to_owned(), message.clone(), RealClock.now());
        self.outbox
            .database()
            .write(move |tx| {
                Box::pin(async move { store::settle(tx, &of, &message, attempt, told, now).await })
            })
            .await
    }

    /// What a message says, opened from its seals for this.
    async fn call(&self, province: &str, message: &Message) -> Result<Call, Failure> {
        const PROGRESS: &str = "/hoso/trangthai";
        let conn = self.outbox.database().read();
        let active = self.versions.active().await?;
        let zone = active.value.clock.time_zone();
        let Some((id, brought)) = store::application(conn, province, &message.code).await? else {
            return Ok(Call { path: PROGRESS, body: client::json(&Progress::of(message, None, zone))? });
        };
        let missing = || Failure::broken(format!("{id} was accepted and is not here"));
        let dossier = reading::dossier(conn, province, id).await?.ok_or_else(missing)?;
        let words = self.written_words(province, message, &dossier).await?;
        let progress = Progress::of(message, words, zone);
        if message.number > 1 || brought {
            return Ok(Call { path: PROGRESS, body: client::json(&progress)? });
        }
        let applicant = dossier.applicant.open(&self.master_key, id)?;
        let erased = || Rejection::not_found("PERSON_ERASED", "the person was erased");
        let version = self.versions.at(dossier.application.province_version).await?;
        let unit = version.value.units.get(&dossier.application.received_at_unit);
        let accepted = body::Accepted {
            application: &dossier.application,
            receipt: &dossier.receipt,
            applicant: &applicant.ok_or_else(erased)?,
            received_at_code: unit.map(|unit| unit.code.clone()).unwrap_or_default(),
            handed_in_at: store::handed_in_at(conn, province, id).await?,
        };
        let body = client::json(&body::Dossier::of(&accepted, progress, zone))?;
        Ok(Call { path: "/hoso", body })
    }

    /// What an officer wrote to the applicant about this, where they did: of a supplement what is missing, of a refusal why.
    async fn written_words(
        &self,
        province: &str,
        message: &Message,
        dossier: &Dossier,
    ) -> Result<Option<String>, Failure> {
        let id = dossier.application.id;
        let is_refused = dossier.application.progress.status == Status::Refused;
        if !(message.national_code == 5 || (message.national_code == 9 && is_refused)) {
            return Ok(None);
        }
        if store::has_later(self.outbox.database().read(), province, message).await? {
            return Ok(None);
        }
        let Some(wrapped) = &dossier.applicant.wrapped_key else { return Ok(None) };
        let key = PersonKey::unwrap(&self.master_key, wrapped)?;
        let Some(all) = words::written(self.outbox.database().read(), province, id).await? else {
            return Ok(None);
        };
        if message.national_code == 5 {
            let reasons =
                all.supplement.map(|sealed| written::open_supplement(&key, id, sealed)).transpose()?;
            return Ok(reasons.map(|reasons| format!("Yêu cầu bổ sung hồ sơ: {}", reasons.join("; "))));
        }
        let reason = all.refusal.map(|sealed| written::open_refusal(&key, id, sealed)).transpose()?;
        Ok(reason.map(|reason| format!("Từ chối giải quyết hồ sơ: {reason}")))
    }

    async fn count_portal(&self) {
        let Ok(version) = self.versions.active().await else { return };
        match store::backlog(self.outbox.database().read(), &version.value.code).await {
            Ok(backlog) => {
                let count = |value: u64| f64::from(u32::try_from(value).unwrap_or(u32::MAX));
                WAITING.set(count(backlog.waiting.saturating_add(backlog.behind)), &[]);
                REFUSED.set(count(backlog.refused), &[]);
                FAILED.set(count(backlog.failed_arrivals), &[]);
            }
            Err(failure) => {
                tracing::debug!(%failure, "what the national portal is to be told was not counted")
            }
        }
    }
}

/// How long it is waited after so many attempts, within a quarter: those that failed together do not come back together.
pub(super) fn backoff(attempts: i32) -> SignedDuration {
    let exponent = u32::try_from(attempts.clamp(1, 16)).unwrap_or(1);
    let wait = SignedDuration::from_secs(2_i64.saturating_pow(exponent)).min(LONGEST_WAIT);
    let [chance] = random::bytes::<1>();
    wait * (192 + i32::from(chance) / 2) / 256
}

pub(super) fn later(now: Timestamp, pause: SignedDuration) -> Timestamp {
    now.saturating_add(pause).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_waited_longer_and_longer_but_never_for_ever() {
        for (attempts, seconds) in [(1, 2), (2, 4), (5, 32), (10, 1_024), (11, 1_800), (10_000, 1_800)] {
            for _ in 0..50 {
                let wait = backoff(attempts).as_millis();
                assert!((seconds * 750..=seconds * 1_250).contains(&wait), "{attempts}: {wait}");
            }
        }
    }
}
