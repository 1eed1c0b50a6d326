//! A decision in words: for the citizen, and what would have turned it.

use jiff::tz::TimeZone;

use super::explanation::{Explanation, Ground, WhatIf, moment};
use crate::{id::UnitId, procedure::Text};

impl Explanation {
    /// The decision for the citizen: where and when, and why there. Whoever handed it in has nothing to do
    /// with it and nowhere to go: the result is returned where they asked for it.
    pub fn for_citizen(&self, name: impl Fn(UnitId) -> Text, zone: &TimeZone) -> Text {
        let home = name(self.home);
        let (vi, en) = match self.ground {
            Ground::Home if self.will_be_late() => (
                "Như vậy là trễ hẹn, nhưng theo quy tắc thì chuyển đi nơi khác cũng không tốt hơn."
                    .to_owned(),
                "That is later than promised, but by the rules it would not be better served elsewhere."
                    .to_owned(),
            ),
            Ground::Home => (
                "Nơi này làm kịp thời hạn nên không cần chuyển đi nơi khác.".to_owned(),
                "It will be done there in good time, so there was no need to send it elsewhere.".to_owned(),
            ),
            Ground::Bound => (
                "Theo quy định, chỉ nơi này được làm hoặc làm được bước này.".to_owned(),
                "By law, or for want of others, this step can be done there only.".to_owned(),
            ),
            Ground::Need => {
                let why = self.why_not_home();
                (
                    format!("{} {}; kết quả vẫn được trả tại nơi đã hẹn.", home.vi, why.vi),
                    format!("{} {}; the result is returned where you asked for it.", home.en, why.en),
                )
            }
            Ground::Gain => (
                format!(
                    "Nơi này giải quyết tốt hơn {} vào lúc này; kết quả vẫn được trả tại nơi đã hẹn.",
                    home.vi
                ),
                format!(
                    "It is better served there than at {} at present; the result is returned where you asked for it.",
                    home.en
                ),
            ),
            Ground::Rescued => (
                "Hồ sơ được chuyển đến đây để kịp thời hạn; kết quả vẫn được trả tại nơi đã hẹn.".to_owned(),
                "It was sent there to be ready in time; the result is returned where you asked for it."
                    .to_owned(),
            ),
            Ground::Overridden => (
                "Người phụ trách đã giao hồ sơ cho nơi này; kết quả vẫn được trả tại nơi đã hẹn.".to_owned(),
                "A person in charge has given it to them; the result is returned where you asked for it."
                    .to_owned(),
            ),
            Ground::Kept => (
                "Bước trước đã được làm tại đây nên được làm tiếp ngay.".to_owned(),
                "The step before was done there, so that it goes on at once.".to_owned(),
            ),
        };
        self.told(&name, zone, &vi, &en)
    }

    /// The same where it was taken back from another unit before: why it may be best where it is now is nothing to whoever
    /// was told otherwise.
    pub fn for_citizen_after(&self, name: impl Fn(UnitId) -> Text, zone: &TimeZone) -> Text {
        self.told(
            &name,
            zone,
            "Nơi được giao trước đó không tiếp tục giải quyết; kết quả vẫn được trả tại nơi đã hẹn.",
            "The office that had it before does not go on with it; the result is returned where you asked for it.",
        )
    }

    fn told(&self, name: &impl Fn(UnitId) -> Text, zone: &TimeZone, vi: &str, en: &str) -> Text {
        let chosen = name(self.chosen);
        let there = moment(self.candidate(self.chosen).map(|candidate| candidate.predicted_finish_at), zone);
        Text {
            vi: format!("Hồ sơ được giải quyết tại {}, dự kiến xong {}. {vi}", chosen.vi, there.vi),
            en: format!(
                "Your application is worked on at {}, expected to be finished {}. {en}",
                chosen.en, there.en
            ),
        }
    }
}

impl WhatIf {
    /// The change in a sentence, of a decision on this ground.
    pub fn sentence(&self, ground: Ground, name: impl Fn(UnitId) -> Text) -> Text {
        let unit = name(self.unit);
        let minutes = self.queue_minutes.unsigned_abs();
        if ground == Ground::Rescued {
            Text {
                vi: format!(
                    "Việc này đã không phải rời {} nếu việc chờ ở đó ít hơn {minutes} phút làm việc.",
                    unit.vi
                ),
                en: format!(
                    "It would not have had to leave {} if the queue there were {minutes} working minutes shorter.",
                    unit.en
                ),
            }
        } else if self.queue_minutes < 0 {
            Text {
                vi: format!("{} đã nhận việc này nếu việc chờ ở đó ít hơn {minutes} phút làm việc.", unit.vi),
                en: format!(
                    "{} would have taken it if its queue were {minutes} working minutes shorter.",
                    unit.en
                ),
            }
        } else {
            Text {
                vi: format!(
                    "Việc này đã được chuyển đi nơi khác nếu việc chờ ở {} nhiều hơn {minutes} phút làm việc.",
                    unit.vi
                ),
                en: format!(
                    "It would have gone elsewhere if the queue at {} were {minutes} working minutes longer.",
                    unit.en
                ),
            }
        }
    }
}
