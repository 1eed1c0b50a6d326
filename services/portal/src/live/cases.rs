//! That something happened to the cases of a unit.

use futures::{StreamExt as _, stream::BoxStream};
use phidia_domain::{
    caller::{Caller, Role},
    id::UnitId,
};
use phidia_proto::processing::v1::{
    WatchCasesRequest, WatchCasesResponse, case_service_client::CaseServiceClient,
};
use phidia_runtime::peer::Peer;
use tonic::Status;

use super::{Source, Taken};

/// Processing. What it tells names no person; the list itself is asked for as whoever looks at it.
#[derive(Debug)]
pub(crate) struct Cases(pub(super) Peer);

impl Source for Cases {
    type Of = UnitId;
    type Told = WatchCasesResponse;
    /// How many things have happened.
    type State = u64;

    async fn listen(
        &self,
        unit: &UnitId,
        token: String,
    ) -> Result<BoxStream<'static, Result<Self::Told, Status>>, Status> {
        let name = "portal".to_owned();
        // Who answers for the unit is told all that happens there.
        let caller = Caller { role: Role::Supervisor, name, unit: Some(*unit), officer: None };
        let mut cases = CaseServiceClient::new(self.0.speaking_for(caller));
        let request = WatchCasesRequest { unit_code: String::new(), resume_token: token };
        Ok(cases.watch_cases(request).await?.into_inner().boxed())
    }

    fn take_in(&self, told: WatchCasesResponse, happened: &mut u64) -> Taken {
        let events = u64::try_from(told.events.len()).unwrap_or(u64::MAX);
        *happened = happened.wrapping_add(events);
        Taken { token: told.resume_token, is_news: events > 0 }
    }
}
