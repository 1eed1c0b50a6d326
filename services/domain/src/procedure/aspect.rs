//! What a process is made of, in words: to be shown, and to be compared with what it was.

use jiff::civil::Date;

use super::{CompetenceKey, Papers, Procedure, Publication, Scope, Step, StepKind, Text};

/// Something that is stated of a process, or of one of its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// The decision by which it holds.
    Decision,
    /// Its statutory time.
    Time,
    /// That there is such a step, by its name.
    Step,
    /// What is done in it.
    Kind,
    /// Who does it.
    Role,
    /// Where it may be done.
    Scope,
    /// What names its competent authority.
    Competence,
    /// Level needed.
    Level,
    /// Effort of one officer.
    Effort,
    /// Its share of the time.
    Share,
    /// What becomes of the papers.
    Papers,
    /// The forms that it makes out.
    Forms,
    /// What may follow.
    Next,
    /// With which step it begins.
    Together,
}

/// What is different in a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Number of the step; 0: the process as a whole.
    pub step: u32,
    /// What.
    pub aspect: Aspect,
    /// As it was; empty: it was not stated, or there was no such step.
    pub before: Text,
    /// As it is; empty likewise.
    pub after: Text,
}

impl Aspect {
    /// Its name.
    pub fn name(self) -> Text {
        let (vi, en) = match self {
            Self::Decision => ("quyết định", "decision"),
            Self::Time => ("thời hạn", "time"),
            Self::Step => ("bước", "step"),
            Self::Kind => ("loại việc", "kind"),
            Self::Role => ("vai trò", "role"),
            Self::Scope => ("phạm vi", "scope"),
            Self::Competence => ("thẩm quyền theo", "competence by"),
            Self::Level => ("bậc năng lực", "level"),
            Self::Effort => ("công sức", "effort"),
            Self::Share => ("phần thời hạn", "share of the time"),
            Self::Papers => ("giấy tờ", "papers"),
            Self::Forms => ("mẫu", "forms"),
            Self::Next => ("bước sau", "next"),
            Self::Together => ("song song với bước", "together with"),
        };
        text(vi, en)
    }
}

/// What a process changed, step by step, from the one that another version, or another day, had; none: it had none. A step is known by
/// its number.
pub fn changes(before: Option<(&Procedure, Date)>, after: (&Procedure, Date)) -> Vec<Change> {
    let was = before.map(|(procedure, day)| stated(procedure, day)).unwrap_or_default();
    let is = stated(after.0, after.1);
    let mut keys: Vec<_> = was.iter().chain(&is).map(|(key, _)| *key).collect();
    keys.sort_unstable();
    keys.dedup();
    let find = |all: &[((u32, Aspect), Text)], key| {
        all.iter().find(|(stated, _)| *stated == key).map(|(_, text)| text.clone()).unwrap_or_default()
    };
    let changes = keys.into_iter().map(|key| (key, find(&was, key), find(&is, key)));
    let changes = changes.filter(|(_, before, after)| before != after);
    changes.map(|((step, aspect), before, after)| Change { step, aspect, before, after }).collect()
}

/// All that is stated of a process on a day.
fn stated(procedure: &Procedure, day: Date) -> Vec<((u32, Aspect), Text)> {
    let decision = procedure.published_on(day).map(Publication::in_words);
    let whole =
        [(Aspect::Decision, decision), (Aspect::Time, procedure.limit.map(super::TimeLimit::in_words))];
    let mut all: Vec<_> = whole.into_iter().filter_map(|(aspect, text)| Some(((0, aspect), text?))).collect();
    let process = procedure.process_on(day);
    for step in process.steps() {
        let stated = of_step(procedure, step, &process.next(step));
        all.extend(stated.into_iter().map(|(aspect, text)| ((step.number, aspect), text)));
    }
    all
}

fn of_step(procedure: &Procedure, step: &Step, next: &[u32]) -> Vec<(Aspect, Text)> {
    let authority = step.authority.as_ref().map(|code| format!(" {code}")).unwrap_or_default();
    let competence = step.competence_key.in_words();
    let list = step.list.as_ref().map(|list| format!(" {list}")).unwrap_or_default();
    let scope = step.scope.in_words();
    let mut all = vec![
        (Aspect::Step, step.name.clone()),
        (Aspect::Kind, step.kind.in_words()),
        (Aspect::Scope, text(scope.vi + &list, scope.en + &list)),
        (Aspect::Competence, text(competence.vi + &authority, competence.en + &authority)),
        (Aspect::Level, same(step.level.to_string())),
        (
            Aspect::Effort,
            text(format!("{} phút", step.effort_minutes), format!("{} min", step.effort_minutes)),
        ),
        (Aspect::Papers, procedure.papers(step).in_words()),
        (Aspect::Next, next_in_words(next)),
    ];
    all.extend(step.together_with.map(|first| (Aspect::Together, same(first.to_string()))));
    all.extend(step.role.map(|role| (Aspect::Role, role.in_words())));
    all.extend(step.share.map(|share| (Aspect::Share, same(format!("{share} %")))));
    if !step.forms.is_empty() {
        all.push((Aspect::Forms, same(forms_in_words(&step.forms))));
    }
    all
}

/// What may follow, the usual one first.
fn next_in_words(next: &[u32]) -> Text {
    if next.is_empty() {
        return text("kết thúc", "end");
    }
    let numbers: Vec<_> = next.iter().map(ToString::to_string).collect();
    text(numbers.join(" hoặc "), numbers.join(" or "))
}

/// Forms by their numbers, as the circular writes them.
fn forms_in_words(forms: &[u8]) -> String {
    let numbers: Vec<_> = forms.iter().map(|form| format!("{form:02}")).collect();
    numbers.join(", ")
}

impl Publication {
    /// The decision with its day.
    pub fn in_words(&self) -> Text {
        let day = self.decided_on.strftime("%d/%m/%Y");
        text(format!("{} ngày {day}", self.decision), format!("{} of {day}", self.decision))
    }
}

impl StepKind {
    /// What is done, in words.
    pub fn in_words(self) -> Text {
        match self {
            Self::Work => text("xử lý", "work"),
            Self::Sign => text("ký", "signature"),
        }
    }
}

impl Scope {
    /// Where, in words.
    pub fn in_words(self) -> Text {
        match self {
            Self::Home => text("nơi có thẩm quyền", "home"),
            Self::Cluster => text("trong cụm", "cluster"),
            Self::Listed => text("theo danh sách", "listed"),
            Self::Province => text("toàn tỉnh", "province"),
        }
    }
}

impl CompetenceKey {
    /// What names the authority, in words.
    pub fn in_words(self) -> Text {
        match self {
            Self::None => text("nơi tiếp nhận", "place of reception"),
            Self::Residence => text("nơi cư trú", "residence"),
            Self::Land => text("nơi có đất, nhà", "land or house"),
            Self::HeadOffice => text("nơi đặt trụ sở", "head office"),
            Self::Register => text("nơi giữ sổ gốc", "earlier register"),
            Self::Fixed => text("đơn vị cố định", "fixed unit"),
        }
    }
}

impl Papers {
    /// What becomes of them, in words.
    pub fn in_words(self) -> Text {
        match self {
            Self::None => text("không có giấy tờ", "none"),
            Self::Copies => text("bản sao", "copies"),
            Self::Originals => text("bản chính", "originals"),
        }
    }
}

fn same(value: String) -> Text {
    Text { vi: value.clone(), en: value }
}

fn text(vi: impl Into<String>, en: impl Into<String>) -> Text {
    Text { vi: vi.into(), en: en.into() }
}
