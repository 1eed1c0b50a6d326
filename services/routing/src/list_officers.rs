//! Officers of a unit, or all who master a field.

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::Date;
use phidia_domain::{
    Rejection,
    caller::Caller,
    id::OfficerId,
    officer::{Level, Officer},
};
use phidia_runtime::{failure::Failure, versions::Versioned};

use crate::{
    Routing,
    caller::scope,
    change_registry::{check_scope, unit},
    reference::Reference,
};

/// Which officers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// Of the unit with this code; empty: of all that the caller may see.
    pub(crate) unit_code: String,
    /// Who master this field; empty: whatever they master.
    pub(crate) field: String,
    /// At this level or better; 0: at any.
    pub(crate) level: Level,
}

/// A page of officers.
pub(crate) struct Officers {
    pub(crate) reference: Arc<Versioned<Reference>>,
    /// By staff code.
    pub(crate) officers: Vec<OfficerId>,
    /// The staff code to go on from, if there are more.
    pub(crate) more: Option<String>,
    /// The present day in the province.
    pub(crate) today: Date,
}

impl Routing {
    /// Officers by staff code, from behind `after`. Whoever belongs to a unit sees those of that unit.
    ///
    /// # Errors
    /// `NOT_FOUND` for an unknown unit, `PERMISSION_DENIED` for another than the caller's; a violation of `field`
    /// when a level is asked for in none.
    pub(crate) async fn list_officers(
        &self,
        caller: &Caller,
        wanted: &Wanted,
        after: &str,
        size: usize,
    ) -> Result<Officers, Failure> {
        let Wanted { unit_code, field, level } = wanted;
        if field.is_empty() && *level > 0 {
            return Err(Rejection::invalid("MISSING_FIELD", "field", "is required with a level").into());
        }
        let reference = self.versions.active().await?;
        let of_unit = match unit_code.as_str() {
            "" => scope(caller)?,
            code => {
                let unit = unit(&reference.value, code)?;
                check_scope(caller, unit)?;
                Some(unit)
            }
        };
        let fits = |officer: &&Officer| {
            of_unit.is_none_or(|unit| officer.unit == unit)
                && (field.is_empty() || officer.is_competent(field, (*level).max(1)))
                && officer.code.as_str() > after
        };
        let found: BTreeMap<&str, OfficerId> = (reference.value.province.officers.values())
            .filter(fits)
            .map(|officer| (officer.code.as_str(), officer.id))
            .collect();
        let more = found.keys().nth(size.saturating_sub(1)).filter(|_| found.len() > size);
        let (more, officers) = (more.map(|code| (*code).to_owned()), found.values().copied().take(size));
        let officers = officers.collect();
        let today = reference.value.province.clock.local_date(self.business.now());
        Ok(Officers { officers, more, today, reference })
    }
}
