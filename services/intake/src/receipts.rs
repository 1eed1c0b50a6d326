//! What citizens can check of their receipts without trusting this house: signatures, the tree of each day, the sums of the centres.

pub(crate) mod centre_sums;
pub(crate) mod close_days;
pub(crate) mod list_days;
pub(crate) mod prove;
pub(crate) mod signer;
