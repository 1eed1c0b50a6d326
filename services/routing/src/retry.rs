//! What could not be assigned is tried again: when another version of the province becomes the active one, when
//! a change of the registry may have made it possible, and every now and then.

use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{
    Routing,
    store::{agenda, item},
    work::{Action, State},
};

impl Routing {
    /// All that may be possible by now: for what could not be assigned, and for what could not leave a unit in
    /// emergency.
    pub(crate) async fn look_again(&self) -> Result<usize, Failure> {
        let left = self.leave_units().await;
        Ok(self.retry_unassignable().await? + left?)
    }

    /// Puts everything that could not be assigned on the agenda again, in the order of arrival; answers how
    /// much that is. The reason stays until there is another one, so that nobody is told the same twice.
    pub(crate) async fn retry_unassignable(&self) -> Result<usize, Failure> {
        let today = self.versions.active().await?;
        let code = today.value.code().to_owned();
        // Looked at from outside the one writer first: nearly always there is nothing.
        if item::unassignable(self.db.read(), &code).await?.is_empty() {
            return Ok(0);
        }
        self.db.write(move |tx| Box::pin(async move { try_again(tx, &code).await })).await
    }
}

/// The same within a transaction.
pub(crate) async fn try_again(tx: &DatabaseTransaction, province: &str) -> Result<usize, Failure> {
    let (arrived, items): (Vec<_>, Vec<_>) = item::unassignable(tx, province).await?.into_iter().unzip();
    item::turn(tx, &arrived, &[State::Unassignable], State::Waiting, None).await?;
    agenda::add_all(tx, province, &items, Action::Decide).await?;
    Ok(items.len())
}
