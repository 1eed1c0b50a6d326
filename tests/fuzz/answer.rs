//! A call as it goes over the wire: HTTP/2 with whatever headers and bytes, and what came back.

use std::{
    convert::Infallible,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use http_body::{Body as _, Frame};
use tonic::{
    Status,
    body::Body,
    codegen::{
        Bytes, Service as _,
        http::{HeaderMap, HeaderValue, Request, Version},
    },
    transport::Channel,
};

use crate::case::Case;

/// Longer than the server gives to any call.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came back.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Nothing, for a long time.
    None,
    /// Message frames, and no status for a long time.
    Open(Vec<u8>),
    /// The connection or the stream ended before there was a status.
    Broken(String),
    /// The answer's message frames, one after the other, and its status.
    Given { http: u16, body: Vec<u8>, status: Status },
}

/// Makes a call.
pub(crate) async fn to(channel: Channel, case: &Case) -> Answer {
    let mut body = Vec::new();
    match tokio::time::timeout(PATIENCE, send(channel, case, &mut body)).await {
        Err(_) if body.is_empty() => Answer::None,
        Err(_) => Answer::Open(body),
        Ok(Err(broken)) => Answer::Broken(broken),
        Ok(Ok((http, status))) => Answer::Given { http, body, status },
    }
}

/// HTTP's status and gRPC's; `body` gets the message frames as they come.
async fn send(mut channel: Channel, case: &Case, body: &mut Vec<u8>) -> Result<(u16, Status), String> {
    let mut request = Request::post(&case.path).version(Version::HTTP_2);
    *request.headers_mut().expect("it has a path") = case.told.headers.clone();
    let request = request
        .header("te", HeaderValue::from_static("trailers"))
        .header("content-type", HeaderValue::from_static("application/grpc"))
        .body(Body::new(Once(Some(Bytes::from(case.body.clone())))))
        .unwrap();
    poll_fn(|cx| channel.poll_ready(cx)).await.map_err(|error| chain(&error))?;
    let response = channel.call(request).await.map_err(|error| chain(&error))?;
    let http = response.status().as_u16();
    let mut told: HeaderMap = response.headers().clone();
    let mut stream = response.into_body();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut stream).poll_frame(cx)).await {
        match frame.map_err(|error| chain(&error))?.into_data() {
            Ok(data) => body.extend(data),
            Err(frame) => told.extend(frame.into_trailers().unwrap_or_default()),
        }
    }
    let status = Status::from_header_map(&told).ok_or_else(|| format!("HTTP {http} without a status"))?;
    Ok((http, status))
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text += &format!(": {next}");
        cause = next.source();
    }
    text
}

/// Bytes as they are.
struct Once(Option<Bytes>);

impl http_body::Body for Once {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }
}
