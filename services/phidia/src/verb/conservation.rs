//! `phidia conservation`: adds up what every service holds.

use std::{collections::BTreeMap, process::ExitCode, time::Duration};

use phidia_domain::{application::Language, conservation::Place};
use phidia_words::Words;
use serde_json::{Value, json};

use super::endpoints;
use crate::{
    client::Client,
    command::Conservation,
    conservation::{BoardState, Report, Services, examine},
    ending::Ending,
    show,
};

/// How many ids and units are named.
const NAMED: usize = 100;

pub(crate) async fn run(client: &Client<'_>, options: &Conservation) -> anyhow::Result<ExitCode> {
    let services = Services::at(endpoints(client, &options.services).await?);
    let report = examine(&services, Duration::from_secs(options.patience_seconds)).await?;
    match client.json() {
        true => show::object(&as_json(&report))?,
        false => print(client.speech(), &report),
    }
    Ok(Ending::of(report.holds()).into())
}

fn as_json(report: &Report) -> Value {
    let Report { balance, board, parked } = report;
    let places: BTreeMap<_, _> = balance.places.iter().map(|(place, count)| (key(*place), count)).collect();
    let board = match board {
        BoardState::Even => json!({ "state": "even", "driftMinutes": 0, "drifts": [] }),
        BoardState::Drifting(drifts) => {
            let named = drifts.iter().map(|drift| {
                json!({
                    "unit": drift.unit_id,
                    "storedItems": drift.stored_items,
                    "boardItems": drift.board_items,
                    "minutes": drift.minutes,
                    "borrowedMinutes": drift.borrowed_minutes,
                })
            });
            let named: Vec<_> = named.collect();
            json!({ "state": "drifting", "driftMinutes": board.drift_minutes(), "drifts": named })
        }
        BoardState::Unknown(reason) => json!({ "state": "unknown", "reason": reason }),
    };
    json!({
        "accepted": balance.accepted,
        "places": places,
        "lost": balance.lost,
        "doubled": balance.doubled,
        "parkedEvents": parked,
        "board": board,
    })
}

/// Its name for programs.
fn key(place: Place) -> &'static str {
    match place {
        Place::Accepted => "accepted",
        Place::Waiting => "waiting",
        Place::Assigned => "assigned",
        Place::InCase => "inCase",
        Place::Finished => "finished",
        Place::Refused => "refused",
        Place::Stopped => "stopped",
        Place::Parked => "parked",
    }
}

fn name(place: Place, speech: Words) -> &'static str {
    match place {
        Place::Accepted => speech.term_accepted(),
        Place::Waiting => speech.conservation_waiting(),
        Place::Assigned => speech.term_assigned(),
        Place::InCase => speech.conservation_in_case(),
        Place::Finished => speech.conservation_finished(),
        Place::Refused => speech.term_refused(),
        Place::Stopped => speech.conservation_stopped(),
        Place::Parked => speech.conservation_parked(),
    }
}

fn print(speech: Words, report: &Report) {
    let Report { balance, board, parked } = report;
    show::line(&format!("{}: {}", speech.conservation_accepted(), balance.accepted));
    for (place, count) in &balance.places {
        show::line(&format!("  {:<16} {count}", name(*place, speech)));
    }
    for (label, ids) in
        [(speech.conservation_lost(), &balance.lost), (speech.conservation_doubled(), &balance.doubled)]
    {
        show::line(&format!("{label}: {}", ids.len()));
        ids.iter().take(NAMED).for_each(|id| show::line(&format!("  {id}")));
    }
    // Refused at a subscriber: what follows for the same application waits behind it.
    show::line(&format!("{}: {parked}", speech.conservation_parked_events()));
    let label = speech.conservation_board();
    match board {
        BoardState::Even => show::line(&format!("{label}: {}", speech.conservation_adds_up())),
        BoardState::Unknown(reason) => {
            let told = Some(reason)
                .filter(|_| speech.language() == Language::Vi)
                .and_then(|it| phidia_words::reason(it));
            let told = told.unwrap_or(reason);
            show::line(&format!("{label}: {} ({told})", speech.conservation_not_compared()));
        }
        BoardState::Drifting(drifts) => {
            let minutes = board.drift_minutes().unwrap_or_default();
            let lead = speech.conservation_differs_from_the_open_work_by();
            show::line(&format!("{label}: {lead} {}", show::minutes(speech, minutes)));
            for drift in drifts.iter().take(NAMED) {
                let (stored, board) = (drift.stored_items, drift.board_items);
                let (open, counted) = (speech.conservation_open(), speech.conservation_on_the_board());
                let minutes = show::minutes(speech, drift.minutes);
                show::line(&format!("  {}: {stored} {open}, {board} {counted}, {minutes}", drift.unit_id));
            }
        }
    }
}
