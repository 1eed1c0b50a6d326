//! The name of every key on Redis. Nobody else makes one up.
//!
//! ```text
//!   {37}:v2:epoch             the epoch that holds
//!   {37}:v2:epochs            all epochs that may have keys: so what is over is found by name
//!   {37}:v2:<epoch>:sequence  the number of the newest change
//!   {37}:v2:<epoch>:items     \
//!   {37}:v2:<epoch>:leases     \
//!   {37}:v2:<epoch>:load       / the ledger: see lua/ledger.lua
//!   {37}:v2:<epoch>:pools     /
//!   {37}:v2:<epoch>:log      /
//! ```
//!
//! The province is the hash tag: all keys of one are in one slot, and each script has all of them declared; the
//! load of all units is one hash, so that no name depends on what a script finds. `v2` is the layout: another
//! one takes another number, finds nothing built, and is rebuilt from the store. None has a time to live: load
//! does not end by itself.

/// Of which layout the keys are.
const LAYOUT: &str = "v2";

/// The keys of one epoch of one province.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    /// The epoch.
    pub(crate) epoch: i64,
    /// In the order in which `lua/head.lua` names them.
    pub(crate) names: [String; 8],
}

impl Keys {
    /// Those of this epoch of this province.
    pub(crate) fn of(province: &str, epoch: i64) -> Self {
        let ever = |what: &str| format!("{{{province}}}:{LAYOUT}:{what}");
        let now = |what: &str| format!("{{{province}}}:{LAYOUT}:{epoch}:{what}");
        let names = [
            ever("epoch"),
            ever("epochs"),
            now("sequence"),
            now("items"),
            now("leases"),
            now("load"),
            now("pools"),
            now("log"),
        ];
        Self { epoch, names }
    }
}

#[cfg(test)]
mod tests {
    use super::Keys;

    #[test]
    fn all_are_in_the_slot_of_their_province_and_no_two_are_the_same() {
        let names = [Keys::of("37", 1), Keys::of("37", 2), Keys::of("38", 1)].map(|keys| keys.names);
        assert!(names[..2].iter().flatten().all(|name| name.starts_with("{37}:v2:")));
        assert_eq!(names[0][..2], names[1][..2]);
        assert_eq!(names[0][2], "{37}:v2:1:sequence");
        let different: std::collections::BTreeSet<_> = names.iter().flatten().collect();
        assert_eq!(different.len(), 3 * 8 - 2);
    }
}
