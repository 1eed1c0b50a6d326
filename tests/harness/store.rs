//! Which store the tests of a service play on.
#![allow(clippy::unwrap_used, reason = "a harness fails loudly")]

use std::{env, path::Path};

use phidia_runtime::database::DatabaseConfig;

use crate::postgres_server::PostgresServer;

/// The SQLite file at `path`; with `PHIDIA_TEST_STORE=postgres`, a schema of PostgreSQL that is found again
/// under the same path.
pub fn at(path: &Path) -> DatabaseConfig {
    match env::var("PHIDIA_TEST_STORE").as_deref() {
        Ok("postgres") => {
            let name = path.to_str().unwrap().replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
            let url = PostgresServer::shared().url("services").into();
            DatabaseConfig { url, schema: name, max_connections: 4, ..DatabaseConfig::default() }
        }
        Ok(other) => panic!("PHIDIA_TEST_STORE={other}: expected postgres"),
        Err(_) => DatabaseConfig::sqlite(path),
    }
}
