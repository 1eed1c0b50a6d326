//! `phidia referral …`

use std::process::ExitCode;

use phidia_domain::caller::Role;
use phidia_proto::{
    processing::v1::{
        AcknowledgeReferralRequest, AnswerReferralRequest, ListReferralsRequest, RecallReferralRequest,
        ReferCaseRequest, Referral as ReferralMessage, ReferralSide, ReferralState,
        referral_service_client::ReferralServiceClient,
    },
    types::v1::ReferralKind as KindMessage,
};
use phidia_runtime::peer::Peer;
use phidia_words::Words;

use crate::{
    client::Client,
    command::{Referral, ReferralKind},
    show::{self, Zone},
};

pub(crate) async fn run(client: &Client<'_>, verb: Referral) -> anyhow::Result<ExitCode> {
    match verb {
        Referral::Ask { work_item, fence, kind, units, question, days } => {
            let kind = match kind {
                ReferralKind::Verification => KindMessage::Verification,
                ReferralKind::Agency => KindMessage::Agency,
            };
            let request = ReferCaseRequest {
                work_item: Some(super::work_item(&work_item)?),
                fence,
                kind: kind.into(),
                unit_codes: units,
                question,
                working_days: days,
            };
            ask(client, request).await?;
        }
        Referral::List { unit, asked, all } => list(client, unit, asked, all).await?,
        Referral::Acknowledge { id } => {
            let request = AcknowledgeReferralRequest { referral_id: id };
            let answer = service(client).await?.acknowledge_referral(request).await?.into_inner();
            if client.json() {
                return json("phidia.processing.v1.AcknowledgeReferralResponse", &answer);
            }
            print(client, answer.referral.as_slice(), "").await;
        }
        Referral::Answer { id, answer } => {
            let request = AnswerReferralRequest { referral_id: id, answer };
            let answer = service(client).await?.answer_referral(request).await?.into_inner();
            if client.json() {
                return json("phidia.processing.v1.AnswerReferralResponse", &answer);
            }
            print(client, answer.referral.as_slice(), "").await;
        }
        Referral::Recall { id } => {
            let request = RecallReferralRequest { referral_id: id };
            let answer = service(client).await?.recall_referral(request).await?.into_inner();
            if client.json() {
                return json("phidia.processing.v1.RecallReferralResponse", &answer);
            }
            print(client, answer.referral.as_slice(), "").await;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn service(client: &Client<'_>) -> anyhow::Result<ReferralServiceClient<Peer>> {
    let usual = if client.is_officer() { Role::Officer } else { Role::Supervisor };
    Ok(ReferralServiceClient::new(client.peer(usual).await?))
}

fn json(name: &str, message: &impl prost::Message) -> anyhow::Result<ExitCode> {
    show::json(name, message)?;
    Ok(ExitCode::SUCCESS)
}

async fn ask(client: &Client<'_>, request: ReferCaseRequest) -> anyhow::Result<()> {
    let mut referrals = ReferralServiceClient::new(client.peer(Role::Officer).await?);
    let answer = referrals.refer_case(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.ReferCaseResponse", &answer);
    }
    print(client, &answer.referrals, "").await;
    Ok(())
}

async fn list(client: &Client<'_>, unit_code: String, asked: bool, all: bool) -> anyhow::Result<()> {
    // Theirs is named too: by its code the server knows whether there is such a unit.
    let unit_code = if unit_code.is_empty() { client.own_unit() } else { unit_code };
    let side = if asked { ReferralSide::AskedBy } else { ReferralSide::Unspecified };
    let request = ListReferralsRequest {
        unit_code,
        side: side.into(),
        all,
        page_size: 200,
        ..ListReferralsRequest::default()
    };
    let answer = service(client).await?.list_referrals(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.ListReferralsResponse", &answer);
    }
    print(client, &answer.referrals, &answer.next_page_token).await;
    Ok(())
}

async fn print(client: &Client<'_>, referrals: &[ReferralMessage], next_page_token: &str) {
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = referrals.iter().map(|referral| row(speech, &zone, referral)).collect();
    let headings = [speech.referral_answer_due_state(), speech.referral_dossier_who_asks_whom_what()];
    show::page(speech, &headings, rows, next_page_token);
}

fn row(speech: Words, zone: &Zone, referral: &ReferralMessage) -> Vec<String> {
    let state = match referral.state() {
        ReferralState::Unspecified => "–",
        ReferralState::Open if referral.acknowledged_at.is_some() => speech.referral_acknowledged(),
        ReferralState::Open => speech.referral_open(),
        ReferralState::Answered => speech.term_answered(),
        ReferralState::Recalled => speech.term_taken_back(),
        ReferralState::Moot => speech.referral_the_case_has_ended(),
    };
    let late = if referral.late { speech.referral_late() } else { "" };
    let name = |unit| show::text(speech, unit);
    let (from, to) = (name(referral.from_unit_name.as_ref()), name(referral.to_unit_name.as_ref()));
    let kind = match referral.kind() {
        KindMessage::Verification => speech.referral_to_verify(),
        KindMessage::Agency => speech.referral_for_its_part(),
        KindMessage::Unspecified => "–",
    };
    let mut lines = vec![
        format!("{}  {}", referral.dossier_code, referral.referral_id),
        format!("{from} → {to}: {kind}"),
        referral.question.clone(),
    ];
    if !referral.answer.is_empty() {
        lines.push(format!("{}: {}", speech.referral_answer(), referral.answer));
    }
    vec![format!("{}\n{state}{late}", zone.instant(referral.due_at.as_ref())), lines.join("\n")]
}
