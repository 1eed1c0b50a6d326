//! Provinces of any size, made of Ninh Bình: its centres again and again, each time beside those before.

use std::{collections::BTreeMap, path::Path};

use jiff::{SignedDuration, Timestamp};
use phidia_domain::{
    id::{ApplicationId, Id as _, OfficerId, UnitId},
    officer::Officer,
    procedure::{Papers, Scope},
    province::{Documents, Province},
    registry::Registry,
    route::{Load, LoadKey, Policy, Request, Roster, Snapshot},
    unit::UnitKind,
    work_item::WorkItem,
};
use uuid::Uuid;

/// Centres: Ninh Bình, the communes of the country, and ten times as many.
pub(crate) const CENTRES: [usize; 3] = [129, 3_321, 33_210];
/// Days from 1970 to the day that is played.
const TODAY: i32 = 20_784;
/// 09:00 on a Friday.
pub(crate) const NOW: &str = "2026-11-27T02:00:00Z";

pub(crate) struct World {
    pub(crate) policy: Policy,
    pub(crate) province: Province,
    pub(crate) roster: Roster,
    pub(crate) now: Timestamp,
    units: Vec<UnitId>,
    /// Field, level, minutes of every work step that may be done anywhere.
    steps: Vec<(String, u8, u32)>,
}

/// What is decided.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Due in some days, as most are.
    Ordinary,
    /// Due at once, so that nobody does it in good time and all are weighed, by every term.
    Hopeless,
}

impl World {
    pub(crate) fn of(centres: usize) -> Self {
        let province = repeated(&ninh_binh(), centres);
        let now: Timestamp = NOW.parse().unwrap();
        let day = province.clock.local_date(now);
        let steps = province.procedures.values().flat_map(|procedure| {
            let anywhere = procedure.steps_on(day).filter(|step| step.scope == Scope::Province);
            anywhere.map(|step| (procedure.field.vi.clone(), step.level, step.effort_minutes))
        });
        let units: Vec<_> = province.units.keys().copied().collect();
        Self {
            policy: Policy::boundary_free(),
            roster: Roster::of(&province, &Registry::default()),
            now,
            units,
            steps: steps.collect(),
            province,
        }
    }

    /// The board with so many work items open at each centre.
    pub(crate) fn board(&self, of_each: u32) -> Snapshot {
        let mut board = Snapshot { epoch: 1, ..Snapshot::default() };
        for (unit, load) in self.open(of_each) {
            board.units.entry(unit).or_default().add(&load);
        }
        board
    }

    pub(crate) fn centres(&self) -> usize {
        self.units.len()
    }

    /// What is open at first, so much of each centre: where, and what it adds.
    pub(crate) fn open(&self, of_each: u32) -> impl Iterator<Item = (UnitId, Load)> {
        (self.units.iter().enumerate()).flat_map(move |(index, unit)| {
            (0..of_each).map(move |number| {
                let chance = mix(index as u64 * u64::from(of_each) + u64::from(number));
                let (field, level, minutes) = self.step(chance);
                let due_day = Some(TODAY + i32::try_from(chance >> 40 & 7).unwrap());
                (
                    *unit,
                    Load { key: LoadKey { field, level, due_day }, minutes, borrowed: chance >> 50 & 7 == 0 },
                )
            })
        })
    }

    /// The request of this number: the same each time.
    pub(crate) fn request(&self, kind: Kind, number: u64) -> Request {
        let chance = mix(number);
        let unit = |chance: u64| self.units[usize::try_from(chance).unwrap() % self.units.len()];
        let (home, (field, level, effort_minutes)) = (unit(chance >> 8), self.step(chance));
        let due_in = match kind {
            Kind::Ordinary => SignedDuration::from_hours(24 * (1 + i64::try_from(chance >> 40 & 7).unwrap())),
            Kind::Hopeless => SignedDuration::from_mins(5),
        };
        Request {
            work_item: WorkItem::first(ApplicationId::from_uuid(Uuid::from_u128(number.into())), 1),
            field,
            level,
            effort_minutes,
            scope: Scope::Province,
            listed: [].into(),
            home,
            received_at: home,
            papers: Papers::Copies,
            conflicts: [].into(),
            previous: Some(unit(chance >> 20)),
            earlier: None,
            due_at: Some(self.now + due_in),
            green: false,
        }
    }

    fn step(&self, chance: u64) -> (String, u8, u32) {
        self.steps[usize::try_from(chance & 0xffff_ffff).unwrap() % self.steps.len()].clone()
    }
}

fn ninh_binh() -> Province {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/province/ninh-binh");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let files = files.map(|entry| (entry.file_name().into_string().unwrap(), entry.path()));
    let files = files.filter(|(name, _)| Province::reads(name));
    let files = files.map(|(name, path)| (name, std::fs::read(path).unwrap()));
    Province::parse(&Documents(files.collect())).unwrap()
}

fn repeated(one: &Province, centres: usize) -> Province {
    let originals: Vec<_> = one.units.values().filter(|unit| unit.kind == UnitKind::CommuneCentre).collect();
    let mut staff = BTreeMap::<_, Vec<&Officer>>::new();
    for officer in one.officers.values() {
        staff.entry(officer.unit).or_default().push(officer);
    }
    let mut many = one.clone();
    many.units.clear();
    many.officers.clear();
    many.capacity.clear();
    for number in 0..centres {
        let (original, copy) = (originals[number % originals.len()], number / originals.len());
        let named = |text: &str| if text.is_empty() { String::new() } else { format!("{text} {copy}") };
        let mut unit = original.clone();
        unit.code = named(&original.code);
        unit.id = UnitId::of(&one.code, &unit.code);
        unit.cluster = named(&original.cluster);
        unit.neighbours = original.neighbours.iter().map(|code| named(code)).collect();
        for officer in staff.get(&original.id).into_iter().flatten() {
            let code = named(&officer.code);
            let officer =
                Officer { id: OfficerId::of(&one.code, &code), code, unit: unit.id, ..(*officer).clone() };
            many.officers.insert(officer.id, officer);
        }
        many.capacity.insert(unit.id, one.capacity[&original.id].clone());
        many.units.insert(unit.id, unit);
    }
    many
}

/// A number by chance, the same for the same one (`SplitMix64`).
fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
