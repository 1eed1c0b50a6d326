//! Why a case is where it is: every decision, in words, with who was weighed and where they lie.

use axum::extract::{Path, State};
use maud::{Markup, html};
use phidia_proto::{
    processing::v1::get_case_request::Key,
    routing::v1::{
        Candidate, Decision, ExplainAssignmentRequest, Gate, Relocation, Ring, WorkRecord, WorkState,
        routing_service_client::RoutingServiceClient,
    },
};
use phidia_words::Words;

use super::{case, instant};
use crate::{
    Portal,
    page::{Look, Page},
    part,
    picture::candidates::{self, Spot},
    services::{Units, soon},
    trouble::{Trouble, capital},
    visitor::{AtWork, Visitor},
};

pub(super) async fn show(
    State(portal): State<Portal>,
    visitor: AtWork,
    Path(application_id): Path<String>,
) -> Result<Page, Trouble> {
    let words = visitor.words;
    let request = soon(ExplainAssignmentRequest { application_id: application_id.clone() });
    let mut routing = RoutingServiceClient::new(portal.routing(&visitor));
    let (answer, known, units) = tokio::try_join!(
        async { Ok(routing.explain_assignment(request).await?.into_inner()) },
        case::get(&portal, &visitor, Key::ApplicationId(application_id.clone())),
        portal.units(),
    )?;
    let case = known.case.unwrap_or_default();
    let main = html! {
        p { a href=(case::path(&application_id)) data-press="u" { (words.web_work_dossier_title(&case.dossier_code)) } }
        h1 { (words.web_work_why_here()) }
        p.soft { (visitor.text(case.procedure_name.as_ref())) }
        // What is asked is why it is where it is now: that first.
        @for (place, record) in answer.records.iter().rev().enumerate() {
            @if place == 0 {
                section { h2 { (heading(words, record)) } (drawn(&visitor, &units, record)) }
            } @else {
                details { summary { (heading(words, record)) } (drawn(&visitor, &units, record)) }
            }
        }
    };
    Ok(Page::new(words.web_work_why_here(), main).with_look(Look::Work))
}

/// The step, and how it stands.
fn heading(words: Words, record: &WorkRecord) -> String {
    let (step, attempt) = record.work_item.as_ref().map_or((0, 0), |item| (item.step, item.attempt));
    words.web_work_why_step(attempt, capital(stands(words, record.state())), step)
}

fn stands(words: Words, state: WorkState) -> &'static str {
    match state {
        WorkState::Unspecified => "–",
        WorkState::Waiting => words.term_waiting(),
        WorkState::Unassignable => words.route_cannot_be_assigned(),
        WorkState::Assigned => words.route_assigned(),
        WorkState::Done => words.term_done(),
        WorkState::Released => words.term_taken_back(),
        WorkState::AwaitingSupplement => words.term_awaiting_a_supplement(),
        WorkState::AwaitingPayment => words.term_awaiting_a_payment(),
        WorkState::Referred => words.term_awaiting_other_offices(),
    }
}

fn drawn(visitor: &Visitor, units: &Units, record: &WorkRecord) -> Markup {
    let words = visitor.words;
    html! {
        @if !record.unassignable_reason.is_empty() { p.note { (capital(&words.why(&record.unassignable_reason))) } }
        @if !record.release_reason.is_empty() {
            p.note { strong { (words.web_work_taken_back()) } " " (capital(&words.why(&record.release_reason))) }
        }
        @if let Some(decision) = &record.decision { (decided(visitor, units, decision)) }
        @if let Some(refusal) = &record.refusal { (left_out(words, refusal)) }
    }
}

fn decided(visitor: &Visitor, units: &Units, decision: &Decision) -> Markup {
    let words = visitor.words;
    html! {
        p.lead { (visitor.text(decision.sentence.as_ref())) }
        (part::facts(&[
            (words.web_work_decided_at(), html! { (instant(visitor, decision.decided_at.as_ref())) }),
            (words.web_work_home(), html! { (visitor.text(decision.home_unit_name.as_ref())) }),
            (words.web_work_ring(), html! { (ring(words, decision.ring())) }),
            (words.web_work_gate(), html! { @if let Some(gate) = &decision.gate { (gate_in_words(words, gate)) } }),
            (words.web_work_predicted(), html! { (instant(visitor, decision.predicted_finish_at.as_ref())) }),
            (words.web_work_what_if(), html! {
                (visitor.text(decision.what_if.as_ref().and_then(|what_if| what_if.sentence.as_ref())))
            }),
            (words.web_work_moved(), html! { @if let Some(moved) = &decision.moved { (relocated(visitor, moved)) } }),
            (words.web_work_policy(), html! { (decision.policy) }),
        ]))
        @if !decision.candidates.is_empty() {
            div.weighed {
                (candidates::drawn(words.web_work_picture(), &spots(visitor, units, decision)))
                (table(visitor, decision))
            }
        }
        (left_out(words, decision))
    }
}

/// Those of the candidates whose places are known, numbered as in the table.
fn spots(visitor: &Visitor, units: &Units, decision: &Decision) -> Vec<Spot> {
    let candidates = decision.candidates.iter().enumerate();
    let spots = candidates.filter_map(|(place, candidate)| {
        let unit = units.get(&candidate.unit_id)?;
        Some(Spot {
            number: place + 1,
            name: visitor.text(candidate.unit_name.as_ref()).to_owned(),
            position: unit.latitude.zip(unit.longitude)?,
            is_home: candidate.unit_id == decision.home_unit_id,
            is_chosen: candidate.unit_id == decision.unit_id,
        })
    });
    spots.collect()
}

fn table(visitor: &Visitor, decision: &Decision) -> Markup {
    let words = visitor.words;
    html! {
        div.scroll tabindex="0" role="region" aria-label=(words.web_work_candidates()) {
            table {
                caption { (words.web_work_candidates()) }
                thead {
                    tr {
                        th scope="col" { (words.web_work_number()) }
                        th scope="col" { (words.web_work_unit()) }
                        th.number scope="col" { (words.web_work_queued()) }
                        th.number scope="col" { (words.web_work_able()) }
                        th scope="col" { (words.web_work_predicted()) }
                        th.number scope="col" { (words.web_work_risk()) }
                        th.number scope="col" { (words.web_work_score()) }
                        th scope="col" { (words.web_work_terms()) }
                    }
                }
                tbody {
                    @for (place, candidate) in decision.candidates.iter().enumerate() {
                        (weighed(visitor, place + 1, candidate, candidate.unit_id == decision.unit_id))
                    }
                }
            }
        }
    }
}

fn weighed(visitor: &Visitor, number: usize, one: &Candidate, is_chosen: bool) -> Markup {
    let words = visitor.words;
    let mut terms: Vec<_> = one.terms.iter().filter(|(_, minutes)| minutes.abs() > 0.5).collect();
    terms.sort_by(|(_, one), (_, other)| other.abs().total_cmp(&one.abs()));
    let terms: Vec<_> =
        terms.into_iter().map(|(name, minutes)| format!("{} {minutes:.0}", words.why(name))).collect();
    // Nothing is reckoned where nobody could do it.
    let is_able = one.competent_officers > 0;
    html! {
        tr.mine[is_chosen] {
            td { (number) }
            th scope="row" {
                (visitor.text(one.unit_name.as_ref()))
                @if is_chosen { " " (part::tag(part::Tone::Well, words.web_work_chosen())) }
            }
            td.number { (words.span(one.queued_minutes)) }
            td.number { (one.competent_officers) @if one.busy_officers > 0 { " (" (words.web_work_busy(one.busy_officers)) ")" } }
            @if is_able {
                td { (instant(visitor, one.predicted_finish_at.as_ref())) }
                td.number { (words.share(one.late_probability)) }
                td.number { (format!("{:.0}", one.score)) }
            } @else {
                td { "–" } td.number { "–" } td.number { "–" }
            }
            td { (terms.join("; ")) }
        }
    }
}

fn left_out(words: Words, decision: &Decision) -> Markup {
    let mut reasons: Vec<_> = decision.filtered.iter().collect();
    reasons.sort_by(|(name, one), (other_name, other)| other.cmp(one).then(name.cmp(other_name)));
    let reasons: Vec<_> = reasons
        .into_iter()
        .map(|(name, count)| format!("{}: {}", capital(&words.why(name)), words.count(*count)))
        .collect();
    html! { @if !reasons.is_empty() { p { strong { (words.web_work_left_out()) } " " (reasons.join("; ")) } } }
}

fn ring(words: Words, ring: Ring) -> &'static str {
    match ring {
        Ring::Unspecified => "",
        Ring::Home => words.web_work_ring_home(),
        Ring::Neighbours => words.web_work_ring_neighbours(),
        Ring::Cluster => words.web_work_ring_cluster(),
        Ring::Province => words.web_work_ring_province(),
    }
}

/// How much of the time left home needs, and may use.
fn gate_in_words(words: Words, gate: &Gate) -> String {
    let (left, needs) = (words.span(gate.remaining_minutes), words.span(gate.finish_minutes));
    match gate.passed {
        true => words.web_work_gate_within(left, needs, words.share(gate.share)),
        false => words.web_work_gate_beyond(left, needs, words.share(gate.share)),
    }
}

fn relocated(visitor: &Visitor, moved: &Relocation) -> Markup {
    let words = visitor.words;
    let against: Vec<_> = moved.violations.iter().map(|name| words.why(name)).collect();
    html! {
        (words.web_work_moved_from(visitor.text(moved.from_unit_name.as_ref())))
        @if !moved.reason.is_empty() { p { (moved.reason) } }
        @if !against.is_empty() { p { (words.web_work_moved_against(against.join(", "))) } }
    }
}
