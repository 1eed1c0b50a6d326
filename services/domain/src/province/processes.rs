//! `processes.csv`: the decisions that published the internal processes, and what they made simpler.

use std::collections::BTreeMap;

use super::{
    catalogue::limit,
    table::{Row, Table, Values, date, number, phrase},
};
use crate::procedure::Publication;

pub(super) const COLUMNS: [&str; 3] = ["procedure", "decision", "decided_on"];
pub(super) const OPTIONAL_COLUMNS: [&str; 5] =
    ["effective_from", "effective_to", "steps_before", "time_value_before", "time_unit_before"];

/// The decisions by the code of their procedure, each in the order of their days. One that begins before the one before it has ended
/// is a fault.
pub(super) fn published<'a>(table: &'a Table<'_>, codes: &Values<'_>) -> BTreeMap<&'a str, Vec<Publication>> {
    let mut lines: BTreeMap<&str, Vec<(Row<'_>, Publication)>> = BTreeMap::new();
    for row in table.rows() {
        let procedure = row.reference("procedure", codes, "the code of a procedure (procedures.csv)");
        if let Some((procedure, publication)) = procedure.zip(publication(row)) {
            lines.entry(procedure).or_default().push((row, publication));
        }
    }
    let in_order = lines.into_iter().map(|(procedure, mut lines)| {
        lines.sort_by_key(|(_, publication)| publication.effective_from);
        for ((_, earlier), (row, later)) in lines.iter().zip(lines.iter().skip(1)) {
            if earlier.effective_to.is_none_or(|to| later.effective_from.is_none_or(|from| from < to)) {
                row.fail("effective_from", "a day from which no other decision holds for this procedure");
            }
        }
        (procedure, lines.into_iter().map(|(_, publication)| publication).collect())
    });
    in_order.collect()
}

fn publication(row: Row<'_>) -> Option<Publication> {
    let (decision, decided_on) = (row.take("decision", phrase), row.take("decided_on", date));
    let steps_before = row.optional("steps_before", number(1..=99));
    let time_before = limit(row, "time_value_before", "time_unit_before");
    let (effective_from, effective_to) = row.period()?;
    Some(Publication {
        decision: decision?,
        decided_on: decided_on?,
        steps_before: steps_before?,
        time_before: time_before?,
        effective_from,
        effective_to,
    })
}

#[cfg(test)]
mod tests;
