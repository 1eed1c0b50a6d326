//! Documents as they are printed: where they are written to.

use std::{
    fs::OpenOptions,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use anyhow::Context as _;
use phidia_proto::types::v1::Document;

use crate::{client::Client, show};

/// Stands for the standard output.
const STANDARD_OUTPUT: &str = "-";

/// Writes a file, for its owner only where it is new: it may hold personal data.
pub(crate) fn save(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(bytes))
        .with_context(|| format!("{} can't be written", path.display()))
}

/// Writes a document to a file, and tells what by; or to the standard output, and tells nothing.
pub(crate) fn write(client: &Client<'_>, document: Option<Document>, out: &str) -> anyhow::Result<()> {
    let document = document.context("the answer bears no document")?;
    if out == STANDARD_OUTPUT {
        if client.json() {
            return show::json("phidia.types.v1.Document", &document);
        }
        return io::stdout().write_all(&document.pdf).context("the document cannot be written");
    }
    save(Path::new(out), &document.pdf)?;
    let Document { pdf, file_name, sha256 } = document;
    if client.json() {
        // It is in the file.
        return show::json("phidia.types.v1.Document", &Document { pdf: Vec::new(), file_name, sha256 });
    }
    show::line(&client.speech().document_is_written_bytes_sha_256(out, pdf.len(), &sha256));
    Ok(())
}
