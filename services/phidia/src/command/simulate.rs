//! `phidia simulate`.

use std::{path::PathBuf, str::FromStr};

use clap::{Args, ValueEnum};
use phidia_routing::simulate::{self, QuarterName};

#[derive(Args)]
pub(crate) struct Simulate {
    /// Folder of the province; the bundled one by default.
    #[arg(long, value_name = "DIR")]
    pub(crate) province: Option<PathBuf>,
    /// The policy in question, a document as `phidia policy` takes it, or `home-only`; by default the one that
    /// comes with Phidia.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// What it is compared with: `home-only`, or another document.
    #[arg(long, value_name = "FILE", default_value = "home-only")]
    pub(crate) against: String,
    /// The quarter whose calendar is played.
    #[arg(long, default_value = "2025Q3")]
    pub(crate) quarter: QuarterName,
    /// Loads: `0.85,1.1`, or `0.7..1.3` in steps of 0.1; 1 is the third quarter of 2025.
    #[arg(long, default_value = "1")]
    pub(crate) load: Loads,
    /// How many seeds for each load.
    #[arg(long, default_value_t = 10)]
    pub(crate) seeds: u32,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    pub(crate) first_seed: u64,
    /// Only so many working days of the quarter, from its first one on.
    #[arg(long)]
    pub(crate) days: Option<u32>,
    /// Applications in the whole quarter at load 1.
    #[arg(long, default_value_t = simulate::QUARTERLY_APPLICATIONS)]
    pub(crate) applications: u32,
    /// Share of the planned efforts that is really spent; by default as calibrated.
    #[arg(long)]
    pub(crate) effort: Option<f64>,
    /// Deviation of the logarithm of the true efforts.
    #[arg(long)]
    pub(crate) sigma: Option<f64>,
    /// Share of the units that lose half their officers for three days; the policy hears of it on the first morning.
    #[arg(long)]
    pub(crate) shock: Option<f64>,
    /// For how many days of each run the offline optimum is solved.
    #[arg(long, default_value_t = 5)]
    pub(crate) optimum_days: u32,
    /// Also write one page with plots, which needs nothing beside it.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Ask the endpoint what the policy would do to the cases that are open there now, instead; by default the
    /// policy that decides there.
    #[arg(long, conflicts_with_all = ["province", "against", "quarter", "load", "seeds", "first_seed", "days",
        "applications", "effort", "sigma", "shock", "optimum_days", "html"])]
    pub(crate) from_live: bool,
    /// Ask the endpoint to play what was really decided there, instead of what is drawn: the applications of its log
    /// of decisions, and what was asked of the policy for each of their steps. --first-seed draws what the log does
    /// not know, the true efforts.
    #[arg(long, value_name = "WHAT", conflicts_with_all = ["from_live", "province", "quarter", "load", "seeds", "days",
        "applications", "effort", "sigma", "shock", "optimum_days"])]
    pub(crate) trace: Option<TraceName>,
    /// Only the decisions behind this position of the log, as `phidia route log` shows it.
    #[arg(long, value_name = "POSITION", requires = "trace", default_value_t = 0, hide_default_value = true,
        value_parser = clap::value_parser!(i64).range(0..))]
    pub(crate) after: i64,
}

/// What may be played in the place of what is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TraceName {
    DecisionLog,
}

/// Loads as they are written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Loads(pub(crate) Vec<f64>);

impl FromStr for Loads {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected loads such as 0.85,1.1 or 0.7..1.3, above 0 and up to 10".to_owned();
        let load = |text: &str| -> Result<f64, String> {
            let load: f64 = text.trim().parse().map_err(|_| expected())?;
            if load > 0.0 && load <= 10.0 { Ok(load) } else { Err(expected()) }
        };
        let loads = match text.split_once("..") {
            None => text.split(',').map(load).collect::<Result<Vec<_>, _>>()?,
            Some((first, last)) => {
                let (first, last) = (load(first)?, load(last)?);
                // Hundredths, so that 0.7..1.3 ends at 1.3.
                let at = |step: u32| ((first + f64::from(step) * 0.1) * 100.0).round() / 100.0;
                let mut loads: Vec<_> = (0..100).map(at).take_while(|load| *load < last).collect();
                loads.extend((first <= last).then_some(last));
                loads
            }
        };
        if loads.is_empty() { Err(expected()) } else { Ok(Self(loads)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_are_a_list_or_a_range() {
        let loads = |text: &str| text.parse::<Loads>().map(|loads| loads.0);
        assert_eq!(loads("0.85, 1.1").unwrap(), [0.85, 1.1]);
        assert_eq!(loads("0.7..1.3").unwrap(), [0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3]);
        assert_eq!(loads("0.01..0.13").unwrap(), [0.01, 0.11, 0.13]);
        for wrong in ["", "0", "-1", "x", "1,", "1.3..0.7", "0.5..", "NaN", "11"] {
            assert!(loads(wrong).is_err(), "{wrong}");
        }
    }
}
