//! The applications of a run. Every one has a stream of random numbers to itself, so that number 1,000 is the same
//! application whatever the load, and both policies of a comparison meet the same people, the same papers and the
//! same true efforts (common random numbers).

use std::collections::BTreeSet;

use jiff::civil::{Date, Time};
use phidia_domain::{
    Rejection,
    application::{Applicant, Channel, ReturnWay, Submission},
    case,
    id::{ApplicationId, Id as _},
    province::Province,
};

use super::{
    Conditions,
    application::{Application, Steps},
    demand::{Demand, REFUSED_SHARE},
    dice::Dice,
    effort::planned,
    quarter::Quarter,
    weights::Weights,
};

/// How the days of a week differ, Monday first. No figure was found: ours.
const WEEKDAYS: [f64; 7] = [1.2, 1.05, 1.0, 0.95, 0.9, 0.9, 0.9];

/// The applications of a run in the order in which they come in.
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
        let in_force = |code: &String| {
            province.procedure_on(code, first).is_ok_and(|found| found.check_in_force(first).is_ok())
        };
        let procedures = demand.procedures.only(in_force).ok_or_else(|| {
            Rejection::invalid("NO_PROCEDURE_IN_FORCE", "quarter", "a quarter in which something is in force")
        })?;
        let drawing = Drawing { demand, province, days, procedures, conditions };
        let applications = (0..count).map(|number| drawing.draw(seed, number)).collect::<Result<_, _>>()?;
        Ok(Self::of(applications))
    }

    /// These applications.
    pub(crate) fn of(mut applications: Vec<Application>) -> Self {
        applications.sort_by_key(|application| (application.at, application.id));
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
        let procedure = province.procedure_on(&procedure_code, day)?;
        let places = self.demand.places(&mut dice, procedure, day, &received_at_code);
        let refused = dice.share() < REFUSED_SHARE;
        let process = procedure.process_on(day);
        let minutes = process.usual_way().map(|step| {
            dice.around(planned(step, self.conditions.effort_share), self.conditions.effort_sigma)
        });
        // Whoever is refused is so in the first step.
        let minutes = minutes.take(if refused { 1 } else { usize::MAX }).collect();
        // The very rules of acceptance, with the promise that they give.
        let submission = Submission {
            procedure_code,
            received_at_code,
            return_at_code: None,
            places,
            conflicted_codes: BTreeSet::new(),
            applicant: somebody(),
            channel: Channel::Online,
            digitised: false,
            handed_in_at: None,
            issued: None,
            entrance: None,
            result_by: ReturnWay::Counter,
            contents: None,
        };
        let accepted = submission.accept(province, at)?;
        Ok(Application {
            id: ApplicationId::from_uuid(uuid::Uuid::from_u64_pair(seed, number.into())),
            at,
            due_at: accepted.promise.due_at,
            minutes,
            steps: Steps::OfProcedure {
                day,
                received_at: accepted.received_at.id,
                places: accepted.places,
                code: submission.procedure_code,
            },
        })
    }
}

fn somebody() -> Applicant {
    Applicant { name: "-".to_owned(), ..Applicant::default() }
}
