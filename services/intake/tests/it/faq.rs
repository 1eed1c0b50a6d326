//! What is asked often: it grows from answers, and is looked at again.

use phidia_domain::{Rejection, caller::Caller};
use phidia_proto::{
    intake::v1::{
        AddFaqEntryRequest, AnswerFeedbackRequest, FaqEntry, FeedbackKind, ListFaqEntriesRequest,
        MarkFaqUsefulRequest, ReviewFaqEntryRequest, SearchFaqRequest, SendFeedbackRequest,
    },
    types::v1::Text,
};
use phidia_runtime::status::from_status;

use crate::harness::{Intake, at, citizen, officer, operator, supervisor};

fn text(vi: &str, en: &str) -> Option<Text> {
    Some(Text { vi: vi.into(), en: en.into() })
}

fn entry(question: &str, answer: &str) -> AddFaqEntryRequest {
    AddFaqEntryRequest { question: text(question, ""), answer: text(answer, ""), ..Default::default() }
}

async fn add(intake: &Intake, caller: Caller, request: AddFaqEntryRequest) -> Result<FaqEntry, Rejection> {
    let answer = intake.faq(caller).add_faq_entry(request).await;
    answer.map(|answer| answer.into_inner().entry.unwrap()).map_err(|status| from_status(&status))
}

async fn search(intake: &Intake, query: &str) -> Vec<u32> {
    let request = SearchFaqRequest { query: query.into(), ..Default::default() };
    let found = intake.faq(citizen("x")).search_faq(request).await.unwrap().into_inner();
    found.entries.into_iter().map(|entry| entry.number).collect()
}

async fn useful(intake: &Intake, caller: Caller, number: u32) -> Result<u64, String> {
    let answer = intake.faq(caller).mark_faq_useful(MarkFaqUsefulRequest { number }).await;
    answer.map(|answer| answer.into_inner().useful).map_err(|status| from_status(&status).reason)
}

#[tokio::test]
async fn an_answer_becomes_an_entry_that_is_found_without_diacritics() {
    let intake = Intake::new().await;
    let question = SendFeedbackRequest {
        kind: FeedbackKind::Question.into(),
        text: "Tôi là Kín, lệ phí đăng ký đất?".into(),
        unit_code: "1".into(),
        ..Default::default()
    };
    let number = intake.feedback(citizen("a")).send_feedback(question).await.unwrap().into_inner().number;
    let promoted = AddFaqEntryRequest {
        question: text("Lệ phí đăng ký đất là bao nhiêu?", "What does land registration cost?"),
        answer: text("15.000 đồng", "15,000 dong"),
        procedure_code: "1.1".into(),
        feedback_number: number.clone(),
        ..Default::default()
    };
    assert_eq!(add(&intake, supervisor("1"), promoted.clone()).await.unwrap_err().reason, "NOT_ANSWERED");
    let answer = AnswerFeedbackRequest { number, answer: "15.000 đồng".into() };
    intake.feedback(officer("1")).answer_feedback(answer).await.unwrap();
    // That of another unit is not there for them, and officers do not write what everybody reads.
    assert_eq!(add(&intake, supervisor("2"), promoted.clone()).await.unwrap_err().reason, "UNKNOWN_FEEDBACK");
    assert_eq!(
        add(&intake, officer("1"), promoted.clone()).await.unwrap_err().kind,
        phidia_domain::Kind::Forbidden
    );
    let made = add(&intake, supervisor("1"), promoted.clone()).await.unwrap();
    assert_eq!((made.number, made.version, made.field.as_str()), (1, 1, "Đất đai"));
    assert_eq!((made.review_from.as_str(), made.outdated), ("2027-11-23", false));
    // Sent again it is the entry that there is; in other words it is another of the same feedback.
    assert_eq!(add(&intake, supervisor("1"), promoted.clone()).await.unwrap(), made);
    let otherwise = AddFaqEntryRequest { answer: text("16.000 đồng", ""), ..promoted };
    assert_eq!(add(&intake, operator(), otherwise).await.unwrap_err().reason, "PROMOTED_BEFORE");
    let second = add(&intake, operator(), entry("Giờ mở cửa đăng ký?", "7 giờ 30")).await.unwrap();
    assert_eq!((second.number, second.owner_unit_id.as_str()), (2, ""));
    assert_eq!(add(&intake, operator(), entry("Giờ mở cửa đăng ký?", "7 giờ 30")).await.unwrap(), second);

    for query in ["le phi dat", "LỆ PHÍ ĐẤT", "land cost", "1.1", "dat dai"] {
        assert_eq!(search(&intake, query).await, [1], "{query}");
    }
    assert!(search(&intake, "khai sinh").await.is_empty());
    assert!(search(&intake, "100%_").await.is_empty());
    assert_eq!(search(&intake, "").await, [2, 1]);
    // What helped comes first; a caller counts once a day.
    assert_eq!(useful(&intake, citizen("a"), 1).await, Ok(1));
    assert_eq!(useful(&intake, citizen("a"), 1).await, Ok(1));
    assert_eq!(useful(&intake, citizen("b"), 1).await, Ok(2));
    assert_eq!(search(&intake, "dang ky").await, [1, 2]);
    intake.clock.set(at("2026-11-24T02:00:00Z"));
    assert_eq!(useful(&intake, citizen("a"), 1).await, Ok(3));
    assert_eq!(useful(&intake, citizen("a"), 9).await, Err("UNKNOWN_FAQ_ENTRY".into()));
    assert_eq!(useful(&intake, citizen("a"), 0).await, Err("OUT_OF_RANGE".into()));
}

#[tokio::test]
async fn an_entry_is_looked_at_again_or_taken_off() {
    let intake = Intake::new().await;
    let request =
        AddFaqEntryRequest { review_from: "2026-12-01".into(), ..entry("Giờ mở cửa?", "8 giờ") };
    add(&intake, supervisor("1"), request).await.unwrap();
    add(&intake, operator(), entry("Địa chỉ?", "Số 1")).await.unwrap();
    let outdated = async || {
        let request = ListFaqEntriesRequest { outdated: true, ..Default::default() };
        let listed = intake.faq(officer("1")).list_faq_entries(request).await.unwrap().into_inner();
        listed.entries.into_iter().map(|entry| entry.number).collect::<Vec<_>>()
    };
    assert!(outdated().await.is_empty());
    intake.clock.set(at("2026-12-01T02:00:00Z"));
    assert_eq!(outdated().await, [1]);
    let review = |caller, request| {
        let mut faq = intake.faq(caller);
        async move {
            let answer = faq.review_faq_entry(request).await;
            answer
                .map(|answer| answer.into_inner().entry.unwrap())
                .map_err(|status| from_status(&status).reason)
        }
    };
    let otherwise = ReviewFaqEntryRequest {
        number: 1,
        answer: text("7 giờ 30", "half past seven"),
        ..Default::default()
    };
    assert_eq!(review(supervisor("2"), otherwise.clone()).await, Err("OTHER_UNIT".into()));
    let reviewed = review(supervisor("1"), otherwise.clone()).await.unwrap();
    assert_eq!(review(supervisor("1"), otherwise).await.unwrap(), reviewed, "the same review, sent again");
    assert_eq!((reviewed.version, reviewed.question.unwrap().vi.as_str()), (2, "Giờ mở cửa?"));
    assert!(outdated().await.is_empty());
    assert_eq!(search(&intake, "half past").await, [1]);
    let personal =
        ReviewFaqEntryRequest { number: 1, answer: text("hỏi a@b.vn", ""), ..Default::default() };
    assert_eq!(review(operator(), personal).await, Err("PERSONAL_DATA".into()));
    let retired = ReviewFaqEntryRequest { number: 1, retired: true, ..Default::default() };
    assert!(review(operator(), retired).await.unwrap().retired);
    assert_eq!(search(&intake, "").await, [2]);
    assert_eq!(useful(&intake, citizen("a"), 1).await, Err("UNKNOWN_FAQ_ENTRY".into()));
    for (request, field, reason) in [
        (entry("", "x"), "question.vi", "MISSING_FIELD"),
        (entry("x", &"a".repeat(5_001)), "answer.vi", "WRONG_LENGTH"),
        (
            AddFaqEntryRequest { procedure_code: "9".into(), ..entry("x", "y") },
            "procedure_code",
            "UNKNOWN_PROCEDURE",
        ),
        (
            AddFaqEntryRequest { procedure_code: "1.1".into(), field: "z".into(), ..entry("x", "y") },
            "field",
            "FIELD_OF_PROCEDURE",
        ),
        (
            AddFaqEntryRequest { review_from: "2026-11-01".into(), ..entry("x", "y") },
            "review_from",
            "DATE_OUT_OF_RANGE",
        ),
    ] {
        let refused = add(&intake, operator(), request).await.unwrap_err();
        let at = refused.violations.first().map(|at| at.field.clone()).unwrap_or_default();
        assert_eq!((at.as_str(), refused.reason.as_str()), (field, reason));
    }
}
