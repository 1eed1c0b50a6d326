//! Tells those who run the installation that a subscriber is sent nothing more: in their mailbox, and by e-mail where they have an
//! address. Each time that a subscription is disabled is told once: within the transaction that disables it.

use std::sync::Arc;

use jiff::Timestamp;
use phidia_domain::{
    application::Language,
    id::EventId,
    notice::{Audience, Channel, Notice, State},
    province::Office,
};
use phidia_runtime::{
    clock::{BusinessClock, RealClock},
    failure::Failure,
    ids::Ids,
    versions::Versions,
};
use sea_orm::DatabaseTransaction;

use super::Subscription;
use crate::{
    deliver::Wake,
    render::{Detail, Particulars, Renderer},
    store::{self, Message, delivery},
};

/// With what it is told.
#[derive(Debug)]
pub(crate) struct Alarm {
    pub(crate) ids: Ids,
    pub(crate) business: BusinessClock,
    pub(crate) office: Versions<Office>,
    pub(crate) renderer: Arc<Renderer>,
    pub(crate) language: Language,
    /// Whether they are told by e-mail, too.
    pub(crate) by_email: bool,
    pub(crate) wake: Wake,
}

impl Alarm {
    /// What they are told of a subscription that is disabled now.
    pub(super) async fn messages(
        &self,
        subscription: &Subscription,
        why: &str,
        failing_since: Option<Timestamp>,
    ) -> Result<Vec<Message>, Failure> {
        let occurred_at = self.business.now();
        let id = subscription.id.to_string();
        // What is asked there may be a secret.
        let url = subscription.url.split(['?', '#']).next().unwrap_or_default();
        let particulars = Particulars {
            dossier_code: "",
            procedure: "",
            return_at: "",
            due_at: None,
            occurred_at,
            detail: Detail::SubscriptionDisabled {
                subscription: &id,
                called: &subscription.name,
                owner: &subscription.owner,
                url,
                why,
                failing_since,
            },
        };
        let notice = Notice::SubscriptionDisabled;
        let words = self.renderer.message(notice, self.language, &particulars)?;
        let province = self.province(subscription).await?;
        let event: EventId = self.ids.mint(occurred_at);
        let message = |channel: Channel| {
            let state = channel.first_state();
            let is_kept = state == State::Sent;
            Message {
                province: province.clone(),
                id: self.ids.mint(occurred_at),
                event,
                application: store::no_application(),
                unit: None,
                audience: Audience::Operators,
                channel,
                notice,
                template_version: words.version,
                language: self.language,
                subject: words.subject.clone(),
                body: words.body.clone(),
                state,
                occurred_at,
                sent_at: is_kept.then(|| RealClock.now()),
                attempts: u32::from(is_kept),
                failure: String::new(),
                told_with: is_kept.then(|| words.told.clone()),
                provider: None,
                provider_ref: None,
                expires_at: None,
                resends: 0,
            }
        };
        let channels = [Channel::InApp].into_iter().chain(self.by_email.then_some(Channel::Email));
        Ok(channels.map(message).collect())
    }

    /// Of which province they are told: that of the subscription, or the one that is served here; empty: none was brought in yet, or what is
    /// kept of it cannot be read. Whoever is gone is disabled all the same.
    async fn province(&self, subscription: &Subscription) -> Result<String, Failure> {
        if !subscription.filter.province.is_empty() {
            return Ok(subscription.filter.province.clone());
        }
        match self.office.active().await {
            Ok(office) => Ok(office.value.code.clone()),
            Err(Failure::Rejected(refusal)) if refusal.reason == "NO_PROVINCE" => Ok(String::new()),
            Err(Failure::Broken(_)) => Ok(String::new()),
            Err(failure) => Err(failure),
        }
    }
}

/// Writes down what they are told.
pub(super) async fn tell(tx: &DatabaseTransaction, messages: Vec<Message>) -> Result<(), Failure> {
    for message in messages {
        let is_new = store::add_message(tx, message.clone()).await?;
        if is_new && message.state != State::Sent {
            delivery::queue(tx, &message, None, None, RealClock.now()).await?;
        }
    }
    Ok(())
}
