//! What was told and brought, for operators: read, told again, left out.

use phidia_domain::{Kind, Rejection, application::check_text, caller::Caller};
use phidia_runtime::{clock::RealClock, failure::Failure};

use super::{Arrival, ArrivalState, Message, MessageState};
use crate::{
    Intake,
    page::{self, Page},
    store::portal::{self as store, Backlog, MessageFilter},
};

/// A reason is not longer, in characters.
const LONGEST_NOTE: usize = 500;

/// How it stands with the portal.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    /// Where it is; empty: there is none.
    pub(crate) url: String,
    /// With what it checks signatures, as Standard Webhooks writes it.
    pub(crate) public_key: String,
    pub(crate) backlog: Backlog,
}

/// What a list of messages is asked for.
#[derive(Clone, Debug)]
pub(crate) struct MessageQuestion {
    pub(crate) filter: MessageFilter,
    pub(crate) page_size: u64,
    pub(crate) page_token: String,
}

/// What a list of arrivals is asked for.
#[derive(Clone, Debug)]
pub(crate) struct ArrivalQuestion {
    pub(crate) state: Option<ArrivalState>,
    pub(crate) page_size: u64,
    pub(crate) page_token: String,
}

impl Intake {
    /// How it stands with the portal.
    pub(crate) async fn portal_state(&self) -> Result<State, Failure> {
        let province = &self.versions.active().await?.value.code;
        let backlog = store::backlog(self.outbox.database().read(), province).await?;
        let client = self.portal.client.as_ref();
        Ok(State {
            url: client.map(|client| client.config.url.clone()).unwrap_or_default(),
            public_key: client.map(|client| client.public_key()).unwrap_or_default(),
            backlog,
        })
    }

    /// What the portal was told and is to be told, by dossier and number.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a bad page.
    pub(crate) async fn portal_messages(&self, question: MessageQuestion) -> Result<Page<Message>, Failure> {
        let province = &self.versions.active().await?.value.code;
        let MessageQuestion { filter, page_size, page_token } = question;
        let name = format!("portal_messages/{}/{:?}", filter.code, filter.state);
        let after = page::position(&name, &page_token)?;
        let after = after.and_then(|after| {
            let (number, code) = after.split_once('/')?;
            Some((code.to_owned(), number.parse().ok()?))
        });
        let (conn, size) = (self.outbox.database().read(), page_size);
        let found = store::messages(conn, province, filter, after, size + 1).await?;
        Ok(Page::of(found, size, &name, |message| format!("{}/{}", message.number, message.code)))
    }

    /// What the portal brought, by its ids.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a bad page.
    pub(crate) async fn portal_arrivals(&self, question: ArrivalQuestion) -> Result<Page<Arrival>, Failure> {
        let province = &self.versions.active().await?.value.code;
        let ArrivalQuestion { state, page_size, page_token } = question;
        let name = format!("portal_arrivals/{state:?}");
        let after = page::position(&name, &page_token)?;
        let (conn, size) = (self.outbox.database().read(), page_size);
        let found = store::arrivals(conn, province, state, after, size + 1).await?;
        Ok(Page::of(found, size, &name, |arrival| arrival.item.clone()))
    }

    /// Has the messages of a dossier told again from one on, in their order.
    ///
    /// # Errors
    /// `NOT_FOUND`; `INVALID_ARGUMENT` without a reason; `FAILED_PRECONDITION` where there is no portal.
    pub(crate) async fn replay_portal(
        &self,
        caller: &Caller,
        code: &str,
        from: u32,
        reason: String,
    ) -> Result<(), Failure> {
        let (province, key, by) = self.check_change(caller, code, from, &reason).await?;
        let found = self.outbox.database().write(move |tx| {
            Box::pin(async move {
                let (code, number) = (key.0.as_str(), key.1);
                store::replay(tx, &province, (code, number), (&reason, &by), RealClock.now()).await
            })
        });
        if found.await? { Ok(()) } else { Err(unknown().into()) }
    }

    /// Has all that the portal refuses told again; answers how many messages that are.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` without a reason; `FAILED_PRECONDITION` where there is no portal.
    pub(crate) async fn replay_refused_portal(
        &self,
        caller: &Caller,
        reason: String,
    ) -> Result<u64, Failure> {
        let (province, _, by) = self.check_change(caller, "", 0, &reason).await?;
        let again = self.outbox.database().write(move |tx| {
            Box::pin(
                async move { store::replay_refused(tx, &province, (&reason, &by), RealClock.now()).await },
            )
        });
        again.await
    }

    /// Leaves a refused message out: the next of its dossier is told.
    ///
    /// # Errors
    /// `NOT_FOUND`; `FAILED_PRECONDITION` (`NOT_REFUSED`) for one that is not refused, and where there is no portal;
    /// `INVALID_ARGUMENT` without a reason.
    pub(crate) async fn leave_out_portal(
        &self,
        caller: &Caller,
        code: &str,
        number: u32,
        reason: String,
    ) -> Result<(), Failure> {
        let (province, key, by) = self.check_change(caller, code, number, &reason).await?;
        let filter = MessageFilter { code: key.0.clone(), state: None };
        let before = Some((key.0.clone(), key.1 - 1));
        let there = store::messages(self.outbox.database().read(), &province, filter, before, 1).await?;
        let message = there.into_iter().find(|message| message.number == key.1).ok_or_else(unknown)?;
        if message.state == MessageState::LeftOut {
            return Ok(());
        }
        let left_out = self.outbox.database().write(move |tx| {
            Box::pin(async move {
                let (code, number) = (key.0.as_str(), key.1);
                store::leave_out(tx, &province, (code, number), (&reason, &by), RealClock.now()).await
            })
        });
        if left_out.await? {
            return Ok(());
        }
        let message = "only what the portal refuses can be left out";
        Err(Rejection::new(Kind::Precondition, "NOT_REFUSED", message).into())
    }

    /// Of which province, of what, and by whom something is changed.
    async fn check_change(
        &self,
        caller: &Caller,
        code: &str,
        number: u32,
        reason: &str,
    ) -> Result<(String, (String, i32), String), Failure> {
        check_text("reason", reason, 1, LONGEST_NOTE)?;
        if self.portal.client.is_none() {
            let message = "no national portal is configured (portal.url)";
            return Err(Rejection::new(Kind::Precondition, "NO_PORTAL", message).into());
        }
        let province = self.versions.active().await?.value.code.clone();
        let number = i32::try_from(number).map_err(|_| unknown())?;
        Ok((province, (code.to_owned(), number), caller.actor()))
    }
}

fn unknown() -> Rejection {
    Rejection::not_found("UNKNOWN_MESSAGE", "no message to the national portal has this dossier and number")
}
