//! Lines of a client, no more than so many at once. Whoever wants another waits until one is closed, which idle ones soon are.

use std::{
    error::Error,
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures::future::BoxFuture;
use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::{
    client::legacy::connect::{Connected, Connection, HttpConnector},
    rt::TokioIo,
};
use tokio::{
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tower::Service;

use super::Resolver;

/// Opens lines.
#[derive(Clone, Debug)]
pub struct Lines {
    tcp: HttpConnector<Resolver>,
    free: Arc<Semaphore>,
}

/// One line, and its place among those that may be open.
#[derive(Debug)]
pub struct Line {
    tcp: TokioIo<TcpStream>,
    _place: OwnedSemaphorePermit,
}

impl Lines {
    /// So many at once.
    pub(super) fn new(tcp: HttpConnector<Resolver>, most: usize) -> Self {
        Self { tcp, free: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))) }
    }
}

impl Service<Uri> for Lines {
    type Response = Line;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = BoxFuture<'static, Result<Line, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(ready!(self.tcp.poll_ready(context))?))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let Self { tcp, free } = self;
        let (mut tcp, free) = (tcp.clone(), Arc::clone(free));
        Box::pin(async move {
            let place = free.acquire_owned().await?;
            Ok(Line { tcp: tcp.call(to).await?, _place: place })
        })
    }
}

impl Connection for Line {
    fn connected(&self) -> Connected {
        self.tcp.connected()
    }
}

impl Read for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(context, into)
    }
}

impl Write for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write_vectored(context, pieces)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::poll;
    use tokio::net::TcpListener;

    use super::*;
    use crate::http_client::resolver::Reach;

    #[tokio::test]
    async fn whoever_wants_a_line_beyond_those_that_may_be_open_waits_for_one_to_close() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let to: Uri = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let mut tcp = HttpConnector::new_with_resolver(Resolver::new(Reach::All, Duration::from_secs(10)));
        tcp.enforce_http(false);
        let mut lines = Lines::new(tcp, 1);
        let first = lines.call(to.clone()).await.unwrap();
        let mut second = lines.call(to);
        assert!(poll!(&mut second).is_pending());
        drop(first);
        second.await.unwrap();
    }
}
