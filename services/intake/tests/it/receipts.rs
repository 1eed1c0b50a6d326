//! What citizens can check of their receipts, and what is published of each day.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil::Date};
use phidia_domain::{
    Rejection,
    caller::{Caller, Role},
    conservation::{CentreSum as Sum, Published},
    receipt::{Accepted, Checks, Closed, File, Pins, Proof, PublicKey, Signed, Statement, verify},
};
use phidia_intake::{Deps, build};
use phidia_proto::{
    convert::wire_timestamp,
    events::v1::{CaseCompleted, StepOutcome, event::Fact},
    intake::v1::{
        CentreSum, CorrectContactRequest, DailyRoot, Form, GetCentreSumsRequest, GetInclusionProofRequest,
        GetReceiptRequest, ListDailyRootsRequest, ListReceiptKeysRequest, Receipt, ReceiptHolder,
        RenderFormOfReceiptRequest, TrackApplicationRequest, correct_contact_request,
    },
};
use phidia_runtime::{digest, service::Workers, sign, sign::SigningKey, status::from_status};
use sea_orm::ConnectionTrait as _;
use tokio_util::sync::CancellationToken;

use crate::{
    harness::{Intake, at, caller, citizen as named, request, signing_key, system, until},
    progress::{event, opened, tell},
};

const CHECKS: Checks = Checks {
    sha256: digest::hash,
    ed25519: |key, bytes, signature| sign::verifies(&key.0, bytes, signature),
};

/// Five minutes past midnight in Vietnam, after the first day of the tests, and after the second.
pub(crate) const FIRST_CLOSED: &str = "2026-11-23T17:05:00Z";
const SECOND_CLOSED: &str = "2026-11-24T17:05:00Z";

fn citizen() -> Caller {
    caller(Role::Citizen, None)
}

fn pinned() -> Pins {
    Pins { keys: vec![PublicKey(signing_key().public())], roots: Vec::new() }
}

async fn proof(intake: &Intake, receipt: &Receipt) -> Result<Proof, Rejection> {
    let request = GetInclusionProofRequest {
        dossier_code: receipt.dossier_code.clone(),
        check_code: receipt.check_code.clone(),
    };
    let answer = intake.receipts(citizen()).get_inclusion_proof(request).await;
    let answer = answer.map_err(|status| from_status(&status))?.into_inner();
    Ok(Proof {
        salt: answer.salt.try_into().unwrap(),
        index: answer.index,
        path: answer.path.into_iter().map(|hash| hash.try_into().unwrap()).collect(),
        root: Signed::parse(&answer.root).unwrap(),
    })
}

/// The day in whose tree a receipt is, as anybody finds who has the file.
fn day_of(receipt: &Receipt, proof: &Proof) -> Signed<Closed> {
    let signed = Signed::<Accepted>::parse(&receipt.signed).unwrap();
    let file = File::of(&signed, &pinned().keys, Some(proof)).write().unwrap();
    verify(&file, &pinned(), CHECKS).unwrap().day.unwrap().closed
}

pub(crate) async fn days(intake: &Intake) -> Vec<DailyRoot> {
    let request = ListDailyRootsRequest { with_sums: true, ..Default::default() };
    intake.receipts(citizen()).list_daily_roots(request).await.unwrap().into_inner().roots
}

pub(crate) async fn until_closed(intake: &Intake, many: usize) -> Vec<DailyRoot> {
    until("the days are closed", async || days(intake).await.len() >= many).await;
    days(intake).await
}

pub(crate) async fn sums(intake: &Intake, day: &str) -> Result<Vec<CentreSum>, Rejection> {
    let request = GetCentreSumsRequest { day: day.into() };
    let answer = intake.receipts(citizen()).get_centre_sums(request).await;
    Ok(answer.map_err(|status| from_status(&status))?.into_inner().sums)
}

/// Sums as they are signed.
pub(crate) fn published(sums: &[CentreSum]) -> Published {
    let sum = |sum: &CentreSum| Sum {
        accepted: sum.accepted,
        open: sum.open,
        finished: sum.finished,
        withdrawn: sum.withdrawn,
        refused: sum.refused,
        lapsed: sum.lapsed,
    };
    Published(sums.iter().map(|centre| (centre.code.clone(), sum(centre))).collect())
}

pub(crate) async fn meddle(intake: &Intake, statement: &'static str) {
    let write = intake.db.write(move |tx| {
        Box::pin(async move {
            tx.execute_unprepared(statement).await?;
            Ok(())
        })
    });
    write.await.unwrap();
}

#[tokio::test]
async fn a_receipt_is_signed_at_once_and_is_the_same_whenever_it_is_asked_for() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    let signed = Signed::<Accepted>::parse(&receipt.signed).unwrap();
    signed.check(&PublicKey(signing_key().public()), CHECKS).unwrap();
    let said = &signed.statement;
    assert_eq!((said.province.as_str(), said.procedure_code.as_str()), ("37", "1.1"));
    assert_eq!(said.dossier_code, receipt.dossier_code);
    assert_eq!(Some(wire_timestamp(said.received_at.at)), receipt.received_at);
    assert_eq!(said.due_at.map(|due| wire_timestamp(due.at)), receipt.due_at);
    assert!(said.received_at_code == "1" && said.return_at_code == "1");
    assert!(
        receipt.signed.contains("20261123T090000+0700"),
        "as a person of the place reads it: {}",
        receipt.signed
    );
    assert!(!receipt.signed.contains(&receipt.check_code));

    intake.clock.set(at("2026-11-23T03:00:00Z"));
    assert_eq!(intake.submit(request("k")).await.unwrap(), receipt);
    let again = GetReceiptRequest {
        dossier_code: receipt.dossier_code.clone(),
        check_code: receipt.check_code.clone(),
    };
    let answer = intake.receipts(citizen()).get_receipt(again.clone()).await.unwrap().into_inner();
    assert_eq!(answer.receipt.as_ref(), Some(&receipt));
    let wrong = GetReceiptRequest { check_code: "000000".into(), ..again };
    let refused = intake.receipts(citizen()).get_receipt(wrong).await.unwrap_err();
    assert_eq!(from_status(&refused).reason, "UNKNOWN_RECEIPT");
}

#[tokio::test]
async fn a_telephone_reads_the_signed_receipt_off_the_form() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    let form = RenderFormOfReceiptRequest {
        dossier_code: receipt.dossier_code.clone(),
        check_code: receipt.check_code.clone(),
        form: Form::Receipt.into(),
    };
    let answer = intake.applications(citizen()).render_form_of_receipt(form).await.unwrap().into_inner();
    let (width, height, dots) = ::harness::pdf::picture(&answer.document.unwrap().pdf);
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| dots[y * width + x]);
    let text = picture.detect_grids()[0].decode().unwrap().1;
    assert_eq!(text, receipt.signed);
    assert!(verify(&text, &pinned(), CHECKS).unwrap().is_pinned);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_its_day_is_over_each_receipt_is_shown_to_be_in_its_tree() {
    let mut intake = Intake::new().await;
    let mut receipts = Vec::new();
    for key in ["a", "b", "c"] {
        receipts.push(intake.submit(request(key)).await.unwrap());
    }
    let id = receipts[1].application_id.clone();
    let completed = Fact::CaseCompleted(CaseCompleted {
        outcome: StepOutcome::Refused.into(),
        completed_at: Some(wire_timestamp(at("2026-11-23T09:00:00Z"))),
        on_time: true,
        ..CaseCompleted::default()
    });
    tell(&intake, &[event(1, &id, opened("2")), event(2, &id, completed)]).await;
    let _workers = intake.start();

    intake.clock.set(at("2026-11-23T17:04:59Z"));
    let early = proof(&intake, &receipts[0]).await.unwrap_err();
    assert_eq!(early.reason, "NOT_CLOSED_YET");
    assert_eq!(early.metadata, [("closes_at".to_owned(), FIRST_CLOSED.to_owned())]);
    assert!(days(&intake).await.is_empty());
    assert_eq!(sums(&intake, "2026-11-23").await.unwrap_err().reason, "UNKNOWN_DAY");
    assert_eq!(sums(&intake, "gestern").await.unwrap_err().reason, "MALFORMED_DATE");

    intake.clock.set(at(FIRST_CLOSED));
    let [closed] = &until_closed(&intake, 1).await[..] else { panic!("one day") };
    assert_eq!((closed.day.as_str(), closed.count), ("2026-11-23", 3));
    let root = Signed::<Closed>::parse(&closed.signed).unwrap();
    assert_eq!(root.statement.previous, None);
    let mut indices = Vec::new();
    for receipt in &receipts {
        let proof = proof(&intake, receipt).await.unwrap();
        assert_eq!(day_of(receipt, &proof), root);
        indices.push(proof.index);
    }
    indices.sort_unstable();
    assert_eq!(indices, [0, 1, 2]);
    // The proof of another one is none of theirs; nor does a guess get one.
    let proof_of_a = proof(&intake, &receipts[0]).await.unwrap();
    let signed = Signed::<Accepted>::parse(&receipts[1].signed).unwrap();
    let file = File::of(&signed, &pinned().keys, Some(&proof_of_a)).write().unwrap();
    assert_eq!(verify(&file, &pinned(), CHECKS).unwrap_err().reason, "WRONG_PROOF");
    let wrong = Receipt { check_code: "000000".into(), ..receipts[0].clone() };
    assert_eq!(proof(&intake, &wrong).await.unwrap_err().reason, "UNKNOWN_RECEIPT");

    // The sums were signed with the day, and fit.
    let signed_sums = published(&closed.sums);
    assert_eq!(digest::hash(signed_sums.text().as_bytes()), root.statement.sums);
    let expected = Sum { accepted: 3, open: 2, refused: 1, ..Sum::default() };
    assert_eq!(signed_sums.0, BTreeMap::from([("1".to_owned(), expected)]));
    assert_eq!(published(&sums(&intake, "").await.unwrap()), signed_sums);
    assert_eq!(published(&sums(&intake, "2026-11-23").await.unwrap()), signed_sums);

    // A day on which nothing came in is closed too, and names the one before.
    intake.clock.set(at(SECOND_CLOSED));
    let [second, first] = &until_closed(&intake, 2).await[..] else { panic!("two days") };
    assert_eq!(first, closed);
    let second = Signed::<Closed>::parse(&second.signed).unwrap().statement;
    assert_eq!((second.count, second.previous), (0, Some(digest::hash(closed.signed.as_bytes()))));
    let one = ListDailyRootsRequest { page_size: 1, ..Default::default() };
    let page = intake.receipts(citizen()).list_daily_roots(one.clone()).await.unwrap().into_inner();
    assert_eq!((page.roots[0].day.as_str(), page.roots[0].sums.len()), ("2026-11-24", 0));
    let next = ListDailyRootsRequest { page_token: page.next_page_token, ..one };
    let page = intake.receipts(citizen()).list_daily_roots(next).await.unwrap().into_inner();
    assert_eq!((page.roots[0].day.as_str(), page.next_page_token.as_str()), ("2026-11-23", ""));
}

/// It was accepted a moment before midnight, and its transaction took longer than the margin.
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_too_late_for_their_day_is_in_the_next_and_a_closed_day_never_changes() {
    let mut intake = Intake::new().await;
    intake.submit(request("in-time")).await.unwrap();
    let _workers = intake.start();
    intake.clock.set(at(FIRST_CLOSED));
    let first = until_closed(&intake, 1).await.remove(0);
    let late = intake.submit(request("late")).await.unwrap();
    let before_midnight = match intake.db.is_shared() {
        true => "UPDATE receipt_leaf SET received_at = '2026-11-23T16:59:59Z' WHERE day IS NULL",
        false => "UPDATE receipt_leaf SET received_at = '2026-11-23T16:59:59+00:00' WHERE day IS NULL",
    };
    meddle(&intake, before_midnight).await;
    let waits = proof(&intake, &late).await.unwrap_err();
    assert_eq!(waits.metadata, [("closes_at".to_owned(), SECOND_CLOSED.to_owned())]);

    intake.clock.set(at(SECOND_CLOSED));
    let days = until_closed(&intake, 2).await;
    assert_eq!(days[1], first);
    let closed = day_of(&late, &proof(&intake, &late).await.unwrap());
    assert_eq!((closed.statement.day.to_string(), closed.statement.count), ("2026-11-24".to_owned(), 1));
}

/// Two replicas close days while applications come in from one day to the next.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_accepted_application_is_in_exactly_one_tree() {
    const DAYS: usize = 4;
    let mut intake = Intake::new().await;
    let _workers = intake.start();
    let other = build(intake.replica());
    let mut others = Workers::new(CancellationToken::new());
    for worker in
        other.await.unwrap().service.workers.into_iter().filter(|worker| worker.name == "close-days")
    {
        others.spawn(worker);
    }

    let mut receipts = Vec::new();
    let midnight = at("2026-11-23T17:00:00Z");
    for day in 0..DAYS {
        let midnight = midnight + SignedDuration::from_hours(24) * i32::try_from(day).unwrap();
        intake.clock.set(midnight - SignedDuration::from_secs(1));
        // While they come in the day ends, and is closed.
        let submitting = (0..25).map(|number| {
            let (intake, clock) = (&intake, &intake.clock);
            async move {
                tokio::time::sleep(std::time::Duration::from_millis(5 * number)).await;
                if number == 10 {
                    clock.set(midnight + SignedDuration::from_mins(5));
                    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
                }
                intake.submit(request(&format!("{day}-{number}"))).await.unwrap()
            }
        });
        receipts.extend(futures::future::join_all(submitting).await);
    }
    intake.clock.set(midnight + SignedDuration::from_hours(24 * i64::try_from(DAYS + 1).unwrap()));
    let counted = async || days(&intake).await.iter().map(|day| day.count).sum::<u64>();
    until("all are in a tree", async || counted().await == receipts.len() as u64).await;
    let days = days(&intake).await;
    let counted: BTreeMap<_, _> = days.iter().map(|day| (day.day.clone(), day.count)).collect();
    let mut found = BTreeMap::<String, u64>::new();
    for receipt in &receipts {
        let closed = day_of(receipt, &proof(&intake, receipt).await.unwrap()).statement;
        let accepted = Signed::<Accepted>::parse(&receipt.signed).unwrap().statement;
        assert!(closed.day >= local_day(accepted.received_at.at), "no tree holds what is accepted later");
        *found.entry(closed.day.to_string()).or_default() += 1;
    }
    let filled: BTreeMap<_, _> = counted.into_iter().filter(|(_, count)| *count > 0).collect();
    assert_eq!(found, filled);
    // A chain without gaps.
    for pair in days.windows(2) {
        let newer = Signed::<Closed>::parse(&pair[0].signed).unwrap().statement;
        assert_eq!(newer.previous, Some(digest::hash(pair[1].signed.as_bytes())));
        assert_eq!(newer.day.yesterday().unwrap().to_string(), pair[1].day);
    }
}

fn local_day(at: Timestamp) -> Date {
    (at + SignedDuration::from_hours(7)).to_zoned_datetime(jiff::tz::TimeZone::UTC).date()
}

#[tokio::test]
async fn where_an_application_is_lost_the_published_sums_do_not_fit() {
    let intake = Intake::new().await;
    for key in ["a", "b"] {
        intake.submit(request(key)).await.unwrap();
    }
    assert!(published(&sums(&intake, "").await.unwrap()).total().holds());
    meddle(&intake, "DELETE FROM application WHERE dossier_code LIKE '%0002'").await;
    // They are not counted each time that somebody asks.
    let total = async || published(&sums(&intake, "").await.unwrap()).total();
    until("it is seen", async || !total().await.holds()).await;
    let total = total().await;
    assert_eq!((total.accepted, total.open), (2, 1));
}

#[tokio::test]
async fn another_key_takes_its_place_and_that_of_before_stays_known() {
    let intake = Intake::new().await;
    let before = intake.submit(request("before")).await.unwrap();
    let other = SigningKey::from_hex(&"06".repeat(32).into(), "signing_key").unwrap();
    let public = PublicKey(other.public());
    intake.clock.set(at("2026-11-23T03:00:00Z"));
    let deps = Deps { signing_key: other, ..intake.replica() };
    build(deps).await.unwrap();
    let keys = intake.receipts(citizen()).list_receipt_keys(ListReceiptKeysRequest {}).await.unwrap();
    let keys = keys.into_inner().keys;
    let own = PublicKey(signing_key().public());
    let shown: Vec<_> = keys.iter().map(|key| (key.public_key.clone(), key.is_signing)).collect();
    assert_eq!(shown, [(own.to_string(), true), (public.to_string(), false)]);
    assert_eq!(keys[0].key_id, own.id(digest::hash).to_string());
    assert!(before.signed.contains(&keys[0].key_id) && before.signed.starts_with(Accepted::TITLE));
}

#[tokio::test]
async fn whoever_tries_many_receipts_is_let_in_to_none() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    let track = async |caller: Caller, dossier_code: String, check_code: &str| {
        let request = TrackApplicationRequest { dossier_code, check_code: check_code.into() };
        let answer = intake.applications(caller).track_application(request).await;
        answer.map(drop).map_err(|status| from_status(&status).reason)
    };
    // PostgreSQL knows no text with this in it.
    for (dossier_code, check_code) in [("H42\0", "123456"), (receipt.dossier_code.as_str(), "12345\0")] {
        let rubbish = track(citizen(), dossier_code.into(), check_code).await;
        assert_eq!(rubbish, Err("CONTROL_CHARACTER".into()));
    }
    for number in 0..100 {
        let guess = track(citizen(), format!("H42.1-261123-{number:04}"), "123456").await;
        assert_eq!(guess, Err("UNKNOWN_RECEIPT".into()));
    }
    let own = receipt.dossier_code.clone();
    let refused = track(citizen(), own.clone(), &receipt.check_code).await;
    assert_eq!(refused, Err("TOO_MANY_WRONG_CODES".into()));
    assert_eq!(track(system(), own, &receipt.check_code).await, Ok(()));
}

/// Of guesses that come at once the first are looked at, and no more of them than of guesses that come one after the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_guesses_at_once_are_no_more_guesses() {
    let intake = Intake::new().await;
    let (tracked, corrected) =
        (intake.submit(request("k")).await.unwrap(), intake.submit(request("l")).await.unwrap());
    let track = async |number: u32| {
        let request = TrackApplicationRequest {
            dossier_code: tracked.dossier_code.clone(),
            check_code: "000000".into(),
        };
        let answer = intake.applications(named(&number.to_string())).track_application(request).await;
        from_status(&answer.map(drop).unwrap_err()).reason
    };
    // Whoever has a receipt guesses whose it is.
    let correct = async |number: u32| {
        let holder = ReceiptHolder {
            dossier_code: corrected.dossier_code.clone(),
            check_code: corrected.check_code.clone(),
            identity_number: format!("037190{number:06}"),
        };
        let request = CorrectContactRequest {
            email: "a@example.vn".into(),
            key: Some(correct_contact_request::Key::Holder(holder)),
            ..Default::default()
        };
        let answer = intake.applications(named(&number.to_string())).correct_contact(request).await;
        from_status(&answer.map(drop).unwrap_err()).reason
    };
    let answers = [
        futures::future::join_all((0..60).map(track)).await,
        futures::future::join_all((0..60).map(correct)).await,
    ];
    for answers in answers {
        let (looked_at, refused): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|reason| reason == "UNKNOWN_RECEIPT");
        assert!((1..=10).contains(&looked_at.len()), "{} were looked at", looked_at.len());
        assert!(refused.iter().all(|reason| reason == "OVERLOADED" || reason == "TOO_MANY_WRONG_CODES"));
    }
}

/// Whoever sets a clock wrong closes no days of next year.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_far_ahead_closes_none_of_the_days_to_come() {
    let mut intake = Intake::new().await;
    intake.submit(request("k")).await.unwrap();
    let _workers = intake.start();
    let closed = async || days(&intake).await.into_iter().map(|day| (day.day, day.count)).collect::<Vec<_>>();
    intake.clock.set(at("2026-12-10T02:00:00Z"));
    until_closed(&intake, 2).await;
    tokio::time::sleep(std::time::Duration::from_millis(2_200)).await;
    assert_eq!(closed().await, [("2026-11-24".to_owned(), 0), ("2026-11-23".to_owned(), 1)]);

    // A long holiday has no gap, either: its days are closed when it is over.
    intake.submit(request("after-the-holidays")).await.unwrap();
    assert_eq!(until_closed(&intake, 17).await.len(), 17);
    intake.clock.set(at("2026-12-10T17:05:00Z"));
    until_closed(&intake, 18).await;
    assert_eq!(closed().await[0], ("2026-12-10".to_owned(), 1));
}
