//! The virus scanner, by ClamAV's protocol (clamd(8), `INSTREAM`): a content is sent in pieces, each with its length before it, and an
//! answer of one line comes back.

use std::{io, path::PathBuf, time::Duration};

use futures::{Stream, TryStreamExt as _};
use phidia_domain::Rejection;
use phidia_runtime::{
    clock::RealClock,
    failure::Failure,
    metrics::{Counter, Gauge},
    service::Worker,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpStream, UnixStream},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Intake,
    record::Found,
    store::attachments::{self as store, Waiting},
};

static QUARANTINED: Counter = Counter::new(
    "phidia.attachments.quarantined",
    "{content}",
    "Contents in which the virus scanner found something.",
);
static WAITING: Gauge =
    Gauge::new("phidia.attachments.waiting", "{content}", "Contents that wait for the virus scanner.");

/// How often it is looked for what waits, where nobody tells.
const EVERY: Duration = Duration::from_secs(15);
/// So many are scanned in one look.
const MOST: u64 = 100;
/// So many that it does not answer to, one after the other, and it is taken for away.
const MOST_AWAY: u32 = 3;
/// How long a content rests of which the scanner said that it cannot scan it: that may be set otherwise some day.
const FIRST_REST: Duration = Duration::from_secs(60);
const LONGEST_REST: Duration = Duration::from_secs(6 * 3_600);
/// How long the scanner may take for one content.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long it may take to be connected to.
const TO_CONNECT: Duration = Duration::from_secs(5);
/// No answer of it is longer.
const LONGEST_ANSWER: u64 = 4_096;

/// A scanner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scanner {
    /// On a port.
    Tcp(String),
    /// On a socket in the file system.
    Unix(PathBuf),
}

/// Why a content was not scanned.
#[derive(Debug)]
enum Missed {
    /// The scanner is not there: nothing else will be scanned now, either.
    Away(io::Error),
    /// It says that it cannot scan this.
    Unable(String),
    /// It cannot be read here.
    Broken(Failure),
}

impl Scanner {
    /// The scanner at this address.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` where it is none.
    pub(super) fn at(address: &str) -> Result<Self, Rejection> {
        let port = address.strip_prefix("tcp://").filter(|rest| rest.rsplit_once(':').is_some());
        let path = address.strip_prefix("unix:").map(|rest| rest.strip_prefix("//").unwrap_or(rest));
        match (port, path) {
            (Some(port), _) => Ok(Self::Tcp(port.to_owned())),
            (None, Some(path)) if path.starts_with('/') => Ok(Self::Unix(PathBuf::from(path))),
            _ => {
                let expected = "tcp://host:port or unix:/path";
                Err(Rejection::invalid("MALFORMED_CONFIG", "attachments.scanner", expected))
            }
        }
    }

    /// Has a content scanned: what was found; none: nothing.
    async fn scan<S>(&self, content: S) -> Result<Option<String>, Missed>
    where
        S: Stream<Item = Result<Vec<u8>, Failure>> + Send + Unpin,
    {
        let late = |_| Missed::Away(io::ErrorKind::TimedOut.into());
        let connected = tokio::time::timeout(TO_CONNECT, async {
            Ok(match self {
                Self::Tcp(address) => Line::Tcp(TcpStream::connect(address).await?),
                Self::Unix(path) => Line::Unix(UnixStream::connect(path).await?),
            })
        });
        let line = connected.await.map_err(late)?.map_err(Missed::Away)?;
        let answered = tokio::time::timeout(PATIENCE, async {
            match line {
                Line::Tcp(line) => ask(line, content).await,
                Line::Unix(line) => ask(line, content).await,
            }
        });
        answered.await.map_err(late)?
    }
}

enum Line {
    Tcp(TcpStream),
    Unix(UnixStream),
}

async fn ask<L, S>(mut line: L, mut content: S) -> Result<Option<String>, Missed>
where
    L: AsyncRead + AsyncWrite + Unpin,
    S: Stream<Item = Result<Vec<u8>, Failure>> + Unpin,
{
    line.write_all(b"zINSTREAM\0").await.map_err(Missed::Away)?;
    while let Some(piece) = content.try_next().await.map_err(Missed::Broken)? {
        let length = u32::try_from(piece.len()).map_err(|error| Missed::Broken(Failure::broken(error)))?;
        let sent = async {
            line.write_all(&length.to_be_bytes()).await?;
            line.write_all(&piece).await
        };
        if sent.await.is_err() {
            // It has seen enough, such as more than it takes, and says so.
            return understand(&hear(line).await?);
        }
    }
    let ended = line.write_all(&0_u32.to_be_bytes()).await;
    let answer = hear(line).await?;
    if answer.is_empty() {
        ended.map_err(Missed::Away)?;
    }
    understand(&answer)
}

async fn hear<L: AsyncRead + Unpin>(line: L) -> Result<String, Missed> {
    let mut answer = Vec::new();
    line.take(LONGEST_ANSWER).read_to_end(&mut answer).await.map_err(Missed::Away)?;
    Ok(String::from_utf8_lossy(&answer).trim_matches(['\0', '\n', ' ']).to_owned())
}

/// `stream: OK`, `stream: Eicar-Test-Signature FOUND`, or anything else.
fn understand(answer: &str) -> Result<Option<String>, Missed> {
    let said = answer.strip_prefix("stream: ").unwrap_or(answer);
    match said.strip_suffix(" FOUND") {
        Some(found) => Ok(Some(found.to_owned())),
        None if said == "OK" => Ok(None),
        None if said.is_empty() => Err(Missed::Away(io::ErrorKind::UnexpectedEof.into())),
        None => Err(Missed::Unable(said.to_owned())),
    }
}

impl Intake {
    /// Scans what waits; answers with how much it is through for now.
    async fn scan(&self, scanner: &Scanner, stop: &CancellationToken) -> Result<u64, Failure> {
        let (mut through, mut away) = (0, 0);
        for waiting in store::waiting(self.outbox.database().read(), RealClock.now(), MOST).await? {
            if stop.is_cancelled() {
                break;
            }
            let content = &waiting.content;
            let missed = match self.open(&waiting.province, content).await {
                Ok(opened) => scanner.scan(opened).await,
                Err(failure) => Err(Missed::Broken(failure)),
            };
            match missed {
                Ok(found) => {
                    self.judge(&waiting, found).await?;
                    (through, away) = (through + 1, 0);
                }
                // One file may be what it cannot bear, and goes behind the others; it is away when it bears no other either.
                Err(Missed::Away(error)) => {
                    self.put_off(&waiting, Duration::ZERO).await?;
                    away += 1;
                    if away == MOST_AWAY {
                        tracing::warn!(%error, "the virus scanner is away: attachments wait");
                        break;
                    }
                }
                // They must not keep the others from it.
                Err(Missed::Unable(answer)) => {
                    tracing::warn!(content = %content.id, answer, "the virus scanner did not scan it");
                    self.put_off(&waiting, rest(waiting.tries)).await?;
                    through += 1;
                }
                Err(Missed::Broken(failure)) => {
                    tracing::warn!(content = %content.id, %failure, "it was not scanned");
                    // The store of files may be away as well.
                    let is_away = failure.rejection().is_some();
                    let rest = if is_away { Duration::ZERO } else { rest(waiting.tries) };
                    self.put_off(&waiting, rest).await?;
                    through += u64::from(!is_away);
                }
            }
        }
        Ok(through)
    }

    /// It is tried again when others were, and after a rest.
    async fn put_off(&self, waiting: &Waiting, rest: Duration) -> Result<(), Failure> {
        let Waiting { province, content, tries } = waiting.clone();
        let after = RealClock.now().checked_add(rest).map_err(Failure::broken)?;
        self.outbox
            .write(move |tx, _| {
                let tries = tries.saturating_add(1);
                Box::pin(async move { store::put_off(tx, &province, content.id, tries, after).await })
            })
            .await
    }

    async fn judge(&self, waiting: &Waiting, signature: Option<String>) -> Result<(), Failure> {
        let (of, id) = (waiting.province.clone(), waiting.content.id);
        let found = signature.clone().map(|signature| Found { signature, at: self.business.now() });
        let is_news = self
            .outbox
            .write(move |tx, _| Box::pin(async move { store::judge(tx, &of, id, found).await }))
            .await?;
        if let Some(found) = signature.filter(|_| is_news) {
            QUARANTINED.add(1, &[]);
            let attachments =
                store::with_content(self.outbox.database().read(), &waiting.province, id).await?;
            tracing::warn!(content = %id, ?attachments, found, "an attachment was quarantined");
        }
        Ok(())
    }
}

/// How long what the scanner said nothing of rests, for whatever number of times: a minute, twice as long each time, six hours at most.
fn rest(tries: i32) -> Duration {
    let doubled = 2_u32.saturating_pow(tries.try_into().unwrap_or(0));
    FIRST_REST.saturating_mul(doubled).min(LONGEST_REST)
}

/// Scans what waits, as soon as it does, and again when the scanner was away.
pub(crate) fn worker(intake: Intake) -> Worker {
    Worker::new("scan-attachments", move |stop| async move {
        let Some(scanner) = intake.attachments.scanner.clone() else { return };
        loop {
            let more = match intake.scan(&scanner, &stop).await {
                Ok(through) => through == MOST,
                Err(failure) => {
                    tracing::warn!(%failure, "attachments were not scanned");
                    false
                }
            };
            if let Ok(waiting) = store::count_waiting(intake.outbox.database().read()).await {
                WAITING.set(u32::try_from(waiting).unwrap_or(u32::MAX).into(), &[]);
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = intake.attachments.to_scan.notified() => {}
                () = tokio::time::sleep(if more { Duration::ZERO } else { EVERY }) => {}
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use tokio::io::duplex;

    use super::*;

    #[test]
    fn a_scanner_has_an_address() {
        assert_eq!(Scanner::at("tcp://av:3310"), Ok(Scanner::Tcp("av:3310".into())));
        for path in ["unix:/run/clamd.ctl", "unix:///run/clamd.ctl"] {
            assert_eq!(Scanner::at(path), Ok(Scanner::Unix("/run/clamd.ctl".into())));
        }
        for wrong in ["", "av:3310", "tcp://av", "unix:clamd.ctl", "http://av:3310"] {
            assert_eq!(Scanner::at(wrong).unwrap_err().reason, "MALFORMED_CONFIG", "{wrong}");
        }
    }

    #[test]
    fn what_cannot_be_scanned_rests_longer_each_time() {
        assert_eq!([0, 1, 2].map(|tries| rest(tries).as_secs()), [60, 120, 240]);
        assert_eq!((rest(30), rest(i32::MAX)), (LONGEST_REST, LONGEST_REST));
    }

    #[test]
    fn only_ok_is_clean() {
        let found = |answer| understand(answer).ok();
        assert_eq!(found("stream: OK"), Some(None));
        assert_eq!(found("stream: Eicar-Test-Signature FOUND"), Some(Some("Eicar-Test-Signature".into())));
        for other in ["", "INSTREAM size limit exceeded. ERROR", "stream: NOT OK", "UNKNOWN COMMAND"] {
            assert_eq!(found(other), None, "{other}");
        }
    }

    #[tokio::test]
    async fn a_content_is_sent_in_pieces_with_their_lengths() {
        let (ours, mut theirs) = duplex(1 << 16);
        let scanner = tokio::spawn(async move {
            let mut heard = vec![0; 10 + 4 + 3 + 4 + 2 + 4];
            theirs.read_exact(&mut heard).await.unwrap();
            theirs.write_all(b"stream: OK\0").await.unwrap();
            heard
        });
        let pieces = stream::iter([b"abc".to_vec(), b"de".to_vec()].map(Ok));
        assert_eq!(ask(ours, pieces).await.unwrap(), None);
        assert_eq!(scanner.await.unwrap(), b"zINSTREAM\0\0\0\0\x03abc\0\0\0\x02de\0\0\0\0");
    }
}
