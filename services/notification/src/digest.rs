//! Writes the letters of the day: gathers what waits for somebody into one message, which goes out as any other. What a letter tells stands in
//! the mailboxes already; of the letter only how much that is is kept, and the rest is put behind it when it is sent. So whoever may read the
//! messages of one application reads nothing of another one of that person there. Who a person is, they say themselves: so to an address goes only
//! what is about applications that were handed in with it.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use phidia_domain::{
    application::Language,
    digest::MOST_THINGS,
    id::{ApplicationId, MessageId},
    notice::{Addressee, Audience, Channel, Notice},
};
use phidia_outbox::Outbox;
use phidia_runtime::{
    clock::{BusinessClock, RealClock},
    database::alone,
    failure::Failure,
    ids::Ids,
    seal::MasterKey,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use tokio_util::sync::CancellationToken;

use crate::{
    deliver::Wake,
    hours::Hours,
    render::{Detail, Particulars, Renderer},
    store::{
        self, Message, Recipient, delivery,
        digest::{self, Due, Item, LeftOut, Reader},
        preferences,
    },
    tell::{self, in_language},
};

/// So many things are gathered into one letter at most, told or only counted; what is left waits for another one.
const MOST_GATHERED: u64 = 1_000;
/// What falls due so soon after goes along: what waits for one morning was not queued by one reading of both clocks.
const ALONG: SignedDuration = SignedDuration::from_mins(10);
/// Among so many things it is looked for those whose letters are due.
const AT_ONCE: u64 = 500;
/// Whoever found nothing to do with what is due rests so long.
const AT_LEAST: Duration = Duration::from_secs(1);

/// Who writes them. All replicas do: each letter is written by one.
#[derive(Clone, Debug)]
pub(crate) struct Digests {
    pub(crate) outbox: Outbox,
    pub(crate) ids: Ids,
    pub(crate) clock: RealClock,
    pub(crate) business: BusinessClock,
    pub(crate) hours: Hours,
    pub(crate) renderer: Arc<Renderer>,
    pub(crate) master_key: Arc<MasterKey>,
    pub(crate) office_language: Language,
    /// How often it is looked for what another process has queued.
    pub(crate) poll: Duration,
    pub(crate) wake: Wake,
}

impl Digests {
    /// Writes letters until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) {
        loop {
            let rest = match self.round().await {
                Ok(rest) => rest,
                Err(error) => {
                    tracing::warn!(%error, "letters of the day wait: the store does not answer");
                    self.poll
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(rest) => {}
            }
        }
    }

    async fn round(&self) -> Result<Duration, Failure> {
        self.write_due().await?;
        let due = digest::next_due(self.outbox.database().read()).await?;
        let until = due.map(|due| due.duration_since(self.clock.now()));
        let until = until.map(|until| Duration::try_from(until).unwrap_or_default().max(AT_LEAST));
        Ok(until.map_or(self.poll, |until| until.min(self.poll)))
    }

    /// Writes the letters that are due.
    pub(crate) async fn write_due(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        loop {
            let readers = digest::readers(self.outbox.database().read(), now, AT_ONCE).await?;
            if readers.is_empty() {
                return Ok(());
            }
            let mut failed = None;
            for (province, reader) in readers {
                match self.write_to(province, reader, now).await {
                    Ok(true) => self.wake.all(),
                    Ok(false) => {}
                    // Others do not wait for that one.
                    Err(error) => failed = Some(error),
                }
            }
            if let Some(error) = failed {
                return Err(error);
            }
        }
    }

    /// Writes what is due for somebody. Whether there is anything to tell them.
    async fn write_to(&self, province: String, reader: Reader, now: Timestamp) -> Result<bool, Failure> {
        let is_written_to = match reader {
            Reader::Person(_) => true,
            Reader::Unit(unit) => self.hours.letterbox(unit).await?.is_some(),
        };
        let whole = self.clone();
        let written = self.outbox.write(move |tx, _| {
            Box::pin(async move { whole.write(tx, &province, reader, is_written_to, now).await })
        });
        written.await
    }

    /// Writes what is due for somebody: one letter to each of their addresses, and most have one. Whether there is anything to tell them.
    async fn write(
        &self,
        tx: &DatabaseTransaction,
        province: &str,
        reader: Reader,
        is_written_to: bool,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        // Two replicas would each write a letter of what the other one has not taken.
        alone(tx, &format!("digest/{province}/{}", reader.key())).await?;
        let along = now.saturating_add(ALONG).unwrap_or(now);
        let Due { things, gone } = digest::due(tx, province, reader, along, MOST_GATHERED).await?;
        digest::settle(tx, province, gone, Err(LeftOut::Gone), now).await?;
        let mut about: Vec<ApplicationId> = things.iter().map(|(_, thing)| thing.application).collect();
        about.sort_unstable();
        about.dedup();
        let known = store::find_recipients(tx, province, &about).await?;
        let judge = Judge {
            wants_it: match reader {
                // A letter of the day is e-mail, to which nobody needs to agree.
                Reader::Person(person) => {
                    preferences::find(tx, province, person).await?.allow(Channel::Email, false)
                }
                Reader::Unit(_) => true,
            },
            is_written_to,
            outcomes: match reader {
                Reader::Person(_) => digest::outcomes(tx, province, &about).await?,
                Reader::Unit(_) => Vec::new(),
            },
            known: &known,
            master_key: &self.master_key,
            business_now: self.business.now(),
        };
        let mut letters: Vec<(To, Vec<Message>)> = Vec::new();
        for (item, thing) in things {
            match judge.of(&item, &thing) {
                Err(why) => {
                    tracing::info!(message = %thing.id, ?why, "left out of the letter of the day");
                    digest::settle(tx, province, [thing.id], Err(why), now).await?;
                }
                Ok(to) => match letters.iter_mut().find(|(other, _)| other.is(&to)) {
                    Some((_, told)) => told.push(thing),
                    None => letters.push((to, vec![thing])),
                },
            }
        }
        for (_, told) in &letters {
            let Some(letter) = self.letter(reader, told, &known)? else { continue };
            if !store::add_message(tx, letter.clone()).await? {
                return Err(Failure::broken("there is a letter of the day of what still waits for one"));
            }
            delivery::queue(tx, &letter, None, None, now).await?;
            digest::settle(tx, province, told.iter().map(|thing| thing.id), Ok(letter.id), now).await?;
        }
        Ok(!letters.is_empty())
    }

    /// The letter that tells these things, in their order; none: there are none.
    fn letter(
        &self,
        reader: Reader,
        told: &[Message],
        known: &[Recipient],
    ) -> Result<Option<Message>, Failure> {
        let (Some(first), Some(last)) = (told.first(), told.last()) else { return Ok(None) };
        // It stands with the newest: ids follow each other.
        let newest = told.iter().map(|thing| thing.application).max();
        let Some(about) = known.iter().find(|known| Some(known.application) == newest) else {
            return Err(Failure::broken("a message tells of an application that is not known"));
        };
        let (notice, unit, audience, language) = match reader {
            Reader::Person(_) => (Notice::Digest, None, Audience::Applicant, about.language),
            Reader::Unit(unit) => {
                (Notice::OfficeDigest, Some(unit), Audience::Unit(unit), self.office_language)
            }
        };
        let (count, more) = (told.len(), told.len().saturating_sub(MOST_THINGS));
        let words = self.renderer.message(
            notice,
            language,
            &Particulars {
                dossier_code: &about.dossier_code,
                procedure: in_language(&about.procedure, language),
                return_at: in_language(&about.return_at, language),
                due_at: about.due_at,
                occurred_at: last.occurred_at,
                detail: Detail::Digest { count, more },
            },
        )?;
        Ok(Some(Message {
            province: first.province.clone(),
            id: self.ids.mint::<MessageId>(last.occurred_at),
            // No other letter can begin with it.
            event: first.event,
            application: about.application,
            unit,
            audience,
            channel: Channel::Email,
            notice,
            template_version: words.version,
            language,
            subject: words.subject,
            body: words.body,
            state: Channel::Email.first_state(),
            // It comes behind what it tells, and before nothing that is told later.
            occurred_at: last.occurred_at,
            sent_at: None,
            attempts: 0,
            failure: String::new(),
            told_with: Some(words.told),
            provider: None,
            provider_ref: None,
            expires_at: None,
            resends: 0,
        }))
    }
}

/// Whom a letter goes to.
enum To {
    /// A person, there.
    Person(Addressee),
    /// The unit.
    Office,
}

impl To {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Person(one), Self::Person(other)) => one.is_at(other, Channel::Email),
            (Self::Office, Self::Office) => true,
            (Self::Person(_), Self::Office) | (Self::Office, Self::Person(_)) => false,
        }
    }
}

/// What is known when a letter is written.
struct Judge<'k> {
    wants_it: bool,
    is_written_to: bool,
    outcomes: Vec<(ApplicationId, Notice, Timestamp)>,
    known: &'k [Recipient],
    master_key: &'k MasterKey,
    business_now: Timestamp,
}

impl Judge<'_> {
    /// Where something is told, or why it is left out.
    fn of(&self, item: &Item, thing: &Message) -> Result<To, LeftOut> {
        let is_outrun = |(application, outcome, at): &(ApplicationId, Notice, Timestamp)| {
            *application == thing.application
                // One from before it was opened again outruns nothing.
                && *at >= thing.occurred_at
                && thing.notice.is_outrun_by(*outcome)
        };
        if !self.wants_it {
            return Err(LeftOut::Declined);
        }
        if item.expires_at.is_some_and(|at| at <= self.business_now) {
            return Err(LeftOut::Expired);
        }
        if self.outcomes.iter().any(is_outrun) {
            return Err(LeftOut::Outrun);
        }
        match thing.unit {
            Some(_) if self.is_written_to => Ok(To::Office),
            Some(_) => Err(LeftOut::NoAddress),
            None => reached(self.known, self.master_key, thing).map(To::Person),
        }
    }
}

/// Where the person whom a message is about is written to.
fn reached(known: &[Recipient], master_key: &MasterKey, thing: &Message) -> Result<Addressee, LeftOut> {
    let about = known.iter().find(|known| known.application == thing.application);
    let key = about.and_then(|about| Some((about, about.person.wrapped_key.as_deref()?)));
    let (about, key) = key.ok_or(LeftOut::Erased)?;
    let own = tell::open(master_key, about, key).map(|contact| contact.own());
    own.ok().filter(|own| own.is_reached_over(Channel::Email)).ok_or(LeftOut::NoAddress)
}

/// All that a letter of the day says there, the things themselves behind what is kept of it; none: they are forgotten, or are told elsewhere
/// by now.
pub(crate) async fn in_full(
    conn: &impl ConnectionTrait,
    master_key: &MasterKey,
    letter: &Message,
    to: &Addressee,
) -> Result<Option<String>, Failure> {
    let mut told = digest::told_by(conn, letter).await?;
    // As many as it says that there is room for.
    told.truncate(MOST_THINGS);
    if letter.unit.is_none() {
        let about: Vec<ApplicationId> = told.iter().map(|thing| thing.application).collect();
        let known = store::find_recipients(conn, &letter.province, &about).await?;
        let is_there = |own: Addressee| own.is_at(to, Channel::Email);
        told.retain(|thing| reached(&known, master_key, thing).is_ok_and(is_there));
    }
    if told.is_empty() {
        return Ok(None);
    }
    let things =
        (1..).zip(&told).map(|(number, thing)| format!("\n\n{number}. {}\n\n{}", thing.subject, thing.body));
    Ok(Some(letter.body.clone() + &things.collect::<String>()))
}
