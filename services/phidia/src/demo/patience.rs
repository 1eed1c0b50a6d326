//! Waiting for what has to come, and not for ever.

use std::time::Duration;

use anyhow::bail;

/// How long services may take to hand over what is in flight before the demo gives up.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Looks again and again, with pauses, until something is found.
///
/// # Errors
/// When nothing was within `longest`, whatever it is that `look` waits for itself; those of `look`.
pub(super) async fn look_for<T>(
    what: &str,
    longest: Duration,
    pause: Duration,
    mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let found = tokio::time::timeout(longest, async {
        loop {
            if let Some(found) = look().await? {
                return anyhow::Ok(found);
            }
            tokio::time::sleep(pause).await;
        }
    });
    match found.await {
        Ok(found) => found,
        Err(_) => bail!("{what} within {} s", longest.as_secs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_never_comes_is_given_up_by_name_and_what_comes_late_is_found() {
        let (longest, pause) = (Duration::from_secs(1), Duration::from_millis(1));
        let never = look_for("it did not come", longest, pause, async || anyhow::Ok(None::<()>)).await;
        assert_eq!(never.unwrap_err().to_string(), "it did not come within 1 s");
        let hangs = look_for("it did not come", longest, pause, async || {
            std::future::pending::<()>().await;
            Ok(Some(()))
        });
        assert!(hangs.await.is_err());
        let mut looks = 0;
        let third = look_for("it did not come", longest, pause, async || {
            looks += 1;
            Ok(Some(looks).filter(|looks| *looks == 3))
        });
        assert_eq!(third.await.unwrap(), 3);
    }
}
