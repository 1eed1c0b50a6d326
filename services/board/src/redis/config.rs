//! Where Redis is, and how long it is waited for.

use std::time::Duration;

use phidia_domain::Rejection;
use redis::{ConnectionInfo, IntoConnectionInfo as _, RedisConnectionInfo, io::tcp::TcpSettings};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

/// A Redis (7 or later) that holds the board.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BoardConfig {
    /// `redis://<host>:<port>/<database>` of the one server, or of each Sentinel. Without a password.
    pub urls: Vec<String>,
    /// What the Sentinels call the master; empty: there are none, and the one URL is that of the server.
    pub sentinel_master: String,
    /// The user at the server; empty: the default user.
    pub username: String,
    /// Password of the user; empty: none is asked for.
    #[serde(skip_serializing)]
    pub password: SecretString,
    /// Password of the Sentinels; empty: none is asked for.
    #[serde(skip_serializing)]
    pub sentinel_password: SecretString,
    /// How long a connection may take to stand, Sentinels included.
    pub connect_timeout_millis: u32,
    /// How long each answer is waited for.
    pub response_timeout_millis: u32,
}

impl Default for BoardConfig {
    fn default() -> Self {
        Self {
            urls: vec!["redis://127.0.0.1:6379".to_owned()],
            sentinel_master: String::new(),
            username: String::new(),
            password: SecretString::default(),
            sentinel_password: SecretString::default(),
            connect_timeout_millis: 2_000,
            response_timeout_millis: 1_000,
        }
    }
}

impl BoardConfig {
    pub(crate) fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_millis.into())
    }

    pub(crate) fn response_timeout(&self) -> Duration {
        Duration::from_millis(self.response_timeout_millis.into())
    }

    /// How a server is logged in to.
    pub(crate) fn login(&self) -> RedisConnectionInfo {
        let mut login = RedisConnectionInfo::default();
        if !self.username.is_empty() {
            login = login.set_username(&self.username);
        }
        with_password(login, &self.password)
    }

    /// The one server.
    pub(crate) fn server(&self) -> Result<ConnectionInfo, Rejection> {
        let [url] = self.urls.as_slice() else {
            return Err(wrong("urls", "expected one; several are those of Sentinels (sentinel_master)"));
        };
        let server = address(url)?;
        let login = self.login().set_db(server.redis_settings().db());
        Ok(server.set_redis_settings(login))
    }

    /// Each Sentinel.
    pub(crate) fn sentinels(&self) -> Result<Vec<ConnectionInfo>, Rejection> {
        if self.urls.is_empty() {
            return Err(wrong("urls", "expected that of at least one Sentinel"));
        }
        let login = with_password(RedisConnectionInfo::default(), &self.sentinel_password);
        self.urls.iter().map(|url| Ok(address(url)?.set_redis_settings(login.clone()))).collect()
    }
}

/// Small messages that somebody waits for: none may wait for the next one.
pub(crate) fn tcp() -> TcpSettings {
    TcpSettings::default().set_nodelay(true)
}

fn address(url: &str) -> Result<ConnectionInfo, Rejection> {
    // What the library says about a URL could name its password.
    let address = url.into_connection_info();
    let address = address.map_err(|_| wrong("urls", "expected redis://<host>:<port>/<database>"))?;
    if address.redis_settings().password().is_some() {
        return Err(wrong("urls", "expected no password in it; there is a key of its own for that"));
    }
    Ok(address.set_tcp_settings(tcp()))
}

fn with_password(login: RedisConnectionInfo, password: &SecretString) -> RedisConnectionInfo {
    match password.expose_secret() {
        "" => login,
        password => login.set_password(password),
    }
}

fn wrong(key: &str, expected: &str) -> Rejection {
    Rejection::invalid("INVALID_CONFIG", &format!("board.{key}"), expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(urls: &[&str]) -> BoardConfig {
        BoardConfig { urls: urls.iter().map(|url| (*url).to_owned()).collect(), ..BoardConfig::default() }
    }

    #[test]
    fn one_server_keeps_its_database_and_gets_the_password() {
        let config = BoardConfig { password: "secret".into(), ..at(&["redis://here:7000/3"]) };
        let server = config.server().unwrap();
        assert_eq!(server.addr().to_string(), "here:7000");
        assert_eq!(server.redis_settings().db(), 3);
        assert_eq!(server.redis_settings().password(), Some("secret"));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_and_no_password_is_shown() {
        for (urls, what) in [
            (vec![], "expected one"),
            (vec!["redis://a", "redis://b"], "expected one"),
            (vec!["http://a"], "expected redis://"),
            (vec!["rediss://a"], "expected redis://"),
            (vec!["redis://:hunter2@a"], "no password"),
            (vec!["redis://:hunter2@"], "expected"),
        ] {
            let refused = at(&urls).server().unwrap_err();
            assert!(refused.message.contains(what), "{urls:?}: {refused:?}");
            assert!(!format!("{refused:?}").contains("hunter2"));
        }
        assert!(at(&[]).sentinels().is_err());
    }

    #[test]
    fn a_key_that_nobody_knows_is_refused() {
        let read = |json: &str| serde_json::from_str::<BoardConfig>(json);
        assert_eq!(read(r#"{"response_timeout_millis": 5}"#).unwrap().connect_timeout_millis, 2_000);
        assert!(read(r#"{"url": "redis://a"}"#).is_err());
    }
}
