//! Numbers in a hall.

use harness::{
    province::{ALPHA, BETA},
    reader::Reader,
    wait,
};

use crate::stage::Stage;

fn number(reader: &Reader) -> String {
    let html = reader.sheet.html();
    let shown = html.split("class=\"number\"").nth(1).unwrap();
    shown.split('>').nth(1).unwrap().split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_number_taken_on_a_telephone_is_called_served_and_sent_on() {
    let stage = Stage::set();
    let portal = stage.phidia.portal();
    let mut citizen = Reader::new(&portal);
    let choose = wait::until("the centres are known", async || {
        let mut citizen = citizen.clone();
        Some(citizen.opens("/so").await.clone()).filter(|sheet| sheet.status == 200)
    })
    .await;
    assert_eq!(choose.links("Trung tâm Bình"), [format!("/so/{BETA}")]);
    citizen.opens(&format!("/so/{BETA}")).await;
    let nothing = citizen.sends(&format!("/so/{BETA}"), &[]).await;
    assert!(nothing.html().contains("role=\"alert\""), "{}", nothing.text());
    let form = citizen.sheet.form(&format!("/so/{BETA}")).unwrap();
    let mut fields: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("loai", "A"));
    let taken = citizen.posts(&format!("/so/{BETA}"), &fields).await.path.clone();
    let once = citizen.posts(&format!("/so/{BETA}"), &fields).await.path.clone();
    assert_eq!(taken, once, "a second click takes no second number");
    assert_eq!(number(&citizen), "A001");

    let mut officer = Reader::signed_in(&portal, "officer", BETA, "B-1").await;
    officer.opens("/quay").await;
    assert!(officer.sheet.says("Đang chờ"), "{}", officer.sheet.text());
    officer.opens("/quay/1").await;
    officer.sends("/quay/1/mo", &[]).await;
    assert!(officer.sheet.says("Chưa có ai ở quầy"), "{}", officer.sheet.text());
    officer.sends("/quay/1/tiep", &[]).await;
    assert_eq!(number(&officer), "A001");
    assert!(citizen.opens(&taken).await.says("Mời ông/bà đến quầy 1"), "{}", citizen.sheet.text());
    let mut passer_by = Reader::new(&portal);
    let board = passer_by.opens(&format!("/bang/{BETA}")).await;
    assert!(board.says("A001"), "{}", board.text());
    // Whoever is shown it cannot give it back.
    passer_by.opens("/").await;
    assert_eq!(passer_by.posts(&format!("{taken}/tra"), &[("khoa", "")]).await.status, 200);
    assert!(citizen.opens(&taken).await.says("Mời ông/bà đến quầy 1"));

    officer.sends("/quay/1/goi-lai", &[]).await;
    officer.sends("/quay/1/bat-dau", &[]).await;
    let nowhere = officer.sends("/quay/1/chuyen", &[("loai", "Z")]).await;
    assert!(nowhere.html().contains("role=\"alert\""), "{}", nowhere.text());
    officer.opens("/quay/1").await;
    officer.sends("/quay/1/xong", &[]).await;
    assert!(officer.sheet.says("Chưa có ai ở quầy"), "{}", officer.sheet.text());
    assert!(citizen.opens(&taken).await.says("Đã phục vụ xong"));
    officer.sends("/quay/1/dong", &[]).await;
    assert!(officer.sheet.form("/quay/1/mo").is_some(), "{}", officer.sheet.text());
    // Another sits there.
    let mut other = Reader::signed_in(&portal, "officer", BETA, "B-2").await;
    other.opens("/quay/1").await;
    other.sends("/quay/1/mo", &[]).await;
    assert!(officer.opens("/quay/1").await.says("Cán bộ khác đang ngồi ở quầy này"));
}

#[tokio::test]
async fn the_screen_of_the_hall_gives_numbers_and_nothing_else() {
    let stage = Stage::set();
    let portal = stage.phidia.portal();
    let mut screen = Reader::signed_in(&portal, "device", ALPHA, "").await;
    screen.opens(&format!("/ki-ot/{ALPHA}")).await;
    let kiosk = format!("/ki-ot/{ALPHA}");
    let slip = screen.sends(&kiosk, &[("loai", "A"), ("uu-tien", "TICKET_PRIORITY_ELDERLY")]).await;
    assert!(slip.says("Trung tâm An"), "{}", slip.text());
    assert_eq!(number(&screen), "A001");
    assert_eq!(screen.opens("/quay").await.status, 403);
    // Whoever is not signed in as the screen is sent to sign in.
    let mut citizen = Reader::new(&portal);
    assert!(citizen.opens(&kiosk).await.path.starts_with("/dang-nhap?ve="));
}
