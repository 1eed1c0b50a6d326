//! Somebody looks for what they have to bring.

use harness::{
    browser::{Paper, Reader, Screen},
    pdf,
};

use crate::stage::{BOTH, Stage, VI};

#[tokio::test(flavor = "multi_thread")]
async fn a_birth_is_found_by_everyday_words_and_what_to_bring_is_printed() {
    let stage = Stage::whole();
    for manner in BOTH {
        let mut citizen = stage.visitor(manner).await;
        for screen in Screen::ALL {
            citizen.takes(screen).await;
            citizen.opens("/").await;
            citizen.sees(VI.web_home_title()).await;
            citizen.finds_no_fault(Reader::Citizen).await;
            citizen.keeps("home").await;

            citizen.fills(VI.web_search_label(), "giay khai sinh").await;
            citizen.clicks(VI.web_search()).await;
            citizen.sees("Đăng ký khai sinh").await;
            assert_eq!(citizen.finds_in(VI.web_search_label()).await, "giay khai sinh");
            assert!(citizen.title().await.starts_with(&VI.web_found_for("giay khai sinh")));
            citizen.finds_no_fault(Reader::Citizen).await;
            citizen.keeps("procedures").await;

            citizen.clicks("Đăng ký khai sinh").await;
            citizen.sees(VI.web_what_to_bring()).await;
            citizen.sees(VI.web_fee()).await;
            citizen.finds_no_fault(Reader::Citizen).await;
            citizen.keeps("procedure").await;
        }
        let paper = pdf::text(&citizen.prints(Paper::A4).await);
        assert!(paper.contains(VI.web_what_to_bring()), "{paper}");
        for aside in [VI.web_skip(), VI.web_dark(), VI.web_for_staff()] {
            assert!(!paper.contains(aside), "nobody can press it on paper: {aside}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_does_is_said_to_be_nowhere_and_what_is_looked_for_can_be_put_otherwise() {
    let stage = Stage::tiny();
    for manner in BOTH {
        let mut citizen = stage.visitor(manner).await;
        let wanted = "<b>bay lên & “mặt trăng”</b>";
        citizen.fills(VI.web_search_label(), wanted).await;
        citizen.clicks(VI.web_search()).await;
        citizen.sees(&VI.web_found_nothing(wanted)).await;
        citizen.finds_no_fault(Reader::Citizen).await;
        citizen.fills(VI.web_search_label(), "khai sinh").await;
        citizen.clicks(VI.web_search()).await;
        citizen.clicks("Đăng ký khai sinh").await;
        citizen.sees(VI.web_nothing_to_bring()).await;
        citizen.goes_back().await;
        assert_eq!(citizen.finds_in(VI.web_search_label()).await, "khai sinh");
    }
}
