//! Logs to standard error; and, to a collector, logs, traces and metrics (OTLP over gRPC).
//!
//! A span leaves the process if and only if it has the field `otel.kind`: so the spans of libraries, of
//! workers and of streams without an end stay here, whatever the log's filter says. The standard variables of
//! OpenTelemetry's SDK hold beside ours: `OTEL_TRACES_SAMPLER`, `OTEL_RESOURCE_ATTRIBUTES`,
//! `OTEL_METRIC_EXPORT_INTERVAL`.
//!
//! Nothing personal goes into a span, a log or a metric: what they may hold of an application is its id.

mod export;
mod trace_parent;

use std::{
    io::{self, IsTerminal as _},
    thread,
    time::Duration,
};

use futures::future::join_all;
use opentelemetry::{KeyValue, trace::TracerProvider as _};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::{
    Resource, logs::SdkLoggerProvider, metrics::SdkMeterProvider, trace::SdkTracerProvider,
};
use phidia_domain::{Rejection, id::ApplicationId};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use tracing::{Metadata, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{FilterExt as _, FilterFn, filter_fn},
    fmt,
    layer::SubscriberExt as _,
    registry,
    util::SubscriberInitExt as _,
};

use crate::{
    failure::Failure,
    metrics::{self, Scrape},
    random,
};
use export::Collector;
pub use trace_parent::TraceParent;

/// How long the last telemetry may take when a process ends.
const FLUSH: Duration = Duration::from_secs(2);

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

/// Where telemetry is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetryConfig {
    /// `http://host:port` of a collector (OTLP over gRPC); none: nothing is sent.
    pub endpoint: Option<String>,
    /// How many spans may wait for the collector, and how many log records; more are dropped, and counted.
    pub queue: usize,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self { endpoint: None, queue: 4096 }
    }
}

/// What watches this process. It is to be [stopped](Self::stop) at the end, or its last words are lost.
#[derive(Debug)]
#[must_use]
pub struct Telemetry {
    spans: Option<SdkTracerProvider>,
    logs: Option<SdkLoggerProvider>,
    metrics: Option<SdkMeterProvider>,
    scrape: Option<Scrape>,
}

/// Starts logging to standard error, and nothing else. Where a subscriber is already set (a second call, a
/// test), it stays.
///
/// # Errors
/// `INVALID_ARGUMENT` when the filter cannot be read.
pub fn init(log: &LogConfig) -> Result<(), Failure> {
    subscribe(log, None, None)
}

/// Starts logging, and what `telemetry` asks for; metrics are there to be scraped where they are `scraped`.
/// `service` is the name by which a collector knows the process. Once in a process, and inside a runtime.
///
/// # Errors
/// `INVALID_ARGUMENT` when the filter cannot be read, or when the endpoint is none.
pub fn start(
    service: &'static str,
    log: &LogConfig,
    telemetry: &TelemetryConfig,
    scraped: bool,
) -> Result<Telemetry, Failure> {
    let endpoint = telemetry.endpoint.as_deref();
    let collector = endpoint.map(|endpoint| Collector::at(endpoint, telemetry.queue)).transpose()?;
    let resource = resource(service);
    let exporter = collector.as_ref().map(Collector::metrics).transpose()?;
    // First: the others count what they drop.
    let (metrics, scrape) = metrics::start(resource.clone(), exporter, scraped)?;
    let spans = collector.as_ref().map(|collector| collector.spans(resource.clone())).transpose()?;
    let logs = collector.as_ref().map(|collector| collector.logs(resource)).transpose()?;
    subscribe(log, spans.as_ref(), logs.as_ref())?;
    Ok(Telemetry { spans, logs, metrics, scrape })
}

impl Telemetry {
    /// What is measured, for the admin port; none where that was not asked for.
    pub fn scrape(&self) -> Option<Scrape> {
        self.scrape.clone()
    }

    /// Sends what is still here, for two seconds at most.
    pub async fn stop(self) {
        let Self { spans, logs, metrics, scrape: _ } = self;
        // They block, and not all of them heed a limit: on threads that are left alone after it.
        let last = [
            spans.map(|spans| ending(move || spans.shutdown_with_timeout(FLUSH).is_ok())),
            logs.map(|logs| ending(move || logs.shutdown_with_timeout(FLUSH).is_ok())),
            metrics.map(|metrics| ending(move || metrics.shutdown_with_timeout(FLUSH).is_ok())),
        ];
        let ended = tokio::time::timeout(FLUSH, join_all(last.into_iter().flatten())).await;
        if !ended.is_ok_and(|ended| ended.into_iter().all(|sent| sent == Ok(true))) {
            tracing::warn!("the last telemetry was not taken in time");
        }
    }
}

fn ending(end: impl FnOnce() -> bool + Send + 'static) -> oneshot::Receiver<bool> {
    let (tell, told) = oneshot::channel();
    thread::spawn(move || tell.send(end()));
    told
}

/// Says that the span at work here is about this application.
pub fn concerns(application: ApplicationId) {
    if TraceParent::current().is_some() {
        Span::current().set_attribute("phidia.application.id", application.to_string());
    }
}

fn subscribe(
    log: &LogConfig,
    spans: Option<&SdkTracerProvider>,
    logs: Option<&SdkLoggerProvider>,
) -> Result<(), Failure> {
    let filter = || {
        EnvFilter::builder()
            .parse(&log.filter)
            .map_err(|error| Rejection::invalid("MALFORMED_FILTER", "log.filter", error.to_string()))
    };
    let spans = spans.map(|spans| {
        // Where a span is in the code, and on which thread, is of no use to who looks at a province.
        tracing_opentelemetry::layer()
            .with_tracer(spans.tracer("phidia"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(leaves))
    });
    let logs = match logs {
        Some(logs) => {
            Some(OpenTelemetryTracingBridge::new(logs).with_filter(filter()?.and(not_of_the_way())))
        }
        None => None,
    };
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    let lines = match log.format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    // The only fault here is that one is already set.
    drop(registry().with(spans).with(logs).with(lines.with_filter(filter()?)).try_init());
    Ok(())
}

fn leaves(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.fields().field("otel.kind").is_some()
}

/// What the way to the collector logs must not be sent on that way.
fn not_of_the_way() -> FilterFn {
    const WAY: [&str; 5] = ["h2", "tonic", "hyper", "tower", "opentelemetry"];
    filter_fn(|metadata| !WAY.iter().any(|way| metadata.target().starts_with(way)))
}

fn resource(service: &'static str) -> Resource {
    Resource::builder()
        .with_service_name(service)
        .with_attributes([
            KeyValue::new("service.namespace", "phidia"),
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            KeyValue::new("service.instance.id", random::hex(&random::bytes::<16>())),
        ])
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logging_starts_once_and_refuses_a_filter_it_cannot_read() {
        init(&LogConfig::default()).unwrap();
        init(&LogConfig { format: LogFormat::Json, ..LogConfig::default() }).unwrap();
        assert!(init(&LogConfig { filter: "a=b=c".into(), ..LogConfig::default() }).is_err());
    }

    #[tokio::test]
    async fn an_endpoint_that_is_none_is_refused() {
        for endpoint in ["", "collector:4317", "https://collector:4317", "http://"] {
            let config =
                TelemetryConfig { endpoint: Some(endpoint.to_owned()), ..TelemetryConfig::default() };
            let refused = start("test", &LogConfig::default(), &config, false).unwrap_err();
            assert!(refused.to_string().contains("telemetry.endpoint"), "{endpoint}: {refused}");
        }
    }
}
