//! Two policies, dial by dial.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::TableLike;

use super::document;
use crate::route::Policy;

/// A dial that the two have otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its name; within a table after the table's, `fields.gate_share`.
    pub dial: String,
    /// As it was, written as in a document; none: it was not set.
    pub old: Option<String>,
    /// As it is.
    pub new: Option<String>,
}

/// What is otherwise in the new policy, by dial. Versions are not compared: they differ between any two.
pub fn between(old: &Policy, new: &Policy) -> Vec<Change> {
    let (mut old, mut new) = (flat(old), flat(new));
    let names: BTreeSet<String> = old.keys().chain(new.keys()).cloned().collect();
    let changes = names.into_iter().map(|dial| {
        let (old, new) = (old.remove(&dial), new.remove(&dial));
        Change { dial, old, new }
    });
    changes.filter(|change| change.old != change.new).collect()
}

/// Every dial as it is written, tables taken apart.
fn flat(policy: &Policy) -> BTreeMap<String, String> {
    let mut flat = BTreeMap::new();
    flatten(&document::dials(policy), "", &mut flat);
    flat
}

fn flatten(table: &dyn TableLike, above: &str, flat: &mut BTreeMap<String, String>) {
    for (name, item) in table.iter() {
        let name = if above.is_empty() { name.to_owned() } else { format!("{above}.{name}") };
        match item.as_table_like() {
            Some(table) => flatten(table, &name, flat),
            None => {
                flat.insert(name, item.to_string().trim().to_owned());
            }
        }
    }
}
