//! What holds of every page, of those of the staff. A new page is one more row here.

use harness::{
    browser::{Colours, Manner, Person, Reader, Screen},
    client::{Client, application},
    province::{ALPHA, ANYWHERE, SIGNED_AT_HOME},
};

use crate::stage::{BOTH, Stage, VI};

/// Pages of an officer; `{}` stands for an application that they have in hand.
const OFFICER: &[(&str, &str)] = &[
    ("/viec", "work"),
    ("/viec?cho=1", "work-waiting"),
    ("/viec/hoi", "work-questions"),
    ("/viec/ket-qua", "work-results"),
    ("/viec/tin", "work-messages"),
    ("/tim?q=T99", "work-find"),
    ("/ho-so/{}", "case"),
    ("/ho-so/{}/vi-sao", "case-why"),
    ("/quay", "counters"),
    ("/quay/1", "counter"),
    ("/quay/bo-sung", "counter-supplement"),
    ("/quay/thu-tien", "counter-payment"),
    ("/quay/rut", "counter-withdrawal"),
    ("/tiep-nhan", "take-in"),
    ("/tiep-nhan?thu-tuc=9.000002", "take-in-begin"),
    ("/nhap", "drafts"),
    ("/bien-nhan/{}", "receipt"),
];
/// Of whoever answers for a centre.
const SUPERVISOR: &[(&str, &str)] = &[
    ("/phu-trach", "supervise"),
    ("/phu-trach/tre", "supervise-late"),
    ("/phu-trach/nguoi/A-1", "supervise-person"),
    ("/phu-trach/trao-doi", "supervise-exchange"),
    ("/phu-trach/lam-them", "supervise-overtime"),
    ("/phu-trach/thiet-bi", "supervise-equipment"),
    ("/phu-trach/phan-anh", "supervise-feedback"),
];
/// Of whoever looks after the province.
const OPERATOR: &[(&str, &str)] = &[
    ("/tinh", "province"),
    ("/tinh?xem=tre", "province-late"),
    ("/tinh?xem=luong", "province-flows"),
    ("/tinh/90001", "province-centre"),
    ("/tinh/chi-tieu", "province-figures"),
    ("/tinh/xep-hang", "province-ranking"),
    ("/tinh/chinh-sach", "province-policy"),
    ("/tinh/chinh-sach/thu", "province-simulate"),
    ("/tinh/dieu-phoi", "province-dispatch"),
    ("/tinh/can-doi", "province-conservation"),
    ("/tinh/suc-khoe", "province-health"),
];

/// A house in which an officer of Alpha has something in hand; which application it is.
async fn at_work() -> (Stage, String) {
    let stage = Stage::tiny();
    let citizen = Client::system(stage.endpoint());
    let receipt = citizen.submit(application("in-hand", SIGNED_AT_HOME)).await.unwrap();
    citizen.submit(application("waits", ANYWHERE)).await.unwrap();
    let officer = Client::officer(stage.endpoint(), ALPHA, "A-1");
    officer.claim(&officer.finds(&receipt, 1).await).await.unwrap();
    (stage, receipt.application_id)
}

async fn finds_no_fault_on(person: &mut Person, pages: &[(&str, &str)], application: &str) {
    for (path, _) in pages {
        person.opens(&path.replace("{}", application)).await;
        person.misses(VI.web_no_such_page()).await;
        person.finds_no_fault(Reader::Staff).await;
    }
}

async fn are_without_fault(duty: &str, centre: Option<&str>, code: &str, pages: &[(&str, &str)]) {
    let (stage, application) = at_work().await;
    for manner in BOTH {
        let mut person = stage.staff(manner, duty, centre, code).await;
        finds_no_fault_on(&mut person, pages, &application).await;
        for screen in [Screen::Phone, Screen::Enlarged].into_iter().filter(|_| manner.script) {
            person.takes(screen).await;
            finds_no_fault_on(&mut person, pages, &application).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_an_officer_are_without_fault() {
    are_without_fault(VI.web_duty_officer(), Some("Trung tâm An"), "A-1", OFFICER).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_supervisor_are_without_fault() {
    are_without_fault(VI.web_duty_supervisor(), Some("Trung tâm An"), "A-1", SUPERVISOR).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_the_province_are_without_fault() {
    are_without_fault(VI.web_duty_operator(), None, "an", OPERATOR).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_staff_can_be_read_in_the_dark() {
    let (stage, application) = at_work().await;
    let dark = Manner { colours: Colours::Dark, ..Manner::default() };
    let mut officer = stage.staff(dark, VI.web_duty_officer(), Some("Trung tâm An"), "A-1").await;
    finds_no_fault_on(&mut officer, OFFICER, &application).await;
}

/// Pictures of all of them.
pub(crate) async fn pictures() {
    let (stage, application) = at_work().await;
    let (officer, supervisor, operator) =
        (VI.web_duty_officer(), VI.web_duty_supervisor(), VI.web_duty_operator());
    for (duty, centre, code, pages) in [
        (officer, Some("Trung tâm An"), "A-1", OFFICER),
        (supervisor, Some("Trung tâm An"), "A-1", SUPERVISOR),
        (operator, None, "an", OPERATOR),
    ] {
        let mut person = stage.staff(Manner::default(), duty, centre, code).await;
        for screen in [Screen::Desk, Screen::Phone] {
            person.takes(screen).await;
            for (path, name) in pages {
                person.opens(&path.replace("{}", &application)).await;
                person.keeps(name).await;
            }
        }
    }
}
