//! Numbers at the counters of the centres. Nothing here asks another service: it goes on where the province cannot be reached.
//!
//! Whoever changes anything in a hall holds it ([`held`]); the rules are those of `domain::queue`.

pub(crate) mod arrange;
pub(crate) mod board;
mod call_next;
pub(crate) mod end_days;
mod held;
pub(crate) mod statistics;
mod take_ticket;
pub(crate) mod treat;
pub(crate) mod view;

pub(crate) use take_ticket::Draw;

use phidia_domain::{Kind, Rejection, caller::Caller, equipment::check_point, province::Province};
use serde::Deserialize;

use crate::{scope::Scope, store::halls::Place};

/// How long numbers are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct QueueConfig {
    /// Days after which tickets are deleted; what was counted of them stays.
    pub tickets_kept_days: u16,
}

impl Default for QueueConfig {
    fn default() -> Self {
        Self { tickets_kept_days: 90 }
    }
}

/// The hall of the centre with this code; empty: the caller's own unit.
///
/// # Errors
/// Violations of `unit_code` and `point`.
pub(crate) fn place(
    province: &Province,
    caller: &Caller,
    unit_code: &str,
    point: String,
) -> Result<Place, Rejection> {
    check_point(&point)?;
    let unit = match (unit_code, caller.unit) {
        ("", None) => return Err(Rejection::invalid("MISSING_FIELD", "unit_code", "is required")),
        ("", Some(own)) => province.units.get(&own),
        (code, _) => province.unit_by_code(code),
    };
    let unit = unit.filter(|unit| unit.receives()).ok_or_else(|| {
        let expected = "no centre of the province has this code";
        Rejection::invalid("UNKNOWN_UNIT", "unit_code", expected)
    })?;
    Ok(Place { unit: unit.id, point })
}

/// The same, for whoever changes something there.
///
/// # Errors
/// Also `PERMISSION_DENIED` for another unit's hall.
pub(crate) fn own_place(
    province: &Province,
    caller: &Caller,
    unit_code: &str,
    point: String,
) -> Result<Place, Rejection> {
    let place = place(province, caller, unit_code, point)?;
    Scope::of(caller).check(place.unit)?;
    Ok(place)
}

/// The hall of the caller's own centre.
///
/// # Errors
/// A violation of `point`; `PERMISSION_DENIED` for who belongs to no centre.
pub(crate) fn place_of_caller(
    province: &Province,
    caller: &Caller,
    point: String,
) -> Result<Place, Rejection> {
    check_point(&point)?;
    let unit = caller.unit.and_then(|own| province.units.get(&own)).filter(|unit| unit.receives());
    let unit = unit.ok_or_else(|| {
        Rejection::new(Kind::Forbidden, "NO_CENTRE", "only whoever belongs to a centre has counters")
    })?;
    Ok(Place { unit: unit.id, point })
}
