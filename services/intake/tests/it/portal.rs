//! The national portal is told how applications stand, and brings some: through whatever it does.

use ::harness::national_portal::{Dossier, Manner, NationalPortal};
use phidia_intake::{Deps, build};
use phidia_proto::{
    convert::wire_timestamp,
    events::v1::{
        CaseCompleted, CasePaused, CaseReopened, CaseResumed, HandOverWay, PaymentDue, ResultHandedOver,
        StepOutcome, SupplementRequested, case_paused::WaitsFor, event::Fact,
    },
    intake::v1::{
        GetApplicationRequest, GetPortalStateRequest, LeaveOutPortalMessageRequest,
        ListPortalArrivalsRequest, ListPortalMessagesRequest, PortalArrival, PortalArrivalState,
        PortalMessage, PortalMessageState, Receipt, ReplayPortalMessagesRequest,
    },
    types::v1::{ApplicationStatus, Text, WorkItem},
};
use phidia_runtime::{failure::Failure, status::from_status};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use crate::{
    attachments::pdf,
    harness::{Intake, NAME, at, request, system, told},
    progress::{event, first, opened, tell, track, unit},
};

/// A wait here is for several attempts with pauses between them.
async fn soon(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !holds().await {
        assert!(std::time::Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

fn name() -> Option<Text> {
    Some(Text { vi: "Trung tâm A".into(), en: "Centre A".into() })
}

/// Until when it may be supplemented.
const UNTIL: &str = "2026-12-14T10:30:00Z";

fn supplement_asked() -> Fact {
    supplement_asked_until(UNTIL)
}

fn supplement_asked_until(until: &str) -> Fact {
    Fact::SupplementRequested(SupplementRequested {
        unit_id: unit("1"),
        unit_name: name(),
        until: Some(wire_timestamp(at(until))),
        reasons: vec!["Thiếu bản sao hộ khẩu".into()],
        ..Default::default()
    })
}

fn payment_asked() -> Fact {
    Fact::CasePaused(CasePaused {
        unit_id: unit("1"),
        unit_name: name(),
        waits_for: Some(WaitsFor::Payment(PaymentDue { amount_dong: 8_000, purpose: "Lệ phí".into() })),
        ..Default::default()
    })
}

fn resumed() -> Fact {
    Fact::CaseResumed(CaseResumed { unit_id: unit("1"), unit_name: name(), ..Default::default() })
}

fn completed(outcome: StepOutcome) -> Fact {
    Fact::CaseCompleted(CaseCompleted {
        outcome: outcome.into(),
        completed_at: Some(wire_timestamp(at("2026-11-23T09:00:00Z"))),
        on_time: true,
        refusal_reason: if outcome == StepOutcome::Refused {
            "Đất đang tranh chấp".into()
        } else {
            String::new()
        },
        ..Default::default()
    })
}

fn handed_over() -> Fact {
    Fact::ResultHandedOver(ResultHandedOver {
        way: HandOverWay::InPerson.into(),
        handed_over_at: Some(wire_timestamp(at("2026-11-25T02:00:00Z"))),
        unit_name: name(),
        ..Default::default()
    })
}

fn dossier(code: &str) -> Value {
    json!({
        "Ma": format!("M-{code}"), "Loai": "HO_SO", "MaHoSo": code,
        "HoSo": {
            "MaTTHC": "1.1", "MaDonViTiepNhan": "1", "NgayNop": "20261120101500", "UngDung": "VNEID",
            "ChuHoSo": { "HoTen": NAME, "SoDinhDanh": "037190001234", "Email": "bi.mat@example.vn" },
            "DiaDiem": { "DAT_DAI": "1" }
        }
    })
}

fn later(kind: &str, number: u32, code: &str) -> Value {
    json!({ "Ma": format!("L-{number}"), "Loai": kind, "MaHoSo": code })
}

impl Intake {
    async fn log(&self, code: &str) -> Vec<PortalMessage> {
        let request = ListPortalMessagesRequest { dossier_code: code.into(), ..Default::default() };
        self.portal().list_portal_messages(request).await.unwrap().into_inner().messages
    }

    async fn arrivals(&self) -> Vec<PortalArrival> {
        let request = ListPortalArrivalsRequest::default();
        self.portal().list_portal_arrivals(request).await.unwrap().into_inner().arrivals
    }

    async fn status_of(&self, id: &str) -> ApplicationStatus {
        let request = GetApplicationRequest { application_id: id.to_owned() };
        let answer = self.applications(system()).get_application(request).await.unwrap().into_inner();
        answer.application.unwrap().status()
    }

    async fn write(&self, sql: &str) {
        let statement = Statement::from_string(self.db.backend(), sql);
        let written = self.db.write(move |tx| {
            Box::pin(async move { tx.execute_raw(statement).await.map(drop).map_err(Failure::broken) })
        });
        written.await.unwrap();
    }

    /// All that the tables of the portal hold, as text.
    async fn portal_tables(&self) -> String {
        let sql = "SELECT code AS held FROM portal_dossier UNION ALL \
                   SELECT code || coalesce(CAST(unit_name AS text), '') || coalesce(CAST(reasons AS text), '') \
                   || coalesce(failure, '') FROM portal_message UNION ALL \
                   SELECT item || code || coalesce(reason, '') || coalesce(CAST(answer AS text), '') FROM portal_arrival";
        let rows =
            self.db.read().query_all_raw(Statement::from_string(self.db.backend(), sql)).await.unwrap();
        rows.iter().map(|row| row.try_get::<String>("", "held").unwrap()).collect()
    }
}

async fn tells(intake: &Intake, receipt: &Receipt, first: u128, facts: Vec<Fact>) {
    let id = receipt.application_id.as_str();
    let events: Vec<_> = (first..).zip(facts).map(|(number, fact)| event(number, id, fact)).collect();
    tell(intake, &events).await;
}

#[tokio::test]
async fn it_is_told_each_thing_once_and_in_order() {
    let portal = NationalPortal::start().await;
    let mut intake = Intake::telling(&portal).await;
    let workers = intake.start();
    let receipt = intake.submit(request("k")).await.unwrap();
    let code = receipt.dossier_code.as_str();
    let way = vec![opened("1"), supplement_asked(), resumed(), payment_asked(), resumed()];
    tells(&intake, &receipt, 1, way).await;
    tells(&intake, &receipt, 11, vec![completed(StepOutcome::Approved), handed_over()]).await;
    let expected = [2, 4, 5, 2, 4, 6, 4, 9, 10];
    soon("all is told", async || portal.dossier(code).codes() == expected).await;
    let Dossier { created, told } = portal.dossier(code);
    assert_eq!((created["ChuHoSo"]["HoTen"].as_str(), created["MaTTHC"].as_str()), (Some(NAME), Some("1.1")));
    assert_eq!(
        (created["NgayTiepNhan"].as_str(), created["KenhThucHien"].as_u64()),
        (Some("20261123090000"), Some(1))
    );
    assert_eq!(told[2]["NoiDungXuLy"], "Yêu cầu bổ sung hồ sơ: Thiếu bản sao hộ khẩu");
    assert_eq!(told[7]["NgayKetThucXuLy"], "20261123090000");
    let log = intake.log(code).await;
    assert_eq!(log.len(), 9);
    assert!(
        log.iter()
            .all(|message| message.state() == PortalMessageState::Delivered && message.sha256.len() == 64)
    );
    let tables = intake.portal_tables().await;
    assert!(tables.contains("Trung tâm A"), "{tables}");
    assert!(
        !tables.contains("Bí Mật") && !tables.contains("hộ khẩu") && !tables.contains("bi.mat"),
        "{tables}"
    );
    assert_eq!(portal.faults(), [""; 0]);
    assert!(workers.stop(std::time::Duration::from_secs(5)).await);
}

/// What is accepted while the portal behaves like this is told once it behaves well.
async fn told_in_the_end(manner: Manner) {
    let portal = NationalPortal::start().await;
    let mut intake = Intake::telling(&portal).await;
    portal.behave(manner.clone());
    let workers = intake.start();
    let receipt = intake.submit(request("k")).await.unwrap();
    let code = receipt.dossier_code.as_str();
    tells(&intake, &receipt, 1, vec![opened("1"), completed(StepOutcome::Approved)]).await;
    soon(&format!("it was tried while {manner:?}"), async || !intake.log(code).await[0].failure.is_empty())
        .await;
    portal.end_sessions();
    portal.behave(Manner::Well);
    soon(&format!("it is told after {manner:?}"), async || portal.dossier(code).codes() == [2, 4, 9]).await;
    soon("all of it is known to be told", async || {
        let state = intake.portal().get_portal_state(GetPortalStateRequest {}).await.unwrap().into_inner();
        (state.waiting, state.behind, state.refused) == (0, 0, 0)
    })
    .await;
    assert_eq!((portal.count(), portal.faults()), (1, Vec::new()), "{manner:?}");
    assert!(workers.stop(std::time::Duration::from_secs(5)).await);
}

#[tokio::test]
async fn whatever_it_does_nothing_is_lost_and_nothing_told_twice() {
    let manners = [
        Manner::Fails(503),
        Manner::Fails(429),
        Manner::LosesAnswers,
        Manner::Babbles,
        Manner::Redirects,
        Manner::Hangs,
    ];
    futures::future::join_all(manners.map(told_in_the_end)).await;
}

#[tokio::test]
async fn what_it_refuses_waits_for_an_operator_and_keeps_nobody_else_waiting() {
    let portal = NationalPortal::start().await;
    let mut intake = Intake::telling(&portal).await;
    let one = intake.submit(request("one")).await.unwrap();
    let other = intake.submit(request("other")).await.unwrap();
    let code = one.dossier_code.clone();
    portal.refuse(&[&code]);
    let workers = intake.start();
    tells(&intake, &one, 1, vec![opened("1")]).await;
    tells(&intake, &other, 11, vec![opened("1")]).await;
    soon("the other is told", async || portal.dossier(&other.dossier_code).codes() == [2, 4]).await;
    soon("it is refused", async || intake.log(&code).await[0].state() == PortalMessageState::Refused).await;
    let log = intake.log(&code).await;
    assert_eq!((log[0].failure.as_str(), log[1].state()), ("HTTP_422 HS-07", PortalMessageState::Behind));

    let leave_out = |number| LeaveOutPortalMessageRequest {
        dossier_code: code.clone(),
        number,
        reason: "cổng đã có".into(),
    };
    let refusal = |status: tonic::Status| from_status(&status).reason;
    let refused = intake.portal().leave_out_portal_message(leave_out(2)).await.map_err(refusal);
    assert_eq!(refused.unwrap_err(), "NOT_REFUSED");
    let refused = intake.portal().leave_out_portal_message(leave_out(7)).await.map_err(refusal);
    assert_eq!(refused.unwrap_err(), "UNKNOWN_MESSAGE");
    let replay = |from_number, reason: &str| ReplayPortalMessagesRequest {
        dossier_code: code.clone(),
        from_number,
        reason: reason.into(),
        all_refused: false,
    };
    let refused = intake.portal().replay_portal_messages(replay(1, "")).await.map_err(refusal);
    assert_eq!(refused.unwrap_err(), "MISSING_FIELD");
    let refused = intake.portal().replay_portal_messages(replay(9, "x")).await.map_err(refusal);
    assert_eq!(refused.unwrap_err(), "UNKNOWN_MESSAGE");

    portal.refuse(&[]);
    intake.portal().replay_portal_messages(replay(1, "đã sửa ở cổng")).await.unwrap();
    soon("it is told", async || portal.dossier(&code).codes() == [2, 4]).await;
    // Told all of it again, the portal knows each message.
    intake.portal().replay_portal_messages(replay(0, "đối chiếu")).await.unwrap();
    soon("it is told again", async || {
        let log = intake.log(&code).await;
        log.iter().all(|message| message.state() == PortalMessageState::Delivered && message.attempts >= 3)
    })
    .await;
    assert_eq!((portal.dossier(&code).codes(), portal.faults()), (vec![2, 4], Vec::new()));

    portal.refuse(&[&code]);
    tells(&intake, &one, 21, vec![supplement_asked(), resumed()]).await;
    soon("it is refused again", async || intake.log(&code).await[2].state() == PortalMessageState::Refused)
        .await;
    let all =
        ReplayPortalMessagesRequest {
            all_refused: true, reason: "sửa ở cổng".into(), ..Default::default()
        };
    let both = ReplayPortalMessagesRequest { dossier_code: code.clone(), ..all.clone() };
    let refused = intake.portal().replay_portal_messages(both).await.map_err(refusal);
    assert_eq!(refused.unwrap_err(), "CONTRADICTION");
    let attempts = intake.log(&code).await[2].attempts;
    intake.portal().replay_portal_messages(all).await.unwrap();
    soon("it is refused once more", async || {
        let again = intake.log(&code).await.remove(2);
        again.attempts > attempts && again.state() == PortalMessageState::Refused
    })
    .await;
    portal.refuse(&[]);
    for number in [3, 3] {
        intake.portal().leave_out_portal_message(leave_out(number)).await.unwrap();
    }
    let log = intake.log(&code).await;
    assert_eq!((log[2].state(), log[2].note.as_str()), (PortalMessageState::LeftOut, "cổng đã có"));
    assert_eq!(log[2].noted_by, "operator/test");
    assert!(workers.stop(std::time::Duration::from_secs(5)).await);
}

#[tokio::test]
async fn what_was_noted_before_a_crash_is_told_after_it_also_by_two_at_once() {
    let portal = NationalPortal::start().await;
    let intake = Intake::telling(&portal).await;
    let mut receipts = Vec::new();
    for number in 0..12 {
        let receipt = intake.submit(request(&format!("k{number}"))).await.unwrap();
        tells(&intake, &receipt, 10 * number + 1, vec![opened("1"), completed(StepOutcome::Refused)]).await;
        receipts.push(receipt);
    }
    assert_eq!(portal.count(), 0);
    let mut intake = intake.restarted_telling(&portal).await;
    let replica = build(Deps { portal: Some(told(&portal)), ..intake.replica() }).await.unwrap();
    let mut workers = intake.start();
    replica.service.workers.into_iter().for_each(|worker| workers.spawn(worker));
    for receipt in &receipts {
        let code = receipt.dossier_code.as_str();
        soon(&format!("{code} is told"), async || portal.dossier(code).codes() == [2, 4, 9]).await;
    }
    let first = portal.dossier(&receipts[0].dossier_code).told;
    assert_eq!(first[2]["NoiDungXuLy"], "Từ chối giải quyết hồ sơ: Đất đang tranh chấp");
    let log = intake.log("").await;
    assert!(log.iter().all(|message| message.attempts == 1), "each was told by one of them");
    assert_eq!(portal.faults(), [""; 0]);
    assert!(workers.stop(std::time::Duration::from_secs(5)).await);
}

#[tokio::test]
async fn without_a_portal_nothing_is_noted_and_what_goes_on_later_is_told_whole() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    tells(&intake, &receipt, 1, vec![opened("1")]).await;
    assert_eq!(intake.portal_tables().await, "");
    let state = intake.portal().get_portal_state(GetPortalStateRequest {}).await.unwrap().into_inner();
    assert_eq!((state.url.as_str(), state.waiting), ("", 0));
    let portal = NationalPortal::start().await;
    let mut intake = intake.restarted_telling(&portal).await;
    let workers = intake.start();
    tells(&intake, &receipt, 2, vec![completed(StepOutcome::Approved)]).await;
    let code = receipt.dossier_code.as_str();
    soon("it is told", async || portal.dossier(code).codes() == [2, 4, 9]).await;
    let reopened = CaseReopened {
        decision: "Quyết định 7".into(),
        reopened_at: Some(wire_timestamp(at("2026-11-26T02:00:00Z"))),
        unit_id: unit("1"),
        unit_name: name(),
        due_at: Some(wire_timestamp(at("2026-12-03T02:00:00Z"))),
        work_item: Some(WorkItem { attempt: 2, ..first(&receipt.application_id).unwrap() }),
        reached_before: first(&receipt.application_id).into_iter().collect(),
        ..Default::default()
    };
    tells(&intake, &receipt, 3, vec![Fact::CaseReopened(reopened)]).await;
    soon("it is told that it was opened again", async || portal.dossier(code).codes() == [2, 4, 9, 4]).await;
    assert_eq!(portal.faults(), [""; 0]);
    assert!(workers.stop(std::time::Duration::from_secs(5)).await);
}

#[tokio::test]
async fn what_was_handed_in_there_is_an_application_here_once_and_goes_on_there() {
    let portal = NationalPortal::start().await;
    let mut intake = Intake::telling(&portal).await;
    let code = "G22.99.08-261120-0001";
    let file = pdf(500, 1);
    let mut item = dossier(code);
    let kept = portal.keep("tep-1", "don.pdf", "application/pdf", &file);
    item["HoSo"]["GiayTo"] = json!([{ "MaThanhPhan": "1", "LoaiBan": 2, "SoLuong": 1, "TepTin": [kept] }]);
    // An answer that is lost makes it come again.
    portal.behave(Manner::LosesAnswers);
    portal.bring(item.clone());
    let workers = intake.start();
    soon("it is taken in", async || intake.count().await == 1).await;
    portal.behave(Manner::Well);
    item["Ma"] = json!("N-another");
    portal.bring(item);
    soon("it is acknowledged", async || portal.acknowledged().len() >= 2).await;
    soon("it is told", async || portal.dossier(code).codes().last() == Some(&2)).await;
    assert_eq!(intake.count().await, 1);
    let arrived = intake.arrivals().await.remove(0);
    assert_eq!((arrived.state(), arrived.dossier_code.as_str()), (PortalArrivalState::Taken, code));
    let id = arrived.application_id;
    let request = GetApplicationRequest { application_id: id.clone() };
    let shown = intake.applications(system()).get_application(request).await.unwrap().into_inner();
    assert_eq!(shown.applicant.unwrap().name, NAME);
    assert_eq!(shown.documents[0].attachment_ids.len(), 1);
    let ours = shown.application.unwrap().dossier_code;
    assert_eq!(portal.acknowledged().last().unwrap()["MaHoSoDiaPhuong"].as_str(), Some(ours.as_str()));

    // From there on as with any other, under the portal's code.
    let receipt = Receipt { application_id: id.clone(), ..Default::default() };
    tells(&intake, &receipt, 1, vec![opened("1"), supplement_asked()]).await;
    soon("a supplement is asked for there", async || portal.dossier(code).codes().last() == Some(&5)).await;
    let mut supplement = later("BO_SUNG", 1, code);
    supplement["TepTin"] = json!([portal.keep("tep-2", "bo-sung.pdf", "application/pdf", &pdf(500, 2))]);
    portal.bring(supplement);
    soon("the supplement is taken in", async || intake.arrivals().await.len() == 3).await;
    tells(&intake, &receipt, 3, vec![resumed(), payment_asked()]).await;
    soon("a payment is asked for there", async || portal.dossier(code).codes().last() == Some(&6)).await;
    let mut payment = later("THANH_TOAN", 2, code);
    (payment["SoTien"], payment["MaGiaoDich"]) = (json!(8_000), json!("GD-1"));
    portal.bring(payment);
    soon("the payment is taken in", async || intake.arrivals().await.len() == 4).await;
    portal.bring(later("RUT_HO_SO", 3, code));
    soon("the withdrawal is taken in", async || intake.arrivals().await.len() == 5).await;
    let states: Vec<_> = intake.arrivals().await.into_iter().map(|arrival| arrival.state()).collect();
    assert_eq!(states, [PortalArrivalState::Taken; 5]);
    assert_eq!(
        (portal.faults(), intake.status_of(&id).await),
        (Vec::new(), ApplicationStatus::AwaitingPayment)
    );
    assert!(workers.stop(std::time::Duration::from_secs(5)).await);
}

#[tokio::test]
async fn what_cannot_be_taken_in_is_refused_with_reasons_and_keeps_nothing_else_waiting() {
    let portal = NationalPortal::start().await;
    let mut intake = Intake::telling(&portal).await;
    let mut wrong = dossier("SAI-1");
    wrong["HoSo"]["ChuHoSo"]["HoTen"] = json!("");
    wrong["HoSo"]["DiaDiem"] = json!({});
    portal.bring(wrong);
    let mut changed = dossier("SAI-2");
    let mut kept = portal.keep("tep-1", "don.pdf", "application/pdf", &pdf(500, 1));
    kept["SHA256"] = json!("0".repeat(64));
    changed["HoSo"]["GiayTo"] = json!([{ "MaThanhPhan": "1", "LoaiBan": 2, "SoLuong": 1, "TepTin": [kept] }]);
    portal.bring(changed);
    portal.bring(later("BO_SUNG", 1, "KHONG-CO"));
    // Not known to this version, and no item at all: they stay there.
    portal.bring(later("CHUA_BIET", 2, "KHONG-CO"));
    portal.bring(json!({ "Ma": "A rubbish", "Loai": 7 }));
    let mut unread = later("BO_SUNG", 3, "KHONG-CO");
    unread["TepTin"] = json!("một tệp");
    portal.bring(unread);
    // Nor is what stands where a code should.
    portal.bring(later("RUT_HO_SO", 5, "Nguyễn Thị Bí Mật"));
    // Its procedure may be one that is to come, and what is about it waits for it.
    let mut unknown = dossier("CHO-1");
    unknown["HoSo"]["MaTTHC"] = json!("9.999");
    unknown["HoSo"]["ChuHoSo"]["Email"] = Value::Null;
    portal.bring(unknown);
    let mut withdrawal = later("RUT_HO_SO", 4, "CHO-1");
    withdrawal["Ma"] = json!("M-CHO-2");
    portal.bring(withdrawal);
    // A code of ours may not be brought from there.
    let mut ours = dossier("H42.1-261123-0009");
    ours["Ma"] = json!("M-ours");
    portal.bring(ours);
    portal.bring(dossier("Z-DUNG"));
    let workers = intake.start();
    soon("the right one is taken in", async || intake.count().await == 1).await;
    soon("the wrong ones are told of", async || {
        ["SAI-1", "SAI-2"].into_iter().all(|code| portal.dossier(code).codes() == [1, 3])
    })
    .await;
    let told = portal.dossier("SAI-1").told.remove(1);
    let words = told["NoiDungXuLy"].as_str().unwrap();
    assert!(words.starts_with("Không tiếp nhận hồ sơ.") && words.len() > 60, "{words}");
    let refused = portal.acknowledged().into_iter().filter(|told| told["KetQua"] == "TU_CHOI").count();
    assert_eq!(refused, 4);
    let mut arrivals = intake.arrivals().await;
    arrivals.retain(|arrival| arrival.state() == PortalArrivalState::Failed);
    let reasons: Vec<_> = arrivals.iter().map(|arrival| arrival.reason.as_str()).collect();
    let expected =
        ["UNKNOWN_ITEM", "MALFORMED_ITEM", "MALFORMED_ITEM", "UNKNOWN_PROCEDURE", "DOSSIER_NOT_TAKEN_YET"];
    assert_eq!(reasons, expected);
    assert!(!intake.portal_tables().await.contains("Bí Mật"));
    assert_eq!(portal.faults(), [""; 0]);
    assert!(workers.stop(std::time::Duration::from_secs(5)).await);
}

/// A supplement as the portal brings it.
fn supplement(portal: &NationalPortal, number: u32, code: &str, handed_in_at: &str) -> Value {
    let mut item = later("BO_SUNG", number, code);
    let file = portal.keep(&format!("tep-{number}"), "x.pdf", "application/pdf", &pdf(500, number.into()));
    (item["TepTin"], item["ThoiDiem"]) = (json!([file]), json!(handed_in_at));
    item
}

#[tokio::test]
async fn what_was_supplemented_there_in_time_counts_however_late_it_comes() {
    let intake = Intake::new().await;
    let elsewhere = intake.submit(request("elsewhere")).await.unwrap();
    // It is looked at after the others: when that has lapsed, it was their turn.
    let asked = supplement_asked_until("2026-12-14T10:30:01Z");
    tells(&intake, &elsewhere, 1, vec![opened("1"), asked]).await;
    let portal = NationalPortal::start().await;
    let mut intake = intake.restarted_telling(&portal).await;
    let mut receipts = Vec::new();
    for number in 1_u32..4 {
        let receipt = intake.submit(request(&format!("k{number}"))).await.unwrap();
        tells(&intake, &receipt, 10 * u128::from(number), vec![opened("1"), supplement_asked()]).await;
        receipts.push(receipt);
    }
    let [in_time, too_late, never] = receipts.try_into().unwrap();
    portal.bring(supplement(&portal, 1, &in_time.dossier_code, "20261214172959"));
    portal.bring(supplement(&portal, 2, &too_late.dossier_code, "20261214173001"));
    portal.behave(Manner::Fails(503));
    intake.clock.set(at("2026-12-16T02:00:00Z"));
    let workers = intake.start();
    let stops = async || {
        let mut heard = intake.notification.heard();
        heard.retain(|event| matches!(event.fact, Some(Fact::StopRequested(_))));
        heard.into_iter().map(|event| event.application_id).collect::<Vec<_>>()
    };
    soon("what it does not know has lapsed", async || stops().await == [elsewhere.application_id.clone()])
        .await;
    portal.behave(Manner::Well);
    soon("the others lapse", async || stops().await.len() == 3).await;
    let lapsed = stops().await;
    assert!(lapsed.contains(&too_late.application_id) && lapsed.contains(&never.application_id));
    soon("both are known", async || intake.arrivals().await.len() == 2).await;
    let arrivals = intake.arrivals().await;
    assert_eq!(arrivals[0].state(), PortalArrivalState::Taken);
    assert_eq!(arrivals[1].reason, "SUPPLEMENT_TOO_LATE");
    assert_eq!(portal.faults(), [""; 0]);
    assert!(workers.stop(std::time::Duration::from_secs(5)).await);
}

#[tokio::test]
async fn what_was_taken_in_before_a_crash_is_no_answer_to_the_next_question() {
    let portal = NationalPortal::start().await;
    let mut intake = Intake::telling(&portal).await;
    let receipt = intake.submit(request("k")).await.unwrap();
    let code = receipt.dossier_code.as_str();
    tells(&intake, &receipt, 1, vec![opened("1"), supplement_asked()]).await;
    let item = supplement(&portal, 1, code, "20261123093000");
    portal.bring(item.clone());
    let workers = intake.start();
    soon("it is taken in", async || portal.acknowledged().len() == 1).await;
    // It had not been written down, and the portal does not know that it came.
    intake.write("DELETE FROM portal_arrival").await;
    tells(&intake, &receipt, 3, vec![resumed(), supplement_asked()]).await;
    portal.bring_again(item);
    soon("it is acknowledged again", async || portal.acknowledged().len() == 2).await;
    assert_eq!(intake.arrivals().await[0].state(), PortalArrivalState::Taken);
    assert!(track(&intake, &receipt).await.supplement_until.is_some());
    portal.bring(supplement(&portal, 2, code, "20261123100000"));
    soon("what is new is taken in", async || track(&intake, &receipt).await.supplement_until.is_none()).await;
    assert!(workers.stop(std::time::Duration::from_secs(5)).await);
}

#[tokio::test]
async fn what_has_no_id_hides_nothing_behind_it() {
    let portal = NationalPortal::start().await;
    let mut intake = Intake::telling(&portal).await;
    portal.bring_nameless(100);
    portal.bring(dossier("G-1"));
    let workers = intake.start();
    soon("it is taken in", async || intake.count().await == 1).await;
    assert!(workers.stop(std::time::Duration::from_secs(5)).await);
}
