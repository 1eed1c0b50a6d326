//! `RoutingService.Simulate`.

use std::sync::Arc;

use phidia_domain::{Rejection, route::Policy};
use phidia_proto::{
    convert,
    routing::v1::{
        FigureComparison, FigureEstimate, LiveMove, LiveResult, LoadResult, PlayedUnit, PlayedWay,
        QuarterResult, SimulateRequest, SimulateResponse, SimulatedQuarter, SimulationProgress, TraceResult,
        simulate_request::Start, simulate_response::Answer,
    },
};
use phidia_runtime::{failure::Failure, status::of_failure};
use tokio::{sync::mpsc, task::spawn_blocking};
use tonic::{Status, codegen::tokio_stream::wrappers::ReceiverStream};

use crate::{
    Routing,
    foresee::{Foreseen, Playable, Stage},
    simulate::{
        AtLoad, Conditions, Estimate, Experiment, Flow, Interrupted, Place, Played, QUARTERLY_APPLICATIONS,
        Report,
    },
};

/// What a caller hears.
pub(super) type Answers = ReceiverStream<Result<SimulateResponse, Status>>;

/// How many messages wait for a caller who listens slowly.
const WAITING: usize = 8;
/// How many moves are told at most.
const MOVES: usize = 1_000;

pub(super) async fn simulate(routing: &Arc<Routing>, request: SimulateRequest) -> Result<Answers, Failure> {
    let policy = match routing.policy_of("policy", &request.policy)? {
        Some(policy) => policy,
        None => Policy::clone(&*routing.policies.active().await?),
    };
    let stage = routing.stage()?;
    let (told, answers) = mpsc::channel(WAITING);
    match request.start {
        None => return Err(convert::missing("start").into()),
        Some(Start::Live(_)) => {
            let foreseen = routing.foresee(policy, &stage).await?;
            let answer = SimulateResponse { answer: Some(Answer::Live(live(&foreseen))) };
            // There is room for it.
            let _ = told.try_send(Ok(answer));
        }
        Some(Start::Quarter(asked)) => {
            let against = routing.against("quarter.against", &asked.against)?;
            let experiment = experiment(&asked)?;
            let simulator = routing.simulator(experiment, asked.demand_files).await?;
            spawn_blocking(move || play(&Playable::Quarter(simulator), &policy, &against, &told, stage));
        }
        Some(Start::Trace(asked)) => {
            let against = routing.against("trace.against", &asked.against)?;
            let trace = routing.trace(asked.after_position, asked.seed, &stage).await?;
            spawn_blocking(move || play(&Playable::Trace(trace), &policy, &against, &told, stage));
        }
    }
    Ok(ReceiverStream::new(answers))
}

/// Plays while somebody listens; `_stage` is the right to.
fn play(
    playable: &Playable,
    policy: &Policy,
    against: &Policy,
    told: &mpsc::Sender<Result<SimulateResponse, Status>>,
    _stage: Stage,
) {
    let applications = playable.applications();
    let played = playable.play(policy, against, &|steps| {
        let progress = Answer::Progress(SimulationProgress { steps, applications });
        // Who listens slowly misses some of it; who has left, all.
        let _ = told.try_send(Ok(SimulateResponse { answer: Some(progress) }));
        !told.is_closed()
    });
    let last = match played {
        Ok(report) => Ok(SimulateResponse { answer: Some(answer(&report)) }),
        Err(Interrupted::Refused(rejection)) => Err(of_failure(rejection.into())),
        Err(Interrupted::Stopped) => return,
    };
    let _ = told.blocking_send(last);
}

fn experiment(asked: &SimulatedQuarter) -> Result<Experiment, Rejection> {
    let or = |number: u32, usual: u32| if number == 0 { usual } else { number };
    if asked.quarter.is_empty() {
        return Err(convert::missing("quarter.quarter"));
    }
    Ok(Experiment {
        quarter: asked.quarter.parse().map_err(|refusal: Rejection| refusal.under("quarter"))?,
        days: Some(asked.days).filter(|days| *days > 0),
        applications: or(asked.applications, QUARTERLY_APPLICATIONS),
        loads: asked.loads.clone(),
        first_seed: asked.first_seed,
        seeds: or(asked.seeds, 1),
        conditions: Conditions::default(),
        optimum_days: 5,
    })
}

fn answer(report: &Report) -> Answer {
    let (policy, against) = (report.policy.clone(), report.against.clone());
    match &report.played {
        Played::Quarter { .. } => {
            Answer::Quarter(QuarterResult { policy, against, loads: report.loads.iter().map(load).collect() })
        }
        Played::Trace(facts) => Answer::Trace(TraceResult {
            policy,
            against,
            province_code: report.province.clone(),
            province_name: Some(convert::wire_text(&report.name)),
            decisions: facts.decisions,
            steps: facts.steps,
            left_out_steps: facts.left_out,
            first_day: facts.first_day.to_string(),
            last_day: facts.last_day.to_string(),
            seed: facts.seed,
            effort_sigma: report.conditions.effort_sigma,
            played: report.loads.first().map(load),
            units: report.loads.iter().flat_map(|load| &load.places).map(unit).collect(),
            ways: report.loads.iter().flat_map(|load| &load.flows).map(way).collect(),
        }),
    }
}

fn load(at: &AtLoad) -> LoadResult {
    let figures = at.figures.iter().map(|(measure, figure)| {
        let comparison = FigureComparison {
            policy: Some(estimate(figure.policy)),
            against: Some(estimate(figure.against)),
            difference: Some(estimate(figure.difference)),
        };
        (measure.name().to_owned(), comparison)
    });
    LoadResult { load: at.load, applications: at.applications, figures: figures.collect() }
}

fn unit(place: &Place) -> PlayedUnit {
    let [on_time, on_time_against] = place.on_time;
    PlayedUnit {
        code: place.code.clone(),
        name: Some(convert::wire_text(&place.name)),
        latitude: place.position.map(|(latitude, _)| latitude),
        longitude: place.position.map(|(_, longitude)| longitude),
        applications: place.applications,
        on_time,
        on_time_against,
    }
}

fn way(flow: &Flow) -> PlayedWay {
    let Flow { from, to, applications } = flow.clone();
    PlayedWay { from_code: from, to_code: to, applications }
}

fn estimate(Estimate { mean, half_width }: Estimate) -> FigureEstimate {
    FigureEstimate { mean, half_width }
}

fn live(foreseen: &Foreseen) -> LiveResult {
    let today = &foreseen.today.value;
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let forecasts = &foreseen.forecasts;
    let moving = || forecasts.iter().filter(|forecast| forecast.from != forecast.to);
    let late = |which: usize| count(forecasts.iter().filter(|forecast| forecast.is_late()[which]).count());
    let name = |unit| Some(convert::wire_text(&today.name(unit)));
    LiveResult {
        policy: format!("{}@{}", foreseen.policy.name, foreseen.policy.version),
        open_items: count(forecasts.len() + foreseen.begun),
        begun_items: count(foreseen.begun),
        staying_items: count(forecasts.len() - moving().count()),
        moving_items: count(moving().count()),
        late_before: late(0),
        late_after: late(1),
        moves: moving()
            .take(MOVES)
            .map(|forecast| LiveMove {
                work_item: Some(convert::wire_work_item(forecast.request.work_item)),
                from_unit_id: forecast.from.to_string(),
                from_unit_name: name(forecast.from),
                to_unit_id: forecast.to.to_string(),
                to_unit_name: name(forecast.to),
                ground: convert::wire_ground(forecast.ground).into(),
                due_at: forecast.request.due_at.map(convert::wire_timestamp),
                finish_before: forecast.finish_before.map(convert::wire_timestamp),
                finish_after: forecast.finish_after.map(convert::wire_timestamp),
            })
            .collect(),
    }
}
