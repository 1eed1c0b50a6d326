//! What a citizen is to pay before a case goes on: the financial obligation (national code 6). Until they have, nobody works on it
//! and the legal clock stands still (Đồng Tháp, Quyết định 138/2025: waiting for payment is not counted). No source gives a
//! time after which it is given up: it waits until they have paid, or withdraw it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Asking, Held};
use crate::{
    application::{PaymentWay, check_text},
    deadline,
    id::OfficerId,
    rejection::{Kind, Rejection},
    work_item::WorkItem,
};

/// The most that is asked for at once, in đồng.
pub const MOST_DONG: i64 = 1_000_000_000_000;

/// So often at most in the life of a case: a fee and a tax, and whatever is corrected of them.
const MOST_PAYMENTS: usize = 10;

/// A payment that was asked for. The legal clock stands still from the one instant to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The work item during which it fell due.
    pub work_item: WorkItem,
    /// Who asked.
    pub officer: OfficerId,
    /// The fence under which they held it.
    pub fence: u64,
    /// In đồng.
    pub amount_dong: i64,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it was paid; none: not yet.
    pub paid_at: Option<Timestamp>,
    /// How it was paid; none: not yet, or nobody has told.
    #[serde(default)]
    pub way: Option<PaymentWay>,
}

/// Whether all that was paid for a case was paid online, as criterion 3.6 of Decision 766/QĐ-TTg asks of it; none: nothing was paid, or
/// nobody has told how all of it was.
pub fn paid_online(payments: &[Payment]) -> Option<bool> {
    let mut ways = payments.iter().filter(|payment| payment.paid_at.is_some()).map(|payment| payment.way);
    if ways.clone().flatten().any(|way| way != PaymentWay::Online) {
        return Some(false);
    }
    let is_paid = ways.clone().next().is_some();
    (is_paid && ways.all(|way| way.is_some())).then_some(true)
}

impl Payment {
    /// From when to when the clock stands still; none: it still does.
    pub fn pause(&self) -> Option<deadline::Pause> {
        self.paid_at.map(|to| deadline::Pause { from: self.requested_at, to })
    }
}

impl Held {
    /// The holder lays the step down: the citizen is to pay something. Asked again with the same fence, nothing changes. `before`:
    /// what was asked for earlier in the life of the case.
    ///
    /// # Errors
    /// Violations of `amount_dong` and `purpose`; `STEP_PAUSED`, `CASE_STOPPED`, `STEP_DONE`; `OLD_FENCE` with the present holder,
    /// if any; `TOO_MANY_PAYMENTS`.
    pub fn charge(
        &self,
        officer: OfficerId,
        fence: u64,
        amount_dong: i64,
        purpose: &str,
        before: &[Payment],
    ) -> Result<Asking, Rejection> {
        if !(1..=MOST_DONG).contains(&amount_dong) {
            let expected = format!("1 to {MOST_DONG} đồng");
            return Err(Rejection::invalid("OUT_OF_RANGE", "amount_dong", expected));
        }
        check_text("purpose", purpose, 1, 500)?;
        // Also where it has gone on since, or ended.
        let this = (self.work_item, officer, fence);
        if before.iter().any(|asked| (asked.work_item, asked.officer, asked.fence) == this) {
            return Ok(Asking::Before);
        }
        self.check_in_hand(officer, fence)?;
        if before.len() >= MOST_PAYMENTS {
            let message = format!("at most {MOST_PAYMENTS} payments are asked for in one case");
            return Err(Rejection::new(Kind::Precondition, "TOO_MANY_PAYMENTS", message));
        }
        Ok(Asking::Now)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, option, prelude::*, sample::select};

    use super::*;
    use crate::id::{ApplicationId, Id as _};

    proptest! {
        /// One that was paid otherwise makes it so, whatever is not known of the others.
        #[test]
        fn a_case_is_paid_online_where_all_of_it_is(
            paid in vec((any::<bool>(), option::of(select(&PaymentWay::ALL[..]))), 0..4),
        ) {
            let payments: Vec<_> = paid.iter().map(|(paid, way)| Payment {
                work_item: WorkItem::first(ApplicationId::from_uuid(uuid::Uuid::nil()), 1),
                officer: OfficerId::of("37", "1"),
                fence: 1,
                amount_dong: 1,
                requested_at: Timestamp::UNIX_EPOCH,
                paid_at: paid.then_some(Timestamp::UNIX_EPOCH),
                way: way.filter(|_| *paid),
            }).collect();
            let ways: Vec<_> = paid.iter().filter(|(paid, _)| *paid).map(|(_, way)| *way).collect();
            let otherwise = ways.iter().flatten().any(|way| *way != PaymentWay::Online);
            let all = !ways.is_empty() && ways.iter().all(|way| *way == Some(PaymentWay::Online));
            prop_assert_eq!(paid_online(&payments) == Some(false), otherwise);
            prop_assert_eq!(paid_online(&payments) == Some(true), all);
        }
    }
}
