//! Tells a citizen a fact: exactly one message per fact, person and channel, written down together with the memory
//! that the fact was seen. The mailbox holds it from then on; what goes out is only queued here.

mod news;

use jiff::{SignedDuration, Timestamp};
use phidia_domain::{
    Kind, Rejection,
    application::{Language, Pseudonym},
    id::{ApplicationId, EventId, MessageId, PersonId},
    notice::{self, Audience, Channel, Contact, Notice, State},
    preference::ContactPreferences,
    procedure::Text,
};
use phidia_runtime::{
    clock::{BusinessClock, RealClock},
    failure::Failure,
    ids::Ids,
    seal::{MasterKey, PersonKey, Sealed},
};
use sea_orm::DatabaseTransaction;

use crate::{
    hours::Hours,
    render::{Particulars, Renderer},
    store::{
        self, Message, Person, Recipient, delivery,
        digest::{self, Reader},
        preferences,
    },
};

pub(crate) use news::News;

/// The least by which one stored instant is behind another.
const INSTANT: SignedDuration = SignedDuration::from_micros(1);

/// A fact that somebody has to be told, as its source tells it.
#[derive(Clone, Debug)]
pub(crate) struct Told<N> {
    pub(crate) event: EventId,
    pub(crate) province: String,
    pub(crate) application: ApplicationId,
    pub(crate) occurred_at: Timestamp,
    /// Real time at which its source wrote it down.
    pub(crate) recorded_at: Timestamp,
    pub(crate) news: N,
}

/// What is kept of an application, to tell all that follows.
#[derive(Clone, Debug)]
pub(crate) struct Submission {
    pub(crate) person: PersonId,
    pub(crate) pseudonym: Option<Pseudonym>,
    pub(crate) wrapped_key: Vec<u8>,
    pub(crate) contact: Vec<u8>,
    pub(crate) language: Language,
    pub(crate) dossier_code: String,
    pub(crate) procedure: Text,
    pub(crate) return_at: Text,
    pub(crate) due_at: Option<Timestamp>,
}

/// Tells facts.
#[derive(Debug)]
pub(crate) struct Teller {
    pub(crate) ids: Ids,
    pub(crate) clock: RealClock,
    pub(crate) business: BusinessClock,
    pub(crate) hours: Hours,
    pub(crate) renderer: std::sync::Arc<Renderer>,
    pub(crate) master_key: std::sync::Arc<MasterKey>,
    /// The channels for which there is a provider.
    pub(crate) open: Vec<Channel>,
    /// Whether a telephone is used only where a person has agreed to it.
    pub(crate) ask_consent: bool,
    /// How long a fact waits for the application that it is about.
    pub(crate) recipient_wait: jiff::SignedDuration,
    /// The language in which units are addressed.
    pub(crate) office_language: Language,
}

impl Teller {
    /// Tells a fact, within the transaction that remembers it.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the application is not known yet: its source has not told it so far, and the fact
    /// is to come again.
    pub(crate) async fn tell(&self, tx: &DatabaseTransaction, told: Told<News>) -> Result<(), Failure> {
        let Some(notice) = notice::of(told.news.fact()) else { return Ok(()) };
        let recipient = match &told.news {
            News::Submitted(submission) => {
                let recipient = submission.recipient(told.application);
                store::keep_recipient(tx, &told.province, recipient.clone()).await?;
                recipient
            }
            news => {
                let known = store::find_recipient(tx, &told.province, told.application).await?;
                let mut known = known.ok_or_else(|| self.unknown(&told))?;
                if let Some(due_at) = news.promised() {
                    store::promise(tx, &told.province, told.application, due_at).await?;
                    known.due_at = Some(due_at);
                }
                if let News::Reopened { reached_before, .. } = news {
                    store::reopen(tx, &told.province, told.application, reached_before).await?;
                }
                known
            }
        };
        let Some(wrapped_key) = &recipient.person.wrapped_key else {
            // Erased: nobody is left to be told. That the fact was seen is kept in the inbox.
            tracing::info!(application = %told.application, "nobody is told: the person was erased");
            return Ok(());
        };
        if let News::Moved { work_item, .. } = &told.news
            && work_item.is_before(&recipient.reached_before)
        {
            // It was opened again since.
            return Ok(());
        }
        // Routing and processing tell of one application at once, and a move may be outrun by whoever had it before.
        let mut occurred_at = told.occurred_at;
        if !matches!(told.news, News::Submitted(_) | News::Opened { .. }) {
            let before = store::told_so_far(tx, &told.province, told.application).await?;
            let outrun = |told: &Message| notice.is_outrun_by(told.notice);
            // What was told before it was opened again outruns nothing that comes after.
            let reopened = before.iter().rposition(|told| told.notice == Notice::CaseReopened);
            let since = before.get(reopened.map_or(0, |last| last + 1)..).unwrap_or_default();
            if since.iter().any(outrun) {
                // Who has the outcome needs no word of where it was to be worked on.
                return Ok(());
            }
            // What is told later stands later: behind a reopening also what would stand before it at the same instant.
            let behind = reopened.and_then(|last| before[last].occurred_at.checked_add(INSTANT).ok());
            let told_at = before.iter().map(|before| before.occurred_at);
            occurred_at = told_at.chain(behind).fold(occurred_at, Timestamp::max);
        }
        let contact = if self.open.is_empty() { None } else { self.open(&recipient, wrapped_key) };
        let said = match contact {
            Some(_) => preferences::find(tx, &told.province, recipient.person.preferring()).await?,
            None => ContactPreferences::default(),
        };

        let offices = told.news.offices(recipient.language);
        let detail = told.news.detail(recipient.language, &offices);
        let words = self.renderer.message(
            notice,
            recipient.language,
            &Particulars {
                dossier_code: &recipient.dossier_code,
                procedure: in_language(&recipient.procedure, recipient.language),
                return_at: in_language(&recipient.return_at, recipient.language),
                due_at: recipient.due_at,
                occurred_at: told.occurred_at,
                detail,
            },
        )?;
        let expires_at = notice.expiry().at(told.news.limit(), recipient.due_at);
        // That they are reached elsewhere is told where they were reached before.
        let before = matches!(told.news, News::ContactCorrected { .. });
        let sealed = before.then(|| recipient.contact.clone());
        // One mailbox for each application.
        let kept = [(Audience::Applicant, Channel::InApp)];
        let sent = contact.map(|contact| self.ways(notice, &contact, said)).unwrap_or_default();
        let mut in_mailbox = None;
        for (audience, channel) in kept.into_iter().chain(sent) {
            if audience == Audience::Applicant && said.gather(notice, channel) {
                if let Some(message) = in_mailbox {
                    let reader = Reader::Person(recipient.person.preferring());
                    self.gather(tx, &told.province, message, reader, expires_at).await?;
                }
                continue;
            }
            let now = self.clock.now();
            let state = channel.first_state();
            let is_kept = state == State::Sent;
            // In few words to a telephone.
            let text = match channel {
                Channel::Sms => self.renderer.sms(notice, recipient.language, &words.told)?,
                Channel::InApp | Channel::Email | Channel::Zalo => None,
            };
            let text = text.map(|text| (text.text, text.version));
            let (body, version) = text.unwrap_or_else(|| (words.body.clone(), words.version));
            let message = Message {
                province: told.province.clone(),
                id: self.ids.mint(occurred_at),
                event: told.event,
                application: told.application,
                unit: None,
                audience,
                channel,
                notice,
                template_version: version,
                language: recipient.language,
                subject: words.subject.clone(),
                body,
                state,
                occurred_at,
                sent_at: is_kept.then_some(now),
                attempts: u32::from(is_kept),
                failure: String::new(),
                told_with: (channel == Channel::InApp).then(|| words.told.clone()),
                provider: None,
                provider_ref: None,
                expires_at: expires_at.filter(|_| !is_kept),
                resends: 0,
            };
            if store::add_message(tx, message.clone()).await? {
                if is_kept {
                    in_mailbox = Some(message.id);
                } else {
                    delivery::queue(tx, &message, sealed.clone(), None, now).await?;
                }
            }
        }
        if let News::ContactCorrected { contact } = told.news {
            store::reach(tx, &told.province, told.application, contact).await?;
        }
        Ok(())
    }

    /// Has what stands in a mailbox wait for the next letter of the day.
    pub(crate) async fn gather(
        &self,
        tx: &DatabaseTransaction,
        province: &str,
        message: MessageId,
        reader: Reader,
        expires_at: Option<Timestamp>,
    ) -> Result<(), Failure> {
        let now = self.clock.now();
        let rest = self.hours.until_letter(reader, self.business.now()).await?;
        let due_at = now.saturating_add(rest).unwrap_or(Timestamp::MAX);
        let item = digest::Item { province: province.to_owned(), message, reader, due_at, expires_at };
        digest::queue(tx, item).await
    }

    /// Who is written to, and over what.
    fn ways(&self, notice: Notice, contact: &Contact, said: ContactPreferences) -> Vec<(Audience, Channel)> {
        let mut ways = Vec::new();
        for audience in [Audience::Applicant, Audience::Proxy] {
            let Some(to) = contact.of(audience) else { continue };
            let over = notice::channels(notice, &to, &open_to(&self.open, audience, said, self.ask_consent));
            ways.extend(over.into_iter().map(|channel| (audience, channel)));
        }
        // Both of one household are told once.
        ways.retain(|(audience, channel)| contact.reached_over(*channel).contains(audience));
        ways
    }

    /// The contact, if it opens. One that does not must not keep the mailbox from being filled: that would
    /// leave all that follows for the application without anybody to tell.
    fn open(&self, recipient: &Recipient, wrapped_key: &[u8]) -> Option<Contact> {
        open(&self.master_key, recipient, wrapped_key)
            .inspect_err(|_| {
                tracing::warn!(application = %recipient.application, "the contact does not open; no e-mail is sent");
            })
            .ok()
    }

    pub(crate) fn unknown<N>(&self, told: &Told<N>) -> Failure {
        let age = self.clock.now().duration_since(told.recorded_at);
        let (kind, message) = if age < self.recipient_wait {
            (Kind::Unavailable, "intake has not told of this application yet")
        } else {
            (
                Kind::Precondition,
                "intake has not told of this application in time; replay the event once it has",
            )
        };
        Rejection::new(kind, "RECIPIENT_UNKNOWN", message).into()
    }
}

/// The channels over which somebody may be told, of those that there are. What the person has said is not said of whoever acts for them.
pub(crate) fn open_to(
    there_are: &[Channel],
    audience: Audience,
    said: ContactPreferences,
    ask_consent: bool,
) -> Vec<Channel> {
    let said = if audience == Audience::Applicant { said } else { ContactPreferences::default() };
    there_are.iter().copied().filter(|channel| said.allow(*channel, ask_consent)).collect()
}

/// How to reach a recipient.
pub(crate) fn open(
    master: &MasterKey,
    recipient: &Recipient,
    wrapped_key: &[u8],
) -> Result<Contact, Failure> {
    let key = PersonKey::unwrap(master, wrapped_key)?;
    let sealed = Sealed::<Contact>::from_bytes(recipient.contact.clone());
    sealed.open(&key, &Contact::context(recipient.person.id))
}

impl Submission {
    fn recipient(&self, application: ApplicationId) -> Recipient {
        Recipient {
            application,
            person: Person {
                id: self.person,
                wrapped_key: Some(self.wrapped_key.clone()),
                pseudonym: self.pseudonym,
            },
            contact: self.contact.clone(),
            language: self.language,
            dossier_code: self.dossier_code.clone(),
            procedure: self.procedure.clone(),
            return_at: self.return_at.clone(),
            due_at: self.due_at,
            reached_before: Vec::new(),
        }
    }
}

/// A name in a language; Vietnamese, the language of law, where it has no other.
pub(crate) fn in_language(text: &Text, language: Language) -> &str {
    match language {
        Language::En if !text.en.is_empty() => &text.en,
        Language::En | Language::Vi => &text.vi,
    }
}
