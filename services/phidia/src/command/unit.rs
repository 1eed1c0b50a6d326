//! `phidia unit`.

use std::{num::ParseIntError, str::FromStr};

use clap::{Args, Subcommand, ValueEnum};

#[derive(Subcommand)]
pub(crate) enum Unit {
    /// Open work of every unit, how much of it is queued, and how much is borrowed from others.
    Load,
    /// One unit: how it stands, its changed hours and its officers.
    Show {
        /// Official code of the unit.
        code: String,
        /// As it stood at this revision of the registry.
        #[arg(long, value_name = "REVISION")]
        revision: Option<i64>,
    },
    /// Set how a unit stands. What is not named stays as it is.
    Set(SetUnit),
    /// Set its hours on a day, whatever was planned.
    Hours(UnitHours),
    /// What was changed of a unit and its officers, the newest first; of all units without a code.
    History {
        /// Official code of the unit.
        #[arg(default_value = "", hide_default_value = true)]
        code: String,
        /// At most so many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i32).range(1..=1000))]
        limit: i32,
    },
}

#[derive(Args)]
pub(crate) struct SetUnit {
    /// Official code of the unit.
    pub(crate) code: String,
    /// Whether it takes new work; in an emergency, what nobody has begun there goes elsewhere.
    #[arg(long)]
    pub(crate) availability: Option<AvailabilityName>,
    /// How many open work items it may have at most, or `none`.
    #[arg(long, value_name = "N|none")]
    pub(crate) most_open_items: Option<Limit>,
    /// How many working minutes it may have borrowed at most, or `none`.
    #[arg(long, value_name = "N|none")]
    pub(crate) most_borrowed_minutes: Option<Limit>,
    /// How many can work there at once, for want of PCs that work, or `none`: as many as there are.
    #[arg(long, value_name = "N|none")]
    pub(crate) workplaces: Option<Limit>,
    /// Whether it takes no foreign work because what was sent there came back too often.
    #[arg(long, value_name = "true|false")]
    pub(crate) quarantined: Option<bool>,
    /// Why, for the record.
    #[arg(long)]
    pub(crate) reason: String,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum AvailabilityName {
    Open,
    Closing,
    Closed,
    Emergency,
}

/// A limit, or that there is none.
#[derive(Clone, Copy)]
pub(crate) struct Limit(pub(crate) Option<u32>);

impl FromStr for Limit {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        if text == "none" { Ok(Self(None)) } else { text.parse().map(|limit| Self(Some(limit))) }
    }
}

#[derive(Args)]
pub(crate) struct UnitHours {
    /// Official code of the unit.
    pub(crate) code: String,
    /// The day, `2026-11-28`.
    #[arg(value_name = "DAY")]
    pub(crate) day: String,
    /// A half-day, `07:30-11:30`, until `24:00` at the latest; repeatable, in order.
    #[arg(value_name = "OPENS-CLOSES", required_unless_present_any = ["closed", "as_planned"])]
    pub(crate) hours: Vec<String>,
    /// It is closed on that day.
    #[arg(long, conflicts_with_all = ["hours", "as_planned"])]
    pub(crate) closed: bool,
    /// It works as planned again.
    #[arg(long, conflicts_with = "hours")]
    pub(crate) as_planned: bool,
    /// Why, for the record.
    #[arg(long)]
    pub(crate) reason: String,
}
