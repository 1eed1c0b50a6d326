//! `phidia application watch`

use std::{collections::HashSet, time::Duration};

use phidia_domain::caller::Role;
use phidia_proto::intake::v1::{
    HistoryLine, TrackApplicationResponse, WatchApplicationRequest,
    application_service_client::ApplicationServiceClient,
};
use phidia_words::Words;
use tonic::Code;

use crate::{
    client::Client,
    refusal,
    show::{self, Zone},
};

/// After these it is gone on: nobody is there for a moment, or the connection broke in the middle, which is told in several ways.
const PASSES: [Code; 5] =
    [Code::Unavailable, Code::ResourceExhausted, Code::Unknown, Code::Internal, Code::Cancelled];
/// How long to wait before it is gone on anew.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn run(client: &Client<'_>, dossier_code: String, check_code: String) -> anyhow::Result<()> {
    let mut applications = ApplicationServiceClient::new(client.peer(Role::Citizen).await?);
    let zone = client.zone().await;
    let mut said = Said::default();
    let mut resume_token = String::new();
    loop {
        let request = WatchApplicationRequest {
            dossier_code: dossier_code.clone(),
            check_code: check_code.clone(),
            resume_token: resume_token.clone(),
        };
        let ended = match applications.watch_application(request).await {
            Ok(answer) => {
                let mut told = answer.into_inner();
                loop {
                    match told.message().await {
                        Ok(Some(message)) => {
                            if client.json() {
                                show::json("phidia.intake.v1.WatchApplicationResponse", &message)?;
                            } else if let Some(state) = &message.state {
                                said.tell(client.speech(), &zone, state);
                            }
                            resume_token = message.resume_token;
                        }
                        // It has ended.
                        Ok(None) => return Ok(()),
                        Err(status) => break status,
                    }
                }
            }
            Err(status) => status,
        };
        // What was missed meanwhile is told then.
        if !PASSES.contains(&ended.code()) {
            return Err(ended.into());
        }
        refusal::tell(&ended.into(), client.speech());
        tokio::time::sleep(PAUSE).await;
    }
}

/// What was said already: each thing that has happened is said once.
#[derive(Default)]
struct Said(HashSet<String>);

impl Said {
    fn tell(&mut self, speech: Words, zone: &Zone, state: &TrackApplicationResponse) {
        for line in &state.history {
            let line = line_of(speech, zone, line);
            if self.0.insert(line.clone()) {
                show::line(&line);
            }
        }
    }
}

/// When, and what.
pub(super) fn line_of(speech: Words, zone: &Zone, line: &HistoryLine) -> String {
    format!("{}  {}", zone.instant(line.at.as_ref()), show::text(speech, line.sentence.as_ref()))
}
