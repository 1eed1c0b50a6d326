//! `phidia unit load`

use phidia_domain::caller::Role;
use phidia_proto::routing::v1::{
    UnitLoad, WatchLoadRequest, WatchLoadResponse, registry_service_client::RegistryServiceClient,
};

use crate::{
    client::Client,
    follow::{Until, follow},
    show,
};

pub(super) async fn load(client: &Client<'_>) -> anyhow::Result<()> {
    let mut registry = RegistryServiceClient::new(client.peer(Role::Operator).await?);
    let open = async |_| registry.watch_load(WatchLoadRequest { resume_token: String::new() }).await;
    // The first answer is of all units.
    follow(client, Until::First, open, |message| {
        tell(client, &message)?;
        Ok(message.resume_token)
    })
    .await
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
