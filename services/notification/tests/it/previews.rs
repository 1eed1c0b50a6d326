//! What a notice would say, before anybody is told, and what it would have said to somebody who was.

use std::collections::BTreeMap;

use phidia_domain::{Kind, Rejection, caller::Role};
use phidia_notification::Config;
use phidia_proto::{
    notification::v1::{PreviewTemplateRequest, PreviewTemplateResponse, preview_template_request::Data},
    types::v1::Language,
};
use phidia_runtime::status;

use crate::{
    harness::{Notification, with_mail},
    smtp_server::SmtpServer,
    story::{NAME, Story, nobody},
    templates::{start, versions},
};

async fn preview(
    service: &Notification,
    request: PreviewTemplateRequest,
) -> Result<PreviewTemplateResponse, Rejection> {
    let answer = service.templates(Role::Officer).preview_template(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
}

fn of(notice: &str) -> PreviewTemplateRequest {
    PreviewTemplateRequest { notice: notice.into(), ..PreviewTemplateRequest::default() }
}

#[tokio::test]
async fn a_notice_is_shown_with_samples_before_anybody_is_told() {
    let (_folder, service) = start(Config::default()).await;
    let shown = preview(&service, of("supplement_requested")).await.unwrap();
    assert_eq!((shown.version, shown.language(), shown.samples), (100, Language::Vi, 4));
    assert_eq!(shown.subject, "Yêu cầu bổ sung, hoàn thiện hồ sơ H42.13285-261123-0007");
    assert!(shown.body.contains("\n- Tờ khai chưa có chữ ký\n"), "{}", shown.body);
    assert!(shown.letter.starts_with("Kính gửi Ông/Bà Nguyễn Thị Lan,\n\nHồ sơ"), "{}", shown.letter);
    assert!(shown.html.contains("<li>Tờ khai chưa có chữ ký</li>"), "{}", shown.html);
    let variables =
        ["dossier_code", "due_at", "occurred_at", "procedure", "reasons", "return_at", "unit", "until"];
    assert_eq!(shown.variables, variables);
    assert!(shown.text_message.starts_with("Ho so H42.13285-261123-0007 cua Ong/Ba can duoc bo sung"));
    let length = shown.text_message_length.unwrap();
    let septets = shown.text_message.chars().count();
    assert_eq!((&*length.encoding, length.units, length.parts), ("gsm7", u32::try_from(septets).unwrap(), 2));

    let english = PreviewTemplateRequest {
        language: Language::En.into(),
        data: Some(Data::Sample(3)),
        ..of("supplement_requested")
    };
    let longest = preview(&service, english).await.unwrap();
    assert!(longest.body.contains("Land Registration Office"), "{}", longest.body);
    assert!(longest.html.contains("&lt;ông A &amp; bà B&gt;"), "{}", longest.html);

    // Files that are not brought in yet, one by one.
    let file = |content: &str| BTreeMap::from([("vi/work_lost.txt".to_owned(), content.as_bytes().to_vec())]);
    let draft =
        PreviewTemplateRequest { files: file("Mất {{ dossier_code }}\nVì: {{ why }}"), ..of("work_lost") };
    let shown = preview(&service, draft).await.unwrap();
    assert_eq!((&*shown.subject, &*shown.body), ("Mất H42.13285-261123-0007", "Vì: Ở đây sẽ trễ hạn."));
    assert!(shown.text_message.is_empty() && shown.text_message_length.is_none(), "a unit has its mailbox");
    let faulty = PreviewTemplateRequest { files: file("Mất\nVì: {{ amount }}"), ..of("work_lost") };
    let refusal = preview(&service, faulty).await.unwrap_err();
    assert_eq!(refusal.violations[0].field, "files[\"vi/work_lost.txt\"]:2:8");

    for (request, kind, reason) in [
        (of(""), Kind::Invalid, "MISSING_FIELD"),
        (of("case_closed"), Kind::NotFound, "UNKNOWN_NOTICE_NAME"),
        (
            PreviewTemplateRequest { data: Some(Data::Sample(0)), ..of("case_opened") },
            Kind::NotFound,
            "UNKNOWN_SAMPLE",
        ),
        (
            PreviewTemplateRequest { data: Some(Data::Sample(99)), ..of("case_opened") },
            Kind::NotFound,
            "UNKNOWN_SAMPLE",
        ),
        (
            PreviewTemplateRequest { version: 99, ..of("case_opened") },
            Kind::NotFound,
            "UNKNOWN_TEMPLATE_VERSION",
        ),
        (
            PreviewTemplateRequest { version: 1 << 20, ..of("case_opened") },
            Kind::NotFound,
            "UNKNOWN_TEMPLATE_VERSION",
        ),
        (
            PreviewTemplateRequest { data: Some(Data::ApplicationId("app_7".into())), ..of("case_opened") },
            Kind::Invalid,
            "MALFORMED_ID",
        ),
        (
            PreviewTemplateRequest {
                data: Some(Data::ApplicationId(nobody().to_string())),
                ..of("case_opened")
            },
            Kind::NotFound,
            "NEVER_TOLD",
        ),
    ] {
        let refusal = preview(&service, request).await.unwrap_err();
        assert_eq!((refusal.kind, &*refusal.reason), (kind, reason), "{refusal}");
    }
    assert_eq!(versions(&service).await.len(), 1, "a preview stores nothing");
    service.stop().await;
}

#[tokio::test]
async fn a_notice_is_shown_with_what_a_real_application_was_told_with_and_without_its_name() {
    let server = SmtpServer::start([]);
    let (_folder, service) = start(with_mail(server.port)).await;
    let (vi, en) = (Story::new(1), Story::english(2));
    for story in [&vi, &en] {
        service.deliver(vec![story.submitted(), story.opened(), story.asked(), story.moved(true)]).await;
    }
    let with = |story: &Story, notice| PreviewTemplateRequest {
        data: Some(Data::ApplicationId(story.application.to_string())),
        ..of(notice)
    };
    for story in [&vi, &en] {
        for notice in
            ["application_accepted", "case_opened", "supplement_requested", "case_moved", "work_lost"]
        {
            let shown = preview(&service, with(story, notice)).await.unwrap();
            let told = match notice {
                "work_lost" => service.of_unit(Role::Officer, crate::story::LOSER).await.unwrap().messages,
                _ => service.of(story.application).await,
            };
            let in_app = told
                .iter()
                .find(|told| told.template == notice && told.application_id == story.application.to_string());
            let told = in_app.unwrap();
            // By the same words it says what was said.
            assert_eq!((&shown.subject, &shown.body), (&told.subject, &told.body));
            assert_eq!(shown.language(), told.language());
            assert!(!shown.letter.contains(NAME) && !shown.html.contains(NAME), "{}", shown.letter);
        }
        // By others, not brought in, what would be said.
        let folder = if story.language == Language::En { "en" } else { "vi" };
        let file = (
            format!("{folder}/supplement_requested.txt"),
            b"A {{ dossier_code }}\n{{ reasons|length }}: {{ until }}".to_vec(),
        );
        let draft =
            PreviewTemplateRequest { files: BTreeMap::from([file]), ..with(story, "supplement_requested") };
        let until =
            if folder == "en" { "17:30 on 14 December 2026" } else { "17 giờ 30, ngày 14/12/2026" };
        assert_eq!(preview(&service, draft).await.unwrap().body, format!("2: {until}"));
    }
    // What another unit was told is not for this one.
    let other = preview(&service, with(&vi, "work_gained")).await.unwrap_err();
    assert_eq!((other.kind, &*other.reason), (Kind::Forbidden, "OTHER_UNIT"));
    let operator = service.templates(Role::Operator).preview_template(with(&vi, "work_gained")).await;
    assert!(operator.unwrap().into_inner().body.contains("Trung tâm Phủ Lý"));
    let never = preview(&service, with(&vi, "result_ready")).await.unwrap_err();
    assert_eq!(never.reason, "NEVER_TOLD");
    service.stop().await;
}
