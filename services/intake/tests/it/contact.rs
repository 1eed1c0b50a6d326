//! How an applicant is reached is corrected.

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    caller::{Caller, Role},
    id::PersonId,
    notice::Contact,
};
use phidia_proto::{
    convert::{required, timestamp, wire_timestamp},
    events::v1::{ContactCorrected, Event, event::Fact},
    intake::v1::{
        CorrectContactRequest, GetApplicationRequest, Receipt, ReceiptHolder, StateContactPreferencesRequest,
        correct_contact_request::Key, state_contact_preferences_request as preferences,
    },
    types::v1::{ContactChoice, ContactPreferences},
};
use phidia_runtime::{
    seal::{PersonKey, Sealed},
    status::from_status,
};

use crate::{
    harness::{Intake, NAME, at, caller, master_key, officer, operator, request, system, until},
    progress::track,
};

const LATER: &str = "2026-11-24T02:00:00Z";
const LATER_STILL: &str = "2026-11-25T02:00:00Z";
const IDENTITY: &str = "037190001234";
const NEW: &str = "moi@example.vn";

fn citizen() -> Caller {
    caller(Role::Citizen, None)
}

fn holder(receipt: &Receipt, identity_number: &str) -> Key {
    Key::Holder(ReceiptHolder {
        dossier_code: receipt.dossier_code.clone(),
        check_code: receipt.check_code.clone(),
        identity_number: identity_number.into(),
    })
}

async fn correct(intake: &Intake, caller: Caller, key: Key, email: &str) -> Result<Timestamp, Rejection> {
    let request =
        CorrectContactRequest { key: Some(key), email: email.into(), telephone: "0912 345 678".into() };
    let answer = intake.applications(caller).correct_contact(request).await;
    let at = answer.map_err(|status| from_status(&status))?.into_inner().corrected_at;
    timestamp(required(at, "corrected_at").unwrap(), "corrected_at")
}

/// What was told of contacts, once there is so much of it; and the key that came with the application.
async fn told(intake: &Intake, many: usize) -> (Vec<ContactCorrected>, PersonId, PersonKey) {
    let corrected = || -> Vec<ContactCorrected> {
        let facts = intake.notification.heard().into_iter().filter_map(|event| event.fact);
        facts
            .filter_map(|fact| if let Fact::ContactCorrected(fact) = fact { Some(fact) } else { None })
            .collect()
    };
    until("it is told", async || corrected().len() >= many).await;
    let submitted = intake.notification.heard().into_iter().find_map(|event| match event.fact {
        Some(Fact::ApplicationSubmitted(fact)) => fact.contact,
        _ => None,
    });
    let contact = submitted.unwrap();
    let key = PersonKey::unwrap(&master_key(), &contact.wrapped_key).unwrap();
    (corrected(), contact.person_id.parse().unwrap(), key)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_receipt_and_knows_whose_it_is_corrects_it_once() {
    let mut intake = Intake::new().await;
    let _workers = intake.start();
    let receipt = intake.submit(request("k")).await.unwrap();
    intake.clock.set(at(LATER));
    // Written in another way it is the same number.
    let corrected = correct(&intake, citizen(), holder(&receipt, "037 190 001 234"), NEW).await;
    assert_eq!(corrected, Ok(at(LATER)));
    intake.clock.set(at(LATER_STILL));
    assert_eq!(correct(&intake, citizen(), holder(&receipt, IDENTITY), NEW).await, Ok(at(LATER)), "again");

    let (facts, person, key) = told(&intake, 1).await;
    let [fact] = &facts[..] else { panic!("told once") };
    let contact = fact.contact.clone().unwrap();
    assert_eq!((contact.person_id, contact.wrapped_key.len()), (person.to_string(), 0));
    assert_eq!(fact.corrected_at, Some(wire_timestamp(at(LATER))));
    let sealed = Sealed::<Contact>::from_bytes(contact.sealed.clone());
    let opened = sealed.open(&key, &Contact::context(person)).unwrap();
    assert_eq!((opened.name.as_str(), opened.email.as_str()), (NAME, NEW));
    assert!(!String::from_utf8_lossy(&contact.sealed).contains(NEW));

    let request = GetApplicationRequest { application_id: receipt.application_id.clone() };
    let shown = intake.applications(system()).get_application(request).await.unwrap().into_inner();
    let applicant = shown.applicant.unwrap();
    assert_eq!((applicant.name.as_str(), applicant.identity_number.as_str()), (NAME, IDENTITY));
    assert_eq!(applicant.email, NEW);
    let tracked = track(&intake, &receipt).await;
    let last = tracked.history.last().unwrap();
    assert_eq!(last.sentence.as_ref().unwrap().en, "The contact details were corrected.");
    assert_eq!(tracked.history, shown.history);
    assert!(!format!("{tracked:?}").contains('@'), "nothing personal");
}

#[tokio::test]
async fn a_receipt_alone_redirects_nothing() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    let reason = async |caller: Caller, key: Key, email: &str| {
        correct(&intake, caller, key, email).await.unwrap_err().reason
    };
    assert_eq!(reason(citizen(), holder(&receipt, ""), NEW).await, "MISSING_FIELD");
    assert_eq!(reason(citizen(), holder(&receipt, "037190001235"), NEW).await, "UNKNOWN_RECEIPT");
    let wrong = Receipt { check_code: "000000".into(), ..receipt.clone() };
    assert_eq!(reason(citizen(), holder(&wrong, IDENTITY), NEW).await, "UNKNOWN_RECEIPT");
    let by_id = || Key::ApplicationId(receipt.application_id.clone());
    assert_eq!(reason(citizen(), by_id(), NEW).await, "RECEIPT_REQUIRED");
    let refusal = correct(&intake, citizen(), holder(&receipt, IDENTITY), "moi").await.unwrap_err();
    assert_eq!((refusal.reason.as_str(), refusal.violations[0].field.as_str()), ("MALFORMED_EMAIL", "email"));
    // Another unit's officers do not learn that there is such an application; operators have no business with it.
    assert_eq!(reason(officer("2"), by_id(), NEW).await, "UNKNOWN_APPLICATION");
    assert_eq!(
        correct(&intake, operator(), by_id(), NEW).await.unwrap_err().kind,
        phidia_domain::Kind::Forbidden
    );
    // At the counter where it was received.
    assert!(correct(&intake, officer("1"), by_id(), NEW).await.is_ok());

    // An identity number is guessed no longer than a check code.
    for _ in 0..8 {
        reason(citizen(), holder(&receipt, "037190001235"), NEW).await;
    }
    assert_eq!(reason(citizen(), holder(&receipt, IDENTITY), NEW).await, "TOO_MANY_WRONG_CODES");
}

#[tokio::test]
async fn who_gave_no_identity_number_goes_to_the_counter() {
    let intake = Intake::new().await;
    let mut anonymous = request("k");
    anonymous.applicant.as_mut().unwrap().identity_number = String::new();
    let receipt = intake.submit(anonymous).await.unwrap();
    let refusal = correct(&intake, citizen(), holder(&receipt, IDENTITY), NEW).await.unwrap_err();
    assert_eq!(refusal.reason, "NO_SECOND_FACTOR");
    let by_id = Key::ApplicationId(receipt.application_id.clone());
    assert!(correct(&intake, officer("1"), by_id, NEW).await.is_ok());
}

/// All that was told, once there are so many facts of preferences.
async fn stated(intake: &Intake, many: usize) -> Vec<Event> {
    let is_stated = |event: &Event| matches!(event.fact, Some(Fact::PreferencesStated(_)));
    let heard = || intake.notification.heard();
    until("it is told", async || heard().iter().filter(|event| is_stated(event)).count() >= many).await;
    heard()
}

#[tokio::test(flavor = "multi_thread")]
async fn how_somebody_wants_to_be_told_holds_of_all_that_is_theirs() {
    let mut intake = Intake::new().await;
    let _workers = intake.start();
    let wanted = ContactPreferences {
        sms: ContactChoice::Agreed.into(),
        email: ContactChoice::Declined.into(),
        ..Default::default()
    };
    let mut first = request("first");
    first.applicant.as_mut().unwrap().preferences = Some(wanted);
    let first = intake.submit(first).await.unwrap();
    let second = intake.submit(request("second")).await.unwrap();
    let state = async |caller: Caller, key: Option<preferences::Key>, wanted: Option<ContactPreferences>| {
        let request = StateContactPreferencesRequest { key, preferences: wanted };
        let answer = intake.applications(caller).state_contact_preferences(request).await;
        answer.map(|answer| answer.into_inner().stated_at).map_err(|status| {
            let refusal = from_status(&status);
            let field = refusal.violations.first().map(|violation| violation.field.clone());
            (refusal.reason, field.unwrap_or_default())
        })
    };
    let Key::Holder(holder) = holder(&second, IDENTITY) else { unreachable!() };
    let holder = preferences::Key::Holder(holder);
    intake.clock.set(at(LATER));
    let less = ContactPreferences { zalo: ContactChoice::Declined.into(), daily: true, ..wanted };
    assert_eq!(state(citizen(), Some(holder.clone()), Some(less)).await, Ok(Some(wire_timestamp(at(LATER)))));
    let events = stated(&intake, 2).await;
    // What is said with an application holds of its first message too.
    let of_the_first = events.iter().filter(|event| event.application_id == first.application_id);
    let order: Vec<_> = of_the_first
        .map(|event| match event.fact {
            Some(Fact::PreferencesStated(_)) => "said",
            Some(Fact::ApplicationSubmitted(_)) => "submitted",
            _ => "other",
        })
        .collect();
    assert_eq!(order, ["said", "submitted"]);
    let mut contacts = Vec::new();
    let mut told = Vec::new();
    for event in events {
        match event.fact {
            Some(Fact::ApplicationSubmitted(fact)) => contacts.push(fact.contact.unwrap()),
            Some(Fact::PreferencesStated(fact)) => told.push((event.application_id, fact)),
            _ => {}
        }
    }
    // Two applications and two persons as far as their keys go, and one person as far as they want to be told.
    assert_ne!(contacts[0].person_id, contacts[1].person_id);
    assert_eq!((contacts[0].pseudonym.len(), &contacts[0].pseudonym), (16, &contacts[1].pseudonym));
    assert_eq!((&told[0].0, told[0].1.preferences), (&first.application_id, Some(wanted)));
    assert_eq!((&told[1].0, told[1].1.preferences), (&second.application_id, Some(less)));
    for (number, (_, fact)) in told.iter().enumerate() {
        assert_eq!(
            (&fact.person_id, &fact.pseudonym),
            (&contacts[number].person_id, &contacts[number].pseudonym)
        );
    }
    let request = GetApplicationRequest { application_id: second.application_id.clone() };
    let shown = intake.applications(system()).get_application(request).await.unwrap().into_inner();
    assert_eq!(shown.applicant.unwrap().preferences, Some(less));

    let refused = |reason: &str, field: &str| Err((reason.to_owned(), field.to_owned()));
    let of = Some(preferences::Key::ApplicationId(second.application_id.clone()));
    assert_eq!(state(citizen(), of.clone(), Some(wanted)).await, refused("RECEIPT_REQUIRED", ""));
    assert_eq!(state(officer("1"), None, Some(wanted)).await, refused("MISSING_FIELD", "key"));
    assert_eq!(state(officer("1"), of.clone(), None).await, refused("MISSING_FIELD", "preferences"));
    let rubbish = ContactPreferences { zalo: 9, ..wanted };
    assert_eq!(state(officer("1"), of, Some(rubbish)).await, refused("UNKNOWN_VALUE", "preferences.zalo"));
}
