//! A citizen finds, follows and checks.

use harness::{
    client::{Client, application},
    province::{ALPHA, ANYWHERE, SIGNED_AT_HOME},
    reader::Reader,
    wait,
};

use crate::stage::Stage;

#[tokio::test]
async fn a_procedure_is_found_without_diacritics_and_says_what_to_bring_and_what_it_costs() {
    let stage = Stage::set();
    let mut citizen = Reader::new(&stage.phidia.portal());
    citizen.opens("/").await;
    let found = citizen.opens("/thu-tuc?tim=ban+sao+chung+thuc").await.links("Chứng thực bản sao");
    assert_eq!(found, [format!("/thu-tuc/{ANYWHERE}")]);
    let page = citizen.opens(&found[0]).await;
    assert!(page.says("2.000 đ") && page.says("Cần mang theo"), "{}", page.text());
    let nothing = citizen.opens("/thu-tuc?tim=%3Cb%3Ehhhhh").await;
    assert!(nothing.says("“<b>hhhhh”"), "what was typed is text: {}", nothing.text());
    assert_eq!(citizen.opens("/thu-tuc/7.777777").await.status, 404);
}

#[tokio::test]
async fn whoever_holds_a_receipt_follows_it_and_its_code_stands_in_no_address() {
    let stage = Stage::set();
    let portal = stage.phidia.portal();
    let receipt = Client::system(stage.endpoint()).submit(application("mine", SIGNED_AT_HOME)).await.unwrap();
    let mut citizen = Reader::new(&portal);
    citizen.opens("/tra-cuu").await;
    let wrong = [("ma-ho-so", receipt.dossier_code.as_str()), ("ma-kiem-tra", "AAAA-AAAA")];
    let refused = citizen.sends("/tra-cuu", &wrong).await;
    assert_eq!(refused.status, 200);
    assert!(refused.html().contains("role=\"alert\""), "{}", refused.text());
    assert!(refused.html().contains(&receipt.dossier_code), "what was typed stays");
    // Before a code was shown nothing is told.
    let asked = citizen.opens(&format!("/tra-cuu/{}", receipt.dossier_code)).await;
    assert!(!asked.says("Đăng ký khai sinh") && asked.form("/tra-cuu").is_some());

    let shown = citizen.sends("/tra-cuu", &[("ma-kiem-tra", &receipt.check_code)]).await.clone();
    assert_eq!(shown.path, format!("/tra-cuu/{}", receipt.dossier_code));
    assert!(shown.says("Đăng ký khai sinh") && shown.says("Hẹn trả kết quả"), "{}", shown.text());
    assert!(!shown.html().contains(&receipt.check_code), "nor on the page");

    let checked = citizen.opens(&format!("{}/bien-nhan", shown.path)).await;
    assert!(checked.says("Giấy tiếp nhận là thật") && checked.says(ALPHA), "{}", checked.text());
    let file = citizen.opens(&format!("{}/bang-chung.json", shown.path)).await;
    assert_eq!(file.header("content-type"), "application/json");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("receipt.json");
    std::fs::write(&path, &file.body).unwrap();
    let verified = stage.phidia.cli(&["--lang", "en", "receipt", "verify", path.to_str().unwrap()]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    let form = citizen.opens(&format!("{}/mau/1.pdf", shown.path)).await;
    assert!(form.status == 200 && form.body.starts_with(b"%PDF-"));
    let another = citizen.opens(&format!("{}/mau/9.pdf", shown.path)).await;
    assert_eq!(another.status, 404);

    // By the QR code of the paper, in another browser.
    let mut phone = Reader::new(&portal);
    let by_qr = phone.opens(&format!("/t/{}/{}", receipt.dossier_code, receipt.check_code)).await;
    assert_eq!(by_qr.path, shown.path);
    assert!(by_qr.says("Đăng ký khai sinh"));
}

#[tokio::test]
async fn a_citizen_withdraws_once_and_says_how_content_they_are() {
    let stage = Stage::set();
    let receipt = Client::system(stage.endpoint()).submit(application("mine", SIGNED_AT_HOME)).await.unwrap();
    let mut citizen = Reader::new(&stage.phidia.portal());
    let at = citizen.opens(&format!("/t/{}/{}", receipt.dossier_code, receipt.check_code)).await.path.clone();
    let early = citizen.opens(&format!("{at}/danh-gia")).await.clone();
    assert_eq!(early.status, 200);
    let unsaid = citizen.sends(&format!("{at}/danh-gia"), &[("loi", "Chờ lâu <b>")]).await;
    assert!(
        unsaid.html().contains("role=\"alert\"") && unsaid.html().contains("Chờ lâu &lt;b&gt;"),
        "{}",
        unsaid.text()
    );

    citizen.opens(&format!("{at}/rut")).await;
    let form = citizen.sheet.form(&format!("{at}/rut")).unwrap();
    let fields: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    citizen.posts(&format!("{at}/rut"), &fields).await;
    let again = citizen.posts(&format!("{at}/rut"), &fields).await;
    assert_eq!((again.status, again.path.as_str()), (200, at.as_str()), "sent twice: {}", again.text());
    wait::until("it is withdrawn", async || {
        let mut reader = citizen.clone();
        reader.opens(&at).await.says("đã rút").then_some(())
    })
    .await;
    citizen.opens(&format!("{at}/danh-gia")).await;
    let rated =
        citizen.sends(&format!("{at}/danh-gia"), &[("muc", "RATING_NEITHER"), ("loi", "Chờ lâu")]).await;
    assert_eq!(rated.path, at, "{}", rated.text());
}
