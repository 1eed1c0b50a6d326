//! Whoever is passed by would have changed nothing.

use proptest::{collection::vec, option, prelude::*};

use super::{Front, MAX_OTHERS};

/// A candidate: what it costs at the least, and what beyond that.
type Offer = (i64, i64);

/// What a decision makes of the candidates that are not passed by: how far near ties are apart, the costs of these, of the
/// first few, and the least of the rest.
fn seen(
    share: f64,
    gain: i64,
    home: Option<i64>,
    offers: &[Offer],
    all: bool,
) -> (i64, Vec<i64>, Vec<i64>, Option<i64>) {
    let mut front = Front::new(share);
    if let Some(home) = home {
        front.meet(home, home, true);
    }
    let mut costs = Vec::new();
    for (least, more) in offers {
        if all || !front.is_passed_by(least + gain) {
            let score = least + more;
            front.meet(score + gain, score, false);
            costs.push(score + gain);
        }
    }
    costs.sort_unstable();
    let bar = front.home.min(front.best.0.saturating_add(front.tie()));
    let ties: Vec<_> = costs.iter().copied().filter(|cost| *cost <= bar).collect();
    // Of more near ties than are kept a lot decides, so that the least of the rest may be any of them.
    let first: Vec<_> = costs.iter().copied().take(MAX_OTHERS).collect();
    (front.tie(), ties, first, costs.get(MAX_OTHERS).copied())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whoever_is_passed_by_is_neither_among_the_first_nor_as_good(
        share in prop_oneof![Just(0.0), 0.0..=1.0f64],
        gain in prop_oneof![Just(0), 0..50i64],
        home in option::of(-300..2_000i64),
        offers in vec((-300..2_000i64, prop_oneof![Just(0), 0..500i64]), 0..60),
    ) {
        let gain = if home.is_some() { gain } else { 0 };
        prop_assert_eq!(seen(share, gain, home, &offers, false), seen(share, gain, home, &offers, true));
    }

    #[test]
    fn most_of_many_are_passed_by(offers in vec((1_000..1_000_000i64, 0..100i64), 500)) {
        let mut front = Front::new(0.02);
        let passed = offers.iter().filter(|(least, more)| {
            let passed = front.is_passed_by(*least);
            if !passed {
                front.meet(least + more, least + more, false);
            }
            passed
        });
        prop_assert!(passed.count() > 350);
    }
}
