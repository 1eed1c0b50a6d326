//! The line between a browser and the portal drops.

use std::net::SocketAddr;

use harness::{
    browser::{Manner, Person},
    proxy::{Proxy, Upstream, Weather},
};

use crate::stage::{Stage, VI};

#[tokio::test(flavor = "multi_thread")]
async fn whoever_types_while_the_line_is_down_is_told_and_what_they_send_goes_when_it_is_back() {
    let stage = Stage::tiny();
    let line = Proxy::start().await;
    let portal: SocketAddr = stage.portal.strip_prefix("http://").unwrap().parse().unwrap();
    line.lead_to(vec![Upstream::Tcp(portal)]);
    let mut officer = Person::comes(&line.http(), Manner::default()).await;
    officer.opens("/dang-nhap").await;
    officer.clicks(VI.web_duty_officer()).await;
    officer.picks(VI.web_your_centre(), "Trung tâm An").await;
    line.set(Weather::Refused);
    officer.sees(VI.web_line_lost()).await;
    officer.fills(VI.web_your_code(), "A-1").await;
    officer.clicks(VI.web_sign_in()).await;
    assert_eq!(officer.finds_in(VI.web_your_code()).await, "A-1", "the page has stayed");
    officer.keeps("line-lost").await;
    line.set(Weather::Fair);
    officer.sees("An Một").await;
}
