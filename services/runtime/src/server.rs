//! A port that serves gRPC: our routes, health and reflection behind one stack, and a way to stop that
//! loses no call that can be answered in time.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::transport::{self, server::TcpIncoming};
use tonic_health::{ServingStatus, server::HealthReporter};

use crate::{failure::Failure, stack::Stacked};

/// How long connections may take to close after their calls were ended.
const LINGER: Duration = Duration::from_secs(1);
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_STREAMS_PER_CONNECTION: u32 = 1024;

/// What every port serves that has reflection.
const OWN_SERVICES: [&str; 3] = [
    tonic_health::pb::health_server::SERVICE_NAME,
    tonic_reflection::pb::v1::server_reflection_server::SERVICE_NAME,
    tonic_reflection::pb::v1alpha::server_reflection_server::SERVICE_NAME,
];
const OWN_DESCRIPTORS: [&[u8]; 3] = [
    tonic_health::pb::FILE_DESCRIPTOR_SET,
    tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
    tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
];

/// What is served on one port.
#[derive(Debug)]
pub struct Server {
    service: Stacked,
    descriptors: Vec<&'static [u8]>,
    names: Vec<String>,
}

impl Server {
    /// Serves `service`, and nothing but health beside it.
    pub fn new(service: Stacked) -> Self {
        Self { service, descriptors: Vec::new(), names: Vec::new() }
    }

    /// Shows an encoded `FileDescriptorSet` by reflection (v1 and v1alpha). What it describes beyond the services
    /// that are served can be looked up, and is not listed.
    #[must_use]
    pub fn descriptors(mut self, encoded: &'static [u8]) -> Self {
        self.descriptors.push(encoded);
        self
    }

    /// Names the gRPC services that are served (`phidia.intake.v1.ApplicationService`): reflection lists them
    /// beside health and itself, and health tells of each, beside the server as a whole (the empty name).
    #[must_use]
    pub fn serving<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.names.extend(names.into_iter().map(Into::into));
        self
    }

    /// Serves until `stop`. Then health says NOT_SERVING, no connection is taken any more, and calls have
    /// `grace` to end; those that have not are answered UNAVAILABLE.
    ///
    /// # Errors
    /// Broken when the descriptors cannot be read, or when the transport fails.
    pub async fn run(
        self,
        listener: TcpListener,
        stop: CancellationToken,
        grace: Duration,
    ) -> Result<(), Failure> {
        let (health, health_service) = tonic_health::server::health_reporter();
        self.tell(&health, ServingStatus::Serving).await;

        let (draining, abort) = (CancellationToken::new(), CancellationToken::new());
        let mut service = self.service.clone().mount(health_service).aborted_by(abort.clone());
        if !self.descriptors.is_empty() {
            let v1 = self.reflection().build_v1().map_err(Failure::broken)?;
            let v1alpha = self.reflection().build_v1alpha().map_err(Failure::broken)?;
            service = service.mount(v1).mount(v1alpha);
        }

        // `tcp_nodelay` of the builder is ignored with a given listener: without this one a call that
        // waits for Nagle takes 40 ms.
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        let serving = transport::Server::builder()
            .http2_keepalive_interval(Some(KEEP_ALIVE_INTERVAL))
            .http2_keepalive_timeout(Some(KEEP_ALIVE_TIMEOUT))
            .max_concurrent_streams(MAX_STREAMS_PER_CONNECTION)
            .serve_with_incoming_shutdown(service, incoming, draining.clone().cancelled_owned());
        tokio::pin!(serving);

        tokio::select! {
            ended = &mut serving => return ended.map_err(Failure::broken),
            () = stop.cancelled() => {}
        }
        self.tell(&health, ServingStatus::NotServing).await;
        draining.cancel();
        if let Ok(ended) = tokio::time::timeout(grace, &mut serving).await {
            return ended.map_err(Failure::broken);
        }
        tracing::warn!("calls did not end in time");
        // Connections live on tasks of tonic's own, which cannot be dropped from here: what ends them is
        // that each of their calls is answered.
        abort.cancel();
        match tokio::time::timeout(LINGER, serving).await {
            Ok(ended) => ended.map_err(Failure::broken),
            Err(_) => Ok(()),
        }
    }

    fn reflection(&self) -> tonic_reflection::server::Builder<'static> {
        let builder = tonic_reflection::server::Builder::configure().include_reflection_service(false);
        let descriptors = self.descriptors.iter().chain(&OWN_DESCRIPTORS);
        let builder = descriptors
            .fold(builder, |builder, encoded| builder.register_encoded_file_descriptor_set(encoded));
        let names = self.names.iter().map(String::as_str).chain(OWN_SERVICES);
        names.fold(builder, tonic_reflection::server::Builder::with_service_name)
    }

    async fn tell(&self, health: &HealthReporter, status: ServingStatus) {
        for name in self.names.iter().map(String::as_str).chain([""]) {
            health.set_service_status(name, status).await;
        }
    }
}
