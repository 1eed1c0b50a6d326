//! Whoever answers for a centre sends its people home, and its work to where it is done in time.

use std::{fs, path::Path};

use harness::{
    client::{Client, application},
    province::{ALPHA, ANYWHERE, BETA, SIGNED_AT_HOME},
    reader::Reader,
};
use jiff::{SignedDuration, Timestamp};
use phidia_proto::intake::v1::SubmitApplicationRequest;

use crate::stage::Stage;

/// An application that Beta receives, and is at home at.
fn at_beta(key: &str, procedure: &str) -> SubmitApplicationRequest {
    let mut application = application(key, procedure);
    application.received_at_code = BETA.to_owned();
    application.places[0].commune_code = BETA.to_owned();
    application
}

#[tokio::test]
async fn an_officer_goes_home_and_their_work_goes_to_a_colleague() {
    let stage = Stage::set();
    let citizen = Client::system(stage.endpoint());
    let officer = Client::officer(stage.endpoint(), BETA, "B-1");
    let receipt = citizen.submit(at_beta("ill", SIGNED_AT_HOME)).await.unwrap();
    let held = officer.finds(&receipt, 1).await;
    officer.claim(&held).await.unwrap();

    let mut reader = Reader::signed_in(&stage.phidia.portal(), "supervisor", BETA, "B-4").await;
    let people = reader.opens("/phu-trach").await;
    assert!(people.says("Bình Một B-1 ● có mặt 1 1 ngày 2 giờ"), "{}", people.text());
    let hers = people.links("Bình Một").remove(0);

    // Without a reason nobody is sent home, and what was filled in is still there.
    reader.opens(&hers).await;
    let action = format!("{hers}/vang");
    let refused = reader.sends(&action, &[("den", "2035-01-05"), ("nghi-bu", "1")]).await;
    assert_eq!((refused.status, refused.path.as_str()), (200, action.as_str()));
    assert!(refused.html().contains(r#"id="e-ly-do""#), "{}", refused.text());
    let form = refused.form(&action).unwrap();
    assert!(
        form.contains(&("den".into(), "2035-01-05".into())) && form.contains(&("nghi-bu".into(), "1".into()))
    );
    let home = reader.sends(&action, &[("ly-do", "con ốm"), ("den", "")]).await;
    assert_eq!(home.path, hers);
    assert!(home.says("▲ nghỉ bù") && home.says("Việc đang giữ: 1"), "{}", home.text());

    // Her work goes to a colleague, who has it from then on.
    let moved = reader.sends(&format!("{hers}/viec"), &[("cho", "B-2")]).await;
    assert!(moved.says("Không giữ việc nào."), "{}", moved.text());
    let colleague = Client::officer(stage.endpoint(), BETA, "B-2");
    assert_eq!(colleague.finds(&receipt, 1).await.officer_code, "B-2");
    // Who cannot do it is not given it, and that is said where they were chosen.
    let theirs = "/phu-trach/nguoi/B-2";
    reader.opens(theirs).await;
    let back = reader.sends(&format!("{theirs}/viec"), &[("cho", "")]).await;
    assert!(back.says("Không giữ việc nào."), "{}", back.text());
    assert_eq!(colleague.finds(&receipt, 1).await.officer_code, "");

    // Back after all, with her own hours on another day.
    reader.opens(&hers).await;
    let back = reader.sends(&action, &[("co-mat", "1"), ("ly-do", "con khỏe")]).await;
    assert!(back.says("● có mặt"), "{}", back.text());
    let action = format!("{hers}/ca");
    let given = [("ngay", "2035-01-05"), ("gio", "sáng"), ("ly-do-ca", "đi học")];
    let refused = reader.sends(&action, &given).await;
    assert!(refused.html().contains(r#"id="e-gio""#), "{}", refused.text());
    let set = reader.sends(&action, &[("gio", "07:30-11:30, 13:00-15:00")]).await;
    assert!(set.says("05/01/2035: 07:30-11:30, 13:00-15:00"), "{}", set.text());
    // Whoever looked before somebody else changed something looks again first.
    let given = [("lan", "0"), ("ngay", "2035-01-05"), ("gio", "07:30-08:00"), ("ly-do-ca", "khác")];
    let stale = reader.sends(&action, &given).await;
    assert!(stale.path == action && stale.says("Có 1 chỗ cần sửa"), "{}", stale.text());
    assert!(stale.says("05/01/2035: 07:30-11:30, 13:00-15:00"), "{}", stale.text());
}

/// Has business time stand at an instant.
fn stand_at(clock: &Path, at: Timestamp) {
    let whole = clock.with_extension("new");
    fs::write(&whole, format!(r#"{{"anchor":"{at}","offset":"0s","rate":0}}"#)).unwrap();
    fs::rename(whole, clock).unwrap();
}

#[tokio::test]
#[cfg_attr(not(debug_assertions), ignore = "phidia needs the feature rehearsal")]
async fn what_will_be_late_is_given_to_an_officer_or_sent_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let clock = folder.path().join("clock.json");
    let began: Timestamp = "2026-11-23T01:00:00Z".parse().unwrap();
    stand_at(&clock, began);
    let stage =
        Stage::with(&format!("[rehearsal]\nclock = {clock:?}\n[routing]\nrescue_seconds = 8640000\n"));
    let citizen = Client::system(stage.endpoint());
    let officer = Client::officer(stage.endpoint(), BETA, "B-1");
    let mut receipts = Vec::new();
    for key in ["within", "elsewhere"] {
        let receipt = citizen.submit(at_beta(key, ANYWHERE)).await.unwrap();
        officer.finds(&receipt, 1).await;
        receipts.push(receipt);
    }
    let mut reader = Reader::signed_in(&stage.phidia.portal(), "supervisor", BETA, "B-4").await;
    assert!(reader.opens("/phu-trach/tre").await.says("Không có việc nào sắp trễ hạn."));

    // It is 17:00, and both are promised for today.
    stand_at(&clock, began + SignedDuration::from_hours(9));
    let late = reader.opens("/phu-trach/tre").await.clone();
    assert!(late.says("▲ còn 7 giờ làm việc") && late.says("Chưa ai nhận"), "{}", late.text());
    let [within, elsewhere] =
        [&receipts[0], &receipts[1]].map(|receipt| late.links(&receipt.dossier_code).remove(0));

    reader.opens(&within).await;
    let given = reader.sends(&format!("{within}/giao"), &[("cho", "B-1")]).await;
    assert!(given.path == within && given.says("người giữ Bình Một"), "{}", given.text());

    let before = reader.opens(&elsewhere).await;
    assert!(before.says("Trung tâm Bình"), "{}", before.text());
    let action = format!("{elsewhere}/chuyen");
    let refused = reader.sends(&action, &[("don-vi", ALPHA)]).await;
    assert!(refused.html().contains(r#"id="e-ly-do""#), "{}", refused.text());
    assert!(refused.form(&action).unwrap().contains(&("don-vi".into(), ALPHA.into())));
    let sent = reader.sends(&action, &[("ly-do", "bên đó rảnh")]).await;
    assert!(sent.says("Việc này không còn chờ ở trung tâm."), "{}", sent.text());
    assert!(sent.says("Trung tâm An") && sent.says("bên đó rảnh"), "{}", sent.text());
    Client::officer(stage.endpoint(), ALPHA, "A-1").finds(&receipts[1], 1).await;
    let exchange = reader.opens("/phu-trach/trao-doi").await;
    assert!(exchange.says("Trung tâm Bình Trung tâm An 1"), "{}", exchange.text());
}

#[tokio::test]
async fn the_centre_itself_is_kept_by_its_supervisor_alone() {
    let stage = Stage::set();
    let mut reader = Reader::signed_in(&stage.phidia.portal(), "supervisor", BETA, "B-4").await;
    // It takes no more.
    let standing = "/phu-trach/tinh-trang";
    reader.opens(standing).await;
    let action = format!("{standing}/nhan-viec");
    let refused = reader.sends(&action, &[("viec-nhieu-nhat", "nhiều"), ("ly-do", "đông")]).await;
    assert!(refused.html().contains(r#"id="e-viec-nhieu-nhat""#), "{}", refused.text());
    let given = [("nhan", "dong"), ("viec-nhieu-nhat", "9"), ("ly-do", "nước lên")];
    let closed = reader.sends(&action, &given).await;
    assert!(closed.path == standing && closed.says("nước lên"), "{}", closed.text());
    let unit = stage.phidia.cli_json(&["unit", "show", BETA]);
    assert_eq!(unit["standing"]["availability"], "AVAILABILITY_CLOSED");
    assert_eq!(unit["standing"]["mostOpenItems"], 9);
    // A Saturday is worked, and the overtime of it is foreseen.
    let given = [("ngay", "2035-01-06"), ("gio", "07:30-11:30"), ("ly-do-gio", "thứ bảy")];
    let set = reader.sends(&format!("{standing}/gio"), &given).await;
    assert!(set.says("06/01/2035: 07:30-11:30"), "{}", set.text());
    let places =
        reader.sends(&format!("{standing}/cho-lam"), &[("cho", "2"), ("ly-do-cho", "hỏng hai máy")]).await;
    assert!(places.says("2 chỗ làm việc"), "{}", places.text());
    let overtime = reader.opens("/phu-trach/lam-them?ky=2035").await;
    assert_eq!(overtime.status, 200, "{}", overtime.text());
    let wrong = reader.opens("/phu-trach/lam-them?ky=mai").await;
    assert!(wrong.html().contains(r#"id="e-ky""#), "{}", wrong.text());

    // A printer is bought, and breaks.
    let register = "/phu-trach/thiet-bi";
    reader.opens(register).await;
    let piece =
        reader.sends(register, &[("loai", "may-in"), ("so", "IN-01"), ("ten", "Máy in cửa vào")]).await;
    assert!(piece.says("máy in – IN-01") && piece.says("● dùng được"), "{}", piece.text());
    let path = piece.path.clone();
    let broken = reader.sends(&path, &[("tinh-trang", "hong"), ("ghi-chu", "kẹt giấy")]).await;
    assert!(broken.says("■ hỏng") && broken.says("kẹt giấy"), "{}", broken.text());

    // Somebody asks for something, and is answered.
    let asked = ["feedback", "send", "--kind", "suggestion", "--about", BETA, "--text", "Xin thêm ghế chờ."];
    let number = stage.phidia.cli_json(&asked)["number"].as_str().unwrap().to_owned();
    let list = reader.opens("/phu-trach/phan-anh").await;
    let path = list.links(&number).remove(0);
    assert!(reader.opens(&path).await.says("Xin thêm ghế chờ."));
    let refused = reader.sends(&path, &[("noi-dung", "")]).await;
    assert!(refused.html().contains(r#"id="e-noi-dung""#), "{}", refused.text());
    let answered = reader.sends(&path, &[("noi-dung", "Đã kê thêm mười ghế.")]).await;
    assert!(answered.says("● đã trả lời") && answered.says("Đã kê thêm mười ghế."), "{}", answered.text());

    // None of it is for others.
    let mut officer = Reader::signed_in(&stage.phidia.portal(), "officer", BETA, "B-1").await;
    for page in ["", "/tre", "/tinh-trang", "/trao-doi", "/lam-them", "/thiet-bi", "/phan-anh", "/nguoi/B-1"]
    {
        assert_eq!(officer.opens(&format!("/phu-trach{page}")).await.status, 403, "{page}");
    }
    let forged = officer.posts(&action, &[("nhan", "mo"), ("ly-do", "của tôi")]).await;
    assert_eq!(forged.status, 403);
}
