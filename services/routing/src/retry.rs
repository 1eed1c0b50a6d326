//! What could not be assigned is tried again: when another version of the province becomes the active one, when
//! a change of the registry may have made it possible, and every now and then.

use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{
    Routing,
    store::{agenda, item},
    work::{Action, State},
};

/// How many are tried again at once every now and then: where thousands wait for room, what arrives meanwhile must not
/// wait behind them all.
const SOME: u64 = 500;
/// Of everything.
const ALL: u64 = u32::MAX as u64;

impl Routing {
    /// What may be possible by now: for what could not be assigned, the next few from behind `after`, and for what could not
    /// leave a unit in emergency, or one where nobody masters it.
    pub(crate) async fn look_again(&self, after: &mut i64) -> Result<usize, Failure> {
        let left = self.leave_units().await;
        let (tried, last) = self.retry(*after, SOME).await?;
        // From the beginning, when the end is reached.
        *after = if u64::try_from(tried).is_ok_and(|tried| tried == SOME) { last } else { 0 };
        Ok(tried + left?)
    }

    /// After another version has become active: everything that could not be assigned goes on the agenda again, in the order
    /// of arrival, and what nobody at its unit masters any more leaves it. Answers how much that is. The reason stays until
    /// there is another one, so that nobody is told the same twice.
    pub(crate) async fn replan(&self) -> Result<usize, Failure> {
        let (tried, _) = self.retry(0, ALL).await?;
        Ok(tried + self.leave_units().await?)
    }

    async fn retry(&self, after: i64, limit: u64) -> Result<(usize, i64), Failure> {
        let today = self.versions.active().await?;
        let code = today.value.code().to_owned();
        // Looked at from outside the one writer first: nearly always there is nothing.
        if !item::is_any_unassignable(self.db.read(), &code).await? {
            return Ok((0, 0));
        }
        self.db.write(move |tx| Box::pin(async move { try_some_again(tx, &code, after, limit).await })).await
    }
}

/// The same for everything, within a transaction.
pub(crate) async fn try_again(tx: &DatabaseTransaction, province: &str) -> Result<usize, Failure> {
    Ok(try_some_again(tx, province, 0, ALL).await?.0)
}

/// Answers how many, and which arrived last.
async fn try_some_again(
    tx: &DatabaseTransaction,
    province: &str,
    after: i64,
    limit: u64,
) -> Result<(usize, i64), Failure> {
    let found = item::unassignable(tx, province, after, limit).await?;
    let (arrived, items): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    item::turn(tx, &arrived, &[State::Unassignable], State::Waiting, None).await?;
    agenda::add_all(tx, province, &items, Action::Decide).await?;
    Ok((items.len(), arrived.last().copied().unwrap_or_default()))
}
