//! The history of the live facts, the newest first.

use std::sync::Arc;

use phidia_domain::{caller::Caller, officer::Officer};
use phidia_runtime::{failure::Failure, versions::Versioned};

use crate::{
    Routing,
    caller::scope,
    change_registry::{check_scope, officer, unit},
    reference::Reference,
    store::registry::{self, Recorded, Whose},
};

/// Changes, and the province that names who they are about.
pub(crate) struct Changes {
    pub(crate) reference: Arc<Versioned<Reference>>,
    pub(crate) changes: Vec<Recorded>,
}

impl Routing {
    /// A page of changes from before a revision: of a unit with its officers, of an officer, or of all; whoever
    /// belongs to a unit sees those of that unit. Codes that are empty are not asked for.
    ///
    /// # Errors
    /// `NOT_FOUND` for an unknown code, `PERMISSION_DENIED` for another unit than the caller's.
    pub(crate) async fn list_changes(
        &self,
        caller: &Caller,
        unit_code: &str,
        officer_code: &str,
        before: i64,
        size: u64,
    ) -> Result<Changes, Failure> {
        let reference = self.versions.active().await?;
        let mut whose = Whose { unit: scope(caller)?, officer: None };
        if !unit_code.is_empty() {
            let unit = unit(&reference.value, unit_code)?;
            check_scope(caller, unit)?;
            whose.unit = Some(unit);
        }
        if !officer_code.is_empty() {
            let Officer { id, unit, .. } = *officer(&reference.value, officer_code)?;
            check_scope(caller, unit)?;
            whose.officer = Some(id);
        }
        let code = reference.value.code();
        let changes = registry::page(self.db.read(), code, whose, before, size).await?;
        Ok(Changes { changes, reference })
    }
}
