//! From a submission to its receipt and its event.

use futures::future::join_all;
use phidia_domain::{
    id::{PersonId, UnitId},
    notice::Contact,
};
use phidia_proto::{
    events::v1::{ApplicationSubmitted, Channel, event::Fact},
    intake::v1::{Applicant, GetApplicationRequest, Receipt, SubmitApplicationRequest},
    types::v1::{CompetenceKey, Place},
};
use phidia_runtime::{
    failure::Failure,
    seal::{PersonKey, Sealed},
    status::from_status,
};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction};
use tonic::Code;

use crate::harness::{Intake, NAME, at, master_key, officer, request, system, until};

#[tokio::test]
async fn a_submission_gets_its_receipt_and_is_told_once() {
    let mut intake = Intake::new().await;
    let workers = intake.start();
    let places = vec![Place { key: CompetenceKey::Land.into(), commune_code: "8".into() }];
    let conflicted_unit_codes = vec!["8".to_owned()];
    let request = SubmitApplicationRequest { places, conflicted_unit_codes, ..request("k") };
    let receipt = intake.submit(request).await.unwrap();

    assert_eq!(receipt.dossier_code, "H42.1-261123-0001");
    assert_eq!(receipt.check_code.len(), 6);
    assert_eq!(receipt.fee_vnd, Some(15_000));
    // One working day from Monday 09:00 is Tuesday 09:00.
    assert_eq!(receipt.due_at.unwrap().seconds, at("2026-11-24T02:00:00Z").as_second());
    assert!(!receipt.arithmetic.is_empty());
    assert_eq!(receipt.return_at_name.as_ref().unwrap().en, "Centre A");

    until("the event has arrived", async || !intake.notification.heard().is_empty()).await;
    let event = intake.notification.heard().remove(0);
    assert_eq!((event.source.as_str(), event.sequence, event.actor.as_str()), ("intake", 1, "system/test"));
    assert_eq!((event.province.as_str(), &event.application_id), ("37", &receipt.application_id));
    assert!(event.traceparent.starts_with("00-"));
    let Some(Fact::ApplicationSubmitted(fact)) = event.fact else { panic!("another fact") };
    assert_eq!((&fact.dossier_code, fact.province_version), (&receipt.dossier_code, 1));
    assert_eq!((fact.channel(), fact.digitised), (Channel::Direct, Some(false)));
    // The abolished commune 8 has become 2.
    assert_eq!(fact.places[0].commune_code, "2");
    assert_eq!(fact.conflicted_unit_ids, [UnitId::of("37", "2").to_string()]);
    assert_eq!(contact(&fact).email, "bi.mat@example.vn");
    assert!(workers.stop(std::time::Duration::from_secs(5)).await);
}

/// The counter says that it has scanned and signed the papers; what comes in online has none.
#[tokio::test]
async fn whether_it_was_digitised_is_kept_and_told() {
    use phidia_proto::intake::v1::Channel;
    let mut intake = Intake::new().await;
    let workers = intake.start();
    let ways = [
        (Channel::Direct, false, false),
        (Channel::Direct, true, true),
        (Channel::Post, true, true),
        (Channel::Online, false, true),
    ];
    for (number, (channel, digitised, is)) in ways.into_iter().enumerate() {
        let request =
            SubmitApplicationRequest { channel: channel.into(), digitised, ..request(&format!("k{number}")) };
        let receipt = intake.submit(request.clone()).await.unwrap();
        assert_eq!(intake.submit(request.clone()).await.unwrap(), receipt);
        // To say it of what is digital from the first is to ask for the same; of paper it is not.
        let otherwise = SubmitApplicationRequest { digitised: !digitised, ..request };
        let answer = intake.submit(otherwise).await.map_err(|status| status.code());
        match channel {
            Channel::Online => assert_eq!(answer.unwrap(), receipt),
            _ => assert_eq!(answer.unwrap_err(), Code::AlreadyExists),
        }
        let asked = GetApplicationRequest { application_id: receipt.application_id.clone() };
        let shown = intake.applications(system()).get_application(asked).await.unwrap().into_inner();
        assert_eq!(shown.application.unwrap().digitised, Some(is), "{channel:?}");
        until("it is told", async || intake.notification.heard().len() == number + 1).await;
        let Some(Fact::ApplicationSubmitted(fact)) = intake.notification.heard().remove(number).fact else {
            panic!("another fact")
        };
        assert_eq!(fact.digitised, Some(is), "{channel:?}");
    }
    assert!(workers.stop(std::time::Duration::from_secs(5)).await);
}

/// What a submission by whoever has this number, for this procedure, says of who they are.
async fn pseudonym(intake: &Intake, number: &str, procedure: &str) -> Vec<u8> {
    let key = format!("k{}", intake.count().await);
    let mut request = SubmitApplicationRequest { procedure_code: procedure.into(), ..request(&key) };
    request.applicant.as_mut().unwrap().identity_number = number.into();
    let id = intake.submit(request).await.unwrap().application_id;
    let fact = || {
        let event = intake.notification.heard().into_iter().find(|event| event.application_id == id)?;
        let Some(Fact::ApplicationSubmitted(fact)) = event.fact else { panic!("another fact") };
        Some(fact)
    };
    until("it is told", async || fact().is_some()).await;
    fact().unwrap().applicant_pseudonym
}

#[tokio::test]
async fn the_same_person_is_the_same_in_one_field_and_nobody_is_told_who() {
    let mut intake = Intake::new().await;
    let workers = intake.start();
    let number = "037190001234";
    let known = pseudonym(&intake, number, "1.1").await;
    assert_eq!(known.len(), 16);
    assert_eq!(pseudonym(&intake, " 037 190 001 234", "1.1").await, known);
    assert_ne!(pseudonym(&intake, "037190001235", "1.1").await, known);
    // What they do in one field is no business of another.
    let copies = pseudonym(&intake, number, "1.2").await;
    assert!(copies.len() == 16 && copies != known);
    for nobody in ["", "không có"] {
        assert!(pseudonym(&intake, nobody, "1.1").await.is_empty());
    }
    for event in intake.notification.heard() {
        assert!(!format!("{event:?}").contains(number));
    }
    assert!(workers.stop(std::time::Duration::from_secs(5)).await);

    // A restart changes nothing: it is the key that makes it.
    let mut intake = intake.restarted().await;
    let workers = intake.start();
    assert_eq!(pseudonym(&intake, number, "1.1").await, known);
    assert!(workers.stop(std::time::Duration::from_secs(5)).await);
}

pub(crate) fn contact(fact: &ApplicationSubmitted) -> Contact {
    let sealed = fact.contact.clone().unwrap();
    let key = PersonKey::unwrap(&master_key(), &sealed.wrapped_key).unwrap();
    let person: PersonId = sealed.person_id.parse().unwrap();
    Sealed::from_bytes(sealed.sealed).open(&key, &Contact::context(person)).unwrap()
}

#[tokio::test]
async fn the_same_key_gets_the_same_receipt() {
    let intake = Intake::new().await;
    let all: Vec<Receipt> = join_all((0..8).map(|_| intake.submit(request("k"))))
        .await
        .into_iter()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(all.iter().all(|receipt| *receipt == all[0]));
    assert_eq!(intake.count().await, 1);

    // Even when the procedure is no longer in force, and after a restart.
    let intake = intake.restarted().await;
    intake.clock.set(at("2027-03-01T02:00:00Z"));
    assert_eq!(intake.submit(request("k")).await.unwrap(), all[0]);
    assert_eq!(intake.submit(request("other")).await.unwrap_err().code(), Code::InvalidArgument);

    let other = SubmitApplicationRequest { received_at_code: "2".into(), ..request("k") };
    assert_eq!(intake.submit(other).await.unwrap_err().code(), Code::AlreadyExists);
    let against = SubmitApplicationRequest { conflicted_unit_codes: vec!["2".into()], ..request("k") };
    assert_eq!(intake.submit(against).await.unwrap_err().code(), Code::AlreadyExists);
    // The key is the caller's own.
    let mine = SubmitApplicationRequest { procedure_code: "1.2".into(), ..request("k") };
    intake.applications(officer("1")).submit_application(mine).await.unwrap();
    assert_eq!(intake.count().await, 2);
}

#[tokio::test]
async fn numbers_run_per_unit_and_day_and_go_on_after_a_restart() {
    let intake = Intake::new().await;
    let code = async |intake: &Intake, key: &str, unit: &str| {
        let request = SubmitApplicationRequest { received_at_code: unit.into(), ..request(key) };
        intake.submit(request).await.unwrap().dossier_code
    };
    assert_eq!(code(&intake, "a", "1").await, "H42.1-261123-0001");
    assert_eq!(code(&intake, "b", "2").await, "H42.2-261123-0001");
    let refused = SubmitApplicationRequest { procedure_code: "1.3".into(), ..request("refused") };
    intake.submit(refused).await.unwrap_err();
    let intake = intake.restarted().await;
    assert_eq!(code(&intake, "c", "1").await, "H42.1-261123-0002");
    // 18:00 UTC is the next day in Vietnam.
    intake.clock.set(at("2026-11-23T18:00:00Z"));
    assert_eq!(code(&intake, "d", "1").await, "H42.1-261124-0001");
}

#[tokio::test]
async fn a_burst_is_numbered_without_a_gap() {
    let intake = Intake::new().await;
    let keys: Vec<String> = (0..50).map(|n| format!("k{n}")).collect();
    let mut codes: Vec<String> = join_all(keys.iter().map(|key| intake.submit(request(key))))
        .await
        .into_iter()
        .map(|receipt| receipt.unwrap().dossier_code)
        .collect();
    codes.sort();
    let expected: Vec<String> = (1..=50).map(|n| format!("H42.1-261123-{n:04}")).collect();
    assert_eq!(codes, expected);
}

#[tokio::test]
async fn bad_input_is_refused_with_its_field_and_nothing_is_stored() {
    let intake = Intake::new().await;
    let applicant = |change: fn(&mut Applicant)| {
        let mut request = request("k");
        change(request.applicant.as_mut().unwrap());
        request
    };
    let place = |code: &str| vec![Place { key: CompetenceKey::Land.into(), commune_code: code.into() }];
    let day = |text: &str| Some(phidia_proto::convert::wire_timestamp(at(text)));
    let r = || request("k");
    let bad = [
        (
            SubmitApplicationRequest { idempotency_key: String::new(), ..r() },
            "idempotency_key",
            "MALFORMED_IDEMPOTENCY_KEY",
        ),
        (
            SubmitApplicationRequest { idempotency_key: "đ".into(), ..r() },
            "idempotency_key",
            "MALFORMED_IDEMPOTENCY_KEY",
        ),
        (
            SubmitApplicationRequest { procedure_code: String::new(), ..r() },
            "procedure_code",
            "MISSING_FIELD",
        ),
        (
            SubmitApplicationRequest { procedure_code: "9.9".into(), ..r() },
            "procedure_code",
            "UNKNOWN_PROCEDURE",
        ),
        (
            SubmitApplicationRequest { procedure_code: "1.3".into(), ..r() },
            "procedure_code",
            "PROCEDURE_ABOLISHED",
        ),
        (
            SubmitApplicationRequest { procedure_code: "1.4".into(), ..r() },
            "procedure_code",
            "PROCEDURE_NOT_YET_IN_FORCE",
        ),
        (
            SubmitApplicationRequest { received_at_code: String::new(), ..r() },
            "received_at_code",
            "MISSING_FIELD",
        ),
        (
            SubmitApplicationRequest { received_at_code: "77".into(), ..r() },
            "received_at_code",
            "UNKNOWN_UNIT",
        ),
        (
            SubmitApplicationRequest { received_at_code: "D".into(), ..r() },
            "received_at_code",
            "UNIT_DOES_NOT_RECEIVE",
        ),
        (
            SubmitApplicationRequest { return_at_code: "D".into(), ..r() },
            "return_at_code",
            "UNIT_DOES_NOT_RECEIVE",
        ),
        (SubmitApplicationRequest { places: Vec::new(), ..r() }, "places", "PLACE_MISSING"),
        (SubmitApplicationRequest { places: place("77"), ..r() }, "places", "UNKNOWN_UNIT"),
        // Divided between two: which one is meant, a person has to say.
        (SubmitApplicationRequest { places: place("9"), ..r() }, "places", "COMMUNE_DIVIDED"),
        (
            SubmitApplicationRequest { conflicted_unit_codes: vec!["77".into()], ..r() },
            "conflicted_unit_codes",
            "UNKNOWN_UNIT",
        ),
        (
            SubmitApplicationRequest { places: [place("1"), place("2")].concat(), ..r() },
            "places[1]",
            "DUPLICATE",
        ),
        (SubmitApplicationRequest { applicant: None, ..r() }, "applicant.name", "MISSING_FIELD"),
        (applicant(|a| a.name = " ".into()), "applicant.name", "MISSING_FIELD"),
        (applicant(|a| a.name = "A\u{7}B".into()), "applicant.name", "CONTROL_CHARACTER"),
        (applicant(|a| a.email = "nobody".into()), "applicant.email", "MALFORMED_EMAIL"),
        (applicant(|a| a.telephone = "call me".into()), "applicant.telephone", "MALFORMED_TELEPHONE"),
        (SubmitApplicationRequest { channel: 0, ..r() }, "channel", "MISSING_FIELD"),
        (
            SubmitApplicationRequest { handed_in_at: day("2026-11-24T02:00:00Z"), ..r() },
            "handed_in_at",
            "DATE_OUT_OF_RANGE",
        ),
        (
            SubmitApplicationRequest { handed_in_at: day("2026-09-01T02:00:00Z"), ..r() },
            "handed_in_at",
            "DATE_OUT_OF_RANGE",
        ),
    ];
    for (request, field, reason) in bad {
        let status = intake.submit(request).await.unwrap_err();
        let refusal = from_status(&status);
        assert_eq!(status.code(), Code::InvalidArgument, "{field} {reason}");
        assert_eq!((refusal.violations[0].field.as_str(), refusal.reason.as_str()), (field, reason));
        assert!(!format!("{status:?}").contains("Mật"));
    }
    assert_eq!(intake.count().await, 0);
    // All that is wrong is told at once.
    let twice =
        SubmitApplicationRequest { procedure_code: "9.9".into(), ..applicant(|a| a.name = String::new()) };
    assert_eq!(from_status(&intake.submit(twice).await.unwrap_err()).violations.len(), 2);
    // And the key was not used up.
    intake.submit(request("k")).await.unwrap();
}

#[tokio::test]
async fn nothing_is_taken_in_before_there_is_a_province() {
    let intake = Intake::empty().await;
    let status = intake.submit(request("k")).await.unwrap_err();
    assert_eq!((status.code(), from_status(&status).reason.as_str()), (Code::Unavailable, "NO_PROVINCE"));
}

#[tokio::test]
async fn an_officer_receives_at_their_own_unit() {
    let intake = Intake::new().await;
    let refused = intake.applications(officer("2")).submit_application(request("k")).await.unwrap_err();
    assert_eq!(
        (refused.code(), from_status(&refused).reason.as_str()),
        (Code::PermissionDenied, "OTHER_UNIT")
    );
    intake.applications(officer("1")).submit_application(request("k")).await.unwrap();
}

#[tokio::test]
async fn no_file_holds_personal_data_and_an_erased_person_is_gone() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    let files = ["intake.db", "intake.db-wal"];
    let bytes = files.map(|file| std::fs::read(intake.path().join(file)).unwrap()).concat();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds(&receipt.dossier_code));
    for secret in [NAME, "037190001234", "bi.mat@example.vn", "0912 345 678"] {
        assert!(!holds(secret), "{secret}");
    }
    let get = GetApplicationRequest { application_id: receipt.application_id.clone() };
    let shown = intake.applications(system()).get_application(get.clone()).await.unwrap().into_inner();
    assert_eq!(shown.applicant.unwrap().name, NAME);
    assert_eq!(shown.receipt.unwrap(), receipt);

    erase_all(&intake).await;
    let shown = intake.applications(system()).get_application(get).await.unwrap().into_inner();
    assert_eq!(shown.applicant, None);
    assert_eq!(shown.application.unwrap().application_id, receipt.application_id);
}

pub(crate) async fn erase_all(intake: &Intake) {
    intake.db.write(|tx| Box::pin(delete_keys(tx))).await.unwrap();
}

async fn delete_keys(tx: &DatabaseTransaction) -> Result<(), Failure> {
    tx.execute_unprepared("DELETE FROM person_key").await?;
    Ok(())
}
