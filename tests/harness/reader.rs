//! Somebody who reads the portal's pages and fills in its forms without a browser: as one does who has no script.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A page is there within this time.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came for a path.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// Where it came from in the end: path and query.
    pub path: String,
    /// `200`.
    pub status: u16,
    /// By their names in lower case; several of a name one after the other.
    pub headers: Vec<(String, String)>,
    /// As it came.
    pub body: Vec<u8>,
}

impl Sheet {
    /// What a header says; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The page as it is written.
    pub fn html(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What people read of it: no tags, one space between words.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let html = self.html();
        for piece in html.split('<').skip(1) {
            let (tag, said) = piece.split_once('>').unwrap_or((piece, ""));
            if !tag.starts_with("title") {
                let _ = write!(text, " {said}");
            }
        }
        plain(&text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Whether people read this on it.
    pub fn says(&self, words: &str) -> bool {
        self.text().contains(words)
    }

    /// The paths of all links whose text has these words in it.
    pub fn links(&self, words: &str) -> Vec<String> {
        let html = self.html();
        let links = html.split("<a ").skip(1).filter_map(|link| {
            let (tag, rest) = link.split_once('>')?;
            let said = rest.split("</a>").next()?;
            let said = Sheet { body: format!("<a>{said}").into_bytes(), ..Self::default() }.text();
            said.contains(words).then(|| attribute(&format!(" {tag}"), "href")).flatten()
        });
        links.collect()
    }

    /// The fields of the form that is sent to `action`, as they stand on the page.
    pub fn form(&self, action: &str) -> Option<Vec<(String, String)>> {
        let html = self.html();
        let form = html.split("<form").skip(1).find(|form| {
            form.split_once('>').and_then(|(tag, _)| attribute(tag, "action")).as_deref() == Some(action)
        })?;
        let form = form.split("</form>").next()?;
        let mut fields = Vec::new();
        for piece in form.split('<').skip(1) {
            let (tag, rest) = piece.split_once('>').unwrap_or((piece, ""));
            let Some(name) = attribute(tag, "name") else { continue };
            if tag.starts_with("input") {
                let kind = attribute(tag, "type").unwrap_or_default();
                let is_chosen = !matches!(kind.as_str(), "radio" | "checkbox") || has(tag, "checked");
                if is_chosen && !matches!(kind.as_str(), "file" | "submit") {
                    fields.push((name, attribute(tag, "value").unwrap_or_else(|| "on".to_owned())));
                }
            } else if tag.starts_with("textarea") {
                fields.push((name, plain(rest.strip_prefix('\n').unwrap_or(rest))));
            } else if tag.starts_with("select") {
                let options = form.split_once(&format!("<{tag}>"))?.1.split("</select>").next()?;
                let mut options = options.split("<option").skip(1).filter_map(|one| one.split_once('>'));
                let first = options.clone().next();
                let chosen = options.find(|(tag, _)| has(tag, "selected")).or(first);
                fields.push((name, chosen.and_then(|(tag, _)| attribute(tag, "value")).unwrap_or_default()));
            }
        }
        Some(fields)
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    Some(plain(tag[from..].split('"').next()?))
}

fn has(tag: &str, name: &str) -> bool {
    tag.split_whitespace().any(|word| word == name)
}

fn plain(html: &str) -> String {
    html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// Somebody, with the cookies that they were given.
#[derive(Clone, Debug)]
pub struct Reader {
    host: String,
    /// By name.
    pub cookies: BTreeMap<String, String>,
    /// What is before them.
    pub sheet: Sheet,
}

impl Reader {
    /// Somebody who comes to a portal (`http://host:port`) for the first time.
    pub fn new(portal: &str) -> Self {
        let host = portal.strip_prefix("http://").unwrap().to_owned();
        Self { host, cookies: BTreeMap::new(), sheet: Sheet::default() }
    }

    /// Somebody of the staff: `duty` is `officer`, `supervisor` or `operator`.
    pub async fn signed_in(portal: &str, duty: &str, unit: &str, code: &str) -> Self {
        let mut reader = Self::new(portal);
        reader.opens("/dang-nhap").await;
        reader.sends("/dang-nhap", &[("vai", duty), ("don-vi", unit), ("ma", code)]).await;
        assert_eq!(reader.sheet.status, 200, "{}", reader.sheet.text());
        reader
    }

    /// From where their forms come, as browsers say it.
    pub fn origin(&self) -> String {
        format!("http://{}", self.host)
    }

    /// Opens a path, and follows where it leads.
    pub async fn opens(&mut self, path: &str) -> &Sheet {
        self.asks("GET", path, &[], Vec::new()).await
    }

    /// Fills in the form on the page that is sent to `action`, and sends it. What is not given stays as it stands there; a field that is given
    /// several times is sent several times.
    pub async fn sends(&mut self, action: &str, given: &[(&str, &str)]) -> &Sheet {
        let form = self.sheet.form(action);
        let form = form
            .unwrap_or_else(|| panic!("no form for {action} on {}:\n{}", self.sheet.path, self.sheet.text()));
        let kept = form.iter().filter(|(name, _)| given.iter().all(|(known, _)| known != name));
        let kept = kept.map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<_> = kept.chain(given.iter().copied()).collect();
        self.posts(action, &fields).await
    }

    /// Sends fields as a form of a page of the portal does, whatever is before them.
    pub async fn posts(&mut self, path: &str, fields: &[(&str, &str)]) -> &Sheet {
        let pairs: Vec<_> =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let origin = self.origin();
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", origin.as_str())];
        self.asks("POST", path, &headers, pairs.join("&").into_bytes()).await
    }

    /// Asks as it is said, and follows where it leads.
    pub async fn asks(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> &Sheet {
        let mut sheet = self.asks_once(method, path, headers, body).await;
        for _ in 0..5 {
            if !matches!(sheet.status, 302 | 303 | 307) {
                break;
            }
            let to = sheet.header("location").to_owned();
            sheet = self.asks_once("GET", &to, &[], Vec::new()).await;
        }
        self.sheet = sheet;
        &self.sheet
    }

    /// Asks as it is said; what leads elsewhere is not followed.
    pub async fn asks_once(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Sheet {
        // Before 1.1 nobody answers in chunks.
        let mut head = format!("{method} {path} HTTP/1.0\r\nhost: {}\r\n", self.host);
        if !body.is_empty() {
            let _ = write!(head, "content-length: {}\r\n", body.len());
        }
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            let _ = write!(head, "cookie: {}\r\n", cookies.join("; "));
        }
        headers.iter().for_each(|(name, value)| {
            let _ = write!(head, "{name}: {value}\r\n");
        });
        let asked = [head.as_bytes(), b"\r\n", &body].concat();
        let come = async {
            let mut line = TcpStream::connect(&self.host).await.unwrap();
            line.write_all(&asked).await.unwrap();
            let mut come = Vec::new();
            line.read_to_end(&mut come).await.unwrap();
            come
        };
        let come = tokio::time::timeout(PATIENCE, come).await.expect("no page");
        let sheet = parsed(path, &come);
        for (_, cookie) in sheet.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            match value {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        sheet
    }
}

fn parsed(path: &str, come: &[u8]) -> Sheet {
    let end = come.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&come[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Sheet { path: path.to_owned(), status, headers, body: come[end + 4..].to_vec() }
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => encoded.push(byte.into()),
            b' ' => encoded.push('+'),
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
        encoded
    })
}
