//! Documents as they are printed: where they are written to.

use std::{
    fs,
    io::{self, Write as _},
};

use anyhow::Context as _;
use phidia_domain::application::Language;
use phidia_proto::types::v1::Document;

use crate::{client::Client, show};

/// Stands for the standard output.
const STANDARD_OUTPUT: &str = "-";

/// Writes a document to a file, and tells what by; or to the standard output, and tells nothing.
pub(crate) fn write(client: &Client<'_>, document: Option<Document>, out: &str) -> anyhow::Result<()> {
    let document = document.context("the answer bears no document")?;
    if out == STANDARD_OUTPUT {
        if client.json() {
            return show::json("phidia.types.v1.Document", &document);
        }
        return io::stdout().write_all(&document.pdf).context("the document cannot be written");
    }
    fs::write(out, &document.pdf).with_context(|| out.to_owned())?;
    let Document { pdf, file_name, sha256 } = document;
    if client.json() {
        // It is in the file.
        return show::json("phidia.types.v1.Document", &Document { pdf: Vec::new(), file_name, sha256 });
    }
    show::line(&match client.speech() {
        Language::Vi => format!("Đã ghi {out} ({} byte, SHA-256 {sha256}).", pdf.len()),
        Language::En => format!("{out} is written ({} bytes, SHA-256 {sha256}).", pdf.len()),
    });
    Ok(())
}
