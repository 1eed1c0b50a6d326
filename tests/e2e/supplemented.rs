//! Something is missing: the citizen is asked for it, brings it to another counter, and has the result by the later date. Another
//! one thinks better of it. Nobody's time is counted for either of the two.

use harness::{
    client::{Client, application},
    province::{ALPHA, BETA, SIGNED_AT_HOME},
    wait,
};
use phidia_domain::conservation::Place;
use phidia_proto::{intake::v1::Receipt, processing::v1::CaseState, types::v1::ApplicationStatus};

use crate::stage::Stage;

impl Stage {
    /// What the command line says in English, if it is content.
    pub(crate) fn says(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self.phidia.cli(&[&["--lang", "en"], arguments].concat());
        let text = |bytes| String::from_utf8(bytes).unwrap();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }

    pub(crate) fn by_receipt(&self, verb: &str, receipt: &Receipt) -> Result<String, String> {
        self.says(&["application", verb, &receipt.dossier_code, &receipt.check_code])
    }
}

const ALPHAS_OFFICER: [&str; 4] = ["--my-unit", ALPHA, "--officer", "A-1"];

#[tokio::test]
async fn who_is_asked_for_a_supplement_has_their_result_by_the_later_date() {
    let stage = Stage::set();
    let citizen = Client::system(stage.endpoint());
    let operator = Client::operator(stage.endpoint());
    let receipt = citizen.submit(application("incomplete", SIGNED_AT_HOME)).await.unwrap();
    let alpha = Client::officer(stage.endpoint(), ALPHA, "A-1");
    let held = alpha.claim(&alpha.finds(&receipt, 1).await).await.unwrap();
    let item = format!("{}/1/1", receipt.application_id);

    // By the officer, who has to say what is missing.
    let ask = |more: &[&str]| {
        stage.says(&[&["case", "supplement", &item, "--fence", "1"], &ALPHAS_OFFICER[..], more].concat())
    };
    assert!(ask(&["--ask", ""]).unwrap_err().contains("required"));
    let said = ask(&["--ask", "Bản chính Giấy chứng sinh", "--ask", "Tờ khai chưa ký"]).unwrap();
    assert!(said.contains("awaiting a supplement") && said.contains("no later than"), "{said}");
    assert!(alpha.worklist().await.is_empty());
    citizen.tracked_as(&receipt, ApplicationStatus::AwaitingSupplement).await;
    let tracked = stage.by_receipt("track", &receipt).unwrap();
    assert!(tracked.contains("To be supplemented no later than"), "{tracked}");
    let still = stage.says(&["deadline", "explain", &receipt.application_id]).unwrap();
    assert!(still.contains("The clock stands still since"), "{still}");
    let message = wait::until("a letter", async || {
        let messages = stage.phidia.cli_json(&["message", "list", &receipt.application_id]);
        let mut all = messages["messages"].as_array()?.iter();
        Some(all.find(|message| message["template"] == "supplement_requested")?["body"].as_str()?.to_owned())
    })
    .await;
    assert!(message.contains("- Bản chính Giấy chứng sinh\n- Tờ khai chưa ký\n"), "{message}");
    // Nothing is lost of what waits for its citizen, and the board counts none of it.
    assert!(operator.balance().await.holds());
    let even = stage.says(&["conservation"]).unwrap();
    assert!(even.contains("in a case"), "{even}");

    // Beta's counter takes it in, and Alpha goes on with it.
    let beta = ["--as", "officer", "--my-unit", BETA, "--officer", "B-1"];
    let supplement = ["application", "supplement", &receipt.dossier_code];
    let refused = stage.says(&[&supplement[..], &["000000"], &beta].concat()).unwrap_err();
    assert!(refused.contains("no application has this dossier code"), "{refused}");
    let said = stage.says(&[&supplement[..], &[&receipt.check_code], &beta].concat()).unwrap();
    assert!(said.contains("The supplement was received"), "{said}");
    let again = alpha.finds(&receipt, 1).await;
    assert_eq!((again.fence, again.officer_id.as_str()), (held.fence + 1, ""));
    citizen.tracked_as(&receipt, ApplicationStatus::InProcess).await;
    let explained = stage.says(&["deadline", "explain", &receipt.application_id]).unwrap();
    assert!(explained.contains("The clock stood still for a supplement"), "{explained}");
    let again = alpha.claim(&again).await.unwrap();
    let twice = stage.says(
        &[
            &["case", "supplement", &item, "--fence", &again.fence.to_string(), "--ask", "x"],
            &ALPHAS_OFFICER[..],
        ]
        .concat(),
    );
    assert!(twice.unwrap_err().contains("once, with all reasons"));
    alpha.complete(&again).await.unwrap();
    let case = alpha.works(&receipt, 2).await;
    assert_eq!((case.state(), case.on_time), (CaseState::Granted, Some(true)));
    citizen.tracked_as(&receipt, ApplicationStatus::Granted).await;
    let late = stage.by_receipt("withdraw", &receipt).unwrap_err();
    assert!(late.contains("has ended"), "{late}");
}

#[tokio::test]
async fn who_withdraws_is_told_so_and_nobody_works_on_it_any_more() {
    let stage = Stage::set();
    let citizen = Client::system(stage.endpoint());
    let operator = Client::operator(stage.endpoint());
    let alpha = Client::officer(stage.endpoint(), ALPHA, "A-1");
    let (held, queued) = (
        citizen.submit(application("held", SIGNED_AT_HOME)).await.unwrap(),
        citizen.submit(application("queued", SIGNED_AT_HOME)).await.unwrap(),
    );
    let item = alpha.claim(&alpha.finds(&held, 1).await).await.unwrap();
    for receipt in [&held, &queued] {
        for _ in 0..2 {
            let said = stage.by_receipt("withdraw", receipt).unwrap();
            assert!(said.contains("The withdrawal was received"), "{said}");
        }
        citizen.tracked_as(receipt, ApplicationStatus::Withdrawn).await;
    }
    let refused = stage
        .says(
            &[
                &[
                    "case",
                    "complete",
                    &format!("{}/1/1", held.application_id),
                    "--fence",
                    &item.fence.to_string(),
                ],
                &ALPHAS_OFFICER[..],
            ]
            .concat(),
        )
        .unwrap_err();
    assert!(refused.contains("has ended before this step was done"), "{refused}");
    assert!(alpha.worklist().await.is_empty());
    wait::until("a letter", async || {
        let messages = stage.phidia.cli_json(&["message", "list", &queued.application_id]);
        messages.to_string().contains("application_withdrawn").then_some(())
    })
    .await;
    let balance = operator.balance().await;
    assert!(balance.holds(), "{balance:?}");
    assert_eq!(balance.places.get(&Place::Stopped), Some(&2));
}

/// A supervisor sees to what an officer has in hand: nobody of another unit may have it, and it goes back to the worklist.
#[tokio::test]
async fn a_supervisor_sees_to_what_an_officer_cannot_go_on_with() {
    let stage = Stage::set();
    let citizen = Client::system(stage.endpoint());
    let receipt = citizen.submit(application("held", SIGNED_AT_HOME)).await.unwrap();
    let alpha = Client::officer(stage.endpoint(), ALPHA, "A-1");
    alpha.claim(&alpha.finds(&receipt, 1).await).await.unwrap();
    let item = format!("{}/1/1", receipt.application_id);
    let nobody = stage.says(&["case", "hand-over", &item, "--fence", "1", "--to", "B-1", "--my-unit", ALPHA]);
    assert!(nobody.unwrap_err().contains("another unit than the officer's"));
    // Handed to the very officer who has it, nothing changes.
    let all = stage.says(&["case", "hand-over", "--from", "A-1", "--to", "A-1", "--my-unit", ALPHA]).unwrap();
    assert!(all.contains("held by A-1") && all.contains("--fence 1"), "{all}");
    let freed = stage.says(&["case", "return", &item, "--fence", "1", "--my-unit", ALPHA]).unwrap();
    assert!(freed.contains("--fence 2"), "{freed}");
    let again = alpha.finds(&receipt, 1).await;
    assert_eq!((again.fence, again.officer_id.as_str()), (2, ""));
}
