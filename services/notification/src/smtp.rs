//! The way to a mail server, and what its answers mean.

use std::time::Duration;

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Mailbox, Mailboxes, MultiPart,
        header::{HeaderName, HeaderValue, To},
    },
    transport::smtp::{
        PoolConfig,
        authentication::Credentials,
        client::{Tls as Protection, TlsParameters},
    },
};
use phidia_domain::{
    Rejection,
    application::Language,
    id::MessageId,
    notice::{Addressee, Fault},
};
use phidia_runtime::failure::Failure;
use secrecy::ExposeSecret as _;

use crate::config::{SmtpConfig, Tls};

/// A letter to one person, and to whoever acts for them.
pub(crate) struct Letter<'a> {
    pub(crate) id: MessageId,
    pub(crate) language: Language,
    /// Whom it goes to.
    pub(crate) addressees: &'a [Addressee],
    pub(crate) subject: &'a str,
    pub(crate) text: String,
    /// The same in HTML, for whoever reads it so.
    pub(crate) html: String,
}

/// Why a letter did not go out. Free of personal data: the server's own words may name the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) fault: Fault,
    /// `SMTP_451`, `CONNECTION`, …
    pub(crate) reason: String,
}

impl Refusal {
    pub(crate) fn lasting(reason: &str) -> Self {
        Self { fault: Fault::Lasting, reason: reason.to_owned() }
    }

    pub(crate) fn passing(reason: &str) -> Self {
        Self { fault: Fault::Passing, reason: reason.to_owned() }
    }
}

/// A mail server, over a pool of connections.
#[derive(Debug)]
pub(crate) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// The mail server of a configuration. It is not connected to yet.
    pub(crate) fn new(config: &SmtpConfig) -> Result<Self, Failure> {
        if config.host.is_empty() {
            return Err(Rejection::invalid("MISSING_FIELD", "smtp.host", "is required").into());
        }
        let from = config.from.parse().map_err(|_| {
            Rejection::invalid("MALFORMED_EMAIL", "smtp.from", "expected an address or Name <address>")
        })?;
        let parameters = || TlsParameters::new(config.host.clone()).map_err(Failure::broken);
        let protection = match config.tls {
            Tls::None => Protection::None,
            Tls::StartTls => Protection::Required(parameters()?),
            Tls::Tls => Protection::Wrapper(parameters()?),
        };
        // Its name says that TLS is ours to choose; it is, three lines above.
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
            .port(config.port)
            .tls(protection)
            .timeout(Some(Duration::from_secs(config.timeout_seconds.max(1).into())))
            .pool_config(PoolConfig::new().max_size(config.connections.max(1)));
        if !config.username.is_empty() {
            let password = config.password.expose_secret().to_owned();
            builder = builder.credentials(Credentials::new(config.username.clone(), password));
        }
        Ok(Self { transport: builder.build(), from })
    }

    /// Hands a letter to the server. The same letter always bears the same Message-ID, by which the mail
    /// system of the addressee knows a second copy.
    pub(crate) async fn send(&self, letter: Letter<'_>) -> Result<(), Refusal> {
        let message = self.compose(letter)?;
        self.transport.send(message).await.map(drop).map_err(|error| refusal(&error))
    }

    /// Ends the connections that are kept.
    pub(crate) async fn close(&self) {
        self.transport.shutdown().await;
    }

    fn compose(&self, letter: Letter<'_>) -> Result<Message, Refusal> {
        // One that is no address must not keep it from the other.
        let to = letter.addressees.iter().filter_map(|addressee| {
            let address = addressee.email.parse::<Address>().ok()?;
            Some(Mailbox::new(Some(plain(&addressee.name)), address))
        });
        let to: Mailboxes = to.collect();
        if to.iter().next().is_none() {
            return Err(Refusal::lasting("MALFORMED_ADDRESS"));
        }
        let language = match letter.language {
            Language::Vi => "vi",
            Language::En => "en",
        };
        Message::builder()
            .message_id(Some(format!("<{}@{}>", letter.id, self.from.email.domain())))
            .from(self.from.clone())
            .mailbox(To::from(to))
            .subject(letter.subject)
            // RFC 3834: holiday notes must not answer it.
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("Content-Language", language))
            .multipart(MultiPart::alternative_plain_html(letter.text, letter.html))
            .map_err(|_| Refusal::lasting("MALFORMED_LETTER"))
    }
}

/// A name without control characters: intake takes none, and lettre panics at a line break.
fn plain(name: &str) -> String {
    name.replace(char::is_control, " ")
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// What an answer of the server, or none, means for the letter.
fn refusal(error: &lettre::transport::smtp::Error) -> Refusal {
    let Some(code) = error.status() else {
        return Refusal::passing(if error.is_timeout() {
            "TIMEOUT"
        } else if error.is_tls() {
            "TLS"
        } else if error.is_client() {
            "CLIENT"
        } else {
            "CONNECTION"
        });
    };
    let code = u16::from(code);
    let fault = if error.is_permanent() && !is_about_us(code) { Fault::Lasting } else { Fault::Passing };
    Refusal { fault, reason: format!("SMTP_{code}") }
}

/// Answers that refuse us and not the letter (no or wrong credentials): a citizen must not lose a message
/// because an operator mistyped a password.
fn is_about_us(code: u16) -> bool {
    matches!(code, 503 | 530 | 534 | 535 | 538)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_cannot_be_is_refused_by_its_key() {
        let good =
            SmtpConfig { host: "mail.example".into(), from: "a@b.example".into(), ..SmtpConfig::default() };
        for tls in [Tls::None, Tls::StartTls, Tls::Tls] {
            assert!(Smtp::new(&SmtpConfig { tls, ..good.clone() }).is_ok());
        }
        for (key, bad) in [
            ("smtp.host", SmtpConfig { host: String::new(), ..good.clone() }),
            ("smtp.from", SmtpConfig { from: "nobody".into(), ..good }),
        ] {
            let refusal = Smtp::new(&bad).unwrap_err();
            assert_eq!(refusal.rejection().unwrap().violations[0].field, key);
        }
    }

    #[tokio::test]
    async fn whoever_acts_for_somebody_is_written_to_with_them() {
        let config =
            SmtpConfig { host: "mail.example".into(), from: "a@b.example".into(), ..SmtpConfig::default() };
        let smtp = Smtp::new(&config).unwrap();
        let addressee = |email: &str| Addressee { name: String::new(), email: email.to_owned() };
        let written = |addressees: &[Addressee]| {
            let id = "msg_00000000000000000000000000000007".parse().unwrap();
            let (text, html) = ("…".to_owned(), "<p>…</p>".to_owned());
            let letter = Letter { id, language: Language::Vi, addressees, subject: "Hồ sơ", text, html };
            String::from_utf8(smtp.compose(letter).unwrap().formatted()).unwrap()
        };
        let both = written(&[addressee("lan@example.vn"), addressee("minh@example.vn")]);
        assert!(both.contains("lan@example.vn") && both.contains("minh@example.vn"), "{both}");
        // One that is no address does not keep it from the other.
        let one = written(&[addressee("lan at example"), addressee("minh@example.vn")]);
        assert!(!one.contains("lan at") && one.contains("minh@example.vn"), "{one}");
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_refused_for_good_and_no_name_breaks_a_letter() {
        let config =
            SmtpConfig { host: "mail.example".into(), from: "a@b.example".into(), ..SmtpConfig::default() };
        let smtp = Smtp::new(&config).unwrap();
        let id = "msg_00000000000000000000000000000007".parse().unwrap();
        let write = |name: &str, address: &str| {
            let (text, html) = ("…".to_owned(), "<p>…</p>".to_owned());
            let addressees = &[Addressee { name: name.to_owned(), email: address.to_owned() }];
            smtp.compose(Letter { id, language: Language::Vi, addressees, subject: "Hồ sơ", text, html })
        };
        let refusal = write("Lan", "lan at example").unwrap_err();
        assert_eq!(refusal, Refusal { fault: Fault::Lasting, reason: "MALFORMED_ADDRESS".to_owned() });
        let long = "Nguyễn ".repeat(40);
        for name in [
            "",
            "Lan\r\nBcc: everybody@example.vn",
            "\u{0}\u{7f}\u{85}",
            "\"a\\\", <b@c>;",
            "🙂\u{200b}",
            &long,
        ] {
            let written = String::from_utf8(write(name, "lan@example.vn").unwrap().formatted()).unwrap();
            assert!(!written.contains("\nBcc:") && written.contains("lan@example.vn"), "{written}");
        }
    }
}
