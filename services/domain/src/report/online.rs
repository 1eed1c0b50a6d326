//! How far the conversion to full online services has come, by the catalogue: shares with the base that they are of. Published shares are of
//! other bases (1,364 of 2,032 procedures, and of some 2,176): they are not to be compared with these.

use jiff::civil::Date;

use super::shares::Share;
use crate::{
    procedure::{OnlineLevel, Procedure, Text, Tier},
    province::Province,
};

/// The tiers, in the order in which they are told.
pub const TIERS: [Tier; 3] = [Tier::Commune, Tier::Province, Tier::Linked];

/// From so many percent on, what is offered online has full marks (criterion 3.1).
pub const OFFERED_IN_FULL: u32 = 80;

/// How many procedures go how far online.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// *toàn trình*.
    pub full: u32,
    /// *một phần*.
    pub partial: u32,
    /// Not online.
    pub none: u32,
}

impl Levels {
    /// All of them: the base of every share.
    pub fn base(self) -> u32 {
        self.full + self.partial + self.none
    }
}

/// The procedures that are in force on a day, tier by tier in the order of [`TIERS`].
pub fn levels(province: &Province, day: Date) -> [Levels; TIERS.len()] {
    TIERS.map(|tier| {
        let mut levels = Levels::default();
        for procedure in in_force(province, day).filter(|procedure| procedure.tier == tier) {
            match procedure.online {
                OnlineLevel::Full => levels.full += 1,
                OnlineLevel::Partial => levels.partial += 1,
                OnlineLevel::None => levels.none += 1,
            }
        }
        levels
    })
}

/// What is in force on a day and wholly online, and was not so by an earlier version of the documents.
pub fn converted<'p>(
    earlier: &'p Province,
    province: &'p Province,
    day: Date,
) -> impl Iterator<Item = &'p Procedure> {
    in_force(province, day).filter(move |procedure| {
        let before = earlier.procedures.on(&procedure.code, day).map(|procedure| procedure.online);
        procedure.online == OnlineLevel::Full && before != Some(OnlineLevel::Full)
    })
}

/// Criterion 3.1 of Decision 766/QĐ-TTg: online services, in full or in part, of those procedures that are in force on a day and asked for.
pub fn offered(province: &Province, day: Date, is_asked_for: impl Fn(&Procedure) -> bool) -> Share {
    let asked = in_force(province, day).filter(|procedure| is_asked_for(procedure));
    let (mut of, mut count) = (0, 0);
    for procedure in asked {
        of += 1;
        count += u64::from(procedure.online != OnlineLevel::None);
    }
    Share { of, count, in_full_at: Some(OFFERED_IN_FULL) }
}

/// Criterion 3.2: of these services, those for which something came in online; no source says where it has full marks.
pub fn used(
    province: &Province,
    day: Date,
    is_asked_for: impl Fn(&Procedure) -> bool,
    came_in_online: impl Fn(&str) -> bool,
) -> Share {
    let services = in_force(province, day)
        .filter(|procedure| procedure.online != OnlineLevel::None && is_asked_for(procedure));
    let (mut of, mut count) = (0, 0);
    for service in services {
        of += 1;
        count += u64::from(came_in_online(&service.code));
    }
    Share { of, count, in_full_at: None }
}

/// The name of a tier.
pub fn tier_name(tier: Tier) -> Text {
    let (vi, en) = match tier {
        Tier::Commune => ("cấp xã", "commune"),
        Tier::Province => ("cấp tỉnh", "province"),
        Tier::Linked => ("liên thông, ngành dọc", "linked"),
    };
    Text { vi: vi.to_owned(), en: en.to_owned() }
}

fn in_force(province: &Province, day: Date) -> impl Iterator<Item = &Procedure> {
    province.procedures.values().filter(move |procedure| procedure.check_in_force(day).is_ok())
}
