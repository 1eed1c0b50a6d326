//! What is measured, and how it leaves the process: scraped from the admin port (Prometheus), or sent to the
//! collector (OTLP). Where neither is asked for, nothing is counted.
//!
//! An instrument is a `static` beside what it measures. All there are, by OpenTelemetry's names (Prometheus
//! has `_` for `.`, the unit behind, and `_total` behind counters):
//!
//! | name | what | labels |
//! |---|---|---|
//! | `rpc.server.duration` | calls, and how long they took until their answer's headers | `rpc.service`, `rpc.method`, `rpc.grpc.status_code` |
//! | `phidia.outbox.outstanding` | events that are neither applied at a subscriber nor parked | `service`, `subscriber` |
//! | `phidia.outbox.parked` | events that a subscriber refused | `service`, `subscriber` |
//! | `phidia.outbox.oldest_age` | how long the oldest outstanding event waits | `service`, `subscriber` |
//! | `phidia.store.commits` | transactions committed by this process | `service` |
//! | `phidia.board.ready` | 1: the board takes reservations; 0: it is away, or not built | |
//! | `phidia.board.epoch` | how often the board was built | |
//! | `phidia.board.open_items` | work items that it counts, over all units | |
//! | `phidia.board.queued` | working minutes that it counts, over all units | |
//! | `phidia.board.drift`, `.drift_items` | minutes, and work items, by which it and the store differ; to be 0 | |
//! | `phidia.board.mended` | boards that were built anew because they drifted | |
//! | `phidia.assignments` | work items that got their unit | `ground` |
//! | `phidia.unassignable` | decisions that found no unit | `reason` |
//! | `phidia.routing.backlog` | what waits in routing's store; every replica shows the same | `kind`: `agenda`, `moves`, `unassignable`, `uncounted` (kept steps that the board does not count), `unlinked` (decisions without a place in the log) |
//! | `phidia.attachments.waiting` | contents that wait for the virus scanner; every replica shows the same | |
//! | `phidia.attachments.quarantined` | contents in which it found something | |
//! | `phidia.portal.waiting`, `.refused` | messages to the national portal that wait, and that it refuses; every replica shows the same | |
//! | `phidia.portal.failed_arrivals` | what it brought and could not be taken in yet; every replica shows the same | |
//! | `phidia.portal.attempts` | attempts to tell it something | `outcome`: `delivered`, `later`, `refused` |
//! | `phidia.portal.arrivals` | what it brought | `outcome`: `taken`, `refused`, `failed` |
//! | `phidia.webhook.attempts` | attempts to send events to subscribers | `outcome`: `delivered`, `refused`, `away`, `gone` |
//! | `phidia.webhook.waiting`, `.dead` | applications of which a subscriber has not taken an event: it is tried again, or was given up; told by the replica that sends | |
//! | `phidia.webhook.disabled` | subscriptions that are disabled; told by the replica that sends | |
//! | `phidia.webhook.behind` | events of the feed behind the place of the active subscription that is farthest behind; told by the replica that sends | |
//! | `phidia.notice.attempts` | attempts to tell somebody something | `channel`, `provider`, `outcome`: `taken`, `away`, `passing`, `throttled`, `ambiguous`, `refused`, `fault` |
//! | `phidia.notice.waiting`, `.oldest_age` | messages that are not told yet, and how old the oldest fact among them is; every replica shows the same | `channel`, `state` |
//! | `phidia.notice.found` | messages that were lost and found; to be 0 | `missing`: `delivery`, `receipt`, `answer`, `message`, `letter` |
//! | `phidia.provider.open` | 1: the process leaves the provider alone, which was away | `provider` |
//! | `phidia.conservation.lost`, `.doubled` | applications that the last run of conservation named | |
//! | `phidia.conservation.load_drift` | working minutes by which board and open decisions differed in it | |
//! | `phidia.conservation.last_run` | when that was, in seconds since 1970 | |
//! | `phidia.build.info` | always 1 | `version` |
//! | `otel.sdk.exporter.{span,log}.exported` | what was sent; with `error.type`: what was lost in sending | `error.type` |
//! | `otel.sdk.processor.{span,log}.processed` | the same before sending; `error.type="queue_full"`: dropped | `error.type` |
//!
//! A label has few values, known beforehand: never an id, never anything that a caller sends.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use opentelemetry::{
    KeyValue, global,
    metrics::{self, Meter},
};
use opentelemetry_sdk::{
    Resource,
    metrics::{PeriodicReader, SdkMeterProvider, exporter::PushMetricExporter},
};
use prometheus::{Registry, TextEncoder};

use crate::failure::Failure;

/// How often that is looked up which nobody tells by itself; real time.
pub const PERIOD: Duration = Duration::from_secs(5);

/// Whether anybody looks: instruments are made when they are first used, and must be made after the provider.
static ON: AtomicBool = AtomicBool::new(false);

static BUILD: Gauge = Gauge::new("phidia.build.info", "", "Always 1; what runs is in the labels.");

/// A label of a measurement.
pub type Label<'l> = (&'static str, &'l str);

/// Whether anything is measured in this process.
pub fn are_on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// Something that is counted.
#[derive(Debug)]
pub struct Counter(Instrument<metrics::Counter<u64>>);

impl Counter {
    /// A counter with its unit in UCUM (`{call}`, `s`), and what it counts.
    pub const fn new(name: &'static str, unit: &'static str, about: &'static str) -> Self {
        Self(Instrument::new(name, unit, about))
    }

    /// Counts `more`.
    pub fn add(&self, more: u64, labels: &[Label<'_>]) {
        self.0.with(
            |meter, Instrument { name, unit, about, .. }| {
                meter.u64_counter(*name).with_unit(*unit).with_description(*about).build()
            },
            |counter| counter.add(more, &pairs(labels)),
        );
    }
}

/// Something that goes up and down.
#[derive(Debug)]
pub struct Gauge(Instrument<metrics::Gauge<f64>>);

impl Gauge {
    /// A gauge with its unit in UCUM (empty: none; `1` is a ratio to Prometheus), and what it shows.
    pub const fn new(name: &'static str, unit: &'static str, about: &'static str) -> Self {
        Self(Instrument::new(name, unit, about))
    }

    /// Shows `value` from now on.
    pub fn set(&self, value: f64, labels: &[Label<'_>]) {
        self.0.with(
            |meter, Instrument { name, unit, about, .. }| {
                meter.f64_gauge(*name).with_unit(*unit).with_description(*about).build()
            },
            |gauge| gauge.record(value, &pairs(labels)),
        );
    }
}

/// How long something takes, in milliseconds.
#[derive(Debug)]
pub struct Durations(Instrument<metrics::Histogram<f64>>);

impl Durations {
    /// Upper bounds of the histogram's buckets.
    const BOUNDS: [f64; 13] =
        [1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1_000.0, 2_500.0, 5_000.0, 10_000.0];

    /// A histogram of milliseconds, and of what.
    pub const fn new(name: &'static str, about: &'static str) -> Self {
        Self(Instrument::new(name, "ms", about))
    }

    pub(crate) fn record(&self, took: Duration, labels: &[KeyValue]) {
        self.0.with(
            |meter, Instrument { name, unit, about, .. }| {
                let histogram = meter.f64_histogram(*name).with_unit(*unit).with_description(*about);
                histogram.with_boundaries(Self::BOUNDS.to_vec()).build()
            },
            |histogram| histogram.record(took.as_secs_f64() * 1e3, labels),
        );
    }
}

#[derive(Debug)]
struct Instrument<I> {
    name: &'static str,
    unit: &'static str,
    about: &'static str,
    made: OnceLock<I>,
}

impl<I> Instrument<I> {
    const fn new(name: &'static str, unit: &'static str, about: &'static str) -> Self {
        Self { name, unit, about, made: OnceLock::new() }
    }

    fn with(&self, make: impl FnOnce(&Meter, &Self) -> I, measure: impl FnOnce(&I)) {
        if are_on() {
            measure(self.made.get_or_init(|| make(&global::meter("phidia"), self)));
        }
    }
}

fn pairs(labels: &[Label<'_>]) -> Vec<KeyValue> {
    labels.iter().map(|(key, value)| KeyValue::new(*key, (*value).to_owned())).collect()
}

/// What is measured, as Prometheus reads it.
#[derive(Clone, Debug)]
pub struct Scrape(Registry);

impl Scrape {
    /// The content type of [`Self::text`].
    pub const CONTENT_TYPE: &'static str = prometheus::TEXT_FORMAT;

    /// All that is measured, at this moment, in Prometheus' text format.
    ///
    /// # Errors
    /// Broken when it cannot be put into text.
    pub fn text(&self) -> Result<String, Failure> {
        TextEncoder::new().encode_to_string(&self.0.gather()).map_err(Failure::broken)
    }
}

/// Begins to measure, for those who look.
pub(crate) fn start<E: PushMetricExporter>(
    resource: Resource,
    collector: Option<E>,
    scraped: bool,
) -> Result<(Option<SdkMeterProvider>, Option<Scrape>), Failure> {
    if collector.is_none() && !scraped {
        return Ok((None, None));
    }
    let mut provider = SdkMeterProvider::builder().with_resource(resource);
    if let Some(collector) = collector {
        provider = provider.with_reader(PeriodicReader::builder(collector).build());
    }
    let mut scrape = None;
    if scraped {
        let registry = Registry::new();
        let reader = opentelemetry_prometheus::exporter().with_registry(registry.clone());
        let reader = reader.scope_info_enabled(false).build().map_err(Failure::broken)?;
        provider = provider.with_reader(reader);
        scrape = Some(Scrape(registry));
    }
    let provider = provider.build();
    global::set_meter_provider(provider.clone());
    ON.store(true, Ordering::Relaxed);
    BUILD.set(1.0, &[("version", env!("CARGO_PKG_VERSION"))]);
    Ok((Some(provider), scrape))
}
