//! Tells a citizen a fact: exactly one message per fact, person and channel, written down together with the memory
//! that the fact was seen. The mailbox holds it from then on; what goes out is only queued here.

use jiff::{SignedDuration, Timestamp};
use phidia_domain::{
    Kind, Rejection,
    application::{Language, Pseudonym},
    case::{HandOverWay, StopGround, Wait},
    id::{ApplicationId, EventId, MessageId, PersonId},
    notice::{self, Audience, Channel, Contact, Fact, Notice, State},
    preference::ContactPreferences,
    procedure::Text,
    work_item::WorkItem,
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
    render::{Detail, Particulars, Renderer},
    store::{
        self, Message, Person, Recipient, delivery,
        digest::{self, Reader},
        preferences,
    },
};

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

/// What came true.
#[derive(Clone, Debug)]
pub(crate) enum News {
    /// The application was accepted.
    Submitted(Submission),
    /// A unit works on it.
    Opened {
        /// The unit's name.
        unit: Text,
    },
    /// Another unit works on it than was told before.
    Moved {
        /// What it works on.
        work_item: WorkItem,
        /// The unit's name.
        unit: Text,
        /// Why, in two sentences.
        why: Text,
    },
    /// They are asked to supplement it.
    SupplementRequested {
        /// Name of the unit that asks.
        unit: Text,
        /// What is missing or wrong, in the officer's words.
        reasons: Vec<String>,
        /// Until when.
        until: Timestamp,
    },
    /// They are to pay something.
    PaymentRequested {
        /// Name of the unit that asks.
        unit: Text,
        /// In đồng.
        amount_dong: i64,
        /// In the officer's words.
        purpose: String,
    },
    /// Other offices are asked.
    Referred {
        /// Name of the unit that asks.
        unit: Text,
        /// Names of those that are asked.
        offices: Vec<Text>,
        /// When the last answer is due.
        answer_due: Timestamp,
    },
    /// Whoever it waited for has done their part, and it goes on.
    Resumed {
        /// Name of the unit that works on it.
        unit: Text,
        /// What is promised from now on.
        due_at: Option<Timestamp>,
        /// Whom it waited for.
        waited_for: Wait,
        /// The new appointment that they were given before, as it is from now on.
        appointment_at: Option<Timestamp>,
    },
    /// It will be later than promised.
    Postponed {
        /// Name of the unit that apologises.
        unit: Text,
        /// Why, in the officer's words.
        reason: String,
        /// The new appointment.
        appointment_at: Timestamp,
    },
    /// Another date is promised, by a decision on days off.
    Replanned {
        /// What was promised before.
        before: Option<Timestamp>,
        /// What is promised from now on.
        due_at: Timestamp,
        /// The new appointment that they were given before, as it is from now on.
        appointment_at: Option<Timestamp>,
        /// The decision.
        decision: String,
    },
    /// The result was issued as a file.
    Issued {
        /// Of the file.
        media_type: String,
        /// Of the file, in hexadecimal digits.
        sha256: String,
    },
    /// The result was handed over.
    HandedOver {
        /// How.
        way: HandOverWay,
        /// Name of the unit that did.
        unit: Text,
    },
    /// What was decided is opened again.
    Reopened {
        /// The decision.
        decision: String,
        /// Name of the unit that works on it; none: it is not found yet.
        unit: Option<Text>,
        /// What is promised from now on.
        due_at: Option<Timestamp>,
        /// Whether a result was withdrawn by it.
        withdrawn: bool,
        /// The last work item of each step that it had come to before.
        reached_before: Vec<WorkItem>,
    },
    /// They are reached elsewhere from now on.
    ContactCorrected {
        /// Sealed.
        contact: Vec<u8>,
    },
    /// It has ended without a decision.
    Stopped(StopGround),
    /// It is finished.
    Completed {
        /// With a grant, or with a refusal.
        granted: bool,
        /// No later than promised.
        on_time: bool,
        /// In the officer's words; empty when granted.
        refusal_reason: String,
    },
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

impl News {
    fn offices(&self, language: Language) -> Vec<&str> {
        match self {
            Self::Referred { offices, .. } => {
                offices.iter().map(|office| in_language(office, language)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn fact(&self) -> Fact {
        match self {
            Self::Submitted(_) => Fact::Submitted,
            Self::Opened { .. } => Fact::CaseOpened,
            Self::Moved { .. } => Fact::Moved,
            Self::SupplementRequested { .. } => Fact::SupplementRequested,
            Self::PaymentRequested { .. } => Fact::PaymentRequested,
            Self::Referred { .. } => Fact::Referred,
            Self::Resumed { .. } => Fact::Resumed,
            Self::Postponed { .. } => Fact::Postponed,
            Self::Replanned { .. } => Fact::Replanned,
            Self::Issued { .. } => Fact::ResultIssued,
            Self::HandedOver { .. } => Fact::ResultHandedOver,
            Self::ContactCorrected { .. } => Fact::ContactCorrected,
            Self::Reopened { .. } => Fact::Reopened,
            Self::Stopped(ground) => Fact::Stopped(*ground),
            Self::Completed { granted, .. } => Fact::Completed { granted: *granted },
        }
    }

    /// What is promised from now on; none: what was before.
    fn promised(&self) -> Option<Timestamp> {
        match self {
            Self::Resumed { due_at, .. } | Self::Reopened { due_at, .. } => *due_at,
            Self::Replanned { due_at, .. } => Some(*due_at),
            _ => None,
        }
    }

    /// By when it asks for something.
    fn limit(&self) -> Option<Timestamp> {
        match self {
            Self::SupplementRequested { until, .. } => Some(*until),
            Self::Referred { answer_due, .. } => Some(*answer_due),
            _ => None,
        }
    }

    /// `offices`: the names of those that are asked, in this language.
    fn detail<'a>(&'a self, language: Language, offices: &'a [&'a str]) -> Detail<'a> {
        match self {
            Self::Submitted(_) | Self::Stopped(_) | Self::ContactCorrected { .. } => Detail::None,
            Self::Opened { unit } => Detail::AtUnit { unit: in_language(unit, language) },
            Self::Resumed { unit, appointment_at, waited_for, .. } => Detail::Resumed {
                unit: in_language(unit, language),
                appointment_at: *appointment_at,
                waited_for: *waited_for,
            },
            Self::PaymentRequested { unit, amount_dong, purpose } => {
                Detail::Payment { unit: in_language(unit, language), amount_dong: *amount_dong, purpose }
            }
            Self::Referred { unit, answer_due, .. } => {
                Detail::Referred { unit: in_language(unit, language), offices, answer_due: *answer_due }
            }
            Self::Replanned { before, appointment_at, decision, .. } => {
                Detail::Replanned { before: *before, appointment_at: *appointment_at, decision }
            }
            Self::Issued { media_type, sha256 } => Detail::Issued { media_type, sha256 },
            Self::HandedOver { way, unit } => {
                Detail::HandedOver { way: *way, unit: in_language(unit, language) }
            }
            Self::Postponed { unit, reason, appointment_at } => Detail::Postponed {
                unit: in_language(unit, language),
                reason,
                appointment_at: *appointment_at,
            },
            Self::SupplementRequested { unit, reasons, until } => {
                Detail::Supplement { unit: in_language(unit, language), reasons, until: *until }
            }
            Self::Reopened { decision, unit, withdrawn, .. } => Detail::Reopened {
                decision,
                unit: unit.as_ref().map(|unit| in_language(unit, language)),
                withdrawn: *withdrawn,
            },
            Self::Moved { unit, why, .. } => {
                Detail::Moved { unit: in_language(unit, language), why: in_language(why, language) }
            }
            Self::Completed { on_time, refusal_reason, .. } => {
                Detail::Completed { on_time: *on_time, refusal_reason }
            }
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
