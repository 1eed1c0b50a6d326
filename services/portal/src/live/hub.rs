//! One stream of a service for all who look at the same thing.

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::{StreamExt as _, stream::BoxStream};
use phidia_domain::Kind;
use phidia_runtime::status;
use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;
use tonic::Status;

/// A stream goes on for so long after the last who looked has left: pages come and go.
const LINGER: Duration = if cfg!(test) { Duration::from_millis(200) } else { Duration::from_secs(60) };
/// A stream that broke off is asked for again after so long.
const AGAIN: Duration = if cfg!(test) { Duration::from_millis(10) } else { Duration::from_secs(1) };
/// And after so long at the most, while its service is away.
const AGAIN_AT_MOST: Duration = Duration::from_secs(30);

/// What tells how things stand, over a stream that can be gone on with behind a token.
///
/// To make something live: implement this for a service (as [`super::Cases`] does), put a [`Hub`] of it into [`super::Live`], and in the
/// handler of `/song/…` give [`super::stream`] what [`Hub::look`] returns, and how the part is drawn.
pub(crate) trait Source: Send + Sync + 'static {
    /// Of what it tells: a unit, a hall; `()` where there is one only.
    type Of: Clone + Eq + Hash + fmt::Debug + Send + Sync + 'static;
    /// One message of the stream.
    type Told: Send + 'static;
    /// How it stands, made of all that was told so far. Large ones are kept in an `Arc`, for each who looks clones it.
    type State: Clone + Default + Send + Sync + 'static;

    /// Asks to be told: behind this token, or from now on where it is empty.
    ///
    /// # Errors
    /// As the service has it. Where a token is refused for good (`OUT_OF_RANGE`, `INVALID_ARGUMENT`) it is asked again without.
    fn listen(
        &self,
        of: &Self::Of,
        token: String,
    ) -> impl Future<Output = Result<BoxStream<'static, Result<Self::Told, Status>>, Status>> + Send;

    /// Takes in what was told.
    fn take_in(&self, told: Self::Told, state: &mut Self::State) -> Taken;
}

/// What came of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Behind it the stream goes on after a break; empty: there is no such thing.
    pub(crate) token: String,
    /// Whether whoever looks is to see it.
    pub(crate) is_news: bool,
}

/// Who looks at what. However many look at the same, its service is asked once; whoever is slow sees the newest, and never a queue of
/// what was.
pub(crate) struct Hub<S: Source>(Arc<Inner<S>>);

/// What is looked at, and how it stands.
type LookedAt<S> = HashMap<<S as Source>::Of, Arc<watch::Sender<<S as Source>::State>>>;

struct Inner<S: Source> {
    source: S,
    looked_at: Mutex<LookedAt<S>>,
    stop: CancellationToken,
}

impl<S: Source> fmt::Debug for Hub<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.looked_at().keys()).finish()
    }
}

impl<S: Source> Hub<S> {
    pub(crate) fn new(source: S, stop: CancellationToken) -> Self {
        Self(Arc::new(Inner { source, looked_at: Mutex::default(), stop }))
    }

    /// How it stands, for as long as the receiver is kept: it is changed by each piece of news.
    pub(crate) fn look(&self, of: S::Of) -> watch::Receiver<S::State> {
        let mut looked_at = self.0.looked_at();
        if let Some(known) = looked_at.get(&of) {
            return known.subscribe();
        }
        let (sender, receiver) = watch::channel(S::State::default());
        let sender = Arc::new(sender);
        looked_at.insert(of.clone(), Arc::clone(&sender));
        let inner = Arc::clone(&self.0);
        tokio::spawn(async move {
            tokio::select! {
                () = inner.follow(&of, &sender) => {}
                () = inner.is_left(&of, &sender) => {}
                () = inner.stop.cancelled() => {
                    inner.looked_at().remove(&of);
                }
            }
        });
        receiver
    }
}

impl<S: Source> Inner<S> {
    fn looked_at(&self) -> MutexGuard<'_, LookedAt<S>> {
        // Whoever panicked had only looked a key up.
        self.looked_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what is told, over as many streams as it takes.
    async fn follow(&self, of: &S::Of, sender: &watch::Sender<S::State>) {
        let mut token = String::new();
        let mut pause = AGAIN;
        loop {
            let failure = match self.source.listen(of, token.clone()).await {
                Ok(mut stream) => loop {
                    match stream.next().await {
                        Some(Ok(told)) => {
                            pause = AGAIN;
                            sender.send_if_modified(|state| {
                                let taken = self.source.take_in(told, state);
                                if !taken.token.is_empty() {
                                    token = taken.token;
                                }
                                taken.is_news
                            });
                        }
                        Some(Err(failure)) => break Some(failure),
                        None => break None,
                    }
                },
                Err(failure) => Some(failure),
            };
            if let Some(failure) = failure {
                let rejection = status::from_status(&failure);
                if matches!(rejection.kind, Kind::OutOfRange | Kind::Invalid) && !token.is_empty() {
                    token.clear();
                    // What happened meanwhile is not known: whoever looks draws it anew.
                    sender.send_modify(|_| {});
                }
                tracing::debug!(?of, reason = rejection.reason, "what is looked at is asked for again");
            }
            sleep(pause).await;
            pause = (pause * 2).min(AGAIN_AT_MOST);
        }
    }

    /// Until nobody has looked at it for a while; then it is forgotten.
    async fn is_left(&self, of: &S::Of, sender: &watch::Sender<S::State>) {
        loop {
            sender.closed().await;
            sleep(LINGER).await;
            let mut looked_at = self.looked_at();
            // Nobody can come to look meanwhile: they would need the lock.
            if sender.receiver_count() == 0 {
                looked_at.remove(of);
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use futures::stream;
    use phidia_domain::Rejection;

    use super::*;

    /// Tells 1, 2 and 3, breaks off, and goes on behind the token.
    #[derive(Default)]
    struct Counting {
        asked: AtomicUsize,
        refuses_tokens: bool,
    }

    impl Source for Arc<Counting> {
        type Of = &'static str;
        type Told = u32;
        type State = Vec<u32>;

        async fn listen(
            &self,
            _: &Self::Of,
            token: String,
        ) -> Result<BoxStream<'static, Result<u32, Status>>, Status> {
            self.asked.fetch_add(1, Relaxed);
            if self.refuses_tokens && !token.is_empty() {
                return Err(refusal(Kind::OutOfRange));
            }
            let from: u32 = token.parse().unwrap_or(0);
            Ok(stream::iter((from + 1..=from + 3).map(Ok))
                .chain(stream::once(async { Err(refusal(Kind::Unavailable)) }))
                .boxed())
        }

        fn take_in(&self, told: u32, state: &mut Vec<u32>) -> Taken {
            state.push(told);
            Taken { token: told.to_string(), is_news: true }
        }
    }

    fn refusal(kind: Kind) -> Status {
        status::to_status(&Rejection::new(kind, "GONE", "it is gone"))
    }

    async fn until(looked: &mut watch::Receiver<Vec<u32>>, many: usize) -> Vec<u32> {
        looked.wait_for(|state| state.len() >= many).await.unwrap().clone()
    }

    #[tokio::test]
    async fn a_stream_that_breaks_off_goes_on_behind_what_was_told() {
        let hub = Hub::new(Arc::new(Counting::default()), CancellationToken::new());
        let mut looked = hub.look("hall");
        assert_eq!(until(&mut looked, 6).await[..6], [1, 2, 3, 4, 5, 6]);
    }

    #[tokio::test]
    async fn many_look_and_it_is_asked_once() {
        let source = Arc::new(Counting::default());
        let hub = Hub::new(Arc::clone(&source), CancellationToken::new());
        let mut looked: Vec<_> = (0..40).map(|_| hub.look("hall")).collect();
        for one in &mut looked {
            until(one, 3).await;
        }
        // All saw the same one: what it told stands once.
        let told = looked[0].borrow().clone();
        assert!(told.is_sorted() && told.len() >= 3, "{told:?}");
        let asked = source.asked.load(Relaxed);
        assert!(asked <= told.len() / 3 + 2, "{asked} streams, {told:?}");
    }

    #[tokio::test]
    async fn a_token_that_is_forgotten_is_not_asked_with_again() {
        let hub = Hub::new(
            Arc::new(Counting { refuses_tokens: true, ..Counting::default() }),
            CancellationToken::new(),
        );
        assert_eq!(until(&mut hub.look("hall"), 6).await[..6], [1, 2, 3, 1, 2, 3]);
    }

    #[tokio::test]
    async fn what_nobody_looks_at_any_more_is_forgotten() {
        let hub = Hub::new(Arc::new(Counting::default()), CancellationToken::new());
        let mut looked = hub.look("hall");
        until(&mut looked, 3).await;
        drop(looked);
        // Whoever comes back in time finds it as it stands.
        let looked = hub.look("hall");
        assert!(looked.borrow().len() >= 3);
        sleep(LINGER * 2).await;
        assert_eq!(format!("{hub:?}"), r#"["hall"]"#, "it is looked at");
        drop(looked);
        while format!("{hub:?}") != "[]" {
            sleep(LINGER / 10).await;
        }
    }

    #[tokio::test]
    async fn when_the_portal_stops_nothing_goes_on() {
        let stop = CancellationToken::new();
        let hub = Hub::new(Arc::new(Counting::default()), stop.clone());
        let mut looked = hub.look("hall");
        until(&mut looked, 3).await;
        stop.cancel();
        // Nobody tells any more.
        while looked.changed().await.is_ok() {}
    }
}
