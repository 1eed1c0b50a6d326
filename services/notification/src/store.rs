//! What is stored, in the domain's terms. Nothing here decides.

pub(crate) mod attempts;
pub(crate) mod delivery;
pub(crate) mod digest;
pub(crate) mod entity;
pub(crate) mod feed;
pub(crate) mod lost;
pub(crate) mod mailbox;
pub(crate) mod migration;
pub(crate) mod outstanding;
pub(crate) mod places;
pub(crate) mod preferences;
pub(crate) mod provider;
pub(crate) mod receipts;
pub(crate) mod templates;
pub(crate) mod webhook;

use jiff::Timestamp;
use phidia_domain::{
    application::{Language, Pseudonym},
    id::{ApplicationId, EventId, Id as _, MessageId, PersonId, UnitId},
    notice::{Audience, Channel, Notice, State},
    procedure::Text,
    work_item::WorkItem,
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QuerySelect as _, TryInsertResult,
};

use uuid::Uuid;

use entity::{message, person_key, recipient};
use mailbox::Mailbox;

/// A person and the key that their data are sealed under.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: PersonId,
    /// Wrapped; none: the person was erased.
    pub(crate) wrapped_key: Option<Vec<u8>>,
    /// Stands for the person over all their applications; none: nothing does.
    pub(crate) pseudonym: Option<Pseudonym>,
}

impl Person {
    /// Under what is kept how they want to be told.
    pub(crate) fn preferring(&self) -> Uuid {
        self.pseudonym.map_or(self.id.uuid(), |pseudonym| Uuid::from_bytes(pseudonym.bytes()))
    }
}

/// Who is told about an application, and what every message about it says.
#[derive(Clone, Debug)]
pub(crate) struct Recipient {
    pub(crate) application: ApplicationId,
    pub(crate) person: Person,
    /// Sealed; empty: none was told.
    pub(crate) contact: Vec<u8>,
    pub(crate) language: Language,
    pub(crate) dossier_code: String,
    pub(crate) procedure: Text,
    pub(crate) return_at: Text,
    pub(crate) due_at: Option<Timestamp>,
    /// The last work item of each step that it had come to before it was opened again.
    pub(crate) reached_before: Vec<WorkItem>,
}

/// One fact told to one person or unit over one channel.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) province: String,
    pub(crate) id: MessageId,
    pub(crate) event: EventId,
    /// [`no_application`]: it is about none.
    pub(crate) application: ApplicationId,
    /// In whose mailbox it is; none: the citizen's, or that of those who run the installation.
    pub(crate) unit: Option<UnitId>,
    pub(crate) audience: Audience,
    pub(crate) channel: Channel,
    pub(crate) notice: Notice,
    pub(crate) template_version: u16,
    pub(crate) language: Language,
    pub(crate) subject: String,
    pub(crate) body: String,
    pub(crate) state: State,
    pub(crate) occurred_at: Timestamp,
    pub(crate) sent_at: Option<Timestamp>,
    pub(crate) attempts: u32,
    pub(crate) failure: String,
    /// What its templates were told, by name; kept once, with what stands in the mailbox.
    pub(crate) told_with: Option<serde_json::Value>,
    /// Whom it was given to last.
    pub(crate) provider: Option<String>,
    /// What that one calls it.
    pub(crate) provider_ref: Option<String>,
    /// Business time from which on it is not sent any more.
    pub(crate) expires_at: Option<Timestamp>,
    /// How often somebody had it told once more.
    pub(crate) resends: u32,
}

/// The id of no application: what those who run the installation are told may be about none, and the column was made for citizens.
pub(crate) fn no_application() -> ApplicationId {
    ApplicationId::from_uuid(Uuid::nil())
}

impl Message {
    /// The application that it is about; none: it is about none.
    pub(crate) fn about(&self) -> Option<ApplicationId> {
        Some(self.application).filter(|application| *application != no_application())
    }

    /// Under what a provider knows that it is the same message: the same for all attempts, and another one for each time that
    /// somebody has it told once more.
    pub(crate) fn key(&self) -> String {
        match self.resends {
            0 => self.id.to_string(),
            times => format!("{}.{times}", self.id),
        }
    }
}

/// Keeps the recipient of an application and the key of the person; what is there already stays.
pub(crate) async fn keep_recipient(
    tx: &impl ConnectionTrait,
    province: &str,
    recipient: Recipient,
) -> Result<(), Failure> {
    if let Some(wrapped_key) = recipient.person.wrapped_key {
        let key = person_key::ActiveModel {
            province: Set(province.to_owned()),
            person_id: Set(recipient.person.id.uuid()),
            wrapped_key: Set(wrapped_key),
        };
        person_key::Entity::insert(key)
            .on_conflict_do_nothing_on([person_key::Column::Province, person_key::Column::PersonId])
            .exec_without_returning(tx)
            .await?;
    }
    let row = recipient::ActiveModel {
        province: Set(province.to_owned()),
        application_id: Set(recipient.application.uuid()),
        person_id: Set(recipient.person.id.uuid()),
        contact: Set(recipient.contact),
        language: Set(language_text(recipient.language).to_owned()),
        dossier_code: Set(recipient.dossier_code),
        procedure: Set(recipient.procedure.vi),
        procedure_en: Set(Some(recipient.procedure.en)),
        return_at: Set(recipient.return_at.vi),
        return_at_en: Set(Some(recipient.return_at.en)),
        due_at: Set(recipient.due_at.map(to_db)),
        reached_before: NotSet,
        pseudonym: Set(recipient.person.pseudonym.map(|pseudonym| Uuid::from_bytes(pseudonym.bytes()))),
    };
    recipient::Entity::insert(row)
        .on_conflict_do_nothing_on([recipient::Column::Province, recipient::Column::ApplicationId])
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The recipient of an application with the person's key, in one statement.
pub(crate) async fn find_recipient(
    conn: &impl ConnectionTrait,
    province: &str,
    application: ApplicationId,
) -> Result<Option<Recipient>, Failure> {
    let found = recipient::Entity::find_by_id((province.to_owned(), application.uuid()))
        .find_also_related(person_key::Entity)
        .one(conn)
        .await?;
    found.map(Recipient::try_from).transpose()
}

/// The recipients of these applications with the keys of their persons; whoever is not known is left out.
pub(crate) async fn find_recipients(
    conn: &impl ConnectionTrait,
    province: &str,
    applications: &[ApplicationId],
) -> Result<Vec<Recipient>, Failure> {
    let found = recipient::Entity::find()
        .filter(recipient::Column::Province.eq(province))
        .filter(recipient::Column::ApplicationId.is_in(applications.iter().map(|id| id.uuid())))
        .find_also_related(person_key::Entity);
    found.all(conn).await?.into_iter().map(Recipient::try_from).collect()
}

impl TryFrom<(recipient::Model, Option<person_key::Model>)> for Recipient {
    type Error = Failure;

    fn try_from((row, key): (recipient::Model, Option<person_key::Model>)) -> Result<Self, Failure> {
        Ok(Self {
            application: ApplicationId::from_uuid(row.application_id),
            person: Person {
                id: PersonId::from_uuid(row.person_id),
                wrapped_key: key.map(|key| key.wrapped_key),
                pseudonym: row.pseudonym.map(|pseudonym| Pseudonym::from_bytes(pseudonym.into_bytes())),
            },
            contact: row.contact,
            language: language(&row.language)?,
            dossier_code: row.dossier_code,
            procedure: Text { vi: row.procedure, en: row.procedure_en.unwrap_or_default() },
            return_at: Text { vi: row.return_at, en: row.return_at_en.unwrap_or_default() },
            due_at: row.due_at.map(from_db),
            reached_before: match row.reached_before {
                Some(reached) => serde_json::from_value(reached).map_err(Failure::broken)?,
                None => Vec::new(),
            },
        })
    }
}

/// Another instant is promised from now on.
pub(crate) async fn promise(
    tx: &impl ConnectionTrait,
    province: &str,
    application: ApplicationId,
    due_at: Timestamp,
) -> Result<(), Failure> {
    let row = recipient::ActiveModel {
        province: Unchanged(province.to_owned()),
        application_id: Unchanged(application.uuid()),
        due_at: Set(Some(to_db(due_at))),
        ..Default::default()
    };
    recipient::Entity::update(row).exec_without_returning(tx).await?;
    Ok(())
}

/// They are reached there from now on.
pub(crate) async fn reach(
    tx: &impl ConnectionTrait,
    province: &str,
    application: ApplicationId,
    contact: Vec<u8>,
) -> Result<(), Failure> {
    let row = recipient::ActiveModel {
        province: Unchanged(province.to_owned()),
        application_id: Unchanged(application.uuid()),
        contact: Set(contact),
        ..Default::default()
    };
    recipient::Entity::update(row).exec_without_returning(tx).await?;
    Ok(())
}

/// It is opened again, and has come to this before.
pub(crate) async fn reopen(
    tx: &impl ConnectionTrait,
    province: &str,
    application: ApplicationId,
    reached_before: &[WorkItem],
) -> Result<(), Failure> {
    let row = recipient::ActiveModel {
        province: Unchanged(province.to_owned()),
        application_id: Unchanged(application.uuid()),
        reached_before: Set(Some(serde_json::to_value(reached_before).map_err(Failure::broken)?)),
        ..Default::default()
    };
    recipient::Entity::update(row).exec_without_returning(tx).await?;
    Ok(())
}

/// What a citizen has been told of an application so far, while nobody else tells them more: facts of several sources come
/// at once.
pub(crate) async fn told_so_far(
    tx: &DatabaseTransaction,
    province: &str,
    application: ApplicationId,
) -> Result<Vec<Message>, Failure> {
    let key = (province.to_owned(), application.uuid());
    recipient::Entity::find_by_id(key).lock_exclusive().one(tx).await?;
    mailbox::list(tx, Mailbox::Application(application), None, u64::from(u16::MAX)).await
}

/// Writes a message down; answers whether it is new: of each event, each template tells everybody once over each channel.
pub(crate) async fn add_message(tx: &impl ConnectionTrait, message: Message) -> Result<bool, Failure> {
    let row = message::ActiveModel {
        province: Set(message.province),
        message_id: Set(message.id.uuid()),
        event_id: Set(message.event.uuid()),
        channel: Set(message.channel.as_str().to_owned()),
        application_id: Set(message.application.uuid()),
        unit_id: Set(message.unit.map(UnitId::uuid)),
        template: Set(message.notice.template().to_owned()),
        template_version: Set(message.template_version.into()),
        language: Set(language_text(message.language).to_owned()),
        subject: Set(message.subject),
        body: Set(message.body),
        state: Set(message.state.as_str().to_owned()),
        occurred_at: Set(to_db(message.occurred_at)),
        stage: Set(message.notice.stage().into()),
        sent_at: Set(message.sent_at.map(to_db)),
        attempts: Set(count(message.attempts)),
        failure: Set(message.failure),
        told_with: Set(message.told_with),
        addressee: Set(message.audience.key()),
        provider: Set(message.provider),
        provider_ref: Set(message.provider_ref),
        expires_at: Set(message.expires_at.map(to_db)),
        settled_at: Set(message.sent_at.map(to_db)),
        resends: Set(count(message.resends)),
        // Whoever watches the mailbox gives it one.
        place: Set(None),
    };
    let added = message::Entity::insert(row)
        .on_conflict_do_nothing_on([
            message::Column::Province,
            message::Column::EventId,
            message::Column::Template,
            message::Column::Addressee,
            message::Column::Channel,
        ])
        .exec_without_returning(tx)
        .await?;
    Ok(matches!(added, TryInsertResult::Inserted(rows) if rows > 0))
}

impl TryFrom<message::Model> for Message {
    type Error = Failure;

    fn try_from(row: message::Model) -> Result<Self, Failure> {
        let unit = row.unit_id.map(UnitId::from_uuid);
        let audience = match row.addressee.as_str() {
            // A version from before wrote it.
            "" => Some(unit.map_or(Audience::Applicant, Audience::Unit)),
            key => Audience::parse(key),
        };
        Ok(Self {
            id: MessageId::from_uuid(row.message_id),
            event: EventId::from_uuid(row.event_id),
            application: ApplicationId::from_uuid(row.application_id),
            unit,
            audience: audience.ok_or_else(|| unreadable("addressee"))?,
            channel: Channel::parse(&row.channel).ok_or_else(|| unreadable("channel"))?,
            notice: Notice::parse(&row.template).ok_or_else(|| unreadable("template"))?,
            template_version: u16::try_from(row.template_version).map_err(Failure::broken)?,
            language: language(&row.language)?,
            state: State::parse(&row.state).ok_or_else(|| unreadable("state"))?,
            attempts: u32::try_from(row.attempts).map_err(Failure::broken)?,
            provider: row.provider,
            provider_ref: row.provider_ref,
            expires_at: row.expires_at.map(from_db),
            resends: u32::try_from(row.resends).map_err(Failure::broken)?,
            occurred_at: from_db(row.occurred_at),
            sent_at: row.sent_at.map(from_db),
            province: row.province,
            subject: row.subject,
            body: row.body,
            failure: row.failure,
            told_with: row.told_with,
        })
    }
}

fn language_text(language: Language) -> &'static str {
    match language {
        Language::Vi => "vi",
        Language::En => "en",
    }
}

fn language(text: &str) -> Result<Language, Failure> {
    match text {
        "vi" => Ok(Language::Vi),
        "en" => Ok(Language::En),
        _ => Err(unreadable("language")),
    }
}

/// A value that only a later version of this service may have written.
fn unreadable(column: &str) -> Failure {
    Failure::broken(format!("a stored {column} is not known to this version"))
}

fn count(attempts: u32) -> i32 {
    i32::try_from(attempts).unwrap_or(i32::MAX)
}
