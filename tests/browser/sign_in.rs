//! Officers sign in and out.

use harness::{
    browser::{Manner, Person, Reader, Screen},
    province::ALPHA,
};
use phidia_words::Words;

use crate::stage::{BOTH, Stage, VI};

async fn tells_who_they_are(officer: &mut Person, words: Words, code: &str) {
    officer.clicks(words.web_duty_officer()).await;
    officer.picks(words.web_your_centre(), "Trung tâm An").await;
    officer.fills(words.web_your_code(), code).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_signs_in_comes_back_to_where_they_were_and_signs_out() {
    let stage = Stage::tiny();
    for manner in BOTH {
        let mut officer = stage.visitor(manner).await;
        for screen in Screen::ALL {
            officer.takes(screen).await;
            officer.opens("/thu-tuc?tim=khai+sinh").await;
            officer.clicks(VI.web_for_staff()).await;
            officer.finds_no_fault(Reader::Citizen).await;
            officer.keeps("sign-in").await;
            tells_who_they_are(&mut officer, VI, "A-1").await;
            officer.clicks(VI.web_sign_in()).await;
            officer.sees("An Một").await;
            assert_eq!(officer.is_at().await, "/thu-tuc?tim=khai+sinh");
            officer.finds_no_fault(Reader::Citizen).await;
            officer.clicks(VI.web_sign_out()).await;
            officer.sees(VI.web_for_staff()).await;
            assert!(!officer.shows("An Một").await);
            // A page of somebody is not kept for whoever comes next.
            officer.goes_back().await;
            assert!(!officer.shows("An Một").await);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_beside_it_and_what_was_filled_in_stays() {
    let stage = Stage::tiny();
    for manner in BOTH {
        let mut officer = stage.visitor(manner).await;
        officer.opens("/dang-nhap").await;
        officer.clicks(VI.web_sign_in()).await;
        officer.sees(&VI.web_to_correct(1)).await;
        assert!(officer.title().await.starts_with(&format!("{}: ", VI.web_faulty())));
        officer.finds_no_fault(Reader::Citizen).await;
        officer.keeps("sign-in-faulty").await;

        tells_who_they_are(&mut officer, VI, "A-9").await;
        officer.clicks(VI.web_sign_in()).await;
        officer.sees(&VI.web_to_correct(1)).await;
        officer.finds_no_fault(Reader::Citizen).await;
        assert_eq!(officer.finds_in(VI.web_your_code()).await, "A-9");
        assert_eq!(officer.finds_in(VI.web_your_centre()).await, ALPHA);
        officer.fills(VI.web_your_code(), "A-1").await;
        officer.clicks(VI.web_sign_in()).await;
        officer.sees("An Một").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_signs_in_by_the_keyboard_alone() {
    let stage = Stage::tiny();
    for manner in BOTH {
        let mut officer = stage.visitor(manner).await;
        officer.opens("/dang-nhap").await;
        officer.goes_on_to(VI.web_duty_officer()).await;
        officer.presses("Space").await;
        officer.goes_on_to(VI.web_your_centre()).await;
        officer.presses("Trung tâm A").await;
        officer.goes_on_to(VI.web_your_code()).await;
        officer.presses("A-1").await;
        officer.presses("Enter").await;
        officer.sees("An Một").await;
        // Nothing is reached that cannot be seen, and nothing twice.
        officer.opens("/").await;
        let way = officer.walks().await;
        assert_eq!(way[0], VI.web_skip());
        assert!(way.iter().all(|name| !name.is_empty()), "{way:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_of_one_centre_sit_at_two_browsers() {
    let stage = Stage::tiny();
    let phone = Manner { screen: Screen::Phone, ..Manner::default() };
    let [mut officer, mut citizen] = Person::come(&stage.portal, [Manner::default(), phone]).await;
    officer.opens("/dang-nhap").await;
    tells_who_they_are(&mut officer, VI, "A-1").await;
    officer.clicks(VI.web_sign_in()).await;
    officer.sees("An Một").await;
    citizen.opens("/").await;
    citizen.sees(VI.web_for_staff()).await;
    assert!(!citizen.shows("An Một").await);
}
