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
struct Wrong(Mutex<HashMap<String, Count>>);

#[derive(Clone, Copy, Debug)]
struct Count {
    since: Instant,
    wrong: u32,
    /// Guesses of which it is not known yet whether they are wrong: they count, or many at once would pass the limit.
    open: u32,
}

/// A guess that is being looked at. It is forgotten when it is dropped, unless it was wrong.
#[derive(Debug)]
#[must_use = "a guess is looked at as long as it is held"]
pub(crate) struct Guess<'g> {
    guesses: &'g Guesses,
    /// None: it is longer than any.
    dossier: Option<String>,
    caller: String,
}

impl Guesses {
    /// Lets a caller try a code for a dossier code.
    ///
    /// # Errors
    /// `TOO_MANY_WRONG_CODES`; `OVERLOADED` while too many are looked at.
    pub(crate) fn begin(
        &self,
        caller: &Caller,
        dossier_code: &str,
        now: Instant,
    ) -> Result<Guess<'_>, Rejection> {
        let dossier = (dossier_code.len() <= LONGEST).then(|| dossier_code.to_owned());
        if let Some(code) = &dossier {
            self.dossiers.begin(code, MOST, now).map_err(|full| full.refuse("for this dossier code"))?;
        }
        let (caller, most) = (name(caller), most(caller));
        if let Err(full) = self.callers.begin(&caller, most, now) {
            if let Some(code) = &dossier {
                self.dossiers.end(code);
            }
            return Err(full.refuse("of yours"));
        }
        Ok(Guess { guesses: self, dossier, caller })
    }
}

impl Guess<'_> {
    /// It was wrong, and counts for a while.
    pub(crate) fn was_wrong(self, now: Instant) {
        if let Some(code) = &self.dossier {
            self.guesses.dossiers.note(code, now);
        }
        self.guesses.callers.note(&self.caller, now);
    }
}

impl Drop for Guess<'_> {
    fn drop(&mut self) {
        if let Some(code) = &self.dossier {
            self.guesses.dossiers.end(code);
        }
        self.guesses.callers.end(&self.caller);
    }
}

/// Why nothing more may be tried.
enum Full {
    /// So many were wrong.
    Wrong,
    /// So many are being looked at.
    Open,
}

impl Full {
    fn refuse(self, which: &str) -> Rejection {
        match self {
            Self::Wrong => {
                let message =
                    format!("too many wrong check codes {which}; try again in a quarter of an hour");
                Rejection::new(Kind::Precondition, "TOO_MANY_WRONG_CODES", message)
            }
            Self::Open => {
                let message = format!("too many check codes {which} are looked at now; try again");
                Rejection::new(Kind::Exhausted, "OVERLOADED", message)
            }
        }
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
    fn begin(&self, about: &str, most: u32, now: Instant) -> Result<(), Full> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = Count::of(&mut counts, about, now);
        if count.wrong >= most {
            return Err(Full::Wrong);
        }
        if count.wrong.saturating_add(count.open) >= most {
            return Err(Full::Open);
        }
        count.open += 1;
        Ok(())
    }

    fn note(&self, about: &str, now: Instant) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Count::of(&mut counts, about, now).wrong += 1;
    }

    fn end(&self, about: &str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(about) {
            count.open = count.open.saturating_sub(1);
            if count.open == 0 && count.wrong == 0 {
                counts.remove(about);
            }
        }
    }
}

impl Count {
    /// What is counted of something now.
    fn of<'c>(counts: &'c mut HashMap<String, Self>, about: &str, now: Instant) -> &'c mut Self {
        if counts.len() >= REMEMBERED && !counts.contains_key(about) {
            counts.retain(|_, count| count.open > 0 || !count.is_over(now));
        }
        if counts.len() >= REMEMBERED && !counts.contains_key(about) {
            let least = counts.iter().min_by_key(|(_, count)| (count.wrong + count.open, count.since));
            if let Some(least) = least.map(|(about, _)| about.clone()) {
                counts.remove(&least);
            }
        }
        let count = counts.entry(about.to_owned()).or_insert(Self { since: now, wrong: 0, open: 0 });
        if count.is_over(now) {
            *count = Self { since: now, wrong: 0, open: count.open };
        }
        count
    }

    fn is_over(&self, now: Instant) -> bool {
        now.duration_since(self.since) >= WITHIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(role: Role, name: &str) -> Caller {
        Caller { role, name: name.to_owned(), unit: None, officer: None }
    }

    impl Guesses {
        /// A code is tried, and is wrong.
        fn miss(&self, caller: &Caller, dossier_code: &str, now: Instant) -> Result<(), String> {
            let guess = self.begin(caller, dossier_code, now).map_err(|refusal| refusal.reason)?;
            guess.was_wrong(now);
            Ok(())
        }

        /// A code is tried, and is right.
        fn hit(&self, caller: &Caller, dossier_code: &str, now: Instant) -> Result<(), String> {
            self.begin(caller, dossier_code, now).map(drop).map_err(|refusal| refusal.reason)
        }
    }

    fn closed() -> Result<(), String> {
        Err("TOO_MANY_WRONG_CODES".to_owned())
    }

    #[test]
    fn after_ten_wrong_codes_a_dossier_is_closed_for_a_while_and_no_other_is() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        let anna = named(Role::Citizen, "Anna");
        for _ in 0..MOST {
            assert_eq!(guesses.hit(&anna, "a", now), Ok(()));
            assert_eq!(guesses.miss(&anna, "a", now), Ok(()));
        }
        let elsewhere = named(Role::Citizen, "Bình");
        assert_eq!(guesses.hit(&elsewhere, "a", now), closed());
        assert_eq!(guesses.hit(&anna, "b", now), Ok(()));
        let later = now + WITHIN;
        assert_eq!(guesses.miss(&anna, "a", later), Ok(()));
        assert_eq!(guesses.hit(&anna, "a", later), Ok(()));
    }

    #[test]
    fn many_at_once_do_not_pass_the_limit_before_the_first_of_them_is_counted() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        let anna = named(Role::Citizen, "Anna");
        let at_once: Vec<_> = (0..MOST).map(|_| guesses.begin(&anna, "a", now).unwrap()).collect();
        assert_eq!(guesses.hit(&anna, "a", now), Err("OVERLOADED".to_owned()));
        // Those that were right, or were never answered, leave nothing behind.
        drop(at_once);
        assert!(guesses.dossiers.0.lock().unwrap().is_empty());
        let at_once: Vec<_> = (0..MOST).map(|_| guesses.begin(&anna, "a", now).unwrap()).collect();
        at_once.into_iter().for_each(|guess| guess.was_wrong(now));
        assert_eq!(guesses.hit(&anna, "a", now), closed());
        assert_eq!(guesses.hit(&anna, "a", now + WITHIN), Ok(()));
    }

    #[test]
    fn whoever_tries_many_dossiers_is_let_in_to_none_for_a_while_and_others_are() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        for (role, most) in [(Role::Citizen, MOST_OF_ONE), (Role::System, MOST_OF_A_SYSTEM)] {
            let (tries, other) = (named(role, "tries"), named(role, "other"));
            for number in 0..most {
                assert_eq!(guesses.hit(&tries, "mine", now), Ok(()));
                assert_eq!(guesses.miss(&tries, &number.to_string(), now), Ok(()));
            }
            assert_eq!(guesses.hit(&tries, "mine", now), closed());
            assert_eq!(guesses.hit(&other, "mine", now), Ok(()));
            assert_eq!(guesses.hit(&tries, "mine", now + WITHIN), Ok(()));
        }
    }

    #[test]
    fn whoever_counts_up_dossier_codes_fills_no_memory() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        let callers: Vec<_> =
            (0..REMEMBERED + 100).map(|number| named(Role::Citizen, &number.to_string())).collect();
        guesses.miss(&callers[0], &"x".repeat(LONGEST + 1), now).unwrap();
        assert!(guesses.dossiers.0.lock().unwrap().is_empty());
        (0..MOST).for_each(|_| guesses.miss(&callers[0], "victim", now).unwrap());
        for (number, caller) in callers.iter().enumerate() {
            guesses.miss(caller, &number.to_string(), now).unwrap();
        }
        assert_eq!(guesses.dossiers.0.lock().unwrap().len(), REMEMBERED);
        assert_eq!(guesses.callers.0.lock().unwrap().len(), REMEMBERED);
        // Nor can they have it forgotten whom they try.
        assert_eq!(guesses.hit(&callers[1], "victim", now), closed());
        guesses.miss(&callers[1], "late", now + WITHIN).unwrap();
        assert_eq!(guesses.dossiers.0.lock().unwrap().len(), 1);
    }
}
