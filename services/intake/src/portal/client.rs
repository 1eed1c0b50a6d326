//! How the portal is spoken to: JSON over HTTP, each body signed, under a token that it gives.

use std::{fmt, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER},
};
use http_body_util::Full;
use jiff::{SignedDuration, Timestamp};
use phidia_domain::Rejection;
use phidia_runtime::{
    clock::RealClock,
    failure::Failure,
    http_client::{Bytes, HttpClient, Unanswered},
    sign::SigningKey,
    signed_body,
};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::sync::Mutex;

use super::config::Config;

/// An answer of the portal is not longer, but for files.
const MOST_ANSWER: usize = 16 * 1024 * 1024;
/// A token is asked for anew so long before its end.
const BEFORE_ITS_END: SignedDuration = SignedDuration::from_secs(30);
/// A line on which a file comes slower than so many bytes a second is too slow.
const SLOWEST: u64 = 50_000;
/// It is waited so long at most because the portal says so.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(1);

/// Nor is that to a login.
const MOST_OF_A_TOKEN: usize = 64 * 1024;
/// How an answer that is longer than is read is told from others.
pub(super) const TOO_LONG: &str = "TOO_LONG";
/// How it is told that what is named as a file cannot be one.
pub(super) const MALFORMED_FILE_ID: &str = "MALFORMED_FILE_ID";

/// What is asked.
struct Call<'c> {
    method: Method,
    path: &'c str,
    headers: HeaderMap,
    body: Bytes,
    /// Bytes of the answer.
    most: usize,
}

/// Who speaks to the portal.
pub(super) struct Client {
    pub(super) config: Config,
    http: HttpClient,
    key: SigningKey,
    token: Mutex<Option<Token>>,
}

struct Token {
    header: HeaderValue,
    until: Timestamp,
}

/// Why something was not answered as it should have been. Nothing of what was sent or answered stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Missed {
    /// The portal is away, busy, or does not let this system in: nothing else will be answered now, either, and not before this pause where it
    /// says so.
    Away(String, Option<SignedDuration>),
    /// This was not answered as it should have been, and may be later.
    Failed(String),
    /// It refuses this with a code of its own, and would again.
    Refused(String),
}

impl fmt::Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Away(why, _) | Self::Failed(why) | Self::Refused(why) => f.write_str(why),
        }
    }
}

/// What a body of a refusal says, as far as it is kept.
#[derive(Deserialize)]
struct Fault {
    #[serde(rename = "MaLoi", default)]
    code: String,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    /// Seconds; not required (RFC 6749, section 5.1).
    #[serde(default = "five_minutes")]
    expires_in: i64,
}

fn five_minutes() -> i64 {
    300
}

impl Client {
    pub(super) fn new(config: Config, key: SigningKey) -> Result<Self, Rejection> {
        config.validate()?;
        let http = HttpClient::new(config.authority.as_deref(), "portal.authority", config.patience())?;
        let config = Config { url: config.url.trim_end_matches('/').to_owned(), ..config };
        Ok(Self { config, http, key, token: Mutex::new(None) })
    }

    /// With what the portal checks the signatures.
    pub(super) fn public_key(&self) -> String {
        signed_body::public_key(&self.key.public())
    }

    /// Sends a body under an id that is the same for all attempts, and answers what the portal says to it.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        id: &str,
        body: Bytes,
    ) -> Result<T, Missed> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        signed_body::sign(&mut headers, &self.key, id, RealClock.now(), &body)
            .map_err(|failure| Missed::Refused(failure.to_string()))?;
        let call = Call { method: Method::POST, path, headers, body, most: MOST_ANSWER };
        let answer = self.call(call, self.config.patience()).await?;
        let answer = if answer.is_empty() { Bytes::from_static(b"null") } else { answer };
        serde_json::from_slice(&answer).map_err(|_| Missed::Away("MALFORMED_ANSWER".to_owned(), None))
    }

    /// A file that the portal keeps: at most so many bytes.
    pub(super) async fn file(&self, id: &str, most: usize) -> Result<Bytes, Missed> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if id.is_empty() || id.len() > 200 || !id.bytes().all(plain) || id.starts_with('.') {
            return Err(Missed::Refused(MALFORMED_FILE_ID.to_owned()));
        }
        let path = format!("/teptin/{id}");
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        let call = Call { method: Method::GET, path: &path, headers, body, most };
        let longest = Duration::from_secs(u64::try_from(most).unwrap_or(u64::MAX) / SLOWEST);
        self.call(call, self.config.patience().saturating_add(longest)).await
    }

    /// A call under the token; once more under a new one where the portal does not believe it.
    async fn call(&self, call: Call<'_>, patience: Duration) -> Result<Bytes, Missed> {
        let token = self.token(None).await?;
        let answer = self.ask(&call, token.clone(), patience).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return judge(answer);
        }
        let token = self.token(Some(&token)).await?;
        judge(self.ask(&call, token, patience).await?)
    }

    async fn ask(
        &self,
        Call { method, path, headers, body, most }: &Call<'_>,
        token: HeaderValue,
        patience: Duration,
    ) -> Result<Response<Bytes>, Missed> {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.config.url));
        let request = request.body(Full::new(body.clone()));
        let mut request = request.map_err(|_| Missed::Refused("MALFORMED_ADDRESS".to_owned()))?;
        *request.headers_mut() = headers.clone();
        request.headers_mut().insert(AUTHORIZATION, token);
        self.http.ask(request, *most, patience).await.map_err(|unanswered| match unanswered {
            // Nothing is forbidden to a client that only calls its operator's portal.
            Unanswered::NotConnected | Unanswered::Forbidden => {
                Missed::Away("NOT_CONNECTED".to_owned(), None)
            }
            Unanswered::Interrupted => Missed::Failed("INTERRUPTED".to_owned()),
            Unanswered::Late => Missed::Failed("LATE".to_owned()),
            Unanswered::TooLong => Missed::Refused(TOO_LONG.to_owned()),
        })
    }

    /// The header of a token that is good for a while, and not the one that was not believed. One logs in, and the others wait for that.
    async fn token(&self, not_believed: Option<&HeaderValue>) -> Result<HeaderValue, Missed> {
        let mut token = self.token.lock().await;
        let now = RealClock.now();
        let good = token.as_ref().filter(|token| now < token.until && Some(&token.header) != not_believed);
        if let Some(good) = good {
            return Ok(good.header.clone());
        }
        *token = None;
        let granted = self.log_in().await?;
        let header = HeaderValue::from_str(&format!("Bearer {}", granted.access_token));
        let mut header = header.map_err(|_| Missed::Away("MALFORMED_TOKEN".to_owned(), None))?;
        header.set_sensitive(true);
        let lasts = SignedDuration::from_secs(granted.expires_in.clamp(0, 86_400));
        let until = now.saturating_add(lasts.saturating_sub(BEFORE_ITS_END)).unwrap_or(now);
        *token = Some(Token { header: header.clone(), until });
        Ok(header)
    }

    /// Asks for a token (RFC 6749, section 4.4).
    async fn log_in(&self) -> Result<Granted, Missed> {
        let secret = self.config.client_secret.as_ref().map(|secret| secret.expose_secret());
        let pair = format!("{}:{}", self.config.client_id, secret.unwrap_or_default());
        let header = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair)));
        let mut header = header.map_err(|_| Missed::Away("MALFORMED_SECRET".to_owned(), None))?;
        header.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        let body = Bytes::from_static(b"grant_type=client_credentials");
        let path = "/oauth2/token";
        let call = Call { method: Method::POST, path, headers, body, most: MOST_OF_A_TOKEN };
        let answer = self.ask(&call, header, self.config.patience()).await;
        let answer = answer.map_err(|missed| Missed::Away(format!("LOGIN_{missed}"), None))?;
        // Whatever it says to that: nothing can be told before somebody has seen to it.
        let body = judge(answer).map_err(|missed| match missed {
            Missed::Away(why, pause) => Missed::Away(format!("LOGIN_{why}"), pause),
            missed => Missed::Away(format!("LOGIN_{missed}"), None),
        })?;
        serde_json::from_slice(&body).map_err(|_| Missed::Away("MALFORMED_TOKEN".to_owned(), None))
    }
}

/// What an answer means.
fn judge(answer: Response<Bytes>) -> Result<Bytes, Missed> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer.into_body());
    }
    let fault = serde_json::from_slice::<Fault>(answer.body()).map(|fault| fault.code).unwrap_or_default();
    let is_code = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let fault = Some(fault).filter(|code| (1..=64).contains(&code.len()) && code.bytes().all(is_code));
    let is_refusal = fault.is_some();
    let why = match fault {
        Some(code) => format!("HTTP_{} {code}", status.as_u16()),
        None => format!("HTTP_{}", status.as_u16()),
    };
    let pause = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let pause = pause.map(|seconds: u32| SignedDuration::from_secs(seconds.into()).min(LONGEST_PAUSE));
    Err(match status {
        StatusCode::UNAUTHORIZED | StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Missed::Away(why, pause)
        }
        // What has no code of the portal's came from somebody in between: a proxy, a page that says that it is being worked on.
        status if is_refusal && status.is_client_error() && !is_passing(status) => Missed::Refused(why),
        _ => Missed::Failed(why),
    })
}

fn is_passing(status: StatusCode) -> bool {
    matches!(status, StatusCode::FORBIDDEN | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY)
}

/// A body as it is sent.
pub(super) fn json<T: Serialize>(body: &T) -> Result<Bytes, Failure> {
    serde_json::to_vec(body).map(Bytes::from).map_err(Failure::broken)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.config.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, retry_after: Option<&str>, body: &'static str) -> Result<Bytes, Missed> {
        let mut answer = Response::new(Bytes::from_static(body.as_bytes()));
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        if let Some(pause) = retry_after {
            answer.headers_mut().insert(RETRY_AFTER, pause.parse().unwrap());
        }
        judge(answer)
    }

    #[test]
    fn what_passes_is_tried_again_and_only_the_portal_itself_refuses() {
        const CODE: &str = r#"{"MaLoi":"HS-07"}"#;
        assert!(answered(200, None, "{}").is_ok() && answered(204, None, "").is_ok());
        for status in [401, 429, 503] {
            assert!(matches!(answered(status, None, CODE), Err(Missed::Away(_, None))), "{status}");
        }
        for status in [301, 302, 403, 408, 425, 500, 502, 504] {
            assert!(matches!(answered(status, None, CODE), Err(Missed::Failed(_))), "{status}");
        }
        for status in [400, 404, 409, 413, 422] {
            assert!(matches!(answered(status, None, CODE), Err(Missed::Refused(_))), "{status}");
            assert!(matches!(answered(status, None, "<html>"), Err(Missed::Failed(_))), "{status}");
        }
        let pause = |text| match answered(503, Some(text), "") {
            Err(Missed::Away(_, pause)) => pause,
            other => panic!("{other:?}"),
        };
        assert_eq!(pause("120"), Some(SignedDuration::from_secs(120)));
        assert_eq!(pause("4000000000"), Some(LONGEST_PAUSE));
        assert_eq!(pause("Fri, 31 Dec 2027 23:59:59 GMT"), None);
    }

    #[test]
    fn of_a_refusal_only_its_code_is_kept() {
        let why = |body| answered(422, None, body).unwrap_err().to_string();
        assert_eq!(why(r#"{"MaLoi":"HS-07","ThongBao":"Nguyễn Thị Kín"}"#), "HTTP_422 HS-07");
        assert_eq!(why(r#"{"MaLoi":"Nguyễn Thị Kín"}"#), "HTTP_422");
        assert_eq!(why("<html>"), "HTTP_422");
    }
}
