//! HTTP that comes in: what systems outside tell a service ([`serve`]), and what browsers ask for ([`serve_calls`]). Plain, for a network
//! on which an operator's own front ends TLS.

use std::{
    convert::Infallible,
    error::Error,
    fmt,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::http_client::Bytes;

/// A body is not longer.
const MOST: usize = 64 * 1024;
/// It comes within this time.
const PATIENCE: Duration = Duration::from_secs(10);
/// A port of which nothing can be taken at present (too many files are open) is tried again after so long.
const TRY_AGAIN: Duration = Duration::from_millis(200);

/// What callers may take up. Whoever can reach the port need not have proven who they are.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A head comes within this time, also after the call before; whoever is silent for longer is hung up on.
    pub head: Duration,
    /// Lines at once; others wait.
    pub lines: usize,
    /// Whether the end also waits for answers that are still on their way, such as a file over a bad line. Then whoever serves says how
    /// long, for it waits for those who have not said all of their call too.
    pub to_the_end: bool,
}

const LIMITS: Limits = Limits { head: Duration::from_secs(10), lines: 256, to_the_end: false };

/// What somebody asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `POST`, …
    pub method: Method,
    /// Without what follows a question mark.
    pub path: String,
    /// As they came.
    pub headers: HeaderMap,
    /// Whole.
    pub body: Bytes,
}

/// Who answers.
#[async_trait::async_trait]
pub trait Answers: fmt::Debug + Send + Sync {
    /// The status of the answer, which has no body.
    async fn answer(&self, asked: Asked) -> StatusCode;
}

/// Who handles calls, whose bodies they read themselves.
pub trait Handles: fmt::Debug + Send + Sync + 'static {
    /// What their answers hold.
    type Body: http_body::Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static;

    /// Answers a call from an address. The end of the process waits for it from when it says that it is being answered.
    fn handle(
        &self,
        request: Request<Incoming>,
        from: SocketAddr,
        is_answering: &AtomicBool,
    ) -> impl Future<Output = Response<Self::Body>> + Send;
}

/// Whose calls are told whole.
#[derive(Debug)]
struct Whole(Arc<dyn Answers>);

impl Handles for Whole {
    type Body = Empty<Bytes>;

    async fn handle(
        &self,
        request: Request<Incoming>,
        _: SocketAddr,
        is_answering: &AtomicBool,
    ) -> Response<Self::Body> {
        let mut response = Response::new(Empty::new());
        *response.status_mut() = match whole(request).await {
            Ok(asked) => {
                is_answering.store(true, Relaxed);
                self.0.answer(asked).await
            }
            Err(status) => status,
        };
        response
    }
}

/// Serves until `stop`. Calls that came in whole are answered; who has not said all by then is not waited for.
pub async fn serve(listener: TcpListener, answers: Arc<dyn Answers>, stop: CancellationToken) {
    serve_calls(LIMITS, listener, Arc::new(Whole(answers)), stop).await;
}

/// Serves until `stop`, and waits for those whose calls are being answered by then.
pub async fn serve_calls<H: Handles>(
    limits: Limits,
    listener: TcpListener,
    handles: Arc<H>,
    stop: CancellationToken,
) {
    let seats = Arc::new(Semaphore::new(limits.lines));
    let lines = TaskTracker::new();
    let next = async || {
        let seat = Arc::clone(&seats).acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((line, from)) => return Some((line, from, seat)),
                Err(error) => {
                    tracing::warn!(%error, "nobody can be listened to at present");
                    tokio::time::sleep(TRY_AGAIN).await;
                }
            }
        }
    };
    loop {
        let next = tokio::select! {
            () = stop.cancelled() => break,
            next = next() => next,
        };
        let Some((line, from, seat)) = next else { break };
        let handles = Arc::clone(&handles);
        let stop = stop.clone();
        lines.spawn(async move {
            listen(limits, line, from, handles, stop).await;
            drop(seat);
        });
    }
    lines.close();
    lines.wait().await;
}

/// Answers the calls that come over one line.
async fn listen<H: Handles>(
    limits: Limits,
    line: TcpStream,
    from: SocketAddr,
    handles: Arc<H>,
    stop: CancellationToken,
) {
    let is_answering = AtomicBool::new(false);
    let service = service_fn(async |request| {
        let response = handles.handle(request, from, &is_answering).await;
        is_answering.store(false, Relaxed);
        Ok::<_, Infallible>(response)
    });
    let mut calls = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head)
            .serve_connection(TokioIo::new(line), service)
    );
    tokio::select! {
        // How somebody hangs up is their own affair.
        _ = calls.as_mut() => return,
        () = stop.cancelled() => {}
    }
    if limits.to_the_end || is_answering.load(Relaxed) {
        calls.as_mut().graceful_shutdown();
        drop(calls.await);
    }
}

/// What somebody asks, once all of it is there; otherwise the status by which they are refused.
async fn whole(request: Request<Incoming>) -> Result<Asked, StatusCode> {
    let (head, body) = request.into_parts();
    let body = match tokio::time::timeout(PATIENCE, Limited::new(body, MOST).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => return Err(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => return Err(StatusCode::REQUEST_TIMEOUT),
    };
    let path = head.uri.path().to_owned();
    Ok(Asked { method: head.method, path, headers: head.headers, body })
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, time::Instant};

    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        task::JoinHandle,
    };

    use super::*;

    const SOON: Duration = Duration::from_secs(10);
    const CALL: &[u8] = b"POST /receipts/one HTTP/1.1\r\nhost: here\r\ncontent-length: 2\r\n\r\nxy";

    /// Answers 200 to whoever says `xy`, after so long.
    #[derive(Debug)]
    struct After(Duration);

    #[async_trait::async_trait]
    impl Answers for After {
        async fn answer(&self, asked: Asked) -> StatusCode {
            tokio::time::sleep(self.0).await;
            if &*asked.body == b"xy" { StatusCode::OK } else { StatusCode::BAD_REQUEST }
        }
    }

    struct Stage {
        at: SocketAddr,
        stop: CancellationToken,
        serving: JoinHandle<()>,
    }

    impl Stage {
        async fn new(limits: Limits, answers: After) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let (at, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
            let handles = Arc::new(Whole(Arc::new(answers)));
            let serving = tokio::spawn(serve_calls(limits, listener, handles, stop.clone()));
            Self { at, stop, serving }
        }

        async fn say(&self, words: &[u8]) -> TcpStream {
            let mut line = TcpStream::connect(self.at).await.unwrap();
            line.write_all(words).await.unwrap();
            line
        }

        async fn stop(self) -> Duration {
            let began = Instant::now();
            self.stop.cancel();
            tokio::time::timeout(SOON, self.serving).await.unwrap().unwrap();
            began.elapsed()
        }
    }

    /// All that comes over a line until it is hung up.
    async fn heard(mut line: TcpStream) -> String {
        let mut heard = Vec::new();
        let until = tokio::time::timeout(SOON, line.read_to_end(&mut heard)).await;
        until.expect("nobody hangs up").ok();
        String::from_utf8(heard).unwrap()
    }

    #[tokio::test]
    async fn who_does_not_say_all_is_hung_up_on() {
        let limits = Limits { head: Duration::from_millis(100), lines: 4, to_the_end: false };
        let stage = Stage::new(limits, After(Duration::ZERO)).await;
        for words in [&b""[..], b"POST / HT", b"POST / HTTP/1.1\r\nhost: here\r\nx-lon"] {
            assert_eq!(heard(stage.say(words).await).await, "");
        }
        // Also who has been answered once.
        let answered = heard(stage.say(CALL).await).await;
        assert!(answered.starts_with("HTTP/1.1 200 OK"), "{answered}");
        stage.stop().await;
    }

    #[tokio::test]
    async fn those_who_say_nothing_keep_nobody_out_for_long() {
        let limits = Limits { head: Duration::from_millis(200), lines: 8, to_the_end: false };
        let stage = Stage::new(limits, After(Duration::ZERO)).await;
        let mut idle = Vec::new();
        for _ in 0..30 {
            idle.push(stage.say(b"").await);
        }
        let answered = heard(stage.say(CALL).await).await;
        assert!(answered.starts_with("HTTP/1.1 200 OK"), "{answered}");
        stage.stop().await;
    }

    #[tokio::test]
    async fn the_end_waits_for_who_is_being_answered_and_for_nobody_else() {
        let patient = Limits { head: Duration::from_secs(600), lines: 8, to_the_end: false };
        let stage = Stage::new(patient, After(Duration::from_millis(600))).await;
        let short = &CALL[..CALL.len() - 1];
        let half = [stage.say(b"").await, stage.say(b"POST / HT").await, stage.say(short).await];
        let called = stage.say(CALL).await;
        // By then it is being answered.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let ended_after = stage.stop().await;
        assert!(ended_after < Duration::from_secs(5), "{ended_after:?}");
        assert!(heard(called).await.starts_with("HTTP/1.1 200 OK"));
        drop(half);
    }

    /// Answers with a body that takes its time.
    #[derive(Debug)]
    struct Slowly;

    impl Handles for Slowly {
        type Body = http_body_util::combinators::BoxBody<Bytes, Infallible>;

        async fn handle(
            &self,
            _: Request<Incoming>,
            _: SocketAddr,
            is_answering: &AtomicBool,
        ) -> Response<Self::Body> {
            is_answering.store(true, Relaxed);
            let pieces = futures::stream::unfold(0_u8, async |sent| {
                tokio::time::sleep(Duration::from_millis(100)).await;
                let piece = http_body::Frame::data(Bytes::from_static(b"piece "));
                (sent < 6).then_some((Ok(piece), sent + 1))
            });
            Response::new(http_body_util::StreamBody::new(Box::pin(pieces)).boxed())
        }
    }

    #[tokio::test]
    async fn the_end_waits_for_a_file_that_is_on_its_way() {
        let limits = Limits { head: Duration::from_secs(600), lines: 8, to_the_end: true };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (at, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let serving = tokio::spawn(serve_calls(limits, listener, Arc::new(Slowly), stop.clone()));
        let idle = TcpStream::connect(at).await.unwrap();
        let mut line = TcpStream::connect(at).await.unwrap();
        line.write_all(CALL).await.unwrap();
        let mut first = [0; 16];
        line.read_exact(&mut first).await.unwrap();
        stop.cancel();
        let rest = heard(line).await;
        assert_eq!(rest.matches("piece ").count(), 6, "{rest}");
        drop(idle);
        tokio::time::timeout(SOON, serving).await.unwrap().unwrap();
    }
}
