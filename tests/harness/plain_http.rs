//! HTTP/1.1 by hand, for servers that may say what no library of servers lets them say.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{collections::BTreeMap, io};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

/// A line to a client, or to a server.
pub type Line = BufReader<TcpStream>;

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// `POST`.
    pub method: String,
    /// `/…`
    pub path: String,
    /// By their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// As it came.
    pub body: Vec<u8>,
}

impl Asked {
    /// The value of a header; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// The next request on a line; none: it ended.
///
/// # Errors
/// Where the line is lost, or what comes is no request.
pub async fn read(line: &mut Line) -> io::Result<Option<Asked>> {
    let Some((first, headers)) = head(line).await? else { return Ok(None) };
    let mut words = first.split(' ');
    let (Some(method), Some(path), Some("HTTP/1.1"), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(io::Error::other(format!("no request: {first}")));
    };
    let length = headers.get("content-length").map_or(Ok(0), |length| length.parse());
    let mut body = vec![0; length.map_err(io::Error::other)?];
    line.read_exact(&mut body).await?;
    Ok(Some(Asked { method: method.to_owned(), path: path.to_owned(), headers, body }))
}

/// Answers a request.
///
/// # Errors
/// Where the line is lost.
pub async fn answer(line: &mut Line, status: u16, headers: &[(&str, &str)], body: &[u8]) -> io::Result<()> {
    let mut text = format!("HTTP/1.1 {status} said\r\ncontent-length: {}\r\n", body.len());
    headers.iter().for_each(|(name, value)| text += &format!("{name}: {value}\r\n"));
    line.write_all(&[text.as_bytes(), b"\r\n", body].concat()).await
}

/// Posts a body to `http://host:port/path`, and answers the status and the body of the answer, where its length is told.
///
/// # Errors
/// Where nobody is there, or no answer comes.
pub async fn post(url: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<(u16, Vec<u8>)> {
    let rest = url.strip_prefix("http://").ok_or_else(|| io::Error::other("http:// alone"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut line = BufReader::new(TcpStream::connect(host).await?);
    let mut text = format!("POST /{path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {}\r\n", body.len());
    headers.iter().for_each(|(name, value)| text += &format!("{name}: {value}\r\n"));
    line.write_all(&[text.as_bytes(), b"\r\n", body].concat()).await?;
    let (first, headers) = head(&mut line).await?.ok_or_else(|| io::Error::other("no answer"))?;
    let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    line.read_exact(&mut body).await?;
    Ok((status.ok_or_else(|| io::Error::other("no status"))?, body))
}

async fn head(line: &mut Line) -> io::Result<Option<(String, BTreeMap<String, String>)>> {
    let (mut first, mut headers) = (String::new(), BTreeMap::new());
    if line.read_line(&mut first).await? == 0 {
        return Ok(None);
    }
    loop {
        let mut text = String::new();
        if line.read_line(&mut text).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let text = text.trim_end();
        if text.is_empty() {
            return Ok(Some((first.trim_end().to_owned(), headers)));
        }
        let (name, value) = text.split_once(':').ok_or_else(|| io::Error::other("no header"))?;
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
}
