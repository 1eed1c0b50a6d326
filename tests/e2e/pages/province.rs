//! Whoever looks after the province sees where it is full, changes its policy, and dispatches by hand.

use harness::{
    client::{Client, application},
    province::{ALPHA, GAMMA, NOBODY_CAN, SIGNED_AT_HOME},
    reader::Reader,
    wait,
};

use crate::stage::Stage;

#[tokio::test]
async fn a_full_commune_is_seen_on_the_map_and_in_the_table() {
    let stage = Stage::set();
    let citizen = Client::system(stage.endpoint());
    let receipt = citizen.submit(application("map", SIGNED_AT_HOME)).await.unwrap();
    Client::officer(stage.endpoint(), ALPHA, "A-1").finds(&receipt, 1).await;

    let mut operator = Reader::signed_in(&stage.phidia.portal(), "operator", "", "tinh").await;
    let load = wait::until("the load on the map", async || {
        let mut operator = operator.clone();
        let sheet = operator.opens("/tinh").await;
        sheet.says("Trung tâm An 1 ngày 2 giờ").then(|| sheet.clone())
    })
    .await;
    // Each cell says it too, and leads to its centre, but not to whoever goes by keys: they have the table.
    let html = load.html();
    assert!(html.contains("<title>Trung tâm An: 1 ngày 2 giờ mỗi cán bộ</title>"), "{html}");
    assert_eq!(html.matches(r#"tabindex="-1"><path"#).count(), 3);
    assert_eq!(load.links("Trung tâm An").last().unwrap(), &format!("/tinh/{ALPHA}"));
    for view in ["tre", "luong"] {
        assert_eq!(operator.opens(&format!("/tinh?xem={view}")).await.status, 200);
    }

    let centre = operator.opens(&format!("/tinh/{ALPHA}")).await;
    assert!(centre.says("Trung tâm An 90001") && centre.says("● mở"), "{}", centre.text());
    assert_eq!(operator.opens("/tinh/00000").await.status, 404);
    let figures = operator.opens("/tinh/chi-tieu?theo=thu-tuc").await;
    assert!(figures.says("Tiếp nhận 1 hồ sơ") && figures.says("Đăng ký khai sinh 1"), "{}", figures.text());
    let wrong = operator.opens("/tinh/chi-tieu?ky=2026-13").await;
    assert!(wrong.html().contains(r#"id="e-ky""#), "{}", wrong.text());
    let ranking = operator.opens("/tinh/xep-hang").await;
    assert!(ranking.says("766/QĐ-TTg") && ranking.says("Chưa đo được"), "{}", ranking.text());

    let conserved = operator.opens("/tinh/can-doi").await;
    assert!(
        conserved.says("Không mất, không trùng hồ sơ nào.") && conserved.says("Đã tiếp nhận 1"),
        "{}",
        conserved.text()
    );
    let health = operator.opens("/tinh/suc-khoe").await;
    assert_eq!(health.text().matches("● hoạt động").count(), 4, "{}", health.text());
    assert!(health.says("Không có gì bị giữ lại."), "{}", health.text());
}

#[tokio::test]
async fn a_policy_is_checked_tried_and_published() {
    let stage = Stage::set();
    let mut operator = Reader::signed_in(&stage.phidia.portal(), "operator", "", "tinh").await;
    let path = "/tinh/chinh-sach";
    let form = operator.opens(path).await.form(path).unwrap();
    let (_, document) = form.into_iter().find(|(name, _)| name == "van-ban").unwrap();
    let other = document.replacen("name = ", "name = \"thu-nghiem\" # ", 1);
    assert_ne!(document, other);

    let checked = operator.sends(path, &[("van-ban", &other), ("kiem-tra", "1")]).await;
    assert!(checked.says("Kết quả kiểm tra thu-nghiem"), "{}", checked.text());
    assert!(checked.says("bước × nơi có thẩm quyền × ngày"), "{}", checked.text());
    // What was typed is still there; nothing is changed by it.
    let wrong = operator.sends(path, &[("van-ban", "gate_share = 7"), ("kiem-tra", "1")]).await;
    assert!(wrong.html().contains(r#"id="e-van-ban""#), "{}", wrong.text());
    let tried = operator.sends(path, &[("van-ban", &other), ("thu", "1")]).await;
    assert!(tried.says("Nếu áp dụng thu-nghiem") && tried.says("Việc đang mở 0"), "{}", tried.text());
    let takers = operator.opens(&format!("{path}/ai?thu-tuc={SIGNED_AT_HOME}&xa={ALPHA}")).await;
    assert!(takers.says("90001"), "{}", takers.text());

    operator.opens(path).await;
    let refused = operator.sends(path, &[("van-ban", &other), ("cho-thieu", "1"), ("cong-bo", "1")]).await;
    assert!(refused.html().contains(r#"id="e-ly-do""#), "{}", refused.text());
    let given = [("ly-do", "thử một quý"), ("cho-thieu", "1"), ("cong-bo", "1")];
    let published = operator.sends(path, &given).await;
    assert!(published.path == path && published.says("thu-nghiem v2"), "{}", published.text());
    assert_eq!(stage.phidia.cli_json(&["policy", "show"])["name"], "thu-nghiem");
    assert!(operator.opens(&format!("{path}?ban=1")).await.status == 200);
}

#[tokio::test]
async fn what_nobody_can_take_is_dispatched_by_hand() {
    let stage = Stage::set();
    let citizen = Client::system(stage.endpoint());
    let receipt = citizen.submit(application("rare", NOBODY_CAN)).await.unwrap();
    let mut operator = Reader::signed_in(&stage.phidia.portal(), "operator", "", "tinh").await;
    let path = wait::until("it is in the dispatch queue", async || {
        let mut operator = operator.clone();
        operator.opens("/tinh/dieu-phoi").await.links(&receipt.application_id).pop()
    })
    .await;
    let one = operator.opens(&path).await;
    assert!(one.says("■ chưa thể phân công"), "{}", one.text());
    // It is tried again, in vain, and that is said.
    let tried = operator.sends(&path, &[("thu-lai", "1")]).await;
    assert!(tried.status == 200 && tried.says("Có 1 chỗ cần sửa"), "{}", tried.text());
    let refused = operator.sends(&path, &[("don-vi", GAMMA)]).await;
    assert!(refused.html().contains(r#"id="e-ly-do""#), "{}", refused.text());
    let sent = operator.sends(&path, &[("don-vi", GAMMA), ("ly-do", "cử người học")]).await;
    assert!(sent.says("● đã phân công") && sent.says("Trung tâm Chi"), "{}", sent.text());
    // What speaks against it is told.
    assert!(sent.says("▲ không có người làm được"), "{}", sent.text());

    for (duty, unit, code) in [("officer", ALPHA, "A-1"), ("supervisor", ALPHA, "A-1")] {
        let mut other = Reader::signed_in(&stage.phidia.portal(), duty, unit, code).await;
        for page in
            ["", "/90001", "/chi-tieu", "/xep-hang", "/chinh-sach", "/dieu-phoi", "/can-doi", "/suc-khoe"]
        {
            assert_eq!(other.opens(&format!("/tinh{page}")).await.status, 403, "{duty} {page}");
        }
        assert_eq!(other.posts("/tinh/chinh-sach", &[("cong-bo", "1")]).await.status, 403);
    }
}
