//! The one connection to Redis that all calls of a replica share, and what to do when it breaks.
//!
//! A call that fails leaves the connection for the next one to make anew, so it comes back when Redis does,
//! and with Sentinels on whatever is the master by then. Every script, asked again, changes nothing: where the
//! answer was lost it is asked once more. Nothing waits longer than the configuration says, and what was not
//! begun by then is not begun at all (see `lua/head.lua`).

use std::{
    error::Error,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use phidia_domain::Rejection;
use redis::{
    AsyncConnectionConfig, Client, ErrorKind, RedisError, RedisResult, ServerErrorKind,
    aio::MultiplexedConnection,
    sentinel::{Sentinel, SentinelNodeConnectionInfo},
};

use crate::{
    BoardError,
    redis::{
        config::{self, BoardConfig},
        keys::Keys,
        verb::{Outcome, Reply, Verb},
    },
};

/// Where Redis is, and the connection to it if there is one.
pub(crate) struct Link {
    /// Whoever holds it is the one who connects.
    source: tokio::sync::Mutex<Source>,
    line: Mutex<Option<Line>>,
    connections: AtomicU64,
    setting: AsyncConnectionConfig,
    connect_timeout: Duration,
    response_timeout: Duration,
}

/// How the server is found.
enum Source {
    Server(Client),
    Sentinels { sentinels: Box<Sentinel>, master: String, node: Box<SentinelNodeConnectionInfo> },
}

/// One connection.
#[derive(Clone)]
struct Line {
    number: u64,
    connection: MultiplexedConnection,
    clock: Arc<ServerClock>,
}

/// What Redis' clock was, and when that was.
struct ServerClock(Mutex<(i64, Instant)>);

impl Link {
    /// Connects when it is first used.
    ///
    /// # Errors
    ///
    /// `INVALID_CONFIG`.
    pub(crate) fn new(config: &BoardConfig) -> Result<Self, Rejection> {
        let refused = |error: RedisError| {
            Rejection::invalid("INVALID_CONFIG", "board.urls", format!("expected usable ones: {error}"))
        };
        let source = if config.sentinel_master.is_empty() {
            Source::Server(Client::open(config.server()?).map_err(refused)?)
        } else {
            let node = SentinelNodeConnectionInfo::default()
                .set_redis_connection_info(config.login())
                .set_tcp_settings(config::tcp());
            Source::Sentinels {
                sentinels: Sentinel::build(config.sentinels()?).map_err(refused)?.into(),
                master: config.sentinel_master.clone(),
                node: node.into(),
            }
        };
        let (connect_timeout, response_timeout) = (config.connect_timeout(), config.response_timeout());
        let setting = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(connect_timeout))
            .set_response_timeout(Some(response_timeout));
        let source = tokio::sync::Mutex::new(source);
        let connections = AtomicU64::default();
        Ok(Self { source, line: Mutex::default(), connections, setting, connect_timeout, response_timeout })
    }

    /// Runs a script over these keys. Answers with the number of the connection, too: another connection may
    /// lead to other data.
    ///
    /// # Errors
    ///
    /// [`BoardError::Away`].
    pub(crate) async fn call<V: Verb>(
        &self,
        verb: &V,
        keys: &Keys,
        seen: i64,
    ) -> Result<(Reply<V::Answer>, u64), BoardError> {
        let mut asked_before = false;
        loop {
            let line = self.line().await?;
            let (why, again) = match self.run(&line, verb, keys, seen).await {
                // Nobody but us waits for it, so Redis' clock has been set; we know it better now.
                Ok(Reply { outcome: Outcome::Late, .. }) => (away("Redis' clock does not keep still"), true),
                Ok(reply) => return Ok((reply, line.number)),
                Err(error) => {
                    let spoilt = spoils(&error);
                    if spoilt {
                        self.known_line().take_if(|known| known.number == line.number);
                    }
                    // After a time-out it would only be waited twice.
                    let again = spoilt && !error.is_timeout();
                    (away(error), again)
                }
            };
            if asked_before || !again {
                return Err(why);
            }
            asked_before = true;
        }
    }

    async fn run<V: Verb>(
        &self,
        line: &Line,
        verb: &V,
        keys: &Keys,
        seen: i64,
    ) -> RedisResult<Reply<V::Answer>> {
        let mut call = verb.script().prepare_invoke();
        let waits_until = line.clock.now().saturating_add(millis(self.response_timeout));
        call.key(&keys.names).arg(keys.epoch).arg(waits_until).arg(seen);
        verb.ask(&mut call);
        // Loads the script first, where Redis does not know it.
        let reply = call.invoke_async(&mut line.connection.clone()).await?;
        let reply = Reply::read(verb, reply)?;
        line.clock.set(reply.clock);
        Ok(reply)
    }

    async fn line(&self) -> Result<Line, BoardError> {
        if let Some(line) = self.known_line().clone() {
            return Ok(line);
        }
        // The wait for another caller who connects counts, too.
        let connected = tokio::time::timeout(self.connect_timeout, async {
            let mut source = self.source.lock().await;
            let known = self.known_line().clone();
            match known {
                Some(line) => Ok(line),
                None => self.connect(&mut source).await,
            }
        });
        match connected.await {
            Ok(connected) => connected.map_err(away),
            Err(_) => Err(away(format!("no connection within {:?}", self.connect_timeout))),
        }
    }

    async fn connect(&self, source: &mut Source) -> RedisResult<Line> {
        let client = match source {
            Source::Server(client) => client.clone(),
            Source::Sentinels { sentinels, master, node } => {
                sentinels.async_master_for(master, Some(node)).await?
            }
        };
        let mut connection = client.get_multiplexed_async_connection_with_config(&self.setting).await?;
        let (seconds, micros): (i64, i64) = redis::cmd("TIME").query_async(&mut connection).await?;
        let clock = ServerClock(Mutex::new((seconds * 1000 + micros / 1000, Instant::now())));
        must_not_evict(&mut connection).await?;
        let number = self.connections.fetch_add(1, Ordering::Relaxed);
        let line = Line { number, connection, clock: Arc::new(clock) };
        *self.known_line() = Some(line.clone());
        Ok(line)
    }

    fn known_line(&self) -> MutexGuard<'_, Option<Line>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("connections", &self.connections).finish_non_exhaustive()
    }
}

impl ServerClock {
    fn now(&self) -> i64 {
        let (then, since) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        then.saturating_add(millis(since.elapsed()))
    }

    fn set(&self, now: i64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (now, Instant::now());
    }
}

/// Load that Redis throws away when memory is short would be missing without anybody's noticing. Where the
/// server does not tell, its operator has to know.
async fn must_not_evict(connection: &mut MultiplexedConnection) -> RedisResult<()> {
    let told: RedisResult<String> = redis::cmd("INFO").arg("memory").query_async(connection).await;
    let told = match told {
        Err(error) if !spoils(&error) => return Ok(()),
        told => told?,
    };
    match told.lines().find_map(|line| line.strip_prefix("maxmemory_policy:")) {
        Some(policy) if policy.starts_with("allkeys") => Err((
            ErrorKind::InvalidClientConfig,
            "Redis may evict the board: set maxmemory-policy to noeviction",
            policy.to_owned(),
        )
            .into()),
        _ => Ok(()),
    }
}

/// Whether the connection is of no use any more, or the data behind it may be others from now on.
fn spoils(error: &RedisError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Io
            | ErrorKind::Parse
            | ErrorKind::AuthenticationFailed
            | ErrorKind::Server(
                ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown | ServerErrorKind::BusyLoading
            )
    )
}

fn away(why: impl Into<Box<dyn Error + Send + Sync>>) -> BoardError {
    BoardError::Away(why.into())
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
