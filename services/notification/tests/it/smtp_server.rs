//! A mail server that does as it is told, and a reader of what it got.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpSocket, TcpStream},
    task::AbortHandle,
};

/// What to do with the next letter. When nothing is said: accept it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Answer the recipient with this.
    Answer(&'static str),
    /// Answer the login with this.
    Login(&'static str),
    /// Take the whole letter, keep it, and hang up without a word.
    HangUp,
    /// Take the whole letter and say nothing for ever.
    Silence,
    /// Take the whole letter, keep it, and answer so late.
    Late(Duration),
    /// Say nothing to whoever calls.
    NoGreeting,
    /// Answer who sends the letter with this.
    Sender(&'static str),
}

#[derive(Default)]
struct Book {
    deeds: VecDeque<Deed>,
    /// All letters whose data came in whole, also those that were not answered.
    letters: Vec<Letter>,
}

pub(crate) struct SmtpServer {
    pub(crate) port: u16,
    book: Arc<Mutex<Book>>,
    task: AbortHandle,
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A port that is ours and where nobody listens yet.
pub(crate) struct Away(TcpSocket);

impl Away {
    pub(crate) fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    /// The server comes up.
    pub(crate) fn start(self, deeds: impl IntoIterator<Item = Deed>) -> SmtpServer {
        let port = self.port();
        let listener = self.0.listen(64).unwrap();
        let book = Arc::new(Mutex::new(Book { deeds: deeds.into_iter().collect(), letters: Vec::new() }));
        let kept = Arc::clone(&book);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let book = Arc::clone(&book);
                // A client that hangs up is its own affair.
                tokio::spawn(async move { drop(converse(stream, book).await) });
            }
        });
        SmtpServer { port, book: kept, task: task.abort_handle() }
    }
}

impl SmtpServer {
    pub(crate) fn away() -> Away {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        Away(socket)
    }

    pub(crate) fn start(deeds: impl IntoIterator<Item = Deed>) -> Self {
        Self::away().start(deeds)
    }

    pub(crate) fn letters(&self) -> Vec<Letter> {
        self.book.lock().unwrap().letters.clone()
    }
}

async fn converse(stream: TcpStream, book: Arc<Mutex<Book>>) -> std::io::Result<()> {
    let take = |wanted: fn(Deed) -> bool| {
        let mut book = book.lock().unwrap();
        book.deeds.pop_front_if(|deed| wanted(*deed))
    };
    let mut stream = BufReader::new(stream);
    if take(|deed| deed == Deed::NoGreeting).is_some() {
        std::future::pending::<()>().await;
    }
    stream.write_all(b"220 mail.example ESMTP\r\n").await?;
    let mut recipient = String::new();
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "EHLO" => "250-mail.example\r\n250-8BITMIME\r\n250 AUTH PLAIN",
            "AUTH" => match take(|deed| matches!(deed, Deed::Login(_))) {
                Some(Deed::Login(answer)) => answer,
                _ => "235 welcome",
            },
            "MAIL" => match take(|deed| matches!(deed, Deed::Sender(_))) {
                Some(Deed::Sender(answer)) => answer,
                _ => "250 OK",
            },
            "RCPT" => match take(|deed| matches!(deed, Deed::Answer(_))) {
                Some(Deed::Answer(answer)) => answer,
                _ => {
                    recipient = line.trim().to_owned();
                    "250 OK"
                }
            },
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mut data = String::new();
                loop {
                    line.clear();
                    if stream.read_line(&mut line).await? == 0 {
                        return Ok(());
                    }
                    if line == ".\r\n" {
                        break;
                    }
                    data.push_str(line.strip_prefix('.').unwrap_or(&line));
                }
                book.lock().unwrap().letters.push(Letter { recipient: recipient.clone(), data });
                match take(|deed| matches!(deed, Deed::HangUp | Deed::Silence | Deed::Late(_))) {
                    Some(Deed::HangUp) => return Ok(()),
                    Some(Deed::Silence) => std::future::pending().await,
                    Some(Deed::Late(after)) => {
                        tokio::time::sleep(after).await;
                        "250 queued"
                    }
                    _ => "250 queued",
                }
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "250 OK",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

/// A letter as it came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) recipient: String,
    pub(crate) data: String,
}

impl Letter {
    /// The value of a header, unfolded and decoded.
    pub(crate) fn header(&self, name: &str) -> String {
        let (head, _) = self.data.split_once("\r\n\r\n").unwrap();
        header(head, name)
    }

    /// The plain text, decoded.
    pub(crate) fn text(&self) -> String {
        self.part("text/plain; charset=utf-8")
    }

    /// The HTML, decoded.
    pub(crate) fn html(&self) -> String {
        self.part("text/html; charset=utf-8")
    }

    /// RFC 2046: parts between lines of a boundary, each with a head of its own.
    fn part(&self, kind: &str) -> String {
        let content = self.header("Content-Type");
        let boundary = format!("--{}", content.split_once("boundary=\"").unwrap().1.trim_end_matches('"'));
        let parts = self.data.split(&boundary);
        let mut parts = parts.filter_map(|part| part.trim_start().split_once("\r\n\r\n"));
        let (head, body) = parts.find(|(head, _)| header(head, "Content-Type") == kind).unwrap();
        let bytes = match header(head, "Content-Transfer-Encoding").as_str() {
            "base64" => base64(body),
            "quoted-printable" => quoted_printable(&body.replace("=\r\n", "")),
            _ => body.as_bytes().to_vec(),
        };
        // The line break before a boundary belongs to that.
        String::from_utf8(bytes).unwrap().trim_end_matches("\r\n").replace("\r\n", "\n")
    }
}

/// The value of a header of this head, unfolded and decoded.
fn header(head: &str, name: &str) -> String {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let prefix = format!("{name}: ");
    let value = unfolded.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap_or_default();
    words(value)
}

/// RFC 2047: `=?utf-8?b?…?=`; white space between two encoded words is none.
fn words(value: &str) -> String {
    let (mut text, mut bytes) = (String::new(), Vec::new());
    for word in value.split(' ') {
        let encoded = word.strip_prefix("=?utf-8?b?").and_then(|word| word.strip_suffix("?="));
        match encoded {
            Some(word) => {
                text += if bytes.is_empty() && !text.is_empty() { " " } else { "" };
                bytes.extend(base64(word));
            }
            None => {
                text += &String::from_utf8(std::mem::take(&mut bytes)).unwrap();
                text += if text.is_empty() { "" } else { " " };
                text += word;
            }
        }
    }
    text + &String::from_utf8(bytes).unwrap()
}

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for digit in text.bytes().filter_map(|byte| DIGITS.iter().position(|digit| *digit == byte)) {
        bits = bits << 6 | u32::try_from(digit).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff).try_into().unwrap());
        }
    }
    bytes
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let mut parts = text.split('=');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(digits, 16).unwrap());
        bytes.extend(rest.as_bytes());
    }
    bytes
}
