//! Whoever has the receipt says what they think of how it was dealt with, once it has ended. What else they say goes no further than the
//! unit that received it: the fact tells the rating alone.

use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection,
    application::{Given, Rating, Received},
    caller::{Caller, Role},
    id::ApplicationId,
};
use phidia_outbox::NewEvent;
use phidia_proto::{
    convert::{wire_rating, wire_timestamp},
    events::v1::{ApplicationRated, event::Fact},
};
use phidia_runtime::{
    context::Context,
    failure::Failure,
    seal::{PersonKey, Sealed},
};

use crate::{
    Intake,
    record::RatingRecord,
    store::{progress, ratings, reading, words},
};

impl Intake {
    /// Takes a rating in, and answers which application it is about and when it was given. Given again, nothing changes.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` for the system of an agency; `NOT_FOUND` for a wrong dossier code and for a wrong check code alike; those of [`Rating::give`]; `FAILED_PRECONDITION` after too
    /// many wrong codes.
    pub(crate) async fn rate(
        &self,
        caller: &Caller,
        dossier_code: &str,
        check_code: &str,
        rating: Rating,
        comment: String,
    ) -> Result<(ApplicationId, Timestamp), Failure> {
        if caller.role == Role::System && caller.unit.is_some() {
            let message = "the system of an agency does not rate what its own house has done";
            return Err(Rejection::new(Kind::Forbidden, "AGENCY_RATES_ITSELF", message).into());
        }
        let id = self.by_receipt(caller, dossier_code, check_code).await?;
        let province = self.versions.active().await?.value.code.clone();
        let found = reading::with_receipt(self.outbox.database().read(), &province, id).await?;
        let gone = || Failure::broken(format!("{id} was here and is no more"));
        let received_at_unit = found.ok_or_else(gone)?.0.received_at_unit;
        let (now, actor, master_key) = (self.business.now(), caller.actor(), self.master_key.clone());
        let traceparent = Context::current().map(|context| context.trace.to_string()).unwrap_or_default();
        let rated_at = self
            .outbox
            .write(move |tx, facts| {
                Box::pin(async move {
                    let unknown =
                        || Rejection::not_found("UNKNOWN_APPLICATION", "no application has this id");
                    let (progress, ..) = progress::lock(tx, &province, id).await?.ok_or_else(unknown)?;
                    let key = words::wrapped_key(tx, &province, id).await?;
                    let key = key.map(|wrapped| PersonKey::unwrap(&master_key, &wrapped)).transpose()?;
                    // Of whom was erased nothing is kept.
                    let comment = key.as_ref().map_or_else(String::new, |_| comment);
                    let last = ratings::last(tx, &province, id).await?;
                    let number = last.as_ref().map_or(1, |last| last.number + 1);
                    let ended_at = progress.finished.map_or(now, |finish| finish.at);
                    // Also where a replica of the version before has opened it again, and did not know of ratings.
                    let counts = last.filter(|last| last.reopened_at.is_none() && last.ended_at == ended_at);
                    let said = counts.as_ref().map(|given| given.comment(key.as_ref())).transpose()?;
                    let given = counts.as_ref().zip(said.as_ref()).map(|(given, said)| Given {
                        rating: given.rating,
                        comment: said.as_deref(),
                        at: given.at,
                    });
                    if let Received::Before(at) = rating.give(&comment, progress.status, given)? {
                        return Ok(at);
                    }
                    let sealed = key.filter(|_| !comment.is_empty());
                    let sealed = sealed.map(|key| Sealed::seal(&key, &context(id, number), &comment));
                    let record = RatingRecord {
                        application: id,
                        number,
                        received_at_unit,
                        rating,
                        comment: sealed.transpose()?.map(Sealed::into_bytes),
                        at: now,
                        ended_at,
                        reopened_at: None,
                    };
                    ratings::insert(tx, &province, record).await?;
                    let ended_at = Some(wire_timestamp(ended_at));
                    let rated = ApplicationRated {
                        rating: wire_rating(rating).into(),
                        rated_at: Some(wire_timestamp(now)),
                        ended_at,
                    };
                    facts.tell(NewEvent {
                        province,
                        application: id,
                        occurred_at: now,
                        actor,
                        cause: None,
                        traceparent,
                        fact: Fact::ApplicationRated(rated),
                    });
                    Ok(now)
                })
            })
            .await?;
        Ok((id, rated_at))
    }
}

impl RatingRecord {
    /// What was said with it, perhaps nothing; none: it cannot be read any more, for the person was erased.
    pub(crate) fn comment(&self, key: Option<&PersonKey>) -> Result<Option<String>, Failure> {
        let Some(sealed) = &self.comment else { return Ok(Some(String::new())) };
        let open = |key| {
            Sealed::<String>::from_bytes(sealed.clone()).open(key, &context(self.application, self.number))
        };
        key.map(open).transpose()
    }
}

fn context(id: ApplicationId, number: i32) -> String {
    format!("intake.rating/{id}/{number}")
}
