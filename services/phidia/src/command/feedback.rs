//! `phidia feedback`.

use clap::{Args, Subcommand, ValueEnum};

use super::RatingName;

#[derive(Subcommand)]
pub(crate) enum Feedback {
    /// Say, ask, or complain of something; the number and the check code that you get lead to the answer.
    Send(SendFeedback),
    /// As an officer, note what somebody said at the counter or on the telephone, or a paper from the box.
    Add(AddFeedback),
    /// How it stands, and what was answered.
    Track(FeedbackCode),
    /// Answer what you were asked about it; the clock runs on. As an officer, note what its author said to you.
    Reply {
        /// Its number.
        number: String,
        /// The check code that came with it; officers have none.
        #[arg(default_value = "", hide_default_value = true)]
        check_code: String,
        /// The answer.
        #[arg(long, value_name = "TEXT")]
        text: String,
    },
    /// Take it back before it is answered.
    Withdraw(FeedbackCode),
    /// Say what you think of the answer, once; who is dissatisfied has it looked at again, once.
    Rate {
        #[command(flatten)]
        code: FeedbackCode,
        /// How content you are.
        #[arg(long)]
        rating: RatingName,
        /// Why.
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        reason: String,
    },
    /// As an officer, see what there is to answer, newest first.
    List(ListFeedback),
    /// One piece with what was said.
    Show {
        /// Its number.
        number: String,
    },
    /// As an officer, take it up.
    Take {
        /// Its number.
        number: String,
    },
    /// Ask its author for more; the clock stands still until they answer.
    Ask {
        /// Its number.
        number: String,
        /// What they are asked.
        #[arg(long, value_name = "TEXT")]
        text: String,
    },
    /// Answer it.
    Answer {
        /// Its number.
        number: String,
        /// The answer.
        #[arg(long, value_name = "TEXT")]
        text: String,
    },
    /// Pass it on to the unit whose affair it is.
    Pass {
        /// Its number.
        number: String,
        /// Official code of that unit.
        #[arg(long = "to", value_name = "CODE")]
        unit: String,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Hand it to somebody higher.
    Escalate {
        /// Its number.
        number: String,
        /// To whom.
        #[arg(long, value_enum)]
        to: EscalationName,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Do not answer it, for a reason that its author reads.
    Refuse {
        /// Its number.
        number: String,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// As a supervisor, have everybody read question and answer in these words.
    Publish {
        /// Its number.
        number: String,
        /// What was asked.
        #[arg(long, value_name = "TEXT")]
        question: String,
        /// What is answered.
        #[arg(long, value_name = "TEXT")]
        answer: String,
    },
    /// As a supervisor, decide that the answer is not published, or no longer.
    Private {
        /// Its number.
        number: String,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// What was published, newest first.
    Published(PageOf),
    /// What is counted of a period: received, refused, asked, answered and published in time.
    Stats {
        /// Days, as `phidia report --period`; by default the quarter of today.
        #[arg(long, value_name = "PERIOD", default_value = "", hide_default_value = true)]
        period: String,
        /// Only what the unit with this code has to answer, or answered.
        #[arg(long = "unit", value_name = "CODE", default_value = "", hide_default_value = true)]
        unit: String,
    },
}

/// What leads to one's own.
#[derive(Args)]
pub(crate) struct FeedbackCode {
    /// Its number.
    pub(crate) number: String,
    /// The check code that came with it.
    pub(crate) check_code: String,
}

/// What is said, and of what.
#[derive(Args)]
pub(crate) struct FeedbackText {
    /// What it is.
    #[arg(long, value_enum)]
    pub(crate) kind: FeedbackKindName,
    /// What is said.
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: String,
    /// Official code of the unit that it is about.
    #[arg(long = "about", value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) unit: String,
    /// Dossier code of the application that it is about.
    #[arg(long = "dossier", value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) dossier: String,
    /// Code of the procedure that it is about.
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) procedure: String,
    /// Who says it; it may be left out, as may telephone and e-mail.
    #[arg(long = "author", value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) name: String,
    /// Telephone number.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) telephone: String,
    /// E-mail address.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) email: String,
}

#[derive(Args)]
pub(crate) struct SendFeedback {
    #[command(flatten)]
    pub(crate) said: FeedbackText,
    /// Idempotency key; made when it is left out. Sent again with the same one, it is the same.
    #[arg(long)]
    pub(crate) key: Option<String>,
}

#[derive(Args)]
pub(crate) struct AddFeedback {
    #[command(flatten)]
    pub(crate) said: FeedbackText,
    /// How it came in.
    #[arg(long, value_enum, default_value = "counter")]
    pub(crate) channel: FeedbackChannelName,
    /// Day on which the paper was taken out of the box.
    #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
    pub(crate) taken_out_on: String,
    /// What you answered at once.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true,
        conflicts_with = "escalate_to"
    )]
    pub(crate) answer: String,
    /// To whom you escalate it at once.
    #[arg(long, value_enum)]
    pub(crate) escalate_to: Option<EscalationName>,
    /// Idempotency key; made when it is left out. Noted again with the same one, it is the same.
    #[arg(long)]
    pub(crate) key: Option<String>,
}

#[derive(Args)]
pub(crate) struct ListFeedback {
    /// Only of this kind.
    #[arg(long, value_enum)]
    pub(crate) kind: Option<FeedbackKindName>,
    /// Only what stands so.
    #[arg(long, value_enum)]
    pub(crate) state: Option<FeedbackStateName>,
    /// Only what the unit with this code has to answer.
    #[arg(long = "unit", value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) unit: String,
    /// Only what is overdue.
    #[arg(long)]
    pub(crate) overdue: bool,
    #[command(flatten)]
    pub(crate) page: PageOf,
}

/// Which part of a list.
#[derive(Args)]
pub(crate) struct PageOf {
    /// At most so many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=500))]
    pub(crate) limit: i32,
    /// Go on after the page that ended with this token.
    #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
    pub(crate) after: String,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum FeedbackKindName {
    /// Of rules, or of how something is done.
    Suggestion,
    /// Of conduct; it goes to the province.
    Complaint,
    Question,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum FeedbackChannelName {
    Counter,
    Box,
    Telephone,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum EscalationName {
    Supervisor,
    Province,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum FeedbackStateName {
    Received,
    AwaitingAuthor,
    Answered,
    Published,
    KeptPrivate,
    Refused,
    Withdrawn,
}
