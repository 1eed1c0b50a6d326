//! What keeps a text from being published: numbers by which somebody is known or reached, and e-mail addresses. Names no program finds;
//! a person reads it, too.

use super::check_words;
use crate::rejection::Rejection;

/// What was found, and at which character, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) what: &'static str,
    pub(super) at: usize,
}

/// Holds a text that everybody will read against its bounds, and against what is personal.
///
/// # Errors
/// Violations of `field`: those of [`check_words`], `PERSONAL_DATA` with its place.
pub fn check_public(field: &str, text: &str, longest: usize) -> Result<(), Rejection> {
    check_words(field, text, longest)?;
    match find(text) {
        Some(Found { what, at }) => {
            let expected = format!("from character {at} on it has what looks like {what}; take it out first");
            Err(Rejection::invalid("PERSONAL_DATA", field, expected))
        }
        None => Ok(()),
    }
}

/// The first thing in a text that looks personal.
pub(super) fn find(text: &str) -> Option<Found> {
    let chars: Vec<char> = text.chars().collect();
    let number = (0..chars.len()).find_map(|at| number(&chars, at));
    let email = email(&chars);
    [number, email].into_iter().flatten().min_by_key(|found| found.at)
}

/// The number that begins here, if it looks like somebody's. People write them with blanks, dots and hyphens between; sums of money
/// do not begin with a zero.
fn number(chars: &[char], at: usize) -> Option<Found> {
    let is_digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let before = at.checked_sub(1);
    if !is_digit(at) || before.is_some_and(is_digit) {
        return None;
    }
    let (mut digits, mut next, mut whole) = (String::new(), at, 0);
    loop {
        match chars.get(next) {
            Some(digit) if digit.is_ascii_digit() => digits.push(*digit),
            Some(' ' | '.' | '-') if is_digit(next + 1) => {}
            _ => break,
        }
        next += 1;
        if digits.len() == next - at {
            whole = digits.len();
        }
    }
    let abroad = before.and_then(|before| chars.get(before)) == Some(&'+');
    let telephone = abroad || digits.starts_with("84") && (11..=12).contains(&digits.len());
    let what = match digits.len() {
        12 if digits.starts_with('0') => "an identity number",
        9..=13 if digits.starts_with('0') || telephone => "a telephone number",
        _ if whole >= 9 => "an identity or account number",
        _ => return None,
    };
    Some(Found { what, at: at + 1 })
}

/// The first `somebody@somewhere.tld`.
fn email(chars: &[char]) -> Option<Found> {
    let in_word = |c: &char| c.is_alphanumeric() || "._%+-".contains(*c);
    let ats = chars.iter().enumerate().filter(|(_, c)| **c == '@').map(|(at, _)| at);
    ats.filter_map(|at| {
        let local = chars[..at].iter().rev().take_while(|c| in_word(c)).count();
        let domain: String = chars[at + 1..].iter().take_while(|c| in_word(c)).collect();
        let dotted = domain.trim_end_matches('.').contains('.');
        (local > 0 && dotted).then(|| Found { what: "an e-mail address", at: at - local + 1 })
    })
    .next()
}
