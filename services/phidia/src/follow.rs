//! What a server streams, followed: where the line drops it is gone on from the last place that was told.

use std::time::Duration;

use tonic::{Code, Response, Status, Streaming};

use crate::{client::Client, refusal, show};

/// After these it is gone on: nobody is there for a moment, or the connection broke in the middle, which is told in several ways.
const PASSES: [Code; 5] =
    [Code::Unavailable, Code::ResourceExhausted, Code::Unknown, Code::Internal, Code::Cancelled];
/// How long to wait before it is gone on anew.
const PAUSE: Duration = Duration::from_secs(1);

/// For how long something is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// Until there was one answer.
    First,
    /// Until the server says that nothing more will come.
    Ended,
    /// Until the process is stopped.
    Stopped,
}

/// Follows a stream. `open` begins it after a resume token (none: where the user wants it to begin), `tell` tells an answer and says its
/// resume token.
///
/// # Errors
/// Where it is refused, and where an answer cannot be told.
pub(crate) async fn follow<M>(
    client: &Client<'_>,
    until: Until,
    mut open: impl AsyncFnMut(Option<String>) -> Result<Response<Streaming<M>>, Status>,
    mut tell: impl FnMut(M) -> anyhow::Result<String>,
) -> anyhow::Result<()> {
    let mut resume_token = None;
    while show::is_heard() {
        let ended = match open(resume_token.clone()).await {
            Ok(answer) => {
                let mut told = answer.into_inner();
                loop {
                    match told.message().await {
                        Ok(Some(message)) => {
                            resume_token = Some(tell(message)?);
                            if until == Until::First || !show::is_heard() {
                                return Ok(());
                            }
                        }
                        Ok(None) if until == Until::Ended => return Ok(()),
                        Ok(None) => break None,
                        Err(status) => break Some(status),
                    }
                }
            }
            Err(status) => Some(status),
        };
        // What was missed meanwhile is told then.
        match ended {
            Some(status) if until == Until::First || !PASSES.contains(&status.code()) => {
                return Err(status.into());
            }
            Some(status) => refusal::tell(&status.into(), client.speech()),
            None => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}
