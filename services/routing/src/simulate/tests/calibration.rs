//! Home-only comes to what is known of the province.

use super::*;
use crate::simulate::{arrivals::Arrivals, measure, play::play};

/// What the day of [`home_only_is_as_it_was_calibrated`] came to.
const ON_TIME: f64 = 0.9798;

/// The share on time when everything is worked at home.
fn home_only_on_time(experiment: Experiment) -> f64 {
    let load = experiment.loads[0];
    let simulator =
        simulator(Experiment { applications: QUARTERLY_APPLICATIONS, optimum_days: 0, ..experiment });
    let Simulator { world, demand, quarter, experiment } = &simulator;
    let count = simulator.at_load(load);
    let arrivals =
        Arrivals::draw(demand, &world.province, quarter, count, &experiment.conditions, 1).unwrap();
    let attendance = simulator.attendance(1).unwrap();
    let outcome = play(world, &Policy::home_only(), &arrivals, &attendance, &|| true).unwrap();
    let span = world.days(quarter.days[0], *quarter.days.last().unwrap()).unwrap();
    measure::measure(world, &arrivals, &outcome, span.start, span.end).of(Measure::OnTime).unwrap()
}

/// One day at thrice the load stands for the quarter, whose figure takes hours to come to here: it is what that
/// day came to when the whole of the quarter came to 98.12 % (the next test).
#[test]
fn home_only_is_as_it_was_calibrated() {
    let on_time = home_only_on_time(Experiment { loads: vec![3.0], ..small() });
    assert!((on_time - ON_TIME).abs() < 0.005, "{on_time}");
}

/// `cargo test --release -p phidia-routing --lib simulate -- --ignored`
#[test]
#[ignore = "a whole quarter: half a minute at full speed"]
fn home_only_is_calibrated_to_the_province() {
    let on_time = home_only_on_time(Experiment { days: None, ..small() });
    assert!((on_time - 0.9812).abs() < 0.008, "{on_time}");
}
