//! `phidia attachment`.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Attachment {
    /// Which files are taken, and how large they may be.
    Limits,
    /// Upload files that belong to an application, before it, or a supplement to it, is handed in with them.
    Upload {
        /// The files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Go on with what was begun before with the same file, also by another process; what is whole already is not sent again.
        #[arg(long)]
        resume: bool,
    },
    /// One attachment: how much of it is there, and how far it has come.
    Show {
        /// `att_…`.
        attachment_id: String,
    },
    /// The attachments of an application: by the codes of its receipt, or, as an officer, by its id.
    List {
        /// Official dossier code, or `app_…`.
        application: String,
        /// The receipt's check code; an id needs none.
        check_code: Option<String>,
    },
    /// Write an attachment to a file: one's own before it is attached, as an officer, or by the codes of the receipt.
    Download {
        /// `att_…`.
        attachment_id: String,
        /// Official dossier code and check code of the receipt.
        #[arg(long, num_args = 2, value_names = ["DOSSIER_CODE", "CHECK_CODE"])]
        receipt: Vec<String>,
        /// The file to write; `-`: to the standard output.
        #[arg(short, long, value_name = "FILE")]
        out: String,
    },
    /// Delete what you uploaded and have not handed in.
    Delete {
        /// `att_…`.
        attachment_id: String,
    },
    /// What the virus scanner found something in, newest first (operators).
    Quarantined {
        /// How many at most.
        #[arg(long, default_value_t = 50)]
        limit: i32,
    },
    /// Give an attachment free after a false alarm, and with it all that have the same content (operators).
    Release {
        /// `att_…`.
        attachment_id: String,
        /// Why it is known to be harmless; it is written down.
        #[arg(long)]
        reason: String,
    },
    /// Delete an attachment in which a virus was found, also one that was handed in (operators).
    Discard {
        /// `att_…`.
        attachment_id: String,
        /// Why; it is written down.
        #[arg(long)]
        reason: String,
    },
}
