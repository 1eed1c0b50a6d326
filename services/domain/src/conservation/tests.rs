use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::id::Id as _;

fn app(n: u128) -> ApplicationId {
    ApplicationId::from_uuid(Uuid::from_u128(n))
}

#[test]
fn each_application_counts_once_where_it_is() {
    let balance = Balance::of(&Holdings {
        intake: vec![app(1), app(2), app(3), app(4), app(5)],
        routing: vec![(app(1), Place::Waiting), (app(2), Place::Assigned)],
        processing: vec![(app(2), Place::InCase), (app(3), Place::Finished), (app(5), Place::Refused)],
        parked: vec![app(4), app(4), app(3)],
    });
    assert!(balance.holds(), "{balance:?}");
    assert_eq!(balance.accepted, 5);
    let expected = [
        (Place::Waiting, 1),
        (Place::InCase, 1),
        (Place::Finished, 1),
        (Place::Refused, 1),
        (Place::Parked, 1),
    ];
    assert_eq!(balance.places, expected.into_iter().collect());
}

#[test]
fn what_is_missing_where_it_has_to_be_is_lost() {
    let holdings = Holdings {
        // Nowhere; assigned without a case; in a case that routing does not know of; and one that is well.
        intake: vec![app(1), app(2), app(3), app(4)],
        routing: vec![(app(2), Place::Assigned), (app(4), Place::Waiting)],
        processing: vec![(app(3), Place::InCase)],
        ..Holdings::default()
    };
    let balance = Balance::of(&holdings);
    assert_eq!((balance.lost, balance.doubled), (vec![app(1), app(2), app(3)], vec![]));
    let parked = Balance::of(&Holdings { parked: vec![app(1), app(2), app(3)], ..holdings });
    assert!(parked.holds(), "{parked:?}");
}

#[test]
fn what_is_twice_or_out_of_nothing_is_doubled() {
    let balance = Balance::of(&Holdings {
        intake: vec![app(1), app(2), app(3), app(4), app(4)],
        routing: vec![(app(2), Place::Assigned), (app(3), Place::Waiting), (app(4), Place::Waiting)],
        processing: vec![
            (app(1), Place::Finished),
            (app(1), Place::Finished),
            (app(2), Place::Finished),
            (app(3), Place::InCase),
            (app(9), Place::Finished),
        ],
        // Parked or not: what was never accepted must not be held.
        parked: vec![app(9)],
    });
    assert_eq!((balance.lost, balance.doubled), (vec![], vec![app(1), app(2), app(3), app(4), app(9)]));
    assert_eq!(balance.accepted, 4);
}

#[test]
fn who_looks_twice_names_only_what_stays_so() {
    let seen = |lost: &[u128], doubled: &[u128]| Balance {
        lost: lost.iter().copied().map(app).collect(),
        doubled: doubled.iter().copied().map(app).collect(),
        ..Balance::default()
    };
    let mut balance = seen(&[1, 3], &[2, 4]);
    balance.only_if_still(&seen(&[2, 3, 5], &[4]));
    // What was lost and is doubled by now, or the other way round, was on its way twice, or is a fault.
    assert_eq!(balance, seen(&[3], &[2, 4]));
}

#[test]
fn parts_add_up() {
    let one = Balance::of(&Holdings { intake: vec![app(7)], ..Holdings::default() });
    let mut all = Balance::of(&Holdings {
        intake: vec![app(8), app(9)],
        routing: vec![(app(8), Place::Waiting)],
        ..Holdings::default()
    });
    all.add(one);
    assert_eq!(
        (all.accepted, &*all.lost, &all.places),
        (3, &[app(7), app(9)][..], &[(Place::Waiting, 1)].into())
    );
}

proptest! {
    /// Whatever becomes of applications, in any order, the sums of their centre fit; and where one is lost, they do not.
    #[test]
    fn what_is_published_fits_after_any_course_of_events(
        courses in proptest::collection::vec((0_u8..3, proptest::collection::vec((0_usize..11, any::<bool>()), 0..12)), 1..40),
    ) {
        use crate::application::Status;
        let mut published = Published::default();
        for (centre, course) in &courses {
            let status = course.iter().fold(Status::Accepted, |status, (next, reopened)| {
                let status = if *reopened { status.reopened() } else { status };
                status.after(Status::ALL[*next])
            });
            published.0.entry(centre.to_string()).or_default().count(Some(status), 1);
        }
        prop_assert!(published.0.values().all(CentreSum::holds));
        prop_assert!(published.total().holds());
        prop_assert_eq!(published.total().accepted, courses.len() as u64);
        prop_assert_eq!(published.text().lines().count(), published.0.len() + 1);
        published.0.entry("0".to_owned()).or_default().count(None, 1);
        prop_assert!(!published.0["0"].holds() && !published.total().holds());
    }
}
