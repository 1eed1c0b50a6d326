//! Why a command is refused: a closed kind, a machine-readable reason, and the fields at fault.
//!
//! `runtime::status` is the only place that turns a [`Kind`] into a gRPC status code.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The closed set of ways in which a command can be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// The request itself is wrong, whatever the state. gRPC `INVALID_ARGUMENT`.
    Invalid,
    /// What is asked for lies beyond what is there. gRPC `OUT_OF_RANGE`.
    OutOfRange,
    /// What is named does not exist. gRPC `NOT_FOUND`.
    NotFound,
    /// The same key was used for something else. gRPC `ALREADY_EXISTS`.
    AlreadyExists,
    /// The state forbids it now. gRPC `FAILED_PRECONDITION`.
    Precondition,
    /// Somebody else was first (an old fence). gRPC `ABORTED`.
    Conflict,
    /// The caller may not. gRPC `PERMISSION_DENIED`.
    Forbidden,
    /// The caller is not known. gRPC `UNAUTHENTICATED`.
    Unauthenticated,
    /// Too much at once; try later. gRPC `RESOURCE_EXHAUSTED`.
    Exhausted,
    /// Something needed is away; try later. gRPC `UNAVAILABLE`.
    Unavailable,
    /// The caller's deadline passed. gRPC `DEADLINE_EXCEEDED`.
    Deadline,
    /// A fault of ours. gRPC `INTERNAL`; its text never leaves the process.
    Internal,
}

/// One field at fault, with what was expected of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldViolation {
    /// Path in the request, e.g. `applicant.name` or `steps[2].level`.
    pub field: String,
    /// What was expected, one clause, without the offending value (it may be personal).
    pub description: String,
    /// `UPPER_SNAKE_CASE`, stable, for programs: of several faults each has its own.
    #[serde(default)]
    pub reason: String,
    /// The same as a sentence in Vietnamese, where one is known here.
    #[serde(default)]
    pub in_vietnamese: Option<String>,
}

/// A refusal that may be shown to the caller as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// The kind, which decides the status code.
    pub kind: Kind,
    /// `UPPER_SNAKE_CASE`, stable, for programs (`google.rpc.ErrorInfo.reason`).
    pub reason: String,
    /// One clear sentence for a person, free of personal data.
    pub message: String,
    /// The fields at fault, if any.
    pub violations: Vec<FieldViolation>,
    /// Facts for programs (`google.rpc.ErrorInfo.metadata`), e.g. the present holder of a fence.
    pub metadata: Vec<(String, String)>,
}

impl Rejection {
    /// A refusal without field violations.
    pub fn new(kind: Kind, reason: &str, message: impl Into<String>) -> Self {
        Self {
            kind,
            reason: reason.to_owned(),
            message: message.into(),
            violations: Vec::new(),
            metadata: Vec::new(),
        }
    }

    /// An invalid field: `INVALID_ARGUMENT` with one field violation.
    pub fn invalid(reason: &str, field: &str, expected: impl Into<String>) -> Self {
        let expected = expected.into();
        Self::new(Kind::Invalid, reason, format!("{field}: {expected}")).violating(field, expected)
    }

    /// Something named does not exist.
    pub fn not_found(reason: &str, message: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, reason, message)
    }

    /// Adds a field violation.
    #[must_use]
    pub fn violating(mut self, field: &str, expected: impl Into<String>) -> Self {
        self.violations.push(FieldViolation {
            field: field.to_owned(),
            description: expected.into(),
            reason: self.reason.clone(),
            in_vietnamese: None,
        });
        self
    }

    /// Says what was expected of the last field in Vietnamese too.
    #[must_use]
    pub fn in_vietnamese(mut self, sentence: impl Into<String>) -> Self {
        if let Some(violation) = self.violations.last_mut() {
            violation.in_vietnamese = Some(sentence.into());
        }
        self
    }

    /// Adds a fact for programs.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.metadata.push((key.to_owned(), value.to_string()));
        self
    }

    /// The same refusal with every field path put under `parent`.
    #[must_use]
    pub fn under(mut self, parent: &str) -> Self {
        for violation in &mut self.violations {
            violation.field = format!("{parent}.{}", violation.field);
        }
        self
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Rejection {}
