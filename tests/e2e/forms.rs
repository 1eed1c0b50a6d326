//! What is printed, by the command line: by whoever has the receipt, and by officers.

use std::{fs, path::Path};

use harness::{
    client::{Client, application},
    pdf,
    province::{ALPHA, SIGNED_AT_HOME},
    wait,
};
use phidia_proto::{intake::v1::Receipt, types::v1::ApplicationStatus};

use crate::stage::Stage;

const REASON: &str = "Bản chính Giấy chứng sinh";

fn says(file: &Path, words: &[&str]) {
    let text = pdf::text(&fs::read(file).unwrap());
    for words in words {
        assert!(text.contains(words), "{} says nothing of {words}: {text}", file.display());
    }
}

#[tokio::test]
async fn a_citizen_prints_their_forms_and_an_office_its_slip_and_its_register() {
    let (stage, folder) = (Stage::set(), tempfile::tempdir().unwrap());
    let citizen = Client::system(stage.endpoint());
    let alpha = Client::officer(stage.endpoint(), ALPHA, "A-1");
    let receipt = citizen.submit(application("printed", SIGNED_AT_HOME)).await.unwrap();
    let Receipt { application_id: id, dossier_code: code, check_code: check, .. } = receipt.clone();
    let print = |language: &str, arguments: &[&str], file: &Path| {
        let out = ["--out", file.to_str().unwrap()];
        let output = stage.phidia.cli(&[&["--lang", language], arguments, &out].concat());
        let text = |bytes| String::from_utf8(bytes).unwrap();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    };
    let form = |name| ["application", "form", &code, &check, "--form", name];
    let file = folder.path().join("form.pdf");

    for (language, begins) in [("vi", "Đã ghi "), ("en", &*format!("{} is written (", file.display()))] {
        let told = print(language, &form("receipt"), &file).unwrap();
        assert!(told.starts_with(begins) && told.contains("SHA-256 "), "{told}");
    }
    says(&file, &["GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", &code, &check]);
    let told = stage.phidia.cli_json(&[&form("receipt")[..], &["--out", file.to_str().unwrap()]].concat());
    assert_eq!(told["fileName"], format!("mau-01-{code}.pdf"));
    // Into a pipe goes the document itself.
    let piped = stage.phidia.cli(&[&form("receipt")[..], &["--out", "-"]].concat());
    assert_eq!(piped.stdout, fs::read(&file).unwrap(), "and it is the same");

    let refused = print("vi", &form("supplement"), &file).unwrap_err();
    assert!(refused.contains("không có mẫu đó") && refused.contains("forms: 01"), "{refused}");
    let item = alpha.claim(&alpha.finds(&receipt, 1).await).await.unwrap();
    let (work_item, fence) = (format!("{id}/1/1"), item.fence.to_string());
    let officer = ["--my-unit", ALPHA, "--officer", "A-1"];
    let asked = ["case", "supplement", &work_item, "--fence", &fence, "--ask", REASON];
    assert!(stage.phidia.cli(&[&asked[..], &officer].concat()).status.success());
    citizen.tracked_as(&receipt, ApplicationStatus::AwaitingSupplement).await;
    print("vi", &form("supplement"), &file).unwrap();
    says(&file, &[&format!("1. {REASON}")]);

    // By an officer, who knows it by its id.
    let by_id = ["application", "form", &id, "--form", "supplement"];
    print("en", &[&by_id[..], &officer].concat(), &file).unwrap();
    says(&file, &[&format!("1. {REASON}")]);
    print("en", &[&["case", "control-slip", &id], &officer[..]].concat(), &file).unwrap();
    says(&file, &["PHIẾU KIỂM SOÁT", "cán bộ A-1", "Người nộp hồ sơ", "Yêu cầu bổ sung"]);

    // Over the years: the day of the house is not ours.
    let register = ["application", "register", "--from", "2024-01-01", "--to", "2035-12-31"];
    print("en", &[&register[..], &officer].concat(), &file).unwrap();
    says(&file, &["SỔ THEO DÕI HỒ SƠ", "Tổng số: 1 hồ sơ", "Chờ bổ sung"]);
    assert!(print("en", &register, &file).unwrap_err().contains("received_at_code"));
    let nowhere = print("en", &form("receipt"), &folder.path().join("no/such/folder.pdf")).unwrap_err();
    assert!(nowhere.contains("folder.pdf"), "{nowhere}");

    // They think better of it.
    let withdrawn = stage.phidia.cli(&["application", "withdraw", &code, &check]);
    assert!(withdrawn.status.success());
    citizen.tracked_as(&receipt, ApplicationStatus::Withdrawn).await;
    wait::until("the notice", async || print("vi", &form("stop"), &file).ok()).await;
    says(&file, &["THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ", "đã đề nghị rút hồ sơ hồi"]);
}
