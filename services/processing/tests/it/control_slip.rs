//! Who had a dossier when, as it is printed.

use ::harness::pdf;
use phidia_domain::{Rejection, caller::Caller, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::{ApplicationSubmitted, SupplementReceived, Verdict, event::Fact},
    processing::v1::{
        HandOverWorkItemRequest, RenderControlSlipRequest, RequestSupplementRequest,
        render_control_slip_request::Key,
    },
    types::v1::Document,
};
use phidia_runtime::{digest, failure::Failure, status};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction};

use crate::{
    harness::{Office, an_officer, assigned, at, submission, supervisor},
    province::BIRTH,
};

async fn slip(office: &Office, caller: Caller, item: WorkItem) -> Result<Document, Rejection> {
    let key = Some(Key::ApplicationId(item.application.to_string()));
    let answer = office.client(caller).render_control_slip(RenderControlSlipRequest { key }).await;
    answer.map(|answer| answer.into_inner().document.unwrap()).map_err(|status| status::from_status(&status))
}

fn says_in_order(text: &str, words: &[&str]) {
    let mut rest = text;
    for word in words {
        let found = rest.find(word).unwrap_or_else(|| panic!("no {word:?} in what is left: {rest}"));
        rest = &rest[found + word.len()..];
    }
}

/// Received at A at eight, examined at B by 2-01 – who needs a supplement –, and signed at A by 1-01, for whom 1-02 stands in.
async fn whole_way(office: &Office) -> WorkItem {
    let due_at = Some(convert::wire_timestamp(at("2026-12-02T01:00:00Z")));
    let birth = ApplicationSubmitted { due_at, ..submission(BIRTH) };
    let item = office.open_case(1, birth, "2").await;
    let applied = (Verdict::Applied, String::new());
    office.clock.set(at("2026-11-23T02:00:00Z"));
    office.claim("2-01", item, 0).await.unwrap();
    office.clock.set(at("2026-11-23T03:00:00Z"));
    let work_item = Some(convert::wire_work_item(item));
    let ask = RequestSupplementRequest { work_item, fence: 1, reasons: vec!["Giấy chứng sinh".into()] };
    office.of("2-01").request_supplement(ask).await.unwrap();
    office.clock.set(at("2026-11-25T02:00:00Z"));
    let received_at = Some(convert::wire_timestamp(at("2026-11-25T01:30:00Z")));
    let received = Fact::SupplementReceived(SupplementReceived { received_at });
    assert_eq!(office.tell("intake", item.application, received).await, applied);
    office.clock.set(at("2026-11-25T03:00:00Z"));
    let held = office.claim("2-01", item, 2).await.unwrap();
    office.clock.set(at("2026-11-25T04:00:00Z"));
    office.done("2-01", &held).await;
    let sign = WorkItem { step: 2, ..item };
    office.clock.set(at("2026-11-25T07:00:00Z"));
    assert_eq!(office.tell("routing", item.application, assigned(sign, "1")).await, applied);
    office.claim("1-01", sign, 0).await.unwrap();
    office.clock.set(at("2026-11-25T08:00:00Z"));
    let stand_in = HandOverWorkItemRequest {
        work_item: Some(convert::wire_work_item(sign)),
        expected_fence: 1,
        officer_code: "1-02".into(),
    };
    let given = office.client(supervisor(Some("1"))).hand_over_work_item(stand_in).await.unwrap();
    office.clock.set(at("2026-11-25T09:00:00Z"));
    office.done("1-02", &given.into_inner().work_item.unwrap()).await;
    sign
}

#[tokio::test(flavor = "multi_thread")]
async fn every_hand_over_has_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = whole_way(&office).await;
    let printed = slip(&office, an_officer("2-01"), item).await.unwrap();
    assert_eq!(printed.file_name, "mau-06-H42.1-261123-0001.pdf");
    assert_eq!(printed.sha256, digest::sha256(&printed.pdf));
    let text = pdf::text(&printed.pdf);
    says_in_order(
        &text,
        &[
            "PHIẾU KIỂM SOÁT",
            "H42.1-261123-0001",
            "Khai sinh",
            "1. Giao: Trung tâm A 2. Nhận: Trung tâm B",
            "1. Giao: Trung tâm B (cán bộ 2-01) 2. Nhận: Người nộp hồ sơ",
            "1. Giao: Người nộp hồ sơ 2. Nhận: Trung tâm B",
            "1. Giao: Trung tâm B (cán bộ 2-01) 2. Nhận: Trung tâm A",
            "1. Giao: Trung tâm A (cán bộ 1-01) 2. Nhận: Trung tâm A (cán bộ 1-02)",
            "1. Giao: Trung tâm A (cán bộ 1-02) 2. Nhận: Trung tâm A",
        ],
    );
    for words in
        ["Thẩm tra", "Yêu cầu bổ sung", "được bổ sung", "giao cán bộ khác", "Trả kết quả", "Trước hạn"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    // In local time: taken up at nine on Monday, done at eleven on Wednesday, at the end at four.
    for time in ["09:00\u{a0}23/11/2026", "11:00\u{a0}25/11/2026", "16:00\u{a0}25/11/2026"] {
        let time = time.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(&time), "{time}: {text}");
    }
    assert_eq!(
        slip(&office, supervisor(None), item).await.unwrap().pdf,
        printed.pdf,
        "the same at the same time"
    );
    // Nobody else's business, as with the case itself.
    assert_eq!(slip(&office, an_officer("3-01"), item).await.unwrap_err().reason, "UNKNOWN_CASE");
    office.close().await;
}

/// Of cases that were there before this was kept, what their work items still say is printed.
#[tokio::test(flavor = "multi_thread")]
async fn a_case_of_before_has_a_slip_too() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = whole_way(&office).await;
    office.db.write(|tx| Box::pin(forget(tx))).await.unwrap();
    let text = pdf::text(&slip(&office, supervisor(None), item).await.unwrap().pdf);
    says_in_order(
        &text,
        &[
            "1. Giao: Trung tâm A 2. Nhận: Trung tâm B",
            "1. Giao: Trung tâm B (cán bộ 2-01) 2. Nhận: Trung tâm A",
            "2. Nhận: Trung tâm A",
        ],
    );
    office.close().await;
}

async fn forget(tx: &DatabaseTransaction) -> Result<(), Failure> {
    tx.execute_unprepared("DELETE FROM hand_overs").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_routing_moved_on_went_through_both_units() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, submission(BIRTH), "2").await;
    office.transfer(item, 0, WorkItem { attempt: 2, ..item }, "3").await.unwrap();
    let text = pdf::text(&slip(&office, supervisor(None), item).await.unwrap().pdf);
    says_in_order(
        &text,
        &["1. Giao: Trung tâm A 2. Nhận: Trung tâm B", "1. Giao: Trung tâm B 2. Nhận: Trung tâm C"],
    );
    // Nothing was promised.
    assert!(text.contains("trả kết quả giải quyết hồ sơ: …"), "{text}");
    office.close().await;
}
