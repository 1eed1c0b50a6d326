//! The way to a collector (OTLP over gRPC), on which nothing waits: what is exported is queued, and a thread
//! of its own sends it. A collector that is away, slow, or takes all and answers nothing costs telemetry: what
//! it does not take in time, and what does not fit into the queue meanwhile. Both are counted.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use opentelemetry_otlp::{LogExporter, MetricExporter, SpanExporter, WithTonicConfig as _};
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    logs::{self, BatchLogProcessor, LogBatch, SdkLoggerProvider},
    metrics::{Temporality, data::ResourceMetrics, exporter::PushMetricExporter},
    trace::{self, BatchSpanProcessor, SdkTracerProvider, SpanData},
};
use phidia_domain::Rejection;
use tokio::runtime::Handle;
use tonic::transport::{Channel, Endpoint};

use crate::{failure::Failure, metrics::Counter};

/// How long a batch may take, with all that goes wrong on its way. The SDK's own limit does not hold on its
/// threads.
const LONGEST_EXPORT: Duration = Duration::from_secs(3);
/// How long a span or a log record waits for others to go with.
const GATHER: Duration = Duration::from_secs(1);
/// The most spans or log records in a message.
const BATCH: usize = 512;

static SPANS: Counter = Counter::new(
    "otel.sdk.exporter.span.exported",
    "{span}",
    "Spans that were sent to the collector, or lost on the way (error.type).",
);
static LOGS: Counter = Counter::new(
    "otel.sdk.exporter.log.exported",
    "{log_record}",
    "Log records that were sent to the collector, or lost on the way (error.type).",
);

/// A collector that is sent to.
#[derive(Debug)]
pub(super) struct Collector {
    channel: Channel,
    queue: usize,
    /// Told once per trouble, not once per attempt.
    trouble: Arc<AtomicBool>,
}

impl Collector {
    /// The collector at `endpoint`, which is connected to when there is something to send.
    pub(super) fn at(endpoint: &str, queue: usize) -> Result<Self, Failure> {
        let malformed = || {
            Rejection::invalid("MALFORMED_ENDPOINT", "telemetry.endpoint", "expected http://host:port (gRPC)")
        };
        if !endpoint.starts_with("http://") {
            return Err(malformed().into());
        }
        let endpoint = Endpoint::from_shared(endpoint.to_owned()).map_err(|_| malformed())?;
        let channel = endpoint.connect_timeout(LONGEST_EXPORT).connect_lazy();
        // The SDK refuses a queue that is shorter than its batches.
        Ok(Self { channel, queue: queue.max(1), trouble: Arc::default() })
    }

    pub(super) fn spans(&self, resource: Resource) -> Result<SdkTracerProvider, Failure> {
        let exporter = SpanExporter::builder().with_tonic().with_channel(self.channel.clone()).build();
        let settings = trace::BatchConfigBuilder::default()
            .with_max_queue_size(self.queue)
            .with_max_export_batch_size(BATCH.min(self.queue))
            .with_scheduled_delay(GATHER)
            .build();
        let processor = BatchSpanProcessor::new(self.bound(exporter.map_err(Failure::broken)?), settings);
        Ok(SdkTracerProvider::builder().with_resource(resource).with_span_processor(processor).build())
    }

    pub(super) fn logs(&self, resource: Resource) -> Result<SdkLoggerProvider, Failure> {
        let exporter = LogExporter::builder().with_tonic().with_channel(self.channel.clone()).build();
        let settings = logs::BatchConfigBuilder::default()
            .with_max_queue_size(self.queue)
            .with_max_export_batch_size(BATCH.min(self.queue))
            .with_scheduled_delay(GATHER)
            .build();
        let exporter = self.bound(exporter.map_err(Failure::broken)?);
        let processor = BatchLogProcessor::builder(exporter).with_batch_config(settings).build();
        Ok(SdkLoggerProvider::builder().with_resource(resource).with_log_processor(processor).build())
    }

    pub(super) fn metrics(&self) -> Result<Bounded<MetricExporter>, Failure> {
        let exporter = MetricExporter::builder().with_tonic().with_channel(self.channel.clone()).build();
        Ok(self.bound(exporter.map_err(Failure::broken)?))
    }

    fn bound<E>(&self, exporter: E) -> Bounded<E> {
        Bounded { exporter, runtime: Handle::current(), trouble: Arc::clone(&self.trouble) }
    }
}

/// An exporter that ends in time, and counts what it could not send.
#[derive(Debug)]
pub(super) struct Bounded<E> {
    exporter: E,
    /// The SDK's threads have no timer.
    runtime: Handle,
    trouble: Arc<AtomicBool>,
}

impl<E> Bounded<E> {
    async fn run(&self, export: impl Future<Output = OTelSdkResult> + Send) -> OTelSdkResult {
        let bounded = {
            let _inside = self.runtime.enter();
            tokio::time::timeout(LONGEST_EXPORT, export)
        };
        let outcome = bounded.await.unwrap_or(Err(OTelSdkError::Timeout(LONGEST_EXPORT)));
        let before = self.trouble.swap(outcome.is_err(), Ordering::Relaxed);
        match &outcome {
            Err(error) if !before => {
                tracing::warn!(%error, "the collector takes no telemetry; it is lost, and counted");
            }
            Ok(()) if before => tracing::info!("the collector takes telemetry again"),
            _ => {}
        }
        outcome
    }

    async fn send(
        &self,
        counter: &Counter,
        many: usize,
        export: impl Future<Output = OTelSdkResult> + Send,
    ) -> OTelSdkResult {
        let outcome = self.run(export).await;
        let labels: &[_] = match &outcome {
            Ok(()) => &[],
            Err(OTelSdkError::Timeout(_)) => &[("error.type", "timeout")],
            Err(OTelSdkError::AlreadyShutdown) => &[("error.type", "already_shutdown")],
            Err(OTelSdkError::InternalFailure(_)) => &[("error.type", "rejected")],
        };
        counter.add(u64::try_from(many).unwrap_or(u64::MAX), labels);
        outcome
    }
}

impl<E: trace::SpanExporter> trace::SpanExporter for Bounded<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.send(&SPANS, batch.len(), self.exporter.export(batch)).await
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

impl<E: logs::LogExporter> logs::LogExporter for Bounded<E> {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        self.send(&LOGS, batch.iter().count(), self.exporter.export(batch)).await
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

impl<E: PushMetricExporter> PushMetricExporter for Bounded<E> {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        // Counts go on growing: what is not sent now is in what is sent next.
        self.run(self.exporter.export(metrics)).await
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.exporter.temporality()
    }
}
