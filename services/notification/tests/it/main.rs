//! Notification alone: over a SQLite file, called through its own stack, with a real SMTP conversation.

mod harness;
mod mail;
mod mailbox;
mod smtp_server;
mod story;
