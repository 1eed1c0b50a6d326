//! How something is said: a title and fields between slashes. What is no letter, digit or one of `.-_+` is written as `%` and two
//! hexadecimal digits, so that no field can look like two; in upper case, as QR codes like it.

use std::fmt::Write as _;

/// The text of a title and its fields.
pub(super) fn write<'f>(title: &str, fields: impl IntoIterator<Item = &'f str>) -> String {
    let mut text = title.to_owned();
    for field in fields {
        text.push('/');
        for byte in field.bytes() {
            if byte.is_ascii_alphanumeric() || b".-_+".contains(&byte) {
                text.push(char::from(byte));
            } else {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    text
}

/// The fields of a text with this title. What was not written by [`write`] may be read here: whoever reads it writes it again and
/// compares.
pub(super) fn read(title: &str, text: &str) -> Option<Vec<String>> {
    let fields = text.strip_prefix(title)?.strip_prefix('/')?;
    fields.split('/').map(field).collect()
}

fn field(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first == b'%' {
            let (digits, tail) = rest.split_first_chunk::<2>()?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = tail;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}
