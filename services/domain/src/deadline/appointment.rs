//! A new appointment beside the due date, in the words of the reckoning.

use jiff::Timestamp;

use super::{Promise, Sheet};
use crate::calendar::LegalClock;

impl Promise {
    /// The same, with the line that says that the citizen was given a new appointment. The due date stays.
    #[must_use]
    pub fn postponed(self, clock: &LegalClock, told_at: Timestamp, appointment_at: Timestamp) -> Self {
        let mut sheet = Sheet { clock, lines: self.arithmetic };
        let ((told_vi, told_en), (vi, en)) = (sheet.moment(told_at), sheet.moment(appointment_at));
        sheet.line(
            format!(
                "Đã xin lỗi lúc {told_vi} và hẹn lại: {vi}. Thời hạn giải quyết theo quy định không thay đổi."
            ),
            format!("New appointment, with an apology at {told_en}: {en}. The statutory due date stays."),
        );
        Self { arithmetic: sheet.lines, ..self }
    }
}
