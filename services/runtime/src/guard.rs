//! The body of a streamed answer: a panic in it, or the end of the server's patience, becomes trailers.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use futures::future::BoxFuture;
use http::HeaderMap;
use http_body::Frame;
use phidia_domain::{Kind, Rejection};
use tokio_util::sync::CancellationToken;
use tonic::{Status, body::Body};
use tracing::Span;

use crate::status;

/// A body of which no frame can hurt the connection that it is sent on.
pub(crate) struct Guarded {
    body: Option<Body>,
    abort: BoxFuture<'static, ()>,
    span: Span,
}

impl Guarded {
    pub(crate) fn new(body: Body, abort: CancellationToken) -> Self {
        Self { body: Some(body), abort: Box::pin(abort.cancelled_owned()), span: Span::current() }
    }
}

impl http_body::Body for Guarded {
    type Data = <Body as http_body::Body>::Data;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Status>>> {
        let this = self.get_mut();
        let _entered = this.span.enter();
        let Some(body) = this.body.as_mut() else { return Poll::Ready(None) };
        let end = if this.abort.as_mut().poll(cx).is_ready() {
            status::to_status(&going_away())
        } else {
            match catch_unwind(AssertUnwindSafe(|| Pin::new(body).poll_frame(cx))) {
                Ok(frame) => return frame,
                Err(_) => status::of_failure(panicked()),
            }
        };
        this.body = None;
        let mut trailers = HeaderMap::new();
        Poll::Ready(Some(end.add_header(&mut trailers).map(|()| Frame::trailers(trailers))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }
}

pub(crate) fn going_away() -> Rejection {
    Rejection::new(Kind::Unavailable, "GOING_AWAY", "this server is stopping")
}

/// The panic's own text is in the log already: the panic hook writes it.
pub(crate) fn panicked() -> crate::failure::Failure {
    crate::failure::Failure::broken("a handler panicked")
}
