//! What changes while somebody looks at it: parts of pages that are drawn anew when something happened.
//!
//! ```text
//!   service ══ one stream ══> hub: how it stands ──> sse: for each browser, draws the part as its visitor sees it ──> live.js
//! ```
//!
//! - [`hub`]: one stream of a service for all who look at the same thing
//! - [`sse`]: the line to one browser
//!
//! A page says what it is with `data-live="/song/…"`, and which parts it has with `data-part="…"`. Without script it is as it was drawn,
//! and may ask to be loaded again ([`crate::page::Page::with_refresh`]).

mod calls;
mod cases;
mod hub;
mod load;
mod sse;

use phidia_runtime::peer::Peer;
use tokio_util::sync::CancellationToken;

pub(crate) use calls::Calls;
pub(crate) use cases::Cases;
pub(crate) use hub::{Hub, Source, Taken};
pub(crate) use load::Load;
pub(crate) use sse::{Part, stream};

/// All that is looked at.
#[derive(Debug)]
pub(crate) struct Live {
    /// What happens to the cases of a unit, by its id (`ctr_…`).
    pub(crate) cases: Hub<Cases>,
    /// What is called in the hall of a centre, by its official code.
    pub(crate) calls: Hub<Calls>,
    /// What waits at the units.
    pub(crate) load: Hub<Load>,
}

impl Live {
    pub(crate) fn new(intake: Peer, routing: Peer, processing: Peer, stop: &CancellationToken) -> Self {
        Self {
            cases: Hub::new(Cases(processing), stop.clone()),
            calls: Hub::new(Calls(intake), stop.clone()),
            load: Hub::new(Load(routing), stop.clone()),
        }
    }
}
