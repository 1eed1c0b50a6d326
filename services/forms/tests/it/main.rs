//! The forms as others read them: poppler the text, another library the code.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod code;
mod read;
mod samples;
