//! `phidia application preferences`

use phidia_domain::caller::Role;
use phidia_proto::{
    intake::v1::{
        StateContactPreferencesRequest, application_service_client::ApplicationServiceClient,
        state_contact_preferences_request::Key,
    },
    types::v1::{ContactChoice, ContactPreferences},
};

use crate::{client::Client, command::ChoiceName, show};

pub(crate) async fn run(
    client: &Client<'_>,
    key: Key,
    preferences: ContactPreferences,
) -> anyhow::Result<()> {
    let usual = match (&key, client.is_officer()) {
        (Key::ApplicationId(_), true) => Role::Officer,
        (Key::ApplicationId(_), false) => Role::Supervisor,
        (Key::Holder(_), _) => Role::Citizen,
    };
    let mut applications = ApplicationServiceClient::new(client.peer(usual).await?);
    let daily = preferences.daily;
    let request = StateContactPreferencesRequest { key: Some(key), preferences: Some(preferences) };
    let answer = applications.state_contact_preferences(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.StateContactPreferencesResponse", &answer);
    }
    let stated_at = client.zone().await.instant(answer.stated_at.as_ref());
    show::line(&client.speech().application_how_they_want_to_be_told_was(&stated_at));
    if daily {
        let speech = client.speech();
        show::line(speech.application_e_mail_that_is_not_urgent_comes());
    }
    Ok(())
}

pub(crate) fn choice(said: Option<ChoiceName>) -> i32 {
    match said {
        None => ContactChoice::Unspecified,
        Some(ChoiceName::Yes) => ContactChoice::Agreed,
        Some(ChoiceName::No) => ContactChoice::Declined,
    }
    .into()
}
