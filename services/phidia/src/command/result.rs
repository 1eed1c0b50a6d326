//! `phidia case result`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

#[derive(Subcommand)]
pub(crate) enum CaseResult {
    /// Issue the result of a case that your unit has decided, as a file: once.
    Issue {
        /// `case_…` or `app_…`.
        id: String,
        /// The file.
        file: PathBuf,
        /// Its media type; that of a PDF by default, where its name ends so.
        #[arg(long, value_name = "TYPE")]
        media_type: Option<String>,
    },
    /// Put a detached signature beside a result. It is kept as it is, and not verified.
    Sign {
        /// `case_…` or `app_…`.
        id: String,
        /// The signature.
        signature: PathBuf,
        /// SHA-256 of the file that was signed, as `issue` showed it.
        #[arg(long, value_name = "HASH")]
        sha256: String,
        /// Format of the signature.
        #[arg(long, value_enum)]
        format: SignatureFormatName,
        /// The signer's name, as the certificate has it.
        #[arg(long, value_name = "NAME")]
        signer: String,
        /// When it was signed: local time of the province, or an instant with its offset.
        #[arg(long, value_name = "WHEN")]
        signed_at: String,
    },
    /// A result, and its file.
    Get {
        /// `case_…` or `app_…`.
        id: String,
        /// Write the file there; nothing that is there is overwritten.
        #[arg(long = "to", value_name = "FILE")]
        to: Option<PathBuf>,
        /// Write the signature there.
        #[arg(long, value_name = "FILE")]
        signature_to: Option<PathBuf>,
        /// The one that was withdrawn when the case was opened again for the first time, or the second, and so on.
        #[arg(long = "withdrawn", value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
        withdrawn_by: Option<u32>,
    },
    /// Note that a result was handed over, at the unit that the citizen chose.
    HandOver {
        /// `case_…` or `app_…`.
        id: String,
        /// To whom: a name, and no identity number.
        #[arg(long = "to", value_name = "NAME")]
        to: String,
        /// How.
        #[arg(long, value_enum, default_value = "in-person")]
        how: HandOverWayName,
    },
    /// What lies at a unit to be handed over, oldest first.
    List {
        /// Official code of the unit; yours by default.
        #[arg(long = "unit", value_name = "CODE", default_value = "", hide_default_value = true)]
        unit: String,
        /// From the page before.
        #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
        page_token: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum SignatureFormatName {
    Pades,
    Cades,
    Xades,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum HandOverWayName {
    InPerson,
    Authorised,
    Post,
    Electronic,
}
