//! The internal process of a procedure (*quy trình nội bộ*): by which decision it holds, who does which step in which share of the
//! time, and what may follow.
//!
//! Steps lead forward: what may follow has a higher number, so that no way goes round and every one ends. Who finds a mistake
//! goes back all the same ([`crate::case::SentBack`]).
//!
//! Some go on together (*các bước song song*): they begin at once, each at a unit of its own, and what follows begins when all of
//! them are done. So a process is a row of stages, each of one step or of some with numbers one after another.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Procedure, Step, Text, TimeLimit};

/// Who does a step, by what they have to do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepRole {
    /// Receives the dossier at the counter or online, and hands it on.
    Reception,
    /// Examines the dossier and drafts the result.
    Examination,
    /// Appraises what was drafted, before it is approved.
    Appraisal,
    /// Decides, and signs.
    Approval,
    /// Enters the result in the register, stamps it, sends it out.
    Issue,
    /// Hands the result to the citizen.
    Return,
}

impl StepRole {
    /// What they do, in words.
    pub fn in_words(self) -> Text {
        let (vi, en) = match self {
            Self::Reception => ("tiếp nhận", "reception"),
            Self::Examination => ("thẩm tra, xử lý", "examination"),
            Self::Appraisal => ("thẩm định", "appraisal"),
            Self::Approval => ("phê duyệt", "approval"),
            Self::Issue => ("vào sổ, đóng dấu, phát hành", "issue"),
            Self::Return => ("trả kết quả", "return of the result"),
        };
        Text { vi: vi.to_owned(), en: en.to_owned() }
    }
}

/// What may follow a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// The step with the next number; the last one ends the case.
    #[default]
    Following,
    /// One of these later steps, at least one; the first is the usual one.
    OneOf(Vec<u32>),
    /// Nothing: it ends the case.
    End,
}

/// The decision by which a process holds, and what it made simpler.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// Its number, e.g. `2816/QĐ-UBND`.
    pub decision: String,
    /// Its day.
    pub decided_on: Date,
    /// How many steps the process had before it was made simpler; none: that was not so, or is not stated.
    pub steps_before: Option<u32>,
    /// How much time it had before; none likewise.
    pub time_before: Option<TimeLimit>,
    /// The first day of acceptance for which it holds; none: it always did.
    pub effective_from: Option<Date>,
    /// The first day of acceptance for which it holds no longer; none: open.
    pub effective_to: Option<Date>,
}

impl Publication {
    /// Whether it holds for what was accepted on this day.
    pub fn is_in_force(&self, day: Date) -> bool {
        self.effective_from.is_none_or(|from| from <= day) && self.effective_to.is_none_or(|to| day < to)
    }

    /// Whether it made the process simpler: then it says what there was before.
    pub fn is_simplified(&self) -> bool {
        self.steps_before.is_some() || self.time_before.is_some()
    }
}

impl Procedure {
    /// The decision by which its process holds on a day; none: none is known.
    pub fn published_on(&self, day: Date) -> Option<&Publication> {
        self.publications.iter().find(|publication| publication.is_in_force(day))
    }

    /// Its process for what is accepted on a day.
    pub fn process_on(&self, day: Date) -> Process<'_> {
        Process(self.steps_on(day).collect())
    }
}

/// The process of one day: its steps and the ways through them, from the first step to one that ends the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process<'p>(Vec<&'p Step>);

/// The way to a step that weighs the most: by its shares of the time, or by its efforts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Longest {
    /// The weights of its steps, this one's included: hundredths of the statutory time, or minutes.
    pub(crate) sum: u32,
    /// The numbers of its steps, this one's included.
    pub(crate) way: Vec<u32>,
}

impl<'p> Process<'p> {
    /// Of these steps, in the order of their numbers.
    pub(crate) fn of(steps: Vec<&'p Step>) -> Self {
        Self(steps)
    }

    /// All steps in the order of their numbers.
    pub fn steps(&self) -> &[&'p Step] {
        &self.0
    }

    /// The step with this number.
    pub fn step(&self, number: u32) -> Option<&'p Step> {
        self.0.iter().find(|step| step.number == number).copied()
    }

    /// The steps that go on together with one, in the order of their numbers and itself among them; most go on alone.
    pub fn stage(&self, number: u32) -> impl Iterator<Item = &'p Step> + use<'_, 'p> {
        let first = self.step(number).map(Step::stage);
        self.0.iter().copied().filter(move |step| Some(step.stage()) == first)
    }

    /// The numbers of the steps that may follow one, the usual one first; none: it ends the case. Of those that go on together it
    /// is the first, and it follows once all that go on together with this one are done.
    pub fn next(&self, step: &Step) -> Vec<u32> {
        match &step.next {
            Next::End => Vec::new(),
            Next::OneOf(steps) => steps.clone(),
            Next::Following => {
                let last = self.stage(step.number).last().map_or(step.number, |last| last.number);
                self.step(last + 1).map(|step| step.number).into_iter().collect()
            }
        }
    }

    /// The stages of the usual way: from the first on, always the one that is named first. So every application goes unless an
    /// officer says otherwise.
    pub fn usual_stages(&self) -> impl Iterator<Item = Vec<&'p Step>> + use<'_, 'p> {
        let follows = move |step: &&'p Step| {
            let next = self.next(step).first().copied();
            next.filter(|next| *next > step.number).and_then(|next| self.step(next))
        };
        std::iter::successors(self.0.first().copied(), follows)
            .map(move |step| self.stage(step.number).collect())
    }

    /// The steps of the usual way, those that go on together one after another.
    pub fn usual_way(&self) -> impl Iterator<Item = &'p Step> + use<'_, 'p> {
        self.usual_stages().flatten()
    }

    /// By each step that some way leads to, the way to it that has the greatest part of the time.
    pub(crate) fn longest(&self) -> BTreeMap<u32, Longest> {
        self.longest_by(|step| step.share.map_or(0, u32::from))
    }

    /// By each step that some way leads to, the way to it that weighs the most. Of those that go on together, such a way has one.
    pub(crate) fn longest_by(&self, weight: impl Fn(&Step) -> u32) -> BTreeMap<u32, Longest> {
        let mut before = BTreeMap::from([(1, Longest { sum: 0, way: Vec::new() })]);
        let mut longest = BTreeMap::new();
        // A step is come to from earlier ones alone: when its turn comes, all ways to it are known.
        for step in &self.0 {
            let Some(mut here) = before.get(&step.stage()).cloned() else { continue };
            here.sum += weight(step);
            here.way.push(step.number);
            for next in self.next(step).into_iter().filter(|next| *next > step.number) {
                let there = before.entry(next).or_insert_with(|| here.clone());
                if here.sum > there.sum {
                    there.clone_from(&here);
                }
            }
            longest.insert(step.number, here);
        }
        longest
    }

    /// The hundredths of the statutory time after which a step is to be done: its share and those before it, by the way to it that
    /// has the greatest part of the time; none where shares are not stated.
    pub fn share_until(&self, number: u32) -> Option<u32> {
        self.step(number)?.share?;
        self.longest().get(&number).map(|longest| longest.sum)
    }
}
