//! `officers.csv` and `competencies.csv`: who works where, and what they master.

use std::collections::BTreeMap;

use super::table::{Row, Table, Values, code, number, phrase};
use crate::{
    id::{OfficerId, UnitId},
    officer::{HIGHEST_LEVEL, Officer},
};

/// The officers by id, with their competencies.
pub(super) fn officers(
    officers: &Table<'_>,
    competencies: &Table<'_>,
    units: &Values<'_>,
    fields: &Values<'_>,
    province: &str,
) -> BTreeMap<OfficerId, Officer> {
    let codes = officers.unique("code");
    let mut staff: BTreeMap<OfficerId, Officer> = officers
        .rows()
        .filter_map(|row| officer(row, units, province))
        .map(|officer| (officer.id, officer))
        .collect();
    for row in competencies.rows() {
        let officer = row.reference("officer", &codes, "the code of an officer (officers.csv)");
        let field = row.reference("field", fields, "the Vietnamese name of a field (procedures.csv)");
        let level = row.take("level", number(1..=HIGHEST_LEVEL));
        let officer = officer.and_then(|code| staff.get_mut(&OfficerId::of(province, code)));
        if let (Some(officer), Some(field), Some(level)) = (officer, field, level)
            && officer.competencies.insert(field.to_owned(), level).is_some()
        {
            row.fail("field", "a field that no line before gives this officer");
        }
    }
    staff
}

fn officer(row: Row<'_>, units: &Values<'_>, province: &str) -> Option<Officer> {
    let code = row.take("code", code);
    let unit = row.reference("unit", units, "the code of a unit (units.csv)");
    let (name, code) = (row.take("name", phrase), code?);
    Some(Officer {
        id: OfficerId::of(province, &code),
        code,
        unit: UnitId::of(province, unit?),
        name: name?,
        competencies: BTreeMap::new(),
    })
}
