//! A connection of the command line: to which endpoint, as whom, and in which form answers are shown.

use anyhow::{Context as _, bail};
use phidia_domain::{
    application::Language,
    caller::{Caller, Role},
    id::{OfficerId, UnitId},
};
use phidia_proto::intake::v1::{GetProvinceRequest, catalogue_service_client::CatalogueServiceClient};
use phidia_runtime::peer::Peer;
use secrecy::SecretString;

use crate::command::{Connection, RoleName};

/// A connection to an endpoint.
pub(crate) struct Client<'c> {
    connection: &'c Connection,
}

impl<'c> Client<'c> {
    /// Prepares a connection; nothing is sent yet.
    pub(crate) fn connect(connection: &'c Connection) -> anyhow::Result<Self> {
        // Asked once here, so that a misspelt endpoint is told before anything else.
        peer(connection, &connection.endpoint, Caller::service("cli"))?;
        Ok(Self { connection })
    }

    /// The language of tables.
    pub(crate) fn speech(&self) -> Language {
        self.connection.speech()
    }

    /// Whether JSON is wanted.
    pub(crate) fn json(&self) -> bool {
        self.connection.json
    }

    /// A peer that calls as the user, whose role is `usual` unless they said otherwise.
    pub(crate) async fn peer(&self, usual: Role) -> anyhow::Result<Peer> {
        let caller = self.caller(usual).await?;
        peer(self.connection, &self.connection.endpoint, caller)
    }

    /// A peer to another endpoint of the same installation.
    pub(crate) async fn peer_at(&self, endpoint: &str, usual: Role) -> anyhow::Result<Peer> {
        let caller = self.caller(usual).await?;
        peer(self.connection, endpoint, caller)
    }

    async fn caller(&self, usual: Role) -> anyhow::Result<Caller> {
        let role = match self.connection.role {
            Some(RoleName::Citizen) => Role::Citizen,
            Some(RoleName::Officer) => Role::Officer,
            Some(RoleName::Supervisor) => Role::Supervisor,
            Some(RoleName::Operator) => Role::Operator,
            Some(RoleName::System) => Role::System,
            None => usual,
        };
        let mut caller = Caller { role, name: self.connection.name.clone(), unit: None, officer: None };
        if self.connection.unit.is_none() && self.connection.officer.is_none() {
            if role == Role::Officer {
                bail!(
                    "an officer is named by --my-unit CODE and --officer CODE (PHIDIA_UNIT, PHIDIA_OFFICER)"
                );
            }
            return Ok(caller);
        }
        let anonymous = Caller { role: Role::Citizen, name: "cli".to_owned(), unit: None, officer: None };
        let peer = peer(self.connection, &self.connection.endpoint, anonymous)?;
        let answer =
            CatalogueServiceClient::new(peer).get_province(GetProvinceRequest {}).await?.into_inner();
        let province = answer.province.context("the answer names no province")?.code;
        caller.unit = self.connection.unit.as_deref().map(|code| UnitId::of(&province, code));
        if let Some(code) = &self.connection.officer {
            caller.officer = Some(OfficerId::of(&province, code));
            caller.name.clone_from(code);
        }
        Ok(caller)
    }
}

fn peer(connection: &Connection, endpoint: &str, caller: Caller) -> anyhow::Result<Peer> {
    let token = connection.token.clone().map(SecretString::from);
    Peer::remote(endpoint, caller, token.as_ref())
        .with_context(|| format!("the endpoint {endpoint} is not a URL"))
}
