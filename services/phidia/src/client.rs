//! A connection of the command line: to which endpoint, as whom, and in which form answers are shown.

use std::sync::OnceLock;

use anyhow::Context as _;
use phidia_domain::{
    Kind, Rejection,
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
    /// The id of the officer who calls, once it is known.
    own_id: OnceLock<OfficerId>,
}

impl<'c> Client<'c> {
    /// Prepares a connection; nothing is sent yet.
    pub(crate) fn connect(connection: &'c Connection) -> anyhow::Result<Self> {
        // Asked once here, so that a misspelt endpoint is told before anything else.
        peer(connection, &connection.endpoint, Caller::service("cli"))?;
        Ok(Self { connection, own_id: OnceLock::new() })
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

    /// The role in which the user calls, `usual` unless they said otherwise.
    pub(crate) fn role(&self, usual: Role) -> Role {
        match self.connection.role {
            Some(RoleName::Citizen) => Role::Citizen,
            Some(RoleName::Officer) => Role::Officer,
            Some(RoleName::Supervisor) => Role::Supervisor,
            Some(RoleName::Operator) => Role::Operator,
            Some(RoleName::System) => Role::System,
            None => usual,
        }
    }

    /// Whether the user said which officer they are.
    pub(crate) fn is_officer(&self) -> bool {
        self.connection.officer.is_some()
    }

    /// The official code of the user's unit, as they gave it; empty: they gave none.
    pub(crate) fn own_unit(&self) -> String {
        self.connection.unit.clone().unwrap_or_default()
    }

    /// Who an officer is, for colleagues: the staff code where it is the user's own.
    pub(crate) fn officer(&self, id: &str) -> String {
        match (&self.connection.officer, self.own_id.get()) {
            (Some(code), Some(own)) if own.to_string() == id => code.clone(),
            _ => id.to_owned(),
        }
    }

    async fn caller(&self, usual: Role) -> anyhow::Result<Caller> {
        let role = self.role(usual);
        let mut caller = Caller { role, name: self.connection.name.clone(), unit: None, officer: None };
        if role == Role::Officer && (self.connection.unit.is_none() || self.connection.officer.is_none()) {
            let message =
                "an officer is named by --my-unit CODE and --officer CODE (PHIDIA_UNIT, PHIDIA_OFFICER)";
            return Err(Rejection::new(Kind::Unauthenticated, "OFFICER_NOT_NAMED", message).into());
        }
        if self.connection.unit.is_none() && self.connection.officer.is_none() {
            return Ok(caller);
        }
        let anonymous = Caller { role: Role::Citizen, name: "cli".to_owned(), unit: None, officer: None };
        let peer = peer(self.connection, &self.connection.endpoint, anonymous)?;
        let answer =
            CatalogueServiceClient::new(peer).get_province(GetProvinceRequest {}).await?.into_inner();
        let province = answer.province.context("the answer names no province")?.code;
        caller.unit = self.connection.unit.as_deref().map(|code| UnitId::of(&province, code));
        if let Some(code) = &self.connection.officer {
            caller.officer = Some(*self.own_id.get_or_init(|| OfficerId::of(&province, code)));
            caller.name.clone_from(code);
        }
        Ok(caller)
    }
}

fn peer(connection: &Connection, endpoint: &str, caller: Caller) -> anyhow::Result<Peer> {
    let token = connection.token.clone().map(SecretString::from);
    Ok(Peer::remote(endpoint, caller, token.as_ref())?)
}
