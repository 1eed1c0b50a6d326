//! Who may take what, for every procedure, every home and every working day of the coming year: found before a
//! province is brought in, and not by the citizen whose application nobody can take.
//!
//! What is judged is what the documents say: the scope of a step, who masters its field at its level, and the
//! days on which a unit works. Load, absences and closures of the moment are not part of it; they pass.
//!
//! A year of a province has millions of combinations and few kinds of them. Days are told apart only by which
//! units do not work on them and when those work again (`days`), steps by scope and pool; what is so for a whole
//! kind is counted at once.
//!
//! - **A gap**: nobody in scope is competent, or none of those works ever again. An error.
//! - **Late**: somebody may take it, but all who may are closed until it is due. The day is told, and the case is
//!   late, not lost.
//! - **Idle**: a rule that applies to nobody on any of these days.

mod days;
mod reach;
mod takers;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{ToSpan as _, civil::Date};

pub use self::takers::{Takers, takers};
use self::{
    days::{Days, Kind},
    reach::Staff,
};
use crate::{
    calendar::END_DAY,
    id::UnitId,
    procedure::{CompetenceKey, Papers, Procedure, Scope, Step},
    province::Province,
    rejection::{self, Rejection},
    unit::UnitKind,
};

/// By which rule a step finds somebody: the nearest that does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Home is able.
    Home,
    /// Home is not, and a unit of its cluster is.
    Cluster,
    /// Home is not, and a unit of the step's list is.
    Listed,
    /// Nobody in the cluster is, and a unit elsewhere in the province is.
    Province,
}

/// Why nobody may take a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Nobody {
    /// Its competence key names no unit.
    NoHome,
    /// It is bound to its home, and nobody there masters the field at the level.
    NotAtHome,
    /// Nobody in the cluster of its home does.
    NotInCluster,
    /// Neither home nor a unit of the step's list does.
    NotListed,
    /// Nobody in the province does.
    NotInProvince,
    /// Whoever does, works never again from that day on.
    ClosedForGood,
}

/// A step that nobody may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Code of the procedure.
    pub procedure: String,
    /// Number of the step.
    pub step: u32,
    /// Why not.
    pub why: Nobody,
    /// For which homes; empty where the key names none.
    pub homes: BTreeSet<UnitId>,
    /// The first day.
    pub first: Date,
    /// On how many working days, over all homes.
    pub combinations: u64,
}

/// Days on which the steps of a home find only units that are closed until they are due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Late {
    /// The home.
    pub home: UnitId,
    /// The first day.
    pub first: Date,
    /// How many steps, over all days.
    pub combinations: u64,
}

/// A rule that never applies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Idle {
    /// A procedure that is in force on none of the days.
    NeverInForce {
        /// Its code.
        procedure: String,
    },
    /// A step that may leave its home, and finds nobody who is able anywhere else.
    ScopeInVain {
        /// Code of the procedure.
        procedure: String,
        /// Number of the step.
        step: u32,
    },
    /// A cluster of one unit, where steps may go to the cluster.
    ClusterOfOne {
        /// Its name.
        cluster: String,
    },
    /// A dial of the policy that finds nothing to weigh in this province.
    Dial {
        /// Its name.
        dial: &'static str,
        /// Why, `UPPER_SNAKE_CASE`.
        why: &'static str,
    },
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The first day.
    pub from: Date,
    /// The first day that is not looked at any more.
    pub until: Date,
    /// Working days between them.
    pub working_days: u64,
    /// Steps × homes × working days on which the procedure is in force.
    pub combinations: u64,
    /// How many of them find somebody, by the rule that does.
    pub by_rule: BTreeMap<Rule, u64>,
    /// By procedure, step and reason.
    pub gaps: Vec<Gap>,
    /// By home.
    pub late: Vec<Late>,
    /// In order.
    pub idle: BTreeSet<Idle>,
}

impl Coverage {
    /// Refuses a province in which something is left without anybody.
    ///
    /// # Errors
    ///
    /// `NOT_COVERED` with one violation per gap; the first 100 when it is more.
    pub fn check(&self, province: &Province) -> Result<(), Rejection> {
        let mut gaps = self.gaps.iter().map(|gap| (gap.place(), gap.in_words(province)));
        let Some((place, told)) = gaps.next() else { return Ok(()) };
        let more = match self.gaps.len() - 1 {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        let refusal =
            Rejection::new(rejection::Kind::Invalid, "NOT_COVERED", format!("{place}: {told}{more}"));
        let first = refusal.violating(&place, told);
        Err(gaps.take(99).fold(first, |refusal, (place, told)| refusal.violating(&place, told)))
    }
}

impl Gap {
    fn place(&self) -> String {
        format!("procedures[{}].steps[{}]", self.procedure, self.step)
    }

    fn in_words(&self, province: &Province) -> String {
        let Self { why, homes, first, .. } = self;
        let codes = homes.iter().filter_map(|home| province.units.get(home)).map(|home| home.code.as_str());
        let at = match (codes.min(), homes.len()) {
            (None, _) => String::new(),
            (Some(code), 1) => format!(" at {code}"),
            (Some(code), homes) => format!(" at {code} and {} more", homes - 1),
        };
        format!("is left without anybody{at} from {first} on: {}", why.in_words())
    }
}

impl Nobody {
    /// Why nobody who works may take a step that this rule would find somebody for, if all did.
    fn why(rule: Option<Rule>, scope: Scope) -> Self {
        rule.map_or_else(|| Self::within(scope), |_| Self::ClosedForGood)
    }

    fn within(scope: Scope) -> Self {
        match scope {
            Scope::Home => Self::NotAtHome,
            Scope::Cluster => Self::NotInCluster,
            Scope::Listed => Self::NotListed,
            Scope::Province => Self::NotInProvince,
        }
    }

    /// The stable name, `UPPER_SNAKE_CASE`.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoHome => "NO_HOME",
            Self::NotAtHome => "NOT_AT_HOME",
            Self::NotInCluster => "NOT_IN_CLUSTER",
            Self::NotListed => "NOT_LISTED",
            Self::NotInProvince => "NOT_IN_PROVINCE",
            Self::ClosedForGood => "CLOSED_FOR_GOOD",
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::NoHome => "its competence key names no unit",
            Self::NotAtHome => "it is bound to its home, and nobody there masters the field at the level",
            Self::NotInCluster => "nobody in the cluster of its home masters the field at the level",
            Self::NotListed => "neither home nor a unit of its list masters the field at the level",
            Self::NotInProvince => "nobody in the province masters the field at the level",
            Self::ClosedForGood => "whoever masters it works on no day after",
        }
    }
}

impl Idle {
    /// The stable name, `UPPER_SNAKE_CASE`.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::NeverInForce { .. } => "NEVER_IN_FORCE",
            Self::ScopeInVain { .. } => "SCOPE_IN_VAIN",
            Self::ClusterOfOne { .. } => "CLUSTER_OF_ONE",
            Self::Dial { why, .. } => why,
        }
    }
}

impl Rule {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Cluster => "cluster",
            Self::Listed => "listed",
            Self::Province => "province",
        }
    }
}

/// Judges the year that begins with `from`.
///
/// # Errors
///
/// `DATE_OUT_OF_RANGE` when the calendars do not cover that day.
pub fn of(province: &Province, from: Date) -> Result<Coverage, Rejection> {
    let until = year(from);
    let days = Days::between(province, from, until)?;
    let mut judging = Judging {
        days,
        staff: Staff::of(province),
        province,
        coverage: Coverage {
            from,
            until,
            working_days: 0,
            combinations: 0,
            by_rule: BTreeMap::new(),
            gaps: Vec::new(),
            late: Vec::new(),
            idle: BTreeSet::new(),
        },
        gaps: BTreeMap::new(),
        late: BTreeMap::new(),
    };
    for code in province.procedures.keys() {
        judging.procedure(code);
    }
    Ok(judging.told())
}

struct Judging<'p> {
    province: &'p Province,
    days: Days,
    staff: Staff<'p>,
    coverage: Coverage,
    gaps: BTreeMap<(&'p str, u32, Nobody), Gap>,
    late: BTreeMap<UnitId, Late>,
}

impl<'p> Judging<'p> {
    fn procedure(&mut self, code: &'p str) {
        let mut in_force = false;
        for procedure in self.province.procedures.lines(code) {
            for step in &procedure.steps {
                let kinds = self.days.kinds(procedure, step);
                if !kinds.is_empty() {
                    in_force = true;
                    self.step(procedure, step, &kinds);
                }
            }
        }
        if !in_force {
            self.coverage.idle.insert(Idle::NeverInForce { procedure: code.to_owned() });
        }
    }

    fn step(&mut self, procedure: &'p Procedure, step: &'p Step, kinds: &[Kind]) {
        let homes = homes(self.province, step);
        if homes.is_empty() {
            for kind in kinds {
                self.coverage.combinations += kind.days;
                self.gap(procedure, step, Nobody::NoHome, None, kind);
            }
        }
        let pool = self.staff.pool(&procedure.field.vi, step.level);
        let step = &bound(procedure, step);
        let (mut stays, mut leaves) = (false, step.scope == Scope::Home);
        for home in homes {
            stays |= self.staff.rule(&pool, step, home, |unit| unit == home).is_some();
            leaves |= self.staff.rule(&pool, step, home, |unit| unit != home).is_some();
            for kind in kinds {
                self.coverage.combinations += kind.days;
                let works = |unit: usize| !kind.never.contains(&unit);
                let in_time = |unit: usize| works(unit) && !kind.late.contains(&unit);
                match self.staff.rule(&pool, step, home, works) {
                    Some(rule) => {
                        *self.coverage.by_rule.entry(rule).or_default() += kind.days;
                        if self.staff.rule(&pool, step, home, in_time).is_none() {
                            self.late(home, kind);
                        }
                    }
                    None => {
                        let why = Nobody::why(self.staff.rule(&pool, step, home, |_| true), step.scope);
                        self.gap(procedure, step, why, Some(home), kind);
                    }
                }
            }
            if step.scope == Scope::Cluster
                && let Some(cluster) = self.staff.alone(home)
            {
                self.coverage.idle.insert(Idle::ClusterOfOne { cluster: cluster.to_owned() });
            }
        }
        if stays && !leaves {
            let (procedure, step) = (procedure.code.clone(), step.number);
            self.coverage.idle.insert(Idle::ScopeInVain { procedure, step });
        }
    }

    fn gap(&mut self, procedure: &'p Procedure, step: &Step, why: Nobody, home: Option<usize>, kind: &Kind) {
        let gap = self.gaps.entry((&procedure.code, step.number, why)).or_insert_with(|| Gap {
            procedure: procedure.code.clone(),
            step: step.number,
            why,
            homes: BTreeSet::new(),
            first: kind.first,
            combinations: 0,
        });
        gap.homes.extend(home.map(|home| self.staff.id(home)));
        gap.first = gap.first.min(kind.first);
        gap.combinations += kind.days;
    }

    fn late(&mut self, home: usize, kind: &Kind) {
        let home = self.staff.id(home);
        let late = self.late.entry(home).or_insert(Late { home, first: kind.first, combinations: 0 });
        late.first = late.first.min(kind.first);
        late.combinations += kind.days;
    }

    fn told(self) -> Coverage {
        Coverage {
            working_days: self.days.count(),
            gaps: self.gaps.into_values().collect(),
            late: self.late.into_values().collect(),
            ..self.coverage
        }
    }
}

/// The units that may be the home of a step, as indices.
fn homes(province: &Province, step: &Step) -> Vec<usize> {
    let units = province.units.values().enumerate();
    match step.competence_key {
        CompetenceKey::None => units.filter(|(_, unit)| unit.receives()).map(|(index, _)| index).collect(),
        CompetenceKey::Fixed => {
            let authority = step.authority.as_deref().and_then(|code| province.unit_by_code(code));
            units
                .filter(|(_, unit)| authority.is_some_and(|authority| authority.id == unit.id))
                .map(|(index, _)| index)
                .collect()
        }
        CompetenceKey::Residence
        | CompetenceKey::Land
        | CompetenceKey::HeadOffice
        | CompetenceKey::Register => {
            let communes = units.filter(|(_, unit)| unit.kind == UnitKind::CommuneCentre);
            communes.map(|(index, _)| index).collect()
        }
    }
}

/// The end of the year that begins with a day.
fn year(from: Date) -> Date {
    from.saturating_add(1.year()).min(END_DAY)
}

/// The step with the scope that it comes to: originals lie where they were handed over, and leave that place for
/// home only. Who received them need not be able, so that home has to be.
fn bound(procedure: &Procedure, step: &Step) -> Step {
    let scope = if procedure.papers(step) == Papers::Originals { Scope::Home } else { step.scope };
    Step { scope, ..step.clone() }
}

#[cfg(test)]
mod tests;
