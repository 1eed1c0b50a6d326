//! What is handed in after the application itself, by whoever has the receipt: a supplement, or that it is withdrawn. And what
//! follows when a supplement is not handed in: intake alone knows that, so it says so, and no supplement can come in between.

use std::time::Duration;

use jiff::Timestamp;
use phidia_domain::{
    application::{Received, Standing, Stop},
    caller::Caller,
    case::StopGround,
    id::{ApplicationId, AttachmentId},
};
use phidia_outbox::NewEvent;
use phidia_proto::{
    convert::{wire_stop_ground, wire_timestamp},
    events::v1::{StopRequested, SupplementReceived, event::Fact},
};
use phidia_runtime::{context::Context, failure::Failure, service::Worker};
use tokio_util::sync::CancellationToken;

use crate::{
    Intake, NAME,
    attachments::attach,
    store::progress::{self, Overdue},
};

/// How often it is looked for what has lapsed.
const EVERY: Duration = Duration::from_secs(30);

/// So much is ended in one look.
const MOST: u64 = 500;

/// What the holder of a receipt hands in.
#[derive(Clone, Debug)]
pub(crate) enum Later {
    /// What they were asked to supplement, with these files; where it was handed in before it came here: when.
    Supplement { attachments: Vec<AttachmentId>, handed_in_at: Option<Timestamp> },
    /// That they withdraw the application.
    Withdrawal,
}

impl Intake {
    /// Takes it in, and answers which application it is about and when it was received. Handed in again, nothing changes.
    ///
    /// # Errors
    /// `NOT_FOUND` for a wrong dossier code and for a wrong check code alike; `FAILED_PRECONDITION` for what the application
    /// does not allow any more, or not yet; those of [`attach::attach`] and [`attach::check_attached`].
    pub(crate) async fn hand_in_later(
        &self,
        caller: &Caller,
        dossier_code: &str,
        check_code: &str,
        later: Later,
    ) -> Result<(ApplicationId, Timestamp), Failure> {
        let id = self.by_receipt(caller, dossier_code, check_code).await?;
        Ok((id, self.receive_later(caller, id, later).await?))
    }

    /// Takes it in for whoever needs no receipt, and answers when it was received.
    ///
    /// # Errors
    /// As [`Intake::hand_in_later`], but for those of the receipt.
    pub(crate) async fn receive_later(
        &self,
        caller: &Caller,
        id: ApplicationId,
        later: Later,
    ) -> Result<Timestamp, Failure> {
        let province = self.versions.active().await?.value.code.clone();
        let (now, caller) = (self.business.now(), caller.clone());
        let traceparent = Context::current().map(|context| context.trace.to_string()).unwrap_or_default();
        self.outbox
            .write(move |tx, facts| {
                Box::pin(async move {
                    let mut standing = progress::lock_standing(tx, &province, id).await?;
                    let received = match &later {
                        Later::Supplement { handed_in_at, .. } => {
                            standing.supplement(handed_in_at.unwrap_or(now).min(now))?
                        }
                        Later::Withdrawal => standing.withdraw()?,
                    };
                    if let Received::Before(at) = received {
                        if let Later::Supplement { attachments, .. } = &later {
                            attach::check_attached(tx, &province, attachments, id).await?;
                        }
                        return Ok(at);
                    }
                    let fact = match later {
                        Later::Supplement { attachments, .. } => {
                            let before = attach::attached_before(tx, &province, &attachments, id).await?;
                            // It was the answer to an earlier question, and is none to this.
                            if let Some(at) = before {
                                return Ok(at);
                            }
                            attach::attach(tx, &province, &caller, &attachments, id, now).await?;
                            standing.supplement.iter_mut().for_each(|wanted| wanted.received_at = Some(now));
                            Fact::SupplementReceived(SupplementReceived {
                                received_at: Some(wire_timestamp(now)),
                            })
                        }
                        Later::Withdrawal => stop(&mut standing, StopGround::Withdrawn, now),
                    };
                    progress::save_standing(tx, &province, id, &standing).await?;
                    facts.tell(event(province, id, now, caller.actor(), traceparent, fact));
                    Ok(now)
                })
            })
            .await
    }

    /// Ends what was not supplemented in time; answers how much of it there was.
    async fn lapse(&self, stop: &CancellationToken) -> Result<usize, Failure> {
        let (now, mut ended, mut after) = (self.business.now(), 0, None);
        loop {
            let some = progress::overdue(self.outbox.database().read(), now, after, MOST).await?;
            let Some(last) = some.last() else { return Ok(ended) };
            after = Some((last.until, last.id));
            for overdue in some {
                if stop.is_cancelled() {
                    return Ok(ended);
                }
                let id = overdue.id;
                match self.lapse_one(overdue, now).await {
                    Ok(lapsed) => ended += usize::from(lapsed),
                    // It must not keep the others from it.
                    Err(failure) => tracing::warn!(application = %id, %failure, "it did not lapse"),
                }
            }
        }
    }

    /// Ends one, unless it was supplemented or withdrawn meanwhile, or may have been at the national portal.
    async fn lapse_one(&self, overdue: Overdue, now: Timestamp) -> Result<bool, Failure> {
        if self.portal_may_bring_supplement(&overdue).await? {
            return Ok(false);
        }
        let lapsed = self.outbox.write(move |tx, facts| {
            Box::pin(async move {
                let Overdue { province, id, .. } = overdue;
                let mut standing = progress::lock_standing(tx, &province, id).await?;
                if !standing.lapses(now) {
                    return Ok(false);
                }
                let fact = stop(&mut standing, StopGround::Lapsed, now);
                progress::save_standing(tx, &province, id, &standing).await?;
                let actor = format!("service/{NAME}");
                facts.tell(event(province, id, now, actor, String::new(), fact));
                Ok(true)
            })
        });
        lapsed.await
    }
}

/// Looks every half a minute, at once when the process begins, and when it is known what the national portal brings.
pub(crate) fn worker(intake: Intake) -> Worker {
    Worker::new("lapse", move |stop| async move {
        let mut looks = intake.portal.looks();
        loop {
            match intake.lapse(&stop).await {
                Ok(0) => {}
                Ok(ended) => tracing::info!(ended, "applications were not supplemented in time"),
                Err(failure) => tracing::warn!(%failure, "it was not looked for what has lapsed"),
            }
            tokio::select! {
                () = stop.cancelled() => break,
                Ok(()) = looks.changed() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    })
}

fn stop(standing: &mut Standing, ground: StopGround, now: Timestamp) -> Fact {
    standing.stop = Some(Stop { ground, asked_at: now });
    Fact::StopRequested(StopRequested { ground: wire_stop_ground(ground).into() })
}

fn event(
    province: String,
    application: ApplicationId,
    occurred_at: Timestamp,
    actor: String,
    traceparent: String,
    fact: Fact,
) -> NewEvent {
    NewEvent { province, application, occurred_at, actor, cause: None, traceparent, fact }
}
