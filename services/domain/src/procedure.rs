//! The catalogue: procedures, their time limits and their steps, each step with its own scope.

mod aspect;
mod document;
mod fee;
pub mod form;
mod process;

use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{officer::Level, rejection::Rejection};
pub use aspect::{Aspect, Change, changes};
pub use document::{Need, RequiredDocument};
pub use fee::{DueLine, Exemption, Fee, FeeKind, FeeUnit, FeesDue, fees_due};
pub use form::Form;
pub use process::{Next, Process, Publication, StepRole};

/// A text in the two languages of the clients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Vietnamese, the language of law.
    pub vi: String,
    /// English.
    pub en: String,
}

/// The time that law or decision gives, in the unit in which it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeLimit {
    /// The same working day; received after the cut-off (15:00): the next working day.
    SameDay,
    /// So many working hours.
    WorkingHours(u32),
    /// So many half-days (half a working day is 4 working hours).
    HalfDays(u32),
    /// So many working days.
    WorkingDays(u32),
    /// So many calendar days; ending on a day off moves to the next working day (Civil Code, art. 148).
    CalendarDays(u32),
}

impl TimeLimit {
    /// The limit in working minutes, where a regular working day has so many. A calendar day counts as a working day: it is never
    /// more than that.
    pub fn working_minutes(self, minutes_per_day: i64) -> i64 {
        match self {
            Self::SameDay => minutes_per_day,
            Self::WorkingHours(count) => i64::from(count) * 60,
            Self::HalfDays(count) => i64::from(count) * minutes_per_day / 2,
            Self::WorkingDays(count) | Self::CalendarDays(count) => i64::from(count) * minutes_per_day,
        }
    }

    /// The limit in words.
    pub fn in_words(self) -> Text {
        let (vi, en, count) = match self {
            Self::SameDay => {
                let (vi, en) = ("trong ngày làm việc", "the same working day");
                return Text { vi: vi.to_owned(), en: en.to_owned() };
            }
            Self::WorkingHours(count) => ("giờ làm việc", "working hour", count),
            Self::HalfDays(count) => ("buổi làm việc", "half working day", count),
            Self::WorkingDays(count) => ("ngày làm việc", "working day", count),
            Self::CalendarDays(count) => ("ngày", "day", count),
        };
        let plural = if count == 1 { "" } else { "s" };
        Text { vi: format!("{count} {vi}"), en: format!("{count} {en}{plural}") }
    }
}

/// At which level of government a procedure is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// The commune's People's Committee.
    Commune,
    /// The province: its People's Committee or a department.
    Province,
    /// Several agencies in a chain, or a ministry's own system.
    Linked,
}

/// How far a procedure goes online.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnlineLevel {
    /// *toàn trình*: no presence needed.
    Full,
    /// *một phần*: presence needed at some step.
    Partial,
    /// Not online.
    None,
}

/// How free of boundaries a procedure is. It describes the scopes of its steps, which are what counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Boundary {
    /// Received and decided anywhere.
    #[serde(rename = "A_decide_anywhere")]
    DecideAnywhere,
    /// Received anywhere, decided by the competent authority.
    #[serde(rename = "B_receive_anywhere")]
    ReceiveAnywhere,
    /// Elsewhere, one is helped to file online.
    #[serde(rename = "B_online_assist")]
    OnlineAssist,
    /// Only at the place that is competent.
    #[serde(rename = "C_fixed_place")]
    FixedPlace,
    /// In a system of its own.
    #[serde(rename = "C_own_system")]
    OwnSystem,
}

impl Boundary {
    /// All kinds, each with the word of `procedures.csv`.
    pub const WORDS: [(&str, Self); 5] = [
        ("A_decide_anywhere", Self::DecideAnywhere),
        ("B_receive_anywhere", Self::ReceiveAnywhere),
        ("B_online_assist", Self::OnlineAssist),
        ("C_fixed_place", Self::FixedPlace),
        ("C_own_system", Self::OwnSystem),
    ];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        let word = Self::WORDS.iter().find(|(_, one)| *one == self);
        word.map_or("", |(word, _)| word)
    }
}

/// The decision that published an entry of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Its number.
    pub number: String,
    /// Its day.
    pub decided_on: Date,
}

/// Where the units that may take a step lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Only the home of the step: the competent authority.
    Home,
    /// Any able unit of the home's cluster (former district), home included.
    Cluster,
    /// Any able unit of the list that the step names ([`Step::list`]), home included.
    Listed,
    /// Any able unit of the province. There is nothing wider: what the law frees in the whole country comes
    /// from a resident of another province as any application comes, and is received and done like any other.
    Province,
}

/// What names the competent authority of a step (`home` follows from it).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompetenceKey {
    /// The law ties it to no place: home is the unit that received the application.
    None,
    /// Commune of permanent or temporary residence of the subject.
    Residence,
    /// Commune where the land or house lies.
    Land,
    /// Commune of the head office.
    HeadOffice,
    /// Commune that holds the earlier register (it may name an abolished commune).
    Register,
    /// A fixed unit of the province, named in [`Step::authority`].
    Fixed,
}

impl CompetenceKey {
    /// Which commune an application names for it, in words; none: it names none.
    pub fn commune(self) -> Option<&'static str> {
        match self {
            Self::None | Self::Fixed => None,
            Self::Residence => Some("the commune of residence (RESIDENCE)"),
            Self::Land => Some("the commune where the land or house lies (LAND)"),
            Self::HeadOffice => Some("the commune of the head office (HEAD_OFFICE)"),
            Self::Register => Some("the commune that holds the earlier register (REGISTER)"),
        }
    }
}

/// What is done in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Examination, drafting, everything a province may share out.
    Work,
    /// The decision itself: signed by the competent authority.
    Sign,
}

/// What becomes of the papers of an application while a step is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Papers {
    /// Nothing physical travels: everything is there electronically.
    None,
    /// Papers are carried to whoever does the step, which costs their way.
    Copies,
    /// Originals were handed over where the application was received. They leave that place for nobody but
    /// home, so only these two may do the step.
    Originals,
}

/// A *green corridor*: the shorter time that a province promises of its own accord.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Corridor {
    /// Within 16 working hours.
    Hours16,
    /// Within half of the statutory time.
    HalfTime,
}

/// One step of a procedure's internal process, as the law has it for a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// 1-based position.
    pub number: u32,
    /// The number of the step together with which it begins, the first of those that go on together; none: it begins once the
    /// one that leads to it is done.
    pub together_with: Option<u32>,
    /// What is done.
    pub kind: StepKind,
    /// Name shown to people.
    pub name: Text,
    /// Where it may be done.
    pub scope: Scope,
    /// Name of the list of units, when the scope is [`Scope::Listed`].
    pub list: Option<String>,
    /// What names its competent authority.
    pub competence_key: CompetenceKey,
    /// Official code of the unit, when the key is [`CompetenceKey::Fixed`].
    pub authority: Option<String>,
    /// Level needed in the procedure's field.
    pub level: Level,
    /// Effort in working minutes of one officer.
    pub effort_minutes: u32,
    /// What becomes of the papers; none: it follows from how far the procedure goes online
    /// ([`Procedure::papers`]).
    pub papers: Option<Papers>,
    /// Who does it; none: that is not stated.
    pub role: Option<StepRole>,
    /// Its share of the statutory time in hundredths; none: the time of this process is not shared out.
    pub share: Option<u8>,
    /// The forms of Circular 03/2025/TT-VPCP that it makes out, by their numbers (1 to 7).
    pub forms: Vec<u8>,
    /// What may follow.
    pub next: Next,
    /// The first day of acceptance for which it is so; none: it always was.
    pub effective_from: Option<Date>,
    /// The first day of acceptance for which it is so no longer; none: open.
    pub effective_to: Option<Date>,
}

impl Step {
    /// The number of the first of the steps that go on together with it; its own, where it goes on alone.
    pub fn stage(&self) -> u32 {
        self.together_with.unwrap_or(self.number)
    }

    /// Whether it is so for what was accepted on this day.
    pub fn is_in_force(&self, day: Date) -> bool {
        self.effective_from.is_none_or(|from| from <= day) && self.effective_to.is_none_or(|to| day < to)
    }
}

/// One version of a procedure, as its province's pack states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Procedure {
    /// National code, e.g. `1.001193`; local ones carry `.H42`.
    pub code: String,
    /// Name in both languages.
    pub name: Text,
    /// Field: competencies are per field. The Vietnamese name is the key.
    pub field: Text,
    /// Who decides it.
    pub tier: Tier,
    /// Statutory time; none where no source states it, and then nothing is promised.
    pub limit: Option<TimeLimit>,
    /// How far it goes online.
    pub online: OnlineLevel,
    /// The green corridor that it is in, if any.
    pub corridor: Option<Corridor>,
    /// Fee in whole đồng, where it is a fixed sum.
    pub fee_vnd: Option<i64>,
    /// How the fee is found: `free`, `fixed`, `per_page`, `provincial_council`, …
    pub fee_rule: String,
    /// The lines of what it costs, in order; where there is one, the lines say it and not the sum.
    pub fees: Vec<Fee>,
    /// What has to be handed in, in order; none where no source states it.
    pub documents: Vec<RequiredDocument>,
    /// The form that is filled in; none: it has none here.
    pub form: Option<Arc<Form>>,
    /// The result that is returned.
    pub result_vi: String,
    /// Who decides it, as its source names them.
    pub decided_by: String,
    /// How free of boundaries it is.
    pub boundary: Boundary,
    /// The list or decision that lets it be received without regard to boundaries; none: none is known.
    pub boundary_list: Option<String>,
    /// The decision that published it; none: none is known.
    pub decision: Option<Decision>,
    /// The source of what is said here, and what is assumed.
    pub basis: String,
    /// First day on which it may be submitted; none: always was.
    pub effective_from: Option<Date>,
    /// First day on which it may no longer be submitted; none: open.
    pub effective_to: Option<Date>,
    /// Code of the procedure that replaces it.
    pub replaced_by: Option<String>,
    /// Its steps in order, each as often as the law changes it. Only those of one day make a process:
    /// [`Procedure::steps_on`].
    pub(crate) steps: Vec<Step>,
    /// The decisions by which its process holds or held, in their order; no two hold on the same day.
    pub(crate) publications: Vec<Publication>,
}

impl Procedure {
    /// Refuses a day on which the procedure is not in force.
    pub fn check_in_force(&self, day: Date) -> Result<(), Rejection> {
        if let Some(from) = self.effective_from.filter(|from| day < *from) {
            return Err(Rejection::invalid(
                "PROCEDURE_NOT_YET_IN_FORCE",
                "procedure_code",
                format!("procedure {} is in force from {from}", self.code),
            ));
        }
        if let Some(to) = self.effective_to.filter(|to| day >= *to) {
            let successor = match &self.replaced_by {
                Some(code) => format!("; it was replaced by {code}"),
                None => String::new(),
            };
            return Err(Rejection::invalid(
                "PROCEDURE_ABOLISHED",
                "procedure_code",
                format!("procedure {} was abolished on {to}{successor}", self.code),
            ));
        }
        Ok(())
    }

    /// The steps in order, at least one, of an application that was accepted on this day, on which the
    /// procedure is in force. An application keeps the law of its day.
    pub fn steps_on(&self, day: Date) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.is_in_force(day))
    }

    /// The first day on which all that is said of it here is so as on this day, and the first on which something of it is otherwise; none:
    /// none is known.
    pub fn as_it_is_around(&self, day: Date) -> (Option<Date>, Option<Date>) {
        let steps = self.steps.iter().flat_map(|step| [step.effective_from, step.effective_to]);
        let turns: Vec<Date> = steps.chain([self.effective_from, self.effective_to]).flatten().collect();
        let before = turns.iter().filter(|turn| **turn <= day).max().copied();
        (before, turns.into_iter().filter(|turn| *turn > day).min())
    }

    /// Of these, the step with this 1-based number.
    pub fn step_on(&self, number: u32, day: Date) -> Option<&Step> {
        self.steps_on(day).find(|step| step.number == number)
    }

    /// What becomes of the papers while a step is done: what is wholly online has none that somebody would
    /// have to carry.
    pub fn papers(&self, step: &Step) -> Papers {
        step.papers.unwrap_or(match self.online {
            OnlineLevel::Full => Papers::None,
            OnlineLevel::Partial | OnlineLevel::None => Papers::Copies,
        })
    }

    /// The keys that an application of this day must name a place for, so that its steps find their authority:
    /// in the order of the steps, a key as often as steps have it.
    pub fn competence_keys_on(&self, day: Date) -> impl Iterator<Item = CompetenceKey> {
        self.steps_on(day).map(|step| step.competence_key).filter(|key| key.commune().is_some())
    }
}
