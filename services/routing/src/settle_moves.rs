//! Moves that are open: whoever began them did not come back, or processing did not answer.

use phidia_runtime::failure::Failure;

use crate::{Routing, store::moves};

impl Routing {
    /// Carries them out, or learns that they are refused; answers how many there were. Where processing does not answer,
    /// the others wait, too.
    pub(crate) async fn settle_moves(&self) -> Result<usize, Failure> {
        let today = self.versions.active().await?;
        let open = moves::open(self.db.read(), today.value.code()).await?;
        let count = open.len();
        for moving in open {
            let refused = |failure: &Failure| {
                failure.rejection().is_some_and(|refusal| refusal.kind == phidia_domain::Kind::Conflict)
            };
            match self.carry_out(&today.value, moving).await {
                Err(failure) if !refused(&failure) => return Err(failure),
                Ok(_) | Err(_) => {}
            }
        }
        Ok(count)
    }
}
