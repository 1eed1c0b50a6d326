//! Who may take what, on the wire.

use phidia_domain::{
    coverage::{Coverage, Gap, Idle, Late, Takers},
    id::UnitId,
    province::Province,
};

use crate::routing::v1 as routing;

/// A coverage with the official codes of its units.
pub fn wire_coverage(coverage: &Coverage, province: &Province) -> routing::Coverage {
    let code = |unit| code(province, unit);
    routing::Coverage {
        from: coverage.from.to_string(),
        until: coverage.until.to_string(),
        working_days: coverage.working_days,
        combinations: coverage.combinations,
        by_rule: coverage.by_rule.iter().map(|(rule, count)| (rule.name().to_owned(), *count)).collect(),
        gaps: coverage.gaps.iter().map(|gap| wire_gap(gap, code)).collect(),
        late: coverage.late.iter().map(|late| wire_late(late, code)).collect(),
        idle: coverage.idle.iter().map(wire_idle).collect(),
    }
}

/// Who may take a step, with the official codes of the units.
pub fn wire_takers(takers: &Takers, province: &Province) -> routing::StepTakers {
    let code = |unit| code(province, unit);
    let units = takers.units.iter().map(|(rule, units)| {
        let mut unit_codes: Vec<_> = units.iter().map(|unit| code(*unit)).collect();
        unit_codes.sort();
        routing::RuleUnits { rule: rule.name().to_owned(), unit_codes }
    });
    routing::StepTakers {
        step: takers.step,
        home_code: takers.home.map(code).unwrap_or_default(),
        first_day: takers.first.to_string(),
        days: takers.days,
        units: units.collect(),
        reason: takers.nobody.map(|nobody| nobody.name().to_owned()).unwrap_or_default(),
        late: takers.late,
    }
}

fn code(province: &Province, unit: UnitId) -> String {
    province.units.get(&unit).map(|unit| unit.code.clone()).unwrap_or_default()
}

fn wire_gap(gap: &Gap, code: impl Fn(UnitId) -> String) -> routing::CoverageGap {
    let mut home_codes: Vec<_> = gap.homes.iter().map(|home| code(*home)).collect();
    home_codes.sort();
    routing::CoverageGap {
        procedure_code: gap.procedure.clone(),
        step: gap.step,
        reason: gap.why.name().to_owned(),
        home_codes,
        first_day: gap.first.to_string(),
        combinations: gap.combinations,
    }
}

fn wire_late(late: &Late, code: impl Fn(UnitId) -> String) -> routing::CoverageLate {
    routing::CoverageLate {
        home_code: code(late.home),
        first_day: late.first.to_string(),
        combinations: late.combinations,
    }
}

fn wire_idle(idle: &Idle) -> routing::IdleRule {
    let reason = idle.reason().to_owned();
    match idle {
        Idle::Dial { dial, .. } => {
            routing::IdleRule { reason, dial: (*dial).to_owned(), ..Default::default() }
        }
        Idle::NeverInForce { procedure } => {
            routing::IdleRule { reason, procedure_code: procedure.clone(), ..Default::default() }
        }
        Idle::ScopeInVain { procedure, step } => {
            routing::IdleRule { reason, procedure_code: procedure.clone(), step: *step, ..Default::default() }
        }
        Idle::ClusterOfOne { cluster } => {
            routing::IdleRule { reason, cluster: cluster.clone(), ..Default::default() }
        }
    }
}
