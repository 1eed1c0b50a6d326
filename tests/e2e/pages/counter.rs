//! A counter takes an application in: page by page, with files, over a line that drops; and what is brought to it later.

use std::{fs, path::PathBuf};

use harness::{
    client::Client,
    process::Phidia,
    province::{self, ALPHA, ANYWHERE, SIGNED_AT_HOME},
    proxy::{Proxy, Upstream, Weather},
    reader::Reader,
    workspace,
};
use serde_json::Value;

use crate::{dropped_line::SCAN, stage::Stage};

/// A province whose birth registration has a form, and papers of which one is required.
fn with_a_form(settings: &str) -> Stage {
    let stage = Stage::with(settings);
    let path = |name: &str| -> PathBuf { stage.folder.path().join("province").join(name) };
    let procedures = province::files()["procedures.csv"].clone();
    let rows = procedures.lines().enumerate().map(|(number, row)| match number {
        0 => format!("{row},form\n"),
        _ if row.starts_with(SIGNED_AT_HOME) => format!("{row},birth\n"),
        _ => format!("{row},\n"),
    });
    fs::write(path("procedures.csv"), rows.collect::<String>()).unwrap();
    let birth = workspace::root().join("deploy/province/ninh-binh/form_birth.json");
    fs::copy(birth, path("form_birth.json")).unwrap();
    let documents = format!(
        "procedure,part,name_vi,name_en,originals,copies,required,condition_vi,condition_en,template,from_data,basis\n\
         {SIGNED_AT_HOME},1,Giấy chứng sinh,Certificate of birth,1,0,yes,,,,,decree\n\
         {SIGNED_AT_HOME},2,Giấy ủy quyền,Authorisation,0,1,no,,,,,decree\n"
    );
    fs::write(path("documents.csv"), documents).unwrap();
    stage.import();
    stage
}

async fn at_the_counter(portal: &str) -> Reader {
    Reader::signed_in(portal, "officer", ALPHA, "A-1").await
}

/// Begins a draft; the path of all its pages.
async fn begun(officer: &mut Reader, procedure: &str) -> String {
    officer.opens(&format!("/tiep-nhan?thu-tuc={procedure}")).await;
    let first = officer.sends("/tiep-nhan", &[]).await;
    assert_eq!(first.status, 200, "{}", first.text());
    first.path.strip_suffix("/nguoi-nop").unwrap().to_owned()
}

/// Sends the form on the page as browsers send one with files: control, name, content.
async fn sends_files(
    officer: &mut Reader,
    action: &str,
    given: &[(&str, &str)],
    files: &[(&str, &str, &[u8])],
) {
    const BOUNDARY: &str = "----between";
    let form = officer.sheet.form(action).unwrap();
    let kept = form.iter().filter(|(name, _)| given.iter().all(|(known, _)| known != name));
    let kept = kept.map(|(name, value)| (name.as_str(), value.as_str()));
    let mut body = Vec::new();
    for (name, value) in kept.chain(given.iter().copied()) {
        let head =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(head.as_bytes());
    }
    for (name, file, content) in files {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(&[head.as_bytes(), content, b"\r\n"].concat());
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let headers = [("content-type", kind.as_str()), ("sec-fetch-site", "same-origin")];
    officer.asks("POST", action, &headers, body).await;
}

/// What stands in a control.
fn stands(officer: &Reader, action: &str, control: &str) -> String {
    let form = officer.sheet.form(action).unwrap_or_else(|| panic!("{}", officer.sheet.text()));
    form.into_iter().find(|(name, _)| name == control).map(|(_, value)| value).unwrap_or_default()
}

fn application_of(officer: &Reader) -> String {
    let path = officer.sheet.path.split('?').next().unwrap();
    path.strip_prefix("/bien-nhan/").unwrap_or_else(|| panic!("{}", officer.sheet.text())).to_owned()
}

#[tokio::test]
async fn a_birth_is_registered_with_two_faults_mended_files_and_a_receipt() {
    let stage = with_a_form("");
    let portal = stage.phidia.portal();
    let mut officer = at_the_counter(&portal).await;
    // By everyday words, and nothing is begun by looking.
    let found = officer.opens("/tiep-nhan?tim=khai+sinh").await.links("Đăng ký khai sinh");
    officer.opens(&found[0]).await;
    assert!(officer.opens("/nhap").await.says("Không có hồ sơ nháp nào"));
    let draft = begun(&mut officer, SIGNED_AT_HOME).await;
    let page = |step: &str| format!("{draft}/{step}");

    // Nothing is required before one goes on; what is missing is told beside its field.
    let who = page("nguoi-nop");
    let told = officer.sends(&who, &[("dien-thoai", "0912 345 678")]).await;
    assert!(
        told.html().contains("id=\"e-ten\"") && told.html().contains("id=\"e-noi/cu-tru\""),
        "{}",
        told.text()
    );
    assert_eq!(stands(&officer, &who, "dien-thoai"), "0912 345 678");
    officer.sends(&who, &[("ten", "Đinh Thị Thử"), ("noi/cu-tru", ALPHA)]).await;

    let form = page("to-khai");
    assert_eq!(officer.sheet.path, form, "{}", officer.sheet.text());
    let answers = [
        ("a/child_name", ""),
        ("a/born_on/ngay", "31"),
        ("a/born_on/thang", "2"),
        ("a/born_on/nam", "2026"),
        ("a/sex", "female"),
        ("a/born_at", "Trạm y tế <xã> An"),
        ("a/relation", "parent"),
        ("a/copies", "3"),
    ];
    let told = officer.sends(&form, &answers).await;
    assert!(told.says("Có 2 chỗ cần sửa"), "{}", told.text());
    for control in ["a/child_name", "a/born_on"] {
        assert!(told.html().contains(&format!("id=\"e-{control}\"")), "{control}: {}", told.html());
        assert!(told.html().contains(&format!("href=\"#f-{control}\"")), "{control}");
    }
    assert!(told.html().contains("<title>Lỗi: "), "{}", told.html());
    for (control, typed) in answers {
        assert_eq!(stands(&officer, &form, control), typed, "{control}");
    }
    officer.sends(&form, &[("a/child_name", "Đinh Văn Con"), ("a/born_on/thang", "3")]).await;

    // Two pages of a paper, in the wrong order at first.
    let papers = page("giay-to");
    assert_eq!(officer.sheet.path, papers, "{}", officer.sheet.text());
    assert!(officer.sheet.says("mỗi tệp tối đa 20 MB"), "{}", officer.sheet.text());
    let pages = [("g/1/tep", "trang 2.pdf", SCAN.as_bytes()), ("g/1/tep", "trang 1.pdf", SCAN.as_bytes())];
    sends_files(&mut officer, &papers, &[("g/1/chinh", "1"), ("tai-len", "g/1/tep")], &pages).await;
    assert!(officer.sheet.says("trang 2.pdf"), "{}", officer.sheet.text());
    let files = officer.sheet.form(&papers).unwrap();
    let files: Vec<_> =
        files.into_iter().filter(|(name, _)| name == "g/1/co").map(|(_, file)| file).collect();
    sends_files(&mut officer, &papers, &[], &[]).await;
    officer.opens(&papers).await;
    let form_fields = officer.sheet.form(&papers).unwrap();
    let of_files: Vec<_> = form_fields.iter().filter(|(name, _)| name == "g/1/co").collect();
    assert_eq!((files.len(), of_files.len()), (2, 2), "{}", officer.sheet.text());
    // Fields of a name are kept as they stand, in their order.
    let mut given = vec![("len".to_owned(), format!("1:{}", files[1]))];
    given.extend(form_fields.iter().filter(|(name, _)| name == "g/1/co").cloned());
    let given: Vec<_> = given.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    sends_files(&mut officer, &papers, &given, &[]).await;
    sends_files(&mut officer, &papers, &[], &[]).await;

    let review = page("kiem-tra");
    assert_eq!(officer.sheet.path, review, "{}", officer.sheet.text());
    for said in ["Đinh Thị Thử", "Không thu phí", "1 loại giấy tờ, 2 tệp", "Trung tâm An"] {
        assert!(officer.sheet.says(said), "{said}: {}", officer.sheet.text());
    }
    officer.sends(&review, &[]).await;
    let application = application_of(&officer);
    let receipt = officer.sheet.clone();
    let shown = stage.phidia.cli_json(&["application", "show", &application]);
    let code = shown["receipt"]["dossierCode"].as_str().unwrap();
    assert!(
        receipt.says(code) && receipt.says(shown["receipt"]["checkCode"].as_str().unwrap()),
        "{}",
        receipt.text()
    );
    let answers: Value = serde_json::from_str(shown["answers"].as_str().unwrap()).unwrap();
    assert_eq!((&answers["born_on"], &answers["copies"]), (&"2026-03-31".into(), &3.into()));
    assert_eq!(answers["born_at"], "Trạm y tế <xã> An");
    let attached = stage.phidia.cli_json(&["attachment", "list", &application]);
    let names: Vec<_> = attached["attachments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["fileName"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["trang 1.pdf", "trang 2.pdf"]);

    assert!(receipt.html().contains("class=\"issued a5\"") && receipt.html().matches("<svg").count() == 2);
    let roll = officer.opens(&format!("/bien-nhan/{application}?kho=80")).await;
    assert!(roll.html().contains("class=\"issued roll\""));
    let pdf = officer.opens(&format!("/bien-nhan/{application}/mau-01.pdf")).await;
    assert_eq!((pdf.header("content-type"), &pdf.body[..5]), ("application/pdf", &b"%PDF-"[..]));
    // The draft leads to what it has become.
    assert_eq!(officer.opens(&review).await.path, format!("/bien-nhan/{application}"));
}

#[tokio::test]
async fn a_file_that_is_refused_costs_nothing_else() {
    let stage = with_a_form("[attachments]\nmost_bytes = 2000000\n");
    let mut officer = at_the_counter(&stage.phidia.portal()).await;
    let draft = begun(&mut officer, SIGNED_AT_HOME).await;
    let papers = format!("{draft}/giay-to");
    assert!(officer.opens(&papers).await.says("mỗi tệp tối đa 2 MB"), "{}", officer.sheet.text());
    let huge = vec![b'x'; 2_500_000];
    let files = [
        ("g/1/tep", "quá to.pdf", huge.as_slice()),
        ("g/1/tep", "tốt.pdf", SCAN.as_bytes()),
        ("g/2/tep", "chương trình.exe", b"MZ"),
    ];
    sends_files(&mut officer, &papers, &[("g/1/chinh", "1"), ("g/2/sao", "4")], &files).await;
    let told = officer.sheet.clone();
    assert_eq!((told.status, told.path.as_str()), (200, papers.as_str()));
    assert!(told.says("“quá to.pdf” quá lớn: mỗi tệp tối đa 2 MB"), "{}", told.text());
    assert!(told.says("“chương trình.exe” không thuộc loại tệp được nhận"), "{}", told.text());
    assert!(told.html().contains("id=\"e-g/1/tep\"") && told.html().contains("id=\"e-g/2/tep\""));
    // What went with it is there, and stays.
    assert!(told.says("tốt.pdf"));
    officer.opens(&papers).await;
    assert_eq!(
        (stands(&officer, &papers, "g/1/chinh"), stands(&officer, &papers, "g/2/sao")),
        ("1".into(), "4".into())
    );
    assert!(officer.sheet.says("tốt.pdf") && !officer.sheet.says("quá to.pdf"));
}

/// A script sends files before their form, piece by piece.
#[tokio::test]
async fn a_file_goes_on_where_it_broke_off() {
    let stage = with_a_form("");
    let portal = stage.phidia.portal();
    let mut officer = at_the_counter(&portal).await;
    let draft = begun(&mut officer, SIGNED_AT_HOME).await;
    let papers = format!("{draft}/giay-to");
    officer.opens(&papers).await;
    let html = officer.sheet.html();
    let key = html
        .split("data-upload")
        .nth(1)
        .unwrap()
        .split("value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let said = |officer: &Reader| -> Value { serde_json::from_slice(&officer.sheet.body).unwrap() };
    let length = SCAN.len().to_string();
    let announced = [("khoa", key.as_str()), ("ten", "quét.pdf"), ("dai", length.as_str()), ("lan", "0001")];
    officer.posts("/tep", &announced).await;
    let begun = said(&officer);
    officer.posts("/tep", &announced).await;
    assert_eq!(said(&officer), begun, "announced once");
    let file = begun["tep"].as_str().unwrap().to_owned();

    let headers = [("origin", portal.as_str()), ("phidia-khoa", key.as_str())];
    let (first, second) = SCAN.as_bytes().split_at(40);
    officer.asks("POST", &format!("/tep/{file}/phan?tu=0"), &headers, first.to_vec()).await;
    assert_eq!(said(&officer)["co"], "40".parse::<i64>().unwrap());
    // The same piece again is refused, and what is there is told.
    assert!(
        officer.asks("POST", &format!("/tep/{file}/phan?tu=0"), &headers, first.to_vec()).await.status >= 400
    );
    officer.opens(&format!("/tep/{file}/muc")).await;
    assert_eq!(said(&officer)["co"], 40);
    let foreign = [("origin", "https://evil.example"), ("phidia-khoa", key.as_str())];
    assert_eq!(
        officer.asks("POST", &format!("/tep/{file}/phan?tu=40"), &foreign, second.to_vec()).await.status,
        403
    );
    officer.asks("POST", &format!("/tep/{file}/phan?tu=40"), &headers, second.to_vec()).await;
    assert_eq!(said(&officer)["co"], SCAN.len());
    // Refused before any of it is sent.
    let refused = [("khoa", key.as_str()), ("ten", "phim.avi"), ("dai", "10"), ("lan", "0002")];
    assert_eq!(officer.posts("/tep", &refused).await.status, 400);
    assert!(said(&officer)["loi"].as_str().unwrap().contains("phim.avi"));

    officer.opens(&papers).await;
    sends_files(&mut officer, &papers, &[("g/1/chinh", "1"), ("g/1/co", &file)], &[]).await;
    assert!(officer.opens(&papers).await.says("quét.pdf"), "{}", officer.sheet.text());
}

#[tokio::test]
async fn however_often_it_is_sent_it_is_one_application() {
    let stage = Stage::set();
    let portal = stage.phidia.portal();
    let mut officer = at_the_counter(&portal).await;
    let draft = begun(&mut officer, ANYWHERE).await;
    // No form, so no page for one.
    let who = format!("{draft}/nguoi-nop");
    officer.sends(&who, &[("ten", "Đinh Thị Thử"), ("toi", "kiem-tra")]).await;
    let review = format!("{draft}/kiem-tra");
    assert_eq!(officer.sheet.path, review);
    assert!(!officer.sheet.says("Tờ khai"), "{}", officer.sheet.text());
    let sent = officer.sheet.form(&review).unwrap();
    let sent: Vec<_> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (mut one, mut other) = (officer.clone(), officer.clone());
    let (first, second) = tokio::join!(one.posts(&review, &sent), other.posts(&review, &sent));
    assert_eq!(first.path, second.path);
    let application = application_of(&one);
    officer.posts(&review, &sent).await;
    assert_eq!(application_of(&officer), application);
    assert_eq!(Client::operator(stage.endpoint()).balance().await.accepted, 1);
    assert!(officer.opens("/nhap").await.says("Không có hồ sơ nháp nào"));
}

#[tokio::test]
async fn a_draft_survives_the_portal_and_two_who_write_it() {
    let mut stage = with_a_form("");
    let mut officer = at_the_counter(&stage.phidia.portal()).await;
    let draft = begun(&mut officer, SIGNED_AT_HOME).await;
    let form = format!("{draft}/to-khai");
    officer.opens(&form).await;
    let early = officer.clone();
    // As a script saves, and is told what is wrong by now.
    let fields: Vec<_> = officer.sheet.form(&form).unwrap();
    let mut fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.retain(|(name, _)| *name != "a/child_name");
    fields.push(("a/child_name", "Đ"));
    officer.posts(&format!("{form}?luu=1"), &fields).await;
    let told: Value = serde_json::from_slice(&officer.sheet.body).unwrap();
    assert_eq!(told["ban"], 2, "{told}");
    assert!(told["luc"].as_str().unwrap().starts_with("Đã lưu "), "{told}");
    let faults: Vec<_> =
        told["loi"].as_array().unwrap().iter().map(|fault| fault["o"].as_str().unwrap()).collect();
    assert!(faults.contains(&"a/child_name") && faults.contains(&"a/born_on"), "{faults:?}");

    stage.kill_and_start();
    let mut again = Reader::new(&stage.phidia.portal());
    again.cookies.clone_from(&officer.cookies);
    assert_eq!(again.opens("/nhap").await.links("Đăng ký khai sinh"), [draft.clone()]);
    again.opens(&form).await;
    assert_eq!(stands(&again, &form, "a/child_name"), "Đ");
    // Whoever looked before that is told that another has saved, and has lost nothing.
    let mut late = again.clone();
    late.sheet = early.sheet;
    let told = late.sends(&form, &[("a/child_name", "Đinh Văn Con")]).await;
    assert_eq!((told.status, told.path.as_str()), (200, form.as_str()));
    assert!(told.html().contains("class=\"faults\""), "{}", told.text());
    assert_eq!(stands(&late, &form, "a/child_name"), "Đinh Văn Con");
    late.sends(&form, &[]).await;
    again.opens(&form).await;
    assert_eq!(stands(&again, &form, "a/child_name"), "Đinh Văn Con");
}

#[tokio::test]
async fn what_was_typed_survives_services_that_are_away() {
    let stage = with_a_form("");
    let line = Proxy::start().await;
    let services = stage.endpoint().strip_prefix("http://").unwrap().parse().unwrap();
    line.lead_to(vec![Upstream::Tcp(services)]);
    let at = line.http();
    let config = stage.folder.path().join("portal.toml");
    let data = stage.folder.path().join("portal");
    let settings = format!(
        "data = \"{}\"\n[peers]\nintake = \"{at}\"\nrouting = \"{at}\"\nprocessing = \"{at}\"\nnotification = \"{at}\"\n",
        data.display()
    );
    fs::write(&config, settings).unwrap();
    let portal = Phidia::serve("portal", &config, "127.0.0.1:0");
    let mut officer = at_the_counter(&portal.endpoint).await;
    let draft = begun(&mut officer, SIGNED_AT_HOME).await;
    let form = format!("{draft}/to-khai");
    officer.opens(&form).await;
    line.set(Weather::Refused);
    let away = officer.sends(&form, &[("a/child_name", "Đinh Văn Con"), ("a/sex", "male")]).await;
    assert_eq!(away.status, 503, "{}", away.text());
    assert!(away.says("Những gì đã nhập vẫn còn nguyên trên trang này"), "{}", away.text());
    // Sent again as it is: still nobody is there.
    assert_eq!(officer.sends(&form, &[]).await.status, 503);
    line.set(Weather::Fair);
    harness::wait::until("the services", async || {
        let mut other = officer.clone();
        (other.opens(&form).await.status == 200).then_some(())
    })
    .await;
    officer.sends(&form, &[]).await;
    officer.opens(&form).await;
    assert_eq!(stands(&officer, &form, "a/child_name"), "Đinh Văn Con");
    assert_eq!(stands(&officer, &form, "a/sex"), "male");

    // So with handing it in: it goes once.
    officer.opens(&format!("{draft}/nguoi-nop")).await;
    officer.sends(&format!("{draft}/nguoi-nop"), &[("ten", "Đinh Thị Thử"), ("noi/cu-tru", ALPHA)]).await;
    let rest = [
        ("a/born_on/ngay", "1"),
        ("a/born_on/thang", "3"),
        ("a/born_on/nam", "2026"),
        ("a/born_at", "An"),
        ("a/relation", "parent"),
    ];
    officer.sends(&form, &rest).await;
    let papers = format!("{draft}/giay-to");
    officer.opens(&papers).await;
    sends_files(&mut officer, &papers, &[("g/1/chinh", "1")], &[]).await;
    let review = format!("{draft}/kiem-tra");
    assert_eq!(officer.sheet.path, review, "{}", officer.sheet.text());
    line.set(Weather::Refused);
    assert_eq!(officer.sends(&review, &[]).await.status, 503);
    line.set(Weather::Fair);
    harness::wait::until("the receipt", async || {
        let mut other = officer.clone();
        other.sends(&review, &[]).await.path.starts_with("/bien-nhan/").then_some(())
    })
    .await;
    officer.sends(&review, &[]).await;
    application_of(&officer);
    assert_eq!(Client::operator(stage.endpoint()).balance().await.accepted, 1);
}

#[tokio::test]
async fn what_is_brought_later_is_written_down_or_says_why_not() {
    let stage = Stage::set();
    let portal = stage.phidia.portal();
    let mut officer = at_the_counter(&portal).await;
    let draft = begun(&mut officer, ANYWHERE).await;
    officer.sends(&format!("{draft}/nguoi-nop"), &[("ten", "Đinh Thị Thử"), ("toi", "kiem-tra")]).await;
    officer.sends(&format!("{draft}/kiem-tra"), &[]).await;
    let shown = stage.phidia.cli_json(&["application", "show", &application_of(&officer)]);
    let [code, check] = ["dossierCode", "checkCode"].map(|code| shown["receipt"][code].as_str().unwrap());
    let receipt = [("ma-ho-so", code), ("ma-tra-cuu", check)];

    officer.opens("/quay/bo-sung").await;
    sends_files(&mut officer, "/quay/bo-sung", &receipt, &[("g/bo-sung/tep", "thêm.pdf", SCAN.as_bytes())])
        .await;
    // Nothing was asked for; what was uploaded for it is still there.
    assert!(officer.sheet.html().contains("class=\"faults\""), "{}", officer.sheet.text());
    assert!(officer.sheet.says("thêm.pdf"), "{}", officer.sheet.text());
    assert_eq!(stands(&officer, "/quay/bo-sung", "ma-ho-so"), code);

    officer.opens("/quay/thu-tien").await;
    let told = officer
        .sends("/quay/thu-tien", &[("ma-ho-so", code), ("so-tien", "nhiều"), ("so-bien-lai", "BL-1")])
        .await;
    assert!(told.html().contains("id=\"e-so-tien\""), "{}", told.text());
    let told = officer.sends("/quay/thu-tien", &[("so-tien", "8.000")]).await;
    assert!(told.html().contains("class=\"faults\""), "{}", told.text());

    officer.opens("/quay/rut").await;
    let told = officer.sends("/quay/rut", &receipt).await;
    assert!(
        told.html().contains("id=\"f-chac\"") && told.html().contains("class=\"faults\""),
        "{}",
        told.text()
    );
    let done = officer.sends("/quay/rut", &[("chac", "1")]).await;
    assert!(done.says(&format!("Đã ghi nhận cho hồ sơ {code}")), "{}", done.text());
    harness::wait::until("the withdrawal", async || {
        let tracked = stage.phidia.cli_json(&["application", "track", code, check]);
        (tracked["status"] == "APPLICATION_STATUS_WITHDRAWN").then_some(())
    })
    .await;
}
