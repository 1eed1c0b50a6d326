//! One case that waits for nearly everybody: its citizen is to pay, another commune is to verify something, and the signature sends
//! it back to be corrected. It is granted at last, and the slip says who had it when.

use std::fs;

use harness::{
    client::{Client, application},
    pdf,
    province::{ALPHA, BETA, SIGNED_AT_HOME},
    wait,
};
use phidia_proto::{processing::v1::CaseState, types::v1::ApplicationStatus};

use crate::stage::Stage;

const ALPHAS_OFFICER: [&str; 4] = ["--my-unit", ALPHA, "--officer", "A-1"];
const BETAS_OFFICER: [&str; 6] = ["--as", "officer", "--my-unit", BETA, "--officer", "B-1"];

#[tokio::test]
async fn a_case_waits_for_its_citizen_for_another_commune_and_for_a_correction() {
    let stage = Stage::set();
    let citizen = Client::system(stage.endpoint());
    let operator = Client::operator(stage.endpoint());
    let alpha = Client::officer(stage.endpoint(), ALPHA, "A-1");
    let receipt = citizen.submit(application("waits", SIGNED_AT_HOME)).await.unwrap();
    let id = receipt.application_id.as_str();
    alpha.claim(&alpha.finds(&receipt, 1).await).await.unwrap();
    let item = format!("{id}/1/1");
    let case = |verb: &str, item: &str, more: &[&str]| {
        stage.says(&[&["case", verb, item], more, &ALPHAS_OFFICER[..]].concat())
    };

    // A fee, paid at another counter than the one that received it.
    let asked = case("payment", &item, &["--fence", "1", "--amount", "8000", "--for", "Lệ phí"]).unwrap();
    assert!(asked.contains("awaiting a payment") && asked.contains("8000 đồng"), "{asked}");
    citizen.tracked_as(&receipt, ApplicationStatus::AwaitingPayment).await;
    let tracked = stage.by_receipt("track", &receipt).unwrap();
    assert!(tracked.contains("To be paid: 8000 đồng"), "{tracked}");
    let pay = |amount: &str, reference: &str| {
        let paid =
            ["application", "pay", &receipt.dossier_code, "--amount", amount, "--reference", reference];
        stage.says(&[&paid[..], &["--way", "online"], &BETAS_OFFICER[..]].concat())
    };
    assert!(pay("7000", "BL-1").unwrap_err().contains("8000 đồng, as was asked for"));
    for _ in 0..2 {
        let said = pay("8000", "BL-1").unwrap();
        assert!(said.contains("The payment was written down"), "{said}");
    }
    let held = alpha.claim(&alpha.finds(&receipt, 1).await).await.unwrap();
    assert_eq!(held.fence, 3);

    // Beta verifies something, and sees the case as long as it is asked.
    let enquiry = ["--fence", "3", "--kind", "verification", "--to", BETA, "--question", "Đã kết hôn chưa?"];
    let asked =
        stage.says(&[&["referral", "ask", &item], &enquiry[..], &ALPHAS_OFFICER[..]].concat()).unwrap();
    assert!(asked.contains("to verify") && asked.contains("Đã kết hôn chưa?"), "{asked}");
    citizen.tracked_as(&receipt, ApplicationStatus::Referred).await;
    let listed = stage.says(&[&["--json", "referral", "list"], &BETAS_OFFICER[..]].concat()).unwrap();
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let referral = listed["referrals"][0]["referralId"].as_str().unwrap();
    stage.says(&[&["case", "show", id], &BETAS_OFFICER[..]].concat()).unwrap();
    stage.says(&[&["referral", "acknowledge", referral], &BETAS_OFFICER[..]].concat()).unwrap();
    let answer = ["referral", "answer", referral, "--answer", "Chưa từng."];
    let answered = stage.says(&[&answer[..], &BETAS_OFFICER[..]].concat()).unwrap();
    assert!(answered.contains("Answer: Chưa từng."), "{answered}");
    assert!(stage.says(&[&["case", "show", id], &BETAS_OFFICER[..]].concat()).is_err());
    let read =
        stage.says(&[&["referral", "list", "--asked", "--all"], &ALPHAS_OFFICER[..]].concat()).unwrap();
    assert!(read.contains("Chưa từng."), "{read}");
    let held = alpha.claim(&alpha.finds(&receipt, 1).await).await.unwrap();
    alpha.complete(&held).await.unwrap();

    // The signature finds a mistake.
    let sign = alpha.claim(&alpha.finds(&receipt, 2).await).await.unwrap();
    let back = ["--fence", &sign.fence.to_string(), "--to-step", "1", "--reason", "Sai ngày sinh"];
    let said = case("send-back", &format!("{id}/2/1"), &back).unwrap();
    assert!(said.contains("queued"), "{said}");
    let shown = stage.says(&["case", "show", id]).unwrap();
    assert!(shown.contains("Sent back to be corrected: Sai ngày sinh"), "{shown}");
    let again = alpha.finds(&receipt, 1).await;
    assert_eq!(again.work_item.as_ref().unwrap().attempt, 1001);
    alpha.works(&receipt, 1).await;
    let done = alpha.works(&receipt, 2).await;
    assert_eq!((done.state(), done.on_time), (CaseState::Granted, Some(true)));
    citizen.tracked_as(&receipt, ApplicationStatus::Granted).await;

    // Everybody was told what concerns them, and nothing is lost.
    wait::until("the letters", async || {
        let told = stage.phidia.cli_json(&["message", "list", id]).to_string();
        let letters = ["payment_requested", "case_referred", "case_resumed", "result_ready"];
        letters.iter().all(|letter| told.contains(letter)).then_some(())
    })
    .await;
    let slip = stage.folder.path().join("slip.pdf");
    stage.says(&["case", "control-slip", id, "--out", slip.to_str().unwrap()]).unwrap();
    let slip = pdf::text(&fs::read(&slip).unwrap());
    for words in ["nghĩa vụ tài chính", "xác minh, phối hợp", "trả lại để sửa"] {
        assert!(slip.contains(words), "no {words:?} in {slip}");
    }
    let explained = stage.says(&["deadline", "explain", id]).unwrap();
    assert!(explained.contains("The clock stood still for a payment"), "{explained}");
    let balance = operator.balance().await;
    assert!(balance.holds(), "{balance:?}");
}
