//! How a message stands, by the names of GOV.UK Notify, and what may happen to it.
//!
//! ```text
//!   created ──> sending ──> sent                      taken by a channel that says no more
//!                  │  └───> pending ──> delivered     taken by a provider that sends receipts
//!                  ├──> temporary_failure ──> sending another attempt follows
//!                  ├──> permanent_failure             the address, or the person
//!                  └──> technical_failure             ours, or the provider's: a dead letter
//!   not yet taken ──> cancelled, expired
//! ```

use serde::{Deserialize, Serialize};

use super::Receipt;

/// How a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Written down; never tried.
    Created,
    /// An attempt is under way.
    Sending,
    /// Handed over (in-app: readable), and no more is heard of it.
    Sent,
    /// Handed over to a provider that will say what became of it.
    Pending,
    /// The provider says that it arrived.
    Delivered,
    /// It was not told, and may be: another attempt follows, or the provider says that it did not get through this time.
    TemporaryFailure,
    /// It cannot be told: there is no such address, or no such person any more.
    PermanentFailure,
    /// It was given up for a fault of ours or of the provider's: a dead letter.
    TechnicalFailure,
    /// Somebody has taken it back before it was told.
    Cancelled,
    /// It came too late to be of use.
    Expired,
}

/// What may happen to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// An attempt begins.
    Begun,
    /// A provider has taken it; whether it sends receipts.
    Taken {
        /// Whether it will say what became of it.
        receipts: bool,
    },
    /// An attempt failed and another follows.
    Failed,
    /// The address or the person is none.
    Refused,
    /// Patience is over.
    GivenUp,
    /// A provider says what became of it.
    Receipt(Receipt),
    /// Somebody takes it back.
    Cancelled,
    /// It is of no use any more.
    Expired,
    /// Somebody has it told once more, or given-up attempts go on.
    Again,
}

impl State {
    /// All states.
    pub const ALL: [Self; 10] = [
        Self::Created,
        Self::Sending,
        Self::Sent,
        Self::Pending,
        Self::Delivered,
        Self::TemporaryFailure,
        Self::PermanentFailure,
        Self::TechnicalFailure,
        Self::Cancelled,
        Self::Expired,
    ];

    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::TemporaryFailure => "temporary_failure",
            Self::PermanentFailure => "permanent_failure",
            Self::TechnicalFailure => "technical_failure",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// The state with this lower-case name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether an attempt is under way or still to be made, if nothing else is known of it: no provider has taken it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Sending | Self::TemporaryFailure)
    }

    /// Whether nothing more happens by itself.
    pub fn is_final(self) -> bool {
        !self.is_open() && self != Self::Pending
    }

    /// How it stands after something happened; none: that does not happen to it, and it stays as it is.
    ///
    /// A provider that has taken it is believed whatever was thought before; what is taken goes back to no attempt but by
    /// [`Happening::Again`].
    #[must_use]
    pub fn after(self, happening: Happening) -> Option<Self> {
        let open = self.is_open();
        match happening {
            Happening::Begun => open.then_some(Self::Sending),
            // Also where it was given up, taken back or out of date while the answer was on its way: it was told.
            Happening::Taken { .. } if matches!(self, Self::Sent | Self::Pending | Self::Delivered) => None,
            Happening::Taken { receipts: true } => Some(Self::Pending),
            Happening::Taken { receipts: false } => Some(Self::Sent),
            Happening::Failed => open.then_some(Self::TemporaryFailure),
            Happening::Refused => open.then_some(Self::PermanentFailure),
            Happening::GivenUp => (open || self == Self::Pending).then_some(Self::TechnicalFailure),
            Happening::Receipt(receipt) => (self != receipt.state()).then(|| receipt.state()),
            Happening::Cancelled => open.then_some(Self::Cancelled),
            Happening::Expired => open.then_some(Self::Expired),
            Happening::Again => (self.is_final() || self == Self::TemporaryFailure).then_some(Self::Created),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn happenings() -> impl Strategy<Value = Happening> {
        prop_oneof![
            Just(Happening::Begun),
            any::<bool>().prop_map(|receipts| Happening::Taken { receipts }),
            Just(Happening::Failed),
            Just(Happening::Refused),
            Just(Happening::GivenUp),
            Just(Happening::Cancelled),
            Just(Happening::Expired),
        ]
    }

    #[test]
    fn names_go_there_and_back() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert_eq!(State::parse("retrying"), None);
    }

    proptest! {
        #[test]
        fn what_was_taken_is_never_tried_again_by_itself(
            before in proptest::collection::vec(happenings(), 0..12),
            receipts: bool,
            after in proptest::collection::vec(happenings(), 0..12),
        ) {
            let step = |state: State, happening: &Happening| state.after(*happening).unwrap_or(state);
            let state = before.iter().fold(State::Created, step);
            let mut state = step(state, &Happening::Taken { receipts });
            for happening in &after {
                state = step(state, happening);
                prop_assert!(!state.is_open(), "{state:?} after {happening:?}");
            }
        }

        #[test]
        fn what_is_over_is_left_only_by_somebody_or_by_a_provider_who_knows_better(
            before in proptest::collection::vec(happenings(), 0..12),
            next in happenings(),
        ) {
            let step = |state: State, happening: &Happening| state.after(*happening).unwrap_or(state);
            let state = before.iter().fold(State::Created, step);
            if state.is_final() && !matches!(next, Happening::Taken { .. }) {
                prop_assert_eq!(state.after(next), None);
            }
        }
    }
}
