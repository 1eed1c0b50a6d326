//! Instants and sums as Vietnamese documents write them.

use jiff::civil::{Date, DateTime};

/// Stands for what is filled in by hand.
pub(crate) const BLANK: &str = "……………………………";
/// The same, where little is filled in.
pub(crate) const SHORT_BLANK: &str = "…………";

/// `ngày 05 tháng 12 năm 2026`: days below ten and the first two months with a zero (Decree 30/2020/NĐ-CP, appendix I).
pub(crate) fn date(day: Date) -> String {
    let month = match day.month() {
        month @ (1 | 2) => format!("{month:02}"),
        month => month.to_string(),
    };
    format!("ngày {:02} tháng {month} năm {}", day.day(), day.year())
}

/// `09 giờ 05 phút, ngày 05 tháng 12 năm 2026`.
pub(crate) fn instant(at: DateTime) -> String {
    format!("{:02} giờ {:02} phút, {}", at.hour(), at.minute(), date(at.date()))
}

/// `05/12/2026`, where there is little room.
pub(crate) fn short_date(day: Date) -> String {
    format!("{:02}/{:02}/{}", day.day(), day.month(), day.year())
}

/// `09:05 05/12/2026`, on one line.
pub(crate) fn short_instant(at: DateTime) -> String {
    format!("{:02}:{:02}\u{a0}{}", at.hour(), at.minute(), short_date(at.date()))
}

/// `10.000 đồng`.
pub(crate) fn dong(sum: i64) -> String {
    let digits = sum.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    let sign = if sum < 0 { "-" } else { "" };
    format!("{sign}{grouped} đồng")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::*;

    #[test]
    fn dates_and_sums_are_written_as_in_documents() {
        assert_eq!(date(day(2026, 2, 5)), "ngày 05 tháng 02 năm 2026");
        assert_eq!(date(day(2026, 11, 23)), "ngày 23 tháng 11 năm 2026");
        assert_eq!(instant(day(2026, 3, 1).at(9, 5, 0, 0)), "09 giờ 05 phút, ngày 01 tháng 3 năm 2026");
        assert_eq!(short_instant(day(2026, 3, 1).at(9, 5, 0, 0)), "09:05\u{a0}01/03/2026");
        let sums = [0, 999, 1_000, 8_000, 1_234_567].map(dong);
        assert_eq!(sums, ["0 đồng", "999 đồng", "1.000 đồng", "8.000 đồng", "1.234.567 đồng"]);
    }
}
