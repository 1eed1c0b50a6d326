//! What holds of every page: in each language and colour, on each screen, with script and without. A new page is one more row here.

use harness::browser::{Colours, Manner, Person, Reader, Screen, lay_out_gallery};
use phidia_words::Words;

use crate::{
    staff_pages,
    stage::{BOTH, Stage, VI},
};

/// Pages that anybody may open, with what their pictures are called.
const OPEN: &[(&str, &str)] = &[
    ("/", "home"),
    ("/thu-tuc", "procedures"),
    ("/thu-tuc?tim=chung+thuc", "procedures-found"),
    ("/thu-tuc?tim=xyz", "procedures-none"),
    ("/thu-tuc/2.000815", "procedure"),
    ("/thu-tuc/9.999999", "procedure-unknown"),
    ("/tra-cuu", "track"),
    ("/gop-y", "voice"),
    ("/gop-y/theo-doi", "voice-follow"),
    ("/hoi-dap", "questions"),
    ("/tiep-dan", "reception"),
    ("/so", "numbers"),
    ("/phim", "keys"),
    ("/dang-nhap", "sign-in"),
    ("/khong-co-trang-nay", "unknown"),
];

/// Bytes and requests that a page may cost whoever comes for the first time, and whoever comes again.
const FIRST: (u64, usize) = (100_000, 8);
const AGAIN: (u64, usize) = (30_000, 2);

async fn finds_no_fault_anywhere(person: &mut Person) {
    for (path, _) in OPEN {
        person.opens(path).await;
        person.finds_no_fault(Reader::Citizen).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_can_be_used_by_everybody_on_every_screen_with_script() {
    let stage = Stage::whole();
    let mut citizen = stage.visitor(Manner::default()).await;
    for screen in Screen::ALL {
        citizen.takes(screen).await;
        finds_no_fault_anywhere(&mut citizen).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_can_be_used_by_everybody_on_every_screen_without_script() {
    let stage = Stage::whole();
    let mut citizen = stage.visitor(Manner { script: false, ..Manner::default() }).await;
    for screen in Screen::ALL {
        citizen.takes(screen).await;
        finds_no_fault_anywhere(&mut citizen).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_can_be_read_in_the_dark_and_in_colours_of_ones_own() {
    let stage = Stage::whole();
    let mut citizen = stage.visitor(Manner::default()).await;
    for colours in [Colours::Dark, Colours::Forced] {
        citizen.prefers(colours).await;
        finds_no_fault_anywhere(&mut citizen).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_costs_more_than_a_slow_line_brings_in_a_moment() {
    let stage = Stage::whole();
    for manner in BOTH {
        let mut citizen = stage.visitor(manner).await;
        for (path, _) in OPEN {
            citizen.forgets_pages().await;
            citizen.opens(path).await;
            let first = citizen.traffic().await;
            assert!(
                first.bytes <= FIRST.0 && first.requests <= FIRST.1,
                "{path} for the first time: {first:?}"
            );
            citizen.opens(path).await;
            let again = citizen.traffic().await;
            assert!(again.bytes <= AGAIN.0 && again.requests <= AGAIN.1, "{path} again: {again:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_wants_english_has_it_on_every_page_until_they_want_it_otherwise() {
    let stage = Stage::tiny();
    for manner in BOTH {
        let mut citizen = stage.visitor(manner).await;
        citizen.opens("/thu-tuc?tim=khai+sinh").await;
        citizen.clicks("English").await;
        assert_eq!(citizen.is_at().await, "/thu-tuc?tim=khai+sinh", "where they were");
        citizen.sees("Birth registration").await;
        for (path, _) in OPEN {
            citizen.opens(path).await;
            citizen.finds_no_fault(Reader::Citizen).await;
            let text = citizen.reads().await.replace(VI.web_language(), "");
            assert!(!text.contains(VI.web_for_staff()) && !text.contains(VI.web_dark()), "{path}: {text}");
            assert_eq!(citizen.speaks().await, "en", "{path}");
        }
        citizen.opens("/").await;
        citizen.sees(Words::EN.web_home_title()).await;
        citizen.clicks(VI.web_language()).await;
        citizen.sees(VI.web_home_title()).await;
        assert_eq!(citizen.speaks().await, "vi");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn light_and_dark_are_as_somebody_wants_whatever_their_system_says() {
    let stage = Stage::tiny();
    for manner in BOTH {
        let mut citizen = stage.visitor(manner).await;
        for (system, is_dark) in [(Colours::Light, false), (Colours::Dark, true)] {
            citizen.prefers(system).await;
            citizen.clicks(VI.web_dark()).await;
            assert_eq!((citizen.is_in_the_dark().await, citizen.is_at().await), (true, "/".to_owned()));
            citizen.finds_no_fault(Reader::Citizen).await;
            citizen.clicks(VI.web_light()).await;
            assert!(!citizen.is_in_the_dark().await);
            citizen.finds_no_fault(Reader::Citizen).await;
            citizen.clicks(VI.web_as_the_system()).await;
            assert_eq!(citizen.is_in_the_dark().await, is_dark);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_mistypes_an_address_finds_the_way() {
    let stage = Stage::tiny();
    for manner in BOTH {
        let mut citizen = stage.visitor(manner).await;
        citizen.opens("/thutuc").await;
        citizen.sees(VI.web_no_such_page()).await;
        citizen.sees(VI.web_did_you_mean()).await;
        citizen.finds_no_fault(Reader::Citizen).await;
        citizen.fills(VI.web_search_label(), "khai sinh").await;
        citizen.clicks(VI.web_search()).await;
        citizen.sees("Đăng ký khai sinh").await;
        citizen.goes_back().await;
        citizen.clicks(VI.web_to_the_first_page()).await;
        citizen.sees(VI.web_home_title()).await;
    }
}

/// `./tests/run --gallery`: a picture of every page on the screens and in the colours that people have, and a page to look at them.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "makes pictures, for people to look at"]
async fn gallery() {
    let stage = Stage::whole();
    let mut citizen = stage.visitor(Manner::default()).await;
    for colours in [Colours::Light, Colours::Dark] {
        citizen.prefers(colours).await;
        for screen in [Screen::Desk, Screen::Phone] {
            citizen.takes(screen).await;
            for (path, name) in OPEN {
                citizen.opens(path).await;
                citizen.keeps(name).await;
            }
        }
    }
    staff_pages::pictures().await;
    lay_out_gallery();
}
