//! What applicants think of how their applications were dealt with.

use jiff::Timestamp;
use phidia_domain::caller::{Caller, Role};
use phidia_proto::{
    convert::{required, timestamp, wire_timestamp},
    events::v1::{ApplicationRated, CaseCompleted, CaseReopened, Rating, StepOutcome, event::Fact},
    intake::v1::{GivenRating, ListRatingsRequest, ListRatingsResponse, RateApplicationRequest, Receipt},
};
use phidia_runtime::{failure::Failure, status::from_status};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, Statement};

use crate::{
    harness::{Intake, at, caller, officer, operator, request, system, until},
    progress::{event, opened, tell, unit},
};

const ENDED: &str = "2026-11-23T09:00:00Z";
const RATED: &str = "2026-11-24T02:00:00Z";
const REOPENED: &str = "2026-12-07T02:00:00Z";
const ENDED_ANEW: &str = "2026-12-09T02:00:00Z";
const COMMENT: &str = "Anh Kín ở quầy 3 bắt tôi đi lại bốn lần";

fn citizen() -> Caller {
    caller(Role::Citizen, None)
}

fn completed(when: &str) -> Fact {
    Fact::CaseCompleted(CaseCompleted {
        outcome: StepOutcome::Approved.into(),
        completed_at: Some(wire_timestamp(at(when))),
        on_time: true,
        ..CaseCompleted::default()
    })
}

/// An application that has ended; `number`: of the first of the two events that say so.
async fn ended(intake: &Intake, key: &str, number: u128) -> Receipt {
    let receipt = intake.submit(request(key)).await.unwrap();
    let id = receipt.application_id.as_str();
    tell(intake, &[event(number, id, opened("2")), event(number + 1, id, completed(ENDED))]).await;
    receipt
}

async fn rate_as(
    intake: &Intake,
    caller: Caller,
    receipt: &Receipt,
    rating: i32,
    comment: &str,
) -> Result<Timestamp, phidia_domain::Rejection> {
    let request = RateApplicationRequest {
        dossier_code: receipt.dossier_code.clone(),
        check_code: receipt.check_code.clone(),
        rating,
        comment: comment.into(),
    };
    let answer = intake.feedback(caller).rate_application(request).await;
    let rated_at = answer.map_err(|status| from_status(&status))?.into_inner().rated_at;
    timestamp(required(rated_at, "rated_at").unwrap(), "rated_at")
}

async fn rate(
    intake: &Intake,
    receipt: &Receipt,
    rating: Rating,
    comment: &str,
) -> Result<Timestamp, String> {
    let answer = rate_as(intake, citizen(), receipt, rating.into(), comment).await;
    answer.map_err(|refusal| refusal.reason)
}

async fn list(
    intake: &Intake,
    caller: Caller,
    request: ListRatingsRequest,
) -> Result<ListRatingsResponse, String> {
    let answer = intake.feedback(caller).list_ratings(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status| from_status(&status).reason)
}

async fn all(intake: &Intake, caller: Caller) -> Vec<GivenRating> {
    list(intake, caller, ListRatingsRequest::default()).await.unwrap().ratings
}

/// The ratings that were told, once there are so many.
async fn told(intake: &Intake, ratings: usize) -> Vec<ApplicationRated> {
    let heard = || -> Vec<ApplicationRated> {
        let facts = intake.notification.heard().into_iter().filter_map(|event| event.fact);
        let rated = |fact| if let Fact::ApplicationRated(fact) = fact { Some(fact) } else { None };
        facts.filter_map(rated).collect()
    };
    until("everything is told", async || heard().len() >= ratings).await;
    heard()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_is_rated_once_by_whoever_has_the_receipt() {
    let mut intake = Intake::new().await;
    let workers = intake.start();
    let receipt = intake.submit(request("k")).await.unwrap();
    let id = receipt.application_id.as_str();
    let bad = Rating::Dissatisfied;
    tell(&intake, &[event(1, id, opened("2"))]).await;
    assert_eq!(rate(&intake, &receipt, bad, COMMENT).await, Err("NOT_ENDED_YET".into()));
    tell(&intake, &[event(2, id, completed(ENDED))]).await;

    let wrong = Receipt { check_code: "000000".into(), ..receipt.clone() };
    assert_eq!(rate(&intake, &wrong, bad, "").await, Err("UNKNOWN_RECEIPT".into()));
    let nothing = Receipt { check_code: String::new(), ..receipt.clone() };
    assert_eq!(rate(&intake, &nothing, bad, "").await, Err("MISSING_FIELD".into()));
    for (rating, comment, field, reason) in [
        (0, String::new(), "rating", "MISSING_FIELD"),
        (9, String::new(), "rating", "UNKNOWN_VALUE"),
        (1, "a".repeat(1_001), "comment", "WRONG_LENGTH"),
        (1, "a\u{7}".to_owned(), "comment", "CONTROL_CHARACTER"),
    ] {
        let refusal = rate_as(&intake, citizen(), &receipt, rating, &comment).await.unwrap_err();
        assert_eq!((refusal.violations[0].field.as_str(), refusal.reason.as_str()), (field, reason));
    }
    // Nobody who has receipts before them rates the work of their house.
    for caller in [officer("1"), caller(Role::Supervisor, None), operator()] {
        let refusal = rate_as(&intake, caller.clone(), &receipt, bad.into(), "").await.unwrap_err();
        assert_eq!(refusal.kind, phidia_domain::Kind::Forbidden, "{caller:?}");
    }

    intake.clock.set(at(RATED));
    assert_eq!(rate(&intake, &receipt, bad, COMMENT).await, Ok(at(RATED)));
    // Asked again after a lost answer, over another line; nothing else takes its place.
    intake.clock.set(at(REOPENED));
    assert_eq!(rate(&intake, &receipt, bad, COMMENT).await, Ok(at(RATED)));
    assert_eq!(rate(&intake, &receipt, Rating::Satisfied, COMMENT).await, Err("RATED_BEFORE".into()));
    assert_eq!(rate(&intake, &receipt, bad, "khác").await, Err("RATED_BEFORE".into()));
    let again = rate_as(&intake, system(), &receipt, bad.into(), COMMENT).await;
    assert_eq!(again.unwrap(), at(RATED));

    let [fact] = &told(&intake, 1).await[..] else { panic!("told otherwise") };
    assert_eq!((fact.rating(), fact.rated_at), (bad, Some(wire_timestamp(at(RATED)))));
    assert_eq!(fact.ended_at, Some(wire_timestamp(at(ENDED))));

    // A code is guessed here as little as anywhere.
    for _ in 0..9 {
        assert_eq!(rate(&intake, &wrong, bad, "").await, Err("UNKNOWN_RECEIPT".into()));
    }
    assert_eq!(rate(&intake, &receipt, bad, COMMENT).await, Err("TOO_MANY_WRONG_CODES".into()));
    assert!(workers.stop(std::time::Duration::from_secs(10)).await);
}

#[tokio::test]
async fn a_comment_is_for_the_unit_that_received_it_and_goes_with_the_person() {
    let intake = Intake::new().await;
    let (spoken, silent) = (ended(&intake, "k", 1).await, ended(&intake, "l", 3).await);
    rate(&intake, &spoken, Rating::Dissatisfied, COMMENT).await.unwrap();
    let [theirs] = &all(&intake, officer("1")).await[..] else { panic!("one rating") };
    assert_eq!((theirs.rating(), theirs.comment.as_str()), (Rating::Dissatisfied, COMMENT));
    assert_eq!(
        (&theirs.application_id, &theirs.dossier_code),
        (&spoken.application_id, &spoken.dossier_code)
    );
    assert_eq!((theirs.procedure_code.as_str(), &theirs.received_at_unit_id), ("1.1", &unit("1")));
    // The province counts it; another unit does not even see it, though it worked on it.
    for caller in [operator(), caller(Role::Supervisor, None)] {
        let [seen] = &all(&intake, caller).await[..] else { panic!("one rating") };
        assert_eq!((seen.rating(), seen.comment.as_str()), (Rating::Dissatisfied, ""));
    }
    assert!(all(&intake, officer("2")).await.is_empty());
    let of_the_other = ListRatingsRequest { received_at_code: "1".into(), ..ListRatingsRequest::default() };
    assert_eq!(list(&intake, officer("2"), of_the_other).await, Err("OTHER_UNIT".into()));

    // It rests sealed.
    let sql = "select comment from rating where comment is not null";
    let rows =
        intake.db.read().query_all_raw(Statement::from_string(intake.db.backend(), sql)).await.unwrap();
    let rest: Vec<u8> = rows[0].try_get_by_index(0).unwrap();
    assert!(rest.len() > COMMENT.len());
    assert!(!rest.windows("Kín".len()).any(|part| part == "Kín".as_bytes()));

    // Who is erased leaves their rating, and nothing of what they said; asked again it is the same.
    intake.db.write(|tx| Box::pin(erase(tx))).await.unwrap();
    let [left] = &all(&intake, officer("1")).await[..] else { panic!("one rating") };
    assert_eq!((left.rating(), left.comment.as_str()), (Rating::Dissatisfied, ""));
    rate(&intake, &spoken, Rating::Dissatisfied, COMMENT).await.unwrap();
    assert_eq!(rate(&intake, &spoken, Rating::Neither, COMMENT).await, Err("RATED_BEFORE".into()));
    // Of whom was erased before nothing is kept that they say.
    let first = rate(&intake, &silent, Rating::Neither, COMMENT).await.unwrap();
    assert_eq!(rate(&intake, &silent, Rating::Neither, COMMENT).await, Ok(first));
    let rows =
        intake.db.read().query_all_raw(Statement::from_string(intake.db.backend(), sql)).await.unwrap();
    assert_eq!(rows.len(), 1);
}

async fn erase(tx: &DatabaseTransaction) -> Result<(), Failure> {
    tx.execute_unprepared("DELETE FROM person_key").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_opened_again_is_rated_anew_once_it_has_ended_anew() {
    let mut intake = Intake::new().await;
    let workers = intake.start();
    let receipt = ended(&intake, "k", 1).await;
    intake.clock.set(at(RATED));
    rate(&intake, &receipt, Rating::Dissatisfied, COMMENT).await.unwrap();
    let reopened = Fact::CaseReopened(CaseReopened {
        decision: "Quyết định số 12/QĐ-UBND".into(),
        reopened_at: Some(wire_timestamp(at(REOPENED))),
        unit_id: unit("2"),
        ..CaseReopened::default()
    });
    let id = receipt.application_id.as_str();
    for _ in 0..2 {
        tell(&intake, &[event(3, id, reopened.clone())]).await;
    }
    assert_eq!(rate(&intake, &receipt, Rating::Dissatisfied, COMMENT).await, Err("NOT_ENDED_YET".into()));
    tell(&intake, &[event(4, id, completed(ENDED_ANEW))]).await;
    intake.clock.set(at("2026-12-10T02:00:00Z"));
    rate(&intake, &receipt, Rating::Satisfied, "").await.unwrap();

    let [second, first] = &all(&intake, officer("1")).await[..] else { panic!("two ratings") };
    assert_eq!((second.rating(), second.reopened_at), (Rating::Satisfied, None));
    assert_eq!((first.rating(), first.comment.as_str()), (Rating::Dissatisfied, COMMENT));
    assert_eq!(first.reopened_at, Some(wire_timestamp(at(REOPENED))));
    let ends: Vec<_> = told(&intake, 2).await.iter().map(|fact| fact.ended_at).collect();
    assert_eq!(ends, [ENDED, ENDED_ANEW].map(|when| Some(wire_timestamp(at(when)))));
    assert!(workers.stop(std::time::Duration::from_secs(10)).await);
}

#[tokio::test]
async fn ratings_are_listed_newest_first_and_page_by_page() {
    let intake = Intake::new().await;
    let mut codes = Vec::new();
    for (number, rating) in (0..5_u8).zip([Rating::Satisfied, Rating::Dissatisfied].into_iter().cycle()) {
        let receipt = ended(&intake, &format!("k{number}"), u128::from(number) * 2 + 1).await;
        // Two at the same instant.
        intake.clock.set(at(RATED) + jiff::SignedDuration::from_secs(i64::from(number / 2)));
        rate(&intake, &receipt, rating, "").await.unwrap();
        codes.push(receipt.dossier_code);
    }
    let mut request = ListRatingsRequest { page_size: 2, ..ListRatingsRequest::default() };
    let mut listed = Vec::new();
    loop {
        let page = list(&intake, operator(), request.clone()).await.unwrap();
        assert!(page.ratings.len() <= 2);
        listed.extend(
            page.ratings.into_iter().map(|rating| (rating.rated_at.unwrap().seconds, rating.dossier_code)),
        );
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert!(listed.windows(2).all(|pair| pair[0].0 >= pair[1].0), "{listed:?}");
    let mut seen: Vec<_> = listed.into_iter().map(|(_, code)| code).collect();
    seen.sort();
    assert_eq!(seen, codes);
    let bad = ListRatingsRequest { rating: Rating::Dissatisfied.into(), ..ListRatingsRequest::default() };
    assert_eq!(list(&intake, operator(), bad).await.unwrap().ratings.len(), 2);

    let first =
        list(&intake, operator(), ListRatingsRequest { page_size: 2, ..Default::default() }).await.unwrap();
    for (request, reason) in [
        (ListRatingsRequest { page_token: "rubbish".into(), ..Default::default() }, "MALFORMED_PAGE_TOKEN"),
        // A token of another question.
        (
            ListRatingsRequest { page_token: first.next_page_token, rating: 1, ..Default::default() },
            "MALFORMED_PAGE_TOKEN",
        ),
        (ListRatingsRequest { rating: 9, ..Default::default() }, "UNKNOWN_VALUE"),
        (ListRatingsRequest { received_at_code: "77".into(), ..Default::default() }, "UNKNOWN_UNIT"),
        (ListRatingsRequest { page_size: 501, ..Default::default() }, "OUT_OF_RANGE"),
    ] {
        assert_eq!(list(&intake, operator(), request).await, Err(reason.into()));
    }
}
