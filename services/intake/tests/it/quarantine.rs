//! What the virus scanner finds, and what it cannot judge.

use std::time::Duration;

use ::harness::virus_scanner::VirusScanner;
use phidia_domain::{Rejection, caller::Caller};
use phidia_intake::AttachmentConfig;
use phidia_proto::intake::v1::{
    Attachment, AttachmentState, DiscardQuarantinedRequest, ListQuarantinedRequest, ListQuarantinedResponse,
    ReleaseQuarantinedRequest,
};
use phidia_runtime::status::from_status;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::{
    attachments::{infected_pdf, pdf, reason},
    harness::{Intake, at, citizen, officer, operator, supervisor, until},
};

impl Intake {
    async fn quarantined(
        &self,
        caller: Caller,
        page_size: i32,
        page_token: &str,
    ) -> Result<ListQuarantinedResponse, Rejection> {
        let request = ListQuarantinedRequest { page_size, page_token: page_token.into() };
        let answer = self.attachments(caller).list_quarantined(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| from_status(&status))
    }

    async fn release(&self, caller: Caller, id: &str, reason: &str) -> Result<Attachment, Rejection> {
        let request = ReleaseQuarantinedRequest { attachment_id: id.into(), reason: reason.into() };
        let answer = self.attachments(caller).release_quarantined(request).await;
        answer.map(|answer| answer.into_inner().attachment.unwrap()).map_err(|status| from_status(&status))
    }

    async fn discard(&self, caller: Caller, id: &str, reason: &str) -> Result<(), Rejection> {
        let request = DiscardQuarantinedRequest { attachment_id: id.into(), reason: reason.into() };
        let answer = self.attachments(caller).discard_quarantined(request).await;
        answer.map(drop).map_err(|status| from_status(&status))
    }
}

fn ids(page: &ListQuarantinedResponse) -> Vec<String> {
    page.attachments.iter().map(|held| held.attachment.as_ref().unwrap().attachment_id.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_release_a_false_alarm_and_delete_the_rest() {
    const WHY: &str = "nhà cung cấp xác nhận báo động giả";
    let mut scanner = VirusScanner::away();
    let config = AttachmentConfig { scanner: Some(scanner.address()), ..AttachmentConfig::default() };
    let mut intake = Intake::keeping(config).await;
    let workers = intake.start();
    let receipt = intake.asked("k", 1).await;
    let (alarm, virus) = (infected_pdf(1), infected_pdf(2));
    let anna = || citizen("anna");
    let handed_in = intake.uploaded(anna(), "alarm", &alarm).await.attachment_id;
    intake.supplement(anna(), &receipt, &[&handed_in]).await.unwrap();
    let started = tokio::task::spawn_blocking(move || {
        scanner.start();
        scanner
    });
    let _scanner = started.await.unwrap();
    intake.clock.set(at("2026-11-23T03:00:00Z"));
    let bad = intake.uploaded(anna(), "virus", &virus).await.attachment_id;
    let clean = intake.uploaded(anna(), "clean", &pdf(700, 3)).await.attachment_id;
    let is = async |id: &str| intake.shown(anna(), id).await.unwrap().state();
    until("all is scanned", async || {
        is(&bad).await == AttachmentState::Quarantined
            && is(&clean).await == AttachmentState::Clean
            && intake.quarantined(operator(), 0, "").await.unwrap().attachments.len() == 2
    })
    .await;

    // Operators see which, of which application, what was found and when; nobody else does.
    let page = intake.quarantined(operator(), 1, "").await.unwrap();
    assert_eq!(ids(&page), std::slice::from_ref(&bad));
    let page = intake.quarantined(operator(), 1, &page.next_page_token).await.unwrap();
    assert_eq!((ids(&page), page.next_page_token.as_str()), (vec![handed_in.clone()], ""));
    let held = &page.attachments[0];
    assert!(held.found.starts_with("Eicar-Test-Signature") && held.found_at.is_some(), "{held:?}");
    assert_eq!(held.attachment.as_ref().unwrap().application_id, receipt.application_id);
    assert_eq!(intake.quarantined(operator(), 1, "x").await.unwrap_err().reason, "MALFORMED_PAGE_TOKEN");
    for nobody in [anna(), officer("1"), supervisor("1")] {
        assert_eq!(reason(intake.quarantined(nobody.clone(), 0, "").await), "ROLE_NOT_ALLOWED");
        assert_eq!(reason(intake.release(nobody.clone(), &bad, WHY).await), "ROLE_NOT_ALLOWED");
        assert_eq!(reason(intake.discard(nobody, &bad, WHY).await), "ROLE_NOT_ALLOWED");
    }

    // Not without a reason, and not what is not in quarantine.
    let unsaid = intake.release(operator(), &handed_in, " ").await.unwrap_err();
    assert_eq!((unsaid.reason.as_str(), unsaid.violations[0].field.as_str()), ("MISSING_FIELD", "reason"));
    assert_eq!(reason(intake.release(operator(), &clean, WHY).await), "NOT_QUARANTINED");
    assert_eq!(reason(intake.discard(operator(), &clean, WHY).await), "NOT_QUARANTINED");
    let unknown = format!("att_{}", "0".repeat(32));
    assert_eq!(reason(intake.discard(operator(), &unknown, WHY).await), "UNKNOWN_ATTACHMENT");
    assert_eq!(intake.counted("quarantine_act").await, 0);

    // Released, it is given to whoever may have it, and whoever brings the same has it at once.
    for _ in 0..2 {
        let released = intake.release(operator(), &handed_in, WHY).await.unwrap();
        assert_eq!(released.state(), AttachmentState::Clean);
    }
    assert!(intake.downloaded(officer("2"), &handed_in).await.unwrap() == alarm);
    assert_eq!(intake.uploaded(anna(), "again", &alarm).await.state(), AttachmentState::Clean);
    assert_eq!(reason(intake.discard(operator(), &handed_in, WHY).await), "NOT_QUARANTINED");

    // Deleted, it is gone with its bytes.
    let contents = intake.counted("content").await;
    for _ in 0..2 {
        intake.discard(operator(), &bad, WHY).await.unwrap();
    }
    assert_eq!(reason(intake.shown(anna(), &bad).await), "UNKNOWN_ATTACHMENT");
    assert_eq!(intake.counted("content").await, contents - 1);
    assert!(intake.quarantined(operator(), 0, "").await.unwrap().attachments.is_empty());
    assert_eq!(intake.counted("quarantine_act").await, 2, "each is written down once");
    assert!(workers.stop(Duration::from_secs(10)).await);
}

/// A scanner that says of small files that it cannot scan them.
async fn choosy() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((line, _)) = listener.accept().await {
            answer(line).await.ok();
        }
    });
    address
}

async fn answer(mut line: TcpStream) -> std::io::Result<()> {
    let mut command = [0; 10];
    line.read_exact(&mut command).await?;
    let mut size = 0;
    loop {
        let length = usize::try_from(line.read_u32().await?).unwrap();
        if length == 0 {
            break;
        }
        let mut piece = vec![0; length];
        line.read_exact(&mut piece).await?;
        size += length;
    }
    let said: &[u8] = if size < 2_000 { b"INSTREAM size limit exceeded. ERROR\0" } else { b"stream: OK\0" };
    line.write_all(said).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_scanner_cannot_judge_keeps_nothing_else_waiting() {
    let config = AttachmentConfig { scanner: Some(choosy().await), ..AttachmentConfig::default() };
    let mut intake = Intake::keeping(config).await;
    // As many as are looked at in one look, and all of them came before.
    for seed in 0..100 {
        intake.uploaded(citizen("anna"), &seed.to_string(), &pdf(700, seed)).await;
    }
    let last = intake.uploaded(citizen("anna"), "last", &pdf(3_000, 1_000)).await.attachment_id;
    let workers = intake.start();
    let is = async || intake.shown(citizen("anna"), &last).await.unwrap().state();
    until("it is scanned", async || is().await == AttachmentState::Clean).await;
    assert!(workers.stop(Duration::from_secs(10)).await);
}
