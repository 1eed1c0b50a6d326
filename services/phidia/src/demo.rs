//! `phidia demo`: one working day of a province, played twice on the real services – with Phidia, and with
//! every application worked at home – from the first citizen until the last result.
//!
//! - [`demand`]: who hands what in, where and when; drawn from a seed
//! - [`turn`]: what comes of an application besides a result: something is missing, others are asked, a mistake
//! - [`corridor`]: which procedures are in a green corridor
//! - [`day`]: plays the day, with an officer who falls ill and a centre that is flooded; business time moves only when
//!   nothing is in flight, so that the same seed gives the same figures on any machine
//! - [`house`]: the services that it is played on: in this process, and in test builds also in processes of
//!   their own (`split`)
//! - [`report`]: what came of it

mod corridor;
mod day;
mod demand;
mod house;
mod patience;
mod report;
#[cfg(any(debug_assertions, feature = "rehearsal"))]
mod split;
mod turn;

use std::{path::Path, process::ExitCode, sync::Arc, time::Instant};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use phidia_domain::{
    province::{Documents, Province},
    route::Policy,
};
use phidia_runtime::{
    clock::{BusinessClock, ManualClock},
    database::{DatabaseConfig, SqliteSynchronous},
    ids::Ids,
    shutdown, telemetry,
};
use phidia_words::Words;
use tokio::{net::TcpListener, runtime::Builder, sync::oneshot, task::spawn_blocking};
use tokio_util::sync::CancellationToken;

use crate::{
    bundled::{self, Files},
    command,
    config::{Databases, Settings},
    demo::{
        day::{Day, Guest},
        demand::Demand,
        house::House,
        report::Report,
    },
    embedded::{self, Embedded},
    ending::Ending,
    show,
};

/// What both runs of a day share.
struct Play {
    province: Province,
    facts: Files,
    demand: Demand,
    seed: u64,
    progress: ProgressBar,
}

/// Plays the day.
pub(crate) async fn run(options: &command::Demo, json: bool, speech: Words) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let stop = shutdown::on_signals();
    let (mut facts, demand_files) = bundled::province(options.province.as_deref())?;
    corridor::put(&mut facts)?;
    let province = Province::parse(&Documents(facts.clone())).map_err(|faults| {
        anyhow::anyhow!(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })?;
    let demand = Demand::draw(&demand_files, &province, options.applications, options.seed)?;
    let temporary = tempfile::tempdir().context("no temporary folder can be made")?;
    let folder = options.data.as_deref().unwrap_or_else(|| temporary.path());
    if options.data.is_some() && folder.join("phidia").exists() {
        anyhow::bail!("{} has a played day already; name another folder", folder.display());
    }
    let play = Play {
        progress: progress_bar(options.applications, json)?,
        province,
        facts,
        demand,
        seed: options.seed,
    };

    play.progress.set_message(speech.demo_results_both_runs_together());
    #[cfg(any(debug_assertions, feature = "rehearsal"))]
    if let [with_phidia, home_only] = options.against.as_slice() {
        let (with_phidia, home_only) = tokio::try_join!(
            play.against(with_phidia, Policy::boundary_free(), &stop),
            play.against(home_only, Policy::home_only(), &stop),
        )?;
        return play.tell([&with_phidia, &home_only], began, json, speech);
    }
    // Two clusters that know nothing of each other, each on a thread of its own: what one wakes is at hand.
    let play = Arc::new(play);
    let home_only = {
        let (play, stop) = (Arc::clone(&play), stop.clone());
        let folder = folder.join("home-only");
        spawn_blocking(move || {
            Builder::new_current_thread()
                .enable_all()
                .build()?
                .block_on(async { play.run(&folder, Policy::home_only(), &stop).await })
        })
    };
    let with_phidia = folder.join("phidia");
    let with_phidia = play.run(&with_phidia, Policy::boundary_free(), &stop);
    let played = tokio::try_join!(async { home_only.await? }, with_phidia);
    if played.is_err() {
        stop.cancel();
    }
    let (home_only, with_phidia) = played?;
    let told = play.tell([&with_phidia, &home_only], began, json, speech)?;
    if options.keep_running {
        play.live(&folder.join("living"), options, stop, speech).await?;
    }
    Ok(told)
}

impl Play {
    /// Tells what came of both runs: with Phidia, and at home.
    fn tell(
        &self,
        [with_phidia, home_only]: [&report::Outcome; 2],
        began: Instant,
        json: bool,
        speech: Words,
    ) -> anyhow::Result<ExitCode> {
        self.progress.finish_and_clear();
        let report = Report {
            seed: self.seed,
            day: demand::DAY,
            with_phidia,
            home_only,
            province: &self.province,
            seconds: began.elapsed().as_secs_f64(),
        };
        if json {
            report.print_json()?
        } else {
            report.print(speech)
        }
        let holds = [with_phidia, home_only].into_iter().all(report::Outcome::is_whole);
        Ok(Ending::of(holds).into())
    }

    /// Plays the whole day under one policy in a folder of its own.
    async fn run(
        &self,
        folder: &Path,
        policy: Policy,
        stop: &CancellationToken,
    ) -> anyhow::Result<report::Outcome> {
        let mut settings = Settings { data: folder.to_owned(), ..Settings::default() };
        settings.log.filter = "warn".to_owned();
        settings.routing.policy = policy;
        // The clock is moved while others look at it: what a look would find at one instant is not the same on every
        // machine.
        settings.routing.rescue_seconds = 0;
        settings.routing.retry_seconds = 0;
        settings.processing.look_millis = 0;
        settings.databases = day_long_databases(folder);
        telemetry::init(&settings.log)?;
        std::fs::create_dir_all(folder).with_context(|| format!("{} can't be made", folder.display()))?;

        let clock = Arc::new(ManualClock::new(self.demand.opening(&self.province)?));
        let business = BusinessClock::manual(clock.clone());
        let mut embedded = Embedded::build(&settings, &business, &Ids::seeded(self.seed)).await?;
        let workers = embedded.start(stop);
        let outcome = self.on(&House::embedded(&embedded, &clock), stop).await?;
        workers.stop(settings.grace()).await;
        Ok(outcome)
    }

    /// Lives through the day once more from an hour on, with all that a house does by itself, for whoever looks.
    async fn live(
        &self,
        folder: &Path,
        options: &command::Demo,
        stop: CancellationToken,
        speech: Words,
    ) -> anyhow::Result<()> {
        let mut settings =
            Settings { data: folder.to_owned(), listen: options.listen, ..Settings::default() };
        settings.web.listen = options.web;
        settings.log.filter = "warn".to_owned();
        settings.routing.policy = Policy::boundary_free();
        std::fs::create_dir_all(folder).with_context(|| format!("{} can't be made", folder.display()))?;
        show::aside(&speech.demo_comes_to_life(options.until.strftime("%H:%M")));

        let clock = Arc::new(ManualClock::new(self.demand.opening(&self.province)?));
        let business = BusinessClock::manual(clock.clone());
        let mut embedded = Embedded::build(&settings, &business, &Ids::random()).await?;
        let workers = embedded.start(&stop);
        let house = House::embedded(&embedded, &clock);
        embedded::import(house.intake.clone(), self.facts.clone()).await?;
        let from = self.province.clock.time_zone().to_timestamp(demand::DAY.to_datetime(options.until))?;
        let (told, guest) = oneshot::channel::<Guest>();
        let progress = ProgressBar::hidden();
        let day = Day::new(&self.province, &house, &progress);
        let serving = async {
            let Ok(guest) = guest.await else { return std::future::pending().await };
            let listen = settings.listen;
            let listener =
                TcpListener::bind(listen).await.with_context(|| format!("{listen} can't be listened on"))?;
            let words = speech.demo_still_running_at();
            show::line(&format!(
                "phidia listens on http://{} ({words} {})",
                listener.local_addr()?,
                settings.data.display()
            ));
            let portal = embedded.open_portal(&settings, business.clone(), true, &stop).await?;
            show::line(&speech.demo_sign_in_as(
                guest.officers.join(", "),
                &guest.unit,
                show::name(speech, &guest.unit_name),
            ));
            embedded.serve(listener, &settings, stop.clone()).await?;
            if let Some(portal) = portal {
                portal.await?;
            }
            anyhow::Ok(())
        };
        tokio::select! {
            ended = day.live(&self.demand, from, told) => ended?,
            served = serving => served?,
            () = async { stop.cancelled().await; tokio::time::sleep(settings.grace()).await } => {}
        }
        workers.stop(settings.grace()).await;
        Ok(())
    }

    /// Plays the whole day under one policy in processes that run already, with empty stores.
    #[cfg(any(debug_assertions, feature = "rehearsal"))]
    async fn against(
        &self,
        config: &Path,
        policy: Policy,
        stop: &CancellationToken,
    ) -> anyhow::Result<report::Outcome> {
        let house = split::house(config, self.seed, &policy)?;
        house.set(self.demand.opening(&self.province)?)?;
        self.on(&house, stop).await
    }

    /// Brings the province in, and plays until the last result.
    async fn on(&self, house: &House<'_>, stop: &CancellationToken) -> anyhow::Result<report::Outcome> {
        embedded::import(house.intake.clone(), self.facts.clone()).await?;
        let day = Day::new(&self.province, house, &self.progress);
        tokio::select! {
            outcome = day.play(&self.demand) => outcome,
            () = stop.cancelled() => anyhow::bail!("stopped before the day was over"),
        }
    }
}

/// A played day survives the death of its process; it need not survive the power going, and on a slow disk
/// that would be most of the waiting.
fn day_long_databases(folder: &Path) -> Databases {
    let database = |file: &str| {
        let sqlite = DatabaseConfig::sqlite(&folder.join(file));
        // Nearly nothing is asked at the same time: few readers keep their caches warm.
        Some(DatabaseConfig { sqlite_synchronous: SqliteSynchronous::Normal, max_connections: 2, ..sqlite })
    };
    Databases {
        intake: database("intake.db"),
        routing: database("routing.db"),
        processing: database("processing.db"),
        notification: database("notification.db"),
    }
}

fn progress_bar(applications: u32, json: bool) -> anyhow::Result<ProgressBar> {
    let target = if json { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(u64::from(applications) * 2), target);
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} {prefix} {msg} {elapsed}")?;
    Ok(bar.with_style(style))
}
