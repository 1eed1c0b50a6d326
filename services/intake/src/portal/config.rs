//! What is told of the national portal.

use std::{path::PathBuf, time::Duration};

use phidia_domain::Rejection;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// How the national portal is reached. By default it is not.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// With what the addresses of its interface begin, `https://…`; `http://` for one on this machine only. Empty: there is none,
    /// and nothing is noted for it.
    pub url: String,
    /// As whom it knows the province's system.
    pub client_id: String,
    /// With what that proves itself.
    #[serde(skip_serializing)]
    pub client_secret: Option<SecretString>,
    /// The seed of the Ed25519 key that signs what it is sent, 64 hexadecimal digits, the same for all replicas of intake; by
    /// default a key file in the data folder, made on the first start.
    #[serde(skip_serializing)]
    pub signing_key: Option<SecretString>,
    /// PEM file of the authority that vouches for it; none: those that browsers know.
    pub authority: Option<PathBuf>,
    /// So often it is asked what it brings, seconds; 1 to 3,600.
    pub poll_seconds: u32,
    /// So long it may take for one answer, seconds; 1 to 300.
    pub patience_seconds: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            url: String::new(),
            client_id: String::new(),
            client_secret: None,
            signing_key: None,
            authority: None,
            poll_seconds: 30,
            patience_seconds: 20,
        }
    }
}

impl Config {
    /// Refuses settings that cannot work.
    pub(super) fn validate(&self) -> Result<(), Rejection> {
        let settings = [
            ("portal.url", is_safe(&self.url), "https://…, or http:// with an address of this machine"),
            ("portal.client_id", !self.client_id.is_empty(), "as whom the portal knows the system"),
            ("portal.client_secret", self.client_secret.is_some(), "with what it proves itself"),
            ("portal.poll_seconds", (1..=3_600).contains(&self.poll_seconds), "from 1 to 3,600"),
            ("portal.patience_seconds", (1..=300).contains(&self.patience_seconds), "from 1 to 300"),
        ];
        match settings.into_iter().find(|(_, valid, _)| !valid) {
            Some((setting, _, expected)) => Err(Rejection::invalid("MALFORMED_CONFIG", setting, expected)),
            None => Ok(()),
        }
    }

    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(self.patience_seconds.into())
    }

    pub(super) fn poll(&self) -> Duration {
        Duration::from_secs(self.poll_seconds.into())
    }
}

/// Personal data must not go over a line on which others can read it.
fn is_safe(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else { return false };
    let host = uri.host().unwrap_or_default();
    let is_here = host == "localhost"
        || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match uri.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => is_here,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_of_over_safe_lines_only() {
        for safe in
            ["https://dvc.example.vn/api", "http://127.0.0.1:8080", "http://[::1]/x", "http://localhost"]
        {
            assert!(is_safe(safe), "{safe}");
        }
        for other in
            ["http://dvc.example.vn", "dvc.example.vn", "ftp://127.0.0.1", "https://", "http://127.0.0.1.vn"]
        {
            assert!(!is_safe(other), "{other}");
        }
    }

    #[test]
    fn a_portal_without_a_secret_is_refused() {
        let config =
            Config { url: "https://dvc.example.vn".into(), client_id: "37".into(), ..Config::default() };
        assert_eq!(config.validate().unwrap_err().violations[0].field, "portal.client_secret");
        assert!(Config { client_secret: Some("s".into()), ..config }.validate().is_ok());
    }
}
