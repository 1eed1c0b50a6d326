//! The ways to a person: one trait, and the providers of the configuration behind it.

pub(crate) mod gateway;
pub(crate) mod smtp;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    application::Language,
    notice::{
        Addressee, Channel, Fault,
        breaker::{Breaker, Health},
        budget::Budget,
    },
};
use phidia_runtime::failure::Failure;

use self::{gateway::Gateway, smtp::Smtp};
use crate::{config::Config, render::Renderer, store::Message, template::Greeted};

/// Somebody who takes messages to persons.
#[async_trait::async_trait]
pub(crate) trait Provider: fmt::Debug + Send + Sync {
    /// Whether it takes a key, so that the same message twice has one effect.
    fn takes_key(&self) -> bool;

    /// Whether it says later what became of a message.
    fn sends_receipts(&self) -> bool;

    /// Hands one message over.
    async fn send(&self, outgoing: Outgoing<'_>) -> Result<Taken, Refusal>;

    /// Ends the connections that are kept.
    async fn close(&self) {}
}

/// One message to one person.
pub(crate) struct Outgoing<'m> {
    /// The same for all attempts: by it whoever gets it twice knows that it is the same.
    pub(crate) key: &'m str,
    pub(crate) template: &'m str,
    pub(crate) language: Language,
    pub(crate) to: &'m Addressee,
    pub(crate) subject: &'m str,
    pub(crate) words: Words,
}

/// What a message says. Personal: made when it is sent, and never kept.
pub(crate) struct Words {
    pub(crate) text: String,
    /// The same in HTML, for whoever reads it so; empty where nobody does.
    pub(crate) html: String,
}

/// A provider has taken a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// What it calls the message; none: nothing.
    pub(crate) reference: Option<String>,
}

/// Why a message did not go out. Free of personal data: a provider's own words may name the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) fault: Fault,
    /// `SMTP_451`, `CONNECTION`, …
    pub(crate) reason: String,
    /// Whether that is what the provider did; otherwise it was not asked.
    pub(crate) was_asked: bool,
}

impl Refusal {
    pub(crate) fn new(fault: Fault, reason: &str) -> Self {
        Self { fault, reason: reason.to_owned(), was_asked: true }
    }

    /// It was seen before a provider was asked.
    pub(crate) fn unasked(fault: Fault, reason: &str) -> Self {
        Self { was_asked: false, ..Self::new(fault, reason) }
    }

    pub(crate) fn lasting(reason: &str) -> Self {
        Self::new(Fault::Lasting, reason)
    }
}

/// A provider of the configuration, and how it has been lately.
#[derive(Debug)]
pub(crate) struct Registered {
    pub(crate) name: String,
    pub(crate) channel: Channel,
    /// Messages under way at once.
    pub(crate) connections: u32,
    /// None: it takes whatever comes.
    pub(crate) budget: Option<Budget>,
    pub(crate) provider: Arc<dyn Provider>,
    /// The provider again, where it may tell us something later.
    pub(crate) gateway: Option<Arc<Gateway>>,
    breaker: Mutex<Breaker>,
}

impl Registered {
    pub(crate) fn health(&self, now: Timestamp) -> Health {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner).health(now)
    }

    /// A message goes to it, and takes so long at most.
    pub(crate) fn begin(&self, now: Timestamp, at_most: Duration) {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner).begin(now, at_most);
    }

    /// What was to go to it did not.
    pub(crate) fn was_not_asked(&self) {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner).was_not_asked();
    }

    /// What it did with a message.
    pub(crate) fn record(&self, now: Timestamp, outcome: Result<(), Fault>, took: Duration) {
        let answered = !matches!(outcome, Err(Fault::Away | Fault::Ambiguous));
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner).record(now, answered, took);
    }
}

/// All providers, those of a channel in the order in which they are tried.
pub(crate) fn providers(config: &Config) -> Result<Vec<Arc<Registered>>, Failure> {
    config.validate()?;
    let limits = config.breaker.limits();
    let mut all: Vec<Arc<Registered>> = Vec::new();
    if let Some(smtp) = &config.smtp {
        all.push(Arc::new(Registered {
            name: SMTP.to_owned(),
            channel: Channel::Email,
            connections: smtp.connections.max(1),
            budget: None,
            provider: Arc::new(Smtp::new(smtp, "smtp")?),
            gateway: None,
            breaker: Mutex::new(Breaker::new(limits)),
        }));
    }
    for (place, provider) in config.providers.iter().enumerate() {
        let setting = format!("providers[{place}]");
        provider.validate(&setting)?;
        if all.iter().any(|other| other.name == provider.name) {
            let field = format!("{setting}.name");
            return Err(Rejection::invalid("DUPLICATE", &field, "a name that no other provider has").into());
        }
        let (way, gateway, connections): (Arc<dyn Provider>, _, u32) = match (&provider.smtp, &provider.http)
        {
            (Some(smtp), _) => {
                (Arc::new(Smtp::new(smtp, &format!("{setting}.smtp"))?), None, smtp.connections)
            }
            (None, Some(http)) => {
                let gateway = Arc::new(Gateway::new(http, &format!("{setting}.http"))?);
                (Arc::clone(&gateway) as Arc<dyn Provider>, Some(gateway), http.connections)
            }
            (None, None) => {
                let field = format!("{setting}.smtp");
                return Err(Rejection::invalid("MALFORMED_CONFIG", &field, "either smtp or http").into());
            }
        };
        all.push(Arc::new(Registered {
            name: provider.name.clone(),
            channel: provider.channel,
            connections: connections.max(1),
            budget: provider.budget(),
            provider: way,
            gateway,
            breaker: Mutex::new(Breaker::new(limits)),
        }));
    }
    Ok(all)
}

/// The name of the provider that is the mail server of `[notification.smtp]`.
const SMTP: &str = "smtp";

/// The words in which a message goes out over its channel, where it says this.
pub(crate) fn words(
    renderer: &Renderer,
    message: &Message,
    to: Greeted<'_>,
    body: String,
) -> Result<Words, Failure> {
    let Message { language, subject, .. } = message;
    Ok(match message.channel {
        Channel::InApp | Channel::Email => Words {
            text: renderer.letter(*language, to, &body)?,
            html: renderer.html(*language, to, subject, &body)?,
        },
        Channel::Sms | Channel::Zalo => Words { text: body, html: String::new() },
    })
}
