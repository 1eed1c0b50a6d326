//! `phidia ticket`.

use clap::{Args, Subcommand, ValueEnum};

#[derive(Subcommand)]
pub(crate) enum Ticket {
    /// Draw a number; the answer says how many are before you, and how long it will take.
    Take(TakeTicket),
    /// How a number stands, and how long it will take.
    Show {
        /// `tkt_…`.
        ticket: String,
    },
    /// As an officer, call the next to your counter; who was there before is done.
    Next {
        /// Your counter.
        #[arg(long)]
        counter: u32,
        /// Reception point; the main one by default.
        #[arg(long, default_value = "", hide_default_value = true)]
        point: String,
        /// Idempotency key; made when it is left out. Asked again with the same one, nobody else is called.
        #[arg(long)]
        key: Option<String>,
    },
    /// Call a number aloud again.
    Recall(OfTicket),
    /// Say that its holder is at the counter.
    Start(OfTicket),
    /// Say that its holder does not come: they are called once more later.
    Skip(OfTicket),
    /// Send its holder on to another kind of business, or to one counter; they keep the time at which they came.
    Transfer {
        #[command(flatten)]
        of: OfTicket,
        /// Letter of the other kind of business.
        #[arg(long, default_value = "", hide_default_value = true, required_unless_present = "counter")]
        kind: String,
        /// The only counter that is to call them.
        #[arg(long)]
        counter: Option<u32>,
    },
    /// Say that what its holder came for is done.
    Finish {
        #[command(flatten)]
        of: OfTicket,
        /// Official code of the dossier that came out of it.
        #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
        dossier: String,
    },
    /// Give a number back.
    Cancel {
        /// `tkt_…`.
        ticket: String,
    },
    /// Show what is called in a hall, until stopped.
    Board {
        /// Official code of the centre; your unit by default.
        #[arg(long = "at", value_name = "CODE", default_value = "", hide_default_value = true)]
        unit: String,
        /// Reception point; the main one by default.
        #[arg(long, default_value = "", hide_default_value = true)]
        point: String,
        /// Go on behind an answer (its resume token).
        #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
        since: String,
        /// Only what was called so far.
        #[arg(long)]
        once: bool,
    },
    /// What was counted of waiting, by day, hall and kind of business.
    Stats(TicketStats),
}

#[derive(Args)]
pub(crate) struct TakeTicket {
    /// Official code of the centre; your unit by default.
    #[arg(long = "at", value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) unit: String,
    /// Reception point; the main one by default.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) point: String,
    /// Letter of the kind of business (see `phidia counter list`).
    #[arg(long)]
    pub(crate) kind: String,
    /// Why it is called before others, by law.
    #[arg(long)]
    pub(crate) priority: Option<PriorityName>,
    /// Official code of the dossier whose result is to be collected.
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) dossier: String,
    /// Idempotency key; made when it is left out. Asked again with the same one, it is the same number.
    #[arg(long)]
    pub(crate) key: Option<String>,
}

#[derive(Args)]
pub(crate) struct OfTicket {
    /// `tkt_…`.
    pub(crate) ticket: String,
    /// The call that is meant; the last one by default.
    #[arg(long)]
    pub(crate) turn: Option<u32>,
}

#[derive(Args)]
pub(crate) struct TicketStats {
    /// Official code of the centre; all that you may see by default.
    #[arg(long = "at", value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) unit: String,
    /// The first day, e.g. 2026-11-30; today by default.
    #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
    pub(crate) from: String,
    /// The last day; the first by default.
    #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
    pub(crate) to: String,
    /// Each hour by itself.
    #[arg(long)]
    pub(crate) by_hour: bool,
    /// The page behind an answer (its next page token).
    #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
    pub(crate) page: String,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum PriorityName {
    Elderly,
    Disabled,
    Pregnant,
    SmallChild,
    Merit,
}
