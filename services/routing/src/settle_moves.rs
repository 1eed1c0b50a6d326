//! Moves that are open: whoever began them did not come back, or processing did not answer.

use phidia_domain::Kind;
use phidia_runtime::failure::Failure;

use crate::{Routing, store::moves};

/// Whether processing has answered, and this one failed there or here.
fn is_internal(failure: &Failure) -> bool {
    failure.rejection().is_none_or(|refusal| refusal.kind == Kind::Internal)
}

impl Routing {
    /// Carries them out, or learns that they are refused; answers how many there were. One that has not come to processing
    /// keeps none of the others waiting; a processing that does not answer keeps them all.
    pub(crate) async fn settle_moves(&self) -> Result<usize, Failure> {
        let today = self.versions.active().await?;
        let open = moves::open(self.db.read(), today.value.code()).await?;
        let count = open.len();
        let mut fault = None;
        for moving in open {
            match self.try_out(&today.value, &moving).await {
                Err(failure) if is_internal(&failure) => fault = Some(failure),
                done => drop(done?),
            }
        }
        fault.map_or(Ok(count), Err)
    }
}
