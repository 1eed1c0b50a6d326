//! No way of assigning the work undercuts the optimum.

use phidia_domain::id::UnitId;

use super::*;
use crate::simulate::{
    arrivals::Arrivals, measure, optimum::Window, play::play, quarter::Quarter, world::World,
};

/// Two centres; what is handed in at centre 1, each at its time and with its true minutes, due when the day closes.
fn tiny(times: &[(&str, u32)]) -> (World, Arrivals) {
    let documents = row_of_centres(2);
    let province = Province::parse(&Documents(documents.clone())).unwrap();
    let world = World::of(province, 1.0);
    let demand = Demand::read(&documents, &world.province).unwrap();
    let quarter = Quarter::of("2025Q3".parse().unwrap(), &world.province.clock, Some(1));
    let conditions = Conditions::default();
    let count = u32::try_from(times.len()).unwrap();
    let drawn = Arrivals::draw(&demand, &world.province, &quarter, count, &conditions, 1).unwrap();
    let mut applications = drawn.applications;
    for (application, (time, minutes)) in applications.iter_mut().zip(times) {
        application.at = format!("2025-07-01T{time}+07").parse().unwrap();
        application.due_at = Some("2025-07-01T17:30:00+07".parse().unwrap());
        application.minutes = vec![*minutes];
    }
    (world, Arrivals::of(applications))
}

/// The least cost of all ways to give the applications to the two officers, in every order.
fn least(world: &World, arrivals: &Arrivals, moving_minutes: i64) -> i64 {
    let count = arrivals.applications.len();
    let mut least = i64::MAX;
    for assignment in 0..1_usize << count {
        for order in orders((0..count).collect()) {
            let mut free = [arrivals.applications[0].at; 2];
            let mut cost = 0;
            for index in &order {
                let (application, away) = (&arrivals.applications[*index], assignment >> index & 1);
                let calendar =
                    &world.offices[world.office(UnitId::of("37", ["1", "2"][away])).unwrap()].calendar;
                let begins = free[away].max(application.at);
                let ends = calendar.add_minutes(begins, application.minutes[0].into()).unwrap();
                free[away] = ends;
                let late = world.province.clock.minutes_between(application.due_at.unwrap(), ends).max(0);
                cost += late + if away == 1 { moving_minutes } else { 0 };
            }
            least = least.min(cost);
        }
    }
    least
}

fn orders(items: Vec<usize>) -> Vec<Vec<usize>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let first = |index: usize| {
        let mut rest = items.clone();
        let item = rest.remove(index);
        orders(rest).into_iter().map(move |order| [vec![item], order].concat())
    };
    (0..items.len()).flat_map(first).collect()
}

/// Against every way there is: the bound is never above the best of them, and where there is nothing to
/// gain by what it relaxes, it is that.
#[test]
fn the_bound_is_below_every_way_there_is() {
    let early = "07:30:00";
    for (times, moving_minutes, at_least) in [
        // All fit at home.
        (&[(early, 100), (early, 100)][..], 30, 0.0),
        // Twelve hours of work, eight of an officer: one has to move. Of it the bound sees a half: what is begun
        // with the next morning counts as in time.
        (&[(early, 240), (early, 240), (early, 240)][..], 30, 15.0),
        (&[("14:00:00", 200), ("14:00:00", 200), ("14:50:00", 90)][..], 10, 5.0),
        (&[("14:30:00", 300), ("14:30:00", 100), ("14:30:00", 100), ("09:00:00", 400)][..], 45, 0.0),
        (&[(early, 500), (early, 500), (early, 60), (early, 1)][..], 500, 0.0),
    ] {
        let (world, arrivals) = tiny(times);
        let day = "2025-07-01".parse().unwrap();
        let window = Window::solve(&world, &arrivals, day, moving_minutes).unwrap();
        let (bound, least) = (window.cost_minutes(), least(&world, &arrivals, moving_minutes));
        assert!(bound <= measure::float(least) + 1e-6, "{times:?}: {bound} above {least}");
        assert!(bound >= at_least, "{times:?}: {bound}");
        // And no policy is below it.
        let span = arrivals.applications[0].at + jiff::SignedDuration::from_hours(24 * 30);
        for policy in [Policy::home_only(), Policy::boundary_free()] {
            let outcome = play(&world, &policy, &arrivals, &Attendance::default(), &|| true).unwrap();
            let regret = window.regret(&world, &arrivals, &outcome, span);
            assert!(regret >= 0.0, "{times:?}: {} {regret}", policy.name);
        }
    }
}
