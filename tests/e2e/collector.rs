//! A collector of telemetry as OTLP has it, over a real socket, that keeps what it is sent.

use std::sync::{Arc, Mutex, MutexGuard};

use opentelemetry_proto::tonic::{
    collector::{
        logs::v1::{
            ExportLogsServiceRequest, ExportLogsServiceResponse,
            logs_service_server::{LogsService, LogsServiceServer},
        },
        metrics::v1::{
            ExportMetricsServiceRequest, ExportMetricsServiceResponse,
            metrics_service_server::{MetricsService, MetricsServiceServer},
        },
        trace::v1::{
            ExportTraceServiceRequest, ExportTraceServiceResponse,
            trace_service_server::{TraceService, TraceServiceServer},
        },
    },
    common::v1::{KeyValue, any_value::Value},
    trace::v1::Span,
};
use prost::Message as _;
use tokio::net::TcpListener;
use tonic::{
    Request, Response, Status,
    transport::{Server, server::TcpIncoming},
};

#[derive(Clone, Default)]
pub(crate) struct Collector(Arc<Mutex<Kept>>);

#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) traces: Vec<ExportTraceServiceRequest>,
    pub(crate) logs: Vec<ExportLogsServiceRequest>,
    pub(crate) metrics: Vec<ExportMetricsServiceRequest>,
}

impl Collector {
    /// A collector, and the endpoint to send to.
    pub(crate) async fn listen() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let collector = Self::default();
        let server = Server::builder()
            .add_service(TraceServiceServer::new(collector.clone()))
            .add_service(LogsServiceServer::new(collector.clone()))
            .add_service(MetricsServiceServer::new(collector.clone()))
            .serve_with_incoming(TcpIncoming::from(listener));
        tokio::spawn(server);
        (collector, endpoint)
    }

    pub(crate) fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap()
    }

    /// All spans that came.
    pub(crate) fn spans(&self) -> Vec<Span> {
        self.spans_by_service().into_iter().map(|(_, span)| span).collect()
    }

    /// All spans that came, with the name of the process that each is from.
    pub(crate) fn spans_by_service(&self) -> Vec<(String, Span)> {
        let kept = self.kept();
        let resources = kept.traces.iter().flat_map(|request| &request.resource_spans);
        resources
            .flat_map(|told| {
                let attributes = &told.resource.as_ref().unwrap().attributes;
                let service = attribute(attributes, "service.name").unwrap();
                let spans = told.scope_spans.iter().flat_map(|scope| scope.spans.clone());
                spans.map(|span| (service.to_owned(), span))
            })
            .collect()
    }

    /// Every byte of every message that came.
    pub(crate) fn bytes(&self) -> Vec<Vec<u8>> {
        let kept = self.kept();
        let traces = kept.traces.iter().map(|request| request.encode_to_vec());
        let logs = kept.logs.iter().map(|request| request.encode_to_vec());
        let metrics = kept.metrics.iter().map(|request| request.encode_to_vec());
        traces.chain(logs).chain(metrics).collect()
    }
}

/// A text among attributes.
pub(crate) fn attribute<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.kept().traces.push(request.into_inner());
        Ok(Response::new(Default::default()))
    }
}

#[tonic::async_trait]
impl LogsService for Collector {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        self.kept().logs.push(request.into_inner());
        Ok(Response::new(Default::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Collector {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        self.kept().metrics.push(request.into_inner());
        Ok(Response::new(Default::default()))
    }
}
