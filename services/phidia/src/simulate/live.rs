//! What a policy would do to the cases that are open at an endpoint now.

use anyhow::{Context as _, bail};
use phidia_domain::caller::Role;
use phidia_proto::{
    events::v1::AssignmentGround,
    routing::v1::{
        LiveCases, LiveResult, SimulateRequest, routing_service_client::RoutingServiceClient,
        simulate_request::Start, simulate_response::Answer,
    },
};
use phidia_words::Words;

use crate::{
    client::Client,
    show::{self, Zone},
};

/// How many moves are shown in a table.
const SHOWN: usize = 40;

/// Asks the endpoint, and shows its answer. `policy` is a document; an empty one is what decides there now.
pub(super) async fn run(client: &Client<'_>, policy: String) -> anyhow::Result<()> {
    let mut routing = RoutingServiceClient::new(client.peer(Role::Operator).await?);
    let request = SimulateRequest { policy, start: Some(Start::Live(LiveCases {})) };
    let mut answers = routing.simulate(request).await?.into_inner();
    let answer = answers.message().await?.context("the endpoint gave no answer")?;
    let Some(Answer::Live(result)) = &answer.answer else {
        bail!("the endpoint answered something else than was asked")
    };
    if client.json() {
        return show::json("phidia.routing.v1.SimulateResponse", &answer);
    }
    print(result, client.speech(), &client.zone().await);
    Ok(())
}

fn print(result: &LiveResult, speech: Words, zone: &Zone) {
    show::facts(vec![
        (speech.term_policy(), result.policy.clone()),
        (speech.simulate_open_work_items(), result.open_items.to_string()),
        (speech.simulate_begun_by_an_officer(), result.begun_items.to_string()),
        (speech.simulate_would_stay(), result.staying_items.to_string()),
        (speech.simulate_would_move(), result.moving_items.to_string()),
        (
            speech.simulate_predicted_late_before_after(),
            format!("{} → {}", result.late_before, result.late_after),
        ),
    ]);
    show::line(speech.simulate_all_that_nobody_has_begun_is_decided());
    let rows: Vec<_> = (result.moves.iter().take(SHOWN))
        .map(|moved| {
            let why = match moved.ground() {
                AssignmentGround::Need => speech.simulate_need(),
                AssignmentGround::Gain => speech.simulate_gain(),
                _ => speech.simulate_home(),
            };
            vec![
                show::work_item(moved.work_item.as_ref()),
                show::text(speech, moved.from_unit_name.as_ref()),
                show::text(speech, moved.to_unit_name.as_ref()),
                why.to_owned(),
                zone.instant(moved.due_at.as_ref()),
                zone.instant(moved.finish_before.as_ref()),
                zone.instant(moved.finish_after.as_ref()),
            ]
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    let headings = [
        speech.term_work_item(),
        speech.simulate_from(),
        speech.simulate_to(),
        speech.simulate_why(),
        speech.simulate_due(),
        speech.simulate_finish_before(),
        speech.simulate_finish_after(),
    ];
    show::table(&headings, rows);
    if result.moves.len() > SHOWN {
        show::aside(speech.simulate_there_are_more());
    }
}
