//! What comes of an application besides a result at the first go: drawn from a seed, synthetic as the citizens are.

use jiff::civil::Date;
use phidia_domain::{
    procedure::{Procedure, TimeLimit},
    province::Province,
    unit::{Unit, UnitKind},
};
use phidia_routing::simulate::Dice;

/// Share of applications of which something is missing. No figure was found: ours, and so are the others.
const SUPPLEMENT_SHARE: f64 = 0.02;
/// Share of those with more than one step in which whoever signs finds a mistake.
const SENT_BACK_SHARE: f64 = 0.01;
/// Share of those whose time allows of it in which another commune has to verify something, and the same of those of which
/// a department or an agency has to do its part.
const ENQUIRY_SHARE: f64 = 0.05;

/// What comes of an application when it is worked on for the first time.
#[derive(Clone, Debug)]
pub(crate) enum Turn {
    /// It goes on.
    Straight,
    /// It is refused.
    Refused,
    /// Something is missing.
    Supplement(Answer),
    /// Another commune has to verify something.
    Verification(Enquiry),
    /// A department or an agency has to do its part.
    Agency(Enquiry),
    /// Whoever signs sends it back to the first step.
    SentBack,
}

/// When somebody answers: so many working minutes after they are asked.
pub(crate) type Answer = i64;

/// A question to another unit.
#[derive(Clone, Debug)]
pub(crate) struct Enquiry {
    /// Its official code.
    pub(crate) unit: String,
    pub(crate) answer: Answer,
}

/// Draws what comes of an application of this day that is not refused.
pub(crate) fn draw(dice: &mut Dice, province: &Province, procedure: &Procedure, day: Date) -> Turn {
    let [missing, wrong, verified, linked] = [(); 4].map(|()| dice.share());
    // Within two days and a half: a verification may take three.
    let answer = i64::from(1 + dice.below(5)) * 240 - i64::from(dice.below(240));
    let mut enquiry = |of: fn(&Unit) -> bool| {
        let units: Vec<_> = province.units.values().filter(|unit| of(unit)).collect();
        let chosen = usize::try_from(dice.below(u32::try_from(units.len()).ok()?)).ok()?;
        Some(Enquiry { unit: units.get(chosen)?.code.clone(), answer })
    };
    let (verification, part) = (enquiry(is_commune), enquiry(is_agency));
    let has_time = procedure.limit.is_some_and(allows_enquiries);
    match (verification, part) {
        _ if missing < SUPPLEMENT_SHARE => Turn::Supplement(answer),
        _ if wrong < SENT_BACK_SHARE && procedure.steps_on(day).count() > 1 => Turn::SentBack,
        (Some(verification), _) if has_time && verified < ENQUIRY_SHARE => Turn::Verification(verification),
        (_, Some(part)) if has_time && linked < ENQUIRY_SHARE => Turn::Agency(part),
        _ => Turn::Straight,
    }
}

fn is_commune(unit: &Unit) -> bool {
    unit.kind == UnitKind::CommuneCentre
}

fn is_agency(unit: &Unit) -> bool {
    matches!(unit.kind, UnitKind::Department | UnitKind::Agency)
}

/// Whether the time is longer than three working days, which a verification may take, and two more for the work.
fn allows_enquiries(limit: TimeLimit) -> bool {
    match limit {
        TimeLimit::SameDay => false,
        TimeLimit::WorkingHours(hours) => hours >= 40,
        TimeLimit::HalfDays(halves) => halves >= 10,
        TimeLimit::WorkingDays(days) => days >= 5,
        TimeLimit::CalendarDays(days) => days >= 7,
    }
}
