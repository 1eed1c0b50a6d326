//! The national portal: it is told how applications stand, and brings what was handed in there. What is assumed of its interface
//! stands in the decision record 0037.
//!
//! ```text
//!   a submission, a fact ──> messages, in the transaction of that ──> deliver (worker) ──HTTP──> portal
//!   portal ──HTTP──> arrive (worker) ──> an application, a supplement, a withdrawal, a payment ──> acknowledged
//! ```

mod arrive;
mod body;
mod brought;
mod client;
mod config;
mod deliver;
mod fetch;
mod log;

use jiff::Timestamp;
use phidia_domain::{Rejection, id::ApplicationId, procedure::Text};
use phidia_runtime::{failure::Failure, service::Worker, sign::SigningKey};
use sea_orm::DatabaseTransaction;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use self::client::Client;
pub use self::config::Config;
pub(crate) use self::log::{ArrivalQuestion, MessageQuestion, State};
use crate::{
    Intake,
    record::Receipt,
    store::portal::{self as store, News},
};

/// The portal, where one is configured.
#[derive(Debug)]
pub(crate) struct Portal {
    client: Option<Client>,
    /// When the last look at all that it brings began, in business time: what was handed in there before that is known here.
    looked_at: watch::Sender<Option<Timestamp>>,
}

impl Portal {
    /// The portal of these settings, and of the key that signs what it is told; nothing is opened yet.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for settings that cannot work.
    pub(crate) fn new(portal: Option<(Config, SigningKey)>) -> Result<Self, Rejection> {
        let client = portal.map(|(config, key)| Client::new(config, key)).transpose()?;
        Ok(Self { client, looked_at: watch::Sender::default() })
    }

    /// By what it will know an application; `code`: its own code of it, where it brought it.
    pub(crate) fn knows_by(&self, code: Option<&str>) -> KnownBy {
        match (&self.client, code) {
            (None, _) => KnownBy::Nothing,
            (Some(_), None) => KnownBy::OurCode,
            (Some(_), Some(code)) => KnownBy::ItsCode(code.to_owned()),
        }
    }

    /// Changes after each whole look at what it brings, to when that began; none: there was none since the process began.
    pub(crate) fn looks(&self) -> watch::Receiver<Option<Timestamp>> {
        self.looked_at.subscribe()
    }

    /// Notes what is to be told of an application after an event.
    pub(crate) async fn follow(
        &self,
        tx: &DatabaseTransaction,
        province: &str,
        id: ApplicationId,
        at: Timestamp,
    ) -> Result<(), Failure> {
        match self.client {
            Some(_) => store::follow(tx, province, id, at).await,
            None => Ok(()),
        }
    }
}

/// By what the portal knows an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KnownBy {
    /// It is told nothing.
    Nothing,
    /// By the dossier code.
    OurCode,
    /// It brought it: by this code of its own.
    ItsCode(String),
}

impl KnownBy {
    /// Notes that an application was accepted.
    pub(crate) async fn accepted(
        &self,
        tx: &DatabaseTransaction,
        province: &str,
        receipt: &Receipt,
    ) -> Result<(), Failure> {
        let (code, brought) = match self {
            Self::Nothing => return Ok(()),
            Self::OurCode => (&receipt.dossier_code, false),
            Self::ItsCode(code) => (code, true),
        };
        let first = News {
            national_code: 2,
            at: receipt.received_at,
            unit_name: Some(receipt.received_at_name.clone()),
            due_at: receipt.due_at,
            reasons: Vec::new(),
        };
        store::know(tx, province, code, Some(receipt.application), brought, vec![first]).await
    }
}

/// What the portal is told of a dossier.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// By which the portal knows the dossier.
    pub(crate) code: String,
    /// From 1, in the order in which it is told.
    pub(crate) number: i32,
    /// National code of the status.
    pub(crate) national_code: u32,
    /// When it came to that.
    pub(crate) at: Timestamp,
    pub(crate) unit_name: Option<Text>,
    pub(crate) due_at: Option<Timestamp>,
    /// Why it was not taken in, in Vietnamese.
    pub(crate) reasons: Vec<String>,
    pub(crate) state: MessageState,
    /// How often it was begun to tell it.
    pub(crate) attempts: i32,
    /// Not before this, in real time.
    pub(crate) next_at: Timestamp,
    /// What came of the last attempt; none: there was none, or it was taken.
    pub(crate) failure: Option<String>,
    pub(crate) delivered_at: Option<Timestamp>,
    /// Of the body that was taken.
    pub(crate) sha256: Option<String>,
    /// Why an operator had it told again, or left it out.
    pub(crate) note: Option<String>,
    /// `role/name`.
    pub(crate) noted_by: Option<String>,
}

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MessageState {
    /// Another one of its dossier comes first.
    Behind,
    /// It is to be told.
    Waiting,
    /// The portal has taken it.
    Delivered,
    /// The portal refuses it: those behind it wait for an operator.
    Refused,
    /// An operator left it out.
    LeftOut,
}

/// Something that the portal brought.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    /// The portal's id of it.
    pub(crate) item: String,
    pub(crate) kind: Brought,
    /// The portal's code of the dossier.
    pub(crate) code: String,
    /// When it was seen first, in real time.
    pub(crate) seen_at: Timestamp,
    pub(crate) state: ArrivalState,
    /// How often it was tried.
    pub(crate) attempts: i32,
    /// Not before this again, in real time, where it failed.
    pub(crate) next_at: Timestamp,
    /// What was wrong.
    pub(crate) reason: Option<String>,
    /// What the portal is answered where it is refused: sentences in Vietnamese.
    pub(crate) answer: Vec<String>,
    pub(crate) application: Option<ApplicationId>,
}

/// What it is that was brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Brought {
    Dossier,
    Supplement,
    Withdrawal,
    Payment,
    /// This version does not know it.
    Unknown,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ArrivalState {
    /// It was taken in.
    Taken,
    /// It was refused, and the portal is told why.
    Refused,
    /// Something failed here: it is tried again.
    Failed,
}

/// The workers of the portal: none where there is none.
pub(crate) fn workers(intake: &Intake) -> Vec<Worker> {
    match intake.portal.client {
        Some(_) => vec![deliver::worker(intake.clone()), arrive::worker(intake.clone())],
        None => Vec::new(),
    }
}
