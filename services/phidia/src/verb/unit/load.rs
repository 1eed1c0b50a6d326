//! `phidia unit load`

use std::time::Duration;

use phidia_domain::caller::Role;
use phidia_proto::routing::v1::{
    UnitLoad, WatchLoadRequest, WatchLoadResponse, registry_service_client::RegistryServiceClient,
};
use tonic::Code;

use crate::{client::Client, show};

/// How long to wait before the load is watched anew.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn load(client: &Client<'_>, watch: bool) -> anyhow::Result<()> {
    let mut registry = RegistryServiceClient::new(client.peer(Role::Operator).await?);
    let mut resume_token = String::new();
    loop {
        let request = WatchLoadRequest { resume_token: resume_token.clone() };
        let ended = match registry.watch_load(request).await {
            Ok(answer) => {
                let mut told = answer.into_inner();
                loop {
                    match told.message().await {
                        Ok(Some(message)) => {
                            tell(client, &message)?;
                            if !watch {
                                return Ok(());
                            }
                            resume_token = message.resume_token;
                        }
                        Ok(None) => break None,
                        Err(status) => break Some(status),
                    }
                }
            }
            Err(status) => Some(status),
        };
        // Whoever watches waits for a board that is being built, and for another replica.
        match ended {
            Some(status) if !watch || status.code() != Code::Unavailable => return Err(status.into()),
            Some(status) => show::aside(status.message()),
            None => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn tell(client: &Client<'_>, message: &WatchLoadResponse) -> anyhow::Result<()> {
    if client.json() {
        return show::json("phidia.routing.v1.WatchLoadResponse", message);
    }
    let speech = client.speech();
    let open = speech.unit_open_2();
    let queued = speech.unit_queued();
    let borrowed = speech.unit_borrowed();
    let mut units: Vec<_> = message.units.iter().collect();
    units.sort_by_key(|unit| &unit.code);
    for UnitLoad { unit_id, code, queued_minutes, borrowed_minutes, open_items } in units {
        let name = if code.is_empty() { unit_id } else { code };
        let [of_all, of_others] = [*queued_minutes, *borrowed_minutes].map(|it| show::minutes(speech, it));
        show::line(&format!("{name}: {open_items} {open}, {of_all} {queued}, {of_others} {borrowed}"));
    }
    Ok(())
}
