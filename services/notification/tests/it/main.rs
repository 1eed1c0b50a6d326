//! Notification alone: over a SQLite file, called through its own stack, with a real SMTP conversation.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod contact;
mod dates;
mod delivery;
mod digests;
mod feed;
mod gateway;
mod harness;
mod mail;
mod mail_process;
mod mailbox;
mod manage;
mod people;
mod previews;
mod receipts;
mod receiver;
mod reopened;
mod results;
mod smtp_server;
mod story;
mod templates;
mod watching;
mod webhooks;
