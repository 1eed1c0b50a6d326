//! What could not be assigned is tried again: when another version of the province becomes the active one,
//! and every now and then.

use phidia_runtime::failure::Failure;

use crate::{
    Routing,
    store::{agenda, item},
    work::{Action, State},
};

impl Routing {
    /// Puts everything that could not be assigned on the agenda again, in the order of arrival; answers how
    /// much that is. The reason stays until there is another one, so that nobody is told the same twice.
    pub(crate) async fn retry_unassignable(&self) -> Result<usize, Failure> {
        let today = self.versions.active().await?;
        let code = today.value.code().to_owned();
        // Looked at from outside the one writer first: nearly always there is nothing.
        if item::unassignable(self.db.read(), &code).await?.is_empty() {
            return Ok(0);
        }
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let (arrived, items): (Vec<_>, Vec<_>) =
                        item::unassignable(tx, &code).await?.into_iter().unzip();
                    item::turn(tx, &arrived, &[State::Unassignable], State::Waiting, None).await?;
                    agenda::add_all(tx, &code, &items, Action::Decide).await?;
                    Ok(items.len())
                })
            })
            .await
    }
}
