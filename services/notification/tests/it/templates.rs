//! The words of messages: brought in whole or not at all, tried before, and kept.

use std::{collections::BTreeMap, time::Duration};

use phidia_domain::{Kind, Rejection, caller::Role};
use phidia_notification::{Config, SmsConfig};
use phidia_proto::{
    events::v1::Verdict,
    notification::v1::{
        GetTemplatesRequest, ImportTemplatesRequest, ImportTemplatesResponse, ListTemplateVersionsRequest,
        TemplateVersion,
    },
};
use phidia_runtime::{failure::Failure, status};
use sea_orm::ConnectionTrait as _;

use crate::{
    harness::{Notification, with_mail},
    smtp_server::SmtpServer,
    story::Story,
};

type Files = BTreeMap<String, Vec<u8>>;

/// How long another replica may go by the set of before.
const SOON: Duration = Duration::from_secs(20);

pub(crate) async fn start(config: Config) -> (tempfile::TempDir, Notification) {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), config).await;
    (folder, service)
}

/// The files of the set that holds.
async fn files(service: &Notification) -> Files {
    let request = GetTemplatesRequest { version: 0 };
    service.templates(Role::Officer).get_templates(request).await.unwrap().into_inner().files
}

async fn import(
    service: &Notification,
    files: &Files,
    expected_version: u32,
) -> Result<ImportTemplatesResponse, Rejection> {
    let request = ImportTemplatesRequest {
        files: files.clone(),
        validate_only: expected_version == 0,
        reason: if expected_version == 0 { String::new() } else { "plainer words".into() },
        expected_version,
    };
    let answer = service.templates(Role::Operator).import_templates(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
}

pub(crate) async fn versions(service: &Notification) -> Vec<TemplateVersion> {
    let request = ListTemplateVersionsRequest::default();
    service.templates(Role::Officer).list_template_versions(request).await.unwrap().into_inner().versions
}

/// The same files, one of them otherwise.
fn with(files: &Files, file: &str, content: &str) -> Files {
    let mut files = files.clone();
    files.insert(file.into(), content.into());
    files
}

fn without(files: &Files, missing: &[&str]) -> Files {
    let mut files = files.clone();
    files.retain(|file, _| !missing.contains(&file.as_str()));
    files
}

/// Other words for the first notice of an application.
fn plainer(files: &Files) -> Files {
    with(
        files,
        "vi/application_accepted.txt",
        "Đã nhận hồ sơ {{ dossier_code }}\nHồ sơ của Ông/Bà đã được nhận.\n",
    )
}

#[tokio::test]
async fn what_is_wrong_with_a_set_is_told_at_its_place_and_nothing_is_stored() {
    let (_folder, service) = start(Config::default()).await;
    let sound = files(&service).await;
    let body = "Tiêu đề {{ dossier_code }}\n\nThân: {{ procedure }},\nhạn {{ du_at }}.\n";
    let looped = "Tiêu đề\n{% for item in reasons %}{{ item }}{% endfor %}\n   {{ item }} là thừa\n";
    let long = "Hồ sơ {{ dossier_code }}: ".to_owned() + &"rất dài ".repeat(60);
    let cases: Vec<(Files, &[(&str, &str)])> = vec![
        (
            with(&sound, "vi/case_opened.txt", body),
            &[("files[\"vi/case_opened.txt\"]:4:8", "UNKNOWN_VARIABLE")],
        ),
        // Where the name is not its own any more, and not where it was.
        (
            with(&sound, "en/supplement_requested.txt", looped),
            &[("files[\"en/supplement_requested.txt\"]:3:7", "UNKNOWN_VARIABLE")],
        ),
        // Of another notice.
        (
            with(&sound, "vi/case_opened.sms.txt", "{{ amount }}"),
            &[("files[\"vi/case_opened.sms.txt\"]:1:4", "UNKNOWN_VARIABLE")],
        ),
        (without(&sound, &["en/case_opened.txt"]), &[("files[\"en/case_opened.txt\"]", "MISSING_LANGUAGE")]),
        (
            without(&sound, &["vi/work_lost.txt", "en/work_lost.txt"]),
            &[
                ("files[\"en/work_lost.txt\"]", "MISSING_TEMPLATE"),
                ("files[\"vi/work_lost.txt\"]", "MISSING_TEMPLATE"),
            ],
        ),
        (
            with(&sound, "fr/case_opened.txt", "Titre\nTexte"),
            &[("files[\"fr/case_opened.txt\"]", "UNKNOWN_TEMPLATE")],
        ),
        (
            with(&sound, "vi/result_ready.txt", "Tiêu đề\nThân\n{% if on_time %}đúng hẹn"),
            &[("files[\"vi/result_ready.txt\"]:3:17", "MALFORMED_TEMPLATE")],
        ),
        (
            with(&sound, "vi/result_ready.txt", "Tiêu đề\nThân {{ due_at.date }}"),
            &[("files[\"vi/result_ready.txt\"]:2:9", "TEMPLATE_FAILS")],
        ),
        (
            with(&sound, "vi/result_ready.txt", "Tiêu đề\nThân {{ procedure|shout }}"),
            &[("files[\"vi/result_ready.txt\"]:2:19", "TEMPLATE_FAILS")],
        ),
        (
            with(
                &sound,
                "vi/result_ready.txt",
                "Tiêu đề\n{% for i in range(9999) %}{% for j in range(9999) %}x{% endfor %}{% endfor %}",
            ),
            &[("files[\"vi/result_ready.txt\"]:2:39", "TEMPLATE_FAILS")],
        ),
        // What an officer wrote in two lines is none for a subject.
        (
            with(&sound, "vi/appointment_postponed.txt", "Hẹn lại: {{ reason }}\nThân"),
            &[("files[\"vi/appointment_postponed.txt\"]:1:13", "SUBJECT_NOT_ONE_LINE")],
        ),
        (
            with(&sound, "vi/case_opened.txt", "{% if due_at %}Tiêu đề\nkhác{% else %}Tiêu{% endif %}\nThân"),
            &[("files[\"vi/case_opened.txt\"]:1:1", "SUBJECT_NOT_ONE_LINE")],
        ),
        (
            with(&sound, "vi/case_opened.txt", "Chỉ có tiêu đề"),
            &[("files[\"vi/case_opened.txt\"]:1:1", "TEMPLATE_FAILS")],
        ),
        (
            with(&sound, "vi/case_opened.sms.txt", &long),
            &[("files[\"vi/case_opened.sms.txt\"]:1:1", "SMS_TOO_LONG")],
        ),
        (
            with(&sound, "vi/letter.html", "<p>{{ name }}</p>"),
            &[("files[\"vi/letter.html\"]:1:1", "LETTER_WITHOUT_BODY")],
        ),
        (
            with(&sound, "vi/case_opened.txt", "Tiêu đề\nThân\u{7}"),
            &[("files[\"vi/case_opened.txt\"]:2:5", "TEMPLATE_NOT_TEXT")],
        ),
        (
            with(&sound, "vi/case_opened.txt", &"x".repeat(20_000)),
            &[("files[\"vi/case_opened.txt\"]", "TEMPLATE_TOO_LARGE")],
        ),
        // All at once, in the order of files and lines.
        (
            with(&without(&sound, &["vi/work_lost.txt"]), "vi/case_opened.txt", body),
            &[
                ("files[\"vi/case_opened.txt\"]:4:8", "UNKNOWN_VARIABLE"),
                ("files[\"vi/work_lost.txt\"]", "MISSING_LANGUAGE"),
            ],
        ),
    ];
    for (files, expected) in cases {
        // Checked and brought in, it is the same that is wrong.
        for version in [0, 100] {
            let refusal = import(&service, &files, version).await.unwrap_err();
            assert_eq!((refusal.kind, &*refusal.reason), (Kind::Invalid, expected[0].1), "{refusal}");
            let told: Vec<_> =
                refusal.violations.iter().map(|fault| (&*fault.field, &*fault.reason)).collect();
            assert_eq!(told, expected, "{refusal}");
            let said = refusal.violations.iter().all(|fault| fault.in_vietnamese.is_some());
            assert!(said, "{refusal:?}");
        }
    }
    let mut latin = sound.clone();
    latin.insert("vi/case_opened.txt".into(), b"Ti\xeau".to_vec());
    let refusal = import(&service, &latin, 100).await.unwrap_err();
    assert_eq!(refusal.violations[0].field, "files[\"vi/case_opened.txt\"]:1:3");

    let [only] = &versions(&service).await[..] else { panic!("something was stored") };
    assert!(only.active && only.bundled && only.version == 100);
    let story = Story::new(1);
    assert_eq!(service.deliver(vec![story.submitted()]).await, [Verdict::Applied]);
    assert_eq!(service.of(story.application).await[0].template_version, 100);
    service.stop().await;
}

#[tokio::test]
async fn a_text_message_with_marks_takes_more_room_and_the_letter_that_makes_it_so_is_the_place() {
    let sms = SmsConfig { without_marks: false, parts: 5 };
    let (_folder, service) = start(Config { sms, ..Config::default() }).await;
    let sound = files(&service).await;
    let marked = "OK {{ dossier_code }} đã xong, ".to_owned() + &"a".repeat(330);
    let refusal = import(&service, &with(&sound, "vi/case_opened.sms.txt", &marked), 0).await.unwrap_err();
    let [of_this] = &refusal.violations[..] else { panic!("{refusal:?}") };
    assert_eq!(of_this.field, "files[\"vi/case_opened.sms.txt\"]:1:23");
    assert!(of_this.description.contains("takes 6 messages"), "{}", of_this.description);
    service.stop().await;
}

#[tokio::test]
async fn a_message_keeps_the_version_by_which_it_was_told() {
    let server = SmtpServer::start([]);
    let (folder, service) = start(with_mail(server.port)).await;
    let sound = files(&service).await;
    let before = Story::new(1);
    service.deliver(vec![before.submitted()]).await;
    let refused = service.templates(Role::Officer).import_templates(ImportTemplatesRequest::default()).await;
    assert_eq!(status::from_status(&refused.unwrap_err()).kind, Kind::Forbidden);

    let checked = import(&service, &plainer(&sound), 0).await.unwrap();
    assert!(!checked.changed && checked.version.unwrap().version == 100);
    let lengths = checked.text_messages;
    assert_eq!(lengths.len(), 36);
    assert!(lengths.iter().all(|length| length.encoding == "gsm7" && (1..=2).contains(&length.parts)));
    // As an editor on Windows writes it.
    let windows = plainer(&sound).into_iter().map(|(file, content)| {
        let content = String::from_utf8(content).unwrap().replace('\n', "\r\n");
        (file, format!("\u{feff}{content}").into_bytes())
    });
    let taken = import(&service, &windows.collect(), 100).await.unwrap();
    let version = taken.version.unwrap();
    assert!(taken.changed && version.active && !version.bundled);
    assert_eq!(
        (version.version, &*version.imported_by, &*version.reason),
        (101, "operator/x", "plainer words")
    );
    assert_eq!(files(&service).await, plainer(&sound));
    // It holds already, whatever is believed to hold; another one needs to know it.
    let again = import(&service, &plainer(&sound), 7).await.unwrap();
    assert!(!again.changed && again.version.unwrap().version == 101);
    let late = import(&service, &sound, 100).await.unwrap_err();
    assert_eq!((late.kind, &*late.reason), (Kind::Conflict, "TEMPLATES_MOVED_ON"));
    assert_eq!(late.metadata, [("version".to_owned(), "101".to_owned())]);

    let after = Story::new(2);
    service.deliver(vec![after.submitted(), after.opened()]).await;
    let told = service.of(after.application).await;
    assert!(told.iter().all(|message| message.template_version == 101), "{told:?}");
    assert_eq!(told[0].body, "Hồ sơ của Ông/Bà đã được nhận.");
    let told = service.of(before.application).await;
    assert!(told.iter().all(|message| message.template_version == 100), "{told:?}");

    // A process that starts anew goes by it, and keeps nothing twice.
    service.stop().await;
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let numbers: Vec<_> = versions(&service).await.iter().map(|kept| (kept.version, kept.active)).collect();
    assert_eq!(numbers, [(101, true), (100, false)]);
    let third = Story::new(3);
    service.deliver(vec![third.submitted()]).await;
    assert_eq!(service.of(third.application).await[0].template_version, 101);
    // Back to the words of before: they are brought in like any other.
    let back = import(&service, &sound, 101).await.unwrap();
    assert_eq!(back.version.unwrap().version, 102);
    let request = GetTemplatesRequest { version: 103 };
    let missing = service.templates(Role::Operator).get_templates(request).await.unwrap_err();
    assert_eq!(status::from_status(&missing).reason, "UNKNOWN_TEMPLATE_VERSION");
    service.stop().await;
}

#[tokio::test]
async fn versions_are_listed_page_by_page() {
    let (_folder, service) = start(Config::default()).await;
    let sound = files(&service).await;
    for round in 0..3_u32 {
        let other = with(&sound, "vi/case_moved.sms.txt", &format!("{{{{ dossier_code }}}} {round}"));
        import(&service, &other, 100 + round).await.unwrap();
    }
    let (mut token, mut seen) = (String::new(), Vec::new());
    loop {
        let request = ListTemplateVersionsRequest { page_size: 2, page_token: token };
        let page =
            service.templates(Role::Officer).list_template_versions(request).await.unwrap().into_inner();
        seen.extend(page.versions.iter().map(|kept| kept.version));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, [103, 102, 101, 100]);
    let request = ListTemplateVersionsRequest { page_size: 2, page_token: "x".into() };
    let refusal = service.templates(Role::Officer).list_template_versions(request).await.unwrap_err();
    assert_eq!(status::from_status(&refusal).reason, "MALFORMED_PAGE_TOKEN");
    service.stop().await;
}

#[tokio::test]
async fn of_two_who_bring_in_at_once_one_does_and_another_replica_goes_by_it_soon() {
    let folder = tempfile::tempdir().unwrap();
    let (here, there) = (
        Notification::start(folder.path(), Config::default()).await,
        Notification::start(folder.path(), Config::default()).await,
    );
    assert_eq!(versions(&there).await.len(), 1, "the bundled set is kept once");
    let sound = files(&here).await;
    let one = plainer(&sound);
    let other = with(&sound, "vi/application_accepted.txt", "Hồ sơ {{ dossier_code }}\nĐã tiếp nhận.\n");
    let (first, second) = tokio::join!(import(&here, &one, 100), import(&there, &other, 100));
    let (taken, late) = if first.is_ok() { (&first, &second) } else { (&second, &first) };
    assert!(taken.as_ref().unwrap().changed);
    assert_eq!(late.as_ref().unwrap_err().reason, "TEMPLATES_MOVED_ON");
    let winner = if first.is_ok() { &one } else { &other };
    let body = String::from_utf8(winner["vi/application_accepted.txt"].clone()).unwrap();
    let body = body.lines().nth(1).unwrap();

    for (seed, replica) in [(1_u64, &here), (2, &there)] {
        // Each tells by the version that it knows, and soon by this one.
        let told = tokio::time::timeout(SOON, async {
            for round in 0.. {
                let story = Story::new(seed * 1_000 + round);
                replica.deliver(vec![story.submitted()]).await;
                let message = replica.of(story.application).await.remove(0);
                if message.template_version == 101 {
                    return message.body;
                }
                assert_eq!(message.template_version, 100);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            unreachable!()
        });
        assert_eq!(told.await.unwrap(), body);
    }
    here.stop().await;
    there.stop().await;
}

#[tokio::test]
async fn a_set_is_taken_while_messages_flow_and_each_is_of_one_set() {
    let (_folder, service) = start(Config::default()).await;
    let sound = files(&service).await;
    let mut other = sound.clone();
    for (file, content) in &mut other {
        if file.ends_with(".txt") && !file.contains("letter") && !file.contains(".sms.") {
            let text = String::from_utf8(content.clone()).unwrap();
            *content = text.replacen('\n', " (2)\n(2) ", 1).into_bytes();
        }
    }
    let stories: Vec<_> = (0..60).map(Story::new).collect();
    let flow = async {
        for story in &stories {
            let told = service.deliver(vec![story.submitted(), story.opened()]).await;
            assert_eq!(told, [Verdict::Applied; 2]);
        }
    };
    let (imported, ()) = tokio::join!(import(&service, &other, 100), flow);
    assert!(imported.unwrap().changed);
    let last = Story::new(1_000);
    service.deliver(vec![last.submitted()]).await;
    assert_eq!(service.of(last.application).await[0].template_version, 101);
    for story in &stories {
        let told = service.of(story.application).await;
        assert_eq!(told.len(), 2);
        for message in told {
            let new = message.template_version == 101;
            assert_eq!(
                (message.subject.ends_with(" (2)"), message.body.starts_with("(2) ")),
                (new, new),
                "{message:?}"
            );
        }
    }
    service.stop().await;
}

#[tokio::test]
async fn a_new_binary_keeps_its_words_and_does_not_change_those_of_the_province() {
    let (folder, service) = start(Config::default()).await;
    let of_another = |service: &Notification| {
        let db = service.db.clone();
        let sql = "UPDATE template_set SET digest = 'of the binary before' WHERE bundled AND version < 102";
        async move {
            let write = db.write(move |tx| {
                Box::pin(async move { tx.execute_unprepared(sql).await.map(drop).map_err(Failure::from) })
            });
            write.await.unwrap();
        }
    };
    // Nothing was brought in: the words are those of the binary that runs.
    of_another(&service).await;
    service.stop().await;
    let service = Notification::start(folder.path(), Config::default()).await;
    let numbers = |kept: Vec<TemplateVersion>| -> Vec<_> {
        kept.iter().map(|kept| (kept.version, kept.bundled, kept.active)).collect()
    };
    assert_eq!(numbers(versions(&service).await), [(101, true, true), (100, true, false)]);

    let sound = files(&service).await;
    import(&service, &plainer(&sound), 101).await.unwrap();
    of_another(&service).await;
    service.stop().await;
    let service = Notification::start(folder.path(), Config::default()).await;
    let kept = numbers(versions(&service).await);
    assert_eq!(kept, [(103, true, false), (102, false, true), (101, true, false), (100, true, false)]);
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    let told = service.of(story.application).await.remove(0);
    assert_eq!((&*told.body, told.template_version), ("Hồ sơ của Ông/Bà đã được nhận.", 102));
    service.stop().await;
}
