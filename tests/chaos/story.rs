//! One run: a house, its load, its faults, and the verdict.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use harness::{
    house::{Form, House, Part, Plan},
    province, workspace,
};
use phidia_proto::{events::v1::AssignmentGround, routing::v1::WorkState};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    check::{self, Violation},
    dispatch, errand,
    fault::Fault,
    history::{History, What},
    load,
    meddler::Meddler,
    office, probe, reading,
    recorder::Recorder,
    registrar, replay,
    schedule::Schedule,
    strike,
};

/// How long after the load everything may take to come to rest.
pub(crate) const TO_REST: Duration = Duration::from_secs(45);

/// How many look at a time whether work has resumed, each after a fault of its own.
const PROBES: usize = 3;

/// How often is looked whether it has.
const PAUSE: Duration = Duration::from_millis(50);

/// What came of a run.
pub(crate) struct Outcome {
    pub(crate) violations: Vec<Violation>,
    /// How long after each fault work resumed; none: it did not.
    pub(crate) resumed: Vec<Option<Duration>>,
    /// Applications that were handed in.
    pub(crate) accepted: usize,
    /// Work items that a supervisor sent elsewhere, that were rescued, and that were taken back.
    pub(crate) moved: [usize; 3],
    /// How long it took to build the house, to play, and to judge.
    pub(crate) took: [Duration; 3],
}

impl Outcome {
    /// Of a run that did not come to its end, for this reason.
    pub(crate) fn broken_off(why: String) -> Self {
        let violations = vec![Violation { kind: check::Kind::Unrest, what: format!("broken off: {why}") }];
        Self { violations, resumed: Vec::new(), accepted: 0, moved: [0; 3], took: [Duration::ZERO; 3] }
    }
}

/// Plays a schedule on a fresh house of this form with so many replicas of routing, and judges.
pub(crate) async fn play(form: Form, schedule: &Schedule, routing: usize) -> Outcome {
    let stage = Stage::build(&plan(form, schedule, routing), schedule.clone()).await;
    stage.play().await.verdict(TO_REST).await
}

/// A house for a run that has not begun.
pub(crate) struct Stage {
    pub(crate) house: House,
    meddler: Meddler,
    schedule: Schedule,
    built: Duration,
}

/// A run whose load is over.
pub(crate) struct Story {
    pub(crate) house: House,
    schedule: Schedule,
    recorder: Recorder,
    meddler: Meddler,
    resumed: Vec<Option<Duration>>,
    built: Duration,
    played: Duration,
}

impl Stage {
    /// A fresh house of this plan.
    pub(crate) async fn build(plan: &Plan, schedule: Schedule) -> Self {
        let since = Instant::now();
        let house = House::build(plan).await;
        house.import(&province::files()).await;
        let meddled = schedule.blows.iter().any(|blow| matches!(blow.fault, Fault::Refuse | Fault::Repeat));
        let meddler = if meddled { Meddler::between(&house).await } else { Meddler::default() };

        Self { house, meddler, schedule, built: since.elapsed() }
    }

    /// Plays the schedule on it.
    pub(crate) async fn play(self) -> Story {
        let Self { house, meddler, schedule, built } = self;
        let recorder = Recorder::start();
        let (intake, processing) = (house.endpoint(Part::Intake), house.endpoint(Part::Processing));
        let (close, closed) = watch::channel(false);
        let office = tokio::spawn(office::work(recorder.clone(), processing.clone(), closed.clone()));
        let routing = house.endpoint(Part::Routing);
        let dispatch = tokio::spawn(dispatch::work(recorder.clone(), routing.clone(), closed.clone()));
        let errands = tokio::spawn(errand::work(recorder.clone(), intake.clone(), closed.clone()));
        let registrar = tokio::spawn(registrar::work(routing, schedule.seed, closed));
        let load = tokio::spawn(load::hand_in(recorder.clone(), intake.clone(), schedule.arrivals.clone()));
        let (mut probes, mut resumed) = (VecDeque::<JoinHandle<_>>::new(), Vec::new());
        for (number, blow) in schedule.blows.iter().enumerate() {
            // Where work does not resume for long, those who look for it must not become what keeps it from it.
            if probes.len() == PROBES
                && let Some(first) = probes.pop_front()
            {
                resumed.push(first.await.unwrap());
            }
            let mending = strike::strike(&house, &recorder, blow, &meddler).await;
            let (recorder, intake, processing) = (recorder.clone(), intake.clone(), processing.clone());
            let name = format!("probe-{}-{number}", schedule.seed);
            let probe = async move { probe::resumed(&recorder, &intake, &processing, &name).await };
            probes.push_back(tokio::spawn(probe));
            if let Some(mending) = mending {
                mending.await.unwrap();
            }
        }
        for probe in probes {
            resumed.push(probe.await.unwrap());
        }
        load.await.unwrap();
        close.send_replace(true);
        office.await.unwrap();
        errands.await.unwrap();
        dispatch.await.unwrap();
        registrar.await.unwrap();
        let played = recorder.now();
        Story { house, schedule, recorder, meddler, resumed, built, played }
    }
}

impl Story {
    /// Judges it; within `to_rest` everything has to be as it should be.
    pub(crate) async fn verdict(&self, to_rest: Duration) -> Outcome {
        let Self { house, schedule, recorder, meddler, resumed, built, played } = self;
        let since = Instant::now();
        let (mut violations, mut history) = at_rest(house, recorder, meddler, to_rest).await;
        if violations.is_empty() && !history.refused_by_sink.is_empty() {
            // The sink is mended, and somebody sees to what is parked: then it is as if nothing had been.
            let refused = meddler.forgive();
            assert_eq!(replay::replay(house).await, refused, "what is parked is what was refused");
            (violations, history) = at_rest(house, recorder, meddler, to_rest).await;
        }
        let stuck = schedule.blows.iter().zip(resumed).filter(|(_, resumed)| resumed.is_none());
        let stuck = stuck.map(|(blow, _)| format!("work did not resume after {}", blow.fault));
        let unrest = stuck.chain(house.mishaps());
        violations.extend(unrest.map(|what| Violation { kind: check::Kind::Unrest, what }));
        if !violations.is_empty() {
            keep(house, schedule, &history, &violations).await;
        }
        let (accepted, took) = (history.rest.applications.len(), [*built, *played, since.elapsed()]);
        Outcome { violations, resumed: resumed.clone(), accepted, moved: moved(&history), took }
    }
}

/// The house that a schedule needs, with so many replicas of routing, where it is split.
pub(crate) fn plan(form: Form, schedule: &Schedule, routing: usize) -> Plan {
    let mut plan = Plan::of(form);
    plan.replicas.insert(Part::Routing, routing);
    for blow in &schedule.blows {
        if let Fault::Oversleep(part) = blow.fault {
            let replicas = plan.replicas.entry(part).or_default();
            *replicas = 2.max(*replicas);
        }
    }
    // Leases are shorter than a replica oversleeps. What is late is looked for all the time. And no board is mended that
    // drifts: whatever it counts wrong is still there at the end.
    plan.settings = "[routing]\nlease_seconds = 2\nrescue_seconds = 1\ndrift_millis = 3600000\n".into();
    plan
}

/// How much was sent elsewhere, rescued, and taken back.
fn moved(history: &History) -> [usize; 3] {
    let records = || history.rest.routed.values().flatten();
    let of_ground = |ground| {
        let decisions = records().filter_map(|record| record.decision.as_ref());
        decisions.filter(|decision| decision.ground() == ground).count()
    };
    let released = records().filter(|record| record.state() == WorkState::Released).count();
    let (sent, rescued) = (of_ground(AssignmentGround::Overridden), of_ground(AssignmentGround::Rescued));
    [sent, rescued, released.saturating_sub(sent + rescued)]
}

/// Judges what is there once nothing moves any more: what still comes right was only late. What is wrong in
/// the answers themselves stays wrong.
async fn at_rest(
    house: &House,
    recorder: &Recorder,
    meddler: &Meddler,
    to_rest: Duration,
) -> (Vec<Violation>, History) {
    let since = Instant::now();
    let calls = recorder.calls();
    let receipts = calls.iter().filter_map(|call| match &call.what {
        What::Submit { answer, .. } => answer.given().cloned(),
        _ => None,
    });
    let receipts: Vec<_> = receipts.collect();
    let mut history = History { calls, refused_by_sink: meddler.refused(), ..History::default() };
    loop {
        let late = since.elapsed() > to_rest;
        if !late && !matches!(reading::moves(house).await, Ok(false)) {
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        match reading::read(house, &receipts).await {
            Ok(rest) => {
                history.rest = rest;
                history.refused_by_sink = meddler.refused();
                let violations = check::check(&history);
                if violations.is_empty() || late {
                    return (violations, history);
                }
            }
            Err(status) => assert!(!late, "a service does not answer at rest: {status:?}"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Keeps what may explain a violation, and says where.
async fn keep(house: &House, schedule: &Schedule, history: &History, violations: &[Violation]) {
    let name = match schedule.blows.len() {
        0..5 => schedule.blows.iter().map(|blow| blow.fault.to_string()).collect::<Vec<_>>().join("+"),
        // A name has 255 bytes.
        many => format!("{many}-faults"),
    };
    let folder: PathBuf = workspace::target().join("chaos").join(format!("{name}-{}", schedule.seed));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for file in fs::read_dir(house.folder()).unwrap().flatten() {
        if file.path().extension().is_some_and(|extension| extension == "log" || extension == "toml") {
            fs::copy(file.path(), folder.join(file.file_name())).unwrap();
        }
    }
    if house.form() == Form::Cluster {
        fs::write(folder.join("postgres.log"), house.postgres(|postgres| postgres.log()).await).unwrap();
        fs::write(folder.join("redis.log"), house.redis(|redis| redis.log()).await).unwrap();
    }
    let mut text = format!("{:#?}\n", schedule.blows);
    for violation in violations {
        writeln!(text, "{violation}").unwrap();
    }
    fs::write(folder.join("violations.txt"), text).unwrap();
    fs::write(folder.join("history.txt"), format!("{history:#?}")).unwrap();
}
