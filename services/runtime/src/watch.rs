//! What is told of a call to those who watch the process: how long it took, and with which code it ended.

use std::time::Instant;

use opentelemetry::{
    KeyValue,
    trace::{Status, TraceContextExt as _},
};
use tonic::Code;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::metrics::{self, Durations};

static DURATION: Durations =
    Durations::new("rpc.server.duration", "Calls, by how long they took until their answer's headers.");

/// A call that is watched. One that is dropped before it was answered was given up by its caller.
pub(crate) struct Watched {
    since: Instant,
    /// None where nobody looks.
    labels: Option<[KeyValue; 3]>,
    span: Span,
    code: Code,
}

impl Watched {
    /// Of a call to `path`; what is not `known` may be any text, and all of that counts as one.
    pub(crate) fn new(path: &str, known: bool, span: &Span) -> Self {
        let name = if known { path.trim_start_matches('/') } else { "_OTHER/_OTHER" };
        let context = span.context();
        let leaving = context.span();
        let exported = leaving.span_context().is_valid();
        let labels = (exported || metrics::are_on()).then(|| {
            let (service, method) = name.split_once('/').unwrap_or((name, ""));
            [
                KeyValue::new("rpc.system", "grpc"),
                KeyValue::new("rpc.service", service.to_owned()),
                KeyValue::new("rpc.method", method.to_owned()),
            ]
        });
        if let Some(labels) = labels.as_ref().filter(|_| exported) {
            leaving.update_name(name.to_owned());
            leaving.set_attributes(labels.iter().cloned());
        }
        Self { since: Instant::now(), labels, span: span.clone(), code: Code::Cancelled }
    }

    /// It was answered with `code`.
    pub(crate) fn answered(mut self, code: Code) {
        self.code = code;
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let Some([system, service, method]) = self.labels.take() else { return };
        let code = KeyValue::new("rpc.grpc.status_code", i64::from(i32::from(self.code)));
        let context = self.span.context();
        context.span().set_attribute(code.clone());
        if is_our_fault(self.code) {
            context.span().set_status(Status::error(self.code.description()));
        }
        DURATION.record(self.since.elapsed(), &[system, service, method, code]);
    }
}

/// As the semantic conventions of servers have it: what a caller did wrong is no error of the span.
fn is_our_fault(code: Code) -> bool {
    match code {
        Code::Unknown
        | Code::DeadlineExceeded
        | Code::Unimplemented
        | Code::Internal
        | Code::Unavailable
        | Code::DataLoss => true,
        Code::Ok
        | Code::Cancelled
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::ResourceExhausted
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unauthenticated => false,
    }
}
