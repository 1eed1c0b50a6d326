//! The three phases of an import, as intake asks for them. An activation wakes the assigner: what nobody could
//! do before, somebody may be able to do now.

use std::collections::BTreeMap;

use phidia_domain::{Kind, Rejection};
use phidia_runtime::failure::Failure;

use crate::Routing;

/// A phase with what it needs.
pub(crate) enum Phase {
    /// Check the files; store nothing.
    Validate(BTreeMap<String, Vec<u8>>),
    /// Store the files under the version; change nothing else.
    Stage(i64, BTreeMap<String, Vec<u8>>),
    /// Make the staged version the active one.
    Activate(i64),
}

impl Routing {
    /// Goes through one phase. Each may be repeated.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` with one violation per fault in the files; `ALREADY_EXISTS` for a version that has
    /// other files; `FAILED_PRECONDITION` for one that is not staged, or older than the active one.
    pub(crate) async fn install_province(&self, phase: Phase) -> Result<(), Failure> {
        match phase {
            Phase::Validate(files) => self.versions.validate(&files).map(drop),
            Phase::Stage(version, files) => self.versions.stage(counted(version)?, files).await,
            Phase::Activate(version) => self
                .versions
                .activate(counted(version)?)
                .await
                .map_err(|failure| not_staged(failure, version)),
        }
    }
}

fn counted(version: i64) -> Result<i64, Rejection> {
    if version > 0 {
        Ok(version)
    } else {
        Err(Rejection::invalid("OUT_OF_RANGE", "version", "counts from 1"))
    }
}

/// A version that is not here yet is worth waiting for to everybody but the one who was to stage it.
fn not_staged(failure: Failure, version: i64) -> Failure {
    match failure.rejection().map(|rejection| rejection.reason.as_str()) {
        Some("VERSION_NOT_HERE" | "REFERENCE_NOT_STAGED") => {
            let message = format!("version {version} is not staged");
            Rejection::new(Kind::Precondition, "REFERENCE_NOT_STAGED", message).into()
        }
        _ => failure,
    }
}
