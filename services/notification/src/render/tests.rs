use phidia_domain::sms::Encoding;

use super::*;
use crate::template::{LANGUAGES, samples};

fn renderer() -> Renderer {
    Renderer::new("Asia/Ho_Chi_Minh", true, 100).unwrap()
}

/// As it usually is.
fn particulars(due_at: Option<&str>, notice: Notice) -> Particulars<'static> {
    let usual = samples::of(notice, Language::Vi).remove(0);
    Particulars { due_at: due_at.map(|at| at.parse().unwrap()), ..usual }
}

#[test]
fn every_notice_has_words_in_both_languages_for_every_sample() {
    let renderer = renderer();
    for (notice, language) in
        Notice::ALL.into_iter().flat_map(|notice| LANGUAGES.map(|language| (notice, language)))
    {
        for told in samples::of(notice, language) {
            let Rendered { subject, body, version, .. } = renderer.message(notice, language, &told).unwrap();
            assert_eq!(version, 100);
            assert!(subject.chars().count() <= 78, "{subject}");
            assert_eq!(subject.contains(told.dossier_code), !notice.is_digest(), "{subject}");
            if notice.is_digest() {
                continue;
            }
            for line in [told.dossier_code, told.procedure, told.return_at] {
                assert!(body.contains(line), "{notice:?} {language:?}: {body}");
            }
            assert!(!body.contains("{{") && !body.contains("\n\n\n") && !body.contains(" \n"), "{body}");
            assert!(body.ends_with('.'), "{body}");
        }
    }
}

#[test]
fn a_text_message_takes_two_messages_at_most_and_names_the_dossier() {
    let renderer = renderer();
    for (notice, language) in
        Notice::ALL.into_iter().flat_map(|notice| LANGUAGES.map(|language| (notice, language)))
    {
        for told in samples::of(notice, language) {
            let with = serde_json::to_value(renderer.variables(language, &told)).unwrap();
            let Some(message) = renderer.sms(notice, language, &with).unwrap() else {
                assert!(!template::has_text_message(notice));
                continue;
            };
            assert_eq!((message.version, message.measure.encoding), (100, Encoding::Gsm7));
            assert!(message.measure.parts <= 2, "{}", message.text);
            assert_eq!(message.text.contains(told.dossier_code), !notice.is_digest(), "{}", message.text);
            assert!(message.text.ends_with('.'), "{}", message.text);
            assert!(!message.text.contains("  ") && !message.text.contains('\n'), "{}", message.text);
        }
    }
}

#[test]
fn a_letter_in_html_says_what_the_plain_one_says_and_means_nothing_by_it() {
    let renderer = renderer();
    for (notice, language) in
        Notice::ALL.into_iter().flat_map(|notice| LANGUAGES.map(|language| (notice, language)))
    {
        for told in samples::of(notice, language) {
            let Rendered { subject, body, .. } = renderer.message(notice, language, &told).unwrap();
            let html = renderer.html(language, Greeted::person("<b>Lan</b> & Co"), &subject, &body).unwrap();
            assert!(html.contains("&lt;b&gt;Lan&lt;&#x2f;b&gt; &amp; Co"), "{html}");
            assert!(!html.contains("<ông A") && !html.contains("<bản chính>"), "{html}");
            // Nothing is fetched, and nothing is run.
            for tag in ["<img", "<script", "<link", "<a ", "url(", "href", "src="] {
                assert!(!html.contains(tag), "{tag}: {html}");
            }
            for word in body.split(|character: char| !character.is_alphanumeric()) {
                assert!(html.contains(word), "{word}: {html}");
            }
        }
    }
}

#[test]
fn what_the_set_that_holds_cannot_say_is_said_by_the_one_that_came_with_the_binary() {
    let renderer = renderer();
    let mut files = bundled::files();
    // A sample has one reason at least, and nobody promises that a case has.
    files.insert("vi/supplement_requested.txt".into(), "Bổ sung\n{{ reasons[0] }}.".into());
    files.insert("vi/case_opened.txt".into(), "Đang làm {{ dossier_code }}\nĐang làm.".into());
    let (set, unreadable) = Set::read(101, &files, false);
    assert!(unreadable.is_empty());
    renderer.hold(Arc::new(set));
    let opened = particulars(None, Notice::CaseOpened);
    let words = renderer.message(Notice::CaseOpened, Language::Vi, &opened).unwrap();
    assert_eq!((&*words.body, words.version), ("Đang làm.", 101));

    let mut asked = particulars(None, Notice::SupplementRequested);
    let words = renderer.message(Notice::SupplementRequested, Language::Vi, &asked).unwrap();
    assert_eq!((&*words.body, words.version), ("Bản chính Giấy chứng sinh.", 101));
    asked.detail = Detail::Supplement { unit: "A", reasons: &[], until: Timestamp::UNIX_EPOCH };
    let words = renderer.message(Notice::SupplementRequested, Language::Vi, &asked).unwrap();
    assert_eq!(words.version, 100);
    assert!(words.body.contains("Hồ sơ của Ông/Bà cần được bổ sung"), "{}", words.body);
}

#[test]
fn an_older_set_never_takes_over_from_a_newer_one() {
    let renderer = Renderer::new("Asia/Ho_Chi_Minh", true, 105).unwrap();
    let set = |version| Arc::new(Set::read(version, &bundled::files(), false).0);
    // What was brought in before this binary came still holds.
    renderer.hold(set(103));
    assert_eq!(renderer.holds().version, 103);
    renderer.hold(set(107));
    renderer.hold(set(103));
    assert_eq!(renderer.holds().version, 107);
}

#[test]
fn an_acceptance_reads_as_an_office_writes_it() {
    let told = particulars(Some("2026-11-24T09:30:00Z"), Notice::ApplicationAccepted);
    let vi = renderer().message(Notice::ApplicationAccepted, Language::Vi, &told).unwrap();
    assert_eq!(vi.subject, "Đã tiếp nhận hồ sơ H42.13285-261123-0007");
    assert_eq!(
        vi.body,
        "Hồ sơ của Ông/Bà đã được tiếp nhận.\n\n\
         Mã số hồ sơ: H42.13285-261123-0007\n\
         Thủ tục hành chính: Đăng ký khai sinh\n\
         Thời điểm tiếp nhận: 08 giờ 05, ngày 23/11/2026\n\
         Thời hạn trả kết quả: 16 giờ 30, ngày 24/11/2026\n\
         Nơi trả kết quả: Trung tâm Phục vụ hành chính công phường Phủ Lý\n\n\
         Khi đến nhận kết quả, đề nghị Ông/Bà mang theo Giấy tiếp nhận hồ sơ và hẹn trả kết quả cùng giấy tờ \
         tùy thân. Ông/Bà có thể dùng mã số hồ sơ để tra cứu tình trạng giải quyết."
    );
    let en = renderer().message(Notice::ApplicationAccepted, Language::En, &told).unwrap();
    assert!(en.body.contains("Result promised by: 16:30 on 24 November 2026\n"), "{}", en.body);
}

#[test]
fn who_had_to_wait_is_asked_for_pardon_and_an_officers_words_stay_as_they_are() {
    for (language, pardon) in [(Language::Vi, "xin lỗi"), (Language::En, "apologise")] {
        let mut told = particulars(Some("2026-11-24T09:30:00Z"), Notice::ApplicationRefused);
        told.detail =
            Detail::Completed { on_time: true, refusal_reason: "Thiếu <bản chính> & tờ khai" };
        let in_time = renderer().message(Notice::ApplicationRefused, language, &told).unwrap();
        assert!(!in_time.body.contains(pardon) && in_time.body.contains("<bản chính> & tờ khai"));
        for notice in [Notice::ResultReady, Notice::ApplicationRefused] {
            told.detail = Detail::Completed { on_time: false, refusal_reason: "Thiếu tờ khai" };
            let late = renderer().message(notice, language, &told).unwrap();
            assert!(late.body.contains(pardon), "{}", late.body);
        }
    }
}

#[test]
fn whoever_is_asked_for_a_supplement_reads_every_reason_and_until_when() {
    let told = particulars(Some("2026-11-24T09:30:00Z"), Notice::SupplementRequested);
    let vi = renderer().message(Notice::SupplementRequested, Language::Vi, &told).unwrap();
    assert_eq!(vi.subject, "Yêu cầu bổ sung, hoàn thiện hồ sơ H42.13285-261123-0007");
    for line in [
        "\n- Bản chính Giấy chứng sinh\n- Tờ khai chưa có chữ ký\n\n",
        "chậm nhất 17 giờ 30, ngày 14/12/2026",
    ] {
        assert!(vi.body.contains(line), "{}", vi.body);
    }
    let en = renderer().message(Notice::SupplementRequested, Language::En, &told).unwrap();
    assert!(en.body.contains("no later than 17:30 on 14 December 2026"), "{}", en.body);
}

#[test]
fn whoever_is_given_a_new_appointment_reads_an_apology_the_reason_and_both_dates() {
    let told = particulars(Some("2026-11-24T09:30:00Z"), Notice::AppointmentPostponed);
    let vi = renderer().message(Notice::AppointmentPostponed, Language::Vi, &told).unwrap();
    assert_eq!(vi.subject, "Xin lỗi và hẹn lại ngày trả kết quả hồ sơ H42.13285-261123-0007");
    for line in [
        "xin lỗi Ông/Bà",
        "\nThời điểm hẹn trả mới: 10 giờ 00, ngày 25/11/2026\n",
        "\nThời hạn trả kết quả: 16 giờ 30, ngày 24/11/2026\n",
        "\nLý do: Cán bộ thụ lý nghỉ ốm\n",
    ] {
        assert!(vi.body.contains(line), "{}", vi.body);
    }
    let en = renderer().message(Notice::AppointmentPostponed, Language::En, &told).unwrap();
    assert!(en.body.contains("New appointment: 10:00 on 25 November 2026\n"), "{}", en.body);
    // It moves along with what is due, and is told with that.
    let mut resumed = particulars(Some("2026-11-24T09:30:00Z"), Notice::CaseResumed);
    let plain = renderer().message(Notice::CaseResumed, Language::Vi, &resumed).unwrap();
    assert!(!plain.body.contains("Hẹn lại"), "{}", plain.body);
    let appointment_at = "2026-11-26T03:00:00Z".parse().ok();
    resumed.detail = Detail::Resumed { unit: "A", waited_for: Wait::Supplement, appointment_at };
    let moved = renderer().message(Notice::CaseResumed, Language::Vi, &resumed).unwrap();
    assert!(moved.body.contains("\nThời điểm hẹn trả mới: 10 giờ 00, ngày 26/11/2026\n"), "{}", moved.body);
}

#[test]
fn whose_case_is_opened_again_reads_by_which_decision_and_what_becomes_of_the_result() {
    for (language, withdrawn, promised) in
        [(Language::Vi, "được thu hồi", "Thời hạn trả kết quả"), (Language::En, "withdrawn", "promised by")]
    {
        let mut told = particulars(Some("2026-11-24T09:30:00Z"), Notice::CaseReopened);
        let issued = renderer().message(Notice::CaseReopened, language, &told).unwrap();
        for words in [withdrawn, promised, "Quyết định số 12/QĐ-UBND", "Liêm Hà"] {
            assert!(issued.body.contains(words), "{words}: {}", issued.body);
        }
        told.detail = Detail::Reopened { decision: "QĐ 1", unit: None, withdrawn: false };
        told.due_at = None;
        let plain = renderer().message(Notice::CaseReopened, language, &told).unwrap();
        for words in [withdrawn, promised, "Liêm Hà"] {
            assert!(!plain.body.contains(words), "{words}: {}", plain.body);
        }
    }
}

#[test]
fn who_gains_what_nobody_had_is_not_told_of_another_unit() {
    for (language, from) in [(Language::Vi, "Chuyển từ"), (Language::En, "Moved from")] {
        let mut told = particulars(None, Notice::WorkGained);
        let of_another = renderer().message(Notice::WorkGained, language, &told).unwrap();
        assert!(of_another.body.contains(from) && of_another.body.contains("Ở đây sẽ trễ hạn."));
        told.detail = Detail::Moved { unit: "", why: "" };
        let of_nobody = renderer().message(Notice::WorkGained, language, &told).unwrap();
        assert!(!of_nobody.body.contains(from), "{}", of_nobody.body);
    }
}

/// A routing of the version before tells where, and not why.
#[test]
fn a_citizen_who_is_not_told_why_sees_no_gap() {
    for language in LANGUAGES {
        let mut told = particulars(None, Notice::CaseMoved);
        let why = renderer().message(Notice::CaseMoved, language, &told).unwrap();
        assert!(why.body.contains("\n\nỞ đây sẽ trễ hạn.\n\n"), "{}", why.body);
        told.detail = Detail::Moved { unit: "Trung tâm Liêm Hà", why: "" };
        let bare = renderer().message(Notice::CaseMoved, language, &told).unwrap();
        assert!(!bare.body.contains("\n\n\n") && bare.body.contains("Trung tâm Liêm Hà"), "{}", bare.body);
    }
}

#[test]
fn a_missing_particular_is_a_fault_and_so_is_an_unknown_zone() {
    let told = particulars(None, Notice::ApplicationAccepted);
    assert!(renderer().message(Notice::CaseOpened, Language::Vi, &told).is_err());
    assert!(Renderer::new("Asia/Atlantis", true, 100).is_err());
}

#[test]
fn a_letter_greets_by_name() {
    let letter = renderer().letter(Language::Vi, Greeted::person("Nguyễn Thị Lan"), "Nội dung.").unwrap();
    assert!(letter.starts_with("Kính gửi Ông/Bà Nguyễn Thị Lan,\n\nNội dung.\n\n"), "{letter}");
    let letter = renderer().letter(Language::En, Greeted::person("Lan"), "Body.").unwrap();
    assert!(letter.starts_with("Dear Lan,\n\nBody.\n\n"), "{letter}");
}

#[test]
fn an_office_is_no_lady_and_no_gentleman() {
    let office = Greeted { name: "Sở Tư pháp", is_office: true };
    let letter = renderer().letter(Language::Vi, office, "Nội dung.").unwrap();
    assert!(letter.starts_with("Kính gửi Sở Tư pháp,\n\nNội dung.\n\n"), "{letter}");
    let html = renderer().html(Language::Vi, office, "Tiêu đề", "Nội dung.").unwrap();
    for letter in [letter, html] {
        assert!(!letter.contains("Ông/Bà"), "{letter}");
    }
}

/// It stands in the mailbox of one of the applications, and whoever reads that must not read of another one.
#[test]
fn a_letter_of_the_day_says_how_much_there_is_and_names_no_application() {
    for (notice, language) in [Notice::Digest, Notice::OfficeDigest]
        .into_iter()
        .flat_map(|notice| LANGUAGES.map(|language| (notice, language)))
    {
        for told in samples::of(notice, language) {
            let Detail::Digest { count, more } = told.detail else { panic!("{told:?}") };
            let Rendered { subject, body, .. } = renderer().message(notice, language, &told).unwrap();
            assert!(
                subject.starts_with(&count.to_string()) && body.contains(&count.to_string()),
                "{subject}: {body}"
            );
            assert_eq!(body.contains(&more.to_string()), more > 0, "{body}");
            for named in [told.dossier_code, told.procedure, told.return_at] {
                assert!(!subject.contains(named) && !body.contains(named), "{subject}: {body}");
            }
            assert!(!body.contains("\n\n\n") && body.ends_with('.'), "{body}");
        }
    }
}
