//! How many internal processes were made simpler, by the catalogue: of those that a decision published, which is the base of the share.
//! The province's own plan speaks of 161 of 585: that base is of all its agencies, and not to be compared with this one.

use jiff::civil::Date;

use crate::{
    procedure::{Text, TimeLimit},
    province::Province,
};

/// A process that was made simpler. What is not stated of before is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simplified {
    /// Code of its procedure.
    pub code: String,
    /// Name of its procedure.
    pub name: Text,
    /// Number of the decision.
    pub decision: String,
    /// How many steps it had.
    pub steps_before: Option<u32>,
    /// How many it has, on its usual way.
    pub steps_after: u32,
    /// How much time it had.
    pub time_before: Option<TimeLimit>,
    /// How much it has by law; none: that is not known.
    pub time_after: Option<TimeLimit>,
}

/// What became simpler, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Simplification {
    /// Procedures in force.
    pub procedures: u32,
    /// Of these, with an internal process that a decision published: the base of the share.
    pub published: u32,
    /// Of these, made simpler.
    pub simplified: u32,
    /// Steps before, of those that say how many.
    pub steps_before: u32,
    /// Steps of the same now.
    pub steps_after: u32,
    /// Working minutes before, of those that state a time before and have one now; a calendar day counts as a working day.
    pub minutes_before: i64,
    /// Working minutes of the same now.
    pub minutes_after: i64,
}

/// What was made simpler of the processes that hold on a day, in the order of the codes, and its sum.
pub fn simplified(province: &Province, day: Date) -> (Simplification, Vec<Simplified>) {
    let (mut sum, mut all) = (Simplification::default(), Vec::new());
    for procedure in province.procedures.values().filter(|one| one.check_in_force(day).is_ok()) {
        sum.procedures += 1;
        let Some(publication) = procedure.published_on(day) else { continue };
        sum.published += 1;
        if !publication.is_simplified() {
            continue;
        }
        let steps = procedure.process_on(day).usual_way().count();
        let one = Simplified {
            code: procedure.code.clone(),
            name: procedure.name.clone(),
            decision: publication.decision.clone(),
            steps_before: publication.steps_before,
            steps_after: u32::try_from(steps).unwrap_or(u32::MAX),
            time_before: publication.time_before,
            time_after: procedure.limit,
        };
        sum.add(&one, province.clock.minutes_per_day());
        all.push(one);
    }
    (sum, all)
}

impl Simplification {
    fn add(&mut self, one: &Simplified, minutes_per_day: i64) {
        self.simplified += 1;
        if let Some(before) = one.steps_before {
            self.steps_before += before;
            self.steps_after += one.steps_after;
        }
        if let Some((before, after)) = one.time_before.zip(one.time_after) {
            self.minutes_before += before.working_minutes(minutes_per_day);
            self.minutes_after += after.working_minutes(minutes_per_day);
        }
    }
}
