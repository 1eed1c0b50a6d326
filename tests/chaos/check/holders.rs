//! A fence has one holder: no work item was given to two officers under the same fence, and once a later
//! fence was given, nobody ends the step under an earlier one.

use std::collections::BTreeMap;

use super::{Book, Found, Kind};
use crate::history::{Call, Item, What};

/// A claim that was answered.
struct Given<'h> {
    call: &'h Call,
    officer: &'h str,
    fence: u64,
}

pub(super) fn judge(book: &Book<'_>, found: &mut Found) {
    let mut given = BTreeMap::<&Item, Vec<Given<'_>>>::new();
    for call in &book.history.calls {
        if let What::Claim { item, officer, answer } = &call.what
            && let Some(fence) = answer.given()
        {
            given.entry(item).or_default().push(Given { call, officer, fence: *fence });
        }
    }
    for (item, claims) in &given {
        for (index, one) in claims.iter().enumerate() {
            for other in &claims[index + 1..] {
                two_claims(found, item, one, other);
            }
        }
    }
    completions(book, found, &given);
}

fn two_claims(found: &mut Found, item: &Item, one: &Given<'_>, other: &Given<'_>) {
    let (first, second) = (one.officer, other.officer);
    found.unless(one.fence != other.fence || first == second, Kind::TwoHolders, || {
        format!("{first} and {second} were both given {item} under fence {}", one.fence)
    });
    // A claim that began after the other was answered got a later fence, unless it only asked again.
    for (earlier, later) in [(one, other), (other, one)] {
        let back = earlier.call.ended < later.call.began && later.fence < earlier.fence;
        found.unless(!back, Kind::TwoHolders, || {
            format!("the fence of {item} went back from {} to {}", earlier.fence, later.fence)
        });
    }
}

fn completions(book: &Book<'_>, found: &mut Found, given: &BTreeMap<&Item, Vec<Given<'_>>>) {
    let mut ended = BTreeMap::new();
    for call in &book.history.calls {
        let What::Complete { item, officer, fence, outcome, answer } = &call.what else { continue };
        if answer.given().is_none() {
            continue;
        }
        let by = (officer, *fence, *outcome);
        let first = *ended.entry(item).or_insert(by);
        found.unless(first == by, Kind::TwoHolders, || {
            format!("{item} was ended twice, as {first:?} and as {by:?}")
        });
        let claims = given.get(item).into_iter().flatten();
        for later in claims.filter(|claim| claim.fence > *fence && claim.call.ended < call.began) {
            let what = format!(
                "{officer} ended {item} under fence {fence} when {} held it under {}",
                later.officer, later.fence
            );
            found.add(Kind::TwoHolders, what);
        }
    }
    for (item, (officer, fence, _)) in ended {
        let kept = book.item(item).map(|kept| (&kept.officer_id, kept.fence));
        found.unless(kept.is_none_or(|kept| kept == (officer, fence)), Kind::TwoHolders, || {
            format!("{officer} ended {item} under {fence}, and its case says {kept:?}")
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample::{OFFICER, OTHER_OFFICER, claim, complete, item, must_be_heard, must_pass};

    #[test]
    fn two_officers_under_one_fence() {
        must_be_heard(Kind::TwoHolders, "app_2/2/1", |history| {
            history.calls.push(claim(23, item("app_2", 2), OTHER_OFFICER, 1));
        });
    }

    #[test]
    fn a_fence_that_goes_back() {
        must_be_heard(Kind::TwoHolders, "went back from 7 to 1", |history| {
            history.calls.push(claim(3, item("app_2", 2), OTHER_OFFICER, 7));
        });
    }

    #[test]
    fn an_end_under_a_fence_that_is_over() {
        must_be_heard(Kind::TwoHolders, "when off_b held it", |history| {
            history.calls.push(claim(24, item("app_2", 2), OTHER_OFFICER, 2));
            history.calls.push(complete(30, item("app_2", 2), OFFICER, 1));
        });
    }

    #[test]
    fn a_step_that_two_ended() {
        must_be_heard(Kind::TwoHolders, "ended twice", |history| {
            history.calls.push(complete(30, item("app_1", 2), OTHER_OFFICER, 2));
        });
    }

    #[test]
    fn a_case_that_names_another() {
        must_be_heard(Kind::TwoHolders, "its case says", |history| {
            let item = &mut history.rest.cases.get_mut("app_1").unwrap().work_items[0];
            (item.officer_id, item.fence) = (OTHER_OFFICER.into(), 2);
        });
    }

    #[test]
    fn who_asks_again_is_not_another() {
        must_pass(|history| {
            history.calls.push(claim(24, item("app_2", 2), OFFICER, 1));
            history.calls.push(complete(30, item("app_1", 2), OFFICER, 1));
        });
    }
}
