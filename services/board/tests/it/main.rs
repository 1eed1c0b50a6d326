//! Both forms of the board keep the same laws; Redis keeps some more, as it can be lost.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod contention;
mod lost;
mod memory;
mod on_redis;
mod redis_server;
mod sentinel;
mod twins;
mod work;
