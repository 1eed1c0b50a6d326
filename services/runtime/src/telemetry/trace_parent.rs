//! The W3C trace context: how one trace goes on behind a call, and behind a row in an outbox.

use std::{fmt, str::FromStr};

use opentelemetry::{
    Context as OtelContext,
    trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};
use phidia_domain::Rejection;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::random;

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

    /// The place of a span that leaves the process; `None` for any other.
    pub fn of(span: &Span) -> Option<Self> {
        Self::of_context(span.context().span().span_context())
    }

    /// The place of the innermost span at work here that leaves the process, if there is one.
    pub fn current() -> Option<Self> {
        Self::of_context(OtelContext::current().span().span_context())
    }

    /// Puts `span`, which nobody has entered yet, into the trace of a stored context, and answers with its own
    /// place there, to be stored with what comes of it. `None` for a span that does not leave the process.
    pub fn pick_up(stored: &str, span: &Span) -> Option<String> {
        if let Ok(stored) = stored.parse::<Self>() {
            stored.adopt(span);
        }
        Self::of(span).map(|place| place.to_string())
    }

    /// Has the span at work here point to the one of a stored context, which is of another trace.
    pub fn link_to(stored: &str) {
        if let Ok(stored) = stored.parse::<Self>() {
            Span::current().add_link(stored.context());
        }
    }

    /// Makes this the parent of a span that nobody has entered yet.
    pub(crate) fn adopt(self, span: &Span) {
        // It fails for a span that does not leave the process: it has no parent to be told.
        let _ = span.set_parent(OtelContext::new().with_remote_span_context(self.context()));
    }

    fn of_context(context: &SpanContext) -> Option<Self> {
        context.is_valid().then(|| Self {
            trace: context.trace_id().to_bytes(),
            span: context.span_id().to_bytes(),
            flags: context.trace_flags().to_u8(),
        })
    }

    fn context(self) -> SpanContext {
        let (trace, span) = (TraceId::from_bytes(self.trace), SpanId::from_bytes(self.span));
        SpanContext::new(trace, span, TraceFlags::new(self.flags), true, TraceState::NONE)
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
    fn a_trace_parent_goes_through_opentelemetry() {
        for text in [
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
        ] {
            let parent: TraceParent = text.parse().unwrap();
            assert_eq!(TraceParent::of_context(&parent.context()), Some(parent));
        }
        assert_eq!(TraceParent::of_context(&SpanContext::NONE), None);
        assert_eq!(TraceParent::of(&Span::none()), None);
    }
}
