//! `phidia faq`.

use clap::{Args, Subcommand};

use super::PageOf;

#[derive(Subcommand)]
pub(crate) enum Faq {
    /// Look for what is asked often; diacritics and case do not count.
    Search {
        /// Words that must all occur.
        #[arg(default_value = "", hide_default_value = true)]
        query: String,
        /// Only about this procedure.
        #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
        procedure: String,
    },
    /// Say that an entry helped.
    Useful {
        /// Its number.
        number: u32,
    },
    /// As a supervisor, write an entry.
    Add(FaqText),
    /// As a supervisor, make an entry of feedback that was answered.
    Promote {
        /// Number of the feedback.
        feedback: String,
        #[command(flatten)]
        text: FaqText,
    },
    /// All entries by number.
    List {
        /// Only those that are to be looked at again.
        #[arg(long)]
        outdated: bool,
        #[command(flatten)]
        page: PageOf,
    },
    /// As a supervisor, look at an entry again: it holds as it is, in other words, or no longer.
    Review {
        /// Its number.
        number: u32,
        /// The question from now on.
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        question: String,
        /// The same in English.
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        question_en: String,
        /// The answer from now on.
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        answer: String,
        /// The same in English.
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        answer_en: String,
        /// Day from which it is to be looked at again; in a year by default.
        #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
        review_from: String,
        /// It holds no longer.
        #[arg(long)]
        retire: bool,
    },
}

/// What an entry says.
#[derive(Args)]
pub(crate) struct FaqText {
    /// The question.
    #[arg(long, value_name = "TEXT")]
    pub(crate) question: String,
    /// The same in English.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) question_en: String,
    /// The answer.
    #[arg(long, value_name = "TEXT")]
    pub(crate) answer: String,
    /// The same in English.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) answer_en: String,
    /// Code of the procedure that it is about.
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) procedure: String,
    /// Field that it is about, where there is no procedure.
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) field: String,
    /// Day from which it is to be looked at again; in a year by default.
    #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
    pub(crate) review_from: String,
}
