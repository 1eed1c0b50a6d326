//! Tells units what concerns them: which work item they lost or gained before anybody began it, and why; what another unit
//! asks them, and what became of it. One message each, kept in the unit's mailbox. A unit is nobody's person: nothing of it is
//! sealed, and it is told also where the citizen was erased. Where its office has an address, that is written to besides: at once
//! of what will be late, and in one letter a day of all else.

use jiff::Timestamp;
use phidia_domain::{
    application::Language,
    id::UnitId,
    notice::{Audience, Channel, Notice},
    procedure::Text,
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{
    render::{Detail, Particulars},
    store::{self, Message, Recipient, delivery, digest::Reader},
    tell::{Teller, Told, in_language},
};

/// What one unit is told.
#[derive(Clone, Debug)]
pub(crate) struct ToUnit {
    pub(crate) unit: UnitId,
    pub(crate) notice: Notice,
    /// Name of the other unit; empty: there is none.
    pub(crate) other: Text,
    pub(crate) words: Words,
}

/// What a fact adds for a unit.
#[derive(Clone, Debug)]
pub(crate) enum Words {
    /// Why a work item went from one unit to the other, in a sentence.
    Moved(Text),
    /// When the answer is due that the other unit asks for.
    Asked(Timestamp),
    /// Whether a question was answered, or taken back.
    Ended {
        /// Answered.
        answered: bool,
    },
}

impl ToUnit {
    fn detail(&self, language: Language) -> Detail<'_> {
        let unit = in_language(&self.other, language);
        match &self.words {
            Words::Moved(why) => Detail::Moved { unit, why: in_language(why, language) },
            Words::Asked(answer_due) => Detail::Referred { unit, offices: &[], answer_due: *answer_due },
            Words::Ended { answered } => Detail::ReferralEnded { unit, answered: *answered },
        }
    }
}

/// Somebody at a unit, and what they are told.
pub(crate) struct OneUnit<'d> {
    /// In whose mailbox.
    pub(crate) unit: UnitId,
    /// Whom it is for there.
    pub(crate) audience: Audience,
    pub(crate) notice: Notice,
    /// The promised instant.
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) detail: Detail<'d>,
}

impl Teller {
    /// Tells the units, within the transaction that remembers the fact.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the application is not known yet, as for a citizen.
    pub(crate) async fn tell_units(
        &self,
        tx: &DatabaseTransaction,
        told: Told<Vec<ToUnit>>,
    ) -> Result<(), Failure> {
        let known = store::find_recipient(tx, &told.province, told.application).await?;
        let about = known.ok_or_else(|| self.unknown(&told))?;
        let language = self.office_language;
        for to in &told.news {
            let detail = to.detail(language);
            let audience = Audience::Unit(to.unit);
            let one = OneUnit { unit: to.unit, audience, notice: to.notice, due_at: about.due_at, detail };
            self.tell_unit(tx, &told, &about, one).await?;
        }
        Ok(())
    }

    /// Tells a unit one thing about an application, in the language of the office.
    pub(crate) async fn tell_unit<N>(
        &self,
        tx: &DatabaseTransaction,
        told: &Told<N>,
        about: &Recipient,
        OneUnit { unit, audience, notice, due_at, detail }: OneUnit<'_>,
    ) -> Result<(), Failure> {
        let language = self.office_language;
        let words = self.renderer.message(
            notice,
            language,
            &Particulars {
                dossier_code: &about.dossier_code,
                procedure: in_language(&about.procedure, language),
                return_at: in_language(&about.return_at, language),
                due_at,
                occurred_at: told.occurred_at,
                detail,
            },
        )?;
        let message = Message {
            province: told.province.clone(),
            id: self.ids.mint(told.occurred_at),
            event: told.event,
            application: told.application,
            unit: Some(unit),
            audience,
            channel: Channel::InApp,
            notice,
            template_version: words.version,
            language,
            subject: words.subject,
            body: words.body,
            state: Channel::InApp.first_state(),
            occurred_at: told.occurred_at,
            sent_at: Some(self.clock.now()),
            attempts: 1,
            failure: String::new(),
            told_with: Some(words.told),
            provider: None,
            provider_ref: None,
            expires_at: None,
            resends: 0,
        };
        if store::add_message(tx, message.clone()).await? {
            self.write_to_office(tx, message, unit, notice.expiry().at(None, due_at)).await?;
        }
        Ok(())
    }

    /// Has the office written to of what stands in its mailbox, where it has an address.
    async fn write_to_office(
        &self,
        tx: &DatabaseTransaction,
        kept: Message,
        unit: UnitId,
        expires_at: Option<Timestamp>,
    ) -> Result<(), Failure> {
        if !self.open.contains(&Channel::Email) || !self.hours.may_have_letterbox(unit).await? {
            return Ok(());
        }
        if !kept.notice.is_alarm() {
            return self.gather(tx, &kept.province, kept.id, Reader::Unit(unit), expires_at).await;
        }
        let letter = Message {
            id: self.ids.mint(kept.occurred_at),
            channel: Channel::Email,
            state: Channel::Email.first_state(),
            sent_at: None,
            attempts: 0,
            told_with: None,
            expires_at,
            ..kept
        };
        if store::add_message(tx, letter.clone()).await? {
            delivery::queue(tx, &letter, None, None, self.clock.now()).await?;
        }
        Ok(())
    }
}
