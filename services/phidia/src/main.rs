//! The one binary of Phidia: the roles of a cluster, the embedded form, the demo, and the command line of
//! officers and operators.
//!
//! - [`command`]: what can be asked for; [`config`]: how it is configured
//! - [`embedded`]: all services in one process, on one screen; [`serve`]: one service of a cluster; [`web`]: the portal over either;
//!   [`watched`]: telemetry and admin port of all
//! - [`conservation`]: the proof that nothing is lost or doubled, for its verb and for every hour
//! - [`client`]: a connection; [`verb`]: the client verbs, one file per noun; [`follow`]: what servers stream; [`again`]: `--watch`
//! - [`spool`]: what is kept on this machine until it was handed over
//! - [`show`]: how answers are shown; [`refusal`]: how errors are told; [`ending`]: what exit codes say
//! - [`demo`]: one working day of a province; [`mod@simulate`]: a quarter of it under two policies
//! - [`bundled`]: the province that comes with the binary; `rehearsal` (in test builds): services led through a
//!   day

mod again;
mod bundled;
mod client;
mod command;
mod config;
mod conservation;
mod demo;
mod embedded;
mod ending;
mod follow;
mod refusal;
#[cfg(any(debug_assertions, feature = "rehearsal"))]
mod rehearsal;
mod serve;
mod show;
mod simulate;
mod spool;
mod verb;
mod watched;
mod web;

use std::process::ExitCode;

use tokio::runtime::Builder;

use crate::{
    client::Client,
    command::{Arguments, Command},
    ending::Ending,
};

fn main() -> ExitCode {
    let arguments = match Arguments::read() {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    let speech = arguments.speech();
    let outcome =
        runtime(&arguments.command).enable_all().build().map_err(anyhow::Error::from).and_then(|runtime| {
            runtime.block_on(async {
                match arguments.connection.every() {
                    Some(every) => again::run(every, run).await,
                    None => run(arguments).await,
                }
            })
        });
    match outcome {
        Ok(code) => code,
        Err(error) => {
            refusal::tell(&error, speech);
            Ending::of_error(&error).into()
        }
    }
}

fn runtime(command: &Command) -> Builder {
    match command {
        // Each of its two runs has a thread to itself, and one of SQLite's beside it.
        Command::Demo(_) => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let connection = arguments.connection;
    match arguments.command {
        Command::Demo(options) => demo::run(&options, connection.json, connection.speech()).await,
        Command::Up(options) => embedded::up(&options).await,
        Command::Serve(options) => serve::run(&options).await,
        Command::Migrate(options) => serve::migrate(&options).await,
        Command::Config(options) => config::print(&options),
        Command::ExitCodes => {
            show::line(ending::table(connection.speech()).trim_end());
            Ok(ExitCode::SUCCESS)
        }
        Command::Conservation(options) => {
            verb::conservation::run(&Client::connect(&connection)?, &options).await
        }
        Command::Catalogue(verb) => verb::catalogue::run(&connection, verb).await,
        Command::Province(verb) => verb::province::run(&Client::connect(&connection)?, verb).await,
        Command::Application(verb) => verb::application::run(&Client::connect(&connection)?, verb).await,
        Command::Draft(verb) => verb::draft::run(&Client::connect(&connection)?, verb).await,
        Command::Attachment(verb) => verb::attachment::run(&Client::connect(&connection)?, verb).await,
        Command::Receipt(verb) => verb::receipt::run(&Client::connect(&connection)?, verb).await,
        Command::Ticket(verb) => verb::ticket::run(&Client::connect(&connection)?, verb).await,
        Command::Counter(verb) => verb::counter::run(&Client::connect(&connection)?, verb).await,
        Command::Equipment(verb) => verb::equipment::run(&Client::connect(&connection)?, verb).await,
        Command::Portal(verb) => verb::portal::run(&Client::connect(&connection)?, verb).await,
        Command::Case(verb) => verb::case::run(&Client::connect(&connection)?, verb).await,
        Command::Referral(verb) => verb::referral::run(&Client::connect(&connection)?, verb).await,
        Command::Feedback(verb) => verb::feedback::run(&Client::connect(&connection)?, verb).await,
        Command::Faq(verb) => verb::faq::run(&Client::connect(&connection)?, verb).await,
        Command::Reception(verb) => verb::reception::run(&Client::connect(&connection)?, verb).await,
        Command::Deadline(verb) => verb::deadline::run(&Client::connect(&connection)?, verb).await,
        Command::Plan(verb) => verb::plan::run(&Client::connect(&connection)?, verb).await,
        Command::Report(report) => verb::report::run(&Client::connect(&connection)?, report).await,
        Command::Simulate(options) => simulate::run(&Client::connect(&connection)?, &options).await,
        Command::Route(verb) => verb::route::run(&Client::connect(&connection)?, verb).await,
        Command::Unit(verb) => verb::unit::run(&Client::connect(&connection)?, verb).await,
        Command::Policy(verb) => verb::policy::run(&Client::connect(&connection)?, verb).await,
        Command::Outbox(verb) => verb::outbox::run(&Client::connect(&connection)?, verb).await,
        Command::Officer(verb) => verb::officer::run(&Client::connect(&connection)?, verb).await,
        Command::Code(verb) => verb::code::run(&Client::connect(&connection)?, verb).await,
        Command::Spool(verb) => verb::spool::run(&Client::connect(&connection)?, verb).await,
        Command::Event(verb) => verb::event::run(&Client::connect(&connection)?, verb).await,
        Command::Subscription(verb) => verb::subscription::run(&Client::connect(&connection)?, verb).await,
        Command::Message(verb) => verb::message::run(&Client::connect(&connection)?, verb).await,
        Command::Template(verb) => verb::template::run(&Client::connect(&connection)?, verb).await,
    }
}
