//! `phidia reception`.

use clap::{Args, Subcommand, ValueEnum};

use super::PageOf;

#[derive(Subcommand)]
pub(crate) enum Reception {
    /// The days on which a unit receives citizens, with the times that are free.
    Days {
        /// Official code of the unit.
        unit: String,
        /// First day; today by default.
        #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
        from: String,
        /// Last day; 31 days later by default.
        #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
        to: String,
    },
    /// As a supervisor, open days of a unit; days off are left out.
    Open(OpenDays),
    /// As a supervisor, cancel a day: who had booked is to be given another time.
    Close {
        /// Official code of the unit.
        unit: String,
        /// The day.
        date: String,
        /// Why; everybody reads it.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Book a time.
    Book {
        /// Official code of the unit.
        unit: String,
        /// The day.
        date: String,
        /// The time, such as 08:30.
        time: String,
        /// Who comes.
        #[arg(long = "visitor", value_name = "NAME")]
        name: String,
        /// Where you can be reached.
        #[arg(long)]
        telephone: String,
        /// What it is about.
        #[arg(long, value_name = "TEXT")]
        topic: String,
    },
    /// How a booking stands.
    Track(BookingCode),
    /// Give a booking another time at the same unit.
    Move {
        #[command(flatten)]
        code: BookingCode,
        /// The day.
        date: String,
        /// The time.
        time: String,
    },
    /// Cancel a booking.
    Cancel(BookingCode),
    /// As an officer, see who comes, by their time.
    List {
        /// Official code of the unit; yours by default.
        #[arg(long = "unit", value_name = "CODE", default_value = "", hide_default_value = true)]
        unit: String,
        /// Only of this day.
        #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
        date: String,
        /// Only what stands so.
        #[arg(long, value_enum)]
        state: Option<BookingStateName>,
        #[command(flatten)]
        page: PageOf,
    },
    /// As an officer, write down that somebody came, and with what outcome.
    Come {
        /// Number of the booking.
        number: String,
        /// What came of it.
        #[arg(long, value_name = "TEXT")]
        outcome: String,
        /// Number of the feedback that was made of it.
        #[arg(long, value_name = "NUMBER", default_value = "", hide_default_value = true)]
        feedback: String,
    },
    /// As an officer, write down that somebody did not come.
    Missed {
        /// Number of the booking.
        number: String,
    },
}

/// What leads to one's own booking.
#[derive(Args)]
pub(crate) struct BookingCode {
    /// Its number.
    pub(crate) number: String,
    /// The check code that came with it.
    pub(crate) check_code: String,
}

#[derive(Args)]
pub(crate) struct OpenDays {
    /// Official code of the unit.
    pub(crate) unit: String,
    /// Who receives, by office.
    #[arg(long)]
    pub(crate) host: String,
    /// First day.
    #[arg(long, value_name = "DAY")]
    pub(crate) from: String,
    /// Last day; the first alone by default.
    #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
    pub(crate) to: String,
    /// A weekday, 1 (Monday) to 7; repeatable; all by default.
    #[arg(long = "weekday", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=7))]
    pub(crate) weekdays: Vec<u32>,
    /// When it begins.
    #[arg(long, value_name = "TIME")]
    pub(crate) opens: String,
    /// When it ends.
    #[arg(long, value_name = "TIME")]
    pub(crate) closes: String,
    /// Minutes for each.
    #[arg(long, default_value_t = 30)]
    pub(crate) minutes: u32,
    /// How many are received at the same time.
    #[arg(long, default_value_t = 1)]
    pub(crate) places: u32,
    /// Open days again that were cancelled, as they were.
    #[arg(long)]
    pub(crate) reopen: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum BookingStateName {
    Booked,
    ToBeMoved,
    Came,
    NoShow,
    Cancelled,
}
