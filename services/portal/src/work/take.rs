//! Taking work up, keeping it, giving it back.

use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::StatusCode;
use maud::html;
use phidia_domain::Rejection;
use phidia_proto::processing::v1::{
    BatchClaimWorkItemsRequest, ClaimNextWorkItemRequest, ClaimWorkItemRequest, RenewClaimRequest,
    ReturnWorkItemRequest, Turn, case_service_client::CaseServiceClient, claim_outcome::Outcome,
};
use phidia_runtime::status;

use super::{
    list,
    seen::{FIELD, Seen},
};
use crate::{
    Portal,
    form::{Faults, Fields, Posted},
    services::soon,
    trouble::{self, Trouble},
    visitor::AtCentre,
};

/// Whatever is the next, and its case with the word why.
pub(super) async fn next(
    State(portal): State<Portal>,
    posted: Posted<AtCentre>,
) -> Result<Response, Trouble> {
    let taken = async {
        posted.sent()?;
        let mut cases = CaseServiceClient::new(portal.processing(&posted.who));
        Ok(cases.claim_next_work_item(soon(ClaimNextWorkItemRequest {})).await?.into_inner())
    };
    match taken.await {
        Ok(answer) => Ok(match &answer.work_item {
            None => Redirect::to("/viec?het=1").into_response(),
            Some(item) => {
                let path = Seen::of(item).case_path();
                Redirect::to(&format!("{path}?luot={}", turn_key(answer.turn()))).into_response()
            }
        }),
        Err(trouble) => refused(&portal, &posted, trouble).await,
    }
}

/// Why a work item was the next, as addresses say it.
fn turn_key(turn: Turn) -> &'static str {
    match turn {
        Turn::Unspecified => "",
        Turn::InHand => "dang-giu",
        Turn::Green => "luong-xanh",
        Turn::Urgent => "gap",
        Turn::LateTurn => "luot-qua-han",
        Turn::Late => "qua-han",
    }
}

/// The same in a sentence; none: nothing of the sort.
pub(super) fn why_next(words: phidia_words::Words, key: &str) -> Option<&'static str> {
    let turns = [Turn::InHand, Turn::Green, Turn::Urgent, Turn::LateTurn, Turn::Late];
    Some(match turns.into_iter().find(|turn| turn_key(*turn) == key)? {
        Turn::Unspecified => return None,
        Turn::InHand => words.web_work_turn_in_hand(),
        Turn::Green => words.web_work_turn_green(),
        Turn::Urgent => words.web_work_turn_urgent(),
        Turn::LateTurn => words.web_work_turn_late_turn(),
        Turn::Late => words.web_work_turn_late(),
    })
}

/// One, by its button, or all that are ticked.
pub(super) async fn claim(
    State(portal): State<Portal>,
    posted: Posted<AtCentre>,
) -> Result<Response, Trouble> {
    match claimed(&portal, &posted).await {
        Ok(response) => Ok(response),
        Err(trouble) => refused(&portal, &posted, trouble).await,
    }
}

async fn claimed(portal: &Portal, posted: &Posted<AtCentre>) -> Result<Response, Trouble> {
    let fields = posted.sent()?.fields;
    let mut cases = CaseServiceClient::new(portal.processing(&posted.who));
    if fields.has("mot") {
        let seen = Seen::parse(fields.text("mot"))?;
        let request =
            ClaimWorkItemRequest { work_item: Some(seen.work_item.clone()), expected_fence: seen.fence };
        cases.claim_work_item(soon(request)).await?;
        return Ok(Redirect::to(&seen.case_path()).into_response());
    }
    let seen: Vec<Seen> = fields.all(FIELD).map(Seen::parse).collect::<Result<_, _>>()?;
    if seen.is_empty() {
        return Ok(Redirect::to("/viec").into_response());
    }
    let claims = seen
        .into_iter()
        .map(|seen| ClaimWorkItemRequest { work_item: Some(seen.work_item), expected_fence: seen.fence });
    let request = BatchClaimWorkItemsRequest { claims: claims.collect() };
    let outcomes = cases.batch_claim_work_items(soon(request)).await?.into_inner().outcomes;
    let taken = outcomes.iter().filter(|one| matches!(one.outcome, Some(Outcome::WorkItem(_)))).count();
    let refusals: Vec<Rejection> = outcomes
        .iter()
        .filter_map(|one| match &one.outcome {
            Some(Outcome::Status(refusal)) => Some(status::from_message(refusal)),
            _ => None,
        })
        .collect();
    if refusals.is_empty() {
        return Ok(Redirect::to(&format!("/viec?nhan={taken}")).into_response());
    }
    let words = posted.who.words;
    let note = html! {
        div.faults role="alert" tabindex="-1" autofocus {
            h2 { (words.web_work_taken_in_part(refusals.len(), taken)) }
            ul { @for refusal in &refusals { li { (trouble::sentence(words, refusal)) } } }
        }
    };
    let page = list::page(portal, &posted.who, &Fields::default(), &note, &Faults::none()).await?;
    Ok(page.with_status(StatusCode::CONFLICT).into_response())
}

pub(super) async fn give_back(
    State(portal): State<Portal>,
    posted: Posted<AtCentre>,
) -> Result<Response, Trouble> {
    let given = async {
        let seen = Seen::parse(posted.sent()?.fields.text(FIELD))?;
        let request = ReturnWorkItemRequest { work_item: Some(seen.work_item), fence: seen.fence };
        CaseServiceClient::new(portal.processing(&posted.who)).return_work_item(soon(request)).await?;
        Ok(())
    };
    match given.await {
        Ok(()) => Ok(Redirect::to("/viec").into_response()),
        Err(trouble) => refused(&portal, &posted, trouble).await,
    }
}

/// A sign of life: script gives one every five minutes while a case is open, and a button whenever somebody likes.
pub(super) async fn renew(
    State(portal): State<Portal>,
    posted: Posted<AtCentre>,
) -> Result<Response, Trouble> {
    let seen = Seen::parse(posted.sent()?.fields.text(FIELD))?;
    let path = seen.case_path();
    let request = RenewClaimRequest { work_item: Some(seen.work_item), fence: seen.fence };
    CaseServiceClient::new(portal.processing(&posted.who)).renew_claim(soon(request)).await?;
    Ok(Redirect::to(&path).into_response())
}

/// The list as it is by now, and above it why not.
async fn refused(portal: &Portal, posted: &Posted<AtCentre>, trouble: Trouble) -> Result<Response, Trouble> {
    let status = trouble.status();
    let faults = Faults::of(&posted.who, trouble)?.named(|_| None);
    let page = list::page(portal, &posted.who, &Fields::default(), &html! {}, &faults).await?;
    Ok(page.with_status(status).into_response())
}
