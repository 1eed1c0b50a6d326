//! The forms of Circular 03/2025/TT-VPCP that intake prints: what stands on them, when there are which, and who may have them.

use ::harness::pdf;
use phidia_domain::{
    Rejection,
    caller::{Caller, Role},
    id::{EventId, Id as _, UnitId},
};
use phidia_proto::{
    convert::wire_timestamp,
    events::v1::{
        AppointmentPostponed, CaseCompleted, CaseStopped, Event, StepOutcome, StopGround,
        SupplementRequested, Verdict, WorkAssigned, event::Fact,
    },
    intake::v1::{
        Form, Receipt, RenderFormOfReceiptRequest, RenderFormRequest, RenderRegisterRequest,
        SubmitApplicationRequest, WithdrawApplicationRequest,
    },
    types::v1::{Document, Text},
};
use phidia_runtime::{digest, failure::Failure, status::from_status};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction};

use crate::harness::{Intake, NAME, at, caller, officer, operator, request, system};

const REASON: &str = "Bản chính Giấy chứng nhận của ông Trần Văn Kín";
const REFUSED: &str = "Thửa đất đang có tranh chấp với bà Lê Thị Riêng";

async fn tell(intake: &Intake, receipt: &Receipt, number: u128, when: &str, fact: Fact) {
    let event = Event {
        id: EventId::from_uuid(uuid::Uuid::from_u128(number)).to_string(),
        province: "37".into(),
        application_id: receipt.application_id.clone(),
        source: "processing".into(),
        occurred_at: Some(wire_timestamp(at(when))),
        fact: Some(fact),
        ..Default::default()
    };
    let [answer] = intake.tell(vec![event]).await.try_into().unwrap();
    assert_eq!((answer.verdict(), answer.reason.as_str()), (Verdict::Applied, ""));
}

fn unit_b() -> (String, Option<Text>) {
    let name = Text { vi: "Trung tâm B".into(), en: "Centre B".into() };
    (UnitId::of("37", "2").to_string(), Some(name))
}

fn asked() -> Fact {
    let (unit_id, unit_name) = unit_b();
    Fact::SupplementRequested(SupplementRequested {
        unit_id,
        unit_name,
        reasons: vec![REASON.into(), "Tờ khai chưa ký".into()],
        until: Some(wire_timestamp(at("2026-12-14T10:30:00Z"))),
        ..Default::default()
    })
}

fn refused() -> Fact {
    Fact::CaseCompleted(CaseCompleted {
        outcome: StepOutcome::Refused.into(),
        completed_at: Some(wire_timestamp(at("2026-11-23T09:00:00Z"))),
        on_time: true,
        refusal_reason: REFUSED.into(),
        ..Default::default()
    })
}

const LATE: &str = "Cán bộ thụ lý Đinh Thị Ẩn nghỉ ốm";

fn postponed() -> Fact {
    let (unit_id, unit_name) = unit_b();
    Fact::AppointmentPostponed(AppointmentPostponed {
        unit_id,
        unit_name,
        reason: LATE.into(),
        due_at: Some(wire_timestamp(at("2026-11-26T01:00:00Z"))),
        appointment_at: Some(wire_timestamp(at("2026-11-30T03:00:00Z"))),
        ..Default::default()
    })
}

fn stopped(ground: StopGround) -> Fact {
    let stopped_at = Some(wire_timestamp(at("2026-11-23T09:00:00Z")));
    Fact::CaseStopped(CaseStopped { ground: ground.into(), stopped_at, on_time: true, ..Default::default() })
}

/// As somebody who has the receipt.
async fn printed(intake: &Intake, receipt: &Receipt, form: Form) -> Result<Document, Rejection> {
    let Receipt { dossier_code, check_code, .. } = receipt.clone();
    let request = RenderFormOfReceiptRequest { dossier_code, check_code, form: form.into() };
    let answer = intake.applications(caller(Role::Citizen, None)).render_form_of_receipt(request).await;
    answer.map(|answer| answer.into_inner().document.unwrap()).map_err(|status| from_status(&status))
}

async fn by_id(
    intake: &Intake,
    caller: Caller,
    receipt: &Receipt,
    form: Form,
) -> Result<Document, Rejection> {
    let application_id = receipt.application_id.clone();
    let request = RenderFormRequest { application_id, form: form.into() };
    let answer = intake.applications(caller).render_form(request).await;
    answer.map(|answer| answer.into_inner().document.unwrap()).map_err(|status| from_status(&status))
}

async fn register(
    intake: &Intake,
    caller: Caller,
    unit: &str,
    from: &str,
    to: &str,
) -> Result<Document, Rejection> {
    let (received_at_code, from, to) = (unit.into(), from.into(), to.into());
    let request = RenderRegisterRequest { received_at_code, from, to };
    let answer = intake.applications(caller).render_register(request).await;
    answer.map(|answer| answer.into_inner().document.unwrap()).map_err(|status| from_status(&status))
}

/// Which forms there are instead.
async fn forms_instead_of(intake: &Intake, receipt: &Receipt, form: Form) -> String {
    let refusal = printed(intake, receipt, form).await.unwrap_err();
    assert_eq!(refusal.reason, "FORM_NOT_ISSUED");
    refusal.metadata.iter().find(|(fact, _)| fact == "forms").unwrap().1.clone()
}

fn says(document: &Document, words: &[&str]) {
    let text = pdf::text(&document.pdf);
    for words in words {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[tokio::test]
async fn each_form_is_there_once_it_is_due_and_says_what_is_known() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    let first = printed(&intake, &receipt, Form::Receipt).await.unwrap();
    says(
        &first,
        &[
            NAME,
            "0912 345 678",
            "bi.mat@example.vn",
            &receipt.dossier_code,
            &receipt.check_code,
            "Đăng ký đất",
            "1 ngày làm việc",
            "09 giờ 00 phút, ngày 23 tháng 11 năm 2026",
            "09 giờ 00 phút, ngày 24 tháng 11 năm 2026",
            "15.000 đồng",
        ],
    );
    // What is not the receipt's business: a number that others can do harm with.
    assert!(!pdf::text(&first.pdf).contains("037190001234"));
    assert_eq!(first.sha256, digest::sha256(&first.pdf));
    assert_eq!(first.file_name, format!("mau-01-{}.pdf", receipt.dossier_code));
    assert_eq!(forms_instead_of(&intake, &receipt, Form::Supplement).await, "01");

    tell(&intake, &receipt, 1, "2026-11-23T03:00:00Z", asked()).await;
    let supplement = printed(&intake, &receipt, Form::Supplement).await.unwrap();
    says(
        &supplement,
        &[
            NAME,
            &format!("1. {REASON}"),
            "2. Tờ khai chưa ký",
            "Trung tâm B yêu cầu",
            "17 giờ 30 phút, ngày 14 tháng 12 năm 2026",
            "ngày 23 tháng 11 năm 2026",
        ],
    );
    assert!(!pdf::text(&supplement.pdf).contains(&receipt.check_code), "the secret is the receipt's alone");
    assert_eq!(forms_instead_of(&intake, &receipt, Form::Refusal).await, "01, 02");

    tell(&intake, &receipt, 2, "2026-11-23T09:00:00Z", refused()).await;
    says(
        &printed(&intake, &receipt, Form::Refusal).await.unwrap(),
        &[NAME, REFUSED, "Trung tâm B thông báo"],
    );
    assert_eq!(forms_instead_of(&intake, &receipt, Form::Stop).await, "01, 02, 03");

    // What was issued is issued again, byte by byte, also by another process on another day.
    let intake = intake.restarted().await;
    intake.clock.set(at("2026-12-20T03:00:00Z"));
    assert_eq!(printed(&intake, &receipt, Form::Receipt).await.unwrap(), first);
    assert_eq!(printed(&intake, &receipt, Form::Supplement).await.unwrap(), supplement);
}

#[tokio::test]
async fn what_ends_without_a_decision_has_its_notice_by_its_ground() {
    let intake = Intake::new().await;
    let (withdrawn, lapsed) =
        (intake.submit(request("w")).await.unwrap(), intake.submit(request("l")).await.unwrap());
    intake.clock.set(at("2026-11-23T08:30:00Z"));
    let Receipt { dossier_code, check_code, .. } = withdrawn.clone();
    let withdraw = WithdrawApplicationRequest { dossier_code, check_code };
    intake.applications(system()).withdraw_application(withdraw).await.unwrap();
    assert_eq!(forms_instead_of(&intake, &withdrawn, Form::Stop).await, "01", "it has not ended yet");
    tell(&intake, &withdrawn, 1, "2026-11-23T09:00:00Z", stopped(StopGround::Withdrawn)).await;
    says(
        &printed(&intake, &withdrawn, Form::Stop).await.unwrap(),
        &[
            "rút hồ sơ hồi 15 giờ 30 phút, ngày 23 tháng 11 năm 2026",
            "kể từ 16 giờ 00 phút, ngày 23 tháng 11 năm 2026",
            "Điều 7 Thông tư số 03/2025/TT-VPCP",
        ],
    );
    tell(&intake, &lapsed, 2, "2026-11-23T03:00:00Z", asked()).await;
    tell(&intake, &lapsed, 3, "2026-11-23T09:00:00Z", stopped(StopGround::Lapsed)).await;
    says(
        &printed(&intake, &lapsed, Form::Stop).await.unwrap(),
        &["chậm nhất là 17 giờ 30 phút, ngày 14 tháng 12 năm 2026. Đến hết thời hạn trên"],
    );
}

#[tokio::test]
async fn forms_are_for_whoever_has_the_receipt_or_the_application() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    let own = printed(&intake, &receipt, Form::Receipt).await.unwrap();
    for (caller, reason) in [
        (officer("1"), None),
        (operator(), None),
        (officer("2"), Some("UNKNOWN_APPLICATION")),
        (caller(Role::Citizen, None), Some("ROLE_NOT_ALLOWED")),
    ] {
        let answer = by_id(&intake, caller.clone(), &receipt, Form::Receipt).await;
        match reason {
            None => assert_eq!(answer.unwrap(), own),
            Some("ROLE_NOT_ALLOWED") => {
                assert_eq!(answer.unwrap_err().kind, phidia_domain::Kind::Forbidden, "{caller:?}");
            }
            Some(reason) => assert_eq!(answer.unwrap_err().reason, reason, "{caller:?}"),
        }
    }
    let wrong = Receipt { check_code: "000000".into(), ..receipt.clone() };
    assert_eq!(printed(&intake, &wrong, Form::Receipt).await.unwrap_err().reason, "UNKNOWN_RECEIPT");
    let nothing = printed(&intake, &receipt, Form::Unspecified).await.unwrap_err();
    assert_eq!((nothing.reason.as_str(), nothing.violations[0].field.as_str()), ("MISSING_FIELD", "form"));
    // The guesses of forms are guesses like any other.
    for _ in 0..9 {
        printed(&intake, &wrong, Form::Receipt).await.unwrap_err();
    }
    assert_eq!(printed(&intake, &receipt, Form::Receipt).await.unwrap_err().reason, "TOO_MANY_WRONG_CODES");
}

#[tokio::test]
async fn no_file_holds_personal_data_that_officers_wrote_and_it_is_erased_with_the_person() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    tell(&intake, &receipt, 1, "2026-11-23T03:00:00Z", asked()).await;
    tell(&intake, &receipt, 2, "2026-11-23T09:00:00Z", refused()).await;
    printed(&intake, &receipt, Form::Refusal).await.unwrap();
    for file in std::fs::read_dir(intake.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for secret in ["Trần Văn Kín", "Lê Thị Riêng", NAME] {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{} holds {secret}", path.display());
        }
    }
    // Erasing the key erases the person.
    intake.db.write(|tx| Box::pin(erase(tx))).await.unwrap();
    assert_eq!(forms_instead_of(&intake, &receipt, Form::Refusal).await, "01");
    let text = pdf::text(&printed(&intake, &receipt, Form::Receipt).await.unwrap().pdf);
    assert!(text.contains("Tiếp nhận hồ sơ của: …") && !text.contains(NAME), "{text}");
}

async fn erase(tx: &DatabaseTransaction) -> Result<(), Failure> {
    tx.execute_unprepared("DELETE FROM person_key").await?;
    Ok(())
}

#[tokio::test]
async fn the_register_has_what_a_unit_received_on_these_days() {
    let intake = Intake::new().await;
    let named = |key: &str, name: &str, unit: &str| {
        let mut request = SubmitApplicationRequest { received_at_code: unit.into(), ..request(key) };
        request.applicant.as_mut().unwrap().name = name.into();
        request
    };
    let first = intake.submit(named("a", "Đỗ Thị Nhất", "1")).await.unwrap();
    intake.submit(named("b", "Vũ Văn Nơi Khác", "2")).await.unwrap();
    intake.clock.set(at("2026-11-24T16:59:59Z"));
    intake.submit(named("c", "Phùng Văn Nhì", "1")).await.unwrap();
    // A second later it is Wednesday.
    intake.clock.set(at("2026-11-24T17:00:00Z"));
    intake.submit(named("d", "Quách Thị Ba", "1")).await.unwrap();
    let (unit_id, unit_name) = unit_b();
    let work_item = crate::progress::first(&first.application_id);
    let assigned = WorkAssigned { work_item, unit_id, unit_name, ..Default::default() };
    tell(&intake, &first, 1, "2026-11-23T03:00:00Z", Fact::WorkAssigned(assigned)).await;
    tell(&intake, &first, 2, "2026-11-23T09:00:00Z", refused()).await;

    let printed = register(&intake, officer("1"), "", "2026-11-23", "2026-11-24").await.unwrap();
    says(
        &printed,
        &[
            "Tổng số: 2 hồ sơ",
            "Đỗ Thị Nhất",
            "Phùng Văn Nhì",
            "Trung tâm B",
            "Từ chối",
            "Đã tiếp nhận",
            "Từ ngày 23 tháng 11 năm 2026 đến ngày 24 tháng 11 năm 2026",
        ],
    );
    let text = pdf::text(&printed.pdf);
    assert!(!text.contains("Nơi Khác") && !text.contains("Quách Thị Ba"), "{text}");
    assert_eq!(printed.file_name, "mau-07-1-2026-11-23-2026-11-24.pdf");
    assert_eq!(printed.sha256, digest::sha256(&printed.pdf));
    // An operator names the unit.
    let wednesday = register(&intake, operator(), "1", "2026-11-25", "2026-11-25").await.unwrap();
    says(&wednesday, &["Tổng số: 1 hồ sơ", "Quách Thị Ba"]);
    says(
        &register(&intake, operator(), "2", "2026-11-26", "2026-11-30").await.unwrap(),
        &["Tổng số: 0 hồ sơ"],
    );

    for (caller, unit, from, to, reason) in [
        (officer("2"), "1", "2026-11-23", "2026-11-24", "OTHER_UNIT"),
        (operator(), "", "2026-11-23", "2026-11-24", "MISSING_FIELD"),
        (operator(), "99999", "2026-11-23", "2026-11-24", "UNKNOWN_UNIT"),
        (officer("1"), "", "2026-11-24", "2026-11-23", "DAYS_REVERSED"),
        (officer("1"), "", "24/11/2026", "2026-11-24", "MALFORMED_DATE"),
        (officer("1"), "", "2026-11-24", "", "MISSING_FIELD"),
        (officer("1"), "", "2026-11-24", "9999-12-31", "DATE_OUT_OF_RANGE"),
    ] {
        let refusal = register(&intake, caller, unit, from, to).await.unwrap_err();
        assert_eq!(refusal.reason, reason, "{unit} {from} {to}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_to_wait_longer_has_the_apology_on_paper() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    assert_eq!(forms_instead_of(&intake, &receipt, Form::Apology).await, "01");
    tell(&intake, &receipt, 1, "2026-11-25T03:00:00Z", postponed()).await;
    let document = printed(&intake, &receipt, Form::Apology).await.unwrap();
    let text = pdf::text(&document.pdf);
    for words in [LATE, NAME, "Trung tâm B chưa thể trả kết quả", "08 giờ 00", "10 giờ 00", "2026"]
    {
        assert!(text.contains(words), "no {words:?} in {text}");
    }
    // It is still one when the case has ended.
    tell(&intake, &receipt, 2, "2026-11-30T03:00:00Z", refused()).await;
    assert_eq!(printed(&intake, &receipt, Form::Apology).await.unwrap().sha256, document.sha256);
}
