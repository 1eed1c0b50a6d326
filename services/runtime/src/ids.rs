//! Minting of ids: UUIDv7, random in earnest, repeatable when a day is played again.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use phidia_domain::id::Id;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};
use uuid::Builder;

use crate::random;

/// Mints ids. Clones share their counters.
#[derive(Clone, Debug)]
pub struct Ids(Option<Arc<Seeded>>);

#[derive(Debug)]
struct Seeded {
    seed: u64,
    minted: Mutex<BTreeMap<&'static str, u64>>,
}

impl Ids {
    /// Ids that nobody can guess or repeat.
    pub fn random() -> Self {
        Self(None)
    }

    /// Ids that depend on `seed`, the kind of id and how many of that kind were minted before, and on
    /// nothing else. Within one millisecond they are not in order.
    pub fn seeded(seed: u64) -> Self {
        Self(Some(Arc::new(Seeded { seed, minted: Mutex::default() })))
    }

    /// A new id that carries the milliseconds of `at` (those before 1970 count as 1970).
    pub fn mint<I: Id>(&self, at: Timestamp) -> I {
        let bits = match &self.0 {
            None => random::bytes(),
            Some(seeded) => seeded.next(I::PREFIX),
        };
        let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
        I::from_uuid(Builder::from_unix_timestamp_millis(millis, &bits).into_uuid())
    }
}

impl Seeded {
    fn next(&self, prefix: &'static str) -> [u8; 10] {
        let mut minted = self.minted.lock().unwrap_or_else(PoisonError::into_inner);
        let count = minted.entry(prefix).or_default();
        let mut key = [0; 32];
        key[..8].copy_from_slice(&self.seed.to_le_bytes());
        key[8..16].copy_from_slice(&count.to_le_bytes());
        for (slot, byte) in key[16..].iter_mut().zip(prefix.bytes()) {
            *slot = byte;
        }
        *count += 1;
        drop(minted);
        let mut bits = [0; 10];
        ChaCha8Rng::from_seed(key).fill_bytes(&mut bits);
        bits
    }
}

#[cfg(test)]
mod tests {
    use phidia_domain::id::{ApplicationId, CaseId, EventId};

    use super::*;

    #[test]
    fn seeded_ids_of_one_kind_do_not_depend_on_other_kinds() {
        let at: Timestamp = "2026-11-23T01:00:00Z".parse().unwrap();
        let (one, two) = (Ids::seeded(7), Ids::seeded(7));
        let first: ApplicationId = one.mint(at);
        let _: CaseId = two.mint(at);
        let _: EventId = two.mint(at);
        assert_eq!(first, two.mint(at));
        assert_ne!(first, two.mint(at));
        assert_ne!(first, Ids::seeded(8).mint(at));
    }

    #[test]
    fn ids_are_version_7_and_carry_their_time() {
        let at: Timestamp = "2026-11-23T01:00:00.123Z".parse().unwrap();
        for ids in [Ids::random(), Ids::seeded(1)] {
            let id: ApplicationId = ids.mint(at);
            assert_eq!(id.uuid().get_version_num(), 7);
            let (seconds, nanos) = id.uuid().get_timestamp().unwrap().to_unix();
            assert_eq!((seconds, nanos), (at.as_second().cast_unsigned(), 123_000_000));
            assert_ne!(id, ids.mint(at));
        }
    }
}
