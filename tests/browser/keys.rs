//! Keys, for whoever wants them.

use harness::browser::Manner;

use crate::stage::{Stage, VI};

#[tokio::test(flavor = "multi_thread")]
async fn places_are_reached_by_keys_which_rest_while_one_types_and_can_be_switched_off() {
    let stage = Stage::tiny();
    let mut citizen = stage.visitor(Manner::default()).await;
    citizen.presses("gt").await;
    citizen.sees(VI.web_procedures()).await;
    assert_eq!(citizen.is_at().await, "/thu-tuc");
    citizen.presses("/").await;
    assert_eq!(citizen.stands_on().await, VI.web_search_label());
    citizen.presses("gt?").await;
    assert_eq!(
        (citizen.finds_in(VI.web_search_label()).await, citizen.is_at().await),
        ("gt?".into(), "/thu-tuc".into())
    );

    citizen.opens("/").await;
    citizen.presses("?").await;
    citizen.sees(VI.web_keys_why()).await;
    citizen.clicks(VI.web_keys_switch_off()).await;
    citizen.opens("/").await;
    citizen.presses("gt").await;
    // Had they led anywhere, this page would not be the last that was opened.
    citizen.opens("/phim").await;
    citizen.clicks(VI.web_keys_switch_on()).await;
    citizen.goes_back().await;
    assert_eq!(citizen.is_at().await, "/");
}
