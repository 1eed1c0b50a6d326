//! What a use case fails with: a refusal that the caller may see, or a fault of ours that they may not.

use std::{error::Error, fmt};

use phidia_domain::{Kind, Rejection};
use sea_orm::DbErr;

use crate::{database, status};

/// Why something was not done.
#[derive(Debug)]
pub enum Failure {
    /// Refused, for a reason that the caller may see.
    Rejected(Rejection),
    /// Broken: logged here, and the caller is given a reference only.
    Broken(Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// A fault of ours.
    pub fn broken(fault: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Broken(fault.into())
    }

    /// The refusal, if it is one.
    pub fn rejection(&self) -> Option<&Rejection> {
        match self {
            Self::Rejected(rejection) => Some(rejection),
            Self::Broken(_) => None,
        }
    }

    /// Whether the same thing, tried again later, may succeed.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Broken(_) => true,
            Self::Rejected(rejection) => {
                matches!(
                    rejection.kind,
                    Kind::Unavailable | Kind::Deadline | Kind::Exhausted | Kind::Internal
                )
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(rejection) => rejection.fmt(f),
            Self::Broken(fault) => fault.fmt(f),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Rejected(_) => None,
            Self::Broken(fault) => fault.source(),
        }
    }
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<DbErr> for Failure {
    /// A store that cannot be reached or that gave way to others is UNAVAILABLE; everything else is a fault of
    /// ours.
    fn from(error: DbErr) -> Self {
        if database::is_away(&error) {
            tracing::warn!(%error, "the store cannot be reached");
            let message = "the store cannot be reached now";
            return Self::Rejected(Rejection::new(Kind::Unavailable, "STORE_UNAVAILABLE", message));
        }
        if database::is_contended(&error) {
            let message = "the store has to serve others first";
            return Self::Rejected(Rejection::new(Kind::Unavailable, "STORE_CONTENDED", message));
        }
        Self::broken(error)
    }
}

impl From<tonic::Status> for Failure {
    fn from(status: tonic::Status) -> Self {
        Self::Rejected(status::from_status(&status))
    }
}

/// `error` and all its causes on one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        // Many libraries repeat the cause in their own text.
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
