//! Whoever is passed by would have changed nothing.

use proptest::{collection::vec, option, prelude::*};

use super::{Front, MAX_OTHERS};

/// A candidate: what it costs at the least, and what beyond that.
type Offer = (i64, i64);

/// What a decision makes of the candidates that are not passed by: how far near ties are apart, the costs of these, of the
/// first few, and the least of the rest. Home is met after so many of them.
fn seen(
    share: f64,
    gain: i64,
    home: Option<(i64, usize)>,
    offers: &[Offer],
    all: bool,
) -> (i64, Vec<i64>, Vec<i64>, Option<i64>) {
    let mut front = Front::new(share);
    let mut costs = Vec::new();
    let home_at = home.map(|(cost, after)| (cost, after.min(offers.len())));
    for number in 0..=offers.len() {
        if let Some((cost, _)) = home_at.filter(|(_, after)| *after == number) {
            front.meet(cost, cost, true);
        }
        let Some((least, more)) = offers.get(number) else { break };
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
        after in 0..60usize,
        offers in vec((-300..2_000i64, prop_oneof![Just(0), 0..500i64]), 0..60),
        as_good in option::of(0..60usize),
    ) {
        let gain = if home.is_some() { gain } else { 0 };
        // Now and then somebody costs just what home does.
        let home = as_good.and_then(|at| offers.get(at)).map(|(least, more)| least + more + gain).filter(|_| home.is_some()).or(home);
        let seen = |after, all| seen(share, gain, home.map(|cost| (cost, after)), &offers, all);
        prop_assert_eq!(seen(after, false), seen(0, true));
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
