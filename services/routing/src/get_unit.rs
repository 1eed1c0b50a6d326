//! One unit: what the documents say of it, and how it stands.

use std::sync::Arc;

use jiff::civil::Date;
use phidia_domain::{caller::Caller, id::UnitId};
use phidia_runtime::{failure::Failure, versions::Versioned};

use crate::{
    Routing,
    change_registry::{check_scope, unit},
    reference::Reference,
};

/// A unit in what is known of the whole.
pub(crate) struct Found {
    pub(crate) reference: Arc<Versioned<Reference>>,
    pub(crate) unit: UnitId,
    /// The present day in the province: changed hours before it are of no interest any more.
    pub(crate) today: Date,
}

impl Routing {
    /// The unit with this code, as it stands or as it stood at a revision of the registry.
    ///
    /// # Errors
    /// `NOT_FOUND`; `PERMISSION_DENIED` for another unit than the caller's; a violation of `revision` when it is
    /// beyond the last one.
    pub(crate) async fn get_unit(
        &self,
        caller: &Caller,
        code: &str,
        revision: Option<i64>,
    ) -> Result<Found, Failure> {
        let active = self.versions.active().await?;
        let unit = unit(&active.value, code)?;
        check_scope(caller, unit)?;
        let today = active.value.province.clock.local_date(self.business.now());
        let reference = match revision {
            None => active,
            Some(revision) => self.versions.back_at(active.version, revision).await?,
        };
        Ok(Found { reference, unit, today })
    }
}
