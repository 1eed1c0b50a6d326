//! The line to one browser: server-sent events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).

use std::{convert::Infallible, pin::Pin, time::Duration};

use axum::response::{
    IntoResponse as _, Response, Sse,
    sse::{Event, KeepAlive},
};
use futures::stream;
use http::{HeaderName, HeaderValue};
use maud::Markup;
use serde::Serialize;
use tokio::{
    sync::watch,
    time::{Sleep, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::{Portal, trouble::Trouble};

/// At most so often a part is drawn anew.
const AT_MOST: Duration = Duration::from_secs(1);
/// So often it is drawn anew although nothing was told: time passes.
const AT_LEAST: Duration = Duration::from_secs(60);
/// So soon it is tried again where it could not be drawn.
const WHILE_AWAY: Duration = Duration::from_secs(5);
/// Lines that are silent for longer are taken for dead by what stands between.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// After so long a browser that lost the line comes back.
const RETRY: Duration = Duration::from_secs(2);
/// A line ends after so long, and the browser comes back: with who is signed in by then.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// A part of a page, as `live.js` puts it into its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Part {
    /// Its `data-part`.
    pub(crate) name: &'static str,
    /// What is in it.
    html: String,
}

impl Part {
    pub(crate) fn new(name: &'static str, html: Markup) -> Self {
        Self { name, html: html.into_string() }
    }
}

/// Tells a browser how parts of its page stand: at once, whenever something changes (at most once a second), and each minute. What looks as
/// before is not sent: keys of forms, which are new with each drawing, stand outside of parts.
///
/// `draw` gets how things stand and asks for the rest, as whoever looks. When the services do not answer, nothing is told until they do; who
/// may not look any more is hung up on.
pub(crate) fn stream<T, D, F>(portal: &Portal, looked: watch::Receiver<T>, draw: D) -> Response
where
    T: Clone + Send + Sync + 'static,
    D: Fn(T) -> F + Send + 'static,
    F: Future<Output = Result<Vec<Part>, Trouble>> + Send + 'static,
{
    let line = Line {
        looked,
        draw,
        drawn: Vec::new(),
        quiet: Box::pin(sleep(Duration::ZERO)),
        due: Box::pin(sleep(Duration::ZERO)),
        ends: Box::pin(sleep(LONGEST)),
    };
    let stop = portal.0.stop.clone();
    let events = stream::unfold((line, stop), |(mut line, stop)| async move {
        let part = next(&mut line, &stop).await?;
        Some((Ok::<_, Infallible>(event(&part)), (line, stop)))
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response();
    // Proxies are not to wait for more (<https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering>).
    let unbuffered = HeaderName::from_static("x-accel-buffering");
    response.headers_mut().insert(unbuffered, HeaderValue::from_static("no"));
    response
}

struct Line<T, D> {
    looked: watch::Receiver<T>,
    draw: D,
    /// As they were sent last, and those that are to be sent.
    drawn: Vec<(Part, bool)>,
    /// When it is drawn again at the earliest, and at the latest.
    quiet: Pin<Box<Sleep>>,
    due: Pin<Box<Sleep>>,
    ends: Pin<Box<Sleep>>,
}

/// The next part that looks otherwise than before; none: the line ends.
async fn next<T, D, F>(line: &mut Line<T, D>, stop: &CancellationToken) -> Option<Part>
where
    T: Clone + Send + Sync + 'static,
    D: Fn(T) -> F,
    F: Future<Output = Result<Vec<Part>, Trouble>>,
{
    loop {
        if let Some((part, is_new)) = line.drawn.iter_mut().find(|(_, is_new)| *is_new) {
            *is_new = false;
            return Some(part.clone());
        }
        let waits = async {
            let happened = tokio::select! {
                () = &mut line.due => return,
                changed = line.looked.changed() => changed,
            };
            match happened {
                Ok(()) => (&mut line.quiet).await,
                // Nothing is told after the hub has stopped; the minute goes on.
                Err(_) => (&mut line.due).await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => return None,
            () = &mut line.ends => return None,
            () = waits => {}
        }
        let state = line.looked.borrow_and_update().clone();
        let until_again = match (line.draw)(state).await {
            Ok(parts) => {
                let is_new = |part: &Part| !line.drawn.iter().any(|(known, _)| known == part);
                let drawn = parts.into_iter().map(|part| (is_new(&part), part));
                line.drawn = drawn.map(|(new, part)| (part, new)).collect();
                AT_LEAST
            }
            // Nothing is told by services that are away: until they are back it stands as it was.
            Err(trouble) if trouble.status().is_server_error() => WHILE_AWAY,
            Err(_) => return None,
        };
        line.quiet = Box::pin(sleep(AT_MOST));
        line.due = Box::pin(sleep(until_again));
    }
}

fn event(part: &Part) -> Event {
    // JSON has no line break in it; a text is always written.
    let data = serde_json::to_string(part).unwrap_or_default();
    Event::default().event("part").retry(RETRY).data(data)
}
