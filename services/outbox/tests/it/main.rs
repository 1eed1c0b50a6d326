//! The hand-over as services see it: real files, a real peer, a real stack.

#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub, missing_docs)]

mod conformance;
mod harness;
mod horizon;
mod migrations;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use ::harness::postgres_server::PostgresServer;
use phidia_runtime::database::DatabaseConfig;
use tempfile::TempDir;

/// SQLite files in a folder of the test's own.
#[derive(Clone)]
pub struct Sqlite(Arc<TempDir>);

impl harness::Engine for Sqlite {
    fn new() -> Self {
        Self(Arc::new(TempDir::new().unwrap()))
    }

    fn config(&self, name: &str) -> DatabaseConfig {
        DatabaseConfig::sqlite(&PathBuf::from(self.0.path()).join(name).with_extension("db"))
    }
}

/// Databases of the test's own.
#[derive(Clone)]
pub struct Postgres(Arc<Mutex<BTreeMap<String, String>>>);

impl harness::Engine for Postgres {
    fn new() -> Self {
        Self(Arc::default())
    }

    fn config(&self, name: &str) -> DatabaseConfig {
        let mut urls = self.0.lock().unwrap();
        let url = urls.entry(name.to_owned()).or_insert_with(|| PostgresServer::shared().new_database());
        let url = url.clone();
        DatabaseConfig { url: url.into(), schema: name.to_owned(), ..DatabaseConfig::default() }
    }
}

conformance::suite!(sqlite, crate::Sqlite);
conformance::suite!(postgres, crate::Postgres);
