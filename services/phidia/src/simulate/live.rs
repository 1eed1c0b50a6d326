//! What a policy would do to the cases that are open at an endpoint now.

use anyhow::{Context as _, bail};
use phidia_domain::{application::Language, caller::Role};
use phidia_proto::{
    events::v1::AssignmentGround,
    routing::v1::{
        LiveCases, LiveResult, SimulateRequest, routing_service_client::RoutingServiceClient,
        simulate_request::Start, simulate_response::Answer,
    },
};

use crate::{
    client::Client,
    show::{self, Zone, say},
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

fn print(result: &LiveResult, speech: Language, zone: &Zone) {
    show::facts(vec![
        (say(speech, "Chính sách", "Policy"), result.policy.clone()),
        (say(speech, "Việc đang mở", "Open work items"), result.open_items.to_string()),
        (say(speech, "  đã có người làm", "  begun by an officer"), result.begun_items.to_string()),
        (say(speech, "  ở lại", "  would stay"), result.staying_items.to_string()),
        (say(speech, "  chuyển đi", "  would move"), result.moving_items.to_string()),
        (
            say(speech, "Dự kiến trễ, trước → sau", "Predicted late, before → after"),
            format!("{} → {}", result.late_before, result.late_after),
        ),
    ]);
    show::line(say(
        speech,
        "Mọi việc chưa ai làm được quyết định lại từ đầu, việc gấp trước; lợi là so với nơi có thẩm quyền, không phải với nơi đang giữ.",
        "All that nobody has begun is decided anew, the most urgent first; a gain is over its home, not over where it is.",
    ));
    let rows: Vec<_> = (result.moves.iter().take(SHOWN))
        .map(|moved| {
            let why = match moved.ground() {
                AssignmentGround::Need => say(speech, "vì cần", "need"),
                AssignmentGround::Gain => say(speech, "vì có lợi", "gain"),
                _ => say(speech, "về nơi có thẩm quyền", "home"),
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
        say(speech, "Việc", "Work item"),
        say(speech, "Từ", "From"),
        say(speech, "Đến", "To"),
        say(speech, "Lý do", "Why"),
        say(speech, "Hạn trả", "Due"),
        say(speech, "Xong, trước", "Finish, before"),
        say(speech, "Xong, sau", "Finish, after"),
    ];
    show::table(&headings, rows);
    if result.moves.len() > SHOWN {
        show::aside(say(speech, "… còn nữa", "… there are more"));
    }
}
