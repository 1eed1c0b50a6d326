//! Who hands what in, where and when: drawn from a seed and from the weights in the province's `demand_*`
//! files. Citizens are synthetic.

use std::{collections::BTreeMap, fmt::Write as _};

use anyhow::{Context as _, bail};
use jiff::{
    Timestamp,
    civil::{Date, date},
};
use phidia_domain::{procedure::CompetenceKey, province::Province, unit::UnitKind};
use phidia_proto::{
    convert,
    intake::v1::{Applicant, Channel, SubmitApplicationRequest},
    types::v1::Place,
};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use crate::bundled::Files;

/// The day that is played: an ordinary Tuesday, with no holiday in the weeks after it.
pub(crate) const DAY: Date = date(2026, 10, 13);

/// Share of applications that come in electronically: 87.35 % at Yên Mô (the article of 21 October 2025).
const ONLINE_SHARE: f64 = 0.8735;
/// Share of applications whose subject lives where they are handed in. No figure was found: ours.
const LOCAL_SHARE: f64 = 0.8;
/// Share of applications that are refused in examination. No figure was found: ours.
const REFUSED_SHARE: f64 = 0.02;

/// One application that will be handed in.
pub(crate) struct Arrival {
    /// When, on a whole minute of business time.
    pub(crate) at: Timestamp,
    /// What.
    pub(crate) request: SubmitApplicationRequest,
    /// Whether its examination ends in a refusal.
    pub(crate) refused: bool,
}

/// The day's applications in the order in which they come in.
pub(crate) struct Demand {
    pub(crate) arrivals: Vec<Arrival>,
}

impl Demand {
    /// Draws so many applications.
    pub(crate) fn draw(
        files: &Files,
        province: &Province,
        applications: u32,
        seed: u64,
    ) -> anyhow::Result<Self> {
        let units = Weights::read(files, "demand_units.csv")?;
        let procedures = Weights::read(files, "demand_procedures.csv")?;
        let hours = Weights::read(files, "demand_hours.csv")?;
        let communes: BTreeMap<_, _> = units
            .entries
            .iter()
            .filter(|(code, _)| {
                province.unit_by_code(code).is_some_and(|unit| unit.kind == UnitKind::CommuneCentre)
            })
            .map(|(code, weight)| (code.clone(), *weight))
            .collect();
        let communes = Weights::of(communes)?;
        let mut dice = Dice(ChaCha8Rng::seed_from_u64(seed));
        let mut arrivals = Vec::new();
        for number in 0..applications {
            let hour: i8 = dice.pick(&hours).parse().context("demand_hours.csv: hours are numbers")?;
            let minute = i8::try_from(dice.below(60))?;
            let at = province.clock.time_zone().to_timestamp(DAY.at(hour, minute, 0, 0))?;
            let received_at = dice.pick(&units).to_owned();
            let procedure = dice.pick(&procedures).to_owned();
            let places = draw_places(&mut dice, province, &procedure, &received_at, &communes)?;
            let online = dice.share() < ONLINE_SHARE;
            let refused = dice.share() < REFUSED_SHARE;
            let request = SubmitApplicationRequest {
                idempotency_key: format!("demo-{seed}-{number}"),
                procedure_code: procedure,
                received_at_code: received_at,
                places,
                applicant: Some(dice.applicant(number)),
                channel: if online { Channel::Online } else { Channel::Direct }.into(),
                ..SubmitApplicationRequest::default()
            };
            arrivals.push(Arrival { at, request, refused });
        }
        arrivals.sort_by_key(|arrival| arrival.at);
        Ok(Self { arrivals })
    }

    /// An hour before the offices open on the day.
    pub(crate) fn opening(&self, province: &Province) -> anyhow::Result<Timestamp> {
        let midnight = province.clock.time_zone().to_timestamp(DAY.at(0, 0, 0, 0))?;
        let opens = province.clock.next_open(midnight)?;
        let first = self.arrivals.first().map_or(opens, |arrival| arrival.at.min(opens));
        Ok(first - jiff::SignedDuration::from_hours(1))
    }
}

fn draw_places(
    dice: &mut Dice,
    province: &Province,
    procedure: &str,
    received_at: &str,
    communes: &Weights,
) -> anyhow::Result<Vec<Place>> {
    let mut places = BTreeMap::new();
    let local = province.unit_by_code(received_at).is_some_and(|unit| unit.kind == UnitKind::CommuneCentre);
    for key in province.procedure(procedure)?.competence_keys_on(DAY) {
        if matches!(key, CompetenceKey::None | CompetenceKey::Fixed) || places.contains_key(&key) {
            continue;
        }
        let stays = dice.share() < LOCAL_SHARE;
        let code = if local && stays { received_at } else { dice.pick(communes) };
        places.insert(key, code.to_owned());
    }
    Ok(convert::wire_places(&places))
}

/// Things to draw from, by weight.
struct Weights {
    entries: Vec<(String, f64)>,
    sum: f64,
}

impl Weights {
    fn read(files: &Files, name: &str) -> anyhow::Result<Self> {
        let content = files.get(name).with_context(|| format!("{name} is missing: the demo needs it"))?;
        let mut entries = BTreeMap::new();
        for row in csv::Reader::from_reader(content.as_slice()).into_deserialize() {
            let (key, weight): (String, f64) = row.with_context(|| name.to_owned())?;
            entries.insert(key, weight);
        }
        Self::of(entries).with_context(|| name.to_owned())
    }

    fn of(entries: BTreeMap<String, f64>) -> anyhow::Result<Self> {
        let sum: f64 = entries.values().sum();
        if entries.values().any(|weight| !weight.is_finite() || *weight < 0.0) || sum <= 0.0 {
            bail!("weights must not be negative, and one of them must be more than 0");
        }
        Ok(Self { entries: entries.into_iter().collect(), sum })
    }
}

struct Dice(ChaCha8Rng);

impl Dice {
    /// Evenly from 0 to below 1.
    fn share(&mut self) -> f64 {
        // 32 bits fill a double's fraction without rounding: the same on every machine.
        f64::from(self.0.next_u32()) / (f64::from(u32::MAX) + 1.0)
    }

    fn below(&mut self, end: u32) -> u32 {
        self.0.next_u32() % end
    }

    fn pick<'w>(&mut self, weights: &'w Weights) -> &'w str {
        let mut left = self.share() * weights.sum;
        for (key, weight) in &weights.entries {
            left -= weight;
            if left < 0.0 {
                return key;
            }
        }
        weights.entries.last().map_or("", |(key, _)| key)
    }

    fn applicant(&mut self, number: u32) -> Applicant {
        const FAMILY: [&str; 8] = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đinh", "Bùi"];
        const GIVEN: [&str; 8] = ["An", "Bình", "Chi", "Dũng", "Hạnh", "Minh", "Thảo", "Yến"];
        let family = FAMILY[self.below(8) as usize];
        let given = GIVEN[self.below(8) as usize];
        let mut telephone = String::from("0900");
        // Writing to a String does not fail.
        let _ = write!(telephone, "{number:06}");
        Applicant { name: format!("{family} {given}"), telephone, ..Applicant::default() }
    }
}
