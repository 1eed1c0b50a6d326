//! What a call hands on to the calls that it makes: its trace and its deadline. Kept beside the task, so
//! that no use case has to carry it; a task that is spawned by hand starts without.
#![expect(clippy::disallowed_types, reason = "a deadline counts on the runtime's timer, not on a clock")]

use http::{HeaderMap, HeaderValue};
use tokio::time::{Duration, Instant};

use crate::telemetry::TraceParent;

/// Header of the time that a caller gives to a call.
pub(crate) const GRPC_TIMEOUT: &str = "grpc-timeout";

/// What a call hands on.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The span of the call: the parent of those that it makes.
    pub trace: TraceParent,
    /// When nobody waits for an answer any more.
    pub deadline: Option<Instant>,
}

tokio::task_local! {
    static CURRENT: Context;
}

impl Context {
    /// The context of the call that this task works for, if any.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(|context| *context).ok()
    }

    /// For how long the caller still waits; none: for as long as it takes.
    pub fn left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(monotonic_now()))
    }

    /// Runs `work` in this context.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    /// Writes trace and deadline into the headers of a call that is about to be made; what is already
    /// there stays.
    pub(crate) fn hand_on(current: Option<Self>, headers: &mut HeaderMap) {
        // The innermost span that leaves the process, which may lie deeper than that of the call; a call that
        // belongs to no trace begins none here: its callee does.
        let trace = TraceParent::current().or(current.map(|context| context.trace));
        if let Some(trace) = trace
            && !headers.contains_key(TraceParent::HEADER)
            && let Ok(value) = HeaderValue::try_from(trace.to_string())
        {
            headers.insert(TraceParent::HEADER, value);
        }
        if let Some(left) = current.and_then(|context| context.left())
            && !headers.contains_key(GRPC_TIMEOUT)
            && let Ok(value) = HeaderValue::try_from(format_timeout(left))
        {
            headers.insert(GRPC_TIMEOUT, value);
        }
    }
}

pub(crate) fn monotonic_now() -> Instant {
    Instant::now()
}

/// The `grpc-timeout` of a request. One that cannot be read counts as none, as in tonic.
pub(crate) fn timeout_of(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(GRPC_TIMEOUT)?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    // The specification allows eight digits, which also keeps the arithmetic below from overflowing.
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let value: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(value * 3600)),
        "M" => Some(Duration::from_secs(value * 60)),
        "S" => Some(Duration::from_secs(value)),
        "m" => Some(Duration::from_millis(value)),
        "u" => Some(Duration::from_micros(value)),
        "n" => Some(Duration::from_nanos(value)),
        _ => None,
    }
}

fn format_timeout(left: Duration) -> String {
    const MOST: u128 = 99_999_999;
    [(left.as_micros(), 'u'), (left.as_millis(), 'm')]
        .into_iter()
        .find(|(value, _)| *value <= MOST)
        .map_or_else(
            || format!("{}S", u128::from(left.as_secs()).min(MOST)),
            |(value, unit)| format!("{value}{unit}"),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_outs_go_there_and_back() {
        for micros in [0, 1, 99_999_999, 100_000_000, 99_999_999_000, 100_000_000_000] {
            let left = Duration::from_micros(micros);
            let mut headers = HeaderMap::new();
            headers.insert(GRPC_TIMEOUT, format_timeout(left).parse().unwrap());
            assert_eq!(timeout_of(&headers), Some(left));
        }
        for bad in ["", "S", "1", "-1S", "+1S", "123456789S", "1s", "1é"] {
            let mut headers = HeaderMap::new();
            headers.insert(GRPC_TIMEOUT, HeaderValue::from_bytes(bad.as_bytes()).unwrap());
            assert_eq!(timeout_of(&headers), None, "{bad}");
        }
    }
}
