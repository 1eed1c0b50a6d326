//! What has happened to an application, in sentences for whoever holds its receipt. Nothing in them is personal: offices, dates and
//! decisions.

use jiff::civil::DateTime;

use super::Status;
use crate::{case::HandOverWay, procedure::Text};

/// One thing that has happened.
#[derive(Clone, Copy, Debug)]
pub enum Happening<'h> {
    /// It came to this status.
    Status {
        /// Which.
        status: Status,
        /// Name of the unit concerned, where there is one.
        unit: Option<&'h Text>,
        /// Why it is there, where a unit was found for it.
        why: Option<&'h Text>,
        /// The decision by which it was opened again, where it was.
        reopened_by: Option<&'h str>,
    },
    /// It was received.
    Received {
        /// Name of the unit.
        unit: &'h Text,
        /// The promise, by the clock of the province; none: nothing was promised.
        due: Option<DateTime>,
    },
    /// What was asked to be supplemented was handed in.
    Supplemented,
    /// What was asked for was paid.
    Paid {
        /// In đồng.
        amount_dong: i64,
    },
    /// How to reach the applicant was corrected.
    ContactCorrected,
    /// The result was issued as a file.
    Issued,
    /// The result was handed over.
    HandedOver {
        /// How.
        way: HandOverWay,
        /// Name of the unit.
        unit: &'h Text,
    },
    /// A result was withdrawn.
    ResultWithdrawn,
}

impl Happening<'_> {
    /// In a sentence, or in two where it says why.
    pub fn in_words(&self) -> Text {
        match *self {
            Self::Status { status, unit, why, reopened_by } => {
                status_in_words(status, unit, why, reopened_by)
            }
            Self::Received { unit, due: Some(due) } => Text {
                vi: format!(
                    "{} đã tiếp nhận hồ sơ, hẹn trả kết quả chậm nhất {}.",
                    unit.vi,
                    due.strftime("%H:%M ngày %d/%m/%Y")
                ),
                en: format!(
                    "{} received the application and promised the result by {}.",
                    name(unit),
                    due.strftime("%H:%M on %-d %B %Y")
                ),
            },
            Self::Received { unit, due: None } => Text {
                vi: format!("{} đã tiếp nhận hồ sơ.", unit.vi),
                en: format!("{} received the application.", name(unit)),
            },
            Self::Supplemented => said("Đã nhận hồ sơ bổ sung.", "The supplement was received."),
            Self::Paid { amount_dong } => Text {
                vi: format!("Đã nhận {amount_dong} đồng phí, lệ phí."),
                en: format!("{amount_dong} đồng were paid."),
            },
            Self::ContactCorrected => {
                said("Thông tin liên hệ đã được sửa.", "The contact details were corrected.")
            }
            Self::Issued => said("Kết quả đã được phát hành.", "The result was issued."),
            Self::HandedOver { way, unit } => {
                let (vi, en) = match way {
                    HandOverWay::InPerson => ("trực tiếp", "in person"),
                    HandOverWay::Authorised => ("cho người được ủy quyền", "to an authorised person"),
                    HandOverWay::Post => ("qua bưu chính", "by post"),
                    HandOverWay::Electronic => ("bằng bản điện tử", "electronically"),
                };
                Text {
                    vi: format!("{} đã trả kết quả {vi}.", unit.vi),
                    en: format!("{} handed the result over {en}.", name(unit)),
                }
            }
            Self::ResultWithdrawn => said("Kết quả đã trả được thu hồi.", "The result was withdrawn."),
        }
    }
}

fn status_in_words(
    status: Status,
    unit: Option<&Text>,
    why: Option<&Text>,
    reopened_by: Option<&str>,
) -> Text {
    if let Some(decision) = reopened_by {
        return Text {
            vi: format!("Hồ sơ được mở lại theo {decision}."),
            en: format!("The application was opened again by {decision}."),
        };
    }
    if let Some(why) = why {
        return why.clone();
    }
    let nobody = Text { vi: "Nơi giải quyết".to_owned(), en: "The office in charge".to_owned() };
    let unit = unit.unwrap_or(&nobody);
    let by =
        |vi: &str, en: &str| Text { vi: format!("{} {vi}", unit.vi), en: format!("{} {en}", name(unit)) };
    match status {
        Status::Accepted => by("đã tiếp nhận hồ sơ.", "received the application."),
        Status::AwaitingDispatch => said(
            "Hiện chưa nơi nào làm được bước tiếp theo; hồ sơ đang chờ điều phối.",
            "No office can do the next step at present; the application awaits dispatch.",
        ),
        Status::Assigned => by("được giao giải quyết hồ sơ.", "was given the application."),
        Status::InProcess => by("đang giải quyết hồ sơ.", "is working on the application."),
        Status::AwaitingSupplement => {
            by("yêu cầu bổ sung hồ sơ.", "asked for the application to be supplemented.")
        }
        Status::AwaitingPayment => by("yêu cầu nộp phí, lệ phí.", "asked for a payment."),
        Status::Referred => by("đang chờ ý kiến của cơ quan khác.", "is waiting for another office."),
        Status::Granted => {
            by("đã giải quyết xong hồ sơ; đã có kết quả.", "has finished; the result is there.")
        }
        Status::Refused => by("từ chối giải quyết hồ sơ.", "refused the application."),
        Status::Withdrawn => said("Hồ sơ đã được rút.", "The application was withdrawn."),
        Status::Lapsed => said(
            "Việc giải quyết dừng lại vì hồ sơ không được bổ sung đúng hạn.",
            "It ended because it was not supplemented in time.",
        ),
    }
}

fn said(vi: &str, en: &str) -> Text {
    Text { vi: vi.to_owned(), en: en.to_owned() }
}

/// In English, or in Vietnamese where a name has no other.
fn name(text: &Text) -> &str {
    if text.en.is_empty() { &text.vi } else { &text.en }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn centre() -> Text {
        said("Trung tâm A", "Centre A")
    }

    #[test]
    fn it_says_who_did_what_and_by_when() {
        let centre = centre();
        let due = Some(date(2026, 11, 26).at(9, 5, 0, 0));
        let received = Happening::Received { unit: &centre, due }.in_words();
        assert_eq!(
            received,
            said(
                "Trung tâm A đã tiếp nhận hồ sơ, hẹn trả kết quả chậm nhất 09:05 ngày 26/11/2026.",
                "Centre A received the application and promised the result by 09:05 on 26 November 2026.",
            )
        );
        let handed_over = Happening::HandedOver { way: HandOverWay::Post, unit: &centre }.in_words();
        assert_eq!(handed_over.en, "Centre A handed the result over by post.");
    }

    #[test]
    fn why_it_went_somewhere_is_said_in_the_words_of_routing_and_a_reopening_names_its_decision() {
        let (centre, why) = (centre(), said("Vì sớm hơn.", "Because it is sooner there."));
        let status = Status::Assigned;
        let happened = Happening::Status { status, unit: Some(&centre), why: Some(&why), reopened_by: None };
        assert_eq!(happened.in_words(), why);
        let status = Status::InProcess;
        let happened = Happening::Status { status, unit: None, why: None, reopened_by: Some("QĐ 12") };
        assert_eq!(happened.in_words().vi, "Hồ sơ được mở lại theo QĐ 12.");
    }

    #[test]
    fn everything_is_said_in_whole_sentences_in_both_languages_also_without_a_name() {
        let centre = Text { vi: "Trung tâm A".to_owned(), en: String::new() };
        let statuses = Status::ALL.into_iter().flat_map(|status| {
            [None, Some(&centre)].map(|unit| Happening::Status { status, unit, why: None, reopened_by: None })
        });
        let others = [
            Happening::Received { unit: &centre, due: None },
            Happening::Supplemented,
            Happening::Paid { amount_dong: 15_000 },
            Happening::ContactCorrected,
            Happening::Issued,
            Happening::HandedOver { way: HandOverWay::InPerson, unit: &centre },
            Happening::ResultWithdrawn,
        ];
        for happening in statuses.chain(others) {
            let Text { vi, en } = happening.in_words();
            for sentence in [&vi, &en] {
                let first = sentence.chars().next().unwrap();
                assert!(first.is_uppercase() || first.is_numeric(), "{sentence}");
                assert!(sentence.ends_with('.') && !sentence.contains("  "), "{sentence}");
            }
            assert_ne!(vi, en);
        }
    }
}
