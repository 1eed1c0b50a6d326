//! What an applicant is to pay before their case goes on, and has paid: at any counter, or through a system of payments.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Received, Standing, Status, check_text};
use crate::rejection::{Kind, Rejection};

/// A payment that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// In đồng.
    pub amount_dong: i64,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// That it was paid; none: not yet.
    pub paid: Option<Paid>,
}

/// How something was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentWay {
    /// In cash, at a counter.
    Cash,
    /// By a transfer to the account of the office.
    Transfer,
    /// Online, over the national portal's payments.
    Online,
}

impl PaymentWay {
    /// All ways.
    pub const ALL: [Self; 3] = [Self::Cash, Self::Transfer, Self::Online];
}

/// That something was paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// When.
    pub at: Timestamp,
    /// Number of the receipt, or of the transaction.
    pub reference: String,
    /// How; none: it was written down before that was asked.
    #[serde(default)]
    pub way: Option<PaymentWay>,
}

/// What is to be paid at present: the last that was asked for, while it is not.
pub fn due(status: Status, charges: &[Charge]) -> Option<&Charge> {
    charges.last().filter(|charge| charge.paid.is_none() && status == Status::AwaitingPayment)
}

impl Standing {
    /// Somebody has paid `amount_dong`. The same reference again changes nothing.
    ///
    /// # Errors
    /// Violations of `reference` and `amount_dong`; `APPLICATION_ENDED`, `NO_PAYMENT_ASKED`.
    pub fn pay(&self, charges: &[Charge], amount_dong: i64, reference: &str) -> Result<Received, Rejection> {
        check_text("reference", reference, 1, 100)?;
        let by_this = |paid: &&Paid| paid.reference == reference;
        if let Some(paid) = charges.iter().filter_map(|charge| charge.paid.as_ref()).find(by_this) {
            return Ok(Received::Before(paid.at));
        }
        if self.has_ended() {
            return Err(super::standing::ended());
        }
        match due(self.status, charges) {
            Some(charge) if charge.amount_dong == amount_dong => Ok(Received::Now),
            Some(charge) => {
                let expected = format!("{} đồng, as was asked for", charge.amount_dong);
                Err(Rejection::invalid("OTHER_AMOUNT", "amount_dong", expected))
            }
            None => {
                Err(Rejection::new(Kind::Precondition, "NO_PAYMENT_ASKED", "nothing is to be paid for it"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, option, prelude::*, sample::select};

    use super::*;
    use crate::{application::Stop, case::StopGround};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn charges() -> impl Strategy<Value = Vec<Charge>> {
        let charge = (1..5_i64, option::of(0..4_u8)).prop_map(|(amount_dong, reference)| Charge {
            amount_dong,
            asked_at: at(1),
            paid: reference.map(|number| Paid {
                at: at(number.into()),
                reference: number.to_string(),
                way: None,
            }),
        });
        vec(charge, 0..4)
    }

    proptest! {
        /// A payment counts once, for what is due, and for nothing that has ended.
        #[test]
        fn a_payment_is_received_once_for_what_is_due(
            charges in charges(),
            status in select(&Status::ALL[..]),
            stopped in any::<bool>(),
            amount in 1..5_i64,
            reference in 0..6_u8,
        ) {
            let stop = stopped.then(|| Stop { ground: StopGround::Withdrawn, asked_at: at(3) });
            let standing = Standing { status, supplement: None, stop };
            let reference = reference.to_string();
            let known = charges.iter().filter_map(|charge| charge.paid.as_ref());
            let known = known.into_iter().any(|paid| paid.reference == reference);
            let answer = standing.pay(&charges, amount, &reference);
            let due = due(status, &charges).filter(|charge| charge.amount_dong == amount);
            prop_assert_eq!(answer == Ok(Received::Now), !known && !stopped && due.is_some());
            prop_assert_eq!(matches!(answer, Ok(Received::Before(_))), known);
        }
    }
}
