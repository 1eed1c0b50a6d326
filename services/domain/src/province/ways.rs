//! What is wrong with the ways through a process: a step that leads back or nowhere, one that no way leads to, and a budget of time
//! that does not add up.
//!
//! Every step leads to later ones or ends the case. So there is no cycle, and no dead end: from each step some way goes on to the
//! end. Those that go on together are come to as one, and one step follows them: whoever does that has what all of them have found.

use crate::procedure::{Next, Process};

/// A wrong place of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Number of the step.
    pub(super) step: u32,
    /// Column of `steps.csv`.
    pub(super) column: &'static str,
    /// What was expected there.
    pub(super) expected: String,
}

/// The faults of a process whose steps are numbered 1, 2, 3 … `minutes`: the statutory time in working minutes; none: it is not
/// stated.
pub(super) fn faults(process: &Process<'_>, minutes: Option<i64>) -> Vec<Fault> {
    let rules = [scattered, divided, backwards, unreached, shares_alone, shares_that_do_not_add_up];
    let broken = rules.iter().map(|rule| rule(process)).find(|faults| !faults.is_empty());
    broken.unwrap_or_else(|| {
        let beyond = efforts_beyond_their_share(process, minutes);
        if beyond.is_empty() { efforts_beyond_the_time(process, minutes) } else { beyond }
    })
}

const TOGETHER: &str = "together_with";

fn fault(step: u32, column: &'static str, expected: impl Into<String>) -> Fault {
    Fault { step, column, expected: expected.into() }
}

/// Steps that go on together stand one after another, not at the beginning, for somebody receives the dossier, and not at the end, for
/// somebody decides.
fn scattered(process: &Process<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (before, step) in process.steps().iter().zip(process.steps().iter().skip(1)) {
        let Some(first) = step.together_with else { continue };
        let stage = before.stage();
        if stage == 1 {
            let expected = "nothing: the first step goes on alone, for the dossier is received there";
            faults.push(fault(step.number, TOGETHER, expected));
        } else if first != stage {
            let expected = format!("{stage}: the step before it, or the one with which that begins");
            faults.push(fault(step.number, TOGETHER, expected));
        }
    }
    if !faults.is_empty() {
        return faults;
    }
    let ends = process.steps().first().into_iter().chain(process.steps().last());
    let ends = ends.filter(|step| step.together_with.is_some());
    let faults = ends.map(|step| {
        let expected = match step.number {
            1 => "nothing: no step begins before the first",
            _ => "nothing: a step that goes on alone comes last, for somebody decides by what all have found",
        };
        fault(step.number, TOGETHER, expected)
    });
    faults.collect()
}

/// One step follows those that go on together, and they are come to by the first of them.
fn divided(process: &Process<'_>) -> Vec<Fault> {
    let faults = process.steps().iter().filter_map(|step| {
        let together = process.stage(step.number).nth(1).is_some();
        if together && step.next != Next::Following {
            let expected = "nothing: what follows steps that go on together is the step after them";
            return Some(fault(step.number, "next", expected));
        }
        let Next::OneOf(steps) = &step.next else { return None };
        let inside = steps.iter().filter_map(|next| process.step(*next)?.together_with).next()?;
        let expected =
            format!("{inside}: the first of the steps that go on together, and with it all of them");
        Some(fault(step.number, "next", expected))
    });
    faults.collect()
}

fn backwards(process: &Process<'_>) -> Vec<Fault> {
    let leads_on = |from: u32, to: u32| to > from && process.step(to).is_some();
    let back = process.steps().iter().filter(|step| match &step.next {
        Next::OneOf(steps) => !steps.iter().all(|next| leads_on(step.number, *next)),
        Next::Following | Next::End => false,
    });
    let last = process.steps().len();
    let faults = back.map(|step| {
        let expected = match usize::try_from(step.number) {
            Ok(number) if number < last => {
                format!("later steps ({} to {last}), or end: no way leads back", number + 1)
            }
            _ => "end: no step comes after this one".to_owned(),
        };
        fault(step.number, "next", expected)
    });
    faults.collect()
}

fn unreached(process: &Process<'_>) -> Vec<Fault> {
    let reached = process.longest();
    let unreached = process.steps().iter().filter(|step| !reached.contains_key(&step.number));
    unreached.map(|step| fault(step.number, "step", "a step that an earlier one leads to (next)")).collect()
}

fn shares_alone(process: &Process<'_>) -> Vec<Fault> {
    let without: Vec<_> = process.steps().iter().filter(|step| step.share.is_none()).collect();
    if without.len() == process.steps().len() {
        return Vec::new();
    }
    let expected = "a share of the time in every step of a process, or in none";
    without.into_iter().map(|step| fault(step.number, "share", expected)).collect()
}

/// Whoever takes the longest way has all of the time, and nobody has more.
fn shares_that_do_not_add_up(process: &Process<'_>) -> Vec<Fault> {
    if process.steps().iter().all(|step| step.share.is_none()) {
        return Vec::new();
    }
    let longest = process.longest();
    // Of equals the first: the end that is named first.
    let most = longest.values().rev().max_by_key(|longest| longest.sum);
    let wrong = most.filter(|most| most.sum != 100);
    let faults = wrong.and_then(|most| {
        let way: Vec<_> = most.way.iter().map(ToString::to_string).collect();
        let expected = format!(
            "shares that add up to 100 along the longest way, which is {} with {}",
            way.join(" – "),
            most.sum
        );
        most.way.last().map(|last| fault(*last, "share", expected))
    });
    faults.into_iter().collect()
}

fn efforts_beyond_their_share(process: &Process<'_>, minutes: Option<i64>) -> Vec<Fault> {
    let Some(minutes) = minutes else { return Vec::new() };
    let faults = process.steps().iter().filter_map(|step| {
        let most = minutes * i64::from(step.share?) / 100;
        (i64::from(step.effort_minutes) > most).then(|| {
            let expected =
                format!("an effort within the step's share of the statutory time: {most} minutes at most");
            fault(step.number, "effort_minutes", expected)
        })
    });
    faults.collect()
}

/// Whatever is done within a time has to fit into it, however it is shared out.
fn efforts_beyond_the_time(process: &Process<'_>, minutes: Option<i64>) -> Vec<Fault> {
    let Some(minutes) = minutes else { return Vec::new() };
    let longest = process.longest_by(|step| step.effort_minutes);
    let most = longest.values().rev().max_by_key(|longest| longest.sum);
    let beyond = most.filter(|most| i64::from(most.sum) > minutes);
    let fault = beyond.and_then(|most| {
        let way: Vec<_> = most.way.iter().map(ToString::to_string).collect();
        let expected = format!(
            "efforts that fit into the statutory time of {minutes} minutes, along the way {} they are {}",
            way.join(" – "),
            most.sum
        );
        most.way.last().map(|last| fault(*last, "effort_minutes", expected))
    });
    fault.into_iter().collect()
}

#[cfg(test)]
mod tests;
