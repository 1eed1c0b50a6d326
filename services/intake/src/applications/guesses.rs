//! Who guesses check codes. Dossier codes can be counted up, and a check code has six digits: with it anybody may withdraw an
//! application, so that nobody may try them one after the other.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use phidia_domain::{Kind, Rejection};

/// So many wrong codes …
const MOST: u32 = 10;
/// … within so long close a dossier code for the rest of it, on each replica: a million codes would take years.
const WITHIN: Duration = Duration::from_secs(15 * 60);
/// How many dossier codes are remembered at most; beyond that, those with the fewest wrong codes are forgotten, the oldest first.
const REMEMBERED: usize = 10_000;
/// No dossier code has more bytes.
const LONGEST: usize = 64;

/// Wrong check codes of late, by dossier code.
#[derive(Debug, Default)]
pub(crate) struct Guesses(Mutex<HashMap<String, (Instant, u32)>>);

impl Guesses {
    /// Whether another code may be tried.
    ///
    /// # Errors
    /// `TOO_MANY_WRONG_CODES`.
    pub(crate) fn check(&self, dossier_code: &str, now: Instant) -> Result<(), Rejection> {
        let wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match wrong.get(dossier_code) {
            Some((since, count)) if *count >= MOST && now.duration_since(*since) < WITHIN => {
                let message =
                    "too many wrong check codes for this dossier code; try again in a quarter of an hour";
                Err(Rejection::new(Kind::Precondition, "TOO_MANY_WRONG_CODES", message))
            }
            _ => Ok(()),
        }
    }

    /// A code was wrong.
    pub(crate) fn note(&self, dossier_code: &str, now: Instant) {
        if dossier_code.len() > LONGEST {
            return;
        }
        let mut wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |since: Instant| now.duration_since(since) >= WITHIN;
        if wrong.len() >= REMEMBERED && !wrong.contains_key(dossier_code) {
            wrong.retain(|_, (since, _)| !is_over(*since));
        }
        if wrong.len() >= REMEMBERED && !wrong.contains_key(dossier_code) {
            let least = wrong.iter().min_by_key(|(_, (since, count))| (*count, *since));
            if let Some(least) = least.map(|(code, _)| code.clone()) {
                wrong.remove(&least);
            }
        }
        let entry = wrong.entry(dossier_code.to_owned()).or_insert((now, 0));
        if is_over(entry.0) {
            *entry = (now, 0);
        }
        entry.1 += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_ten_wrong_codes_a_dossier_is_closed_for_a_while_and_no_other_is() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        for _ in 0..MOST {
            assert_eq!(guesses.check("a", now), Ok(()));
            guesses.note("a", now);
        }
        assert_eq!(guesses.check("a", now).unwrap_err().reason, "TOO_MANY_WRONG_CODES");
        assert_eq!(guesses.check("b", now), Ok(()));
        let later = now + WITHIN;
        assert_eq!(guesses.check("a", later), Ok(()));
        guesses.note("a", later);
        assert_eq!(guesses.check("a", later), Ok(()));
    }

    #[test]
    fn whoever_counts_up_dossier_codes_fills_no_memory() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        guesses.note(&"x".repeat(LONGEST + 1), now);
        assert!(guesses.0.lock().unwrap().is_empty());
        (0..MOST).for_each(|_| guesses.note("victim", now));
        (0..REMEMBERED + 100).for_each(|number| guesses.note(&number.to_string(), now));
        assert_eq!(guesses.0.lock().unwrap().len(), REMEMBERED);
        // Nor can they have it forgotten whom they try.
        assert!(guesses.check("victim", now).is_err());
        guesses.note("late", now + WITHIN);
        assert_eq!(guesses.0.lock().unwrap().len(), 1);
    }
}
