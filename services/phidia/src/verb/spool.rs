//! `phidia spool …`: what is on its way from this machine.

use std::{process::ExitCode, time::Duration};

use anyhow::Context as _;
use futures::stream;
use jiff::Timestamp;
use phidia_domain::{Kind, Rejection, caller::Role};
use phidia_proto::{
    convert::wire_timestamp,
    intake::v1::{
        Receipt, SubmitApplicationRequest, SubmitApplicationsRequest, SubmitDraftRequest,
        application_service_client::ApplicationServiceClient, draft_service_client::DraftServiceClient,
        submit_applications_response::Outcome,
    },
};
use phidia_runtime::{clock::RealClock, status};
use phidia_words::Words;
use serde_json::json;
use tonic::Status;

use super::{application, attachment, dossier::print_receipt};
use crate::{
    client::Client,
    command::{self, Dossier},
    ending::Ending,
    refusal,
    show::{self, Zone},
    spool::{Item, ItemFile, Scan, Spool},
};

/// So long nothing comes over a line before it is taken for dropped.
const SILENCE: Duration = Duration::from_secs(15);

/// So many are handed over at once, their files before them: what is uploaded and belongs to no application yet is limited.
const AT_ONCE: usize = 20;

/// What became of what was handed over.
#[derive(Default)]
pub(super) struct Handed {
    /// Each with the id of its item, in the order of the answers.
    pub(super) accepted: Vec<(String, Receipt)>,
    pub(super) refused: Vec<(String, Rejection)>,
    /// Why it went no further.
    pub(super) ended: Option<anyhow::Error>,
}

pub(crate) async fn run(client: &Client<'_>, verb: command::Spool) -> anyhow::Result<ExitCode> {
    match verb {
        command::Spool::List { spool } => list(client, &Spool::open(&spool.folder)?),
        command::Spool::Send { spool, ids } => send(client, &Spool::open(&spool.folder)?, &ids).await,
        command::Spool::Show { spool, id } => {
            let spool = Spool::open(&spool.folder)?;
            let request = spool.request(&spool.item(&id)?)?;
            show::json("phidia.intake.v1.SubmitApplicationRequest", &request)?;
            Ok(ExitCode::SUCCESS)
        }
        command::Spool::Set(options) => {
            let command::SetItem { spool, id, dossier } = *options;
            set(client, &Spool::open(&spool.folder)?, &id, dossier)
        }
        command::Spool::Discard { spool, id } => discard(client, &Spool::open(&spool.folder)?, &id),
    }
}

fn list(client: &Client<'_>, spool: &Spool) -> anyhow::Result<ExitCode> {
    let (items, left, now) = (spool.items()?, spool.codes().left()?, RealClock.now());
    let actor = client.actor(usual(client));
    let speech = client.speech();
    if client.json() {
        let items: Vec<_> = items.iter().map(|item| as_json(item, now, &actor)).collect();
        let left: Vec<_> = (left.iter())
            .map(|(day, unit, left)| json!({ "day": day, "receivedAtCode": unit, "left": left }))
            .collect();
        show::object(&json!({ "items": items, "codes": left }))?;
        return Ok(ExitCode::SUCCESS);
    }
    // Shown without a line, too: no province tells its zone, but its codes may.
    let zone = spool.codes().time_zone()?.map_or_else(Zone::utc, |name| Zone::named(&name));
    let rows = items.iter().map(|item| {
        vec![
            item.id.clone(),
            item.dossier_code.clone(),
            if item.draft_id.is_empty() { &item.procedure_code } else { &item.draft_id }.clone(),
            zone.instant(item.kept_at.as_ref()),
            state(speech, item, now, &actor),
        ]
    });
    let headings = [
        "id",
        speech.spool_dossier_code(),
        speech.spool_procedure_draft(),
        speech.spool_kept(),
        speech.spool_state(),
    ];
    show::page(speech, &headings, rows.collect(), "");
    for (day, unit, left) in left {
        show::line(&speech.spool_codes_of_unit_are_left_for(&day, left, &unit));
    }
    Ok(ExitCode::SUCCESS)
}

/// How an item stands, for a program.
fn state_name(item: &Item, now: Timestamp, actor: &str) -> &'static str {
    match &item.refusal {
        Some(_) => "refused",
        None if item.is_unsure(now, actor) => "unsure",
        None => "waiting",
    }
}

fn state(speech: Words, item: &Item, now: Timestamp, actor: &str) -> String {
    match (state_name(item, now, actor), &item.refusal) {
        ("unsure", _) => speech.spool_sent_long_ago_or_by_somebody_else().to_owned(),
        (_, Some(refusal)) => {
            let told = refusal::sentence(&status::from_message(refusal), speech);
            format!("{}: {told}", speech.spool_refused())
        }
        _ => speech.term_waiting().to_owned(),
    }
}

fn as_json(item: &Item, now: Timestamp, actor: &str) -> serde_json::Value {
    let refusal = item.refusal.as_ref().map(status::from_message);
    json!({
        "id": item.id,
        "dossierCode": item.dossier_code,
        "draftId": item.draft_id,
        "procedureCode": item.procedure_code,
        "receivedAtCode": item.received_at_code,
        "state": state_name(item, now, actor),
        "reason": refusal.map(|refusal| refusal.reason).unwrap_or_default(),
    })
}

async fn send(client: &Client<'_>, spool: &Spool, ids: &[String]) -> anyhow::Result<ExitCode> {
    for id in ids {
        spool.item(id)?;
    }
    let speech = client.speech();
    let Some(handed) = hand_over(client, spool, ids).await? else { return Err(being_sent().into()) };
    let waiting = spool.items()?.len();
    if client.json() {
        let accepted: Vec<_> = (handed.accepted.iter())
            .map(|(id, receipt)| {
                json!({ "id": id, "dossierCode": receipt.dossier_code, "applicationId": receipt.application_id })
            })
            .collect();
        let refused: Vec<_> = (handed.refused.iter())
            .map(|(id, refusal)| json!({ "id": id, "reason": refusal.reason, "message": refusal.message }))
            .collect();
        let report = json!({ "accepted": accepted, "refused": refused, "left": waiting });
        show::object(&report)?;
    } else {
        for (id, receipt) in &handed.accepted {
            let code = &receipt.dossier_code;
            show::line(&format!("{id}: {} {code}", speech.spool_accepted()));
        }
        for (id, refusal) in &handed.refused {
            let told = refusal::sentence(refusal, speech);
            show::line(&format!("{id}: {} {told}", speech.spool_refused_2()));
        }
        show::line(&speech.spool_left_in_the_spool(waiting));
    }
    match handed.ended {
        Some(error) => Err(error),
        None => Ok(Ending::of(waiting == 0).into()),
    }
}

/// Says otherwise of one what is named here. What may have been accepted without an answer stays as it is: it would be another application.
fn set(client: &Client<'_>, spool: &Spool, id: &str, dossier: Dossier) -> anyhow::Result<ExitCode> {
    let Some(_sending) = spool.hold_for_sending()? else { return Err(being_sent().into()) };
    let item = spool.item(id)?;
    if item.tried_at.is_some() && item.refusal.is_none() {
        let message = "it was sent without an answer, and may have been accepted; send it first";
        return Err(Rejection::new(Kind::Precondition, "SENT_WITHOUT_ANSWER", message).into());
    }
    if !item.draft_id.is_empty() {
        let message = "what it says is said in its draft: `phidia draft set`";
        return Err(Rejection::new(Kind::Precondition, "DRAFT_IN_SPOOL", message).into());
    }
    let mut request = spool.request(&item)?;
    let (unit, papers_anew) = (request.received_at_code.clone(), !dossier.documents.is_empty());
    dossier.say_in(&mut request)?;
    if request.issued.is_some() && request.received_at_code != unit {
        let message = "its code is of the unit that accepted it";
        return Err(Rejection::new(Kind::Precondition, "CODE_OF_ANOTHER_UNIT", message).into());
    }
    let scans = if papers_anew {
        application::scans(&mut request)?
    } else {
        (0..item.files.len()).map(|number| spool.scan(&item, number)).collect::<Result<_, _>>()?
    };
    let item = spool.keep_instead(&item, request, scans)?;
    if client.json() {
        let report = as_json(&item, RealClock.now(), &client.actor(usual(client)));
        show::object(&report)?;
        return Ok(ExitCode::SUCCESS);
    }
    let id = &item.id;
    show::line(&client.speech().spool_it_is_kept_as_now_run_phidia(id));
    Ok(ExitCode::SUCCESS)
}

fn discard(client: &Client<'_>, spool: &Spool, id: &str) -> anyhow::Result<ExitCode> {
    // Not under the hands of whoever hands it over.
    let Some(_sending) = spool.hold_for_sending()? else { return Err(being_sent().into()) };
    spool.discard(id)?;
    let told = client.speech().spool_is_thrown_away_it_will_not_be(id);
    match client.json() {
        true => show::object(&json!({ "discarded": id }))?,
        false => show::line(&told),
    }
    Ok(ExitCode::SUCCESS)
}

fn being_sent() -> Rejection {
    let message = "another process is handing over from this folder";
    Rejection::new(Kind::Conflict, "BEING_SENT", message)
}

/// Hands over what waits, or what is named, until nothing new waits or the line drops. None: somebody else is doing so.
pub(super) async fn hand_over(
    client: &Client<'_>,
    spool: &Spool,
    ids: &[String],
) -> anyhow::Result<Option<Handed>> {
    let Some(_sending) = spool.hold_for_sending()? else { return Ok(None) };
    spool.clean()?;
    let actor = client.actor(usual(client));
    let mut handed = Handed::default();
    let mut asked = Vec::new();
    loop {
        let now = RealClock.now();
        let wanted = |item: &Item| match ids {
            [] => item.is_ready(now, &actor),
            named => named.contains(&item.id),
        };
        // What was written down while others were sent comes next.
        let mut items: Vec<_> =
            (spool.items()?.into_iter()).filter(|item| wanted(item) && !asked.contains(&item.id)).collect();
        items.truncate(AT_ONCE);
        if items.is_empty() {
            return Ok(Some(handed));
        }
        asked.extend(items.iter().map(|item| item.id.clone()));
        if let Err(error) = hand_over_these(client, spool, items, &mut handed).await {
            handed.ended = Some(error);
            return Ok(Some(handed));
        }
    }
}

async fn hand_over_these(
    client: &Client<'_>,
    spool: &Spool,
    items: Vec<Item>,
    handed: &mut Handed,
) -> anyhow::Result<()> {
    let usual = usual(client);
    let mut applications = ApplicationServiceClient::new(client.peer(usual).await?);
    // Somebody is there.
    client.time_zone().await?;
    let (drafts, items): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| !item.draft_id.is_empty());
    for item in drafts {
        hand_in_draft(client, spool, item, handed).await?;
    }
    let mut requests = Vec::with_capacity(items.len());
    let mut whole = Vec::with_capacity(items.len());
    for mut item in items {
        match with_files(client, usual, spool, &mut item).await {
            Ok(application) => {
                requests.push(SubmitApplicationsRequest { application: Some(application) });
                whole.push(item);
            }
            Err(error) => {
                // What is wrong with a file keeps none of the others.
                let refusal = refused(error)?;
                item.refusal = Some(status::to_message(&refusal));
                spool.save(&item)?;
                handed.refused.push((item.id, refusal));
            }
        }
    }
    // From now on these may be accepted without our knowing, which is written down before.
    for item in whole.iter_mut().filter(|item| item.tried_at.is_none()) {
        item.tried_at = Some(wire_timestamp(RealClock.now()));
        item.tried_by = client.actor(usual);
        spool.save(item)?;
    }
    let dropped = || {
        let message = "nothing came over the line for too long";
        status::to_status(&Rejection::new(Kind::Unavailable, "LINE_DROPPED", message))
    };
    let answers = applications.submit_applications(stream::iter(requests));
    let mut answers = tokio::time::timeout(SILENCE, answers).await.map_err(|_| dropped())??.into_inner();
    for mut item in whole {
        let answer = tokio::time::timeout(SILENCE, answers.message()).await.map_err(|_| dropped())??;
        let answer = answer.and_then(|answer| answer.outcome).context("the answers ended too soon")?;
        match answer {
            Outcome::Receipt(receipt) => {
                spool.discard(&item.id)?;
                handed.accepted.push((item.id, receipt));
            }
            Outcome::Refusal(refusal) => {
                let told = status::from_message(&refusal);
                if told.reason == "UNKNOWN_ATTACHMENT" {
                    // What was uploaded is kept for some days only, and was not used: sent by its id, it is uploaded anew.
                    item.forget_uploads();
                }
                handed.refused.push((item.id.clone(), told));
                item.refusal = Some(refusal);
                spool.save(&item)?;
            }
        }
    }
    Ok(())
}

/// Hands in the draft that an item names: it becomes one application, however often that is asked for.
async fn hand_in_draft(
    client: &Client<'_>,
    spool: &Spool,
    mut item: Item,
    handed: &mut Handed,
) -> anyhow::Result<()> {
    let issued = spool.request(&item)?.issued;
    let (draft_id, revision) = (item.draft_id.clone(), item.draft_revision);
    let request = SubmitDraftRequest { draft_id, revision, issued };
    let mut drafts = DraftServiceClient::new(client.peer(usual(client)).await?);
    match drafts.submit_draft(request).await {
        Ok(answer) => {
            let receipt = answer.into_inner().submitted.and_then(|submitted| submitted.receipt);
            spool.discard(&item.id)?;
            handed.accepted.push((item.id, receipt.context("an answer without a receipt")?));
        }
        Err(status) => {
            let told = status::from_status(&status);
            // Somebody has to look at what it says by now; the others do not wait for that.
            let refusal = if told.reason == "DRAFT_CHANGED" { told } else { refused(status.into())? };
            item.refusal = Some(status::to_message(&refusal));
            spool.save(&item)?;
            handed.refused.push((item.id, refusal));
        }
    }
    Ok(())
}

/// As whom a centre hands over.
fn usual(client: &Client<'_>) -> Role {
    match (client.is_officer(), client.own_unit().is_empty()) {
        (true, _) => Role::Officer,
        (false, false) => Role::Supervisor,
        (false, true) => Role::System,
    }
}

/// What an item asks for, with its files uploaded. Which they are is written down: it asks for the same whenever it is sent again.
async fn with_files(
    client: &Client<'_>,
    by: Role,
    spool: &Spool,
    item: &mut Item,
) -> anyhow::Result<SubmitApplicationRequest> {
    let mut request = spool.request(item)?;
    for number in 0..item.files.len() {
        if item.files[number].attachment_id.is_empty() {
            let Scan { name, bytes, .. } = spool.scan(item, number)?;
            item.files[number].attachment_id = attachment::kept(client, by, name, bytes, &item.id).await?;
            spool.save(item)?;
        }
        let ItemFile { document, attachment_id } = item.files[number].clone();
        let document = request.documents.get_mut(usize::try_from(document)?);
        document.context("a file of no document")?.attachment_ids.push(attachment_id);
    }
    Ok(request)
}

/// Why something cannot be handed over as it is.
///
/// # Errors
/// What may go well at another time.
fn refused(error: anyhow::Error) -> anyhow::Result<Rejection> {
    let told = error.downcast_ref::<Status>().map(status::from_status);
    let Some(refusal) = told.or_else(|| error.downcast_ref::<Rejection>().cloned()) else {
        // It lies here: its bytes do not open, or cannot be read.
        let message = format!("what is kept of it is damaged: {error:#}");
        return Ok(Rejection::new(Kind::Precondition, "DAMAGED_IN_SPOOL", message));
    };
    match refusal.kind {
        Kind::Unavailable | Kind::Deadline | Kind::Exhausted | Kind::Conflict | Kind::Internal => Err(error),
        _ => Ok(refusal),
    }
}

/// Tells of one that was just written down: its receipt, why it was refused, or that it waits. What is refused at the counter leaves the
/// spool: whoever handed it in is still there.
pub(super) async fn tell_of_one(client: &Client<'_>, spool: &Spool, item: &Item) -> anyhow::Result<ExitCode> {
    let handed = hand_over(client, spool, &[]).await?.unwrap_or_default();
    let speech = client.speech();
    if let Some((_, refusal)) = handed.refused.into_iter().find(|(id, _)| *id == item.id) {
        spool.discard(&item.id)?;
        return Err(refusal.into());
    }
    let receipt = handed.accepted.into_iter().find(|(id, _)| *id == item.id).map(|(_, receipt)| receipt);
    if client.json() {
        let report = match &receipt {
            Some(receipt) => {
                return show::json("phidia.intake.v1.Receipt", receipt).map(|()| ExitCode::SUCCESS);
            }
            None => as_json(item, RealClock.now(), &client.actor(usual(client))),
        };
        show::object(&report)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(receipt) = receipt {
        print_receipt(speech, &client.zone().await, &receipt);
        return Ok(ExitCode::SUCCESS);
    }
    let issued = spool.request(item)?.issued.unwrap_or_default();
    if issued.dossier_code.is_empty() {
        show::line(speech.spool_the_application_is_kept_it_gets_its());
    } else {
        show::facts(vec![
            (speech.term_dossier_code(), issued.dossier_code),
            (speech.term_check_code(), issued.check_code),
        ]);
        show::line(speech.spool_the_application_is_kept_this_code_is());
    }
    if let Some(error) = handed.ended {
        refusal::tell(&error, speech);
    }
    show::aside(speech.spool_it_is_not_handed_over_yet_run());
    Ok(ExitCode::SUCCESS)
}
