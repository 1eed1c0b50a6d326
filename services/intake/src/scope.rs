//! Beyond which unit a caller may not look.

use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    id::UnitId,
    province::Province,
};

use crate::record::Application;

/// What a caller may see and do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The whole province.
    Province,
    /// What touches this unit.
    Unit(UnitId),
}

impl Scope {
    /// The scope of a caller. Officers have a unit, or they would not have come so far (`runtime::identity`);
    /// a supervisor or a system without one is the province's. The system of an agency speaks for its unit.
    pub(crate) fn of(caller: &Caller) -> Self {
        match (caller.role, caller.unit) {
            (Role::Officer | Role::Supervisor | Role::System, Some(unit)) => Self::Unit(unit),
            _ => Self::Province,
        }
    }

    /// The unit beyond which nothing is seen; none: the province is.
    pub(crate) fn unit(self) -> Option<UnitId> {
        match self {
            Self::Province => None,
            Self::Unit(own) => Some(own),
        }
    }

    /// Refuses what is asked of another unit.
    pub(crate) fn check(self, unit: UnitId) -> Result<(), Rejection> {
        match self {
            Self::Unit(own) if own != unit => {
                Err(Rejection::new(Kind::Forbidden, "OTHER_UNIT", "this is the affair of another unit"))
            }
            Self::Unit(_) | Self::Province => Ok(()),
        }
    }

    /// The receiving unit that a list is limited to, where its official code is asked for; empty: all that may be seen.
    ///
    /// # Errors
    /// A violation of `received_at_code`; `PERMISSION_DENIED` for another unit.
    pub(crate) fn receiving(self, province: &Province, code: &str) -> Result<Option<UnitId>, Rejection> {
        self.named(province, "received_at_code", code)
    }

    /// The unit with this official code; empty: all that may be seen.
    ///
    /// # Errors
    /// A violation of `field`; `PERMISSION_DENIED` for another unit.
    pub(crate) fn named(
        self,
        province: &Province,
        field: &str,
        code: &str,
    ) -> Result<Option<UnitId>, Rejection> {
        match (code, self) {
            ("", Self::Province) => Ok(None),
            ("", Self::Unit(own)) => Ok(Some(own)),
            (code, scope) => {
                let unit = unit_named(province, field, code)?;
                scope.check(unit)?;
                Ok(Some(unit))
            }
        }
    }

    /// Whether an application may be opened with its applicant: where it was received, where it is worked
    /// on, and where its result is handed out. The store says the same of many (`store::reading::Filter`).
    pub(crate) fn opens(self, application: &Application) -> bool {
        match self {
            Self::Province => true,
            Self::Unit(own) => {
                let progress = &application.progress;
                let working = progress.working_unit.as_ref().map(|unit| unit.id);
                own == application.received_at_unit
                    || own == application.return_at_unit
                    || Some(own) == working
                    || progress.beside.iter().any(|beside| own == beside.unit)
            }
        }
    }
}

/// The unit with this code.
///
/// # Errors
/// A violation of `field`.
pub(crate) fn unit_named(province: &Province, field: &str, code: &str) -> Result<UnitId, Rejection> {
    if code.is_empty() {
        return Err(Rejection::invalid("MISSING_FIELD", field, "is required"));
    }
    let unknown = || Rejection::invalid("UNKNOWN_UNIT", field, "no unit of the province has this code");
    province.unit_by_code(code).map(|unit| unit.id).ok_or_else(unknown)
}
