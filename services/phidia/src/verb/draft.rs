//! `phidia draft …`

use std::process::ExitCode;

use phidia_domain::{caller::Role, id::EventId};
use phidia_proto::intake::v1::{
    CheckApplicationRequest, DeleteDraftRequest, Draft as DraftMessage, GetDraftRequest, ListDraftsRequest,
    SaveDraftRequest, SubmitDraftRequest, application_service_client::ApplicationServiceClient,
    check_application_request::What, draft_service_client::DraftServiceClient,
};
use phidia_runtime::{clock::RealClock, ids::Ids, peer::Peer};
use phidia_words::Words;

use super::dossier::{print_checked, print_receipt, print_submitted};
use super::{application, attachment};
use crate::{
    client::Client,
    command::{Dossier, Draft, ListDrafts, SetDraft},
    ending::Ending,
    show::{self, Zone},
    spool::Spool,
};

pub(crate) async fn run(client: &Client<'_>, verb: Draft) -> anyhow::Result<ExitCode> {
    match verb {
        Draft::New(dossier) => {
            let application = Some(application::begun(client));
            save(client, SaveDraftRequest { application, ..Default::default() }, *dossier).await?;
        }
        Draft::Set(options) => {
            let SetDraft { draft_id, dossier } = *options;
            let asked = GetDraftRequest { draft_id: draft_id.clone() };
            let answer = drafts(client).await?.get_draft(asked).await?.into_inner();
            let revision = answer.draft.map_or(0, |draft| draft.revision);
            let request = SaveDraftRequest { draft_id, revision, application: answer.application };
            save(client, request, dossier).await?;
        }
        Draft::Show { draft_id } => show_one(client, draft_id).await?,
        Draft::List(options) => list(client, options).await?,
        Draft::Check { draft_id } => return check(client, What::DraftId(draft_id)).await,
        Draft::Submit { draft_id, revision, folder: Some(folder), received_at } => {
            let spool = Spool::open(&folder)?;
            let unit = received_at.unwrap_or_else(|| client.own_unit());
            let item = spool.keep_draft(&draft_id, revision, unit)?;
            return super::spool::tell_of_one(client, &spool, &item).await;
        }
        Draft::Submit { draft_id, revision, folder: None, .. } => submit(client, draft_id, revision).await?,
        Draft::Delete { draft_id } => {
            let answer = drafts(client).await?.delete_draft(DeleteDraftRequest { draft_id }).await?;
            match client.json() {
                true => show::json("phidia.intake.v1.DeleteDraftResponse", &answer.into_inner())?,
                false => show::line(client.speech().draft_the_draft_is_thrown_away()),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Whoever names no officer is a citizen, as for `application submit`.
fn role(client: &Client<'_>) -> Role {
    if client.is_officer() { Role::Officer } else { Role::Citizen }
}

async fn drafts(client: &Client<'_>) -> anyhow::Result<DraftServiceClient<Peer>> {
    Ok(DraftServiceClient::new(client.peer(role(client)).await?))
}

async fn save(client: &Client<'_>, mut request: SaveDraftRequest, dossier: Dossier) -> anyhow::Result<()> {
    let application = request.application.get_or_insert_default();
    dossier.say_in(application)?;
    // Whoever saves has uploaded. Of the same draft the same files are found again.
    let purpose = match request.draft_id.as_str() {
        "" => Ids::random().mint::<EventId>(RealClock.now()).to_string(),
        id => id.to_owned(),
    };
    attachment::upload_named(client, &mut application.documents, &purpose).await?;
    let answer = drafts(client).await?.save_draft(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.SaveDraftResponse", &answer);
    }
    if let Some(draft) = &answer.draft {
        print(client.speech(), &client.zone().await, draft);
    }
    Ok(())
}

async fn show_one(client: &Client<'_>, draft_id: String) -> anyhow::Result<()> {
    let answer = drafts(client).await?.get_draft(GetDraftRequest { draft_id }).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.GetDraftResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    if let Some(draft) = &answer.draft {
        print(speech, &zone, draft);
    }
    if let Some(receipt) = &answer.receipt {
        print_receipt(speech, &zone, receipt);
    }
    if let Some(application) = &answer.application {
        // What is said is said as it will be sent.
        show::json("phidia.intake.v1.SubmitApplicationRequest", application)?;
    }
    Ok(())
}

async fn list(client: &Client<'_>, options: ListDrafts) -> anyhow::Result<()> {
    let ListDrafts { of_unit, limit, after } = options;
    let request = ListDraftsRequest { page_size: limit, page_token: after, of_unit };
    let answer = drafts(client).await?.list_drafts(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ListDraftsResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.drafts.iter().map(|draft| {
        vec![draft.draft_id.clone(), draft.procedure_code.clone(), zone.instant(draft.saved_at.as_ref())]
    });
    let headings = [speech.draft_draft(), speech.term_procedure(), speech.draft_saved()];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(())
}

/// Says what would come of an application. What is wrong with it is the process's answer, too.
pub(super) async fn check(client: &Client<'_>, what: What) -> anyhow::Result<ExitCode> {
    let mut applications = ApplicationServiceClient::new(client.peer(role(client)).await?);
    let request = CheckApplicationRequest { what: Some(what) };
    let answer = applications.check_application(request).await?.into_inner();
    match client.json() {
        true => show::json("phidia.intake.v1.CheckApplicationResponse", &answer)?,
        false => print_checked(client.speech(), &client.zone().await, &answer),
    }
    Ok(Ending::of(answer.faults.is_empty()).into())
}

async fn submit(client: &Client<'_>, draft_id: String, revision: i64) -> anyhow::Result<()> {
    let request = SubmitDraftRequest { draft_id, revision, issued: None };
    let answer = drafts(client).await?.submit_draft(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.SubmitDraftResponse", &answer);
    }
    if let Some(submitted) = &answer.submitted {
        print_submitted(client.speech(), &client.zone().await, submitted);
    }
    Ok(())
}

fn print(speech: Words, zone: &Zone, draft: &DraftMessage) {
    let mut facts = vec![
        (speech.draft_draft(), draft.draft_id.clone()),
        (speech.draft_revision(), draft.revision.to_string()),
        (speech.draft_saved(), zone.instant(draft.saved_at.as_ref())),
        (speech.draft_kept_until(), zone.instant(draft.kept_until.as_ref())),
    ];
    if !draft.application_id.is_empty() {
        facts.push((speech.draft_handed_in_as(), draft.application_id.clone()));
    }
    show::facts(facts);
}
