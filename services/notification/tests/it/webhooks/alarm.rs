//! What those who run the installation hear where a subscription is disabled.

use phidia_domain::id::{ApplicationId, Id as _};
use phidia_notification::OperatorsConfig;
use phidia_proto::notification::v1::{
    GetMessageRequest, ListMessagesRequest, ListOperatorMessagesRequest, Message, MessageChannel,
    MessageState, notification_service_client::NotificationServiceClient,
};

use super::*;
use crate::{
    harness::{soon, with_mail},
    smtp_server::SmtpServer,
};

const OPERATORS: &str = "van-hanh@ninhbinh.example";

/// What they were told, once it is so.
async fn told(service: &Notification, is_so: impl Fn(&[Message]) -> bool) -> Vec<Message> {
    let mut told = Vec::new();
    soon("they are told so", async || {
        let answer = service.operator().list_operator_messages(ListOperatorMessagesRequest::default()).await;
        told = answer.unwrap().into_inner().messages;
        is_so(&told)
    })
    .await;
    told
}

fn letters(told: &[Message]) -> usize {
    let is_sent = |message: &&Message| {
        message.channel() == MessageChannel::Email && message.state() == MessageState::Sent
    };
    told.iter().filter(is_sent).count()
}

#[tokio::test]
async fn whoever_runs_it_is_told_once_each_time_that_a_subscription_is_disabled_and_nobody_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let operators = OperatorsConfig { email: OPERATORS.into(), ..OperatorsConfig::default() };
    let config = Config { webhooks: config().webhooks, operators, ..with_mail(server.port) };
    let service = Notification::start(folder.path(), config.clone()).await;
    let gone = Receiver::start(Manner::Status(410)).await;
    let url = format!("{}?khoa=bi-mat", gone.url());
    let id = operator(&service).subscribe(&url).await;
    let story = Story { email: "", telephone: "", ..Story::new(1) };
    live(&service, &story).await;
    let first = told(&service, |told| letters(told) == 1).await;
    let kept = first.iter().find(|message| message.channel() == MessageChannel::InApp).unwrap();
    assert_eq!((first.len(), &*kept.addressee, &*kept.application_id), (2, "operators", ""));
    for told in [&id, "Cổng dữ liệu", &gone.url(), "operator/x", "không còn nữa"] {
        assert!(kept.body.contains(told), "{told}: {}", kept.body);
    }
    let letter = &server.letters()[0];
    assert_eq!(letter.recipient, format!("RCPT TO:<{OPERATORS}>"));
    assert!(letter.text().contains(&kept.body), "{}", letter.text());
    assert!(!letter.data.contains("bi-mat") && !kept.body.contains("bi-mat"));
    // A replica that comes later says nothing more, and each time is told anew.
    service.stop().await;
    let service = Notification::start(folder.path(), config).await;
    let request = EnableSubscriptionRequest { subscription_id: id.clone(), accept_gap: false };
    answered(operator(&service).0.enable_subscription(request).await).unwrap();
    assert_eq!(told(&service, |told| letters(told) == 2).await.len(), 4);

    // Nobody else reads it, neither among what citizens are told nor by its id.
    for role in [Role::Officer, Role::Supervisor, Role::System] {
        let mut peer = NotificationServiceClient::new(service.peer(role));
        let listed = peer.list_operator_messages(ListOperatorMessagesRequest::default()).await;
        assert_eq!(listed.unwrap_err().code(), tonic::Code::PermissionDenied, "{role:?}");
        let shown = peer.get_message(GetMessageRequest { message_id: kept.message_id.clone() }).await;
        assert_eq!(answered(shown).unwrap_err().reason, "FOR_OPERATORS", "{role:?}");
        let none = ApplicationId::from_uuid(uuid::Uuid::nil()).to_string();
        for application_id in [none, String::new()] {
            let request = ListMessagesRequest { application_id, ..ListMessagesRequest::default() };
            let listed = service.list(Role::Operator, request).await.unwrap().messages;
            assert!(listed.iter().all(|message| message.addressee == "applicant"), "{listed:?}");
        }
    }
    let shown = service.show(&kept.message_id).await.unwrap();
    assert_eq!(shown.message.unwrap().body, kept.body);
    service.stop().await;
}

#[tokio::test]
async fn who_is_gone_is_disabled_also_where_it_cannot_be_read_which_province_this_is() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;
    service.install_hours("2026-11-28").await;
    service.execute("UPDATE reference_document SET content = 'x'".to_owned()).await;
    service.stop().await;
    let service = start(folder.path()).await;
    let gone = Receiver::start(Manner::Status(410)).await;
    let id = operator(&service).subscribe(&gone.url()).await;
    live(&service, &Story::new(1)).await;
    operator(&service).once(&id, |one| one.state() == SubscriptionState::Disabled).await;
    assert_eq!((gone.got().len(), told(&service, |told| !told.is_empty()).await.len()), (1, 1));
    service.stop().await;
}
