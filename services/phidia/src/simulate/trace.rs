//! What was really decided at an endpoint, played there under two policies.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use phidia_domain::caller::Role;
use phidia_proto::{
    convert,
    routing::v1::{
        DecisionTrace, FigureComparison, FigureEstimate, LoadResult, PlayedUnit, PlayedWay, SimulateRequest,
        SimulateResponse, TraceResult, routing_service_client::RoutingServiceClient, simulate_request::Start,
        simulate_response::Answer,
    },
};
use phidia_routing::simulate::{
    AtLoad, Comparison, Conditions, Estimate, Flow, Measure, Place, Played, Report, TraceFacts,
};

use super::{progress_bar, table, write_page};
use crate::{client::Client, command, show};

/// Asks the endpoint, and shows its answer. Policies are documents; an empty first one is what decides there now.
pub(super) async fn run(
    client: &Client<'_>,
    options: &command::Simulate,
    [policy, against]: [String; 2],
) -> anyhow::Result<()> {
    let speech = client.speech();
    let mut routing = RoutingServiceClient::new(client.peer(Role::Operator).await?);
    let trace = DecisionTrace { against, after_position: options.after, seed: options.first_seed };
    let request = SimulateRequest { policy, start: Some(Start::Trace(trace)) };
    let progress = progress_bar(0, client.json())?;
    progress.set_message(speech.term_steps());
    let mut answers = routing.simulate(request).await?.into_inner();
    let mut last = None;
    while let Some(answer) = answers.message().await? {
        match answer.answer {
            Some(Answer::Progress(told)) => {
                // Every application has one step at the least.
                progress.set_length(told.applications.max(told.steps));
                progress.set_position(told.steps);
            }
            answer => last = answer,
        }
    }
    progress.finish_and_clear();
    let Answer::Trace(result) = last.context("the endpoint gave no answer")? else {
        bail!("the endpoint answered something else than was asked")
    };
    let report = report(&result)?;
    write_page(options, &report, speech)?;
    if client.json() {
        let answer = SimulateResponse { answer: Some(Answer::Trace(result)) };
        return show::json("phidia.routing.v1.SimulateResponse", &answer);
    }
    table::print(&report, speech);
    Ok(())
}

/// As a report of what was played here.
fn report(result: &TraceResult) -> anyhow::Result<Report> {
    let played = result.played.as_ref().context("the endpoint gave no figures")?;
    let day = |text: &str| text.parse().with_context(|| format!("the endpoint named no day: “{text}”"));
    Ok(Report {
        province: result.province_code.clone(),
        name: convert::text(result.province_name.clone()),
        played: Played::Trace(TraceFacts {
            decisions: result.decisions,
            steps: result.steps,
            left_out: result.left_out_steps,
            first_day: day(&result.first_day)?,
            last_day: day(&result.last_day)?,
            seed: result.seed,
        }),
        policy: result.policy.clone(),
        against: result.against.clone(),
        conditions: Conditions { effort_sigma: result.effort_sigma, ..Conditions::PLANNED },
        loads: vec![at_load(played, &result.units, &result.ways)],
        measured: None,
    })
}

fn at_load(played: &LoadResult, units: &[PlayedUnit], ways: &[PlayedWay]) -> AtLoad {
    // A figure that only a later version knows cannot be named here.
    let known =
        played.figures.iter().filter_map(|(name, figure)| Some((Measure::named(name)?, comparison(figure))));
    AtLoad {
        load: played.load,
        applications: played.applications,
        optimum_applications: 0,
        figures: BTreeMap::from_iter(known),
        places: units.iter().map(place).collect(),
        flows: ways
            .iter()
            .map(|way| Flow {
                from: way.from_code.clone(),
                to: way.to_code.clone(),
                applications: way.applications,
            })
            .collect(),
    }
}

fn comparison(figure: &FigureComparison) -> Comparison {
    let estimate = |estimate: Option<FigureEstimate>| {
        let FigureEstimate { mean, half_width } = estimate.unwrap_or_default();
        Estimate { mean, half_width }
    };
    Comparison {
        policy: estimate(figure.policy),
        against: estimate(figure.against),
        difference: estimate(figure.difference),
    }
}

fn place(unit: &PlayedUnit) -> Place {
    Place {
        code: unit.code.clone(),
        name: convert::text(unit.name.clone()),
        position: unit.latitude.zip(unit.longitude),
        applications: unit.applications,
        on_time: [unit.on_time, unit.on_time_against],
    }
}
