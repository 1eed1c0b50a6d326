//! The hand-over as services see it: real files, a real peer, a real stack.

#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub, missing_docs)]

mod conformance;
mod harness;

use std::{path::PathBuf, sync::Arc};

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

conformance::suite!(sqlite, crate::Sqlite);
