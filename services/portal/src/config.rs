//! What the portal is told.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// Where browsers find the portal, and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where to listen. Where it is not an address of this machine only, `token` is required, and asked for at sign-in.
    pub listen: SocketAddr,
    /// Where browsers reach it, such as `https://dichvucong.example.vn`; by default where it listens. QR codes on receipts lead there.
    pub public_url: String,
    /// Whether browsers reach it over TLS, which an operator's own proxy ends: cookies are then for TLS only.
    pub secure: bool,
    /// Addresses of an operator's own proxies: what they say of where a call comes from is believed (`X-Forwarded-For`).
    pub proxies: Vec<IpAddr>,
    /// For how many hours one is signed in.
    pub session_hours: u32,
    /// 64 hexadecimal digits, the same for all replicas of the portal: the key of what browsers keep. By default a key file in the data
    /// folder, made on the first start.
    #[serde(skip_serializing)]
    pub key: Option<SecretString>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 7380)),
            public_url: String::new(),
            secure: false,
            proxies: Vec::new(),
            session_hours: 12,
            key: None,
        }
    }
}
