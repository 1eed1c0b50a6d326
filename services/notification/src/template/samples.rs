//! What a template may have to tell: of each notice every case that the words of a template may tell apart, first as it
//! usually is, then with the longest names, with what an officer writes in two lines, and with signs that HTML means
//! something by. A set is looked through with all of them; a preview shows one.

use std::sync::LazyLock;

use jiff::Timestamp;
use phidia_domain::{
    application::Language,
    case::{HandOverWay, Wait},
    notice::Notice,
};

use crate::render::{Detail, Particulars};

/// Somebody who is nobody.
pub(crate) const NAME: &str = "Nguyễn Thị Lan";

/// What a letter may say: a paragraph, what an application is called, and a list.
pub(crate) const BODY: &str = "Hồ sơ của Ông/Bà cần được bổ sung.\n\nMã số hồ sơ: H42.13285-261123-0007\n\
    Thủ tục hành chính: Đăng ký khai sinh\n\nNội dung cần bổ sung:\n- Bản chính Giấy chứng sinh\n- Tờ khai chưa có chữ ký\n\n\
    Đề nghị Ông/Bà bổ sung trong thời hạn trên.";

/// What is called otherwise in each language, and what officers write.
struct Names {
    dossier_code: &'static str,
    procedure: &'static str,
    return_at: &'static str,
    unit: &'static str,
    offices: &'static [&'static str],
    why: &'static str,
    refusal: &'static str,
    apology: &'static str,
    purpose: &'static str,
    reasons: &'static [String],
    decision: &'static str,
    called: &'static str,
    amount_dong: i64,
}

static REASONS: LazyLock<[String; 2]> =
    LazyLock::new(|| ["Bản chính Giấy chứng sinh", "Tờ khai chưa có chữ ký"].map(String::from));
static TWO_LINES: LazyLock<[String; 2]> = LazyLock::new(|| {
    ["Tờ khai thiếu chữ ký <ông A & bà B>:\ncả hai trang", "Bản chính Giấy chứng sinh"].map(String::from)
});

const LONG_WORDS: &str = "Thiếu Giấy chứng sinh <bản chính> & tờ khai\nchưa có chữ ký của người đi đăng ký";
const LONG_PROCEDURE: &str = "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất trong các trường hợp \
    chuyển đổi, chuyển nhượng, thừa kế, tặng cho, góp vốn bằng quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất";
const LONG_CALLED: &str =
    "Hệ thống tiếp nhận sự kiện <thử nghiệm> của Sở Tư pháp & Văn phòng Ủy ban nhân dân tỉnh Ninh Bình";
const LONG_DECISION: &str =
    "Quyết định số 1234/QĐ-UBND ngày 20/11/2026 của Chủ tịch Ủy ban nhân dân tỉnh Ninh Bình";

fn usual(language: Language) -> Names {
    let (procedure, return_at, unit, offices, why): (_, _, _, &[&str], _) = match language {
        Language::Vi => (
            "Đăng ký khai sinh",
            "Trung tâm Phục vụ hành chính công phường Phủ Lý",
            "Trung tâm Phục vụ hành chính công xã Liêm Hà",
            &["Trung tâm Phục vụ hành chính công xã Yên Mô", "Sở Tư pháp"],
            "Ở đây sẽ trễ hạn.",
        ),
        Language::En => (
            "Birth registration",
            "Phủ Lý Ward Public Administrative Service Centre",
            "Liêm Hà Commune Public Administrative Service Centre",
            &["Yên Mô Commune Public Administrative Service Centre", "Department of Justice"],
            "It would be late here.",
        ),
    };
    Names {
        dossier_code: "H42.13285-261123-0007",
        procedure,
        return_at,
        unit,
        offices,
        why,
        refusal: "Thiếu Giấy chứng sinh",
        apology: "Cán bộ thụ lý nghỉ ốm",
        purpose: "Lệ phí trước bạ",
        reasons: &*REASONS,
        decision: "Quyết định số 12/QĐ-UBND",
        called: "Cổng dữ liệu",
        amount_dong: 1_250_000,
    }
}

fn longest(language: Language) -> Names {
    let (return_at, unit, offices): (_, _, &[&str]) = match language {
        Language::Vi => (
            "Trung tâm Phục vụ hành chính công phường Tây Hoa Lư",
            "Chi nhánh Văn phòng Đăng ký đất đai khu vực Nam Định – Trường Thi",
            &[
                "Chi nhánh Văn phòng Đăng ký đất đai khu vực Nam Định – Trường Thi",
                "Sở Nông nghiệp và Môi trường",
                "Trung tâm Phục vụ hành chính công phường Tây Hoa Lư",
            ],
        ),
        Language::En => (
            "Tây Hoa Lư Ward Public Administrative Service Centre",
            "Nam Định – Trường Thi Regional Branch of the Land Registration Office",
            &[
                "Nam Định – Trường Thi Regional Branch of the Land Registration Office",
                "Department of Agriculture and Environment",
                "Tây Hoa Lư Ward Public Administrative Service Centre",
            ],
        ),
    };
    Names {
        dossier_code: "H42.13285-261123-123456",
        procedure: LONG_PROCEDURE,
        return_at,
        unit,
        offices,
        refusal: LONG_WORDS,
        apology: LONG_WORDS,
        purpose: LONG_WORDS,
        reasons: &*TWO_LINES,
        decision: LONG_DECISION,
        called: LONG_CALLED,
        amount_dong: 1_234_567_890,
        ..usual(language)
    }
}

/// All samples of a notice; the first is the usual case.
pub(crate) fn of(notice: Notice, language: Language) -> Vec<Particulars<'static>> {
    let mut samples = Vec::new();
    let is_of_none = notice == Notice::SubscriptionDisabled;
    for names in [usual(language), longest(language)] {
        // What is about no application names none.
        let names = if is_of_none {
            Names { dossier_code: "", procedure: "", return_at: "", ..names }
        } else {
            names
        };
        for detail in details(notice, &names) {
            let promised: &[_] = if is_of_none { &[None] } else { &[Some("2026-11-24T09:30:00Z"), None] };
            for due_at in promised {
                samples.push(Particulars {
                    dossier_code: names.dossier_code,
                    procedure: names.procedure,
                    return_at: names.return_at,
                    due_at: due_at.map(instant),
                    occurred_at: instant("2026-11-23T01:05:00Z"),
                    detail,
                });
            }
        }
    }
    samples
}

/// Every case of what a notice adds.
fn details(notice: Notice, names: &Names) -> Vec<Detail<'static>> {
    let Names { unit, decision, .. } = *names;
    let appointments = [None, Some(instant("2026-11-26T03:00:00Z"))];
    match notice {
        Notice::ApplicationAccepted
        | Notice::ApplicationWithdrawn
        | Notice::ApplicationLapsed
        | Notice::ContactCorrected => vec![Detail::None],
        Notice::CaseOpened => vec![Detail::AtUnit { unit }],
        Notice::PaymentRequested => {
            vec![Detail::Payment { unit, amount_dong: names.amount_dong, purpose: names.purpose }]
        }
        Notice::SupplementRequested => {
            let until = instant("2026-12-14T10:30:00Z");
            vec![Detail::Supplement { unit, reasons: names.reasons, until }]
        }
        Notice::CaseReferred | Notice::ReferralAsked => {
            // Whoever is asked is told of nobody else.
            let offices = if notice == Notice::CaseReferred { names.offices } else { &[] };
            vec![Detail::Referred { unit, offices, answer_due: instant("2026-11-26T01:00:00Z") }]
        }
        Notice::ReferralEnded => {
            [true, false].map(|answered| Detail::ReferralEnded { unit, answered }).to_vec()
        }
        Notice::CaseResumed => {
            let waits = [Wait::Supplement, Wait::Payment, Wait::Referral].into_iter();
            let resumed = |waited_for| {
                appointments.map(|appointment_at| Detail::Resumed { unit, waited_for, appointment_at })
            };
            waits.flat_map(resumed).collect()
        }
        Notice::AppointmentPostponed => {
            let appointment_at = instant("2026-11-25T03:00:00Z");
            vec![Detail::Postponed { unit, reason: names.apology, appointment_at }]
        }
        Notice::DeadlineReplanned => {
            let before = [Some(instant("2026-11-23T09:30:00Z")), None].into_iter();
            let replanned = |before| {
                appointments.map(|appointment_at| Detail::Replanned { before, appointment_at, decision })
            };
            before.flat_map(replanned).collect()
        }
        Notice::ResultIssued => {
            let sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
            vec![Detail::Issued { media_type: "application/pdf", sha256 }]
        }
        Notice::ResultHandedOver => {
            let ways =
                [HandOverWay::InPerson, HandOverWay::Authorised, HandOverWay::Post, HandOverWay::Electronic];
            ways.map(|way| Detail::HandedOver { way, unit }).to_vec()
        }
        Notice::CaseReopened => {
            let units = [Some(unit), None].into_iter();
            let reopened =
                |unit| [true, false].map(|withdrawn| Detail::Reopened { decision, unit, withdrawn });
            units.flat_map(reopened).collect()
        }
        Notice::Digest | Notice::OfficeDigest => {
            let digest = |(count, more)| Detail::Digest { count, more };
            [(3, 0), (1, 0), (1234, 1184)].map(digest).to_vec()
        }
        // A routing of the version before tells where, and not why.
        Notice::CaseMoved => [names.why, ""].map(|why| Detail::Moved { unit, why }).to_vec(),
        Notice::WorkLost => vec![Detail::Moved { unit, why: names.why }],
        // It may come from nobody.
        Notice::WorkGained => [unit, ""].map(|unit| Detail::Moved { unit, why: names.why }).to_vec(),
        Notice::DeadlineNear | Notice::DeadlineEscalated => deadlines(),
        Notice::SubscriptionDisabled => disabled(names),
        Notice::ResultReady => {
            [true, false].map(|on_time| Detail::Completed { on_time, refusal_reason: "" }).to_vec()
        }
        Notice::ApplicationRefused => {
            [true, false].map(|on_time| Detail::Completed { on_time, refusal_reason: names.refusal }).to_vec()
        }
    }
}

/// Held by an officer who is known, or who is no more, or by nobody, or waiting for others; in time, or not.
fn deadlines() -> Vec<Detail<'static>> {
    let holders = [(true, "13285-02"), (true, ""), (false, "")];
    let times = [(4, 5, false), (0, 5, false), (0, 0, true)];
    let of =
        |(hours_left, minutes_left, is_overdue)| {
            let held = holders.map(|(is_held, officer)| (false, is_held, officer)).into_iter();
            held.chain([(true, false, "")]).map(move |(waits_for_offices, is_held, officer)| {
                Detail::Deadline { hours_left, minutes_left, is_overdue, waits_for_offices, is_held, officer }
            })
        };
    times.into_iter().flat_map(of).collect()
}

/// For each reason, with and without a time since when nothing arrived.
fn disabled(names: &Names) -> Vec<Detail<'static>> {
    let Names { called, .. } = *names;
    let of = |(why, failing_since)| Detail::SubscriptionDisabled {
        subscription: "sub_019ab0c0000070008000000000000003",
        called,
        owner: "system/tuphap",
        url: "https://tuphap.example/phidia",
        why,
        failing_since,
    };
    let since = Some(instant("2026-11-18T01:05:00Z"));
    let reasons = [
        ("FAILED_FOR_TOO_LONG", since),
        ("GONE", None),
        ("GONE", since),
        ("EVENTS_NOT_KEPT", None),
        ("TOO_MUCH_REFUSED", None),
    ];
    reasons.map(of).to_vec()
}

/// One of the instants above.
fn instant(text: &str) -> Timestamp {
    text.parse().unwrap_or_default()
}
