//! Who asks, and what they may see and do here.

use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    id::{ApplicationId, UnitId},
    officer::Officer,
    province::Province,
};
use phidia_outbox::NewEvent;
use phidia_proto::events::v1::event::Fact;

/// A command's sender, and the trace that it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    /// Who it is.
    pub(crate) caller: Caller,
    /// W3C trace context; empty when there is none.
    pub(crate) traceparent: String,
}

impl Sender {
    /// A fact that the command brings about.
    pub(crate) fn tells(
        &self,
        province: &str,
        application: ApplicationId,
        occurred_at: jiff::Timestamp,
        fact: Fact,
    ) -> NewEvent {
        NewEvent {
            province: province.to_owned(),
            application,
            occurred_at,
            actor: self.caller.actor(),
            cause: None,
            traceparent: self.traceparent.clone(),
            fact,
        }
    }
}

/// The officer that the caller is, as the province knows them today.
///
/// # Errors
/// `PERMISSION_DENIED` for everybody else, and for an officer whose identity names another unit than the
/// province does: which of the two is right is not for us to guess.
pub(crate) fn officer<'p>(caller: &Caller, province: &'p Province) -> Result<&'p Officer, Rejection> {
    let officer = caller
        .officer
        .filter(|_| caller.role == Role::Officer)
        .and_then(|id| province.officers.get(&id))
        .ok_or_else(|| forbidden("UNKNOWN_OFFICER", "the caller is no officer of the province"))?;
    if caller.unit.is_some_and(|unit| unit != officer.unit) {
        return Err(forbidden(
            "OTHER_UNIT",
            "the caller's identity names another unit than the province does",
        ));
    }
    Ok(officer)
}

/// The unit beyond which the caller may not look; none: the whole province. The system of an agency speaks for its unit, as
/// officers do.
///
/// # Errors
/// `PERMISSION_DENIED` for an officer without a unit.
pub(crate) fn scope(caller: &Caller) -> Result<Option<UnitId>, Rejection> {
    match (caller.role, caller.unit) {
        (Role::Officer, None) => Err(forbidden("UNKNOWN_OFFICER", "the caller is at no unit")),
        (Role::Officer | Role::Supervisor | Role::System, unit) => Ok(unit),
        _ => Ok(None),
    }
}

/// The unit whose worklist is asked for: the one with this code, or, without a code, the caller's own.
///
/// # Errors
/// `NOT_FOUND` for an unknown code, `PERMISSION_DENIED` for a unit that the caller may not look at, and a
/// violation of `unit_code` when there is none and the caller has no unit.
pub(crate) fn unit_asked_for(caller: &Caller, province: &Province, code: &str) -> Result<UnitId, Rejection> {
    let scope = scope(caller)?;
    if code.is_empty() {
        return scope.ok_or_else(|| {
            Rejection::invalid("MISSING_FIELD", "unit_code", "is required of a caller who is at no unit")
        });
    }
    let unit = province
        .unit_by_code(code)
        .ok_or_else(|| Rejection::not_found("UNKNOWN_UNIT", "no unit of the province has this code"))?;
    match scope {
        Some(own) if own != unit.id => Err(forbidden("OTHER_UNIT", "the worklist of another unit")),
        _ => Ok(unit.id),
    }
}

fn forbidden(reason: &str, message: &str) -> Rejection {
    Rejection::new(Kind::Forbidden, reason, message)
}
