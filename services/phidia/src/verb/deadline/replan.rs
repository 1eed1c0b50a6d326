//! `phidia deadline replan`

use std::{process::ExitCode, time::Duration};

use phidia_domain::caller::Role;
use phidia_proto::processing::v1::{
    ReplanDeadlinesRequest, ReplanDeadlinesResponse, ReplanOutcome, ReplanTotals, ReplannedDeadline,
    case_service_client::CaseServiceClient,
};
use phidia_words::Words;
use tonic::{Code, Status};

use crate::{
    client::Client,
    show::{self, Zone},
};

/// After these a page is asked for again.
const PASSES: [Code; 3] = [Code::Unavailable, Code::DeadlineExceeded, Code::ResourceExhausted];
/// So many times, and then it is given up.
const TRIES: u32 = 5;
/// How long to wait before.
const PAUSE: Duration = Duration::from_secs(1);

/// Shows the difference, and then promises those dates where a decision is named.
pub(super) async fn run(
    client: &Client<'_>,
    decision: Option<String>,
    allow_earlier: bool,
) -> anyhow::Result<ExitCode> {
    let tried = ReplanDeadlinesRequest { validate_only: true, allow_earlier, ..Default::default() };
    let Pages { told: difference, refused } = all(client, tried).await?;
    if let Some(refused) = refused {
        return Err(refused.into());
    }
    let Some(decision) = decision else {
        if client.json() {
            show::json("phidia.processing.v1.ReplanDeadlinesResponse", &difference)?;
        } else {
            print(client, &difference).await;
        }
        return Ok(ExitCode::SUCCESS);
    };
    if !client.json() {
        print(client, &difference).await;
    }
    // By the version that was looked at, and by no other.
    let province_version = difference.province_version;
    let wanted = ReplanDeadlinesRequest { decision, allow_earlier, province_version, ..Default::default() };
    let Pages { told: applied, refused } = all(client, wanted).await?;
    // Also what was promised before one page was refused: it stays so.
    if client.json() {
        show::json("phidia.processing.v1.ReplanDeadlinesResponse", &applied)?;
    } else {
        let speech = client.speech();
        show::line(speech.deadline_promised_from_now_on());
        print_totals(speech, &applied.totals.unwrap_or_default());
    }
    refused.map_or(Ok(ExitCode::SUCCESS), |refused| Err(refused.into()))
}

/// All pages as one, or as many as there were until one was refused, and why.
struct Pages {
    told: ReplanDeadlinesResponse,
    refused: Option<Status>,
}

/// Asks for page after page. One that nobody answers is asked for again: what it has promised already is told once more, and counts.
async fn all(client: &Client<'_>, mut request: ReplanDeadlinesRequest) -> anyhow::Result<Pages> {
    let mut cases = CaseServiceClient::new(client.peer(Role::Operator).await?);
    let mut told = ReplanDeadlinesResponse { totals: Some(ReplanTotals::default()), ..Default::default() };
    let mut tries = 0;
    loop {
        match cases.replan_deadlines(request.clone()).await {
            Ok(page) => {
                let page = page.into_inner();
                told.deadlines.extend(page.deadlines);
                told.totals = Some(added(told.totals.unwrap_or_default(), page.totals.unwrap_or_default()));
                told.province_version = page.province_version;
                (request.province_version, request.page_token) =
                    (page.province_version, page.next_page_token);
                if request.page_token.is_empty() {
                    return Ok(Pages { told, refused: None });
                }
                tries = 0;
            }
            Err(status) if PASSES.contains(&status.code()) && tries < TRIES => {
                tries += 1;
                tokio::time::sleep(PAUSE).await;
            }
            Err(status) => return Ok(Pages { told, refused: Some(status) }),
        }
    }
}

fn added(one: ReplanTotals, other: ReplanTotals) -> ReplanTotals {
    ReplanTotals {
        later: one.later + other.later,
        earlier: one.earlier + other.earlier,
        kept: one.kept + other.kept,
        same: one.same + other.same,
        unexplained: one.unexplained + other.unexplained,
        without_promise: one.without_promise + other.without_promise,
    }
}

async fn print(client: &Client<'_>, difference: &ReplanDeadlinesResponse) {
    let (speech, zone) = (client.speech(), client.zone().await);
    let version = difference.province_version;
    show::line(&speech.deadline_by_the_days_off_of_version(version));
    let rows = difference.deadlines.iter().map(|deadline| row(speech, &zone, deadline)).collect();
    let headings = [
        speech.term_dossier(),
        speech.deadline_promised(),
        speech.deadline_re_planned(),
        speech.deadline_so(),
    ];
    show::page(speech, &headings, rows, "");
    print_totals(speech, &difference.totals.unwrap_or_default());
}

fn row(speech: Words, zone: &Zone, deadline: &ReplannedDeadline) -> Vec<String> {
    let both = |due_at: Option<&_>, appointment_at: Option<&_>| match appointment_at {
        None => zone.instant(due_at),
        Some(appointment_at) => {
            let again = speech.deadline_new_appointment();
            format!("{}\n{again} {}", zone.instant(due_at), zone.instant(Some(appointment_at)))
        }
    };
    let so = match deadline.outcome() {
        ReplanOutcome::Unspecified => "–",
        ReplanOutcome::Later => speech.deadline_later(),
        ReplanOutcome::Earlier => speech.deadline_earlier(),
        ReplanOutcome::Kept => speech.deadline_stays_not_shortened(),
        ReplanOutcome::BeforeNow => speech.deadline_stays_it_has_passed(),
        ReplanOutcome::Unexplained => speech.deadline_stays_unexplained(),
    };
    vec![
        format!("{}\n{}", deadline.dossier_code, deadline.application_id),
        both(deadline.previous_due_at.as_ref(), deadline.previous_appointment_at.as_ref()),
        both(deadline.due_at.as_ref(), deadline.appointment_at.as_ref()),
        so.to_owned(),
    ]
}

fn print_totals(speech: Words, totals: &ReplanTotals) {
    let ReplanTotals { later, earlier, kept, same, unexplained, without_promise } = totals;
    show::line(&speech.deadline_later_earlier_kept_though_they_would_be(
        earlier,
        kept,
        later,
        same,
        unexplained,
        without_promise,
    ));
}
