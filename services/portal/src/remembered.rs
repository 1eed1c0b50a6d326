//! What every page needs and what hardly ever changes. One asks for all, and not for long: a service that hangs keeps nobody from a page
//! that can do without it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use phidia_domain::{Kind, Rejection};
use tokio::time::timeout;

use crate::trouble::Trouble;

/// It is asked again after so long.
const FRESH: Duration = if cfg!(test) { Duration::from_millis(400) } else { Duration::from_secs(10) };
/// And after so long where nobody answered.
const AGAIN: Duration = if cfg!(test) { Duration::from_millis(400) } else { Duration::from_secs(5) };
/// An answer comes within this time.
const PATIENCE: Duration = if cfg!(test) { Duration::from_millis(100) } else { Duration::from_secs(2) };

/// Something that was asked for a moment ago.
#[derive(Debug)]
pub(crate) struct Remembered<T> {
    last: Mutex<Last<T>>,
    asking: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Last<T> {
    known: Option<Arc<T>>,
    /// Why the last time nothing was answered.
    trouble: Option<Trouble>,
    due: Option<Instant>,
}

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self { last: Mutex::new(Last { known: None, trouble: None, due: None }), asking: Default::default() }
    }
}

impl<T> Remembered<T> {
    /// As it was a moment ago, or as it was known last where nobody answers.
    ///
    /// # Errors
    /// Where nobody answers, and nothing was known before.
    pub(crate) async fn get(&self, ask: impl Future<Output = Result<T, Trouble>>) -> Result<Arc<T>, Trouble> {
        if let Some(answer) = self.answer_of_a_moment_ago() {
            return answer;
        }
        let known = self.last().known.clone();
        let asking = match (self.asking.try_lock(), known) {
            (Ok(asking), _) => asking,
            (Err(_), Some(known)) => return Ok(known),
            (Err(_), None) => self.asking.lock().await,
        };
        // Who asked before may have been answered meanwhile.
        if let Some(answer) = self.answer_of_a_moment_ago() {
            return answer;
        }
        let answer = timeout(PATIENCE, ask).await.unwrap_or_else(|_| Err(silent()));
        self.note(answer);
        drop(asking);
        self.answer_of_a_moment_ago().unwrap_or_else(|| Err(silent()))
    }

    fn note(&self, answer: Result<T, Trouble>) {
        let mut last = self.last();
        let (trouble, pause) = match answer {
            Ok(answer) => {
                last.known = Some(Arc::new(answer));
                (None, FRESH)
            }
            Err(trouble) => (Some(trouble), AGAIN),
        };
        (last.trouble, last.due) = (trouble, Some(Instant::now() + pause));
    }

    fn last(&self) -> MutexGuard<'_, Last<T>> {
        // Whoever panicked had not begun to write.
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer_of_a_moment_ago(&self) -> Option<Result<Arc<T>, Trouble>> {
        let last = self.last();
        last.due.filter(|due| Instant::now() < *due)?;
        match (&last.known, &last.trouble) {
            (Some(known), _) => Some(Ok(Arc::clone(known))),
            (None, Some(trouble)) => Some(Err(trouble.clone())),
            (None, None) => None,
        }
    }
}

/// Nobody answers.
pub(crate) fn silent() -> Trouble {
    let message = "another service does not answer in time";
    Rejection::new(Kind::Unavailable, "PEER_UNAVAILABLE", message).into()
}

#[cfg(test)]
mod tests {
    use std::{
        future::pending,
        sync::atomic::{AtomicU32, Ordering::Relaxed},
    };

    use futures::future::join_all;
    use tokio::time::sleep;

    use super::*;

    #[tokio::test]
    async fn many_ask_and_it_is_asked_once() {
        let (remembered, asked) = (Remembered::default(), AtomicU32::new(0));
        let ask = || async {
            let number = asked.fetch_add(1, Relaxed);
            tokio::task::yield_now().await;
            Ok(number)
        };
        let all = join_all((0..40).map(|_| remembered.get(ask()))).await;
        assert!(all.into_iter().all(|one| *one.unwrap() == 0));
        sleep(FRESH).await;
        assert_eq!(*remembered.get(ask()).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn who_hangs_keeps_many_waiting_once_and_not_one_after_the_other() {
        let (remembered, asked) = (Remembered::<u32>::default(), AtomicU32::new(0));
        let hang = || async {
            asked.fetch_add(1, Relaxed);
            pending().await
        };
        let all = join_all((0..40).map(|_| remembered.get(hang()))).await;
        assert!(all.into_iter().all(|one| one.is_err()));
        assert_eq!(asked.load(Relaxed), 1, "the others have its answer");
    }

    #[tokio::test]
    async fn what_was_known_does_while_nobody_answers() {
        let (remembered, asked) = (Remembered::default(), AtomicU32::new(0));
        assert_eq!(*remembered.get(async { Ok(7) }).await.unwrap(), 7);
        sleep(FRESH).await;
        let hang = || async {
            asked.fetch_add(1, Relaxed);
            pending().await
        };
        for _ in 0..3 {
            assert_eq!(*remembered.get(hang()).await.unwrap(), 7);
        }
        assert_eq!(asked.load(Relaxed), 1, "nobody is asked again so soon");
        sleep(AGAIN).await;
        assert_eq!(*remembered.get(async { Ok(8) }).await.unwrap(), 8);
    }
}
