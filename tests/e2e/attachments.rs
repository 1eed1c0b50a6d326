//! A citizen scans what is missing and sends it over a line that fails. The officer who asked for it reads it; nobody else does.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
    time::Duration,
};

use harness::{
    client::{Client, application},
    process::{self, Phidia},
    province::{ALPHA, GAMMA, SIGNED_AT_HOME},
    proxy::{Proxy, Upstream, Weather},
    virus_scanner::{EICAR, VirusScanner},
    wait,
};
use phidia_proto::{
    intake::v1::{
        AttachmentState, BeginUploadRequest, Receipt, UploadRequest, UploadStart,
        attachment_service_client::AttachmentServiceClient, upload_request::Piece,
    },
    types::v1::ApplicationStatus,
};
use phidia_runtime::status::from_status;
use serde_json::Value;

use crate::stage::Stage;

const ALPHAS_OFFICER: [&str; 4] = ["--my-unit", ALPHA, "--officer", "A-1"];

/// A PDF of one page with this in it, without a list of places: some scanners write such.
fn scan(inside: &[u8]) -> Vec<u8> {
    let head = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
                2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
                3 0 obj\n<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>\nendobj\n4 0 obj\n";
    let stream = format!("<< /Length {} >>\nstream\n", inside.len());
    [head.as_bytes(), stream.as_bytes(), inside, b"\nendstream\nendobj\n%%EOF\n"].concat()
}

/// What no two of are alike, and nothing packs.
fn dots(count: u32) -> Vec<u8> {
    (0..count).flat_map(|dot| dot.wrapping_mul(0x9E37_79B9).to_be_bytes()).collect()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

impl Stage {
    /// An application whose officer, of ALPHA, asks for a supplement.
    async fn asked(&self, key: &str) -> Receipt {
        let citizen = Client::system(self.endpoint());
        let receipt = citizen.submit(application(key, SIGNED_AT_HOME)).await.unwrap();
        let alpha = Client::officer(self.endpoint(), ALPHA, "A-1");
        alpha.claim(&alpha.finds(&receipt, 1).await).await.unwrap();
        let item = format!("{}/1/1", receipt.application_id);
        let ask = ["case", "supplement", &item, "--fence", "1", "--ask", "Giấy chứng sinh"];
        self.says(&[&ask[..], &ALPHAS_OFFICER[..]].concat()).unwrap();
        citizen.tracked_as(&receipt, ApplicationStatus::AwaitingSupplement).await;
        receipt
    }

    /// How many objects are stored of uploads that are not whole.
    fn parts(&self) -> usize {
        fs::read_dir(self.folder.path().join("data/attachments/99/parts")).map_or(0, Iterator::count)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_comes_through_a_line_that_fails_and_reaches_its_officer_only() {
    let stage = Stage::set();
    let receipt = stage.asked("scanned").await;
    let bytes = scan(&dots(3_000_000));
    let file = stage.file("Giấy chứng sinh.pdf", &bytes);

    // Sent while the line is slow, fails three times, and is away for a while.
    let line = Proxy::start().await;
    line.lead_to(vec![Upstream::Tcp(stage.endpoint().trim_start_matches("http://").parse().unwrap())]);
    line.set(Weather::Slow(Duration::from_millis(4)));
    let (endpoint, path) = (line.http(), file.clone());
    let sending = tokio::task::spawn_blocking(move || {
        process::cli(&endpoint, &["--json", "attachment", "upload", text(&path), "--resume"])
    });
    for (least, weather) in [(2, Weather::Reset), (5, Weather::Refused), (8, Weather::Reset)] {
        wait::until("some of it is stored", async || (stage.parts() >= least).then_some(())).await;
        assert!(!sending.is_finished(), "the line was too quick for this story");
        line.set(weather);
        tokio::time::sleep(Duration::from_millis(300)).await;
        line.set(Weather::Slow(Duration::from_millis(4)));
    }
    line.set(Weather::Fair);
    let sent = json(&sending.await.unwrap());
    assert_eq!((sent["state"].as_str(), sent["pages"].as_i64()), (Some("ATTACHMENT_STATE_CLEAN"), Some(1)));
    let id = sent["attachmentId"].as_str().unwrap();
    assert_eq!(stage.parts(), 0);
    // Once more, nothing is sent; another file is another attachment.
    let again = json(&stage.phidia.cli(&["--json", "attachment", "upload", text(&file), "--resume"]));
    assert_eq!(again["attachmentId"], id);
    let other = stage.file("khác.pdf", &scan(b"other"));
    let said = stage.says(&["attachment", "upload", text(&other)]).unwrap();
    assert!(said.contains("ready") && said.contains("Kept until"), "{said}");

    // Handed in with it, and with another one that is uploaded at once.
    let supplement = ["application", "supplement", &receipt.dossier_code, &receipt.check_code];
    let card = stage.file("CCCD.pdf", &scan(b"card"));
    let said = stage.says(&[&supplement[..], &["--attach", id, "--attach", text(&card)]].concat()).unwrap();
    assert!(said.contains("The supplement was received"), "{said}");
    let list = ["attachment", "list", &receipt.application_id];
    let listed = stage.says(&[&list[..], &ALPHAS_OFFICER[..]].concat()).unwrap();
    assert!(listed.contains("Giấy chứng sinh.pdf") && listed.contains("CCCD.pdf"), "{listed}");
    let out = stage.folder.path().join("out.pdf");
    let download = ["attachment", "download", id, "-o", text(&out)];
    let said = stage.says(&[&download[..], &ALPHAS_OFFICER[..]].concat()).unwrap();
    assert!(said.contains("is written"), "{said}");
    assert!(fs::read(&out).unwrap() == bytes);
    fs::remove_file(&out).unwrap();

    // Another unit learns nothing of it, nor does the uploader without the receipt; with it, they have it again.
    for who in [&["--my-unit", GAMMA, "--officer", "C-1"][..], &[]] {
        let refused = stage.says(&[&download[..], who].concat()).unwrap_err();
        assert!(refused.contains("no attachment has this id"), "{refused}");
        assert!(!out.exists());
    }
    let refused = stage.says(&[&list[..], &["--my-unit", GAMMA, "--officer", "C-1"]].concat()).unwrap_err();
    assert!(refused.contains("no application has this id"), "{refused}");
    let with = ["--receipt", &receipt.dossier_code, &receipt.check_code];
    stage.says(&[&download[..], &with].concat()).unwrap();
    assert!(fs::read(&out).unwrap() == bytes);
    let refused = stage.says(&["attachment", "delete", id]).unwrap_err();
    assert!(refused.contains("no attachment has this id") || refused.contains("attached"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_claims_to_be_something_else_and_what_is_infected_is_refused() {
    let starting = tokio::task::spawn_blocking(|| {
        let mut scanner = VirusScanner::away();
        scanner.start();
        scanner
    });
    let scanner = starting.await.unwrap();
    let stage = Stage::set();
    // The same house, which has its files scanned from now on.
    let config =
        stage.file("phidia.toml", format!("[attachments]\nscanner = \"{}\"\n", scanner.address()).as_bytes());
    let data = stage.folder.path().join("data");
    let Stage { phidia, folder } = stage;
    phidia.terminate();
    let phidia = Phidia::up(&data, &["--empty", "--config", text(&config)]);
    let stage = Stage { phidia, folder };

    let program = [b"MZ\x90\0".as_slice(), &[0; 4_000]].concat();
    let exe = stage.file("Đơn đề nghị.pdf", &program);
    let refused = stage.says(&["attachment", "upload", text(&exe)]).unwrap_err();
    assert!(refused.contains("claims to be application/pdf"), "{refused}");
    assert!(refused.contains("portable-executable"), "{refused}");
    let bare = stage.file("setup.exe", &program);
    let refused = stage.says(&["attachment", "upload", text(&bare)]).unwrap_err();
    assert!(refused.contains("application/pdf"), "what is taken is told: {refused}");
    let refused = stage.phidia.cli(&["--lang", "vi", "attachment", "upload", text(&exe)]);
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("nội dung tệp không đúng với loại tệp đã khai"), "{told}");

    // However many are refused on a day, the next one may be sent.
    for number in 0_u8..21 {
        let other = stage.file(&format!("{number}.pdf"), &[&program[..], &[number]].concat());
        let refused = stage.says(&["attachment", "upload", text(&other)]).unwrap_err();
        assert!(refused.contains("claims to be application/pdf"), "{number}: {refused}");
    }

    let infected = stage.file("infected.pdf", &scan(EICAR.concat().as_bytes()));
    let refused = stage.says(&["attachment", "upload", text(&infected), "--resume"]).unwrap_err();
    assert!(refused.contains("the virus scanner found something"), "{refused}");
    let receipt = stage.asked("infected").await;
    let supplement = ["application", "supplement", &receipt.dossier_code, &receipt.check_code];
    let refused = stage.says(&[&supplement[..], &["--attach", text(&infected)]].concat()).unwrap_err();
    assert!(refused.contains("the virus scanner found something"), "{refused}");
    let sound = stage.file("sound.pdf", &scan(b"sound"));
    stage.says(&[&supplement[..], &["--attach", text(&sound)]].concat()).unwrap();

    // Whoever looks after the house sees what was found, and lets the citizen's file through where that was a false alarm.
    let quarantined = || stage.phidia.cli_json(&["attachment", "quarantined"]);
    let held = quarantined();
    let names: Vec<_> = held["attachments"].as_array().unwrap().iter().collect();
    assert!(!names.is_empty());
    for held in &names {
        assert_eq!(held["attachment"]["fileName"], "infected.pdf");
        assert!(held["found"].as_str().unwrap().starts_with("Eicar-Test-Signature"), "{held}");
    }
    let ids: Vec<_> =
        names.iter().map(|held| held["attachment"]["attachmentId"].as_str().unwrap().to_owned()).collect();
    let release = ["attachment", "release", ids[0].as_str(), "--reason", "EICAR does no harm"];
    let refused = stage.says(&[&release[..], &["--as", "citizen"]].concat()).unwrap_err();
    assert!(refused.contains("the caller's role may not call this"), "{refused}");
    stage.says(&release).unwrap();
    assert!(quarantined()["attachments"].as_array().unwrap().is_empty(), "all have the same content");
    let refused = stage.says(&["attachment", "discard", &ids[0], "--reason", "too late"]).unwrap_err();
    assert!(refused.contains("nothing was found in the file, or it was released"), "{refused}");
    stage.says(&["attachment", "upload", text(&infected), "--resume"]).unwrap();
}

/// The house need not hear all of it: whoever sends what it does not want is answered while they still send, and the answer comes through.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_comes_through_before_everything_is_sent() {
    let stage = Stage::set();
    let mut attachments = AttachmentServiceClient::new(Client::system(stage.endpoint()).peer());
    let file = scan(b"small");
    let begin = |key: &str, size: usize| BeginUploadRequest {
        idempotency_key: key.into(),
        file_name: "scan.pdf".into(),
        media_type: "application/pdf".into(),
        size_bytes: size.try_into().unwrap(),
        sha256: String::new(),
    };
    let send = |id: &str, chunks: Vec<Vec<u8>>| {
        let start = Piece::Start(UploadStart { attachment_id: id.into(), offset: 0 });
        let pieces = [start].into_iter().chain(chunks.into_iter().map(Piece::Chunk));
        tokio_stream::iter(pieces.map(|piece| UploadRequest { piece: Some(piece) }))
    };
    let much = || vec![vec![7; 128 * 1024]; 120];
    let begun = attachments.begin_upload(begin("whole", file.len())).await.unwrap().into_inner();
    let whole = begun.attachment.unwrap().attachment_id;
    attachments.upload(send(&whole, vec![file.clone()])).await.unwrap();
    let begun = attachments.begin_upload(begin("less", file.len())).await.unwrap().into_inner();
    let less = begun.attachment.unwrap().attachment_id;
    for _ in 0..10 {
        let again = attachments.upload(send(&whole, much())).await.unwrap().into_inner();
        assert_eq!(again.attachment.unwrap().state(), AttachmentState::Clean);
        let refused = attachments.upload(send(&less, much())).await.unwrap_err();
        assert_eq!(from_status(&refused).reason, "MORE_THAN_ANNOUNCED");
    }
}
