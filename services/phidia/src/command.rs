//! What can be asked for on the command line: noun, then verb.

mod misread;

use std::{
    ffi::OsString, net::SocketAddr, num::ParseIntError, path::PathBuf, process::ExitCode, str::FromStr,
};

use clap::{
    Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum,
    error::{ContextKind, ContextValue, ErrorKind},
    parser::ValueSource,
};
use phidia_domain::application::Language;
use phidia_routing::simulate::{self, QuarterName};

use crate::show::aside;

/// Phidia: an application handed in anywhere in a province is finished wherever it can be finished soonest.
#[derive(Parser)]
#[command(name = "phidia", version, max_term_width = 100, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(flatten, next_help_heading = "Connection and answer")]
    pub(crate) connection: Connection,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What works on this machine alone, with those of the options for everybody that it has no use for.
const LOCAL: [(&str, &[&str]); 5] = [
    ("demo", &CONNECTION),
    ("up", &NOTHING_ASKED),
    ("serve", &NOTHING_ASKED),
    ("migrate", &NOTHING_ASKED),
    ("config", &NOTHING_ASKED),
];
const CONNECTION: [&str; 6] = ["endpoint", "token", "as", "my-name", "my-unit", "my-officer"];
const NOTHING_ASKED: [&str; 7] = ["endpoint", "token", "as", "my-name", "my-unit", "my-officer", "json"];

/// Names the language in the environment.
const LANGUAGE: &str = "PHIDIA_LANG";

impl Arguments {
    /// Reads the command line. Help, and what cannot be understood, are told here; then the process is to end
    /// with this code.
    pub(crate) fn read() -> Result<Self, ExitCode> {
        let words: Vec<_> = std::env::args_os().collect();
        Self::understand(words.iter().cloned()).map_err(|error| {
            let usual = std::env::var(LANGUAGE).ok();
            let language = misread::language(&words, usual.as_deref());
            match misread::vietnamese(&error).filter(|_| language == Language::Vi) {
                Some(sentence) => aside(&sentence),
                // Whoever closed the pipe (`| head`) has seen enough.
                None => drop(error.print()),
            }
            u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
        })
    }

    fn understand(words: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> clap::error::Result<Self> {
        let mut tree = Self::tree();
        let matches = tree.try_get_matches_from_mut(words)?;
        match useless(&tree, &matches) {
            Some(Useless { verb, option }) => {
                let message = format!("`{verb}` has no use for {option}");
                let mut error = tree.error(ErrorKind::UnknownArgument, message);
                error.insert(ContextKind::InvalidSubcommand, ContextValue::String(verb));
                error.insert(ContextKind::InvalidArg, ContextValue::String(option));
                Err(error)
            }
            None => Self::from_arg_matches(&matches),
        }
    }

    /// All that can be said. The options of a connection are understood before and after a verb, and shown
    /// only where there is one.
    fn tree() -> clap::Command {
        let mut tree = Self::command();
        // Only now each verb has the options for everybody, so that they can be hidden from some.
        tree.build();
        LOCAL.iter().fold(tree, |tree, (local, useless)| {
            tree.mut_subcommand(local, |verb| {
                verb.mut_args(|option| match useless.contains(&option.get_id().as_str()) {
                    true => option.hide(true),
                    false => option,
                })
            })
        })
    }

    /// The language to speak to the user in.
    pub(crate) fn speech(&self) -> Language {
        self.connection.speech()
    }
}

/// An option for everybody, and a verb that does nothing with it.
struct Useless {
    verb: String,
    option: String,
}

/// The option that was given in vain, if one was.
fn useless(tree: &clap::Command, matches: &clap::ArgMatches) -> Option<Useless> {
    let (verb, given) = matches.subcommand()?;
    let (_, useless) = LOCAL.iter().find(|(local, _)| *local == verb)?;
    let option = tree.get_arguments().find(|option| {
        let id = option.get_id().as_str();
        useless.contains(&id) && given.value_source(id) == Some(ValueSource::CommandLine)
    })?;
    Some(Useless { verb: format!("phidia {verb}"), option: option.to_string() })
}

/// Where to connect to, as whom, and how to show the answer.
#[derive(Args)]
pub(crate) struct Connection {
    /// Where Phidia listens.
    #[arg(long, global = true, env = "PHIDIA_ENDPOINT", default_value = "http://127.0.0.1:7370")]
    pub(crate) endpoint: String,
    /// The installation's token, where the endpoint asks for one.
    #[arg(long, global = true, env = "PHIDIA_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// Who you are; each verb has its usual role.
    #[arg(id = "as", long = "as", global = true, env = "PHIDIA_ROLE", value_name = "ROLE")]
    pub(crate) role: Option<RoleName>,
    /// Your name within the role (for the record and for idempotency).
    #[arg(
        id = "my-name",
        long = "name",
        global = true,
        env = "PHIDIA_NAME",
        value_name = "NAME",
        default_value = "cli"
    )]
    pub(crate) name: String,
    /// Official code of your unit, when you are an officer or a supervisor.
    #[arg(id = "my-unit", long = "my-unit", global = true, env = "PHIDIA_UNIT", value_name = "CODE")]
    pub(crate) unit: Option<String>,
    /// Your staff code, when you are an officer.
    #[arg(id = "my-officer", long = "officer", global = true, env = "PHIDIA_OFFICER", value_name = "CODE")]
    pub(crate) officer: Option<String>,
    /// Print one JSON object (canonical JSON of the answer's message) instead of tables.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Language of tables and messages: `vi` or `en`.
    #[arg(long = "lang", global = true, env = LANGUAGE, default_value = "en")]
    pub(crate) language: LanguageName,
}

impl Connection {
    /// The language to speak to the user in.
    pub(crate) fn speech(&self) -> Language {
        match self.language {
            LanguageName::Vi => Language::Vi,
            LanguageName::En => Language::En,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum LanguageName {
    Vi,
    En,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum RoleName {
    Citizen,
    Officer,
    Supervisor,
    Operator,
    System,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Play one working day of a province, with Phidia and with every application worked at home.
    Demo(Demo),
    /// Run all services in this process (SQLite files, no server) until stopped.
    Up(Up),
    /// Run one service of a cluster.
    Serve(Serve),
    /// Bring the database of one service, or of all, to this version's schema.
    Migrate(Migrate),
    /// Print the configuration as it is understood.
    Config(ConfigOptions),
    /// Add up what every service holds: every accepted application must be in exactly one place.
    Conservation(Conservation),
    /// The province's reference facts.
    #[command(subcommand)]
    Province(Province),
    /// Applications: hand in, track, list.
    #[command(subcommand)]
    Application(Application),
    /// Cases: the officer's work.
    #[command(subcommand)]
    Case(Case),
    /// Where work goes, and why.
    #[command(subcommand)]
    Route(Route),
    /// Units: what they have to do, how they stand, their hours, and what was changed.
    #[command(subcommand)]
    Unit(Unit),
    /// Officers: what they master, and when they are absent.
    #[command(subcommand)]
    Officer(Officer),
    /// The dials by which units are weighed: check, publish, compare.
    #[command(subcommand)]
    Policy(Policy),
    /// Messages to citizens and to units.
    #[command(subcommand)]
    Message(Message),
    /// Events that a service refused, and what waits behind them.
    #[command(subcommand)]
    Outbox(Outbox),
    /// Play a quarter of a province under two policies, and say with what certainty they differ.
    Simulate(Simulate),
}

#[derive(Args, Clone)]
pub(crate) struct Demo {
    /// Applications handed in on the day (251,380 a quarter of 64 working days ≈ 3,928).
    #[arg(long, default_value_t = 3_928, value_parser = clap::value_parser!(u32).range(1..=200_000))]
    pub(crate) applications: u32,
    /// Seed of the day: the same seed gives the same figures on any machine.
    #[arg(long, default_value_t = 37)]
    pub(crate) seed: u64,
    /// Folder of the province; the bundled one by default.
    #[arg(long, value_name = "DIR")]
    pub(crate) province: Option<PathBuf>,
    /// Folder to keep the data in; a temporary one by default.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// When the day is over, keep the services running for the other verbs until stopped.
    #[arg(long)]
    pub(crate) keep_running: bool,
    /// Where to listen with --keep-running.
    #[arg(long, default_value = "127.0.0.1:7370")]
    pub(crate) listen: SocketAddr,
    /// Play on two houses that run already, instead of in this process: the configurations of their services.
    #[cfg(any(debug_assertions, feature = "rehearsal"))]
    #[arg(
        long,
        hide = true,
        num_args = 2,
        value_names = ["WITH_PHIDIA", "HOME_ONLY"],
        conflicts_with_all = ["data", "keep_running", "listen"]
    )]
    pub(crate) against: Vec<PathBuf>,
}

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
    /// Share of the units that lose half their officers for three days.
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
                (0..100).map(at).take_while(|load| *load <= last).collect()
            }
        };
        if loads.is_empty() { Err(expected()) } else { Ok(Self(loads)) }
    }
}

#[derive(Args)]
pub(crate) struct Up {
    /// Configuration file (TOML); see `phidia config`.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder of the data.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Where to listen; port 0 lets the system choose, and the choice is printed.
    #[arg(long)]
    pub(crate) listen: Option<SocketAddr>,
    /// Start without any province instead of bringing the bundled one in when none is active.
    #[arg(long)]
    pub(crate) empty: bool,
}

#[derive(Args)]
pub(crate) struct Serve {
    /// Which service.
    pub(crate) role: ServiceName,
    /// Configuration file (TOML); see `phidia config`.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where to listen; port 0 lets the system choose, and the choice is printed.
    #[arg(long)]
    pub(crate) listen: Option<SocketAddr>,
}

#[derive(Args)]
pub(crate) struct Migrate {
    /// Which service; all of them by default.
    pub(crate) role: Option<ServiceName>,
    /// Configuration file (TOML); see `phidia config`.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct ConfigOptions {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ServiceName {
    Intake,
    Routing,
    Processing,
    Notification,
}

#[derive(Args)]
pub(crate) struct Conservation {
    /// Endpoints of the services of a cluster; by default --endpoint answers for all.
    #[arg(long = "service", value_name = "URL")]
    pub(crate) services: Vec<String>,
    /// How long to wait, in seconds, until what is on its way has arrived, and until what looks wrong has come
    /// right.
    #[arg(long, default_value_t = 30)]
    pub(crate) patience_seconds: u64,
}

#[derive(Subcommand)]
pub(crate) enum Province {
    /// Bring a province in from its folder: all of it, or nothing.
    Import {
        /// Its folder.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Also when steps are left without anybody who may take them (`phidia policy check` names them).
        #[arg(long)]
        allow_uncovered: bool,
    },
    /// Check a province's folder against all services; nothing is changed.
    Check {
        /// Its folder.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Also when steps are left without anybody who may take them.
        #[arg(long)]
        allow_uncovered: bool,
    },
    /// Put rows into the active province or take rows out: all of them, or none.
    Amend(Amend),
    /// Which province is active.
    Show,
    /// Its units with their live load.
    Units,
    /// Its procedures.
    Procedures {
        /// Words to look for in code, name and field; diacritics do not matter.
        #[arg(default_value = "", hide_default_value = true)]
        query: String,
    },
}

#[derive(Args)]
pub(crate) struct Amend {
    /// Rows to put in, with the heading of their file, whose name they have (`officers.csv`): each replaces the one
    /// with the same key, or is added.
    #[arg(value_name = "FILE.csv", required_unless_present = "remove")]
    pub(crate) put: Vec<PathBuf>,
    /// Keys of rows to take out, under the key columns alone (`competencies.csv` with officer, field); repeatable.
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) remove: Vec<PathBuf>,
    /// Only if this version is the active one.
    #[arg(long, value_name = "VERSION")]
    pub(crate) expect: Option<i64>,
    /// Only check; nothing is changed.
    #[arg(long)]
    pub(crate) check: bool,
    /// Also when steps are left without anybody who may take them.
    #[arg(long)]
    pub(crate) allow_uncovered: bool,
}

#[derive(Subcommand)]
pub(crate) enum Unit {
    /// Open work of every unit, how much of it is queued, and how much is borrowed from others.
    Load {
        /// Go on and tell what changes, until stopped.
        #[arg(long)]
        watch: bool,
    },
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

#[derive(Subcommand)]
pub(crate) enum Officer {
    /// Officers by staff code: of a unit, or who master a field.
    List {
        /// Official code of their unit.
        #[arg(long = "unit", value_name = "CODE", default_value = "", hide_default_value = true)]
        unit: String,
        /// Field that they master, its Vietnamese name.
        #[arg(long, default_value = "", hide_default_value = true)]
        field: String,
        /// At this level or better.
        #[arg(long, default_value_t = 0, hide_default_value = true, requires = "field")]
        level: u32,
    },
    /// Have an officer absent on some days.
    Absent(OfficerDays),
    /// Have an officer present on some days after all.
    Present(OfficerDays),
    /// What was changed of an officer, the newest first.
    History {
        /// Staff code.
        code: String,
    },
}

#[derive(Args)]
pub(crate) struct OfficerDays {
    /// Staff code.
    pub(crate) code: String,
    /// The first day, `2026-12-01`.
    #[arg(value_name = "FROM")]
    pub(crate) from: String,
    /// The last day; by default the first alone.
    #[arg(value_name = "TO", default_value = "", hide_default_value = true)]
    pub(crate) to: String,
    /// Why, for the record; no diagnosis.
    #[arg(long)]
    pub(crate) reason: String,
}

#[derive(Subcommand)]
pub(crate) enum Application {
    /// Hand an application in and get its receipt.
    Submit(Box<Submit>),
    /// How an application stands, by the codes of its receipt.
    Track {
        /// Official dossier code.
        dossier_code: String,
        /// The receipt's check code.
        check_code: String,
    },
    /// Applications, newest first.
    List(List),
    /// One application with its applicant.
    Show {
        /// `app_…`.
        application_id: String,
    },
}

#[derive(Args)]
pub(crate) struct Submit {
    /// Code of the procedure.
    #[arg(long)]
    pub(crate) procedure: String,
    /// Official code of the unit that receives it.
    #[arg(long = "at", value_name = "CODE")]
    pub(crate) received_at: String,
    /// Official code of the unit where the result is to be collected; by default where it was received.
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) return_at: String,
    /// A place that names a competent authority, e.g. `residence=14701` or `land=13285`; repeatable.
    #[arg(long = "place", value_name = "KEY=CODE")]
    pub(crate) places: Vec<String>,
    /// Official code of a unit that must not take it, because it has a conflict of interest; repeatable.
    #[arg(long = "not-at", value_name = "CODE")]
    pub(crate) not_at: Vec<String>,
    /// Full name of the applicant.
    #[arg(long = "applicant", value_name = "NAME")]
    pub(crate) applicant: String,
    /// Number of the identity card.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) identity_number: String,
    /// E-mail address.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) email: String,
    /// Telephone number.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) telephone: String,
    /// How it came in.
    #[arg(long, default_value = "direct")]
    pub(crate) channel: ChannelName,
    /// When it was handed in, if before now (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub(crate) handed_in_at: Option<jiff::Timestamp>,
    /// Idempotency key: give the same one again after a dropped line. Made and printed by default.
    #[arg(long)]
    pub(crate) key: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ChannelName {
    Direct,
    Online,
    Post,
}

#[derive(Args)]
pub(crate) struct List {
    /// Only those received at the unit with this code.
    #[arg(long = "at", value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) received_at: String,
    /// At most so many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=1000))]
    pub(crate) limit: i32,
}

#[derive(Subcommand)]
pub(crate) enum Case {
    /// What is to be done at a unit, most urgent first.
    Worklist {
        /// Official code of the unit; yours by default.
        #[arg(long = "unit", value_name = "CODE", default_value = "", hide_default_value = true)]
        unit: String,
        /// Also what you are not competent for and what others hold.
        #[arg(long)]
        all: bool,
    },
    /// Take a work item up.
    Claim {
        /// `application/step/attempt`, as the worklist shows it.
        work_item: String,
        /// The fence that the worklist shows.
        #[arg(long, default_value_t = 0)]
        fence: u64,
    },
    /// End a step that you hold.
    Complete {
        /// `application/step/attempt`, as the worklist shows it.
        work_item: String,
        /// The fence that the claim gave.
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
        fence: u64,
        /// Refuse the application for this reason instead of approving it.
        #[arg(long, value_name = "REASON")]
        refuse: Option<String>,
    },
    /// One case with its work items.
    Show {
        /// `case_…` or `app_…`.
        id: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum Route {
    /// Why an application's work is where it is.
    Explain {
        /// `app_…`.
        application_id: String,
    },
    /// Where an application would go if it were handed in now; nothing is reserved.
    Preview {
        /// Code of the procedure.
        #[arg(long)]
        procedure: String,
        /// Official code of the unit that would receive it.
        #[arg(long = "at", value_name = "CODE")]
        received_at: String,
        /// A place, as for `application submit`; repeatable.
        #[arg(long = "place", value_name = "KEY=CODE")]
        places: Vec<String>,
        /// Official code of a unit that must not take it, because it has a conflict of interest; repeatable.
        #[arg(long = "not-at", value_name = "CODE")]
        not_at: Vec<String>,
    },
    /// Work that cannot be assigned at present, with its reason.
    Dispatch,
    /// Assign work items now.
    Assign {
        /// `application/step/attempt`; up to 500 of them.
        #[arg(required = true)]
        work_items: Vec<String>,
    },
    /// Send a work item that nobody has begun to another unit, or one that no unit could take to where it belongs.
    Reassign {
        /// `application/step/attempt`.
        work_item: String,
        /// Official code of the unit; by default whichever the policy finds better than the present one.
        #[arg(long = "to", value_name = "CODE", default_value = "", hide_default_value = true)]
        unit: String,
        /// Why, for the record and for those who lose and gain it.
        #[arg(long)]
        reason: String,
        /// The fence that its worklist shows.
        #[arg(long, default_value_t = 0)]
        fence: u64,
    },
    /// Take a work item that nobody has begun from its unit and route it again.
    Release {
        /// `application/step/attempt`.
        work_item: String,
        /// Why, for the record.
        #[arg(long)]
        reason: String,
    },
    /// The log of decisions, in its order.
    Log {
        /// Only those behind this position.
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..))]
        after: i64,
        /// At most so many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=500))]
        limit: i32,
    },
    /// Make a recorded decision again and compare.
    Replay {
        /// `asg_…`, as `route explain` and `route log` show it.
        decision: String,
    },
    /// Hold the log of decisions against its chain of hashes.
    Verify,
}

#[derive(Subcommand)]
pub(crate) enum Policy {
    /// Check a policy, and who may take what in the coming year: for every procedure, step, home and working day.
    Check {
        /// The policy (TOML); by default the one that holds, or with --province the built-in one.
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// Folder of a province to check it over, without a server; by default the active province.
        #[arg(long, value_name = "DIR")]
        province: Option<PathBuf>,
        /// The first day; today by default.
        #[arg(long, value_name = "YYYY-MM-DD")]
        from: Option<jiff::civil::Date>,
    },
    /// Make a policy the one that holds, as the next version.
    Publish(Publish),
    /// A version with its document.
    Show {
        /// Number of the version; by default the one that holds.
        #[arg(value_name = "VERSION", value_parser = clap::value_parser!(u32).range(1..))]
        number: Option<u32>,
    },
    /// All versions, newest first.
    List,
    /// What is otherwise in another policy, dial by dial.
    Diff {
        /// A file, or the number of a version.
        old: String,
        /// A file, or the number of a version.
        new: String,
    },
}

#[derive(Args)]
pub(crate) struct Publish {
    /// The policy (TOML).
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Why, for the record.
    #[arg(long)]
    pub(crate) reason: String,
    /// The version that you believe to hold; by default whichever does.
    #[arg(long, value_name = "VERSION", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) expect: Option<u32>,
    /// Also while steps of the province are left without anybody who may take them.
    #[arg(long)]
    pub(crate) allow_uncovered: bool,
}

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
    },
    /// Messages to a unit, oldest first: which cases it lost or gained, and why.
    Unit {
        /// Official code of the unit; yours by default.
        #[arg(default_value = "", hide_default_value = true)]
        unit: String,
        /// At most so many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i32).range(1..=1000))]
        limit: i32,
    },
}

#[derive(Subcommand)]
pub(crate) enum Outbox {
    /// What is parked, and why.
    List(Parked),
    /// Have the parked events of an application delivered again, in their order.
    Replay(Replay),
}

#[derive(Args)]
pub(crate) struct Parked {
    /// Only events of this service.
    #[arg(long, value_name = "SERVICE", default_value = "", hide_default_value = true)]
    pub(crate) source: String,
    /// Only events that this service refused.
    #[arg(long, value_name = "SERVICE", default_value = "", hide_default_value = true)]
    pub(crate) subscriber: String,
    /// Only events of this application, `app_…`.
    #[arg(long = "application", value_name = "ID", default_value = "", hide_default_value = true)]
    pub(crate) application_id: String,
    /// At most so many of each endpoint.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i32).range(1..=1000))]
    pub(crate) limit: i32,
    /// Endpoints of the services of a cluster; by default --endpoint answers for all.
    #[arg(long = "service", value_name = "URL")]
    pub(crate) services: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Replay {
    /// The service that told them.
    pub(crate) source: String,
    /// The service that refused them.
    pub(crate) subscriber: String,
    /// `app_…`.
    pub(crate) application_id: String,
    /// Endpoints of the services of a cluster; by default --endpoint answers for all.
    #[arg(long = "service", value_name = "URL")]
    pub(crate) services: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_sound() {
        Arguments::tree().debug_assert();
    }

    /// Every line of README that begins with `phidia`, as a user would type it.
    #[test]
    fn every_line_of_readme_is_understood() {
        let readme = include_str!("../../../README.md");
        let lines: Vec<_> = readme.lines().filter(|line| line.starts_with("phidia ")).collect();
        assert!(lines.len() > 8, "README shows the verbs");
        for line in lines {
            let command = line.split('#').next().unwrap();
            // What stands between quotes is one word.
            let words = command.split('"').enumerate().flat_map(|(index, part)| match index % 2 {
                0 => part.split_whitespace().collect(),
                _ => vec![part],
            });
            let parsed = Arguments::understand(words);
            assert!(parsed.is_ok(), "{line}: {}", parsed.err().unwrap());
        }
    }

    #[test]
    fn options_of_a_connection_are_for_verbs_that_connect() {
        let parse = |line: &str| Arguments::understand(line.split_whitespace());
        for line in ["phidia up --endpoint http://a:1", "phidia --my-unit 1 serve intake", "phidia up --json"]
        {
            assert!(parse(line).is_err(), "{line}");
        }
        for line in
            ["phidia --lang vi up", "phidia demo --json", "phidia --endpoint http://a:1 province show"]
        {
            assert!(parse(line).is_ok(), "{line}");
        }
        let help = |line| parse(line).err().unwrap().to_string();
        assert!(!help("phidia up --help").contains("--my-unit"));
        assert!(help("phidia up --help").contains("--data"));
        assert!(help("phidia case worklist --help").contains("--my-unit"));
    }

    #[test]
    fn loads_are_a_list_or_a_range() {
        let loads = |text: &str| text.parse::<Loads>().map(|loads| loads.0);
        assert_eq!(loads("0.85, 1.1").unwrap(), [0.85, 1.1]);
        assert_eq!(loads("0.7..1.3").unwrap(), [0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3]);
        for wrong in ["", "0", "-1", "x", "1,", "1.3..0.7", "0.5..", "NaN", "11"] {
            assert!(loads(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn options_of_a_verb_and_of_the_connection_do_not_meet() {
        let parse = |line: &str| Arguments::understand(line.split_whitespace()).unwrap();
        let Command::Serve(serve) = parse("phidia --lang vi serve routing").command else { panic!("serve") };
        assert_eq!(serve.role, ServiceName::Routing);
        let arguments = parse("phidia case worklist --unit 2 --my-unit 1 --officer 1-1");
        assert_eq!(arguments.connection.unit.as_deref(), Some("1"));
        let Command::Case(Case::Worklist { unit, .. }) = arguments.command else { panic!("worklist") };
        assert_eq!(unit, "2");
    }
}
