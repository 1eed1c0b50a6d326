//! An event as a part of its trace: it is applied in the trace of the command that brought it about, and so
//! is what comes of it.

use std::borrow::Cow;

use phidia_domain::id::EventId;
use phidia_proto::events::v1::Event;
use phidia_runtime::{failure::Failure, telemetry::TraceParent};
use sea_orm::DatabaseTransaction;
use tracing::{Instrument as _, field::Empty};

use super::EventSink;
use crate::facts::{self, Facts};

/// Applies one event in a span of its own. Where spans leave the process, the sink and its new facts see that
/// span as the event's trace context: what they store or tell goes on from it.
pub(super) async fn apply<S: EventSink>(
    sink: &S,
    tx: &DatabaseTransaction,
    id: EventId,
    event: &Event,
    facts: &mut Facts,
) -> Result<(), Failure> {
    let kind = event.fact.as_ref().map_or("", facts::kind);
    let span = tracing::debug_span!(
        "apply",
        otel.kind = "consumer",
        otel.name = format_args!("{} applies {kind}", facts.source()),
        otel.status_code = Empty,
        phidia.service = facts.source(),
        phidia.application.id = event.application_id,
        phidia.event.id = event.id,
        phidia.event.source = event.source,
    );
    let event = match TraceParent::pick_up(&event.traceparent, &span) {
        Some(traceparent) => Cow::Owned(Event { traceparent, ..event.clone() }),
        None => Cow::Borrowed(event),
    };
    facts.because_of(id, &event);
    let applied = sink.apply(tx, &event, facts).instrument(span.clone()).await;
    if applied.is_err() {
        span.record("otel.status_code", "ERROR");
    }
    applied
}
