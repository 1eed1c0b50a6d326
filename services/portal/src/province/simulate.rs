//! What was really decided, played under another policy. It takes a while, and tells how far it is.
//!
//! Whoever begins it is led to a page of its own, which shows how far it is until it shows what came of it. A game is known to the process
//! that plays it alone, and for a while after it has ended.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};
use phidia_proto::routing::v1::{
    DecisionTrace, FigureEstimate, GetPolicyRequest, LoadResult, SimulateRequest, SimulateResponse,
    SimulationProgress, TraceResult, policy_service_client::PolicyServiceClient,
    routing_service_client::RoutingServiceClient, simulate_request::Start, simulate_response::Answer,
};
use phidia_words::Words;
use tokio::sync::watch;
use tonic::{Request, Streaming};

use super::menu;
use crate::{
    Portal,
    form::{Faults, Fields, Posted, key_field},
    live::{self, Part},
    page::{Look, Page},
    part::{self, Column, table},
    services::soon,
    trouble::{self, Trouble},
    visitor::{Operating, Visitor},
};

pub(super) const PATH: &str = "/tinh/chinh-sach/thu";

/// What came of it can be looked at for so long.
const KEPT: Duration = Duration::from_secs(30 * 60);

/// What is played, or was a while ago, by what it is called in addresses.
#[derive(Debug, Default)]
pub(crate) struct Games(Mutex<HashMap<String, (Instant, watch::Receiver<Stands>)>>);

impl Games {
    fn known(&self) -> MutexGuard<'_, HashMap<String, (Instant, watch::Receiver<Stands>)>> {
        // Whoever panicked had only looked a name up.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, name: &str) -> Option<watch::Receiver<Stands>> {
        self.known().get(name).map(|(_, game)| game.clone())
    }

    fn keep(&self, name: String, game: watch::Receiver<Stands>) {
        let mut known = self.known();
        known.retain(|_, (begun, _)| begun.elapsed() < KEPT);
        known.insert(name, (Instant::now(), game));
    }
}

/// How far a game is.
#[derive(Clone, Debug)]
enum Stands {
    Playing(SimulationProgress),
    Ended(Arc<TraceResult>),
    Refused(Trouble),
}

pub(super) async fn show(State(portal): State<Portal>, who: Operating) -> Result<Page, Trouble> {
    let request = GetPolicyRequest { version: 0 };
    let holds = PolicyServiceClient::new(portal.routing(&who)).get_policy(soon(request)).await?.into_inner();
    let document = holds.policy.unwrap_or_default().document;
    Ok(page(&portal, &who, &document, &Fields::default(), &Faults::none()))
}

fn page(portal: &Portal, who: &Operating, document: &str, fields: &Fields, faults: &Faults) -> Page {
    let words = who.words;
    let title = words.web_province_play();
    let is_against_home = fields.text("so-voi") != "hien-nay";
    let main = html! {
        (menu(who))
        (faults.summary(words))
        h1 { (title) }
        p.lead { (words.web_province_play_why()) }
        form method="post" action=(PATH) {
            (key_field(portal, who, PATH))
            (part::area("van-ban", words.web_province_document_label(), Some(words.web_province_document_hint()), document, 24, faults))
            fieldset.choices {
                legend { (words.web_province_compared_with()) }
                (part::radio("so-voi", "tai-cho", words.web_province_all_at_home(), is_against_home))
                (part::radio("so-voi", "hien-nay", words.web_province_what_holds(), !is_against_home))
            }
            button { (words.web_province_begin_to_play()) }
        }
    };
    Page::new(title, main).with_look(Look::Work).with_faults(!faults.is_empty())
}

pub(super) async fn begin(
    State(portal): State<Portal>,
    posted: Posted<Operating>,
) -> Result<Response, Trouble> {
    match begun(&portal, &posted).await {
        Ok(name) => Ok(Redirect::to(&format!("{PATH}/{name}")).into_response()),
        Err(trouble) => {
            let faults = Faults::of(&posted.who, trouble)?.named(|field| {
                (field.starts_with("policy") || field.starts_with("trace.against"))
                    .then(|| "van-ban".to_owned())
            });
            let fields = posted.fields();
            Ok(page(&portal, &posted.who, fields.text("van-ban"), fields, &faults).into_response())
        }
    }
}

/// The name of the game; the same form begins one game only.
async fn begun(portal: &Portal, posted: &Posted<Operating>) -> Result<String, Trouble> {
    let sent = posted.sent()?;
    let name = sent.key.to_owned();
    if portal.0.games.find(&name).is_some() {
        return Ok(name);
    }
    let against = match sent.fields.text("so-voi") {
        "hien-nay" => {
            let request = GetPolicyRequest { version: 0 };
            let mut policies = PolicyServiceClient::new(portal.routing(&posted.who));
            policies.get_policy(soon(request)).await?.into_inner().policy.unwrap_or_default().document
        }
        _ => String::new(),
    };
    let trace = DecisionTrace { against, ..DecisionTrace::default() };
    let policy = sent.fields.text("van-ban").to_owned() + "\n";
    // It takes as long as it takes.
    let request = Request::new(SimulateRequest { policy, start: Some(Start::Trace(trace)) });
    let answers =
        RoutingServiceClient::new(portal.routing(&posted.who)).simulate(request).await?.into_inner();
    let (sender, game) = watch::channel(Stands::Playing(SimulationProgress::default()));
    portal.0.games.keep(name.clone(), game);
    let stop = portal.0.stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = follow(answers, &sender) => {}
        }
    });
    Ok(name)
}

async fn follow(mut answers: Streaming<SimulateResponse>, game: &watch::Sender<Stands>) {
    loop {
        let stands = match answers.message().await {
            Ok(Some(SimulateResponse { answer: Some(Answer::Progress(progress)) })) => {
                Stands::Playing(progress)
            }
            Ok(Some(SimulateResponse { answer: Some(Answer::Trace(result)) })) => {
                Stands::Ended(Arc::new(result))
            }
            Ok(Some(_)) => continue,
            Ok(None) => return,
            Err(status) => Stands::Refused(status.into()),
        };
        let has_ended = !matches!(stands, Stands::Playing(_));
        game.send_replace(stands);
        if has_ended {
            return;
        }
    }
}

pub(super) async fn show_one(
    State(portal): State<Portal>,
    who: Operating,
    Path(name): Path<String>,
) -> Result<Page, Trouble> {
    let words = who.words;
    let game = portal.0.games.find(&name).ok_or(Trouble::NoSuchPage)?;
    let stands = game.borrow().clone();
    let is_playing = matches!(stands, Stands::Playing(_));
    let title = words.web_province_play();
    let main = html! {
        (menu(&who))
        h1 { (title) }
        div data-live=[is_playing.then(|| format!("/song/thu/{name}"))] {
            div data-part="thu" aria-live="polite" { (drawn(&who, &stands)) }
        }
        p { a href=(PATH) { (words.web_province_play_again()) } }
    };
    let page = Page::new(title, main).with_look(Look::Work);
    Ok(if is_playing { page.with_refresh(2) } else { page })
}

/// How far it is, for whoever looks on.
pub(super) async fn watch(
    State(portal): State<Portal>,
    who: Operating,
    Path(name): Path<String>,
) -> Result<Response, Trouble> {
    let game = portal.0.games.find(&name).ok_or(Trouble::NoSuchPage)?;
    Ok(live::stream(&portal, game, move |stands| {
        let part = Part::new("thu", drawn(&who, &stands));
        async move { Ok(vec![part]) }
    }))
}

fn drawn(visitor: &Visitor, stands: &Stands) -> Markup {
    let words = visitor.words;
    match stands {
        Stands::Playing(SimulationProgress { steps, applications }) => html! {
            p role="status" { (words.web_province_played_so_far(*applications, *steps)) }
            progress aria-label=(words.web_province_play()) {}
        },
        Stands::Refused(Trouble::Refused(rejection)) => {
            html! { p.note role="alert" { (trouble::sentence(words, rejection)) } }
        }
        Stands::Refused(_) => html! { p.note role="alert" { (words.web_our_fault()) } },
        Stands::Ended(result) => played(visitor, result),
    }
}

fn played(visitor: &Visitor, result: &TraceResult) -> Markup {
    let words = visitor.words;
    let days = match result.first_day == result.last_day {
        true => words.day_of(&result.first_day),
        false => format!("{} – {}", words.day_of(&result.first_day), words.day_of(&result.last_day)),
    };
    let count = |count: u64| words.count(count);
    let columns = [
        Column::Words(words.web_province_figure()),
        Column::Numbers(&result.policy),
        Column::Numbers(&result.against),
        Column::Numbers(words.simulate_difference()),
    ];
    let empty = LoadResult::default();
    let figures = &result.played.as_ref().unwrap_or(&empty).figures;
    let mean = |estimate: &Option<FigureEstimate>| estimate.map(|estimate| estimate.mean).unwrap_or_default();
    let rows = html! {
        @for (name, form, label) in FIGURES {
            @if let Some(figure) = figures.get(name) {
                tr {
                    th scope="row" { (label(words)) }
                    td.number { (written(words, form, mean(&figure.policy))) }
                    td.number { (written(words, form, mean(&figure.against))) }
                    td.number { (written(words, form, mean(&figure.difference))) }
                }
            }
        }
    };
    html! {
        p {
            (words.simulate_the_log_of_decisions_decisions_on_steps(
                days, count(result.decisions), count(result.left_out_steps), count(result.steps),
            ))
        }
        (table(words.web_province_play(), &columns, &rows))
    }
}

/// How a figure is written.
#[derive(Clone, Copy)]
enum Form {
    Share,
    Count,
    Minutes,
    Index,
}

/// Those that are shown, in their order.
type Named = (&'static str, Form, fn(Words) -> &'static str);
const FIGURES: [Named; 16] = [
    ("on_time", Form::Share, Words::simulate_on_time),
    ("late", Form::Count, Words::simulate_late_applications),
    ("open", Form::Count, Words::simulate_unfinished_applications),
    ("mean_tardiness", Form::Minutes, Words::simulate_tardiness_mean),
    ("tardiness_p99", Form::Minutes, Words::simulate_tardiness_p99),
    ("wait_p50", Form::Minutes, Words::simulate_wait_until_taken_up_p50),
    ("wait_p99", Form::Minutes, Words::simulate_wait_until_taken_up_p99),
    ("moved_for_need", Form::Share, Words::simulate_moved_for_need),
    ("moved_for_gain", Form::Share, Words::simulate_moved_for_gain),
    ("rescued", Form::Share, Words::simulate_rescued),
    ("borrowed", Form::Share, Words::simulate_borrowed_share_of_the_work),
    ("utilisation", Form::Share, Words::simulate_utilisation_of_the_centres),
    ("jain_utilisation", Form::Index, Words::simulate_jain_of_utilisation),
    ("jain_on_time", Form::Index, Words::simulate_jain_of_on_time_share),
    ("worst_on_time", Form::Share, Words::simulate_on_time_at_the_worst_home),
    ("as_decided", Form::Share, Words::simulate_same_unit_as_was_decided),
];

#[expect(clippy::cast_possible_truncation, reason = "counts and minutes")]
fn written(words: Words, form: Form, value: f64) -> String {
    let sign = if value < 0.0 { "−" } else { "" };
    match form {
        Form::Share => words.share(value),
        Form::Count => words.count(value.round() as i64),
        Form::Minutes => format!("{sign}{}", words.span(value.round() as i64)),
        Form::Index => words.decimals(value, 3),
    }
}
