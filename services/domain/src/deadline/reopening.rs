//! A case was opened again by a decision: its time counts from that on, all of it.

use jiff::Timestamp;

use super::{Promise, Sheet};
use crate::calendar::LegalClock;

impl Promise {
    /// The same, of a dossier that was received long before and whose time counts from `decision`, with the lines that say so.
    #[must_use]
    pub fn opened_again(
        self,
        clock: &LegalClock,
        received_at: Timestamp,
        decision: &str,
        at: Timestamp,
    ) -> Self {
        let mut sheet = Sheet { clock, lines: Vec::with_capacity(self.arithmetic.len() + 1) };
        sheet.received(received_at, None);
        let (at_vi, at_en) = sheet.moment(at);
        sheet.line(
            format!("Mở lại hồ sơ: {at_vi}, theo {decision}; thời hạn tính lại từ đầu."),
            format!("Opened again: {at_en}, by {decision}; all of the time counts anew."),
        );
        // The first of its lines names what it took for the reception.
        sheet.lines.extend(self.arithmetic.into_iter().skip(1));
        Self { received_at, arithmetic: sheet.lines, ..self }
    }
}
