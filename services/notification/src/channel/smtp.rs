//! The way to a mail server, and what its answers mean.

mod line;

use std::sync::Mutex;

use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, TlsParameters},
    },
};
use phidia_domain::{Rejection, application::Language, notice::Fault};
use phidia_runtime::failure::Failure;
use secrecy::ExposeSecret as _;

use self::line::{Lines, Protection};
use super::{Outgoing, Provider, Refusal, Taken};
use crate::config::{SmtpConfig, Tls};

/// A mail server.
#[derive(Debug)]
pub(crate) struct Smtp {
    lines: Lines,
    from: Mailbox,
}

impl Smtp {
    /// The mail server of a configuration, which stands at `setting`. It is not connected to yet.
    pub(crate) fn new(config: &SmtpConfig, setting: &str) -> Result<Self, Failure> {
        if config.host.is_empty() {
            return Err(Rejection::invalid("MISSING_FIELD", &format!("{setting}.host"), "is required").into());
        }
        let from = config.from.parse().map_err(|_| {
            let expected = "expected an address or Name <address>";
            Rejection::invalid("MALFORMED_EMAIL", &format!("{setting}.from"), expected)
        })?;
        let protection = match config.tls {
            Tls::None => Protection::None,
            Tls::StartTls => Protection::StartTls(parameters(config, setting)?),
            Tls::Tls => Protection::Tls(parameters(config, setting)?),
        };
        let credentials = (!config.username.is_empty())
            .then(|| Credentials::new(config.username.clone(), config.password.expose_secret().to_owned()));
        let lines = Lines {
            host: config.host.clone(),
            port: config.port,
            protection,
            credentials,
            whole: config.patience(),
            most: usize::try_from(config.connections.max(1)).unwrap_or(usize::MAX),
            kept: Mutex::default(),
        };
        Ok(Self { lines, from })
    }

    fn compose(&self, letter: Outgoing<'_>) -> Result<Message, Refusal> {
        let address = letter.to.email.trim().parse::<Address>();
        let address = address.map_err(|_| Refusal::unasked(Fault::Lasting, "MALFORMED_ADDRESS"))?;
        let language = match letter.language {
            Language::Vi => "vi",
            Language::En => "en",
        };
        Message::builder()
            .message_id(Some(format!("<{}@{}>", letter.key, self.from.email.domain())))
            .from(self.from.clone())
            .to(Mailbox::new(Some(plain(&letter.to.name)), address))
            .subject(letter.subject)
            // RFC 3834: holiday notes must not answer it.
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("Content-Language", language))
            .multipart(MultiPart::alternative_plain_html(letter.words.text, letter.words.html))
            .map_err(|_| Refusal::unasked(Fault::Ours, "MALFORMED_LETTER"))
    }
}

#[async_trait::async_trait]
impl Provider for Smtp {
    fn takes_key(&self) -> bool {
        false
    }

    fn sends_receipts(&self) -> bool {
        false
    }

    /// The same letter always bears the same Message-ID, by which the mail system of the addressee knows a second copy.
    async fn send(&self, letter: Outgoing<'_>) -> Result<Taken, Refusal> {
        let message = self.compose(letter)?;
        self.lines.say(message.envelope(), &message.formatted()).await?;
        Ok(Taken { reference: None })
    }

    async fn close(&self) {
        self.lines.hang_up().await;
    }
}

/// With what the server proves who it is: a certificate of those that browsers know, or of the operator's own authority.
fn parameters(config: &SmtpConfig, setting: &str) -> Result<TlsParameters, Failure> {
    let mut builder = TlsParameters::builder(config.host.clone());
    if let Some(file) = &config.authority {
        let wrong = || {
            let field = format!("{setting}.authority");
            Rejection::invalid("MALFORMED_CONFIG", &field, "a file with a certificate as PEM")
        };
        let pem = std::fs::read(file).map_err(|_| wrong())?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|_| wrong())?);
    }
    builder.build().map_err(Failure::broken)
}

/// A name without control characters: intake takes none, and lettre panics at a line break.
fn plain(name: &str) -> String {
    name.replace(char::is_control, " ")
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

#[cfg(test)]
mod tests {
    use phidia_domain::notice::Addressee;

    use super::{super::Words, *};

    fn good() -> SmtpConfig {
        SmtpConfig { host: "mail.example".into(), from: "a@b.example".into(), ..SmtpConfig::default() }
    }

    fn written(name: &str, email: &str) -> Result<String, Refusal> {
        let to = Addressee { name: name.to_owned(), email: email.to_owned(), ..Addressee::default() };
        let letter = Outgoing {
            key: "msg_00000000000000000000000000000007",
            template: "case_opened",
            language: Language::Vi,
            to: &to,
            subject: "Hồ sơ",
            words: Words { text: "…".to_owned(), html: "<p>…</p>".to_owned() },
        };
        let message = Smtp::new(&good(), "smtp").unwrap().compose(letter)?;
        Ok(String::from_utf8(message.formatted()).unwrap())
    }

    #[tokio::test]
    async fn a_server_that_cannot_be_is_refused_by_its_key() {
        for tls in [Tls::None, Tls::StartTls, Tls::Tls] {
            assert!(Smtp::new(&SmtpConfig { tls, ..good() }, "smtp").is_ok());
        }
        let folder = tempfile::tempdir().unwrap();
        let (none, rubbish) = (folder.path().join("none.pem"), folder.path().join("rubbish.pem"));
        std::fs::write(&rubbish, "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n").unwrap();
        for (key, bad) in [
            ("smtp.host", SmtpConfig { host: String::new(), ..good() }),
            ("smtp.from", SmtpConfig { from: "nobody".into(), ..good() }),
            ("smtp.authority", SmtpConfig { authority: Some(none), ..good() }),
            ("smtp.authority", SmtpConfig { authority: Some(rubbish), ..good() }),
        ] {
            let refusal = Smtp::new(&bad, "smtp").unwrap_err();
            assert_eq!(refusal.rejection().unwrap().violations[0].field, key);
        }
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_refused_for_good_and_no_name_breaks_a_letter() {
        let refusal = written("Lan", "lan at example").unwrap_err();
        assert_eq!(refusal, Refusal::unasked(Fault::Lasting, "MALFORMED_ADDRESS"));
        let long = "Nguyễn ".repeat(40);
        for name in [
            "",
            "Lan\r\nBcc: everybody@example.vn",
            "\u{0}\u{7f}\u{85}",
            "\"a\\\", <b@c>;",
            "🙂\u{200b}",
            &long,
        ] {
            let written = written(name, "lan@example.vn").unwrap();
            assert!(!written.contains("\nBcc:") && written.contains("lan@example.vn"), "{written}");
        }
    }
}
