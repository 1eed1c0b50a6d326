//! Whether what the board was told is still so.
//!
//! Between what this replica read in the store and what it tells the board, it may sleep – past its turn and every
//! lease. When it wakes, another one may have confirmed the decision, an officer finished the step, and the load
//! been given back: what it tells the board then comes too late, and would be counted for good. So whoever has told
//! the board anything asks the store afterwards. What is otherwise there by now goes on the agenda again; what
//! becomes otherwise later comes onto the agenda by itself.

use phidia_runtime::failure::Failure;

use crate::{
    Routing,
    store::{agenda, assignment},
    work::Action,
};

impl Routing {
    /// Asks the store about all that the board was told and that was not asked about yet. When the store does not
    /// answer, it is asked about the next time.
    pub(crate) async fn ask_back(&self) -> Result<(), Failure> {
        let mut desk = self.desk.lock().await;
        if desk.told.is_empty() {
            return Ok(());
        }
        let today = self.versions.active().await?;
        let code = today.value.code().to_owned();
        let otherwise = assignment::otherwise(self.db.read(), &code, &desk.told).await?;
        if !otherwise.is_empty() {
            tracing::debug!(work_items = otherwise.len(), "the board was told too late, and is told again");
            let last = self
                .db
                .write(move |tx| {
                    Box::pin(async move {
                        for (work_item, open) in otherwise {
                            let action = if open { Action::Place } else { Action::Release };
                            agenda::add(tx, &code, work_item, action).await?;
                        }
                        agenda::last(tx).await
                    })
                })
                .await?;
            // What became otherwise after the board was told is on the agenda already: it must not be counted out of
            // the view twice.
            desk.unsure_through = desk.unsure_through.max(last);
            self.wake.notify_one();
        }
        desk.told.clear();
        Ok(())
    }
}
