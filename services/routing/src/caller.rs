//! Who asks, and what they may see and do here.

use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    id::UnitId,
};

/// A command's sender, and the trace that it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    /// Who it is.
    pub(crate) caller: Caller,
    /// W3C trace context; empty when there is none.
    pub(crate) traceparent: String,
}

/// The unit beyond which the caller may not look; none: the whole province.
///
/// # Errors
/// `PERMISSION_DENIED` for an officer without a unit.
pub(crate) fn scope(caller: &Caller) -> Result<Option<UnitId>, Rejection> {
    match (caller.role, caller.unit) {
        (Role::Officer, None) => Err(forbidden("UNKNOWN_OFFICER", "the caller is at no unit")),
        (Role::Officer | Role::Supervisor, unit) => Ok(unit),
        (Role::Citizen | Role::Operator | Role::System | Role::Service, _) => Ok(None),
    }
}

pub(crate) fn forbidden(reason: &str, message: &str) -> Rejection {
    Rejection::new(Kind::Forbidden, reason, message)
}
