//! The equipment of a centre, as far as work depends on it.
//!
//! What was never registered limits nothing: a register that is half full must not close a centre. As soon as one PC (or scanner) is in it,
//! those that work are counted.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    id::EquipmentId,
    rejection::{Kind, Rejection},
};

/// The longest asset number and name, in characters.
const LONGEST: usize = 80;
/// The longest note, in characters.
const LONGEST_NOTE: usize = 300;

/// What it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EquipmentKind {
    /// The desk of a counter.
    Counter,
    /// A computer at which an officer works.
    Pc,
    /// A scanner of papers.
    Scanner,
    /// A printer.
    Printer,
    /// A machine at which numbers are drawn.
    QueueMachine,
}

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EquipmentState {
    /// It works.
    Working,
    /// It does not, and is here.
    Broken,
    /// It is away to be repaired.
    AwayForRepair,
    /// It left the register for good.
    Retired,
}

impl EquipmentKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Counter, Self::Pc, Self::Scanner, Self::Printer, Self::QueueMachine];
}

impl EquipmentState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Working, Self::Broken, Self::AwayForRepair, Self::Retired];

    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::Broken => "broken",
            Self::AwayForRepair => "away_for_repair",
            Self::Retired => "retired",
        }
    }
}

/// A piece of equipment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Equipment {
    /// UUIDv7.
    pub id: EquipmentId,
    /// Under which the centre has it in its books; unique in the centre.
    pub asset_number: String,
    /// What it is.
    pub kind: EquipmentKind,
    /// As people call it; may be empty. Not who uses it.
    pub name: String,
    /// The reception point at which it stands; empty: the only one, or the main one.
    pub point: String,
    /// How it is.
    pub state: EquipmentState,
    /// Since when it is so.
    pub since: Timestamp,
}

/// What is to be otherwise about a piece of equipment; none: as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amendment {
    /// As people call it.
    pub name: Option<String>,
    /// Where it stands.
    pub point: Option<String>,
    /// How it is.
    pub state: Option<EquipmentState>,
    /// Since when it is so; none: since now.
    pub since: Option<Timestamp>,
}

impl Equipment {
    /// Whether it may be registered.
    ///
    /// # Errors
    /// Violations of `asset_number`, `name` and `point`.
    pub fn check(&self) -> Result<(), Rejection> {
        if self.asset_number.is_empty() {
            return Err(Rejection::invalid("MISSING_FIELD", "asset_number", "is required"));
        }
        check_text(&self.asset_number, "asset_number", LONGEST)?;
        check_text(&self.name, "name", LONGEST)?;
        check_point(&self.point)
    }

    /// Amends it; answers whether anything is otherwise.
    ///
    /// # Errors
    /// Violations of `name`, `point` and `since`; `FAILED_PRECONDITION` once it is retired (`EQUIPMENT_RETIRED`).
    pub fn amend(&mut self, amendment: Amendment, now: Timestamp) -> Result<bool, Rejection> {
        let Amendment { name, point, state, since } = amendment;
        if since.is_some_and(|since| since > now) {
            return Err(Rejection::invalid("DATE_OUT_OF_RANGE", "since", "not in the future"));
        }
        let (name, point) = (name.unwrap_or(self.name.clone()), point.unwrap_or(self.point.clone()));
        let wanted = state.unwrap_or(self.state);
        let since = if wanted == self.state { since.unwrap_or(self.since) } else { since.unwrap_or(now) };
        let amended = Self { name, point, state: wanted, since, ..self.clone() };
        amended.check()?;
        if amended == *self {
            return Ok(false);
        }
        if self.state == EquipmentState::Retired {
            let message = "this piece left the register for good: register what takes its place";
            return Err(Rejection::new(Kind::Precondition, "EQUIPMENT_RETIRED", message)
                .with("state", self.state.as_str())
                .with("allowed", "RegisterEquipment"));
        }
        *self = amended;
        Ok(true)
    }
}

/// What the equipment of a hall or a centre allows. Printers and the queue machine limit nothing: numbers and papers can be written by hand.
/// None: nothing of that kind is registered, so it limits nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Workplaces {
    /// Desks of counters that can be used: as many counters can be open.
    pub counters: Option<u32>,
    /// PCs that work: as many can work at once.
    pub pcs: Option<u32>,
    /// Scanners that work.
    pub scanners: Option<u32>,
}

impl Workplaces {
    /// Counts what works. What was retired counts as though it had never been there.
    pub fn of<'e>(equipment: impl IntoIterator<Item = &'e Equipment>) -> Self {
        let mut all = Self::default();
        for piece in equipment.into_iter().filter(|piece| piece.state != EquipmentState::Retired) {
            let count = match piece.kind {
                EquipmentKind::Pc => &mut all.pcs,
                EquipmentKind::Scanner => &mut all.scanners,
                EquipmentKind::Counter => &mut all.counters,
                EquipmentKind::Printer | EquipmentKind::QueueMachine => continue,
            };
            *count.get_or_insert(0) += u32::from(piece.state == EquipmentState::Working);
        }
        all
    }
}

/// That a reception point is named by 1 to 20 letters, digits and hyphens; empty: the only one, or the main one.
///
/// # Errors
/// A violation of `point`.
pub fn check_point(point: &str) -> Result<(), Rejection> {
    if point.len() > 20 || !point.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        let expected = "at most 20 letters, digits and hyphens";
        return Err(Rejection::invalid("MALFORMED_POINT", "point", expected));
    }
    Ok(())
}

/// That a note on a change may be kept.
///
/// # Errors
/// A violation of `note`.
pub fn check_note(note: &str) -> Result<(), Rejection> {
    check_text(note, "note", LONGEST_NOTE)
}

fn check_text(text: &str, field: &str, longest: usize) -> Result<(), Rejection> {
    if text.chars().count() > longest {
        return Err(Rejection::invalid("WRONG_LENGTH", field, format!("at most {longest} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(Rejection::invalid("CONTROL_CHARACTER", field, "no control characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::id::Id as _;

    fn piece(kind: EquipmentKind, state: EquipmentState) -> Equipment {
        Equipment {
            id: EquipmentId::from_uuid(Uuid::from_u128(1)),
            asset_number: "TS-1".into(),
            kind,
            name: String::new(),
            point: String::new(),
            state,
            since: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_was_never_registered_limits_nothing() {
        use EquipmentKind::{Counter, Pc, Printer, Scanner};
        use EquipmentState::{AwayForRepair, Broken, Retired, Working};
        for (pieces, counters, pcs, scanners) in [
            (&[][..], None, None, None),
            (&[(Printer, Working), (Pc, Retired)], None, None, None),
            (&[(Pc, Working), (Pc, Broken), (Pc, AwayForRepair)], None, Some(1), None),
            (&[(Pc, Broken), (Scanner, Working), (Scanner, Working)], None, Some(0), Some(2)),
            (&[(Counter, Broken), (Counter, Working)], Some(1), None, None),
        ] {
            let pieces: Vec<_> = pieces.iter().map(|(kind, state)| piece(*kind, *state)).collect();
            assert_eq!(Workplaces::of(&pieces), Workplaces { counters, pcs, scanners });
        }
    }

    #[test]
    fn a_state_has_its_instant_and_what_left_the_register_is_not_amended() {
        let now = Timestamp::from_second(1_000).unwrap();
        let mut pc = piece(EquipmentKind::Pc, EquipmentState::Working);
        let broken = Amendment { state: Some(EquipmentState::Broken), ..Amendment::default() };
        assert_eq!(pc.amend(broken.clone(), now), Ok(true));
        assert_eq!((pc.state, pc.since), (EquipmentState::Broken, now));
        // Again, later: it is broken since then.
        assert_eq!(pc.amend(broken, Timestamp::from_second(2_000).unwrap()), Ok(false));
        let ahead = Amendment { since: Timestamp::from_second(3_000).ok(), ..Amendment::default() };
        assert_eq!(pc.amend(ahead, now).unwrap_err().reason, "DATE_OUT_OF_RANGE");
        let bad = Amendment { point: Some("tầng 2".into()), ..Amendment::default() };
        assert_eq!(pc.amend(bad, now).unwrap_err().violations[0].field, "point");
        let retired = Amendment { state: Some(EquipmentState::Retired), ..Amendment::default() };
        assert_eq!(pc.amend(retired.clone(), now), Ok(true));
        assert_eq!(pc.amend(retired, now), Ok(false));
        let working = Amendment { state: Some(EquipmentState::Working), ..Amendment::default() };
        assert_eq!(pc.amend(working, now).unwrap_err().reason, "EQUIPMENT_RETIRED");
    }
}
