//! The lines of the catalogue: what holds for a procedure from one day until another, one line behind the other.

use std::{collections::BTreeMap, ops::Bound};

use jiff::civil::Date;

use crate::procedure::Procedure;

/// All procedures by code, each with its lines in the order of their days. No two lines of a procedure hold on the same day; between two
/// of them it may not be in force for a while.
#[derive(Clone, Debug, Default)]
pub struct Procedures(BTreeMap<String, Vec<Procedure>>);

impl Procedures {
    /// Adds the lines of a procedure, at least one, in the order of their days.
    pub(super) fn insert(&mut self, code: String, lines: Vec<Procedure>) {
        self.0.insert(code, lines);
    }

    /// What holds of a procedure on a day. Where it is not in force then: what will hold next, or else what held last.
    pub fn on(&self, code: &str, day: Date) -> Option<&Procedure> {
        let lines = self.0.get(code)?;
        lines.iter().find(|line| line.effective_to.is_none_or(|to| day < to)).or_else(|| lines.last())
    }

    /// Of every procedure behind a code, or of all, what [`Procedures::on`] answers.
    pub fn all_on(&self, day: Date, behind: Option<&str>) -> impl Iterator<Item = &Procedure> {
        let behind = behind.map_or(Bound::Unbounded, Bound::Excluded);
        self.0.range::<str, _>((behind, Bound::Unbounded)).filter_map(move |(code, _)| self.on(code, day))
    }

    /// The lines of a procedure; none of one that is not there.
    pub fn lines(&self, code: &str) -> &[Procedure] {
        self.0.get(code).map_or(&[], Vec::as_slice)
    }

    /// All lines, by code and day.
    pub fn values(&self) -> impl Iterator<Item = &Procedure> {
        self.0.values().flatten()
    }

    /// All codes in order.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// Whether there is a procedure with this code.
    pub fn contains_key(&self, code: &str) -> bool {
        self.0.contains_key(code)
    }

    /// How many procedures there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first day of a procedure, and the first on which it is no longer in force; none: it always was, or is open.
    pub fn period(&self, code: &str) -> (Option<Date>, Option<Date>) {
        let lines = self.lines(code);
        (lines.first().and_then(|line| line.effective_from), lines.last().and_then(|line| line.effective_to))
    }

    #[cfg(test)]
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut Procedure> {
        self.0.values_mut().flatten()
    }

    /// The only line of a procedure.
    #[cfg(test)]
    pub(crate) fn get_mut(&mut self, code: &str) -> Option<&mut Procedure> {
        self.0.get_mut(code)?.first_mut()
    }
}

#[cfg(test)]
mod tests;
