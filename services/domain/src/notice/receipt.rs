//! What a provider says later of a message that it has taken. Receipts come twice and in any order: of all that came, the
//! strongest counts, so that neither their order nor their number matters.

use serde::{Deserialize, Serialize};

use super::State;

/// What a provider says, from the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Receipt {
    /// It is on its way.
    Pending,
    /// It did not get through: switched off, a full mailbox.
    Temporary,
    /// It never will: no such number.
    Permanent,
    /// It arrived.
    Delivered,
}

impl Receipt {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Temporary, Self::Permanent, Self::Delivered];

    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Temporary => "temporary",
            Self::Permanent => "permanent",
            Self::Delivered => "delivered",
        }
    }

    /// The kind with this lower-case name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// How a message stands of which this is the strongest that was said.
    pub fn state(self) -> State {
        match self {
            Self::Pending => State::Pending,
            Self::Temporary => State::TemporaryFailure,
            Self::Permanent => State::PermanentFailure,
            Self::Delivered => State::Delivered,
        }
    }
}

/// What counts of all that was said; none: nothing was.
pub fn strongest(said: impl IntoIterator<Item = Receipt>) -> Option<Receipt> {
    said.into_iter().max()
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::select};

    use super::*;

    proptest! {
        #[test]
        fn neither_the_order_of_receipts_nor_their_number_matters(
            (said, shuffled) in proptest::collection::vec(select(Receipt::ALL.to_vec()), 1..9)
                .prop_flat_map(|said| (Just(said.clone()), Just(said).prop_shuffle())),
            again in 0usize..9,
        ) {
            let mut repeated = shuffled.clone();
            repeated.push(shuffled[again % shuffled.len()]);
            prop_assert_eq!(strongest(said.clone()), strongest(repeated.clone()));
            // One after the other, as they come in, they lead to where they lead together.
            let one_by_one = repeated.iter().fold(None, |before: Option<Receipt>, next| {
                strongest(before.into_iter().chain([*next]))
            });
            prop_assert_eq!(one_by_one, strongest(said));
        }
    }

    #[test]
    fn what_arrived_arrived_whatever_else_is_said() {
        for other in Receipt::ALL {
            assert_eq!(strongest([other, Receipt::Delivered]), Some(Receipt::Delivered));
        }
        assert_eq!(strongest([]), None);
        for kind in Receipt::ALL {
            assert_eq!(Receipt::parse(kind.as_str()), Some(kind));
        }
    }
}
