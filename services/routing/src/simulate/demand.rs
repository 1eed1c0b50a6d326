//! Who hands what in, where and when: drawn from a seed and from the weights of the province's `demand_*`
//! files. Every application has a stream of random numbers to itself, so that number 1,000 is the same
//! application whatever the load, and both policies of a comparison meet the same people, the same papers and
//! the same true efforts (common random numbers).

use std::collections::{BTreeMap, BTreeSet};

use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use phidia_domain::{
    Rejection,
    application::{Applicant, Channel, Language, Submission},
    case,
    id::{ApplicationId, Id as _, UnitId},
    procedure::{CompetenceKey, Procedure, Step},
    province::Province,
    unit::UnitKind,
};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use super::{Conditions, quarter::Quarter};

/// Share of applications whose subject lives where they are handed in. No figure was found: ours, as in the
/// demo.
const LOCAL_SHARE: f64 = 0.8;
/// Share of applications that are refused in examination. No figure was found: ours, as in the demo.
const REFUSED_SHARE: f64 = 0.02;
/// How the days of a week differ, Monday first. No figure was found: ours.
const WEEKDAYS: [f64; 7] = [1.2, 1.05, 1.0, 0.95, 0.9, 0.9, 0.9];

/// The files that a demand is read from.
pub const FILES: [&str; 3] = ["demand_units.csv", "demand_procedures.csv", "demand_hours.csv"];

/// What the citizens of a province ask for, as weights.
#[derive(Clone, Debug)]
pub struct Demand {
    /// Codes of the units that receive.
    units: Weights<String>,
    /// Codes of the units at which a subject may live, have land, …: the commune centres.
    communes: Weights<String>,
    procedures: Weights<String>,
    /// Hours of the day.
    hours: Weights<i8>,
}

impl Demand {
    /// Reads the `demand_*` files of a province; it ignores all others.
    ///
    /// # Errors
    /// `MALFORMED_DEMAND` that names the file and what is wrong with it.
    pub fn read(files: &BTreeMap<String, Vec<u8>>, province: &Province) -> Result<Self, Rejection> {
        let [units, procedures, hours] = FILES;
        let known_unit = |code: &String| province.unit_by_code(code).is_some_and(|unit| unit.receives());
        let units = Weights::read(files, units, "units that receive", known_unit)?;
        let is_commune = |code: &String| {
            province.unit_by_code(code).is_some_and(|unit| unit.kind == UnitKind::CommuneCentre)
        };
        let communes = units.only(is_commune).ok_or_else(|| malformed(FILES[0], "no commune centre"))?;
        let in_catalogue = |code: &String| province.procedures.contains_key(code);
        let procedures = Weights::read(files, procedures, "procedures of the catalogue", in_catalogue)?;
        let hours = Weights::read(files, hours, "hours from 0 to 23", |hour| (0..24).contains(hour))?;
        Ok(Self { units, communes, procedures, hours })
    }

    /// The procedures, each with its share of the applications.
    pub(crate) fn procedures(&self) -> impl Iterator<Item = (&String, f64)> {
        let sum = self.procedures.sum;
        self.procedures.entries.iter().map(move |(code, weight)| (code, weight / sum))
    }
}

/// An application that will be handed in.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub(crate) id: ApplicationId,
    /// When, on a whole minute.
    pub(crate) at: Timestamp,
    /// The local day of that: it keeps the law of the day.
    pub(crate) day: Date,
    pub(crate) procedure: String,
    pub(crate) received_at: UnitId,
    pub(crate) places: BTreeMap<CompetenceKey, UnitId>,
    pub(crate) due_at: Option<Timestamp>,
    /// Whether its first step ends in a refusal.
    pub(crate) refused: bool,
    /// What its steps really take, in minutes of one officer.
    pub(crate) minutes: Vec<u32>,
}

/// The applications of a quarter in the order in which they come in.
#[derive(Debug)]
pub(crate) struct Arrivals {
    pub(crate) applications: Vec<Application>,
    /// The place of each in the order of worklists: the lowest is taken up first.
    pub(crate) urgency: Vec<u32>,
}

impl Arrivals {
    /// Draws so many applications on these days.
    pub(crate) fn draw(
        demand: &Demand,
        province: &Province,
        quarter: &Quarter,
        count: u32,
        conditions: &Conditions,
        seed: u64,
    ) -> Result<Self, Rejection> {
        let days = Weights::of(quarter.days.iter().map(|day| (*day, weight_of(*day))).collect())
            .ok_or_else(|| Rejection::invalid("NO_WORKING_DAY", "quarter", "a quarter with working days"))?;
        let first = *quarter.days.first().unwrap_or(&quarter.first);
        let in_force =
            |code: &String| province.procedure(code).is_ok_and(|found| found.check_in_force(first).is_ok());
        let procedures = demand.procedures.only(in_force).ok_or_else(|| {
            Rejection::invalid("NO_PROCEDURE_IN_FORCE", "quarter", "a quarter in which something is in force")
        })?;
        let drawing = Drawing { demand, province, days, procedures, conditions };
        let mut applications =
            (0..count).map(|number| drawing.draw(seed, number)).collect::<Result<Vec<_>, _>>()?;
        applications.sort_by_key(|application| (application.at, application.id));
        Ok(Self::of(applications))
    }

    /// These applications, in the order in which they come in.
    pub(crate) fn of(applications: Vec<Application>) -> Self {
        let mut order: Vec<usize> = (0..applications.len()).collect();
        order.sort_by_cached_key(|index| {
            let application = &applications[*index];
            (case::urgency(application.due_at, application.at), application.id)
        });
        let mut urgency = vec![0; applications.len()];
        for (rank, index) in (0..).zip(order) {
            urgency[index] = rank;
        }
        Self { applications, urgency }
    }
}

fn weight_of(day: Date) -> f64 {
    let weekday = usize::from(day.weekday().to_monday_zero_offset().unsigned_abs());
    WEEKDAYS.get(weekday).copied().unwrap_or(1.0)
}

struct Drawing<'d> {
    demand: &'d Demand,
    province: &'d Province,
    days: Weights<Date>,
    procedures: Weights<String>,
    conditions: &'d Conditions,
}

impl Drawing<'_> {
    fn draw(&self, seed: u64, number: u32) -> Result<Application, Rejection> {
        let province = self.province;
        let mut dice = Dice::of(seed, number.into());
        let day = *dice.pick(&self.days);
        let (hour, minute) = (*dice.pick(&self.demand.hours), dice.below(60));
        let time = Time::new(hour, i8::try_from(minute).unwrap_or(0), 0, 0).unwrap_or_default();
        let at = (province.clock.time_zone().to_timestamp(day.to_datetime(time)))
            .map_err(|_| Rejection::invalid("DATE_OUT_OF_RANGE", "quarter", "a quarter of the calendar"))?;
        let received_at_code = dice.pick(&self.demand.units).clone();
        let procedure_code = dice.pick(&self.procedures).clone();
        let procedure = province.procedure(&procedure_code)?;
        let places = self.places(&mut dice, procedure, day, &received_at_code);
        let refused = dice.share() < REFUSED_SHARE;
        let minutes = (procedure.steps_on(day))
            .map(|step| {
                dice.around(planned(step, self.conditions.effort_share), self.conditions.effort_sigma)
            })
            .collect();
        // The very rules of acceptance, with the promise that they give.
        let submission = Submission {
            procedure_code,
            received_at_code,
            return_at_code: None,
            places,
            conflicted_codes: BTreeSet::new(),
            applicant: somebody(),
            channel: Channel::Online,
            handed_in_at: None,
        };
        let accepted = submission.accept(province, at)?;
        Ok(Application {
            id: ApplicationId::from_uuid(uuid::Uuid::from_u64_pair(seed, number.into())),
            at,
            day,
            received_at: accepted.received_at.id,
            due_at: accepted.promise.due_at,
            places: accepted.places,
            refused,
            minutes,
            procedure: submission.procedure_code,
        })
    }

    fn places(
        &self,
        dice: &mut Dice,
        procedure: &Procedure,
        day: Date,
        received_at: &str,
    ) -> BTreeMap<CompetenceKey, String> {
        let mut places = BTreeMap::new();
        let local = self.demand.communes.has(|code| code == received_at);
        for key in procedure.competence_keys_on(day) {
            let stays = dice.share() < LOCAL_SHARE && local;
            let elsewhere = dice.pick(&self.demand.communes);
            places.entry(key).or_insert_with(|| if stays { received_at } else { elsewhere }.to_owned());
        }
        places
    }
}

fn somebody() -> Applicant {
    Applicant {
        name: "-".to_owned(),
        identity_number: String::new(),
        email: String::new(),
        telephone: String::new(),
        language: Language::default(),
    }
}

/// Things to draw from, by weight.
#[derive(Clone, Debug)]
pub(crate) struct Weights<T> {
    entries: Vec<(T, f64)>,
    sum: f64,
}

impl<T: serde::de::DeserializeOwned + Clone> Weights<T> {
    fn read(
        files: &BTreeMap<String, Vec<u8>>,
        name: &str,
        what: &str,
        is_known: impl Fn(&T) -> bool,
    ) -> Result<Self, Rejection> {
        let content = files.get(name).ok_or_else(|| malformed(name, "is missing"))?;
        let mut entries = Vec::new();
        for row in csv::Reader::from_reader(content.as_slice()).into_deserialize() {
            let (key, weight): (T, f64) = row.map_err(|error| malformed(name, &error.to_string()))?;
            if !is_known(&key) {
                let line = entries.len() + 2;
                return Err(malformed(name, &format!("line {line}: it is to name {what}")));
            }
            entries.push((key, weight));
        }
        Self::of(entries)
            .ok_or_else(|| malformed(name, "weights must not be negative, and one of them more than 0"))
    }
}

impl<T: Clone> Weights<T> {
    fn of(entries: Vec<(T, f64)>) -> Option<Self> {
        let sum: f64 = entries.iter().map(|(_, weight)| weight).sum();
        let sound = sum > 0.0 && entries.iter().all(|(_, weight)| weight.is_finite() && *weight >= 0.0);
        sound.then_some(Self { entries, sum })
    }

    fn only(&self, wanted: impl Fn(&T) -> bool) -> Option<Self> {
        Self::of(self.entries.iter().filter(|(key, _)| wanted(key)).cloned().collect())
    }

    fn has(&self, wanted: impl Fn(&T) -> bool) -> bool {
        self.entries.iter().any(|(key, _)| wanted(key))
    }
}

fn malformed(file: &str, what: &str) -> Rejection {
    Rejection::invalid("MALFORMED_DEMAND", file, what)
}

/// The random numbers of one application, or of one subject of a run.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The same for the same seed and number, and unlike that of every other number.
    pub(crate) fn of(seed: u64, number: u64) -> Self {
        let mut stream = ChaCha8Rng::seed_from_u64(seed);
        stream.set_stream(number);
        Self(stream)
    }

    /// Evenly from 0 to below 1.
    pub(crate) fn share(&mut self) -> f64 {
        // 32 bits fill a double's fraction without rounding: the same on every machine.
        f64::from(self.0.next_u32()) / (f64::from(u32::MAX) + 1.0)
    }

    pub(crate) fn below(&mut self, end: u32) -> u32 {
        self.0.next_u32() % end.max(1)
    }

    fn pick<'w, T>(&mut self, weights: &'w Weights<T>) -> &'w T {
        let mut left = self.share() * weights.sum;
        for (key, weight) in &weights.entries {
            left -= weight;
            if left < 0.0 {
                return key;
            }
        }
        &weights.entries[weights.entries.len() - 1].0
    }

    /// Minutes whose logarithm is normal, with `mean` as their mean and `sigma` as its deviation; at least 1.
    fn around(&mut self, mean: u32, sigma: f64) -> u32 {
        // Box and Muller 1958; 1 - share is never 0.
        let radius = (-2.0 * (1.0 - self.share()).ln()).sqrt();
        let normal = radius * (std::f64::consts::TAU * self.share()).cos();
        let minutes = f64::from(mean) * (sigma * normal - sigma * sigma / 2.0).exp();
        whole(minutes).max(1)
    }
}

/// What is planned for a step, so much of its effort being spent on it.
pub(crate) fn planned(step: &Step, effort_share: f64) -> u32 {
    whole(f64::from(step.effort_minutes) * effort_share).max(1)
}

/// To the nearest whole minute, within what a day's work may be at most.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "held within the bounds just before"
)]
pub(crate) fn whole(minutes: f64) -> u32 {
    const MOST: f64 = 100_000.0;
    minutes.round().clamp(0.0, MOST) as u32
}

/// To the nearest whole number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "held within the bounds just before"
)]
pub(crate) fn whole_count(number: f64) -> u32 {
    number.round().clamp(0.0, f64::from(u32::MAX)) as u32
}
