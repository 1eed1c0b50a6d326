//! Which provider of a channel a message goes to.

use jiff::Timestamp;

use super::breaker::Health;

/// A provider, in the order of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<'n> {
    /// Its name.
    pub name: &'n str,
    /// Whether it takes a key, so that the same message twice has one effect.
    pub takes_key: bool,
    /// How it is.
    pub health: Health,
    /// When it takes the next message; none: now. Its budget is spent, or it asked for a pause.
    pub not_before: Option<Timestamp>,
}

/// Where a message was last, and whether it may have been heard there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Last<'n> {
    /// Name of the provider.
    pub name: &'n str,
    /// Whether an attempt there had no clear end.
    pub may_be_heard: bool,
}

/// What is to be done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// It goes to this one, by its place in the order.
    To(usize),
    /// None takes it now; one does then. Real time.
    Later(Timestamp),
    /// There is no provider.
    Nobody,
}

/// Chooses. The first that is well and has budget; one that is slow where none is. Whoever may have heard it and takes a key gets
/// it again, whatever the others could do: they would tell it a second time.
pub fn choose(candidates: &[Candidate<'_>], last: Option<Last<'_>>) -> Choice {
    let bound = last.filter(|last| last.may_be_heard).and_then(|last| {
        candidates.iter().position(|candidate| candidate.name == last.name && candidate.takes_key)
    });
    if let Some(place) = bound {
        return match ready(&candidates[place]) {
            None => Choice::To(place),
            Some(at) => Choice::Later(at),
        };
    }
    let well = |candidate: &Candidate<'_>| matches!(candidate.health, Health::Well | Health::Trial);
    let first = |wanted: &dyn Fn(&Candidate<'_>) -> bool| {
        candidates.iter().position(|candidate| ready(candidate).is_none() && wanted(candidate))
    };
    match first(&well).or_else(|| first(&|_| true)) {
        Some(place) => Choice::To(place),
        None => candidates.iter().filter_map(ready).min().map_or(Choice::Nobody, Choice::Later),
    }
}

/// When it takes a message; none: now.
fn ready(candidate: &Candidate<'_>) -> Option<Timestamp> {
    let away = match candidate.health {
        Health::Away(until) => Some(until),
        Health::Well | Health::Slow | Health::Trial => None,
    };
    away.max(candidate.not_before)
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::select};

    use super::*;

    const NAMES: [&str; 3] = ["one", "two", "three"];

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + seconds).unwrap()
    }

    fn is(name: &'static str, health: Health) -> Candidate<'static> {
        Candidate { name, takes_key: true, health, not_before: None }
    }

    #[test]
    fn the_first_that_is_well_gets_it() {
        let choose = |healths: [Health; 3]| {
            let candidates: Vec<_> =
                NAMES.into_iter().zip(healths).map(|(name, health)| is(name, health)).collect();
            super::choose(&candidates, None)
        };
        let (well, slow, away) = (Health::Well, Health::Slow, Health::Away(at(9)));
        assert_eq!(choose([well, well, well]), Choice::To(0));
        assert_eq!(choose([away, slow, well]), Choice::To(2));
        assert_eq!(choose([away, slow, away]), Choice::To(1), "slow is better than nobody");
        assert_eq!(choose([Health::Trial, well, well]), Choice::To(0), "by which it recovers");
        assert_eq!(choose([away, Health::Away(at(4)), away]), Choice::Later(at(4)));
        assert_eq!(super::choose(&[], None), Choice::Nobody);
    }

    proptest! {
        #[test]
        fn what_may_have_been_heard_under_a_key_goes_to_nobody_else(
            candidates in proptest::collection::vec(
                (any::<bool>(), select(vec![Health::Well, Health::Slow, Health::Trial, Health::Away(at(5))]), any::<bool>()),
                3,
            ),
            last in 0usize..3,
            may_be_heard: bool,
        ) {
            let candidates: Vec<_> = NAMES.into_iter().zip(candidates).map(|(name, (takes_key, health, spent))| {
                Candidate { name, takes_key, health, not_before: spent.then(|| at(7)) }
            }).collect();
            let chosen = choose(&candidates, Some(Last { name: NAMES[last], may_be_heard }));
            if may_be_heard && candidates[last].takes_key {
                prop_assert!(matches!(chosen, Choice::Later(_)) || chosen == Choice::To(last));
            }
            match chosen {
                Choice::To(place) => prop_assert_eq!(ready(&candidates[place]), None),
                Choice::Later(until) => prop_assert!(until > at(0)),
                Choice::Nobody => prop_assert!(false, "there are some"),
            }
        }
    }
}
