//! Ports for servers that cannot be told to choose one.
#![allow(clippy::unwrap_used, reason = "a harness fails loudly")]

use std::net::TcpListener;

/// A port of this machine that was free a moment ago. Somebody else may be faster: who starts a server on it
/// tries another one when that fails.
pub fn free() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
