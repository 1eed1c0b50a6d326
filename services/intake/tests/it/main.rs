//! Intake alone, over a SQLite file, called through its own stack; routing and processing are fakes.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod amend;
mod answered;
mod attachments;
mod catalogue;
mod contact;
mod contents;
mod dates;
mod drafts;
mod equipment;
mod fakes;
mod faq;
mod feedback;
mod forms;
mod harness;
mod holding;
mod later;
mod numbering;
mod portal;
mod progress;
mod quarantine;
mod queue;
mod reading;
mod receipts;
mod reception;
mod reopened;
mod results;
mod similar;
mod submit;
mod sums;
mod watch;
mod whole_catalogue;
