//! Things to draw from.

use std::collections::BTreeMap;

use phidia_domain::Rejection;

/// Things to draw from, by weight: at least one, and one of them with more than none.
#[derive(Clone, Debug)]
pub struct Weights<T> {
    pub(super) entries: Vec<(T, f64)>,
    pub(super) sum: f64,
}

impl<T: serde::de::DeserializeOwned + Clone> Weights<T> {
    /// Reads them from the file of this name: keys and weights, under a heading. `what` says what its keys are to
    /// name.
    ///
    /// # Errors
    /// `MALFORMED_DEMAND` that names the file and what is wrong with it.
    pub(super) fn read(
        files: &BTreeMap<String, Vec<u8>>,
        name: &str,
        what: &str,
        is_known: impl Fn(&T) -> bool,
    ) -> Result<Self, Rejection> {
        let content = files.get(name).ok_or_else(|| malformed(name, "is missing"))?;
        let mut entries = Vec::new();
        for row in csv::Reader::from_reader(content.as_slice()).into_deserialize() {
            let (key, weight): (T, f64) = row.map_err(|error| malformed(name, &error.to_string()))?;
            if !is_known(&key) {
                let line = entries.len() + 2;
                return Err(malformed(name, &format!("line {line}: it is to name {what}")));
            }
            entries.push((key, weight));
        }
        Self::of(entries)
            .ok_or_else(|| malformed(name, "weights must not be negative, and one of them more than 0"))
    }
}

impl<T: Clone> Weights<T> {
    pub(super) fn of(entries: Vec<(T, f64)>) -> Option<Self> {
        let sum: f64 = entries.iter().map(|(_, weight)| weight).sum();
        let sound = sum > 0.0 && entries.iter().all(|(_, weight)| weight.is_finite() && *weight >= 0.0);
        sound.then_some(Self { entries, sum })
    }

    pub(super) fn only(&self, wanted: impl Fn(&T) -> bool) -> Option<Self> {
        Self::of(self.entries.iter().filter(|(key, _)| wanted(key)).cloned().collect())
    }

    pub(super) fn has(&self, wanted: impl Fn(&T) -> bool) -> bool {
        self.entries.iter().any(|(key, _)| wanted(key))
    }
}

pub(super) fn malformed(file: &str, what: &str) -> Rejection {
    Rejection::invalid("MALFORMED_DEMAND", file, what)
}
