//! What is counted by kinds is what is found one by one, and what a decision finds on an idle province.

use std::{collections::BTreeMap, time::Instant};

use jiff::{Timestamp, civil::date};
use proptest::{collection::vec, option, prelude::*};

use super::*;
use crate::{
    deadline,
    id::{ApplicationId, Id as _},
    province::{Documents, tests::ninh_binh},
    registry::Registry,
    route::{self, Policy, Request, Roster, Snapshot},
    work_item::WorkItem,
};

/// A Friday.
const FROM: Date = date(2026, 11, 27);
const FIELDS: [&str; 3] = ["Chứng thực", "Hộ tịch", "Đất đai"];
/// Two clusters, a unit alone in its own, and a department.
const UNITS: [&str; 5] = ["1", "2", "3", "4", "D"];

/// The documents of a small province, to be changed in one place.
#[derive(Clone, Debug)]
struct Small {
    /// Field, time limit, first and last day in force.
    procedures: Vec<(usize, &'static str, &'static str)>,
    /// Procedure, scope (`province>home`: another one from a day on), key with its authority, level.
    steps: Vec<(usize, &'static str, &'static str, u8)>,
    /// By unit and field; 0: nobody.
    levels: Vec<u8>,
    /// Unit and day of the year on which it is closed.
    closed: Vec<(usize, u16)>,
    /// A unit that never works.
    gone: Option<usize>,
}

impl Small {
    fn province(&self) -> Province {
        let mut files: BTreeMap<String, Vec<u8>> = [
            (
                "province.csv",
                "key,value,basis\ncode,37,x\nname_vi,A,x\nname_en,A,x\nagency_code,H42,x\n\
                 time_zone,Asia/Ho_Chi_Minh,x\nsame_day_cutoff,15:00,x\n",
            ),
            (
                "units.csv",
                "code,kind,name_vi,name_en,cluster,latitude,longitude,neighbours\n\
                 1,commune_centre,A,A,X,,,\n2,commune_centre,B,B,X,,,\n3,commune_centre,C,C,X,,,\n\
                 4,commune_centre,D,D,Y,,,\nD,department,E,E,,,,\n",
            ),
            ("unit_history.csv", "former_code,former_name,successor_code\n"),
            ("legal_calendar.csv", "date,kind,name_vi,name_en,basis\n2027-01-01,holiday,Tết,Day,x\n"),
            (
                "working_hours.csv",
                "weekday,opens,closes\nmon,07:30,11:30\ntue,07:30,11:30\nwed,07:30,11:30\nthu,07:30,11:30\n\
                 fri,07:30,11:30\n",
            ),
        ]
        .map(|(name, content)| (name.to_owned(), content.as_bytes().to_vec()))
        .into();
        let mut write = |name: &str, head: &str, rows: Vec<String>| {
            let text = std::iter::once(head.to_owned()).chain(rows).map(|row| row + "\n").collect::<String>();
            files.insert(name.to_owned(), text.into_bytes());
        };
        let procedures = self.procedures.iter().enumerate().map(|(number, (field, limit, force))| {
            let field = FIELDS[*field];
            format!(
                "1.{number},P,P,{field},F,commune,{limit},full,0,free,G,U,B_receive_anywhere,{force},,x,high"
            )
        });
        write(
            "procedures.csv",
            "code,name_vi,name_en,field_vi,field_en,tier,time_value,time_unit,online_level,fee_vnd,fee_rule,\
             result_vi,decided_by,boundary_free_kind,effective_from,effective_to,replaced_by,basis,confidence",
            // Every field is one of the catalogue's, so that officers may master it.
            procedures
                .chain(FIELDS.iter().enumerate().map(|(number, field)| {
                    format!("2.{number},P,P,{field},F,commune,,,full,0,free,G,U,B_receive_anywhere,2035-01-01,,,x,high")
                }))
                .collect(),
        );
        let mut numbers = BTreeMap::new();
        let steps = self.steps.iter().filter(|step| step.0 < self.procedures.len()).flat_map(
            |(of, scope, key, level)| {
                let number = *numbers.entry(*of).and_modify(|number| *number += 1).or_insert(1);
                let row = move |scope: &str, period: &str| {
                    let list = if scope == "listed" { "hills" } else { "" };
                    format!("1.{of},{number},work,T,T,{scope},{key},{level},30,{list},{period}")
                };
                match scope.split_once('>') {
                    None => vec![row(scope, ",")],
                    Some((earlier, later)) => vec![row(earlier, ",2027-03-03"), row(later, "2027-03-03,")],
                }
            },
        );
        let steps: Vec<_> = steps.collect();
        let first = (0..self.procedures.len())
            .filter(|of| !self.steps.iter().any(|step| step.0 == *of))
            .map(|of| format!("1.{of},1,work,T,T,home,none,,1,30,,,"));
        let later = (0..FIELDS.len()).map(|number| format!("2.{number},1,work,T,T,home,none,,1,30,,,"));
        write(
            "steps.csv",
            "procedure,step,kind,name_vi,name_en,scope,competence_key,authority,level,effort_minutes,list,\
             effective_from,effective_to",
            steps.iter().cloned().chain(first).chain(later).collect(),
        );
        write("lists.csv", "list,unit", vec!["hills,2".to_owned(), "hills,4".to_owned()]);
        let officers = UNITS.iter().map(|unit| format!("{unit}-1,{unit},A"));
        write("officers.csv", "code,unit,name", officers.collect());
        let competencies =
            self.levels.iter().enumerate().filter(|(_, level)| **level > 0).map(|(index, level)| {
                format!("{}-1,{},{level}", UNITS[index / FIELDS.len()], FIELDS[index % FIELDS.len()])
            });
        write("competencies.csv", "officer,field,level", competencies.collect());
        let mut closed: Vec<_> = self.closed.clone();
        closed.sort_unstable();
        closed.dedup();
        let closed = closed.into_iter().map(|(unit, day)| {
            let date = FROM.checked_add(i32::from(day).days()).unwrap();
            format!("{},{date},,,x", UNITS[unit])
        });
        write("capacity.csv", "unit,date,opens,closes,reason", closed.collect());
        let mut province = Province::parse(&Documents(files)).unwrap();
        if let Some(gone) = self.gone {
            province.capacity.remove(&UnitId::of("37", UNITS[gone]));
        }
        province
    }
}

/// Everybody can do everything.
fn covered() -> Small {
    Small {
        procedures: vec![(0, "1,same_day", ","), (1, "2,working_day", ",")],
        steps: vec![(0, "province", "none,", 2), (0, "home", "none,", 5), (1, "cluster", "residence,", 3)],
        levels: vec![5; UNITS.len() * FIELDS.len()],
        closed: Vec::new(),
        gone: None,
    }
}

fn small() -> impl Strategy<Value = Small> {
    let limits = ["1,same_day", "2,working_day", "4,working_hour", "1,half_day", "10,calendar_day", ","];
    let force = [",", "2027-02-01,", ",2027-03-01", "2027-02-01,2027-04-01"];
    let scopes = ["home", "cluster", "listed", "province", "province>home", "listed>province"];
    let keys = ["none,", "residence,", "land,", "fixed,D", "fixed,4"];
    let procedure = (0..3_usize, prop::sample::select(limits.to_vec()), prop::sample::select(force.to_vec()));
    let step =
        (0..3_usize, prop::sample::select(scopes.to_vec()), prop::sample::select(keys.to_vec()), 1..=5_u8);
    (
        vec(procedure, 1..4),
        vec(step, 1..6),
        vec(prop_oneof![2 => Just(0), 3 => 1..=5_u8], UNITS.len() * FIELDS.len()),
        vec((0..UNITS.len(), 0..40_u16), 0..30),
        option::weighted(0.2, 0..UNITS.len()),
    )
        .prop_map(|(procedures, steps, levels, closed, gone)| Small {
            procedures,
            steps,
            levels,
            closed,
            gone,
        })
}

/// One combination, looked at by itself.
struct One<'p> {
    procedure: &'p Procedure,
    step: &'p Step,
    home: UnitId,
    day: Date,
    received_at: Timestamp,
    due_at: Option<Timestamp>,
}

/// Every combination of a year.
fn one_by_one(province: &Province) -> Vec<One<'_>> {
    let mut all = Vec::new();
    let days: Vec<_> = FROM
        .series(1.day())
        .take_while(|day| *day < FROM.saturating_add(1.year()))
        .filter(|day| province.clock.is_working_day(*day))
        .map(|day| {
            let midnight = province.clock.time_zone().to_timestamp(day.at(0, 0, 0, 0)).unwrap();
            (day, province.clock.next_open(midnight).unwrap())
        })
        .collect();
    for procedure in province.procedures.values() {
        for (day, received_at) in days.iter().filter(|(day, _)| procedure.check_in_force(*day).is_ok()) {
            let due_at = deadline::promise(&province.clock, procedure.limit, *received_at).unwrap().due_at;
            for step in procedure.steps_on(*day) {
                let is_home = |id: UnitId, code: &str, kind: UnitKind| match step.competence_key {
                    CompetenceKey::Fixed => step.authority.as_deref() == Some(code),
                    _ => {
                        assert!(province.units.contains_key(&id));
                        kind == UnitKind::CommuneCentre
                    }
                };
                let homes = province.units.values().filter(|unit| is_home(unit.id, &unit.code, unit.kind));
                for home in homes.map(|unit| unit.id) {
                    all.push(One { procedure, step, home, day: *day, received_at: *received_at, due_at });
                }
            }
        }
    }
    all
}

/// The rule by which somebody may take it, and whether nobody may before it is due.
fn look(province: &Province, one: &One<'_>) -> Option<(Rule, bool)> {
    let home = &province.units[&one.home];
    let opens = |unit: UnitId| province.capacity.get(&unit)?.next_open(one.received_at).ok();
    let able = province.units.values().filter(|unit| {
        province
            .officers_of(unit.id)
            .any(|officer| officer.is_competent(&one.procedure.field.vi, one.step.level))
            && opens(unit.id).is_some()
    });
    let rule = |unit: &crate::unit::Unit| match one.step.scope {
        _ if unit.id == home.id => Some(Rule::Home),
        Scope::Home => None,
        Scope::Listed => ["2", "4"].contains(&unit.code.as_str()).then_some(Rule::Listed),
        _ if !home.cluster.is_empty() && unit.cluster == home.cluster => Some(Rule::Cluster),
        Scope::Cluster => None,
        Scope::Province => Some(Rule::Province),
    };
    let able: Vec<_> = able.filter_map(|unit| Some((rule(unit)?, opens(unit.id)?))).collect();
    let late = able.iter().all(|(_, opens)| {
        let open_that_day = province.clock.local_date(*opens) == one.day;
        !open_that_day && one.due_at.is_some_and(|due_at| *opens >= due_at)
    });
    able.iter().map(|(rule, _)| *rule).min().map(|rule| (rule, late))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn kinds_count_what_one_by_one_finds(small in small()) {
        let province = small.province();
        let coverage = of(&province, FROM).unwrap();
        let all = one_by_one(&province);
        prop_assert_eq!(coverage.combinations, all.len() as u64);
        let mut by_rule = BTreeMap::new();
        let mut late: BTreeMap<UnitId, (Date, u64)> = BTreeMap::new();
        let mut gaps: BTreeMap<(String, u32), (Date, u64, BTreeSet<UnitId>)> = BTreeMap::new();
        for one in &all {
            match look(&province, one) {
                Some((rule, is_late)) => {
                    *by_rule.entry(rule).or_insert(0) += 1;
                    if is_late {
                        let late = late.entry(one.home).or_insert((one.day, 0));
                        *late = (late.0.min(one.day), late.1 + 1);
                    }
                }
                None => {
                    let key = (one.procedure.code.clone(), one.step.number);
                    let gap = gaps.entry(key).or_insert((one.day, 0, BTreeSet::new()));
                    gap.0 = gap.0.min(one.day);
                    gap.1 += 1;
                    gap.2.insert(one.home);
                }
            }
        }
        prop_assert_eq!(&coverage.by_rule, &by_rule);
        let told: BTreeMap<_, _> =
            coverage.late.iter().map(|late| (late.home, (late.first, late.combinations))).collect();
        prop_assert_eq!(told, late);
        let mut told: BTreeMap<(String, u32), (Date, u64, BTreeSet<UnitId>)> = BTreeMap::new();
        for gap in &coverage.gaps {
            let key = (gap.procedure.clone(), gap.step);
            let sum = told.entry(key).or_insert((gap.first, 0, BTreeSet::new()));
            *sum = (sum.0.min(gap.first), sum.1 + gap.combinations, &sum.2 | &gap.homes);
        }
        prop_assert_eq!(told, gaps);
    }

    #[test]
    fn who_may_take_one_is_said_as_it_is_counted_for_all(small in small()) {
        let province = small.province();
        for one in one_by_one(&province).iter().step_by(211) {
            let commune = &province.units[&one.home].code;
            let found = takers(&province, &one.procedure.code, commune, one.day).unwrap();
            let told = found.iter().find(|told| told.step == one.step.number && told.first == one.day).unwrap();
            prop_assert_eq!(told.home, Some(one.home));
            let rule = told.units.keys().next().map(|rule| (*rule, told.late));
            prop_assert_eq!(rule, look(&province, one));
            prop_assert_eq!(told.nobody.is_some(), rule.is_none());
        }
    }

    /// What is said to be covered, a decision over an idle province places; what is not, it does not.
    #[test]
    fn a_decision_finds_somebody_exactly_where_it_is_covered(small in small()) {
        let province = small.province();
        let coverage = of(&province, FROM).unwrap();
        let roster = Roster::of(&province, &Registry::default());
        for one in one_by_one(&province).iter().step_by(17) {
            let request = Request {
                work_item: WorkItem::first(ApplicationId::from_uuid(uuid::Uuid::nil()), one.step.number),
                field: one.procedure.field.vi.clone(),
                level: one.step.level,
                effort_minutes: one.step.effort_minutes,
                scope: one.step.scope,
                listed: province.listed(one.step).collect(),
                home: one.home,
                received_at: one.home,
                papers: one.procedure.papers(one.step),
                conflicts: BTreeSet::new(),
                previous: None,
                earlier: None,
                due_at: one.due_at,
                green: false,
            };
            let policy = Policy::boundary_free();
            let idle = Snapshot::default();
            let placed = route::decide(&policy, &province, &roster, &idle, &request, one.received_at).is_ok();
            let gap = coverage.gaps.iter().any(|gap| {
                let same = (gap.procedure.as_str(), gap.step) == (one.procedure.code.as_str(), one.step.number);
                same && gap.homes.contains(&one.home)
            });
            let told = format!("{} step {} on {}", one.procedure.code, one.step.number, one.day);
            prop_assert!(placed || gap, "{}", told);
            // A gap may be that of another form of the step, which the law gives it on other days.
            prop_assert_eq!(placed, look(&province, one).is_some(), "{}", told);
        }
    }
}

#[test]
fn a_province_in_which_everybody_can_do_everything_is_covered() {
    let coverage = of(&covered().province(), FROM).unwrap();
    assert!(coverage.gaps.is_empty() && coverage.late.is_empty(), "{coverage:?}");
    assert_eq!(coverage.by_rule.into_iter().collect::<Vec<_>>(), [(Rule::Home, coverage.combinations)]);
    // Cluster Y is one unit, and the second procedure may go to the cluster; three are not in force this year.
    let never = (0..3).map(|number| Idle::NeverInForce { procedure: format!("2.{number}") });
    let expected = never.chain([Idle::ClusterOfOne { cluster: "Y".to_owned() }]).collect();
    assert_eq!(coverage.idle, expected);
}

#[test]
fn each_reason_for_which_nobody_may_take_a_step_is_told() {
    let reasons = |small: &Small| -> Vec<(u32, Nobody, usize)> {
        let province = small.province();
        let coverage = of(&province, FROM).unwrap();
        let refused = coverage.check(&province).is_err();
        assert_eq!(refused, !coverage.gaps.is_empty());
        coverage.gaps.iter().map(|gap| (gap.step, gap.why, gap.homes.len())).collect()
    };
    let nobody_in = |unit: &str, field: usize| {
        let mut small = covered();
        let unit = UNITS.iter().position(|code| *code == unit).unwrap();
        small.levels[unit * FIELDS.len() + field] = 0;
        small
    };
    // The signature is bound to its home, the examination goes elsewhere.
    assert_eq!(reasons(&nobody_in("3", 0)), [(2, Nobody::NotAtHome, 1)]);
    // Alone in its cluster.
    assert_eq!(reasons(&nobody_in("4", 1)), [(1, Nobody::NotInCluster, 1)]);
    let mut nobody = covered();
    nobody.levels.iter_mut().step_by(FIELDS.len()).for_each(|level| *level = 1);
    assert_eq!(reasons(&nobody), [(1, Nobody::NotInProvince, 4), (2, Nobody::NotAtHome, 4)]);
    let gone = Small { gone: Some(0), ..covered() };
    assert_eq!(reasons(&gone), [(2, Nobody::ClosedForGood, 1)]);
}

#[test]
fn the_refusal_names_procedure_step_unit_day_and_reason() {
    let mut small = covered();
    small.levels[0] = 0;
    small.procedures[0].2 = "2027-02-01,";
    let province = small.province();
    let refusal = of(&province, FROM).unwrap().check(&province).unwrap_err();
    assert_eq!(refusal.reason, "NOT_COVERED");
    assert_eq!(refusal.violations[0].field, "procedures[1.0].steps[2]");
    assert_eq!(
        refusal.message,
        "procedures[1.0].steps[2]: is left without anybody at 1 from 2027-02-01 on: it is bound to its home, and \
         nobody there masters the field at the level"
    );
}

#[test]
fn a_step_with_originals_finds_nobody_but_home() {
    let mut small = covered();
    small.levels[0] = 0;
    let mut province = small.province();
    let reasons = |province: &Province| -> Vec<(u32, Nobody)> {
        of(province, FROM).unwrap().gaps.iter().map(|gap| (gap.step, gap.why)).collect()
    };
    assert_eq!(reasons(&province), [(2, Nobody::NotAtHome)]);
    province.procedures.get_mut("1.0").unwrap().steps[0].papers = Some(Papers::Originals);
    assert_eq!(reasons(&province), [(1, Nobody::NotAtHome), (2, Nobody::NotAtHome)]);
}

#[test]
fn a_closed_day_makes_a_same_day_case_late_and_leaves_no_gap() {
    let small = Small { closed: vec![(0, 0)], ..covered() };
    let province = small.province();
    let coverage = of(&province, FROM).unwrap();
    assert!(coverage.gaps.is_empty());
    // The signature of that Friday; the examination goes elsewhere, and two working days end on Tuesday.
    let home = UnitId::of("37", "1");
    assert_eq!(coverage.late, [Late { home, first: FROM, combinations: 1 }]);
}

#[test]
fn who_may_take_a_step_is_told_by_the_rule_that_lets_them() {
    let mut small = covered();
    small.levels[0] = 0;
    let province = small.province();
    let found = takers(&province, "1.0", "1", FROM).unwrap();
    let codes = |units: &[UnitId]| -> BTreeSet<_> {
        units.iter().map(|unit| province.units[unit].code.as_str()).collect()
    };
    let [examination, signature] = &found[..] else { panic!("{found:?}") };
    let by_rule: Vec<_> = examination.units.iter().map(|(rule, units)| (*rule, codes(units))).collect();
    assert_eq!(
        by_rule,
        [(Rule::Cluster, BTreeSet::from(["2", "3"])), (Rule::Province, BTreeSet::from(["4", "D"]))]
    );
    assert_eq!((signature.nobody, signature.days), (Some(Nobody::NotAtHome), examination.days));

    let reason = |procedure, commune| takers(&province, procedure, commune, FROM).unwrap_err().reason;
    assert_eq!(reason("9.9", "1"), "UNKNOWN_PROCEDURE");
    assert_eq!(reason("1.0", "9"), "UNKNOWN_UNIT");
    // A residence is a commune's.
    assert_eq!(reason("1.1", "D"), "NOT_A_HOME");
}

#[test]
fn a_scope_that_leads_nowhere_is_told() {
    let mut small = covered();
    small.steps.push((1, "province", "fixed,D", 5));
    for unit in 0..4 {
        small.levels[unit * FIELDS.len() + 1] = 4;
    }
    let idle = of(&small.province(), FROM).unwrap().idle;
    assert!(idle.contains(&Idle::ScopeInVain { procedure: "1.1".to_owned(), step: 2 }), "{idle:?}");
}

#[test]
fn a_day_that_no_calendar_covers_is_refused() {
    let province = covered().province();
    assert_eq!(of(&province, date(2036, 1, 1)).unwrap_err().reason, "DATE_OUT_OF_RANGE");
    let last = of(&province, date(2035, 12, 3)).unwrap();
    assert_eq!(last.until, END_DAY);
}

#[test]
fn ninh_binh_is_covered_and_that_is_soon_said() {
    let province = Province::parse(&ninh_binh()).unwrap();
    let began = Instant::now();
    let coverage = of(&province, date(2026, 10, 13)).unwrap();
    let took = began.elapsed();
    coverage.check(&province).unwrap();
    assert!(coverage.combinations > 9_000_000, "{}", coverage.combinations);
    // The power cut at 13870 on 27 November.
    let late: Vec<_> = coverage.late.iter().map(|late| (late.home, late.first)).collect();
    assert_eq!(late, [(UnitId::of("37", "13870"), date(2026, 11, 27))]);
    assert!(took.as_secs() < 10, "{took:?}");
}
