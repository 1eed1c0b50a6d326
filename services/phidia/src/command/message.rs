//! `phidia message`.

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Message {
    /// Messages to citizens, oldest first.
    List {
        /// Only about this application, `app_…`.
        #[arg(default_value = "", hide_default_value = true)]
        application_id: String,
        /// At most so many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i32).range(1..=1000))]
        limit: i32,
        /// The page behind an answer (its next page token).
        #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
        page: String,
    },
    /// Messages to a unit, oldest first: which cases it lost or gained, and why.
    Unit {
        /// Official code of the unit; yours by default.
        #[arg(default_value = "", hide_default_value = true)]
        unit: String,
        /// At most so many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i32).range(1..=1000))]
        limit: i32,
        /// The page behind an answer (its next page token).
        #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
        page: String,
    },
    /// What comes into a mailbox from now on, for as long as this runs.
    Watch {
        /// The citizen's about this application, `app_…`.
        #[arg(long, value_name = "ID", conflicts_with = "of_unit")]
        application: Option<String>,
        /// That of the unit with this official code; yours by default.
        #[arg(long = "unit", value_name = "CODE")]
        of_unit: Option<String>,
        /// Behind this token, as an answer gave it.
        #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
        after: String,
    },
    /// Messages to those who run the installation, oldest first: where something needs their hand.
    Operators {
        /// At most so many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i32).range(1..=1000))]
        limit: i32,
        /// The page behind an answer (its next page token).
        #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
        page: String,
    },
    /// One message: each attempt to tell it, what the provider said of it, and what operators did with it.
    Show {
        /// `msg_…`
        message_id: String,
    },
    /// Tell a message once more, whatever became of it: it does reach its addressee a second time.
    Resend {
        /// `msg_…`
        message_id: String,
        /// Why. Nothing personal.
        #[arg(long)]
        reason: String,
    },
    /// Take back a message that was not handed over yet.
    Cancel {
        /// `msg_…`
        message_id: String,
        /// Why. Nothing personal.
        #[arg(long)]
        reason: String,
    },
    /// Dead letters, oldest first: messages that were given up for a fault of ours or of a provider's.
    Dead {
        /// At most so many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i32).range(1..=1000))]
        limit: i32,
        /// The page behind an answer (its next page token).
        #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
        page: String,
    },
    /// Have dead letters told after all; a provider that has told one already does not tell it again.
    Replay {
        /// `msg_…`
        #[arg(required_unless_present = "all", default_value = "", hide_default_value = true)]
        message_id: String,
        /// All, the 500 oldest at a time.
        #[arg(long, conflicts_with = "message_id")]
        all: bool,
        /// Why. Nothing personal.
        #[arg(long)]
        reason: String,
    },
    /// What is not told yet, and what was given up: messages by channel, state and provider, and what other systems have not taken.
    Outstanding,
}
