//! `phidia application watch`

use std::collections::HashSet;

use phidia_domain::caller::Role;
use phidia_proto::intake::v1::{
    HistoryLine, TrackApplicationResponse, WatchApplicationRequest,
    application_service_client::ApplicationServiceClient,
};
use phidia_words::Words;

use crate::{
    client::Client,
    follow::{Until, follow},
    show::{self, Zone},
};

pub(super) async fn run(client: &Client<'_>, dossier_code: String, check_code: String) -> anyhow::Result<()> {
    let mut applications = ApplicationServiceClient::new(client.peer(Role::Citizen).await?);
    let zone = client.zone().await;
    let mut said = Said::default();
    let open = async |resume_token: Option<String>| {
        let request = WatchApplicationRequest {
            dossier_code: dossier_code.clone(),
            check_code: check_code.clone(),
            resume_token: resume_token.unwrap_or_default(),
        };
        applications.watch_application(request).await
    };
    follow(client, Until::Ended, open, |message| {
        if client.json() {
            show::json_line("phidia.intake.v1.WatchApplicationResponse", &message)?;
        } else if let Some(state) = &message.state {
            said.tell(client.speech(), &zone, state);
        }
        Ok(message.resume_token)
    })
    .await
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
