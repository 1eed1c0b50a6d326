use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;

const PATIENCE: Duration = Duration::from_secs(10);

/// What a server does when it has said its words.
#[derive(Clone, Copy)]
enum Then {
    Keeps,
    Closes,
    SaysMore,
}

/// Says the same to whoever asks.
struct Server {
    port: u16,
    called: Arc<AtomicUsize>,
}

impl Server {
    async fn saying(words: &'static str, then: Then) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, called) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&called);
        tokio::spawn(async move {
            while let Ok((mut line, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let _ = line.read(&mut [0; 4_096]).await;
                    let mut said = line.write_all(words.as_bytes()).await;
                    match then {
                        Then::Closes => {}
                        Then::Keeps => std::future::pending().await,
                        Then::SaysMore => {
                            while said.is_ok() {
                                said = line.write_all(&[b'x'; 1_024]).await;
                            }
                        }
                    }
                });
            }
        });
        Self { port, called }
    }

    fn calls(&self) -> usize {
        self.called.load(Ordering::SeqCst)
    }

    async fn tell(&self, client: &HttpClient, at: &str) -> Result<u16, Unanswered> {
        let url = format!("{at}:{}/told", self.port);
        let request = Request::post(url).body(Full::new(Bytes::from_static(b"{}"))).unwrap();
        client.tell(request, PATIENCE).await.map(|head| head.status.as_u16())
    }
}

fn guarded(allowed: &[&str]) -> HttpClient {
    let allowed: Vec<_> = allowed.iter().map(|network| network.parse().unwrap()).collect();
    HttpClient::guarded(None, "authority", PATIENCE, &allowed).unwrap()
}

/// The same machine by each way in which it can be named.
const THIS_MACHINE: [&str; 10] = [
    "127.0.0.1",
    "127.9.9.9",
    "localhost",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]",
];

#[tokio::test]
async fn nobody_makes_a_guarded_client_call_this_machine() {
    let server = Server::saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Then::Keeps).await;
    let client = guarded(&["10.0.0.0/8"]);
    for host in THIS_MACHINE {
        assert_eq!(
            server.tell(&client, &format!("http://{host}")).await,
            Err(Unanswered::Forbidden),
            "{host}"
        );
        // By TLS some of these are no name that could have a certificate, and are not even looked up.
        let told = server.tell(&client, &format!("https://{host}")).await;
        assert!(matches!(told, Err(Unanswered::Forbidden | Unanswered::NotConnected)), "{host}: {told:?}");
    }
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"] {
        assert_eq!(
            server.tell(&client, &format!("https://{host}")).await,
            Err(Unanswered::Forbidden),
            "{host}"
        );
    }
    // An address that everybody reaches is called by TLS only.
    assert_eq!(server.tell(&client, "http://1.1.1.1").await, Err(Unanswered::Forbidden));
    assert_eq!(server.calls(), 0);
}

#[tokio::test]
async fn what_is_allowed_is_called_by_name_and_by_number() {
    let server = Server::saying("HTTP/1.1 204 No Content\r\n\r\n", Then::Keeps).await;
    let client = guarded(&["127.0.0.0/8"]);
    for host in ["127.0.0.1", "localhost", "2130706433"] {
        assert_eq!(server.tell(&client, &format!("http://{host}")).await, Ok(204), "{host}");
    }
    // Whoever is no server of TLS is not reached by it, and that is nothing forbidden.
    assert_eq!(server.tell(&client, "https://127.0.0.1").await, Err(Unanswered::NotConnected));
}

#[tokio::test]
async fn a_client_of_the_operators_own_is_guarded_by_nothing() {
    let server = Server::saying("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", Then::Keeps).await;
    let client = HttpClient::new(None, "authority", PATIENCE).unwrap();
    let request = Request::get(format!("http://127.0.0.1:{}/", server.port)).body(Full::default()).unwrap();
    let answer = client.ask(request, 2, PATIENCE).await.unwrap();
    assert_eq!(answer.into_body(), "{}");
}

#[tokio::test]
async fn where_something_is_only_told_the_status_says_all() {
    let client = guarded(&["127.0.0.0/8"]);
    for (words, then, status) in [
        // The body is garbage, never comes, or never ends.
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n\u{1}\u{7f}<html>x", Then::Closes, 200),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n", Then::Keeps, 200),
        ("HTTP/1.1 200 OK\r\n\r\n", Then::SaysMore, 200),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nno length\r\n", Then::Keeps, 200),
        ("HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n", Then::Keeps, 410),
        ("HTTP/1.1 429 Too Many Requests\r\nretry-after: 9\r\ncontent-length: 0\r\n\r\n", Then::Keeps, 429),
    ] {
        let server = Server::saying(words, then).await;
        let since = Instant::now();
        assert_eq!(server.tell(&client, "http://127.0.0.1").await, Ok(status), "{words:?}");
        assert!(since.elapsed() < PATIENCE / 2, "{words:?}");
    }
}

#[tokio::test]
async fn where_it_is_sent_on_to_it_does_not_go() {
    let server =
        Server::saying("HTTP/1.1 307 Go\r\nlocation: /told\r\ncontent-length: 0\r\n\r\n", Then::Keeps).await;
    assert_eq!(server.tell(&guarded(&["127.0.0.0/8"]), "http://127.0.0.1").await, Ok(307));
    assert_eq!(server.calls(), 1);
}

#[tokio::test]
async fn what_is_no_answer_is_told_by_what_it_is() {
    let client = guarded(&["127.0.0.0/8"]);
    for (words, then, expected) in [
        ("220 mail.example ESMTP\r\n", Then::Keeps, Unanswered::Interrupted),
        ("", Then::Closes, Unanswered::Interrupted),
        ("HTTP/1.1 200 OK\r\nendless: ", Then::SaysMore, Unanswered::Interrupted),
        ("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", Then::Keeps, Unanswered::Interrupted),
    ] {
        let server = Server::saying(words, then).await;
        assert_eq!(server.tell(&client, "http://127.0.0.1").await, Err(expected), "{words:?}");
    }
    let server = Server::saying("HTTP/1.1 200 OK\r\nslow: ", Then::Keeps).await;
    let request = Request::get(format!("http://127.0.0.1:{}/", server.port)).body(Full::default()).unwrap();
    assert_eq!(client.tell(request, Duration::from_millis(100)).await.err(), Some(Unanswered::Late));
}
