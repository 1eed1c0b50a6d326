//! Messages, field by field from the descriptors: what a client might send, and what nobody should.

use std::collections::HashMap;

use prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value};
use rand::{RngExt as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;

use crate::{known::Known, province};

/// Texts that nobody should send; `MEGABYTE` stands for one.
const TEXTS: &[&str] = &[
    "",
    " ",
    "\0",
    "a\u{7}b",
    "\r\n",
    "NaN",
    "-1",
    "18446744073709551616",
    "'; drop table application; --",
    "%00%ff",
    "../../etc/passwd",
    "{{ 7 * 7 }}",
    "\u{202e}đảo ngược",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}",
    "👩‍👩‍👧‍👦",
    "app_00000000000000000000000000000000",
    "app_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
    "APP_0197AAAA0197AAAA0197AAAA0197AAAA",
    "app_ééééééééééééééééééé",
    "case_ffffffffffffffffffffffffffffffff",
    "AAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "9999-99-99",
    MEGABYTE,
];
const MEGABYTE: &str = "MEGABYTE";
/// Cut to the width of the field.
const NUMBERS: &[i64] = &[
    0,
    1,
    -1,
    2,
    100,
    10_001,
    100_001,
    i64::MIN,
    i64::MAX,
    i64::MIN + 1,
    i32::MIN as i64,
    i32::MAX as i64,
    u32::MAX as i64,
    253_402_300_800,
    -62_135_596_801,
];
const FLOATS: &[f64] = &[0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE, f64::MAX];
/// How often a field may be repeated in one message.
const REPEATED: &[usize] = &[0, 1, 2, 300, 5_000];
/// What one repeated field may come to, in bytes; two of them are more than a server takes.
const LONGEST: usize = 3 * 1024 * 1024;

/// Makes messages.
pub(crate) struct Maker<'m> {
    pub(crate) chance: &'m mut ChaCha8Rng,
    pub(crate) known: &'m Known,
    /// Share of the fields that are hostile; half of it is left out.
    pub(crate) hostility: f64,
}

impl Maker<'_> {
    pub(crate) fn message(&mut self, descriptor: &MessageDescriptor) -> DynamicMessage {
        let mut message = DynamicMessage::new(descriptor.clone());
        for field in descriptor.fields() {
            // Of the members of a oneof the last one stays.
            let left_out = if field.containing_oneof().is_some() { 0.3 } else { self.hostility / 2.0 };
            if !self.chance.random_bool(left_out) {
                let value = self.field(&field);
                message.set_field(&field, value);
            }
        }
        message
    }

    fn field(&mut self, field: &FieldDescriptor) -> Value {
        if field.name() == "files" {
            return self.files(field);
        }
        let hostile = self.is_hostile();
        if field.is_map() {
            let Kind::Message(entry) = field.kind() else { panic!("a map has entries") };
            let value = entry.map_entry_value_field();
            let count = if hostile { 300 } else { self.chance.random_range(0..3) };
            let entries = (0..count).map(|number: u64| {
                let key = match entry.map_entry_key_field().kind() {
                    Kind::String if hostile => format!("{number}\0"),
                    Kind::String => self.known.text(self.chance, "source"),
                    other => panic!("a map by {other:?}"),
                };
                (MapKey::String(key), self.single(&value))
            });
            return Value::Map(entries.collect::<HashMap<_, _>>());
        }
        if field.is_list() {
            let one = self.single(field);
            let size = one.as_message().map_or(64, DynamicMessage::encoded_len).max(1);
            let count = if hostile { *self.chosen(REPEATED) } else { self.chance.random_range(0..3) };
            return Value::List(vec![one; count.min(LONGEST / size)]);
        }
        self.single(field)
    }

    /// One value of a field; of a repeated one, an element.
    fn single(&mut self, field: &FieldDescriptor) -> Value {
        let hostile = self.is_hostile();
        let number = self.number(field.name(), hostile);
        let low = u32::try_from(number & i64::from(u32::MAX)).expect("32 bits");
        match field.kind() {
            Kind::Bool => Value::Bool(self.chance.random_bool(0.5)),
            Kind::String => Value::String(self.text(field.name(), hostile)),
            Kind::Bytes => Value::Bytes(self.bytes().into()),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(low.cast_signed()),
            Kind::Uint32 | Kind::Fixed32 => Value::U32(low),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(number),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(number.cast_unsigned()),
            Kind::Float => Value::F32(f32::NAN),
            Kind::Double => Value::F64(*self.chosen(FLOATS)),
            Kind::Enum(_) if hostile => Value::EnumNumber(low.cast_signed()),
            Kind::Enum(values) => {
                let numbers: Vec<i32> = values.values().map(|value| value.number()).collect();
                Value::EnumNumber(*self.chosen(&numbers))
            }
            Kind::Message(inner) if inner.full_name() == "google.protobuf.Timestamp" && !hostile => {
                // Around the day on which the tests run: some hours ago, or in a while.
                let mut instant = DynamicMessage::new(inner);
                let now = phidia_runtime::clock::RealClock.now().as_second();
                instant
                    .set_field_by_name("seconds", Value::I64(now + self.chance.random_range(-90_000..3_600)));
                Value::Message(instant)
            }
            Kind::Message(inner) => Value::Message(self.message(&inner)),
        }
    }

    /// The files of a province, as they should be or spoilt, as a list or a map.
    fn files(&mut self, field: &FieldDescriptor) -> Value {
        let spoils = if self.is_hostile() { self.chance.random_range(1..4) } else { 0 };
        let files = province::documents(self.chance, spoils).0;
        let Kind::Message(entry) = field.kind() else { panic!("files are messages") };
        if field.is_map() {
            let entries =
                files.into_iter().map(|(name, content)| (MapKey::String(name), Value::Bytes(content.into())));
            return Value::Map(entries.collect());
        }
        let entries = files.into_iter().map(|(name, content)| {
            let mut file = DynamicMessage::new(entry.clone());
            file.set_field_by_name("name", Value::String(name));
            file.set_field_by_name("content", Value::Bytes(content.into()));
            Value::Message(file)
        });
        Value::List(entries.collect())
    }

    fn text(&mut self, field: &str, hostile: bool) -> String {
        match hostile {
            false => self.known.text(self.chance, field),
            true => match *self.chosen(TEXTS) {
                MEGABYTE => "ữ".repeat(1024 * 1024 / "ữ".len()),
                // Something real, and a little more.
                "" if self.chance.random_bool(0.5) => self.known.text(self.chance, field) + "x",
                text => text.to_owned(),
            },
        }
    }

    fn number(&mut self, field: &str, hostile: bool) -> i64 {
        if hostile {
            return *self.chosen(NUMBERS);
        }
        self.known.number(self.chance, field).cast_signed()
    }

    fn bytes(&mut self) -> Vec<u8> {
        let length = self.chance.random_range(0..40);
        (0..length).map(|_| self.chance.random_range(0..=255)).collect()
    }

    fn is_hostile(&mut self) -> bool {
        self.chance.random_bool(self.hostility)
    }

    fn chosen<'v, T>(&mut self, values: &'v [T]) -> &'v T {
        values.choose(self.chance).expect("some values")
    }
}
