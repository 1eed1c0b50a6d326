//! One seed: a fresh house, so many calls, and after them a proper application that goes through.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use harness::{
    client::{Client, application},
    house::{Form, House, Part, Plan},
    province::{self, ALPHA, ANYWHERE, BETA, GAMMA, SIGNED_AT_HOME},
    wait,
};
use phidia_proto::{intake::v1::Receipt, types::v1::ApplicationStatus};
use prost_reflect::{DynamicMessage, Value};
use tokio::task::JoinSet;
use tonic::transport::Endpoint;

use crate::{answer, case::Case, case::pool, judge, known::Known, variable};

/// Calls at once.
const ABREAST: u64 = 8;
/// More help nobody.
const MOST: usize = 5;

/// Plays the calls of a seed, or the one of `FUZZ_CASE`; answers how often each code was answered.
///
/// # Panics
/// When an answer is none that the contract allows, or the house does not stand.
pub(crate) async fn play(seed: u64, calls: u64) -> String {
    let house = House::build(&Plan::of(Form::Embedded)).await;
    house.import(&province::files()).await;
    let intake = house.endpoint(Part::Intake);
    let mut known = Known::default();
    for number in 0..6 {
        let procedure = if number % 2 == 0 { ANYWHERE } else { SIGNED_AT_HOME };
        let receipt = Client::system(&intake).submit(application(&format!("fuzz-{number}"), procedure)).await;
        known.learn(&named(&receipt.unwrap()));
    }

    let channel = Endpoint::from_shared(intake.clone()).unwrap().tcp_nodelay(true).connect_lazy();
    let numbers = variable("FUZZ_CASE").map_or(0..calls, |number: u64| number..number + 1);
    let (mut codes, mut faults) = (BTreeMap::<String, usize>::new(), Vec::new());
    for first in numbers.clone().step_by(usize::try_from(ABREAST).unwrap()) {
        let mut abreast = JoinSet::new();
        for number in first..(first + ABREAST).min(numbers.end) {
            let (case, channel) = (Case::of(seed, number, &known), channel.clone());
            abreast.spawn(async move {
                let answer = answer::to(channel, &case).await;
                (judge::judge(&case, &answer).map_err(|fault| format!("{fault}\n{answer:?}")), case)
            });
        }
        for (verdict, case) in abreast.join_all().await {
            match verdict {
                Ok(verdict) => {
                    *codes.entry(format!("{:?}", verdict.code)).or_default() += 1;
                    verdict.message.iter().for_each(|message| known.learn(message));
                }
                Err(fault) => faults.push((case, fault)),
            }
        }
        if faults.len() >= MOST {
            break;
        }
    }
    let mut told = String::new();
    for (case, fault) in &faults {
        writeln!(told, "FUZZ_SEED={seed} FUZZ_CASE={}: {fault}\n{case:#?}\n", case.number).unwrap();
    }
    assert!(faults.is_empty(), "{told}{}", bad_lines(&house));
    assert_eq!(house.mishaps(), Vec::<String>::new(), "FUZZ_SEED={seed}");
    assert_eq!(bad_lines(&house), "", "FUZZ_SEED={seed}");
    stands(&house).await;
    codes.iter().map(|(code, count)| format!("{count} {code}")).collect::<Vec<_>>().join(", ")
}

/// A proper application is taken in and worked to its end, and all of them are in one place each.
async fn stands(house: &House) {
    let endpoint = house.endpoint(Part::Intake);
    // Some operator may have brought another province in.
    house.import(&province::files()).await;
    let receipt = Client::system(&endpoint).submit(application("proper", ANYWHERE)).await.unwrap();
    for step in [1, 2] {
        work(&endpoint, &receipt, step).await;
    }
    Client::system(&endpoint).tracked_as(&receipt, ApplicationStatus::Granted).await;
    let conservation = house.cli(&["conservation"]).await;
    assert!(conservation.status.success(), "{conservation:?}");
}

/// Some officer takes the step up and ends it.
async fn work(endpoint: &str, receipt: &Receipt, step: u32) {
    let staff = [(ALPHA, "A-1"), (BETA, "B-1"), (BETA, "B-4"), (GAMMA, "C-1")]
        .map(|(unit, code)| Client::officer(endpoint, unit, code));
    wait::until(&format!("somebody works on step {step}"), async || {
        for officer in &staff {
            let item = officer.worklist().await.into_iter().find(|item| {
                let key = item.work_item.as_ref();
                key.is_some_and(|key| key.application_id == receipt.application_id && key.step == step)
            });
            if let Some(item) = item {
                let held = officer.claim(&item).await.unwrap();
                officer.complete(&held).await.unwrap();
                return Some(());
            }
        }
        None
    })
    .await;
}

/// What the log has of faults of ours: nothing that is sent may be one.
fn bad_lines(house: &House) -> String {
    let log = fs::read_to_string(house.folder().join("whole-0.log")).unwrap();
    let bad = log.lines().filter(|line| line.contains("panicked") || line.contains("ERROR"));
    bad.take(MOST).fold(String::new(), |text, line| text + line + "\n")
}

/// What a receipt names.
fn named(receipt: &Receipt) -> DynamicMessage {
    let descriptor = pool().get_message_by_name("phidia.intake.v1.Receipt").unwrap();
    let mut message = DynamicMessage::new(descriptor);
    message.set_field_by_name("application_id", Value::String(receipt.application_id.clone()));
    message.set_field_by_name("dossier_code", Value::String(receipt.dossier_code.clone()));
    message.set_field_by_name("check_code", Value::String(receipt.check_code.clone()));
    message
}
