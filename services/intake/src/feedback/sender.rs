//! Who sends something, without keeping who: a mark that stands for the caller on one day, by which floods are bounded and what is sent twice
//! is known again. The day after, nobody can tell whose marks belong together.

use jiff::civil::Date;
use phidia_domain::{Kind, Rejection, caller::Caller, feedback::daily_limit};
use phidia_runtime::failure::Failure;
use serde::Serialize;

use crate::{Intake, store::feedback::Sender};

impl Intake {
    /// The marks of what a caller sends on a local day.
    ///
    /// # Errors
    /// Broken when it cannot be serialized.
    pub(crate) fn sender(
        &self,
        caller: &Caller,
        day: Date,
        sent: &impl Serialize,
    ) -> Result<Sender, Failure> {
        let actor = caller.actor();
        let said = serde_json::to_string(sent).map_err(Failure::broken)?;
        let mark = |what: &str, of: &str| {
            self.master_key.pseudonym(&format!("intake.sender.{what}/{day}"), of).map(Vec::from)
        };
        Ok(Sender { day, caller: mark("caller", &actor)?, same: mark("same", &format!("{actor}\n{said}"))? })
    }
}

impl Sender {
    /// The name by which whoever sends is kept from sending twice at the same time.
    pub(crate) fn alone(&self) -> String {
        format!("sender/{:?}", self.caller)
    }
}

/// Whether a caller who has sent so much on this day may send one more.
///
/// # Errors
/// `DAILY_LIMIT`, with `limit`.
pub(crate) fn check_daily(caller: &Caller, sent: u64) -> Result<(), Rejection> {
    let limit = daily_limit(caller.role);
    match sent < limit {
        true => Ok(()),
        false => {
            let message = format!("{limit} a day at most; try again tomorrow");
            Err(Rejection::new(Kind::Exhausted, "DAILY_LIMIT", message).with("limit", limit))
        }
    }
}
