//! What routing holds, for conservation: every application whose case is not completed, in the place of its
//! current work item. An application between two steps keeps the place of the step that is done, so that it
//! is somewhere while the next one is on its way.

use std::collections::BTreeMap;

use async_trait::async_trait;
use phidia_domain::{
    conservation::Place,
    id::{ApplicationId, Id as _},
};
use phidia_outbox::{
    Outbox,
    conservation::{Holder, Holding},
};
use phidia_runtime::failure::Failure;

use crate::{
    NAME,
    store::{application, item},
    work::State,
};

/// Answers from the store.
#[derive(Debug)]
pub(crate) struct Holdings(pub(crate) Outbox);

#[async_trait]
impl Holder for Holdings {
    fn service(&self) -> &'static str {
        NAME
    }

    fn outbox(&self) -> &Outbox {
        &self.0
    }

    async fn page(&self, after: Option<ApplicationId>, limit: u64) -> Result<Vec<Holding>, Failure> {
        let conn = self.0.database().read();
        let held = application::held(conn, after, limit).await?;
        let mut of_province = BTreeMap::<&str, Vec<uuid::Uuid>>::new();
        for (province, application) in &held {
            of_province.entry(province).or_default().push(*application);
        }
        let mut current = BTreeMap::new();
        for (province, applications) in of_province {
            for (application, state, reason) in item::standing(conn, province, &applications).await? {
                // In the order of arrival: the last that was not taken back is the current one.
                if state != State::Released {
                    current.insert(application, (state, reason));
                }
            }
        }
        let holding = |(_, application): (String, uuid::Uuid)| {
            let (place, reason) = match current.remove(&application) {
                Some((State::Assigned | State::Done, _)) => (Place::Assigned, String::new()),
                Some((_, reason)) => (Place::Waiting, reason),
                None => (Place::Waiting, String::new()),
            };
            Holding { application: ApplicationId::from_uuid(application), place, reason }
        };
        Ok(held.into_iter().map(holding).collect())
    }
}
