//! The services, as whoever is before the browser.

use std::{sync::Arc, time::Duration};

use jiff::{Timestamp, tz::TimeZone};
use phidia_domain::caller::{Caller, Role};
use phidia_proto::{
    intake::v1::{GetProvinceRequest, catalogue_service_client::CatalogueServiceClient},
    routing::v1::{ListUnitsRequest, Unit, registry_service_client::RegistryServiceClient},
    types::v1::Text,
};
use phidia_runtime::peer::Peer;
use tonic::Request;

use crate::{Portal, remembered::Remembered, trouble::Trouble, visitor::Visitor};

/// What a page waits for its answers.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// What it waits where a whole year, or all that is open, is judged.
const MUCH_PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct Services {
    intake: Peer,
    routing: Peer,
    processing: Peer,
    notification: Peer,
    province: Remembered<Province>,
    units: Remembered<Units>,
}

/// The province that is served.
#[derive(Clone, Debug)]
pub(crate) struct Province {
    /// Official.
    pub(crate) code: String,
    pub(crate) name: Text,
    /// In which instants are shown.
    pub(crate) zone: TimeZone,
}

/// The centres and departments of the province.
#[derive(Clone, Debug)]
pub(crate) struct Units(Vec<Unit>);

impl Units {
    pub(crate) fn all(&self) -> &[Unit] {
        &self.0
    }

    /// The one with this id (`ctr_…`).
    pub(crate) fn get(&self, unit_id: &str) -> Option<&Unit> {
        self.0.iter().find(|unit| unit.unit_id == unit_id)
    }

    /// What it is called.
    pub(crate) fn name(&self, unit_id: &str) -> Option<&Text> {
        self.get(unit_id)?.name.as_ref()
    }
}

impl Services {
    pub(crate) fn new(intake: Peer, routing: Peer, processing: Peer, notification: Peer) -> Self {
        Self {
            intake,
            routing,
            processing,
            notification,
            province: Remembered::default(),
            units: Remembered::default(),
        }
    }
}

impl Portal {
    /// Intake, as this visitor.
    pub(crate) fn intake(&self, visitor: &Visitor) -> Peer {
        self.0.services.intake.speaking_for(visitor.caller())
    }

    /// Routing, as this visitor.
    pub(crate) fn routing(&self, visitor: &Visitor) -> Peer {
        self.0.services.routing.speaking_for(visitor.caller())
    }

    /// Processing, as this visitor.
    pub(crate) fn processing(&self, visitor: &Visitor) -> Peer {
        self.0.services.processing.speaking_for(visitor.caller())
    }

    /// Notification, as this visitor.
    pub(crate) fn notification(&self, visitor: &Visitor) -> Peer {
        self.0.services.notification.speaking_for(visitor.caller())
    }

    /// Routing, as anybody: which centres there are.
    pub(crate) fn registry(&self) -> Peer {
        self.0.services.routing.speaking_for(Visitor::nobody().caller())
    }

    /// Routing, as the portal itself: who works where, for whoever signs in.
    pub(crate) fn registry_as_operator(&self) -> Peer {
        let name = "portal".to_owned();
        self.0.services.routing.speaking_for(Caller { role: Role::Operator, name, unit: None, officer: None })
    }

    /// What time it is for business.
    pub(crate) fn now(&self) -> Timestamp {
        self.0.business.now()
    }

    /// The province that is served, as it was a moment ago.
    pub(crate) async fn province(&self) -> Result<Arc<Province>, Trouble> {
        let ask = async {
            let own = self.0.services.intake.speaking_for(Visitor::nobody().caller());
            let answer = CatalogueServiceClient::new(own).get_province(soon(GetProvinceRequest {})).await?;
            let summary = answer.into_inner().province.unwrap_or_default();
            Ok(Province {
                code: summary.code,
                name: summary.name.unwrap_or_default(),
                zone: TimeZone::get(&summary.time_zone).unwrap_or(TimeZone::UTC),
            })
        };
        self.0.services.province.get(ask).await
    }

    /// The centres and departments, as they were a moment ago: nobody is kept from signing in because the board is being built.
    pub(crate) async fn units(&self) -> Result<Arc<Units>, Trouble> {
        let ask = async {
            let request = ListUnitsRequest { page_size: 1_000, page_token: String::new() };
            let answer = RegistryServiceClient::new(self.registry()).list_units(soon(request)).await?;
            Ok(Units(answer.into_inner().units))
        };
        self.0.services.units.get(ask).await
    }
}

/// A call whose answer a page waits for.
pub(crate) fn soon<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(PATIENCE);
    request
}

/// A call whose answer takes its time.
pub(crate) fn unhurried<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(MUCH_PATIENCE);
    request
}
