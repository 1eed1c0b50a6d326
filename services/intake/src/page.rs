//! Page tokens: opaque to callers, and refused unless they are ours and of the same question.

use std::fmt::Write as _;

use phidia_domain::Rejection;

/// One page of a list.
#[derive(Clone, Debug)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// Empty on the last page.
    pub(crate) next_page_token: String,
}

impl<T> Page<T> {
    /// The page of what was found, which was looked for with one more than `size`: that one says whether
    /// there is a next page. `position` is where an item stands in the list.
    pub(crate) fn of(mut found: Vec<T>, size: u64, question: &str, position: impl Fn(&T) -> String) -> Self {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let more = found.len() > size;
        found.truncate(size);
        let next_page_token =
            found.last().filter(|_| more).map(|last| token(question, &position(last))).unwrap_or_default();
        Self { items: found, next_page_token }
    }
}

/// The token for what follows `position` in the answer to `question`.
pub(crate) fn token(question: &str, position: &str) -> String {
    let mut token = format!("{:08x}", checksum(question, position));
    for byte in position.bytes() {
        let _ = write!(token, "{byte:02x}");
    }
    token
}

/// The position that a token stands for; none for the empty one.
///
/// # Errors
/// A violation of `page_token` when it was not given for this question.
pub(crate) fn position(question: &str, token: &str) -> Result<Option<String>, Rejection> {
    if token.is_empty() {
        return Ok(None);
    }
    parse(question, token).map(Some).ok_or_else(|| {
        let expected = "expected next_page_token of an answer to the same question";
        Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", expected)
    })
}

fn parse(question: &str, token: &str) -> Option<String> {
    let (sum, digits) = token.split_at_checked(8)?;
    let pairs = digits.as_bytes().chunks(2);
    let bytes = pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok());
    let position = String::from_utf8(bytes.collect::<Option<_>>()?).ok()?;
    // Written anew it must be the same: there is one token for each position.
    (sum.len() == 8 && self::token(question, &position) == token).then_some(position)
}

/// FNV-1a: it keeps mistakes out, not attackers; a position tells nothing that a list does not.
fn checksum(question: &str, position: &str) -> u32 {
    let bytes = question.bytes().chain([0]).chain(position.bytes());
    bytes.fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_go_there_and_back_for_the_same_question_only() {
        let page = Page::of(vec!["a", "b", "é"], 2, "q", |item| (*item).to_owned());
        assert_eq!(page.items, ["a", "b"]);
        assert_eq!(position("q", &page.next_page_token).unwrap().as_deref(), Some("b"));
        assert!(position("other", &page.next_page_token).is_err());
        assert_eq!(position("q", "").unwrap(), None);
        assert_eq!(Page::of(vec!["a"], 1, "q", |item| (*item).to_owned()).next_page_token, "");
    }

    #[test]
    fn rubbish_is_refused() {
        let upper = token("q", "jj").to_uppercase();
        for rubbish in ["x", "00000000", "0000000000", "é", "12345678zz", "12345678+1", upper.as_str()] {
            assert!(position("q", rubbish).is_err(), "{rubbish}");
        }
    }
}
