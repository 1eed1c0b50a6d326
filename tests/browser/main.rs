//! Stories in a browser: what people do on the pages of the portal, and what is wrong with a page in front of them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod every_page;
mod harness_itself;
mod keys;
mod line;
mod procedures;
mod sign_in;
mod staff_pages;
mod stage;
