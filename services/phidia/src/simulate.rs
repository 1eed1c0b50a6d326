//! `phidia simulate`: a quarter of a province under two policies, in this process; or, at an endpoint, what was really
//! decided there under two policies, or what a policy would do to its live cases.
//!
//! - [`table`], [`page`]: how a comparison is shown; [`words`]: how figures are called
//! - [`trace`]: what was really decided; [`live`]: the cases that are open now

mod live;
mod page;
mod table;
mod trace;
mod words;

use std::{
    fs,
    num::NonZero,
    path::Path,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use phidia_domain::{
    policy::document,
    province::{Documents, Province},
    route::Policy,
};
use phidia_routing::simulate::{Conditions, Experiment, Interrupted, Report, Simulator};
use phidia_runtime::shutdown;
use phidia_words::Words;
use tokio::task::spawn_blocking;

use crate::{
    bundled,
    client::Client,
    command::{self, TraceName},
    show,
};

/// The name under which every policy file is known that leaves everything at home.
const HOME_ONLY: &str = "home-only";

/// After how many applications the bar is told.
const TOLD_EVERY: u64 = 1_000;

/// Plays, and shows what came of it.
pub(crate) async fn run(client: &Client<'_>, options: &command::Simulate) -> anyhow::Result<ExitCode> {
    let (json, speech) = (client.json(), client.speech());
    if options.from_live {
        let document = options.policy.as_deref().map(for_endpoint).transpose()?;
        live::run(client, document.unwrap_or_default()).await?;
        return Ok(ExitCode::SUCCESS);
    }
    if options.trace == Some(TraceName::DecisionLog) {
        let policy = options.policy.as_deref().map(for_endpoint).transpose()?;
        let against = for_endpoint(Path::new(&options.against))?;
        trace::run(client, options, [policy.unwrap_or_default(), against]).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut policy = policy(options.policy.as_deref())?;
    let mut against = named(Path::new(&options.against))?;
    if policy.name == against.name {
        // Two drafts of one document are known by their files.
        let file = |file: &Path| file.display().to_string();
        policy.name = options.policy.as_deref().map_or(policy.name, file);
        against.name = file(Path::new(&options.against));
    }
    let (facts, demand) = bundled::province(options.province.as_deref())?;
    let province = Province::parse(&Documents(facts)).map_err(|faults| {
        anyhow::anyhow!(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })?;
    let simulator = Arc::new(Simulator::new(&province, &demand, experiment(options))?);
    let report = play(simulator, [policy, against], json, speech).await?;
    write_page(options, &report, speech)?;
    if json {
        show::object(&report)?;
    } else {
        table::print(&report, speech);
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the page, where one is asked for.
fn write_page(options: &command::Simulate, report: &Report, speech: Words) -> anyhow::Result<()> {
    let Some(file) = &options.html else { return Ok(()) };
    fs::write(file, page::written(report, speech))
        .with_context(|| format!("{} can't be written", file.display()))?;
    show::aside(&format!("{}: {}", speech.simulate_page(), file.display()));
    Ok(())
}

fn experiment(options: &command::Simulate) -> Experiment {
    let usual = Conditions::default();
    Experiment {
        quarter: options.quarter,
        days: options.days,
        applications: options.applications,
        loads: options.load.0.clone(),
        first_seed: options.first_seed,
        seeds: options.seeds,
        conditions: Conditions {
            effort_share: options.effort.unwrap_or(usual.effort_share),
            effort_sigma: options.sigma.unwrap_or(usual.effort_sigma),
            shock_share: options.shock.unwrap_or(usual.shock_share),
        },
        optimum_days: options.optimum_days,
    }
}

/// The policy of a file; without one, the one that comes with the binary.
fn policy(file: Option<&Path>) -> anyhow::Result<Policy> {
    file.map_or_else(|| Ok(Policy::default()), named)
}

/// The policy of a file, or the one of that name.
fn named(file: &Path) -> anyhow::Result<Policy> {
    if file == Path::new(HOME_ONLY) { Ok(Policy::home_only()) } else { read_policy(file) }
}

/// The document of a policy, for an endpoint to read.
fn for_endpoint(file: &Path) -> anyhow::Result<String> {
    Ok(document::write(&named(file)?))
}

fn read_policy(file: &Path) -> anyhow::Result<Policy> {
    let text = fs::read_to_string(file).with_context(|| format!("{} can't be read", file.display()))?;
    document::read(&text)
        .map_err(|faults| document::refusal(&faults))
        .with_context(|| file.display().to_string())
}

/// Plays on every processor, until it is done or the user has seen enough.
async fn play(
    simulator: Arc<Simulator>,
    [policy, against]: [Policy; 2],
    json: bool,
    speech: Words,
) -> anyhow::Result<Report> {
    let stop = shutdown::on_signals();
    let progress = progress_bar(simulator.applications(), json)?;
    progress.set_message(speech.simulate_applications());
    let (bar, stopped, played) = (progress.clone(), stop.clone(), AtomicU64::new(0));
    let playing = spawn_blocking(move || {
        let threads = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        simulator.compare(&policy, &against, threads, &|| {
            let played = played.fetch_add(1, Ordering::Relaxed);
            if played.is_multiple_of(TOLD_EVERY) {
                bar.set_position(played);
            }
            !stopped.is_cancelled()
        })
    });
    let outcome = playing.await?;
    progress.finish_and_clear();
    outcome.map_err(|interrupted| match interrupted {
        Interrupted::Refused(rejection) => rejection.into(),
        Interrupted::Stopped => anyhow::anyhow!(interrupted),
    })
}

fn progress_bar(applications: u64, json: bool) -> anyhow::Result<ProgressBar> {
    let target = if json { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(applications), target);
    let style = ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} {msg} {eta}")?;
    Ok(bar.with_style(style))
}
