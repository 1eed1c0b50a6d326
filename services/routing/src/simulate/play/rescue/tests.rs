//! What is passed over before the rule is asked.

use super::*;
use crate::simulate::{
    Conditions, Experiment, QUARTERLY_APPLICATIONS,
    arrivals::Arrivals,
    tests::{simulator, small},
};

/// Everything that waits, as the service would put it to the rule.
fn everything(play: &Play<'_>) -> Vec<Unstarted> {
    let waiting = play.desks.iter().flat_map(|desk| desk.waiting().flatten());
    let open = waiting.filter_map(|index| play.open[index].as_deref());
    open.filter(|open| open.request.due_at > Some(play.now)).map(unstarted).collect()
}

/// Nothing is passed over that would be rescued.
#[test]
fn what_is_in_doubt_is_rescued_as_if_everything_were_looked_at() {
    let conditions = Conditions { effort_share: 2.0, shock_share: 1.0, ..Conditions::default() };
    let simulator =
        simulator(Experiment { conditions, applications: QUARTERLY_APPLICATIONS / 10, ..small() });
    let crate::simulate::Simulator { world, demand, quarter, .. } = &simulator;
    let arrivals = Arrivals::draw(demand, &world.province, quarter, 4_000, &conditions, 2).unwrap();
    let attendance = simulator.attendance(2).unwrap();
    let policy = Policy::boundary_free();
    let mut play = Play::new(world, &policy, &arrivals, &attendance).unwrap();
    // So that there is more and more of it.
    play.rescuer.is_at_work = false;
    let (mut moments, mut found, mut passed_over) = (0_u32, 0, 0);
    while play.goes_on(&|| true).unwrap() {
        moments += 1;
        if moments.is_multiple_of(100) {
            let (all, in_doubt) = (everything(&play), play.in_doubt());
            let in_doubt: Vec<_> = in_doubt.into_iter().map(|(_, unstarted)| unstarted).collect();
            let rescues = play.found(&in_doubt, Spent::default());
            assert_eq!(rescues, play.found(&all, Spent::default()), "at {}", play.now);
            found += rescues.len();
            passed_over += all.len() - in_doubt.len();
        }
    }
    assert!(found > 0 && passed_over > 0, "{found} {passed_over}");
}
