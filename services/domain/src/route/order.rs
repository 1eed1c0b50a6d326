//! Who comes first, second and third, and how much more work each may get before it no longer does.

use std::{cell::OnceCell, collections::BTreeMap};

use super::{
    bid::{Bid, MAX_BIDS},
    case::Case,
    explanation::{Candidate, WhatIf},
    predict::{Prediction, from_thousandths, thousandths},
    score::{Field, Terms},
};
use crate::id::{Id, UnitId};

/// How many candidates besides home are kept with a decision at most; no more make bids.
const MAX_OTHERS: usize = 5;

/// The candidates that matter, in order.
pub(super) struct Ranking<'a> {
    /// Best first, near ties as they were drawn: the first few, and home.
    ranked: Vec<Ranked<'a>>,
    /// How many there are in all.
    all: usize,
    /// The least cost of those that are not among the ranked; `i64::MAX`: there are none.
    rest: i64,
    /// Candidates whose costs are no further apart, in thousandths of a minute, are as good as each other.
    tie: i64,
    field: Field,
    home_able: bool,
}

/// One candidate.
struct Ranked<'a> {
    prediction: Prediction<'a>,
    /// Its officers who are busy ([`Prediction::joining`]), once it is asked.
    joining: OnceCell<Vec<i64>>,
    is_home: bool,
    terms: Terms,
    /// See [`cost`].
    cost: i64,
}

/// What candidates are ordered by: precedence first, the smaller, the better; then their cost, then their id.
#[derive(Clone, Copy)]
struct Place {
    precedence: (u8, u64),
    cost: i64,
    unit: UnitId,
    /// Which of the predictions it is.
    index: usize,
}

impl<'a> Ranking<'a> {
    pub(super) fn of(case: &Case<'a>, predictions: &[Prediction<'a>]) -> Self {
        let field = Field { mean_burden: mean(predictions.iter().map(Prediction::burden)) };
        let home_able = predictions.iter().any(|prediction| prediction.is_home(case));
        let bounded = predictions.iter().enumerate().map(|(index, prediction)| {
            let least_gain = least_gain(case, prediction.is_home(case), home_able);
            (Terms::least(case, prediction) + least_gain, index)
        });
        let mut bounded: Vec<_> = bounded.collect();
        // Whoever may be the best first: most of the others are passed by then.
        if bounded.len() > MAX_OTHERS {
            bounded.select_nth_unstable(MAX_OTHERS);
        }
        let (mut front, mut places) = (Front::new(case.policy.tie_share), Vec::with_capacity(32));
        for (least, index) in bounded {
            let Some(prediction) = predictions.get(index) else { continue };
            let is_home = prediction.is_home(case);
            if !is_home && front.is_passed_by(least) {
                continue;
            }
            let (terms, cost) = cost(case, prediction, field, home_able);
            debug_assert!(least <= cost, "no term but these is negative");
            front.meet(cost, terms.score(), is_home);
            places.push(Place { precedence: (2, 0), cost, unit: prediction.id(), index });
        }
        let tie = front.tie();
        give_precedence(case, predictions, &mut places, tie);
        let rest = keep_first(&mut places, case.request.home);
        let ranked = places.iter().filter_map(|place| {
            let prediction = *predictions.get(place.index)?;
            let (terms, cost) = cost(case, &prediction, field, home_able);
            let is_home = prediction.is_home(case);
            Some(Ranked { prediction, joining: OnceCell::new(), is_home, terms, cost })
        });
        Self { ranked: ranked.collect(), all: predictions.len(), rest, tie, field, home_able }
    }

    pub(super) fn first(&self) -> Option<&Prediction<'a>> {
        self.ranked.first().map(|first| &first.prediction)
    }

    /// How many candidates there are.
    pub(super) fn len(&self) -> usize {
        self.all
    }

    /// The candidates to keep with the decision: the first few besides home, and home.
    pub(super) fn shortlist(&self, case: &Case<'_>) -> Vec<Candidate> {
        self.ranked.iter().map(|ranked| ranked.candidate(case)).collect()
    }

    /// Who joins when, where it was asked and somebody is busy.
    pub(super) fn joining(&self) -> BTreeMap<UnitId, Vec<i64>> {
        let asked =
            self.ranked.iter().filter_map(|ranked| Some((ranked.prediction.id(), ranked.joining.get()?)));
        asked
            .filter(|(_, joining)| !joining.is_empty())
            .map(|(unit, joining)| (unit, joining.clone()))
            .collect()
    }

    /// The bids of the first few. None is made after one that always wins, nor after home by a unit that
    /// home may still beat when it is over its own ceiling.
    pub(super) fn bids(&self, case: &Case<'_>) -> Vec<Bid> {
        let mut bids = Vec::new();
        let mut worst = i64::MAX;
        for (index, ranked) in self.ranked.iter().enumerate() {
            if ranked.cost > worst {
                continue;
            }
            let rival = self.best_after(index);
            if ranked.is_home {
                worst = ranked.cost.max(rival);
            }
            let ceiling_minutes = self.ceiling(case, ranked, rival);
            bids.push(Bid { ceiling_minutes, ..ranked.prediction.limits(case) });
            if bids.len() == MAX_BIDS || ceiling_minutes == i64::MAX {
                break;
            }
        }
        bids
    }

    /// By how much the first beats the next best in what they cost; negative where home stays although another
    /// would cost less, or a lot was drawn; none: there is no other.
    pub(super) fn margin_minutes(&self) -> Option<f64> {
        let (first, next) = (self.ranked.first()?, self.best_after(0));
        (next < i64::MAX).then(|| from_thousandths(next - first.cost))
    }

    /// The smallest change of one queue that would have brought it elsewhere: of those who lost and are kept, the best
    /// who would have won with a shorter queue; else, how much longer the first one's would have to be, which its bid says.
    pub(super) fn what_if(&self, case: &Case<'_>, bids: &[Bid]) -> Option<WhatIf> {
        let (first, rest) = self.ranked.split_first()?;
        let shorter = rest.iter().find_map(|ranked| {
            let stays = |less: i64| !self.wins_with(case, ranked, first, -less);
            let most = ranked.prediction.queue.ahead.min(ranked.prediction.queue.own);
            let less = most_where(most, stays)? + 1;
            (less <= most).then(|| WhatIf { unit: ranked.prediction.id(), queue_minutes: -less })
        });
        let longer = || {
            let queue_minutes = bids.first()?.ceiling_minutes.checked_add(1)? - first.prediction.queue.own;
            rest.first().map(|_| WhatIf { unit: first.prediction.id(), queue_minutes })
        };
        shorter.or_else(longer)
    }

    /// Whether a candidate wins against the first with so many more minutes queued.
    fn wins_with(&self, case: &Case<'_>, ranked: &Ranked<'a>, first: &Ranked<'a>, more: i64) -> bool {
        let Some(prediction) = ranked.prediction.with_more(case, more, &[]) else { return false };
        let cost = cost(case, &prediction, self.field, self.home_able).1;
        if ranked.is_home {
            prediction.passes_gate(case) || cost < first.cost
        } else if first.is_home {
            !first.prediction.passes_gate(case) && cost < first.cost
        } else {
            cost + self.tie < first.cost
        }
    }

    /// The least cost of those after a candidate.
    fn best_after(&self, index: usize) -> i64 {
        self.ranked.iter().skip(index + 1).map(|ranked| ranked.cost).fold(self.rest, i64::min)
    }

    /// The largest queue of the pool with which a candidate still wins against a rival with this cost.
    fn ceiling(&self, case: &Case<'_>, ranked: &Ranked<'_>, rival: i64) -> i64 {
        let limited = self.home_able && !ranked.is_home;
        if !limited && rival == i64::MAX {
            return i64::MAX;
        }
        let joining = ranked.joining.get_or_init(|| ranked.prediction.joining(case));
        let costs_at_most = |prediction: &Prediction<'_>, most: i64| {
            // Asked some twenty times, of which every other time the terms that are quickly reckoned say no.
            let least = Terms::least(case, prediction) + least_gain(case, ranked.is_home, self.home_able);
            least <= most && cost(case, prediction, self.field, self.home_able).1 <= most
        };
        let wins = |more: i64| {
            ranked.prediction.with_more(case, more, joining).is_some_and(|prediction| {
                if ranked.is_home {
                    // Who beats home by just the least gain wins.
                    prediction.passes_gate(case) || costs_at_most(&prediction, rival.saturating_sub(1))
                } else {
                    !(limited && prediction.is_full(case))
                        && costs_at_most(&prediction, ranked.cost.max(rival.saturating_add(self.tie)))
                }
            })
        };
        unbounded_most(wins).map_or(i64::MAX, |more| ranked.prediction.queue.own + more)
    }
}

impl Ranked<'_> {
    fn candidate(&self, case: &Case<'_>) -> Candidate {
        Candidate {
            unit: self.prediction.id(),
            queued_minutes: self.prediction.queue.ahead,
            // A unit to which it was forced may have nobody.
            competent_officers: case
                .post(self.prediction.station)
                .map_or(0, |post| if post.officers == 0 { 0 } else { self.prediction.officers }),
            busy_officers: self.prediction.queue.busy.min(self.prediction.officers),
            predicted_finish_at: self.prediction.finish_at(case),
            late_probability: self.prediction.late_probability(case),
            terms: self.terms.by_name(),
            score: from_thousandths(self.terms.score()),
        }
    }
}

/// The terms, and what candidates are compared by, in thousandths of a minute: their sum, and for whoever would take it
/// from an able home the least gain on top.
fn cost(case: &Case<'_>, prediction: &Prediction<'_>, field: Field, home_able: bool) -> (Terms, i64) {
    let terms = Terms::of(case, prediction, field);
    (terms, terms.score() + least_gain(case, prediction.is_home(case), home_able))
}

fn least_gain(case: &Case<'_>, is_home: bool, home_able: bool) -> i64 {
    if home_able && !is_home { thousandths(case.policy.least_gain_minutes) } else { 0 }
}

/// Who may still come to be among the first while candidates are looked at one after the other, home before the others: most
/// of thousands cannot, and it is not worth the while to reckon each of their terms.
struct Front {
    /// See [`Policy::tie_share`](super::Policy::tie_share).
    tie_share: f64,
    /// The least costs so far besides home, and of all that will be kept the least that is not.
    others: [i64; MAX_OTHERS + 1],
    home: i64,
    /// The least cost of all, with the score that it is made of.
    best: (i64, i64),
}

impl Front {
    fn new(tie_share: f64) -> Self {
        Self { tie_share, others: [i64::MAX; MAX_OTHERS + 1], home: i64::MAX, best: (i64::MAX, 0) }
    }

    fn meet(&mut self, cost: i64, score: i64, is_home: bool) {
        // Of two that cost the same home counts, whichever is met first.
        if cost < self.best.0 || (is_home && cost == self.best.0) {
            self.best = (cost, score);
        }
        if is_home {
            self.home = cost;
            return;
        }
        let place = self.others.partition_point(|other| *other <= cost);
        if let Some(behind) = self.others.get_mut(place..) {
            behind.rotate_right(usize::from(!behind.is_empty()));
            behind.first_mut().into_iter().for_each(|first| *first = cost);
        }
    }

    /// Whether one that costs no less than this is neither among the first, nor the next behind them, nor as good as the best.
    fn is_passed_by(&self, least: i64) -> bool {
        // The bar of near ties only falls.
        let bar = self.home.min(self.best.0.saturating_add(self.tie()));
        least > bar && self.others.last().is_some_and(|last| least > *last)
    }

    /// How far apart the costs of near ties of the best may be.
    fn tie(&self) -> i64 {
        thousandths(self.tie_share * from_thousandths(self.best.1.abs()))
    }
}

/// Home comes first while it passes the gate. Near ties of the best come in the order of a draw, so that
/// replicas that see the same board do not all run to the same unit; home takes no part in it, for it needs
/// no luck to stay and nobody who gains too little may win against it.
fn give_precedence(case: &Case<'_>, predictions: &[Prediction<'_>], places: &mut [Place], tie: i64) {
    let is_home = |place: &Place| place.unit == case.request.home;
    let (mut home, mut best) = (i64::MAX, i64::MAX);
    for place in &*places {
        let least = if is_home(place) { &mut home } else { &mut best };
        *least = place.cost.min(*least);
    }
    let bar = home.min(best.saturating_add(tie));
    for place in places {
        if is_home(place) {
            if predictions.get(place.index).is_some_and(|prediction| prediction.passes_gate(case)) {
                place.precedence = (0, 0);
            }
        } else if place.cost <= bar {
            place.precedence = (1, draw(case.seed, place.unit));
        }
    }
}

/// Brings the first few into their order, and home; of the others, which are dropped, the least cost is left. Of
/// thousands of candidates it is not worth the while to order all.
fn keep_first(places: &mut Vec<Place>, home: UnitId) -> i64 {
    let order = |a: &Place, b: &Place| {
        (a.precedence.cmp(&b.precedence)).then_with(|| a.cost.cmp(&b.cost)).then_with(|| a.unit.cmp(&b.unit))
    };
    let home = places.iter().position(|place| place.unit == home).map(|index| places.swap_remove(index));
    if places.len() > MAX_OTHERS {
        places.select_nth_unstable_by(MAX_OTHERS - 1, order);
    }
    let dropped = places.split_off(MAX_OTHERS.min(places.len()));
    places.extend(home);
    places.sort_unstable_by(order);
    dropped.iter().map(|place| place.cost).min().unwrap_or(i64::MAX)
}

/// The largest number for which `holds`, which holds at 0 and, once it fails, for no larger one; none when
/// it holds beyond every queue there may be.
fn unbounded_most(holds: impl Fn(i64) -> bool) -> Option<i64> {
    const BEYOND: i64 = 1 << 30;
    let mut fails = 1;
    while holds(fails) {
        fails *= 2;
        if fails > BEYOND {
            return None;
        }
    }
    Some(between(fails / 2, fails, holds))
}

/// The largest number up to `limit` for which `holds`; none when it does not hold at 0.
pub(super) fn most_where(limit: i64, holds: impl Fn(i64) -> bool) -> Option<i64> {
    if !holds(0) {
        None
    } else if holds(limit) {
        Some(limit)
    } else {
        Some(between(0, limit, holds))
    }
}

/// The largest number for which it holds, between one for which it does and one for which it does not.
fn between(mut good: i64, mut fails: i64, holds: impl Fn(i64) -> bool) -> i64 {
    while fails - good > 1 {
        let middle = good + (fails - good) / 2;
        if holds(middle) {
            good = middle;
        } else {
            fails = middle;
        }
    }
    good
}

/// The lot of a unit: the smallest wins.
fn draw(seed: u64, unit: UnitId) -> u64 {
    let (high, low) = unit.uuid().as_u64_pair();
    mix([seed, high, low])
}

/// A number that depends on every one of these, in this order, and on nothing else: `SplitMix64` (Steele,
/// Lea, Flood 2014), its state stepped and each number folded in. Decisions are replayed by it; never change
/// it.
pub(super) fn mix(numbers: impl IntoIterator<Item = u64>) -> u64 {
    numbers.into_iter().fold(0, |state: u64, number| {
        let z = (state ^ number).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
    values.sum::<f64>() / f64::from(count.max(1))
}

#[cfg(test)]
mod tests;
