//! Logs to standard error, and the W3C trace context that binds the logs of one request together.

use std::{fmt, io, str::FromStr};

use phidia_domain::Rejection;
use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

use crate::{failure::Failure, random};

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// How lines look.
    pub format: LogFormat,
    /// Which lines there are, in the words of `tracing`'s `EnvFilter`, e.g. `info,phidia_routing=debug`.
    pub filter: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".to_owned() }
    }
}

/// Starts logging to standard error. Where a subscriber is already set (a second call, a test), it stays.
///
/// # Errors
/// `INVALID_ARGUMENT` when the filter cannot be read.
pub fn init(config: &LogConfig) -> Result<(), Failure> {
    let filter = EnvFilter::builder()
        .parse(&config.filter)
        .map_err(|error| Rejection::invalid("MALFORMED_FILTER", "log.filter", error.to_string()))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = match config.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    // The only fault here is that one is already set.
    drop(started);
    Ok(())
}

/// A place in a trace: W3C `traceparent`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceParent {
    trace: [u8; 16],
    span: [u8; 8],
    flags: u8,
}

impl TraceParent {
    /// The header's name.
    pub const HEADER: &'static str = "traceparent";

    /// The beginning of a new, sampled trace.
    pub fn make() -> Self {
        Self { trace: random::bytes(), span: random::bytes(), flags: 1 }
    }

    /// A new span in the same trace.
    #[must_use]
    pub fn child(self) -> Self {
        Self { span: random::bytes(), ..self }
    }

    /// The trace's id, in 32 hexadecimal digits.
    pub fn trace_id(self) -> String {
        random::hex(&self.trace)
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", random::hex(&self.trace), random::hex(&self.span), self.flags)
    }
}

impl fmt::Debug for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for TraceParent {
    type Err = Rejection;

    /// Reads version 00, and of a later version the part that is alike.
    fn from_str(text: &str) -> Result<Self, Rejection> {
        parse(text).ok_or_else(|| {
            Rejection::invalid(
                "MALFORMED_TRACEPARENT",
                Self::HEADER,
                "expected the form of W3C trace context",
            )
        })
    }
}

fn parse(text: &str) -> Option<TraceParent> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let mut parts = text.split('-');
    let [version] = random::unhex(parts.next()?)?;
    let trace = random::unhex(parts.next()?).filter(|trace| *trace != [0; 16])?;
    let span = random::unhex(parts.next()?).filter(|span| *span != [0; 8])?;
    let [flags] = random::unhex(parts.next()?)?;
    let readable = version != 0xff && (version != 0 || parts.next().is_none());
    readable.then_some(TraceParent { trace, span, flags })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trace_parents_go_there_and_back() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let parent: TraceParent = text.parse().unwrap();
        assert_eq!(parent.to_string(), text);
        let child = parent.child();
        assert_eq!(child.trace_id(), parent.trace_id());
        assert_ne!(child, parent);
        assert_eq!(TraceParent::make().to_string().len(), text.len());
    }

    #[test]
    fn what_is_no_trace_parent_is_refused() {
        for text in [
            "",
            "00",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert!(text.parse::<TraceParent>().is_err(), "{text}");
        }
    }

    #[test]
    fn logging_starts_once_and_refuses_a_filter_it_cannot_read() {
        init(&LogConfig::default()).unwrap();
        init(&LogConfig { format: LogFormat::Json, ..LogConfig::default() }).unwrap();
        assert!(init(&LogConfig { filter: "a=b=c".into(), ..LogConfig::default() }).is_err());
    }
}
