//! `phidia template`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::connection::LanguageName;

#[derive(Subcommand)]
pub(crate) enum Template {
    /// All versions, newest first.
    List,
    /// Write the files of a version into a folder, to be changed there.
    Export {
        /// The folder; it is made where it is not there.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Number of the version; by default the one that holds.
        #[arg(value_name = "VERSION", value_parser = clap::value_parser!(u32).range(1..))]
        number: Option<u32>,
    },
    /// Look through the templates in a folder; what is wrong is told at its place.
    Check {
        /// With `vi` and `en` in it.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Bring the templates in a folder in, as the next version, which holds from then on.
    Import {
        /// With `vi` and `en` in it.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Why, for the record.
        #[arg(long)]
        reason: String,
        /// The version that you believe to hold; by default whichever does.
        #[arg(long, value_name = "VERSION", value_parser = clap::value_parser!(u32).range(1..))]
        expect: Option<u32>,
    },
    /// What a notice would say: as a letter, and as a text message. Nothing is sent.
    Preview(PreviewTemplate),
}

#[derive(Args)]
pub(crate) struct PreviewTemplate {
    /// The notice, e.g. `case_opened`.
    pub(crate) notice: String,
    /// In this language; by default in yours, or in the application's.
    #[arg(id = "told-in", long = "told-in", value_name = "LANGUAGE", conflicts_with = "application")]
    pub(crate) language: Option<LanguageName>,
    /// With this sample; the first is the usual case.
    #[arg(long, value_name = "NUMBER", default_value_t = 1, conflicts_with = "application")]
    pub(crate) sample: u32,
    /// With what this application was last told the notice with, `app_…`.
    #[arg(id = "application", long = "of", value_name = "APPLICATION")]
    pub(crate) application: Option<String>,
    /// By this version; by default the one that holds.
    #[arg(long = "by", value_name = "VERSION", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) number: Option<u32>,
    /// By the files in this folder that the notice is made of, in place of those of the version.
    #[arg(long = "from", value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// Only the letter in HTML, to be looked at in a browser.
    #[arg(long)]
    pub(crate) html: bool,
}
