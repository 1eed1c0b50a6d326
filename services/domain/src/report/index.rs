//! The index of Decision 766/QĐ-TTg of 23 June 2022: what of its criteria can be reckoned from cases, and a ranking by it.
//!
//! Of its six groups (transparency 18 points, progress 20, online service 12, online payment 10, digitisation 22, satisfaction
//! 18) cases tell of the second. All its 20 points go by the share that is on time (criterion 2.1); that they are given in
//! proportion is our reading. The mean time beside the statutory one (2.2) is shown without points of its own. Of the third
//! group cases tell for which services something came in online (3.2, with 3.1 in [`super::online`]), and how much did, of which criterion 3.3 asks ([`super::Figures::stated`]): that is shown without points, for
//! these ask for more. Of the others, what cases tell is in [`super::shares`].
//! Whatever else the index measures is named with what is missing, and never guessed.

use super::{Figure, Figures};
use crate::procedure::Text;

/// The most points for being on time.
pub const PROGRESS_POINTS: u32 = 20;

/// What a unit was measured at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    /// Cases that criterion 2.1 looks at.
    pub judged: u64,
    /// Of these, on time by its rule: the end is no later than the promise; of one supplement the interval is taken off, and while
    /// it is waited for its request is the end; with more than one it is overdue; what has not ended is compared with the end of the period.
    pub on_time: u64,
    /// What ended, of which something was promised.
    pub ended: u64,
    /// Working minutes of that (criterion 2.2).
    pub minutes: i64,
    /// Working minutes that the statutory time gave to those.
    pub allowed_minutes: i64,
}

impl Measure {
    /// Of these figures; none where there is no case to judge by.
    pub fn of(figures: &Figures) -> Option<Self> {
        let judged = figures.count(Figure::Judged);
        (judged > 0).then(|| Self {
            judged,
            on_time: figures.count(Figure::JudgedOnTime),
            ended: figures.count(Figure::Finished) - figures.count(Figure::FinishedUndated),
            minutes: figures.dated_minutes,
            allowed_minutes: figures.allowed_minutes,
        })
    }

    /// The share that is on time, from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "far fewer cases than 2^52")]
    pub fn on_time_share(&self) -> f64 {
        self.on_time as f64 / self.judged as f64
    }

    /// Points of criterion 2.1, from 0 to [`PROGRESS_POINTS`].
    pub fn points(&self) -> f64 {
        self.on_time_share() * f64::from(PROGRESS_POINTS)
    }

    /// Mean working minutes of what ended (criterion 2.2); none where nothing did.
    pub fn mean_minutes(&self) -> Option<f64> {
        self.mean(self.minutes)
    }

    /// The mean of what the statutory time gave to that.
    pub fn mean_allowed_minutes(&self) -> Option<f64> {
        self.mean(self.allowed_minutes)
    }

    #[expect(clippy::cast_precision_loss, reason = "far fewer minutes than 2^52")]
    fn mean(&self, minutes: i64) -> Option<f64> {
        (self.ended > 0).then(|| minutes as f64 / self.ended as f64)
    }
}

/// The places of units in a ranking, best first: `(place, unit, measure)`. Who has the same share shares the place, and the
/// places after it are left free. Shares are compared as fractions, so that no rounding makes or breaks a tie.
pub fn ranking<K: Ord + Copy>(units: impl IntoIterator<Item = (K, Measure)>) -> Vec<(u32, K, Measure)> {
    let share = |one: &Measure, other: &Measure| {
        let cross = |on_time: u64, judged: u64| u128::from(on_time) * u128::from(judged);
        cross(other.on_time, one.judged).cmp(&cross(one.on_time, other.judged))
    };
    let mut units: Vec<_> = units.into_iter().collect();
    units.sort_by(|(one_key, one), (other_key, other)| share(one, other).then(one_key.cmp(other_key)));
    let mut ranked: Vec<(u32, K, Measure)> = Vec::with_capacity(units.len());
    for (before, (key, measure)) in (1..).zip(units) {
        let place = match ranked.last() {
            Some((place, _, last)) if share(last, &measure).is_eq() => *place,
            _ => before,
        };
        ranked.push((place, key, measure));
    }
    ranked
}

/// A criterion, or a group of them, that cannot be reckoned yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotMeasured {
    /// Its number in the decision.
    pub number: &'static str,
    /// The most points, where a source gives them for the criterion or the group.
    pub points: u32,
    /// What it measures.
    pub name: Text,
    /// What would have to be known, or done.
    pub missing: Text,
}

/// What the index measures beyond progress.
pub fn not_measured() -> Vec<NotMeasured> {
    NOT_MEASURED
        .iter()
        .map(|(number, points, name, missing)| NotMeasured {
            number,
            points: *points,
            name: text(name),
            missing: text(missing),
        })
        .collect()
}

type Said = (&'static str, &'static str);

const NOT_MEASURED: [(&str, u32, Said, Said); 5] = [
    (
        "1",
        18,
        ("Công khai, minh bạch", "Transparency"),
        (
            "chưa nối với Cơ sở dữ liệu quốc gia về thủ tục hành chính: ngày công bố, ngày công khai, tỷ lệ đồng bộ hồ sơ",
            "no link to the National Procedure Database: days of decision and publication, share of dossiers synchronised",
        ),
    ),
    (
        "3.1–3.3",
        12,
        ("Cung cấp dịch vụ trực tuyến", "Online service"),
        (
            "3.1, 3.2 có tỷ lệ, 3.3 chỉ biết tỷ lệ nộp trực tuyến, chưa biết tỷ lệ đồng bộ hồ sơ; chưa rõ điểm của từng tiêu chí",
            "of 3.1 and 3.2 there are shares, of 3.3 only the share that came in online, not synchronised dossiers; how the points are \
             divided is not known",
        ),
    ),
    (
        "3.5–3.6",
        10,
        ("Thanh toán trực tuyến", "Online payment"),
        (
            "3.6 có tỷ lệ, chưa rõ điểm của từng tiêu chí; chưa ghi thủ tục nào có thanh toán trực tuyến (3.5)",
            "of 3.6 there is a share, but how the points are divided is not known; which procedures can be paid online (3.5) is not recorded",
        ),
    ),
    (
        "4",
        22,
        ("Số hóa hồ sơ", "Digitisation"),
        (
            "4.1, 4.2 có tỷ lệ, chưa rõ điểm của từng tiêu chí; chưa ghi việc tái sử dụng dữ liệu số hóa (4.3) và khai thác Cơ sở dữ liệu \
             quốc gia về dân cư (4.4, 4.5)",
            "of 4.1 and 4.2 there are shares, but how the points are divided is not known; digitised data that were used again (4.3) and \
             use of the population database (4.4, 4.5) are not recorded",
        ),
    ),
    (
        "5",
        18,
        ("Mức độ hài lòng", "Satisfaction"),
        (
            "5.4 có tỷ lệ, 5.1–5.3 do dịch vụ tiếp nhận đếm (phidia feedback stats); chưa rõ điểm của từng tiêu chí",
            "of 5.4 there is a share, 5.1 to 5.3 are counted by intake (phidia feedback stats), but how the points are divided is not known",
        ),
    ),
];

fn text((vi, en): &Said) -> Text {
    Text { vi: (*vi).to_owned(), en: (*en).to_owned() }
}
