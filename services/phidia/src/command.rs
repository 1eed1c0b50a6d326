//! What can be asked for on the command line: noun, then verb. Here is the tree; the grammar of each noun is in a file
//! of its own.

mod application;
mod attachment;
mod case;
mod catalogue;
mod connection;
mod conservation;
mod counter;
mod deadline;
mod demo;
mod dossier;
mod draft;
mod equipment;
mod event;
mod faq;
mod feedback;
mod message;
mod misread;
mod officer;
mod outbox;
mod plan;
mod policy;
mod portal;
mod province;
mod receipt;
mod reception;
mod referral;
mod report;
mod result;
mod route;
mod service;
mod simulate;
mod spool;
mod subscription;
mod template;
mod ticket;
mod unit;

use std::{ffi::OsString, process::ExitCode};

use clap::{
    CommandFactory as _, FromArgMatches as _, Parser, Subcommand,
    error::{ContextKind, ContextValue, ErrorKind},
    parser::ValueSource,
};
use phidia_domain::application::Language;
use phidia_words::Words;

pub(crate) use self::{
    application::{
        Application, ChannelName, ChoiceName, FormName, List, PaymentWayName, RatingName, Ratings, Submit,
    },
    attachment::Attachment,
    case::Case,
    catalogue::{
        Catalogue, DifferenceState, ExportLayout, ImportCatalogue, ImportLayout, ResolutionName, Search,
    },
    connection::{Connection, LanguageName, RoleName},
    conservation::Conservation,
    counter::{Counter, SetCounter, SetKind},
    deadline::Deadline,
    demo::Demo,
    dossier::{ApplicantOptions, Dossier, EntranceName, ProxyByName, ResultByName},
    draft::{Draft, ListDrafts, SetDraft},
    equipment::{Equipment, EquipmentKindName, EquipmentStateName, SetEquipment},
    event::{Event, EventFilterOptions, EventsFrom},
    faq::{Faq, FaqText},
    feedback::{
        AddFeedback, EscalationName, Feedback, FeedbackChannelName, FeedbackCode, FeedbackKindName,
        FeedbackStateName, FeedbackText, ListFeedback, PageOf, SendFeedback,
    },
    message::Message,
    officer::{Officer, OfficerAbsence, OfficerDays, OfficerHours, OfficerOvertime},
    outbox::{Outbox, Parked, Replay},
    plan::{ListTasks, Plan, SetTask, TaskStateName},
    policy::{Policy, Publish},
    portal::{Portal, PortalArrivalStateName, PortalMessageStateName},
    province::{Amend, Process, Province},
    receipt::Receipt,
    reception::{BookingCode, BookingStateName, OpenDays, Reception},
    referral::{Referral, ReferralKind},
    report::{
        DimensionName, FigureName, IntervalName, Report, ReportCases, ReportFigures, ReportIndex,
        ReportMatrix, ReportOf, ReportOnline, ReportSimplified, ReportTrend, ReportVerb, SideName,
    },
    result::{CaseResult, HandOverWayName, SignatureFormatName},
    route::{Route, WorkStateName},
    service::{ConfigOptions, Migrate, Serve, ServiceName, Up},
    simulate::{Simulate, TraceName},
    spool::{Code, Reserve, SetItem, Spool},
    subscription::{FormatName, SignatureName, Subscription},
    template::{PreviewTemplate, Template},
    ticket::{OfTicket, PriorityName, TakeTicket, Ticket, TicketStats},
    unit::{AvailabilityName, SetUnit, Unit, UnitHours},
};
use crate::{ending, show::aside};

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
const LOCAL: [(&str, &[&str]); 6] = [
    ("exit-codes", &NOTHING_ASKED),
    ("demo", &CONNECTION),
    ("up", &NOTHING_ASKED),
    ("serve", &NOTHING_ASKED),
    ("migrate", &NOTHING_ASKED),
    ("config", &NOTHING_ASKED),
];
const CONNECTION: [&str; 6] = ["endpoint", "token", "as", "my-name", "my-unit", "my-officer"];
const NOTHING_ASKED: [&str; 7] = ["endpoint", "token", "as", "my-name", "my-unit", "my-officer", "json"];

/// The verbs that only read, and whose answer may be another one in a moment: with `--watch` they ask again and again. The empty verb is
/// the noun alone.
const READS: [(&str, &[&str]); 28] = [
    ("conservation", &[""]),
    ("province", &["show", "history", "units"]),
    ("catalogue", &["differences"]),
    ("application", &["track", "show", "list", "ratings"]),
    ("draft", &["list", "show"]),
    ("attachment", &["list", "show", "quarantined"]),
    ("code", &["list"]),
    ("spool", &["list"]),
    ("ticket", &["show", "stats"]),
    ("counter", &["list"]),
    ("equipment", &["list", "history"]),
    ("portal", &["status", "log", "arrivals"]),
    ("case", &["worklist", "show"]),
    ("referral", &["list"]),
    ("feedback", &["track", "list", "show", "published", "stats"]),
    ("faq", &["list", "review"]),
    ("reception", &["days", "track", "list", "missed"]),
    ("deadline", &["explain"]),
    ("plan", &["list", "history"]),
    ("report", &["", "cases", "matrix", "index", "online", "simplified"]),
    ("route", &["explain", "dispatch", "list", "log"]),
    ("unit", &["load", "show", "history"]),
    ("officer", &["list", "overtime", "history"]),
    ("policy", &["list"]),
    ("message", &["list", "unit", "operators", "show", "dead", "outstanding"]),
    ("event", &["list"]),
    ("subscription", &["list", "show", "log"]),
    ("outbox", &["list"]),
];
const WATCHING: [&str; 2] = ["watch", "every"];

/// Names the language in the environment.
const LANGUAGE: &str = "PHIDIA_LANG";

impl Arguments {
    /// Reads the command line. Help, and what cannot be understood, are told here; then the process is to end
    /// with this code.
    pub(crate) fn read() -> Result<Self, ExitCode> {
        let words: Vec<_> = std::env::args_os().collect();
        Self::understand(words.iter().cloned()).map_err(|error| {
            match misread::vietnamese(&error).filter(|_| language(&words) == Language::Vi) {
                Some(sentence) => aside(&sentence),
                // Whoever closed the pipe (`| head`) has seen enough.
                None => drop(error.print()),
            }
            u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
        })
    }

    fn understand(words: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> clap::error::Result<Self> {
        let words: Vec<OsString> = words.into_iter().map(Into::into).collect();
        let mut tree = Self::tree(Words::of(language(&words)));
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
    fn tree(speech: Words) -> clap::Command {
        let codes = format!("{}:\n\n{}", speech.ending_about(), ending::table(speech));
        let mut tree = Self::command().mut_subcommand("exit-codes", |verb| verb.long_about(codes));
        // Only now each verb has the options for everybody, so that they can be hidden from some.
        tree.build();
        tree.mut_subcommands(|noun| {
            let name = noun.get_name().to_owned();
            let noun = noun.mut_subcommands(|verb| {
                let useless = useless_to(&name, verb.get_name());
                hidden(verb, &useless)
            });
            hidden(noun, &useless_to(&name, ""))
        })
    }

    /// The language to speak to the user in.
    pub(crate) fn speech(&self) -> Words {
        self.connection.speech()
    }
}

/// The language of whoever wrote this line, whatever is wrong with it.
fn language(words: &[OsString]) -> Language {
    misread::language(words, std::env::var(LANGUAGE).ok().as_deref())
}

/// An option for everybody, and a verb that does nothing with it.
struct Useless {
    verb: String,
    option: String,
}

/// The option that was given in vain, if one was.
fn useless(tree: &clap::Command, matches: &clap::ArgMatches) -> Option<Useless> {
    let (noun, of_noun) = matches.subcommand()?;
    let (verb, given) = of_noun.subcommand().unwrap_or(("", of_noun));
    let useless = useless_to(noun, verb);
    let option = tree.get_arguments().find(|option| {
        let id = option.get_id().as_str();
        useless.contains(&id) && given.value_source(id) == Some(ValueSource::CommandLine)
    })?;
    Some(Useless { verb: format!("phidia {noun} {verb}").trim_end().to_owned(), option: option.to_string() })
}

/// The options for everybody that a verb does nothing with; an empty verb is the noun alone.
fn useless_to(noun: &str, verb: &str) -> Vec<&'static str> {
    let useless = LOCAL.iter().find(|(local, _)| *local == noun).map_or(&[][..], |(_, useless)| *useless);
    let reads = READS.iter().any(|(known, verbs)| *known == noun && verbs.contains(&verb));
    let watching = if reads { &[][..] } else { &WATCHING };
    useless.iter().chain(watching).copied().collect()
}

fn hidden(verb: clap::Command, options: &[&str]) -> clap::Command {
    verb.mut_args(|option| match options.contains(&option.get_id().as_str()) {
        true => option.hide(true),
        false => option,
    })
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
    /// What the exit codes mean.
    ExitCodes,
    /// Add up what every service holds: every accepted application must be in exactly one place.
    Conservation(Conservation),
    /// The province's reference facts.
    #[command(subcommand)]
    Province(Province),
    /// The catalogue of procedures: search, show, export, check, compare, import.
    #[command(subcommand)]
    Catalogue(Catalogue),
    /// Applications: hand in, track, list.
    #[command(subcommand)]
    Application(Application),
    /// Applications that are not handed in yet: begin, save, check, hand in.
    #[command(subcommand)]
    Draft(Draft),
    /// Files that belong to applications: upload, list, download.
    #[command(subcommand)]
    Attachment(Attachment),
    /// Dossier codes that are reserved ahead, for when the line drops.
    #[command(subcommand)]
    Code(Code),
    /// What is on its way from this machine: applications that were not handed over yet.
    #[command(subcommand)]
    Spool(Spool),
    /// Receipts: keep them, check them without a connection, and what is published of each day.
    #[command(subcommand)]
    Receipt(Receipt),
    /// Numbers at the counters: draw, call, finish; the board of the hall; what was counted.
    #[command(subcommand)]
    Ticket(Ticket),
    /// Counters of a centre: who sits where, what is served there.
    #[command(subcommand)]
    Counter(Counter),
    /// The equipment of the centres: what there is, and what works.
    #[command(subcommand)]
    Equipment(Equipment),
    /// The national portal: what it is told, and what it brings.
    #[command(subcommand)]
    Portal(Portal),
    /// Cases: the officer's work.
    #[command(subcommand)]
    Case(Case),
    /// What offices ask each other during a case.
    #[command(subcommand)]
    Referral(Referral),
    /// What people say, ask and complain of, and what is answered.
    #[command(subcommand)]
    Feedback(Feedback),
    /// What is asked often.
    #[command(subcommand)]
    Faq(Faq),
    /// The days on which citizens are received, and what is booked.
    #[command(subcommand)]
    Reception(Reception),
    /// When a result is due, and how that is reckoned.
    #[command(subcommand)]
    Deadline(Deadline),
    /// What was received, finished and is running in a period; the cases behind it; who works for whom; the index.
    Report(Report),
    /// The tasks of a reform plan: who does what by when, and how far it has come.
    #[command(subcommand)]
    Plan(Plan),
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
    /// The public feed: what other systems hear.
    #[command(subcommand)]
    Event(Event),
    /// Systems that are sent the public feed: webhooks.
    #[command(subcommand)]
    Subscription(Subscription),
    /// The words of messages: list, export, check, bring in, preview.
    #[command(subcommand)]
    Template(Template),
    /// Events that a service refused, and what waits behind them.
    #[command(subcommand)]
    Outbox(Outbox),
    /// Play a quarter of a province under two policies, and say with what certainty they differ.
    Simulate(Simulate),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_sound() {
        Arguments::tree(Words::EN).debug_assert();
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
    fn what_reads_can_be_watched_and_what_changes_something_cannot() {
        let tree = Arguments::tree(Words::EN);
        for (noun, verbs) in READS {
            let noun = tree.find_subcommand(noun).unwrap_or_else(|| panic!("{noun} is no noun"));
            for verb in verbs.iter().filter(|verb| !verb.is_empty()) {
                assert!(noun.find_subcommand(verb).is_some(), "{} has no verb {verb}", noun.get_name());
            }
        }
        let parse = |line: &str| Arguments::understand(line.split_whitespace());
        for line in
            ["phidia case worklist --watch --every 5", "phidia --watch conservation", "phidia report --watch"]
        {
            assert!(parse(line).is_ok(), "{line}");
        }
        for line in [
            "phidia case claim app_1/1/1 --fence 0 --watch",
            "phidia --watch up",
            "phidia case worklist --every 0",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
        let help = |line| parse(line).err().unwrap().to_string();
        assert!(help("phidia case worklist --help").contains("--watch"));
        assert!(!help("phidia case claim --help").contains("--watch"));
        assert!(!help("phidia up --help").contains("--watch"));
    }

    #[test]
    fn options_of_a_verb_and_of_the_connection_do_not_meet() {
        let parse = |line: &str| Arguments::understand(line.split_whitespace()).unwrap();
        let Command::Serve(serve) = parse("phidia --lang vi serve routing").command else { panic!("serve") };
        assert_eq!(serve.role.service(), Some(ServiceName::Routing));
        let arguments = parse("phidia case worklist --unit 2 --my-unit 1 --officer 1-1");
        assert_eq!(arguments.connection.unit.as_deref(), Some("1"));
        let Command::Case(Case::Worklist { unit, .. }) = arguments.command else { panic!("worklist") };
        assert_eq!(unit, "2");
    }
}
