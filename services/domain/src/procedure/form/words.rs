//! What is wrong with answers, in words of whoever gave them.

use jsonschema::{
    JsonType, ValidationError,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use serde_json::Value;

use super::Violation;
use crate::procedure::Text;

/// What an error says: a violation for each answer that it is about.
pub(super) fn violations(schema: &Value, error: &ValidationError<'_>) -> Vec<Violation> {
    let pointer = error.instance_path().to_string();
    let within = |name: &str| format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
    let keyword = error.kind().keyword();
    let one = |pointer: String, sentence| Violation { pointer, keyword: keyword.to_owned(), sentence };
    match error.kind() {
        Kind::Required { property } => {
            let pointer = within(property.as_str().unwrap_or_default());
            let field = Field::at(schema, &pointer);
            vec![one(pointer, field.says("còn để trống", "is missing"))]
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let unknown = unexpected.iter().map(|name| {
                let sentence =
                    text("Biểu mẫu không có mục này.".to_owned(), "The form has no such field.".to_owned());
                one(within(name), sentence)
            });
            unknown.collect()
        }
        kind => {
            let field = Field::at(schema, &pointer);
            let sentence = field.sentence(kind, error.instance());
            vec![one(pointer, sentence)]
        }
    }
}

/// A field of the form, as its citizen knows it.
struct Field<'s> {
    label: Option<(&'s str, &'s str)>,
    hint: Option<(&'s str, &'s str)>,
    schema: Option<&'s Value>,
}

impl<'s> Field<'s> {
    /// The field of the form in which the answer with this pointer stands.
    fn at(root: &'s Value, pointer: &str) -> Self {
        let mut field = Self { label: None, hint: None, schema: Some(root) };
        for segment in pointer.split('/').skip(1) {
            let segment = segment.replace("~1", "/").replace("~0", "~");
            let Some(within) = field.schema.map(|schema| referred(root, schema)) else { return field };
            let named = within.get("properties").and_then(|properties| properties.get(&segment));
            let numbered = || {
                let index: usize = segment.parse().ok()?;
                let first = within.get("prefixItems").and_then(|items| items.get(index));
                first.or_else(|| within.get("items"))
            };
            field.schema = named.or_else(numbered);
            if let Some(schema) = field.schema {
                let own = |vi, en| both(schema, vi, en).or_else(|| both(referred(root, schema), vi, en));
                field.label = own("title", "x-title-en").or(field.label);
                field.hint = own("description", "x-description-en");
                field.schema = Some(referred(root, schema));
            }
        }
        field
    }

    /// A sentence about the field.
    fn says(&self, vi: &str, en: &str) -> Text {
        let (name_vi, name_en) = match self.label {
            Some((vi, en)) => (format!("Mục “{vi}”"), format!("“{en}”")),
            None => ("Biểu mẫu".to_owned(), "The form".to_owned()),
        };
        text(format!("{name_vi} {vi}."), format!("{name_en} {en}."))
    }

    fn sentence(&self, kind: &Kind, answer: &Value) -> Text {
        let says = |vi: String, en: String| self.says(&vi, &en);
        match kind {
            _ if answer.as_str().is_some_and(|answer| answer.trim().is_empty()) => {
                self.says("còn để trống", "is missing")
            }
            Kind::Type { kind } => {
                let (vi, en) = type_in_words(kind);
                says(format!("phải là {vi}"), format!("must be {en}"))
            }
            Kind::MinLength { limit } => says(
                format!("phải có ít nhất {limit} ký tự"),
                format!("must have at least {limit} characters"),
            ),
            Kind::MaxLength { limit } => says(
                format!("chỉ được có tối đa {limit} ký tự"),
                format!("may have at most {limit} characters"),
            ),
            Kind::Minimum { limit } => {
                says(format!("phải từ {limit} trở lên"), format!("must be {limit} or more"))
            }
            Kind::Maximum { limit } => {
                says(format!("chỉ được đến {limit}"), format!("must be {limit} or less"))
            }
            Kind::ExclusiveMinimum { limit } => {
                says(format!("phải lớn hơn {limit}"), format!("must be more than {limit}"))
            }
            Kind::ExclusiveMaximum { limit } => {
                says(format!("phải nhỏ hơn {limit}"), format!("must be less than {limit}"))
            }
            Kind::MinItems { limit } => {
                says(format!("phải có ít nhất {limit} dòng"), format!("must have at least {limit} entries"))
            }
            Kind::MaxItems { limit } => {
                says(format!("chỉ được có tối đa {limit} dòng"), format!("may have at most {limit} entries"))
            }
            Kind::UniqueItems => self.says("có dòng bị lặp lại", "has the same entry twice"),
            Kind::Enum { options } => {
                let options: Vec<&Value> = options.as_array().into_iter().flatten().collect();
                let options = listed(options.into_iter().map(|option| (plain(option), plain(option))));
                self.one_of(options)
            }
            Kind::OneOfNotValid { .. } | Kind::OneOfMultipleValid { .. } | Kind::AnyOf { .. } => {
                match self.choices() {
                    Some(choices) => self.one_of(choices),
                    None => self.does_not_fit(),
                }
            }
            Kind::Format { format } => {
                let (vi, en) = format_in_words(format);
                says(format!("phải là {vi}"), format!("must be {en}"))
            }
            _ => self.does_not_fit(),
        }
    }

    fn one_of(&self, (vi, en): (String, String)) -> Text {
        self.says(&format!("phải là một trong: {vi}"), &format!("must be one of: {en}"))
    }

    /// What the form itself says of the field, or that it is not right.
    fn does_not_fit(&self) -> Text {
        match self.hint {
            Some((vi, en)) => {
                let (vi, en) = (vi.trim_end_matches('.'), en.trim_end_matches('.'));
                self.says(&format!("chưa đúng: {vi}"), &format!("is not right: {en}"))
            }
            None => self.says("chưa đúng theo yêu cầu của biểu mẫu", "is not what the form asks for"),
        }
    }

    /// The labels of the values between which the field lets choose; none where it is no such field.
    fn choices(&self) -> Option<(String, String)> {
        let schema = self.schema?;
        let choices = schema.get("oneOf").or_else(|| schema.get("anyOf"))?.as_array()?;
        let all: Vec<_> = choices
            .iter()
            .map(|choice| {
                let value = plain(choice.get("const")?);
                let labels = both(choice, "title", "x-title-en");
                Some(labels.map_or((value.clone(), value), |(vi, en)| (vi.to_owned(), en.to_owned())))
            })
            .collect::<Option<_>>()?;
        Some(listed(all.into_iter()))
    }
}

/// What a schema refers to; itself where it refers to nothing.
fn referred<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    let target = |schema: &'s Value| {
        let name = schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?;
        root.get("$defs")?.get(name)
    };
    // No form refers in a circle.
    std::iter::successors(Some(schema), |schema| target(schema)).last().unwrap_or(schema)
}

fn both<'s>(schema: &'s Value, vi: &str, en: &str) -> Option<(&'s str, &'s str)> {
    schema.get(vi).and_then(Value::as_str).zip(schema.get(en).and_then(Value::as_str))
}

/// A value that the form names.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn listed(words: impl Iterator<Item = (String, String)>) -> (String, String) {
    /// More are not read by anybody.
    const MOST: usize = 12;
    let (mut vi, mut en): (Vec<_>, Vec<_>) = words.unzip();
    if vi.len() > MOST {
        vi.truncate(MOST);
        en.truncate(MOST);
        vi.push("…".to_owned());
        en.push("…".to_owned());
    }
    (vi.join(", "), en.join(", "))
}

fn type_in_words(kind: &TypeKind) -> (String, String) {
    let word = |kind| match kind {
        JsonType::String => ("chữ", "text"),
        JsonType::Number => ("số", "a number"),
        JsonType::Integer => ("số nguyên", "a whole number"),
        JsonType::Boolean => ("có hoặc không", "yes or no"),
        JsonType::Array => ("danh sách", "a list"),
        JsonType::Object => ("một nhóm mục", "a group of fields"),
        JsonType::Null => ("để trống", "empty"),
    };
    let words: Vec<_> = match kind {
        TypeKind::Single(kind) => vec![word(*kind)],
        TypeKind::Multiple(kinds) => kinds.iter().map(word).collect(),
    };
    let (vi, en): (Vec<_>, Vec<_>) = words.into_iter().unzip();
    (vi.join(" hoặc "), en.join(" or "))
}

fn format_in_words(format: &str) -> (&'static str, &'static str) {
    match format {
        "date" => ("ngày theo dạng năm-tháng-ngày, ví dụ 2026-11-24", "a date such as 2026-11-24"),
        "date-time" => {
            ("thời điểm, ví dụ 2026-11-24T07:30:00+07:00", "an instant such as 2026-11-24T07:30:00+07:00")
        }
        "time" => ("giờ, ví dụ 07:30:00+07:00", "a time such as 07:30:00+07:00"),
        "email" => ("địa chỉ thư điện tử", "an e-mail address"),
        "uri" => ("địa chỉ trang mạng", "a web address"),
        "uuid" => ("mã UUID", "a UUID"),
        "identity-number" => ("số định danh cá nhân gồm 12 chữ số", "an identity number of 12 digits"),
        "telephone" => ("số điện thoại, ví dụ 0912 345 678", "a telephone number such as 0912 345 678"),
        _ => ("đúng dạng", "of the right form"),
    }
}

fn text(vi: String, en: String) -> Text {
    Text { vi, en }
}
