//! One attempt to send one event.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use http::{
    HeaderValue, Request,
    header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT},
    response,
};
use http_body_util::Full;
use jiff::Timestamp;
use phidia_domain::webhook::{Attempt, Verdict, judge};
use phidia_proto::notification::v1::PublicEvent;
use phidia_runtime::{
    clock::RealClock,
    digest,
    failure::Failure,
    http_client::{Bytes, HttpClient, Unanswered},
    metrics::Counter,
    signed_body::{self, SigningSecret},
};

use super::{DELIVERED, Format, Subscription, Webhooks};
use crate::{
    feed::{Entry, cloud_event},
    store::webhook::Delivery,
};

static ATTEMPTS: Counter =
    Counter::new("phidia.webhook.attempts", "{attempt}", "Attempts to send events to subscribers.");

/// An event as it is sent, written once for all who take it in the same form.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) entry: Entry,
    json: OnceLock<Body>,
    protobuf: OnceLock<Body>,
}

#[derive(Clone, Debug)]
struct Body {
    bytes: Bytes,
    sha256: String,
}

/// With what a subscription signs: the newest secret, and the one before for a while.
#[derive(Debug)]
pub(super) struct Secrets {
    /// Newest first.
    all: Vec<SigningSecret>,
    /// Until when the one before signs.
    previous_until: Option<Timestamp>,
}

/// What an attempt came to.
#[derive(Debug)]
pub(super) struct Attempted {
    pub(super) verdict: Verdict,
    pub(super) delivery: Delivery,
}

impl Written {
    pub(super) fn new(entry: Entry) -> Self {
        Self { entry, json: OnceLock::new(), protobuf: OnceLock::new() }
    }

    fn body(&self, format: Format) -> Result<Body, Failure> {
        let cell = match format {
            Format::Json => &self.json,
            Format::Protobuf => &self.protobuf,
        };
        if let Some(body) = cell.get() {
            return Ok(body.clone());
        }
        let body = write(&self.entry.event, format)?;
        Ok(cell.get_or_init(|| body).clone())
    }
}

impl Secrets {
    pub(super) fn open(
        webhooks: &Webhooks,
        subscription: &Subscription,
        wrapped: &[(Vec<u8>, Option<Timestamp>)],
    ) -> Result<Self, Failure> {
        let scheme = subscription.signature.scheme();
        let all = wrapped
            .iter()
            .map(|(wrapped, _)| SigningSecret::unwrap(scheme, &webhooks.master_key, wrapped))
            .collect::<Result<Vec<_>, _>>()?;
        if all.is_empty() {
            return Err(Failure::broken("a subscription has no secret"));
        }
        Ok(Self { all, previous_until: wrapped.get(1).and_then(|(_, until)| *until) })
    }

    fn at(&self, now: Timestamp) -> &[SigningSecret] {
        let both = self.previous_until.is_some_and(|until| now < until);
        if both { &self.all } else { &self.all[..1] }
    }
}

impl Webhooks {
    /// Sends one event, to one who is well or not.
    pub(super) async fn attempt(
        &self,
        subscription: &Subscription,
        secrets: &Secrets,
        written: &Written,
        is_unwell: bool,
    ) -> Result<Attempted, Failure> {
        let entry = &written.entry;
        let body = written.body(subscription.format)?;
        let client = if is_unwell { &self.client_of_unwell } else { &self.client };
        let mut attempted = self.send(client, subscription, secrets, &entry.event, body).await?;
        attempted.delivery.position = entry.position;
        attempted.delivery.application = Some(entry.application);
        Ok(attempted)
    }

    /// Sends an event about nothing.
    pub(super) async fn send_ping(
        &self,
        subscription: &Subscription,
        secrets: &Secrets,
    ) -> Result<Attempted, Failure> {
        let now = RealClock.now();
        let id: phidia_domain::id::EventId = self.ids.mint(now);
        let event = cloud_event::ping(id.to_string(), now);
        let body = write(&event, subscription.format)?;
        self.send(&self.client_of_unwell, subscription, secrets, &event, body).await
    }

    async fn send(
        &self,
        client: &HttpClient,
        subscription: &Subscription,
        secrets: &Secrets,
        event: &PublicEvent,
        Body { bytes, sha256 }: Body,
    ) -> Result<Attempted, Failure> {
        let at = RealClock.now();
        let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let content_type = match subscription.format {
            Format::Json => cloud_event::JSON,
            Format::Protobuf => cloud_event::PROTOBUF,
        };
        let mut request = Request::post(&subscription.url).body(()).map_err(Failure::broken)?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(USER_AGENT, HeaderValue::from_static("phidia-webhook/1"));
        signed_body::sign_all(headers, secrets.at(at), &event.id, at, &bytes)?;
        let request = request.map(|()| Full::new(bytes));

        let began = Instant::now();
        let answer = client.tell(request, self.config.patience()).await;
        let took = began.elapsed();
        let (attempt, outcome) = match &answer {
            Ok(head) => (Attempt::Answered(head.status.as_u16(), pause(head)), None),
            Err(missed) => (Attempt::Unanswered, Some(missed_as(*missed))),
        };
        let status = answer.as_ref().map_or(0, |head| head.status.as_u16());
        let verdict = judge(attempt);
        let outcome = match (verdict, outcome) {
            (Verdict::Delivered, _) => DELIVERED.to_owned(),
            (_, Some(missed)) => missed.to_owned(),
            (_, None) => format!("HTTP_{status}"),
        };
        let label = match verdict {
            Verdict::Delivered => "delivered",
            Verdict::Refused => "refused",
            Verdict::Away(_) => "away",
            Verdict::Gone => "gone",
        };
        ATTEMPTS.add(1, &[("outcome", label)]);
        let delivery = Delivery {
            subscription: subscription.id,
            position: 0,
            run: subscription.run,
            event: event.id.parse().map_err(Failure::broken)?,
            application: None,
            at,
            took_ms: u32::try_from(took.as_millis()).unwrap_or(u32::MAX),
            outcome,
            status,
            sha256,
            size,
        };
        Ok(Attempted { verdict, delivery })
    }
}

fn write(event: &PublicEvent, format: Format) -> Result<Body, Failure> {
    let bytes = match format {
        Format::Json => cloud_event::json(event)?,
        Format::Protobuf => cloud_event::protobuf(event)?,
    };
    let sha256 = digest::sha256(&bytes);
    Ok(Body { bytes: bytes.into(), sha256 })
}

/// For how long they ask us to stay away.
fn pause(head: &response::Parts) -> Option<Duration> {
    let seconds = head.headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn missed_as(missed: Unanswered) -> &'static str {
    match missed {
        Unanswered::NotConnected => "NOT_CONNECTED",
        Unanswered::Forbidden => "FORBIDDEN_ADDRESS",
        Unanswered::Interrupted => "INTERRUPTED",
        Unanswered::Late => "LATE",
        Unanswered::TooLong => "TOO_LONG",
    }
}
