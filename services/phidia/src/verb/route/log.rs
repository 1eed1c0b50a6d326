//! `phidia route log`, `replay` and `verify`: the log of decisions.

use std::process::ExitCode;

use phidia_domain::caller::Role;
use phidia_proto::routing::v1::{
    Decision, ListDecisionsRequest, ReplayDecisionRequest, VerifyDecisionsRequest,
    routing_service_client::RoutingServiceClient,
};
use phidia_words::Words;

use super::{left_out, print_decision};
use crate::{
    client::Client,
    ending::Ending,
    show::{self, Zone},
};

/// A page of it.
pub(super) async fn list(client: &Client<'_>, after: i64, limit: i32) -> anyhow::Result<()> {
    let mut routing = RoutingServiceClient::new(client.peer(Role::Operator).await?);
    let page_token = if after == 0 { String::new() } else { after.to_string() };
    let answer =
        routing.list_decisions(ListDecisionsRequest { page_size: limit, page_token }).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.ListDecisionsResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.decisions.iter().map(|logged| {
        let decision = logged.decision.clone().unwrap_or_default();
        vec![
            logged.position.to_string(),
            show::work_item(logged.work_item.as_ref()),
            zone.instant(decision.decided_at.as_ref()),
            match logged.unassignable_reason.as_str() {
                "" if logged.decision.is_none() => {
                    format!("– ({})", speech.route_cannot_be_read_any_more())
                }
                "" => show::text(speech, decision.unit_name.as_ref()).to_owned(),
                reason => format!("– ({})", speech.why(reason)),
            },
            decision.policy,
            decision.assignment_id,
        ]
    });
    let headings = [
        speech.route_position(),
        speech.term_work_item(),
        speech.route_decided(),
        speech.route_unit(),
        speech.term_policy(),
        speech.term_decision(),
    ];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(())
}

/// One of its decisions, made again.
pub(super) async fn replay(client: &Client<'_>, assignment_id: String) -> anyhow::Result<ExitCode> {
    let mut routing = RoutingServiceClient::new(client.peer(Role::Operator).await?);
    let answer = routing.replay_decision(ReplayDecisionRequest { assignment_id }).await?.into_inner();
    let code = Ending::of(answer.same).into();
    if client.json() {
        show::json("phidia.routing.v1.ReplayDecisionResponse", &answer)?;
        return Ok(code);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let recorded = answer.recorded.unwrap_or_default();
    if let Some(decision) = &recorded.decision {
        print_outcome(speech, &zone, decision, &recorded.unassignable_reason);
    }
    let (version, revision) = (recorded.province_version, recorded.registry_revision);
    show::line(&speech.route_province_version_registry_revision_retries(recorded.retries, revision, version));
    if answer.same {
        show::line(speech.route_made_again_it_comes_out_the_same());
    } else {
        let differing = answer.differences.join(", ");
        show::line(&format!("{}: {differing}", speech.route_made_again_it_differs_in()));
        match &answer.replayed {
            Some(replayed) => {
                print_outcome(speech, &zone, replayed, &answer.replayed_unassignable_reason);
            }
            None => show::line(speech.route_some_unit_could_take_it()),
        }
    }
    Ok(code)
}

/// Whether it is as it was written.
pub(super) async fn verify(client: &Client<'_>) -> anyhow::Result<ExitCode> {
    let mut routing = RoutingServiceClient::new(client.peer(Role::Operator).await?);
    let mut after_position = 0;
    let answer = loop {
        let answer = routing.verify_decisions(VerifyDecisionsRequest { after_position }).await?.into_inner();
        let more = answer.broken_at == 0 && answer.verified_to < answer.last_position;
        if !more || answer.verified_to == after_position {
            break answer;
        }
        after_position = answer.verified_to;
    };
    let code = Ending::of(answer.broken_at == 0).into();
    if client.json() {
        show::json("phidia.routing.v1.VerifyDecisionsResponse", &answer)?;
        return Ok(code);
    }
    let speech = client.speech();
    let (verified, broken) = (answer.verified_to, answer.broken_at);
    let why = speech.why(&answer.broken_reason);
    show::line(&match broken {
        0 => speech.route_log_holds(verified),
        _ => speech.route_log_breaks(broken, why),
    });
    if answer.unlinked > 0 {
        show::line(&speech.route_decisions_of_the_last_moment_have_no(answer.unlinked));
    }
    let last: String = answer.last_hash.iter().map(|byte| format!("{byte:02x}")).collect();
    show::line(&format!("  {}: {last}", speech.route_last_hash()));
    Ok(code)
}

/// A decision, or why no unit could take it.
fn print_outcome(speech: Words, zone: &Zone, decision: &Decision, unassignable_reason: &str) {
    if unassignable_reason.is_empty() {
        return print_decision(speech, zone, decision);
    }
    let nobody = speech.route_no_unit_could_take_it();
    show::line(&format!("  {nobody}: {}", speech.why(unassignable_reason)));
    if let Some(left_out) = left_out(speech, decision) {
        show::line(&format!("  {left_out}"));
    }
}
