//! Who guesses check codes. Dossier codes can be counted up, and a check code has six digits: with it anybody may withdraw an
//! application, so that nobody may try them one after the other, for one dossier code or for many.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
};

/// So many wrong codes …
const MOST: u32 = 10;
/// … within so long close a dossier code for the rest of it, on each replica: a million codes would take years.
const WITHIN: Duration = Duration::from_secs(15 * 60);
/// So many of one caller, for whatever dossier codes, close the door to them: nobody mistypes a hundred.
const MOST_OF_ONE: u32 = 100;
/// So many of a system, which asks for many.
const MOST_OF_A_SYSTEM: u32 = 1_000;
/// How many dossier codes, and how many callers, are remembered at most; beyond that, those with the fewest wrong codes are forgotten, the
/// oldest first.
const REMEMBERED: usize = 10_000;
/// No dossier code has more bytes; a caller's name is no longer than this either, for what is counted.
const LONGEST: usize = 64;

/// Wrong check codes of late, by dossier code and by caller.
#[derive(Debug, Default)]
pub(crate) struct Guesses {
    dossiers: Wrong,
    callers: Wrong,
}

/// How often something was wrong of late, by whatever it was about.
#[derive(Debug, Default)]
struct Wrong(Mutex<HashMap<String, (Instant, u32)>>);

impl Guesses {
    /// Whether a caller may try another code for a dossier code.
    ///
    /// # Errors
    /// `TOO_MANY_WRONG_CODES`.
    pub(crate) fn check(&self, caller: &Caller, dossier_code: &str, now: Instant) -> Result<(), Rejection> {
        let refuse = |message: &str| Err(Rejection::new(Kind::Precondition, "TOO_MANY_WRONG_CODES", message));
        if self.dossiers.count(dossier_code, now) >= MOST {
            return refuse(
                "too many wrong check codes for this dossier code; try again in a quarter of an hour",
            );
        }
        if self.callers.count(&name(caller), now) >= most(caller) {
            return refuse("too many wrong check codes of yours; try again in a quarter of an hour");
        }
        Ok(())
    }

    /// A code was wrong.
    pub(crate) fn note(&self, caller: &Caller, dossier_code: &str, now: Instant) {
        if dossier_code.len() <= LONGEST {
            self.dossiers.note(dossier_code, now);
        }
        self.callers.note(&name(caller), now);
    }
}

fn most(caller: &Caller) -> u32 {
    match caller.role {
        Role::System | Role::Service => MOST_OF_A_SYSTEM,
        Role::Citizen | Role::Officer | Role::Supervisor | Role::Operator => MOST_OF_ONE,
    }
}

/// By which a caller is remembered.
fn name(caller: &Caller) -> String {
    caller.actor().chars().take(LONGEST).collect()
}

impl Wrong {
    fn count(&self, about: &str, now: Instant) -> u32 {
        let wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match wrong.get(about) {
            Some((since, count)) if now.duration_since(*since) < WITHIN => *count,
            _ => 0,
        }
    }

    fn note(&self, about: &str, now: Instant) {
        let mut wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |since: Instant| now.duration_since(since) >= WITHIN;
        if wrong.len() >= REMEMBERED && !wrong.contains_key(about) {
            wrong.retain(|_, (since, _)| !is_over(*since));
        }
        if wrong.len() >= REMEMBERED && !wrong.contains_key(about) {
            let least = wrong.iter().min_by_key(|(_, (since, count))| (*count, *since));
            if let Some(least) = least.map(|(about, _)| about.clone()) {
                wrong.remove(&least);
            }
        }
        let entry = wrong.entry(about.to_owned()).or_insert((now, 0));
        if is_over(entry.0) {
            *entry = (now, 0);
        }
        entry.1 += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(role: Role, name: &str) -> Caller {
        Caller { role, name: name.to_owned(), unit: None, officer: None }
    }

    #[test]
    fn after_ten_wrong_codes_a_dossier_is_closed_for_a_while_and_no_other_is() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        let anna = named(Role::Citizen, "Anna");
        for _ in 0..MOST {
            assert_eq!(guesses.check(&anna, "a", now), Ok(()));
            guesses.note(&anna, "a", now);
        }
        let elsewhere = named(Role::Citizen, "Bình");
        assert_eq!(guesses.check(&elsewhere, "a", now).unwrap_err().reason, "TOO_MANY_WRONG_CODES");
        assert_eq!(guesses.check(&anna, "b", now), Ok(()));
        let later = now + WITHIN;
        assert_eq!(guesses.check(&anna, "a", later), Ok(()));
        guesses.note(&anna, "a", later);
        assert_eq!(guesses.check(&anna, "a", later), Ok(()));
    }

    #[test]
    fn whoever_tries_many_dossiers_is_let_in_to_none_for_a_while_and_others_are() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        for (role, most) in [(Role::Citizen, MOST_OF_ONE), (Role::System, MOST_OF_A_SYSTEM)] {
            let (tries, other) = (named(role, "tries"), named(role, "other"));
            for number in 0..most {
                assert_eq!(guesses.check(&tries, "mine", now), Ok(()));
                guesses.note(&tries, &number.to_string(), now);
            }
            assert_eq!(guesses.check(&tries, "mine", now).unwrap_err().reason, "TOO_MANY_WRONG_CODES");
            assert_eq!(guesses.check(&other, "mine", now), Ok(()));
            assert_eq!(guesses.check(&tries, "mine", now + WITHIN), Ok(()));
        }
    }

    #[test]
    fn whoever_counts_up_dossier_codes_fills_no_memory() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        let callers: Vec<_> =
            (0..REMEMBERED + 100).map(|number| named(Role::Citizen, &number.to_string())).collect();
        guesses.note(&callers[0], &"x".repeat(LONGEST + 1), now);
        assert!(guesses.dossiers.0.lock().unwrap().is_empty());
        (0..MOST).for_each(|_| guesses.note(&callers[0], "victim", now));
        for (number, caller) in callers.iter().enumerate() {
            guesses.note(caller, &number.to_string(), now);
        }
        assert_eq!(guesses.dossiers.0.lock().unwrap().len(), REMEMBERED);
        assert_eq!(guesses.callers.0.lock().unwrap().len(), REMEMBERED);
        // Nor can they have it forgotten whom they try.
        assert!(guesses.check(&callers[1], "victim", now).is_err());
        guesses.note(&callers[1], "late", now + WITHIN);
        assert_eq!(guesses.dossiers.0.lock().unwrap().len(), 1);
    }
}
