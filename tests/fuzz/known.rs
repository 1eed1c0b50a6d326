//! What there is in the house to be named: ids, codes and tokens, by the name of the field that bears them. It is
//! learnt from the answers.

use std::collections::BTreeMap;

use harness::province::{
    ABOLISHED, ALPHA, ANYWHERE, BETA, CODE, FORMER_ALPHA, GAMMA, NOBODY_CAN, NOT_YET, SIGNED_AT_HOME,
};
use phidia_domain::id::{OfficerId, UnitId};
use prost_reflect::{DynamicMessage, Value};
use rand::{RngExt as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;

/// How many of a name are remembered, the first ones.
const MOST: usize = 64;

const UNITS: &[&str] = &[ALPHA, BETA, GAMMA, FORMER_ALPHA, "77777", ""];
const DAYS: &[&str] = &["2026-12-01", "2026-12-24", "2036-01-01", ""];
const SERVICES: &[&str] = &["intake", "routing", "processing", "notification", "nobody", ""];

/// Texts that a client might send, by field.
const USUAL: &[(&str, &[&str])] = &[
    ("procedure_code", &[ANYWHERE, SIGNED_AT_HOME, NOBODY_CAN, ABOLISHED, NOT_YET, "9.999999"]),
    ("received_at_code", UNITS),
    ("return_at_code", UNITS),
    ("commune_code", UNITS),
    ("unit_code", UNITS),
    ("officer_code", &["A-1", "B-1", "Z-9", ""]),
    ("field", &["Chứng thực", "Hộ tịch", ""]),
    ("day", DAYS),
    ("from", DAYS),
    ("to", DAYS),
    ("opens", &["07:30", "13:30", "7:30"]),
    ("closes", &["11:30", "17:30", "24:00", ""]),
    ("service", SERVICES),
    ("source", SERVICES),
    ("subscriber", SERVICES),
    ("name", &["Đinh Thị Thử", "A"]),
    ("identity_number", &["", "037099001234"]),
    ("email", &["", "thu@example.vn"]),
    ("telephone", &["", "+84 229 3871 234"]),
    ("query", &["", "chung thuc", "9.", "Đăng"]),
    ("reason", &["thử lại", ""]),
    ("refusal_reason", &["thiếu giấy tờ", ""]),
    ("page_token", &[""]),
    ("dossier_code", &["T99-261124-0001"]),
    ("check_code", &["123456"]),
];

/// Names under which something is told, where they differ from those under which it is asked for.
const ALSO: &[(&str, &str)] = &[("next_page_token", "page_token"), ("fence", "expected_fence")];

#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    texts: BTreeMap<String, Vec<String>>,
    numbers: BTreeMap<String, Vec<u64>>,
}

impl Known {
    /// Remembers what an answer names.
    pub(crate) fn learn(&mut self, message: &DynamicMessage) {
        for (field, value) in message.fields() {
            self.note(field.name(), value);
        }
    }

    fn note(&mut self, name: &str, value: &Value) {
        let also = ALSO.iter().find(|(told, _)| *told == name).map(|(_, asked)| *asked);
        for name in [Some(name), also].into_iter().flatten().map(str::to_owned) {
            match value {
                Value::String(text) => push(self.texts.entry(name).or_default(), text.clone()),
                Value::U64(number) => push(self.numbers.entry(name).or_default(), *number),
                Value::U32(number) => push(self.numbers.entry(name).or_default(), (*number).into()),
                _ => {}
            }
        }
        match value {
            Value::Message(message) => self.learn(message),
            Value::List(values) => values.iter().for_each(|value| self.note(name, value)),
            _ => {}
        }
    }

    /// A text that this field might bear: one that exists, one of the right form, or none.
    pub(crate) fn text(&self, chance: &mut ChaCha8Rng, field: &str) -> String {
        match field {
            "idempotency_key" => return format!("fuzz-{}", chance.random_range(0..50)),
            "application_id" | "case_id" if chance.random_bool(0.1) => {
                let prefix = if field == "case_id" { "case" } else { "app" };
                return format!("{prefix}_{:032x}", chance.random_range(0..u128::MAX));
            }
            _ => {}
        }
        let told = self.texts.get(field).and_then(|known| known.choose(chance)).cloned();
        let usual = USUAL.iter().find(|(name, _)| *name == field).and_then(|(_, texts)| texts.choose(chance));
        let usual = usual.map(|text| (*text).to_owned());
        let (first, second) = if chance.random_bool(0.5) { (told, usual) } else { (usual, told) };
        first.or(second).unwrap_or_else(|| "a".into())
    }

    /// A number that this field might bear.
    pub(crate) fn number(&self, chance: &mut ChaCha8Rng, field: &str) -> u64 {
        let told = self.numbers.get(field).and_then(|known| known.choose(chance)).copied();
        told.filter(|_| chance.random_bool(0.7)).unwrap_or_else(|| chance.random_range(0..4))
    }

    /// Ids of a unit and of an officer there, or of nobody.
    pub(crate) fn officer(chance: &mut ChaCha8Rng) -> (UnitId, OfficerId) {
        let staff =
            [(ALPHA, "A-1"), (BETA, "B-1"), (BETA, "B-4"), (GAMMA, "C-1"), (GAMMA, "A-1"), ("77777", "Z-9")];
        let (unit, officer) = staff.choose(chance).unwrap();
        (UnitId::of(CODE, unit), OfficerId::of(CODE, officer))
    }
}

fn push<T: PartialEq>(known: &mut Vec<T>, value: T) {
    if known.len() < MOST && !known.contains(&value) {
        known.push(value);
    }
}
