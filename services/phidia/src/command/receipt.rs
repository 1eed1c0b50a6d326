//! `phidia receipt`.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Receipt {
    /// Keep a receipt in a file that can be checked without anybody's help; once its day is closed, with the proof that it is in that day's tree.
    Save {
        /// Official dossier code.
        dossier_code: String,
        /// The receipt's check code.
        check_code: String,
        /// The file to write; `-`: to the standard output.
        #[arg(long, short, value_name = "FILE")]
        out: String,
    },
    /// Check a receipt, without a connection: a saved file, or the text of a QR code.
    Verify {
        /// The file; `-`: from the standard input.
        #[arg(required_unless_present = "text")]
        file: Option<PathBuf>,
        /// The text that a telephone reads out of the QR code.
        #[arg(long, conflicts_with = "file")]
        text: Option<String>,
        /// A public key that the province has published; repeatable. Without one, that of the file is taken.
        #[arg(long = "key", value_name = "KEY")]
        keys: Vec<String>,
        /// The root of a day that the province has published; repeatable. The receipt has to be in its tree.
        #[arg(long = "root", value_name = "ROOT")]
        roots: Vec<String>,
    },
    /// The public keys by which receipts are signed.
    Keys,
    /// The days that are closed, newest first, with the roots of their trees.
    Days {
        /// Only this day, e.g. 2026-11-23.
        #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
        day: String,
        /// At most so many.
        #[arg(long, default_value_t = 31, value_parser = clap::value_parser!(i32).range(1..=366))]
        limit: i32,
    },
    /// How the applications of each centre stand: accepted = open + finished + withdrawn + refused + lapsed.
    Conservation {
        /// Only those in the tree of this day; by default all.
        #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
        day: String,
    },
}
