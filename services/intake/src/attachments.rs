//! Files that belong to applications: uploaded first, over lines that may be cut; looked at; attached; given to whoever may have them.
//!
//! ```text
//!   begin ──> upload ──> parts, sealed ──(whole)──> examine ──> content, sealed, once for each content
//!                                                                  │ scan (worker)
//!   attach (by a submission, or a supplement) <── clean or waiting ┘──> infected: quarantined
//!   download <── clean only                retain (worker): what nobody wants any more is deleted
//!   quarantine: operators release what was a false alarm, and delete the rest
//! ```

pub(crate) mod attach;
pub(crate) mod begin;
mod complete;
mod config;
mod delete;
pub(crate) mod download;
mod examine;
pub(crate) mod get;
mod objects;
mod pdf;
pub(crate) mod quarantine;
pub(crate) mod retain;
mod s3;
pub(crate) mod scan;
mod sealing;
mod streams;
mod tiff;
pub(crate) mod upload;

use phidia_domain::Rejection;
use tokio::sync::{Notify, Semaphore};

pub use self::config::{Config, Retention, S3Config};
use self::{objects::Objects, scan::Scanner, streams::Streams};

/// So many files are looked at in one process at a time: each is in memory then.
const EXAMINED_AT_ONCE: usize = 2;

/// What all use cases about attachments share.
#[derive(Debug)]
pub(crate) struct Attachments {
    config: Config,
    objects: Objects,
    scanner: Option<Scanner>,
    streams: Streams,
    examining: Semaphore,
    /// Something waits for the scanner.
    to_scan: Notify,
}

impl Attachments {
    /// Prepares them; nothing is opened yet. `shared`: replicas may share the database.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for settings that cannot work.
    pub(crate) fn new(config: Config, shared: bool) -> Result<Self, Rejection> {
        config.validate()?;
        let objects = Objects::of(&config)?;
        let scanner = config.scanner.as_deref().map(Scanner::at).transpose()?;
        if scanner.is_none() {
            tracing::info!("attachments are not scanned for viruses (attachments.scanner)");
        }
        if shared && objects.is_folder() {
            tracing::warn!("attachments are kept in a folder: replicas on other machines will not find them");
        }
        let streams = Streams::new(config.most_streams, config.most_streams_of_one);
        let (examining, to_scan) = (Semaphore::new(EXAMINED_AT_ONCE), Notify::new());
        Ok(Self { config, objects, scanner, streams, examining, to_scan })
    }

    /// What an operator has set about them.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }
}
