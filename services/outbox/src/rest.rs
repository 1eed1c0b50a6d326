//! Whether anything is on its way out of this process: for those who must not go on before it has arrived,
//! such as a day that is played in a minute. Asking costs no statement.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::write::Outbox;

/// What an outbox knows of the writes and relays of its process.
#[derive(Debug, Default)]
pub(crate) struct Rest {
    /// Writes that have not woken the relays yet.
    writing: watch::Sender<usize>,
    /// Up to which wake each relay has handed everything over.
    relays: Mutex<Vec<watch::Receiver<Option<u64>>>>,
}

/// A write that has not woken the relays yet.
pub(crate) struct Writing(Arc<Rest>);

impl Drop for Writing {
    fn drop(&mut self) {
        self.0.writing.send_modify(|writing| *writing -= 1);
    }
}

impl Rest {
    pub(crate) fn writing(self: &Arc<Self>) -> Writing {
        self.writing.send_modify(|writing| *writing += 1);
        Writing(self.clone())
    }

    /// A relay of this process, which tells up to which wake it has nothing left.
    pub(crate) fn relay(&self) -> watch::Sender<Option<u64>> {
        let (idle, told) = watch::channel(None);
        self.relays.lock().unwrap_or_else(PoisonError::into_inner).push(told);
        idle
    }

    fn relays(&self) -> Vec<watch::Receiver<Option<u64>>> {
        let mut relays = self.relays.lock().unwrap_or_else(PoisonError::into_inner);
        // One that ended hands nothing over any more.
        relays.retain(|relay| relay.has_changed().is_ok());
        relays.clone()
    }
}

impl Outbox {
    /// Whether nothing is being written and the relays of this process have handed over all that was.
    pub fn is_at_rest(&self) -> bool {
        let woken = self.wakes();
        self.rest().relays().iter().all(|relay| relay.borrow().is_some_and(|idle| idle >= woken))
            && *self.rest().writing.borrow() == 0
            && self.wakes() == woken
    }

    /// How often facts were told in this process so far: whoever looks at several outboxes sees by it whether
    /// one told something meanwhile.
    pub fn told(&self) -> u64 {
        self.wakes()
    }

    /// Waits until nothing is being written, and the relays of this process have handed over what was.
    pub async fn handed_over(&self) {
        // It fails when the sender is gone, which is a part of this outbox.
        let _ = self.rest().writing.subscribe().wait_for(|writing| *writing == 0).await;
        let woken = self.wakes();
        for mut relay in self.rest().relays() {
            // It fails when the relay ends: then there is nothing to wait for.
            let _ = relay.wait_for(|idle| idle.is_some_and(|idle| idle >= woken)).await;
        }
    }
}
