//! The lines to a mail server: how a letter is said over one, and what the answers mean.
//!
//! lettre bounds nothing but the connect, and its pool takes back a line whose conversation was broken off, so that the next letter
//! would read the answers to this one. So lines are kept here: one that is not known to stand at a beginning is hung up.

use std::{
    collections::VecDeque,
    fmt, io,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use lettre::{
    Address,
    address::Envelope,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt, Rset},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
    },
};
use phidia_domain::notice::Fault;
use tokio::time::timeout;

use super::Refusal;

/// A line that was quiet for longer is not used again: whoever stands in between may have forgotten it.
const QUIET: Duration = Duration::from_secs(60);
/// A farewell is not waited for longer.
const FAREWELL: Duration = Duration::from_secs(1);

/// How a connection is protected.
pub(super) enum Protection {
    None,
    /// It begins in the open, and nothing is said before it has changed to TLS.
    StartTls(TlsParameters),
    /// From the first byte.
    Tls(TlsParameters),
}

/// A mail server, and the lines to it that stand at a beginning.
pub(super) struct Lines {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) protection: Protection,
    /// None: it wants none.
    pub(super) credentials: Option<Credentials>,
    /// How long a letter may take in all.
    pub(super) whole: Duration,
    /// So many are kept at most.
    pub(super) most: usize,
    /// The one that was used last is the last.
    pub(super) kept: Mutex<VecDeque<(AsyncSmtpConnection, Instant)>>,
}

impl Lines {
    /// Says one letter to the server, which has taken it when this is well.
    pub(super) async fn say(&self, envelope: &Envelope, letter: &[u8]) -> Result<(), Refusal> {
        let until = Instant::now() + self.whole;
        let mut line = Part::Us.before(until, self.line()).await?;
        let said = converse(&mut line, until, envelope, letter).await;
        if said.as_ref().err().is_none_or(Trouble::leaves_a_line) {
            let mut kept = self.kept();
            kept.push_back((line, Instant::now()));
            if kept.len() > self.most {
                kept.pop_front();
            }
        }
        Ok(said?)
    }

    /// Takes leave of the server.
    pub(super) async fn hang_up(&self) {
        let lines = std::mem::take(&mut *self.kept());
        let farewells = lines.into_iter().map(|(mut line, _)| async move {
            // Whether it is heard makes no difference.
            drop(timeout(FAREWELL, line.quit()).await);
        });
        futures::future::join_all(farewells).await;
    }

    /// A line at its beginning: one that was used before and still stands, or a new one.
    async fn line(&self) -> Result<AsyncSmtpConnection, Error> {
        while let Some((mut line, since)) = self.take() {
            let stands = since.elapsed() < QUIET
                && matches!(timeout(self.whole / 4, line.command(Rset)).await, Ok(Ok(_)));
            if stands {
                return Ok(line);
            }
        }
        let hello = ClientId::default();
        let at_first = match &self.protection {
            Protection::Tls(parameters) => Some(parameters.clone()),
            Protection::None | Protection::StartTls(_) => None,
        };
        let server = (&*self.host, self.port);
        let mut line = AsyncSmtpConnection::connect_tokio1(server, None, &hello, at_first, None).await?;
        if let Protection::StartTls(parameters) = &self.protection {
            line.starttls(parameters.clone(), &hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            line.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(line)
    }

    fn take(&self) -> Option<(AsyncSmtpConnection, Instant)> {
        self.kept().pop_back()
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<(AsyncSmtpConnection, Instant)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lines({}:{})", self.host, self.port)
    }
}

/// One letter over a line that stands at its beginning.
async fn converse(
    line: &mut AsyncSmtpConnection,
    until: Instant,
    envelope: &Envelope,
    letter: &[u8],
) -> Result<(), Trouble> {
    let takes = |extension| line.server_info().supports_feature(extension);
    let mut parameters = Vec::new();
    let is_plain = |address: &Address| address.user().is_ascii() && address.domain().is_ascii();
    if !envelope.from().into_iter().chain(envelope.to()).all(is_plain) {
        if !takes(Extension::SmtpUtfEight) {
            return Err(Trouble::AddressNotSupported);
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !letter.is_ascii() {
        // Of ours only an address is written so, and whoever takes such an address takes this (RFC 6531, 3.1).
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Part::Us.before(until, line.command(Mail::new(envelope.from().cloned(), parameters))).await?;
    for to in envelope.to() {
        Part::Addressee.before(until, line.command(Rcpt::new(to.clone(), Vec::new()))).await?;
    }
    Part::Addressee.before(until, line.command(Data)).await?;
    Part::Letter.before(until, line.message(letter)).await?;
    Ok(())
}

/// What a conversation was about when it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Who we are, and who sends the letter.
    Us,
    /// Who is to get it.
    Addressee,
    /// The letter, which may have been heard.
    Letter,
}

/// Why a letter was not taken.
enum Trouble {
    /// The server has given such an answer, or the line did not hold.
    Answer(Part, Error),
    /// Time was up.
    Late(Part),
    /// An address is written with letters that the server does not know.
    AddressNotSupported,
}

impl Part {
    async fn before<T>(
        self,
        until: Instant,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Trouble> {
        match timeout(until.saturating_duration_since(Instant::now()), answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(Trouble::Answer(self, error)),
            Err(_) => Err(Trouble::Late(self)),
        }
    }

    /// What it means that there was no answer.
    fn unanswered(self) -> Fault {
        match self {
            Self::Us | Self::Addressee => Fault::Away,
            Self::Letter => Fault::Ambiguous,
        }
    }

    /// What an answer means for the letter. `words`: what follows the code.
    fn judge(self, code: u16, words: &str) -> Fault {
        match code {
            // It closes, or it has too many of ours.
            421 => Fault::Away,
            400..500 => Fault::Passing,
            // Whatever it has against us is nothing against the addressee: a citizen must not lose a message because an operator
            // mistyped a password, or because we were put on a list.
            _ if self == Self::Us => Fault::Away,
            _ => match enhanced(code, words) {
                // RFC 3463: the sender's address, the server itself, the conversation, and what it forbids to us.
                Some((1, 7 | 8) | (3 | 5 | 7, _)) => Fault::Away,
                Some((subject, _)) if subject > 0 => Fault::Lasting,
                // RFC 5321, 4.2.3 and RFC 4954, 6.
                _ if matches!(code, 500..=504 | 521 | 530..=538 | 554 | 555) => Fault::Away,
                _ => Fault::Lasting,
            },
        }
    }
}

/// Subject and detail of an enhanced status code (RFC 2034), where an answer begins with one that is of its class.
fn enhanced(code: u16, words: &str) -> Option<(u16, u16)> {
    let mut parts = words.split_whitespace().next()?.split('.').map(|part| part.parse::<u16>().ok());
    let (class, subject, detail) = (parts.next()??, parts.next()??, parts.next()??);
    (class == code / 100 && parts.next().is_none()).then_some((subject, detail))
}

impl Trouble {
    /// Whether it is known where the conversation stands: then the line can be used again.
    fn leaves_a_line(&self) -> bool {
        match self {
            Self::Answer(_, error) => error.status().is_some_and(|code| u16::from(code) != 421),
            Self::Late(_) => false,
            Self::AddressNotSupported => true,
        }
    }
}

impl From<Trouble> for Refusal {
    fn from(trouble: Trouble) -> Self {
        let (part, error) = match trouble {
            Trouble::Late(part) => return Self::new(part.unanswered(), "TIMEOUT"),
            Trouble::AddressNotSupported => return Self::lasting("ADDRESS_NOT_SUPPORTED"),
            Trouble::Answer(part, error) => (part, error),
        };
        if let Some(code) = error.status() {
            let code = u16::from(code);
            let words = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            return Self::new(part.judge(code, &words), &format!("SMTP_{code}"));
        }
        let reason = match () {
            () if error.is_tls() || is_a_stranger(&error) => "TLS",
            () if error.is_client() => "CLIENT",
            () => "CONNECTION",
        };
        Self::new(part.unanswered(), reason)
    }
}

/// Whether nobody that we believe vouches for the server.
fn is_a_stranger(error: &Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            let fault = error.get_ref().and_then(|fault| fault.downcast_ref());
            return matches!(fault, Some(rustls::Error::InvalidCertificate(_)));
        }
        source = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_us_costs_no_citizen_a_letter() {
        let away = [
            (554, "5.7.1 listed"),
            (550, "5.7.26 this message does not pass authentication"),
            (550, "5.7.1 we do not relay"),
            (553, "5.1.8 sender has no domain"),
            (550, "5.1.7 bad sender"),
            (550, "5.3.2 not now"),
            (503, "5.5.1 out of order"),
            (554, "transaction failed"),
            (554, "5.1 is no code"),
            (530, "login first"),
            (535, ""),
            (501, "what?"),
            (421, "4.7.0 closing"),
        ];
        for (code, words) in away {
            assert_eq!(Part::Addressee.judge(code, words), Fault::Away, "{code} {words}");
        }
        for (code, words) in [(550, "5.1.1 nobody of this name"), (550, "you are on a list"), (553, "")] {
            assert_eq!(Part::Us.judge(code, words), Fault::Away, "{code} {words} before anybody is named");
        }
    }

    #[test]
    fn what_is_said_of_the_addressee_is_believed() {
        let lasting = [
            (550, "5.1.1 nobody of this name"),
            (554, "5.1.1 nobody of this name"),
            (550, "5.1.2 no such system"),
            (553, "5.1.3 no address"),
            (551, "5.1.6 moved"),
            (550, "5.2.1 disabled"),
            (552, "5.2.2 full"),
            (550, ""),
            (550, "nobody of this name"),
            (550, "4.7.1 is of another class"),
            (551, "not here"),
            (553, "no such mailbox"),
        ];
        for part in [Part::Addressee, Part::Letter] {
            for (code, words) in lasting {
                assert_eq!(part.judge(code, words), Fault::Lasting, "{code} {words}");
            }
            for (code, words) in [(450, "4.2.0 grey"), (451, ""), (452, "4.2.2 full")] {
                assert_eq!(part.judge(code, words), Fault::Passing, "{code} {words}");
            }
        }
    }
}
