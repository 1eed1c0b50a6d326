//! What every process of Phidia needs and that has no business word in it.
//!
//! What is in which file:
//!
//! - [`config`], [`clock`], [`ids`], [`random`], [`shutdown`]: what a process starts with
//! - [`telemetry`], [`metrics`], [`admin`]: how it is watched
//! - [`failure`], [`status`]: what can go wrong, and the only way from there to gRPC and back
//! - [`identity`], [`context`], [`stack`]: who calls, what a call hands on, and the tower stack around
//!   every handler
//! - [`service`], [`server`], [`peer`]: a service as a value, served on a port, called from elsewhere; [`http_client`],
//!   [`signed_body`], [`mac`]: systems outside, called by HTTP; [`http_server`]: what they tell us
//! - [`database`], [`idempotency`], [`mod@reference`], [`versions`], [`seal`]: what is stored; [`digest`], [`sign`]:
//!   what can be checked

pub mod admin;
pub mod clock;
pub mod config;
pub mod context;
pub mod database;
pub mod digest;
pub mod failure;
mod guard;
pub mod http_client;
pub mod http_server;
pub mod idempotency;
pub mod identity;
pub mod ids;
pub mod mac;
pub mod metrics;
pub mod peer;
pub mod random;
pub mod reference;
pub mod seal;
mod secret_file;
pub mod server;
pub mod service;
pub mod shutdown;
pub mod sign;
pub mod signed_body;
pub mod stack;
pub mod status;
pub mod telemetry;
pub mod versions;
mod watch;
