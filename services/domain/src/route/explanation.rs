//! Why a work item is where it is: kept with the decision, shown to people, replayed by auditors.

use std::{borrow::Cow, collections::BTreeMap};

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{Edition, Request, facts::Facts, ring::Ring};
use crate::{id::UnitId, procedure::Text};

/// Why a work item is where it is. Nothing leaves its home without a stated gain or need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// Home is good enough, or nothing else is enough better.
    Home,
    /// Only home may do it, or only home can.
    Bound,
    /// Home cannot do it.
    Need,
    /// Another unit finishes it better, by more than it costs to move.
    Gain,
    /// It stays with the unit that did the step before.
    Kept,
    /// It would have been late where it was, and is expected to be on time here.
    Rescued,
    /// A supervisor or an operator has sent it here.
    Overridden,
}

impl Ground {
    /// The stable name, as it is stored and sent.
    pub fn name(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Bound => "bound",
            Self::Need => "need",
            Self::Gain => "gain",
            Self::Kept => "kept",
            Self::Rescued => "rescued",
            Self::Overridden => "overridden",
        }
    }
}

/// Why a unit was left out; of several reasons the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    /// It lies outside the scope of the step.
    OutOfScope,
    /// It has a stake in it.
    Conflicted,
    /// The original papers lie elsewhere, and do not go there.
    OriginalsElsewhere,
    /// It takes no new work at present, or none from others.
    NotAccepting,
    /// It takes no foreign work because what was sent there came back too often.
    Quarantined,
    /// No officer there masters the field at the level.
    NotCompetent,
    /// Nobody who masters it works there before it is due.
    Absent,
    /// It has as many open work items as it may have.
    AtCapacity,
    /// It has borrowed as much as it may.
    BorrowedEnough,
    /// Its calendar has no working time in which it could be finished.
    Closed,
    /// It has too much work of its own to take foreign work for gain.
    Full,
    /// It lies further away than where somebody does it in good time.
    NotNeeded,
    /// Nobody knows whether it may: the competent authority of the step is not known.
    HomeUnknown,
}

impl Refused {
    /// The stable name, as it is stored and sent.
    pub fn name(self) -> &'static str {
        match self {
            Self::OutOfScope => "out_of_scope",
            Self::Conflicted => "conflicted",
            Self::OriginalsElsewhere => "originals_elsewhere",
            Self::NotAccepting => "not_accepting",
            Self::Quarantined => "quarantined",
            Self::NotCompetent => "not_competent",
            Self::Absent => "absent",
            Self::AtCapacity => "at_capacity",
            Self::BorrowedEnough => "borrowed_enough",
            Self::Closed => "closed",
            Self::Full => "full",
            Self::NotNeeded => "not_needed",
            Self::HomeUnknown => "home_unknown",
        }
    }
}

/// A unit that was weighed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The unit.
    pub unit: UnitId,
    /// Working minutes of one officer that those of its competent officers who are not busy have to do first.
    pub queued_minutes: i64,
    /// Officers there who could do it.
    pub competent_officers: u32,
    /// How many of them are busy with other work for longer than the others need for what is queued.
    #[serde(default, skip_serializing_if = "is_nobody")]
    pub busy_officers: u32,
    /// When it would be finished there, allowing for the effort that four of five such steps do not exceed.
    pub predicted_finish_at: Timestamp,
    /// How likely it would be finished after it is due, from 0 to 1.
    #[serde(default)]
    pub late_probability: f64,
    /// The parts of the score by name, in minutes: `finish`, `late`, `risk`, `boundary`, `distance`,
    /// `fairness`, `lent`, `rarity`, `continuity`.
    pub terms: BTreeMap<Cow<'static, str>, f64>,
    /// Their sum; lower is better.
    pub score: f64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_nobody(officers: &u32) -> bool {
    *officers == 0
}

/// What would have brought a work item elsewhere; of a rescued one, what would have left it where it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhatIf {
    /// The unit whose queue it is about: one that lost, the chosen one, or the one that it was rescued from.
    pub unit: UnitId,
    /// By how many minutes of one officer its queue would have to be longer; negative: shorter.
    pub queue_minutes: i64,
}

/// How home did at the gate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// Legal working minutes that home needs.
    pub finish_minutes: i64,
    /// Those that are left until it is due.
    pub remaining_minutes: i64,
    /// Which share of these home may use.
    pub share: f64,
    /// Whether that is enough for home to keep it.
    pub passed: bool,
}

/// A decision with the whole comparison behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// Name of the policy.
    pub policy: String,
    /// Version of the policy.
    pub policy_version: u32,
    /// Edition of the rules.
    #[serde(default, skip_serializing_if = "Edition::is_first")]
    pub edition: Edition,
    /// Business time of the decision.
    pub decided_at: Timestamp,
    /// Home of the step.
    pub home: UnitId,
    /// The unit that was chosen.
    pub chosen: UnitId,
    /// Why.
    pub ground: Ground,
    /// Best first, near ties as they were drawn: the chosen unit, home when it is able, and others, at most
    /// 5 besides home.
    pub candidates: Vec<Candidate>,
    /// How many units were left out, by reason. For a kept step: what speaks against the unit.
    pub filtered: BTreeMap<Refused, u32>,
    /// What near ties were drawn with.
    pub seed: u64,
    /// How far from home it was looked.
    #[serde(default)]
    pub ring: Ring,
    /// Why home is not able; none: it is, or nobody knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home_refused: Option<Refused>,
    /// How home did at the gate; none where home is not able, only home may have it, or nothing was promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
    /// By how many minutes the chosen unit cost less than the next best; negative where home stays, or a lot
    /// was drawn, although another would cost less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin_minutes: Option<f64>,
    /// What would have turned it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what_if: Option<WhatIf>,
    /// What was known of what was queued.
    #[serde(flatten)]
    pub facts: Facts,
    /// Which bid was taken, from 0.
    #[serde(default)]
    pub bid: usize,
    /// What was asked.
    pub request: Request,
    /// Version of the province's documents that it was made over.
    pub province_version: i64,
    /// Revision of the registry.
    pub registry_revision: i64,
    /// How often the board had moved on before a bid was taken.
    #[serde(default)]
    pub retries: u32,
    /// How it came here from another unit; none: it was not moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<Moved>,
}

/// How a work item was moved before anybody began it, and what speaks against that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The unit that had it; none: nobody had it.
    pub from: Option<UnitId>,
    /// Who moved it, `role/name`.
    pub by: String,
    /// Why, in their words; empty where the rescue did.
    pub reason: String,
    /// What speaks against the unit where a person has sent it; empty: nothing.
    pub against: Vec<Refused>,
    /// The unit that the policy would have chosen, where that is another.
    pub instead: Option<UnitId>,
}

impl Explanation {
    /// The candidate of this unit, if it is among those that were kept.
    pub fn candidate(&self, unit: UnitId) -> Option<&Candidate> {
        self.candidates.iter().find(|candidate| candidate.unit == unit)
    }

    /// Whether it is predicted to be finished after it is due where it goes.
    pub fn will_be_late(&self) -> bool {
        let finish = self.candidate(self.chosen).map(|candidate| candidate.predicted_finish_at);
        finish.zip(self.request.due_at).is_some_and(|(finish, due_at)| finish > due_at)
    }

    /// What stands in the way at home, to be said of it.
    pub(super) fn why_not_home(&self) -> Text {
        let (vi, en) = match self.home_refused {
            Some(Refused::Conflicted) => ("có xung đột lợi ích", "has a conflict of interest"),
            Some(Refused::NotAccepting) => ("hiện không nhận việc", "takes no work at present"),
            Some(Refused::Absent) => (
                "không có người làm được có mặt trước hạn",
                "has nobody there before it is due who can do it",
            ),
            Some(Refused::AtCapacity) => ("đã nhận đủ việc", "has as much work as it may have"),
            Some(Refused::Closed) => (
                "không còn giờ làm việc để làm bước này",
                "has no working time left in which to do this step",
            ),
            _ => ("hiện không có người làm được bước này", "has nobody at present who can do this step"),
        };
        Text { vi: vi.to_owned(), en: en.to_owned() }
    }

    /// The decision in a sentence, with the names that `name` gives to units and moments in `zone`.
    pub fn sentence(&self, name: impl Fn(UnitId) -> Text, zone: &TimeZone) -> Text {
        let (chosen, home) = (name(self.chosen), name(self.home));
        let finish = |unit| self.candidate(unit).map(|candidate| candidate.predicted_finish_at);
        let (at_chosen, at_home) = (finish(self.chosen), finish(self.home));
        let (there, here) = (moment(at_chosen, zone), moment(at_home, zone));
        let (vi, en) = match self.ground {
            Ground::Home if self.will_be_late() => (
                format!(
                    "Làm tại {}, dự kiến xong {}, trễ hạn: theo quy tắc, không nơi nào khác tốt hơn đến mức phải \
                     chuyển đi.",
                    home.vi, there.vi
                ),
                format!(
                    "Stays at {}, expected to be finished {}, late: by the rules no other unit is enough better to \
                     move it.",
                    home.en, there.en
                ),
            ),
            Ground::Home => (
                format!(
                    "Làm tại {}, dự kiến xong {}: chưa có lý do đủ mạnh để chuyển đi.",
                    home.vi, there.vi
                ),
                format!(
                    "Stays at {}, expected to be finished {}: there is no sufficient reason to move it.",
                    home.en, there.en
                ),
            ),
            Ground::Bound => (
                format!(
                    "Làm tại {}, dự kiến xong {}, vì không nơi nào khác được làm hoặc làm được bước này.",
                    home.vi, there.vi
                ),
                format!(
                    "Stays at {}, expected to be finished {}, because no other unit may or can do this step.",
                    home.en, there.en
                ),
            ),
            Ground::Need => {
                let why = self.why_not_home();
                (
                    format!("Chuyển đến {} vì {} {}; dự kiến xong {}.", chosen.vi, home.vi, why.vi, there.vi),
                    format!(
                        "Goes to {} because {} {}; expected to be finished {}.",
                        chosen.en, home.en, why.en, there.en
                    ),
                )
            }
            Ground::Gain => {
                let (vi, en) = match at_chosen < at_home {
                    true => ("sớm hơn", "sooner than"),
                    false => ("xét chung có lợi hơn", "better on the whole than"),
                };
                (
                    format!(
                        "Chuyển đến {} vì dự kiến xong {}, {vi} tại {} (dự kiến {}).",
                        chosen.vi, there.vi, home.vi, here.vi
                    ),
                    format!(
                        "Goes to {} because it is expected to be finished there {}, {en} at {} (expected {}).",
                        chosen.en, there.en, home.en, here.en
                    ),
                )
            }
            Ground::Rescued | Ground::Overridden => super::dispatch::sentence(self, &name, &there, zone),
            Ground::Kept => (
                format!("Tiếp tục tại {}, nơi đã làm bước trước; dự kiến xong {}.", chosen.vi, there.vi),
                format!(
                    "Goes on at {}, which did the step before; expected to be finished {}.",
                    chosen.en, there.en
                ),
            ),
        };
        Text { vi, en }
    }
}

/// A moment as it stands in a sentence, to the minute.
pub(super) fn moment(at: Option<Timestamp>, zone: &TimeZone) -> Text {
    let Some(at) = at else {
        return Text { vi: "vào lúc chưa rõ".to_owned(), en: "at a time unknown".to_owned() };
    };
    let local = zone.to_datetime(at);
    Text {
        vi: local.strftime("lúc %H:%M ngày %d/%m/%Y").to_string(),
        en: local.strftime("at %H:%M on %-d %B %Y").to_string(),
    }
}
