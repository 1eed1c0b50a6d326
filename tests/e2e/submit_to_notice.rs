//! A citizen hands in; two steps later the result is ready, and they were told of each fact once. When they come again,
//! whoever did the work knows them.

use harness::{
    client::{Client, application},
    province::{ALPHA, ANYWHERE},
    smtp_process::{Demands, SmtpProcess},
    wait,
};
use phidia_proto::{
    intake::v1::Receipt,
    notification::v1::{
        ListMessagesRequest, Message, MessageChannel, MessageState,
        notification_service_client::NotificationServiceClient,
    },
    routing::v1::{Candidate, WorkState},
    types::v1::{ApplicationStatus, ContactChoice, ContactPreferences},
};

use crate::{rescued::explain, stage::Stage};

async fn messages(caller: &Client, receipt: &Receipt) -> Vec<Message> {
    let mut notification = NotificationServiceClient::new(caller.peer());
    let application_id = receipt.application_id.clone();
    let request = ListMessagesRequest { application_id, ..ListMessagesRequest::default() };
    notification.list_messages(request).await.unwrap().into_inner().messages
}

#[tokio::test]
async fn whoever_declines_letters_in_the_form_gets_none() {
    let mail = SmtpProcess::start(Demands::default());
    let stage = Stage::with(&format!(
        "[notification.smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"khong-tra-loi@thu.example\"\n\
         [notification.decent_hours]\nalways = true\n",
        mail.port()
    ));
    let citizen = Client::system(stage.endpoint());
    let handed_in = |key: &str, email: ContactChoice| {
        let mut handed_in = application(key, ANYWHERE);
        let applicant = handed_in.applicant.as_mut().unwrap();
        applicant.email = format!("{key}@thu.example");
        applicant.preferences = Some(ContactPreferences { email: email.into(), ..Default::default() });
        handed_in
    };
    let declines = citizen.submit(handed_in("declines", ContactChoice::Declined)).await.unwrap();
    let agrees = citizen.submit(handed_in("agrees", ContactChoice::Agreed)).await.unwrap();
    let is_told = |told: &Message, channel, state| {
        told.template == "case_opened" && told.channel() == channel && told.state() == state
    };
    wait::until("both know that it is worked on", async || {
        let kept = messages(&citizen, &declines).await;
        let sent = messages(&citizen, &agrees).await;
        let is_kept = kept.iter().any(|told| is_told(told, MessageChannel::InApp, MessageState::Sent));
        let is_sent = sent.iter().any(|told| is_told(told, MessageChannel::Email, MessageState::Sent));
        (is_kept && is_sent).then_some(())
    })
    .await;
    let kept = messages(&citizen, &declines).await;
    assert!(kept.iter().all(|told| told.channel() == MessageChannel::InApp), "{kept:?}");
    let recipients: Vec<_> = mail.letters().into_iter().flat_map(|letter| letter.recipients).collect();
    assert_eq!(recipients, ["agrees@thu.example", "agrees@thu.example"]);
}

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
        let messages = messages(&citizen, &receipt).await;
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
