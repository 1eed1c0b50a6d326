//! Stories in a browser.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod harness_itself;
