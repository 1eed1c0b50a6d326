//! Tells units which work item they lost or gained before anybody began it, and why: one message each, kept in the
//! unit's mailbox. A unit is nobody's person: nothing of it is sealed, and it is told also where the citizen was erased.

use jiff::Timestamp;
use phidia_domain::{
    id::UnitId,
    notice::{Channel, Notice},
    procedure::Text,
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{
    render::{self, Detail, Particulars},
    store::{self, Message, Recipient},
    tell::{Teller, Told, in_language},
};

/// A work item went from one unit to another.
#[derive(Clone, Debug)]
pub(crate) struct Moved {
    /// The unit that had it; none: nobody had it.
    pub(crate) from: Option<(UnitId, Text)>,
    /// The unit that has it.
    pub(crate) to: (UnitId, Text),
    /// Why, in a sentence.
    pub(crate) why: Text,
}

impl Teller {
    /// Tells both units, within the transaction that remembers the fact.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the application is not known yet, as for a citizen.
    pub(crate) async fn tell_units(
        &self,
        tx: &DatabaseTransaction,
        told: Told<Moved>,
    ) -> Result<(), Failure> {
        let known = store::find_recipient(tx, &told.province, told.application).await?;
        let about = known.ok_or_else(|| self.unknown(&told))?;
        let language = self.office_language;
        let Moved { from, to, why } = &told.news;
        let nobody = Text::default();
        let loser = from.as_ref().map(|(unit, _)| (*unit, Notice::WorkLost, &to.1));
        let gainer = (to.0, Notice::WorkGained, from.as_ref().map_or(&nobody, |(_, name)| name));
        for (unit, notice, other) in loser.into_iter().chain([gainer]) {
            let detail =
                Detail::Moved { unit: in_language(other, language), why: in_language(why, language) };
            self.tell_unit(tx, &told, &about, unit, notice, about.due_at, detail).await?;
        }
        Ok(())
    }

    /// Tells a unit one thing about an application, in the language of the office.
    #[expect(clippy::too_many_arguments, reason = "who is told what about whose application")]
    pub(crate) async fn tell_unit<N>(
        &self,
        tx: &DatabaseTransaction,
        told: &Told<N>,
        about: &Recipient,
        unit: UnitId,
        notice: Notice,
        due_at: Option<Timestamp>,
        detail: Detail<'_>,
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
            channel: Channel::InApp,
            notice,
            template_version: render::version(notice),
            language,
            subject: words.subject,
            body: words.body,
            state: Channel::InApp.first_state(),
            occurred_at: told.occurred_at,
            sent_at: Some(self.clock.now()),
            attempts: 1,
            failure: String::new(),
        };
        store::add_message(tx, message).await?;
        Ok(())
    }
}
