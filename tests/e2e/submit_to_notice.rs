//! A citizen hands in; two steps later the result is ready, and they were told of each fact once. When they come again,
//! whoever did the work knows them.

use harness::{
    client::{Client, application},
    province::{ALPHA, ANYWHERE},
    wait,
};
use phidia_proto::{
    notification::v1::{ListMessagesRequest, notification_service_client::NotificationServiceClient},
    routing::v1::{Candidate, WorkState},
    types::v1::ApplicationStatus,
};

use crate::{rescued::explain, stage::Stage};

#[tokio::test]
async fn from_the_counter_to_the_last_message() {
    let stage = Stage::set();
    let citizen = Client::system(stage.endpoint());
    let officer = Client::officer(stage.endpoint(), ALPHA, "A-1");
    let by_them = |key| {
        let mut handed_in = application(key, ANYWHERE);
        handed_in.applicant.as_mut().unwrap().identity_number = "037190001234".into();
        handed_in
    };
    let receipt = citizen.submit(by_them("story")).await.unwrap();
    assert!(receipt.due_at.is_some() && !receipt.arithmetic.is_empty());

    citizen.tracked_as(&receipt, ApplicationStatus::InProcess).await;
    officer.works(&receipt, 1).await;
    let case = officer.works(&receipt, 2).await;
    assert!(case.on_time());
    let tracked = citizen.tracked_as(&receipt, ApplicationStatus::Granted).await;
    let statuses: Vec<_> = tracked.entries.iter().map(|entry| entry.status()).collect();
    assert_eq!(statuses.first(), Some(&ApplicationStatus::Accepted));
    assert_eq!(statuses.last(), Some(&ApplicationStatus::Granted));

    let messages = wait::until("three messages", async || {
        let mut notification = NotificationServiceClient::new(citizen.peer());
        let request = ListMessagesRequest {
            application_id: receipt.application_id.clone(),
            ..ListMessagesRequest::default()
        };
        let messages = notification.list_messages(request).await.unwrap().into_inner().messages;
        (messages.len() >= 3).then_some(messages)
    })
    .await;
    let templates: Vec<_> = messages.iter().map(|message| message.template.as_str()).collect();
    assert_eq!(templates, ["application_accepted", "case_opened", "result_ready"]);
    assert!(
        messages.iter().all(|message| !message.body.contains("Đinh Thị Thử")),
        "nothing personal is stored"
    );

    let operator = Client::operator(stage.endpoint());
    wait::until("routing knows that it is done", async || {
        let records = explain(&operator, &receipt).await;
        let done = records.iter().all(|record| record.state() == WorkState::Done);
        (done && !records.is_empty()).then_some(())
    })
    .await;
    let again = citizen.submit(by_them("again")).await.unwrap();
    citizen.tracked_as(&again, ApplicationStatus::InProcess).await;
    let decision = explain(&operator, &again).await.remove(0).decision.unwrap();
    let continuity = |there: &Candidate| (there.unit_name.clone().unwrap().en, there.terms["continuity"]);
    assert!(decision.candidates.iter().map(continuity).any(|it| it == ("Alpha Centre".to_owned(), -15.0)));

    let balance = operator.balance().await;
    assert!(balance.holds() && balance.accepted == 2, "{balance:?}");
}
