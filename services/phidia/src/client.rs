//! A connection of the command line: to which endpoint, as whom, and in which form answers are shown.

use anyhow::Context as _;
use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    id::{OfficerId, UnitId},
};
use phidia_proto::intake::v1::{
    GetProvinceRequest, ProvinceSummary, catalogue_service_client::CatalogueServiceClient,
};
use phidia_runtime::peer::Peer;
use phidia_words::Words;
use secrecy::SecretString;
use tokio::sync::OnceCell;

use crate::{
    command::{Connection, RoleName},
    show::Zone,
};

/// A connection to an endpoint.
pub(crate) struct Client<'c> {
    connection: &'c Connection,
    /// The active province, once it was asked for.
    province: OnceCell<ProvinceSummary>,
}

impl<'c> Client<'c> {
    /// Prepares a connection; nothing is sent yet.
    pub(crate) fn connect(connection: &'c Connection) -> anyhow::Result<Self> {
        // Asked once here, so that a misspelt endpoint is told before anything else.
        peer(connection, &connection.endpoint, Caller::service("cli"))?;
        Ok(Self { connection, province: OnceCell::new() })
    }

    /// The language of tables.
    pub(crate) fn speech(&self) -> Words {
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

    /// Who the user is to a service that keeps their keys: `role/name`.
    pub(crate) fn actor(&self, usual: Role) -> String {
        let name = self.connection.officer.as_ref().unwrap_or(&self.connection.name);
        format!("{}/{name}", self.role(usual).as_str())
    }

    /// Whether the user said which officer they are.
    pub(crate) fn is_officer(&self) -> bool {
        self.connection.officer.is_some()
    }

    /// The official code of the user's unit, as they gave it; empty: they gave none.
    pub(crate) fn own_unit(&self) -> String {
        self.connection.unit.clone().unwrap_or_default()
    }

    /// The id of the unit with this official code.
    pub(crate) async fn unit(&self, code: &str) -> anyhow::Result<UnitId> {
        Ok(UnitId::of(&self.province().await?.code, code))
    }

    /// The zone to show instants in: that of the province, where the endpoint tells it.
    pub(crate) async fn zone(&self) -> Zone {
        // An endpoint of one service of a cluster may know no province; its answer is shown all the same.
        self.province().await.map_or_else(|_| Zone::utc(), |province| Zone::named(&province.time_zone))
    }

    /// The IANA name of the province's zone.
    pub(crate) async fn time_zone(&self) -> anyhow::Result<String> {
        Ok(self.province().await?.time_zone.clone())
    }

    /// The active province; asked for once.
    async fn province(&self) -> anyhow::Result<&ProvinceSummary> {
        self.province
            .get_or_try_init(async || {
                let anonymous =
                    Caller { role: Role::Citizen, name: "cli".to_owned(), unit: None, officer: None };
                let peer = peer(self.connection, &self.connection.endpoint, anonymous)?;
                let answer = CatalogueServiceClient::new(peer).get_province(GetProvinceRequest {}).await?;
                answer.into_inner().province.context("the answer names no province")
            })
            .await
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
        let province = &self.province().await?.code;
        caller.unit = self.connection.unit.as_deref().map(|code| UnitId::of(province, code));
        if let Some(code) = &self.connection.officer {
            caller.officer = Some(OfficerId::of(province, code));
            caller.name.clone_from(code);
        }
        Ok(caller)
    }
}

fn peer(connection: &Connection, endpoint: &str, caller: Caller) -> anyhow::Result<Peer> {
    let token = connection.token.clone().map(SecretString::from);
    Ok(Peer::remote(endpoint, caller, token.as_ref())?)
}
