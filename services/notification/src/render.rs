//! Messages from templates: the files in `templates/`, one per notice and language, compiled in. The first
//! line of a file is the subject. A name that a template uses and nobody gives is a fault, never a gap.

use jiff::{Timestamp, tz::TimeZone};
use minijinja::{Environment, UndefinedBehavior, Value, context};
use phidia_domain::{Rejection, application::Language, case::HandOverWay, case::Wait, notice::Notice};
use phidia_runtime::failure::Failure;

const LETTER: &str = "letter";

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        [$(
            (concat!("vi/", $name), include_str!(concat!("../templates/vi/", $name, ".txt"))),
            (concat!("en/", $name), include_str!(concat!("../templates/en/", $name, ".txt"))),
        )*]
    };
}

/// Name and source of all templates.
const TEMPLATES: [(&str, &str); 48] = templates![
    "application_accepted",
    "case_opened",
    "case_moved",
    "work_lost",
    "work_gained",
    "deadline_near",
    "deadline_escalated",
    "supplement_requested",
    "payment_requested",
    "case_referred",
    "referral_asked",
    "referral_ended",
    "case_resumed",
    "appointment_postponed",
    "deadline_replanned",
    "result_ready",
    "application_refused",
    "application_withdrawn",
    "application_lapsed",
    "result_issued",
    "result_handed_over",
    "contact_corrected",
    "case_reopened",
    "letter",
];

/// The version of a notice's template, in both languages. It is kept with each message, so that it can be
/// said later by which words somebody was told: raise it with every change of the words.
pub(crate) fn version(notice: Notice) -> u16 {
    match notice {
        Notice::ApplicationAccepted
        | Notice::CaseOpened
        | Notice::CaseMoved
        | Notice::WorkLost
        | Notice::WorkGained
        | Notice::DeadlineNear
        | Notice::DeadlineEscalated
        | Notice::SupplementRequested
        | Notice::PaymentRequested
        | Notice::CaseReferred
        | Notice::ReferralAsked
        | Notice::ReferralEnded
        | Notice::AppointmentPostponed
        | Notice::DeadlineReplanned
        | Notice::ResultReady
        | Notice::ApplicationRefused
        | Notice::ApplicationWithdrawn
        | Notice::ApplicationLapsed
        | Notice::ResultIssued
        | Notice::ResultHandedOver
        | Notice::ContactCorrected
        | Notice::CaseReopened => 1,
        Notice::CaseResumed => 2,
    }
}

/// What every message about an application says. Nothing personal.
#[derive(Clone, Debug)]
pub(crate) struct Particulars<'a> {
    /// Official dossier code.
    pub(crate) dossier_code: &'a str,
    /// Name of the procedure.
    pub(crate) procedure: &'a str,
    /// Name of the unit where the result is collected.
    pub(crate) return_at: &'a str,
    /// The promised instant.
    pub(crate) due_at: Option<Timestamp>,
    /// When the fact came true.
    pub(crate) occurred_at: Timestamp,
    /// What this fact adds.
    pub(crate) detail: Detail<'a>,
}

/// What one kind of fact adds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Detail<'a> {
    /// Nothing.
    None,
    /// The unit that works on it.
    AtUnit {
        /// Its name.
        unit: &'a str,
    },
    /// A new appointment.
    Postponed {
        /// Name of the unit that apologises.
        unit: &'a str,
        /// Why, in the officer's words.
        reason: &'a str,
        /// The new appointment.
        appointment_at: Timestamp,
    },
    /// What is to be supplemented.
    Supplement {
        /// Name of the unit that asks.
        unit: &'a str,
        /// What is missing or wrong, in the officer's words.
        reasons: &'a [String],
        /// Until when.
        until: Timestamp,
    },
    /// What is to be paid.
    Payment {
        /// Name of the unit that asks.
        unit: &'a str,
        /// In đồng.
        amount_dong: i64,
        /// In the officer's words.
        purpose: &'a str,
    },
    /// What other offices are asked.
    Referred {
        /// Name of the unit that asks.
        unit: &'a str,
        /// Names of those that are asked.
        offices: &'a [&'a str],
        /// When the answer is due.
        answer_due: Timestamp,
    },
    /// What became of a question.
    ReferralEnded {
        /// Name of the other unit.
        unit: &'a str,
        /// Whether it was answered; false: it was taken back.
        answered: bool,
    },
    /// Whom it waited for.
    Resumed {
        /// Name of the unit that works on it.
        unit: &'a str,
        /// Whom.
        waited_for: Wait,
        /// The new appointment that was given before, as it is from now on.
        appointment_at: Option<Timestamp>,
    },
    /// What is told where it went from one unit to another.
    Moved {
        /// Name of the other unit, seen from the unit that is told, and of the one that has it now, for a citizen; empty:
        /// there is none.
        unit: &'a str,
        /// Why, in a sentence.
        why: &'a str,
    },
    /// It will soon be late.
    Deadline {
        /// Whole working hours left.
        hours_left: i64,
        /// Working minutes beyond those.
        minutes_left: i64,
        /// Whether the promised instant has passed.
        is_overdue: bool,
        /// Whether it waits for other offices.
        waits_for_offices: bool,
        /// Whether an officer holds it.
        is_held: bool,
        /// Their staff code, where the province knows them.
        officer: &'a str,
    },
    /// Another date.
    Replanned {
        /// What was promised before.
        before: Option<Timestamp>,
        /// The new appointment that was given before, as it is from now on.
        appointment_at: Option<Timestamp>,
        /// The decision by which it is so.
        decision: &'a str,
    },
    /// The file that a result was issued as.
    Issued {
        /// Its media type.
        media_type: &'a str,
        /// Its hash, in hexadecimal digits.
        sha256: &'a str,
    },
    /// That a result was handed over.
    HandedOver {
        /// How.
        way: HandOverWay,
        /// Name of the unit that did.
        unit: &'a str,
    },
    /// That it was opened again.
    Reopened {
        /// The decision by which it was.
        decision: &'a str,
        /// Name of the unit that works on it; none: it is not found yet.
        unit: Option<&'a str>,
        /// Whether a result was withdrawn by it.
        withdrawn: bool,
    },
    /// How it ended.
    Completed {
        /// No later than promised.
        on_time: bool,
        /// In the officer's words; empty when granted.
        refusal_reason: &'a str,
    },
}

/// A message in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rendered {
    pub(crate) subject: String,
    pub(crate) body: String,
}

/// Puts notices into words.
#[derive(Debug)]
pub(crate) struct Renderer {
    environment: Environment<'static>,
    zone: TimeZone,
}

impl Renderer {
    /// Reads all templates; times are told in the zone with this IANA name.
    pub(crate) fn new(time_zone: &str) -> Result<Self, Failure> {
        let zone = TimeZone::get(time_zone).map_err(|_| {
            Rejection::invalid(
                "UNKNOWN_TIME_ZONE",
                "time_zone",
                "expected an IANA name like Asia/Ho_Chi_Minh",
            )
        })?;
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        for (name, source) in TEMPLATES {
            environment.add_template(name, source).map_err(Failure::broken)?;
        }
        Ok(Self { environment, zone })
    }

    /// The message that tells `notice`.
    pub(crate) fn message(
        &self,
        notice: Notice,
        language: Language,
        particulars: &Particulars<'_>,
    ) -> Result<Rendered, Failure> {
        let told = context! {
            dossier_code => particulars.dossier_code,
            procedure => particulars.procedure,
            return_at => particulars.return_at,
            due_at => particulars.due_at.map(|at| self.local(at, language)),
            occurred_at => self.local(particulars.occurred_at, language),
        };
        let detail = match particulars.detail {
            Detail::None => context! {},
            Detail::AtUnit { unit } => context! { unit },
            Detail::Supplement { unit, reasons, until } => {
                context! { unit, reasons => reasons.to_vec(), until => self.local(until, language) }
            }
            Detail::Payment { unit, amount_dong, purpose } => {
                context! { unit, purpose, amount => grouped(amount_dong, language) }
            }
            Detail::Referred { unit, offices, answer_due } => {
                context! { unit, offices => offices.join("; "), answer_due => self.local(answer_due, language) }
            }
            Detail::ReferralEnded { unit, answered } => context! { unit, answered },
            Detail::Resumed { unit, waited_for, appointment_at } => {
                let waited_for = match waited_for {
                    Wait::Supplement => "supplement",
                    Wait::Payment => "payment",
                    Wait::Referral => "offices",
                };
                let appointment_at = appointment_at.map(|at| self.local(at, language));
                context! { unit, waited_for, appointment_at }
            }
            Detail::Postponed { unit, reason, appointment_at } => {
                context! { unit, reason, appointment_at => self.local(appointment_at, language) }
            }
            Detail::Replanned { before, appointment_at, decision } => context! {
                due_before => before.map(|at| self.local(at, language)),
                appointment_at => appointment_at.map(|at| self.local(at, language)),
                decision,
            },
            Detail::Issued { media_type, sha256 } => context! { media_type, sha256 },
            Detail::HandedOver { way, unit } => context! { unit, way => in_words(way, language) },
            Detail::Moved { unit, why } => context! { unit, why },
            Detail::Reopened { decision, unit, withdrawn } => context! { decision, unit, withdrawn },
            Detail::Deadline {
                hours_left,
                minutes_left,
                is_overdue,
                waits_for_offices,
                is_held,
                officer,
            } => {
                context! { hours_left, minutes_left, is_overdue, waits_for_offices, is_held, officer }
            }
            Detail::Completed { on_time, refusal_reason } => context! { on_time, refusal_reason },
        };
        let text = self.render(notice.template(), language, context! { ..told, ..detail })?;
        let (subject, body) = text
            .split_once('\n')
            .ok_or_else(|| Failure::broken(format!("template {} has a subject only", notice.template())))?;
        Ok(Rendered { subject: subject.to_owned(), body: body.trim().to_owned() })
    }

    /// The text of a letter to the person with this name. Personal: made when it is sent, and never kept.
    pub(crate) fn letter(&self, language: Language, name: &str, body: &str) -> Result<String, Failure> {
        self.render(LETTER, language, context! { name, body })
    }

    fn render(&self, template: &str, language: Language, told: Value) -> Result<String, Failure> {
        let folder = match language {
            Language::Vi => "vi",
            Language::En => "en",
        };
        let template =
            self.environment.get_template(&format!("{folder}/{template}")).map_err(Failure::broken)?;
        template.render(told).map_err(Failure::broken)
    }

    /// An instant as an office writes it.
    fn local(&self, at: Timestamp, language: Language) -> String {
        let local = at.to_zoned_datetime(self.zone.clone());
        match language {
            Language::Vi => local.strftime("%H giờ %M, ngày %d/%m/%Y").to_string(),
            Language::En => local.strftime("%H:%M on %-d %B %Y").to_string(),
        }
    }
}

/// A whole number with its thousands set apart, as an office writes it.
fn grouped(number: i64, language: Language) -> String {
    let digits = number.to_string();
    let mark = match language {
        Language::Vi => '.',
        Language::En => ',',
    };
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(digit);
    }
    text
}

/// How a result was handed over.
fn in_words(way: HandOverWay, language: Language) -> &'static str {
    match (way, language) {
        (HandOverWay::InPerson, Language::Vi) => "trực tiếp cho người nộp hồ sơ",
        (HandOverWay::InPerson, Language::En) => "in person",
        (HandOverWay::Authorised, Language::Vi) => "cho người được ủy quyền",
        (HandOverWay::Authorised, Language::En) => "to an authorised person",
        (HandOverWay::Post, Language::Vi) => "qua dịch vụ bưu chính",
        (HandOverWay::Post, Language::En) => "by post",
        (HandOverWay::Electronic, Language::Vi) => "bản điện tử",
        (HandOverWay::Electronic, Language::En) => "electronically",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGES: [Language; 2] = [Language::Vi, Language::En];
    static REASONS: std::sync::OnceLock<[String; 2]> = std::sync::OnceLock::new();

    fn renderer() -> Renderer {
        Renderer::new("Asia/Ho_Chi_Minh").unwrap()
    }

    fn particulars(due_at: Option<&str>, notice: Notice) -> Particulars<'static> {
        let detail = match notice {
            Notice::ApplicationAccepted
            | Notice::ApplicationWithdrawn
            | Notice::ApplicationLapsed
            | Notice::ContactCorrected => Detail::None,
            Notice::PaymentRequested => Detail::Payment {
                unit: "Trung tâm Phục vụ hành chính công xã Liêm Hà",
                amount_dong: 1_250_000,
                purpose: "Lệ phí trước bạ",
            },
            Notice::CaseReferred | Notice::ReferralAsked => Detail::Referred {
                unit: "Trung tâm Phục vụ hành chính công xã Liêm Hà",
                offices: &["Trung tâm Phục vụ hành chính công xã Yên Mô", "Sở Tư pháp"],
                answer_due: "2026-11-26T01:00:00Z".parse().unwrap(),
            },
            Notice::ReferralEnded => Detail::ReferralEnded {
                unit: "Trung tâm Phục vụ hành chính công xã Liêm Hà",
                answered: true,
            },
            Notice::CaseOpened => {
                Detail::AtUnit { unit: "Trung tâm Phục vụ hành chính công xã Liêm Hà" }
            }
            Notice::CaseResumed => Detail::Resumed {
                unit: "Trung tâm Phục vụ hành chính công xã Liêm Hà",
                waited_for: Wait::Payment,
                appointment_at: None,
            },
            Notice::AppointmentPostponed => Detail::Postponed {
                unit: "Trung tâm Phục vụ hành chính công xã Liêm Hà",
                reason: "Cán bộ thụ lý <ông A & bà B> nghỉ ốm",
                appointment_at: "2026-11-25T03:00:00Z".parse().unwrap(),
            },
            Notice::SupplementRequested => Detail::Supplement {
                unit: "Trung tâm Phục vụ hành chính công xã Liêm Hà",
                reasons: REASONS.get_or_init(|| {
                    ["Bản chính Giấy chứng sinh", "Tờ khai thiếu chữ ký <ông A & bà B>"].map(String::from)
                }),
                until: "2026-12-14T10:30:00Z".parse().unwrap(),
            },
            Notice::DeadlineReplanned => Detail::Replanned {
                before: "2026-11-23T09:30:00Z".parse().ok(),
                appointment_at: None,
                decision: "Quyết định số 1/QĐ-TTg",
            },
            Notice::ResultIssued => Detail::Issued { media_type: "application/pdf", sha256: "9f86d081" },
            Notice::ResultHandedOver => Detail::HandedOver {
                way: HandOverWay::Authorised,
                unit: "Trung tâm Phục vụ hành chính công phường Phủ Lý",
            },
            Notice::CaseReopened => Detail::Reopened {
                decision: "Quyết định số 12/QĐ-UBND",
                unit: Some("Trung tâm Phục vụ hành chính công xã Liêm Hà"),
                withdrawn: true,
            },
            Notice::CaseMoved | Notice::WorkLost | Notice::WorkGained => Detail::Moved {
                unit: "Trung tâm Phục vụ hành chính công xã Liêm Hà",
                why: "Ở đây sẽ trễ hạn.",
            },
            Notice::DeadlineNear | Notice::DeadlineEscalated => Detail::Deadline {
                hours_left: 4,
                minutes_left: 5,
                is_overdue: false,
                waits_for_offices: false,
                is_held: true,
                officer: "13285-02",
            },
            Notice::ResultReady => Detail::Completed { on_time: true, refusal_reason: "" },
            Notice::ApplicationRefused => Detail::Completed {
                on_time: true,
                refusal_reason: "Thiếu Giấy chứng sinh <bản chính> & tờ khai",
            },
        };
        Particulars {
            dossier_code: "H42.13285-261123-0007",
            procedure: "Đăng ký khai sinh",
            return_at: "Trung tâm Phục vụ hành chính công phường Phủ Lý",
            due_at: due_at.map(|at| at.parse().unwrap()),
            occurred_at: "2026-11-23T01:05:00Z".parse().unwrap(),
            detail,
        }
    }

    #[test]
    fn every_notice_has_words_in_both_languages_with_and_without_a_promise() {
        for notice in Notice::ALL {
            for language in LANGUAGES {
                for due_at in [Some("2026-11-24T09:30:00Z"), None] {
                    let told = particulars(due_at, notice);
                    let Rendered { subject, body } = renderer().message(notice, language, &told).unwrap();
                    assert!(subject.contains("H42.13285-261123-0007"), "{subject}");
                    assert!(subject.chars().count() <= 78, "{subject}");
                    for line in ["H42.13285-261123-0007", "Đăng ký khai sinh", "phường Phủ Lý"] {
                        assert!(body.contains(line), "{notice:?} {language:?}: {body}");
                    }
                    assert!(
                        !body.contains("{{") && !body.contains("\n\n\n") && !body.contains(" \n"),
                        "{body}"
                    );
                    assert!(body.ends_with('.'), "{body}");
                }
            }
        }
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
            "\n- Bản chính Giấy chứng sinh\n- Tờ khai thiếu chữ ký <ông A & bà B>\n\n",
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
            "\nLý do: Cán bộ thụ lý <ông A & bà B> nghỉ ốm\n",
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
        assert!(
            moved.body.contains("\nThời điểm hẹn trả mới: 10 giờ 00, ngày 26/11/2026\n"),
            "{}",
            moved.body
        );
    }

    #[test]
    fn whose_case_is_opened_again_reads_by_which_decision_and_what_becomes_of_the_result() {
        for (language, withdrawn, promised) in [
            (Language::Vi, "được thu hồi", "Thời hạn trả kết quả"),
            (Language::En, "withdrawn", "promised by"),
        ] {
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
            assert!(
                !bare.body.contains("\n\n\n") && bare.body.contains("Trung tâm Liêm Hà"),
                "{}",
                bare.body
            );
        }
    }

    #[test]
    fn a_missing_particular_is_a_fault_and_so_is_an_unknown_zone() {
        let told = particulars(None, Notice::ApplicationAccepted);
        assert!(renderer().message(Notice::CaseOpened, Language::Vi, &told).is_err());
        assert!(Renderer::new("Asia/Atlantis").is_err());
    }

    #[test]
    fn a_letter_greets_by_name() {
        let letter = renderer().letter(Language::Vi, "Nguyễn Thị Lan", "Nội dung.").unwrap();
        assert!(letter.starts_with("Kính gửi Ông/Bà Nguyễn Thị Lan,\n\nNội dung.\n\n"), "{letter}");
        assert!(
            renderer().letter(Language::En, "Lan", "Body.").unwrap().starts_with("Dear Lan,\n\nBody.\n\n")
        );
    }

    /// Whoever changes a template meets this test: raise its version, then its print.
    #[test]
    fn other_words_are_another_version() {
        let print = |notice: Notice| {
            let sources = TEMPLATES.iter().filter(|(name, _)| name.ends_with(notice.template()));
            sources.flat_map(|(_, source)| source.bytes()).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            })
        };
        let prints = Notice::ALL
            .map(|notice| format!("{} v{} {:016x}", notice.template(), version(notice), print(notice)));
        assert_eq!(
            prints,
            [
                "application_accepted v1 76d2e74302c358fd",
                "case_opened v1 b6f45bab7e474d70",
                "case_moved v1 83d2ed937fa9111b",
                "work_lost v1 a0c2cbeb8520eab2",
                "work_gained v1 9ca08226d9117a9c",
                "deadline_near v1 1b47cacdf079d09d",
                "deadline_escalated v1 15a45ae6e1b0befd",
                "supplement_requested v1 0306d9ab8f2b1164",
                "payment_requested v1 25fb039c76cb6578",
                "case_referred v1 9388b62edef5f08d",
                "referral_asked v1 b359c24c4e118d3d",
                "referral_ended v1 bd529095dce1158a",
                "case_resumed v2 a744d7988f31324b",
                "appointment_postponed v1 68083cb6b92d23d4",
                "deadline_replanned v1 aec159ba4fa042d2",
                "result_ready v1 876964911fddc45f",
                "application_refused v1 796325becbe779fe",
                "application_withdrawn v1 c5022f9610fe0708",
                "application_lapsed v1 f6978ddc96f2a040",
                "result_issued v1 13db5cadffd75482",
                "result_handed_over v1 ae56af14177a8799",
                "contact_corrected v1 ac574b4b93b9253a",
                "case_reopened v1 4f3fae905825d27b",
            ]
        );
    }
}
