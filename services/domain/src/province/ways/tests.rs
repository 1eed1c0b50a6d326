//! The checker beside a naive walk over all ways, over processes made by chance.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::procedure::{CompetenceKey, Scope, Step, StepKind, Text};

fn step(number: u32, next: Next, share: Option<u8>, effort_minutes: u32) -> Step {
    Step {
        number,
        together_with: None,
        kind: StepKind::Work,
        name: Text::default(),
        scope: Scope::Home,
        list: None,
        competence_key: CompetenceKey::None,
        authority: None,
        level: 1,
        effort_minutes,
        papers: None,
        role: None,
        share,
        forms: Vec::new(),
        next,
        effective_from: None,
        effective_to: None,
    }
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap() - 1
}

/// Every way from the first step on, up to its end, or up to where it comes to a step for the second time (`None`) or to one that is
/// not there. Of steps that go on together each way has one.
fn walk(steps: &[Step], way: &[u32], ways: &mut Vec<Option<Vec<u32>>>) {
    let here = *way.last().unwrap();
    let Some(step) = steps.iter().find(|step| step.number == here) else { return ways.push(None) };
    let follows = match &step.next {
        Next::End => vec![],
        Next::OneOf(next) => next.clone(),
        Next::Following => {
            let after = steps[index(here)..].iter().skip(1).find(|next| next.together_with.is_none());
            after.map(|next| next.number).into_iter().collect()
        }
    };
    let beside = |first: u32| steps.iter().filter(move |step| step.together_with == Some(first));
    let follows: Vec<u32> = follows
        .into_iter()
        .flat_map(|first| std::iter::once(first).chain(beside(first).map(|step| step.number)))
        .collect();
    if follows.is_empty() {
        return ways.push(Some(way.to_vec()));
    }
    for next in follows {
        if way.contains(&next) {
            ways.push(None);
        } else {
            walk(steps, &[way, &[next]].concat(), ways);
        }
    }
}

fn ways_of(steps: &[Step]) -> Vec<Option<Vec<u32>>> {
    let mut ways = Vec::new();
    walk(steps, &[1], &mut ways);
    ways
}

fn check(steps: &[Step], minutes: Option<i64>) -> Vec<Fault> {
    faults(&Process::of(steps.iter().collect()), minutes)
}

/// A step's next: mostly later steps, sometimes anything.
fn nexts(number: u32, count: u32) -> impl Strategy<Value = Next> {
    let later: Vec<u32> = (number + 1..=count.max(number + 1)).collect();
    let any: Vec<u32> = (1..=count + 1).collect();
    let one_of = |numbers: Vec<u32>| {
        let most = numbers.len().min(3);
        proptest::sample::subsequence(numbers, 1..=most).prop_shuffle().prop_map(Next::OneOf)
    };
    prop_oneof![
        6 => Just(Next::Following),
        1 => Just(Next::End),
        8 => one_of(later),
        1 => one_of(any),
    ]
}

/// Some of which go on together, at their right place.
fn graphs() -> impl Strategy<Value = Vec<Step>> {
    (1..7_u32).prop_flat_map(|count| {
        let nexts: Vec<_> = (1..=count).map(|number| nexts(number, count).boxed()).collect();
        // Shares that often add up: of a few round numbers.
        let shares = vec(select(vec![10_u8, 20, 30, 40, 50, 60, 100]), usize::try_from(count).unwrap());
        let stage = (2..7_u32, 1..4_u32, any::<bool>());
        (nexts, shares, any::<bool>(), stage).prop_map(
            move |(nexts, shares, shared, (first, more, parts))| {
                let steps = (1..).zip(nexts.into_iter().zip(shares));
                let mut steps: Vec<_> = steps
                    .map(|(number, (next, share))| step(number, next, shared.then_some(share), 1))
                    .collect();
                if parts && first + more < count {
                    for one in &mut steps[index(first)..=index(first + more)] {
                        one.next = Next::Following;
                        one.together_with = (one.number > first).then_some(first);
                    }
                }
                steps
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]

    /// What passes has no way that goes round or ends nowhere, each step lies on a way to the end, and the longest way has all of the
    /// time. What does not pass has a step that does not lead on, or one that no way comes to, or a longest way of another sum.
    #[test]
    fn the_checker_agrees_with_a_walk_over_all_ways(steps in graphs()) {
        let found = check(&steps, None);
        let divides = |step: &Step| match &step.next {
            Next::OneOf(next) => steps.iter().any(|inner| inner.together_with.is_some() && next.contains(&inner.number)),
            _ => false,
        };
        let dividing: Vec<_> = steps.iter().filter(|step| divides(step)).map(|step| step.number).collect();
        if !dividing.is_empty() {
            prop_assert!(found.iter().all(|fault| fault.column == "next"));
            prop_assert_eq!(found.iter().map(|fault| fault.step).collect::<Vec<_>>(), dividing);
            return Ok(());
        }
        let leads_on = |step: &Step| match &step.next {
            Next::OneOf(next) => next.iter().all(|next| *next > step.number && index(*next) < steps.len()),
            _ => true,
        };
        if !steps.iter().all(leads_on) {
            prop_assert!(!found.is_empty() && found.iter().all(|fault| fault.column == "next"), "{:?}", found);
            let named: Vec<_> = found.iter().map(|fault| fault.step).collect();
            let wrong: Vec<_> = steps.iter().filter(|step| !leads_on(step)).map(|step| step.number).collect();
            prop_assert_eq!(named, wrong);
            return Ok(());
        }
        let ways = ways_of(&steps);
        prop_assert!(ways.iter().all(Option::is_some), "what leads on alone neither goes round nor ends nowhere");
        let ways: Vec<_> = ways.into_iter().flatten().collect();
        let lost: Vec<_> =
            steps.iter().map(|step| step.number).filter(|number| !ways.iter().flatten().any(|on| on == number)).collect();
        if !lost.is_empty() {
            let named: Vec<_> = found.iter().map(|fault| (fault.step, fault.column)).collect();
            prop_assert_eq!(named, lost.into_iter().map(|step| (step, "step")).collect::<Vec<_>>());
            return Ok(());
        }
        let sum = |way: &Vec<u32>| -> u32 {
            way.iter().map(|number| u32::from(steps[index(*number)].share.unwrap_or(0))).sum()
        };
        let most = ways.iter().map(sum).max().unwrap();
        let adds_up = most == 100 || steps[0].share.is_none();
        prop_assert_eq!(found.is_empty(), adds_up, "{:?} {}", found, most);
        prop_assert!(found.iter().all(|fault| fault.column == "share"));
    }

    /// By when a step is to be done is reckoned by the way to it that has the most, also of those that no walk ends at.
    #[test]
    fn a_step_has_the_time_of_the_longest_way_to_it(steps in graphs()) {
        let goes_on = check(&steps, None).iter().all(|fault| fault.column == "share");
        if !goes_on || steps[0].share.is_none() {
            return Ok(());
        }
        let process = Process::of(steps.iter().collect());
        let ways: Vec<_> = ways_of(&steps).into_iter().flatten().collect();
        for step in &steps {
            let to_it = ways.iter().filter_map(|way| {
                let up_to = way.iter().position(|number| *number == step.number)?;
                Some(way[..=up_to].iter().map(|number| u32::from(steps[index(*number)].share.unwrap())).sum::<u32>())
            });
            prop_assert_eq!(process.share_until(step.number), to_it.max());
        }
        // The usual way is one of them, by any of those that go on together, and takes what is named first.
        let usual: Vec<Vec<u32>> = process.usual_stages().map(|stage| stage.iter().map(|step| step.number).collect()).collect();
        for by in 0..3 {
            prop_assert!(ways.contains(&usual.iter().map(|stage| stage[by.min(stage.len() - 1)]).collect()));
        }
        let follows = |number: &u32| process.next(&steps[index(*number)]).first().copied();
        for pair in usual.windows(2) {
            prop_assert!(pair[0].iter().all(|step| follows(step) == Some(pair[1][0])));
        }
        let alone = |stage: &Vec<u32>| stage.iter().all(|step| process.stage(*step).count() == stage.len());
        prop_assert!(usual.iter().all(alone));
    }

    /// An effort fits where it is no more than the share of the statutory time, whatever that is.
    #[test]
    fn an_effort_fits_in_its_share(minutes in 1..5_000_i64, share in 1..100_u8, effort in 1..5_000_u32) {
        let steps = [step(1, Next::Following, Some(share), effort), step(2, Next::Following, Some(100 - share), 1)];
        if minutes * i64::from(100 - share) < 100 {
            return Ok(());
        }
        let fits = 100 * i64::from(effort) <= minutes * i64::from(share);
        let found = check(&steps, Some(minutes));
        prop_assert_eq!(found.is_empty(), fits, "{:?}", found);
        prop_assert!(found.iter().all(|fault| (fault.step, fault.column) == (1, "effort_minutes")));
        // Where no time is stated, nothing is beyond it.
        prop_assert!(check(&steps, None).is_empty());
    }
}
