//! How far an application has come, in the codes of the national portal (`status_codes.csv` of the domain's facts: found in
//! several independent integrations). What has no code there is mapped onto the nearest one: our reading.

use std::collections::{BTreeSet, VecDeque};

use super::Status;

/// The national code. `begun`: whether a unit has begun with it; `handed_over`: whether its result is with the citizen.
///
/// Never 1 (newly registered): what is kept was accepted. Nor 3 (reception refused): a refusal after reception is a result, 9, and
/// its paper is handed over, 10.
pub fn national_code(status: Status, begun: bool, handed_over: bool) -> u32 {
    match status {
        Status::Accepted | Status::Assigned | Status::AwaitingDispatch if !begun => 2,
        Status::Accepted
        | Status::Assigned
        | Status::AwaitingDispatch
        | Status::InProcess
        | Status::Referred => 4,
        Status::AwaitingSupplement => 5,
        Status::AwaitingPayment => 6,
        Status::Withdrawn => 7,
        Status::Lapsed => 8,
        Status::Granted | Status::Refused if !handed_over => 9,
        Status::Granted | Status::Refused => 10,
    }
}

/// The codes that come after each other (`domain.md`, section 6: our reading of the forms).
const NEXT: [(u32, &[u32]); 6] =
    [(1, &[2, 3, 5, 7]), (2, &[4, 7]), (4, &[5, 6, 7, 8, 9]), (5, &[2, 7, 8]), (6, &[4, 8]), (9, &[10])];

/// What is told on the way to something else: received, in processing, processed.
const PASSED: [u32; 3] = [2, 4, 9];

/// What a portal is told, one after the other, that was told `from` last (none: nothing), so that it comes to `to`: the shortest way
/// over the codes that come after each other. What leaves an end (a case that is opened again) has none there, and is told as it is.
pub fn national_way(from: Option<u32>, to: u32) -> Vec<u32> {
    let Some(from) = from else {
        return [vec![2], national_way(Some(2), to)].concat();
    };
    if from == to {
        return Vec::new();
    }
    let mut ways = VecDeque::from([vec![from]]);
    let mut seen = BTreeSet::from([from]);
    while let Some(way) = ways.pop_front() {
        let last = way.last().copied().unwrap_or(from);
        if last == to {
            return way.into_iter().skip(1).collect();
        }
        let next = NEXT.iter().find(|(code, _)| *code == last).map_or(&[][..], |(_, next)| next);
        // On the way stands only what can be passed by: nobody is told that they were asked for something.
        for code in next.iter().filter(|code| **code == to || PASSED.contains(code)) {
            if seen.insert(*code) {
                ways.push_back([&way[..], &[*code]].concat());
            }
        }
    }
    // Opened again it is in processing, whatever it comes to by now.
    if from == 4 || to == 4 || to == 2 { vec![to] } else { [vec![4], national_way(Some(4), to)].concat() }
}

#[cfg(test)]
mod tests {
    use super::{Status::*, *};

    #[test]
    fn a_portal_is_told_each_code_in_its_turn() {
        assert_eq!(national_way(None, 2), [2]);
        assert_eq!(national_way(None, 9), [2, 4, 9]);
        assert_eq!(national_way(Some(1), 2), [2]);
        assert_eq!(national_way(Some(2), 2), [0; 0]);
        assert_eq!(national_way(Some(2), 5), [4, 5]);
        // A supplement came: received, and in processing again.
        assert_eq!(national_way(Some(5), 4), [2, 4]);
        assert_eq!(national_way(Some(6), 9), [4, 9]);
        assert_eq!(national_way(Some(4), 10), [9, 10]);
        // Opened again.
        assert_eq!(national_way(Some(10), 4), [4]);
        assert_eq!(national_way(Some(9), 5), [4, 5]);
    }

    #[test]
    fn every_way_ends_where_it_should_and_tells_nothing_on_it_that_was_not() {
        for (from, status) in (1..=10).flat_map(|from| Status::ALL.map(|status| (from, status))) {
            for (begun, handed_over) in [(false, false), (true, false), (true, true)] {
                let to = national_code(status, begun, handed_over);
                let way = national_way(Some(from), to);
                assert_eq!(way.last().copied().unwrap_or(from), to, "{from} to {to}");
                assert!(
                    way.iter().rev().skip(1).all(|code| PASSED.contains(code)),
                    "{from} to {to}: {way:?}"
                );
                let steps = [from].into_iter().chain(way.clone()).zip(way.clone());
                for (before, after) in steps {
                    let known = NEXT.iter().any(|(one, next)| *one == before && next.contains(&after));
                    assert!(known || [2, 4].contains(&after) || before == 4, "{from} to {to}: {way:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_decided_is_processed_and_then_returned() {
        for status in [Granted, Refused] {
            assert_eq!(national_code(status, true, false), 9);
            assert_eq!(national_code(status, true, true), 10);
        }
    }

    #[test]
    fn what_was_begun_is_in_processing_also_between_two_units() {
        for status in [Accepted, Assigned, AwaitingDispatch] {
            assert_eq!((national_code(status, false, false), national_code(status, true, false)), (2, 4));
        }
        assert_eq!(national_code(InProcess, true, false), 4);
        assert_eq!(
            [Referred, AwaitingSupplement, AwaitingPayment, Withdrawn, Lapsed]
                .map(|status| national_code(status, true, false)),
            [4, 5, 6, 7, 8]
        );
    }
}
