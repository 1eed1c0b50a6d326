//! The officers of a unit.

use phidia_domain::officer::Officer;
use phidia_proto::processing::v1::CaseWorkItem;

/// Who is free at a unit, and what there is to do.
#[derive(Default)]
pub(super) struct Desk<'d> {
    pub(super) free: Vec<&'d Officer>,
    pub(super) at_work: u32,
    pub(super) open_items: u32,
    /// Open items and whether the office was open, when it was looked at last.
    pub(super) seen: Option<(u32, bool)>,
    /// Somebody has become free since.
    pub(super) freed: bool,
}

impl<'d> Desk<'d> {
    /// The officer who takes the item up: of those who can, the one with the fewest other talents, so that
    /// those who sign are kept for signing.
    pub(super) fn take(&mut self, item: &CaseWorkItem) -> Option<&'d Officer> {
        let index = self.competent(item)?;
        self.at_work += 1;
        Some(self.free.swap_remove(index))
    }

    /// Where this officer stands among those who are free.
    pub(super) fn competent(&self, item: &CaseWorkItem) -> Option<usize> {
        let level = u8::try_from(item.level).ok()?;
        let field = &item.field.as_ref()?.vi;
        let (index, _) = self
            .free
            .iter()
            .enumerate()
            .filter(|(_, officer)| officer.is_competent(field, level))
            .min_by_key(|(_, officer)| {
                let talents: u32 = officer.competencies.values().map(|level| u32::from(*level)).sum();
                (talents, officer.id)
            })?;
        Some(index)
    }

    /// An officer can take something up again.
    pub(super) fn put_back(&mut self, officer: &'d Officer) {
        self.free.push(officer);
        self.freed = true;
    }
}
