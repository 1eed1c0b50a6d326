//! The runtime, put together: over a real transport, a real file, real files of configuration.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "tests")]

mod config;
mod database;
mod probe;
mod server;
mod stack;
mod stored;
