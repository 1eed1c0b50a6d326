//! What a text message (SMS) costs, after 3GPP TS 23.038: in seven bits a character where the GSM alphabet has them all, in
//! sixteen as soon as one is not in it, and in several parts when it is longer than one. Vietnamese letters with marks are
//! not in it: [`fold`] writes them without, as offices here mostly do.

use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Each of these takes seven bits. The escape is left out, which stands for nothing by itself.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Each of these takes twice seven: an escape goes before it.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// How a text message is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// The GSM alphabet, seven bits a unit.
    Gsm7,
    /// UCS-2, sixteen bits a unit; a character beyond the basic plane takes two.
    Ucs2,
}

impl Encoding {
    /// Units of a message that is one part.
    pub fn alone(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Units of each part of a message that is several: a header takes the rest.
    pub fn joined(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    /// Units of a character.
    fn units(self, character: char) -> usize {
        match self {
            Self::Gsm7 if EXTENSION.contains(character) => 2,
            Self::Gsm7 => 1,
            Self::Ucs2 => character.len_utf16(),
        }
    }
}

/// What a text takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// How it is written.
    pub encoding: Encoding,
    /// Septets, or pairs of octets.
    pub units: usize,
    /// Messages that the network carries, and that are paid for; at least one.
    pub parts: usize,
}

/// What a text takes.
pub fn measure(text: &str) -> Measure {
    let encoding = encoding(text);
    let units = text.chars().map(|character| encoding.units(character)).sum();
    Measure { encoding, units, parts: parts(text).len() }
}

/// The parts of a text, in order. No character is split: neither an escape from what it escapes, nor a pair of surrogates.
pub fn parts(text: &str) -> Vec<&str> {
    let encoding = encoding(text);
    let units: usize = text.chars().map(|character| encoding.units(character)).sum();
    if units <= encoding.alone() {
        return vec![text];
    }
    let (mut parts, mut begin, mut taken) = (Vec::new(), 0, 0);
    for (at, character) in text.char_indices() {
        let needed = encoding.units(character);
        if taken + needed > encoding.joined() {
            parts.push(&text[begin..at]);
            (begin, taken) = (at, 0);
        }
        taken += needed;
    }
    parts.push(&text[begin..]);
    parts
}

/// Where the first character stands, in bytes, that takes a text out of the GSM alphabet; none: it is all in it.
pub fn beyond_gsm7(text: &str) -> Option<usize> {
    text.char_indices().find(|(_, character)| !is_gsm7(*character)).map(|(at, _)| at)
}

fn encoding(text: &str) -> Encoding {
    if beyond_gsm7(text).is_none() { Encoding::Gsm7 } else { Encoding::Ucs2 }
}

fn is_gsm7(character: char) -> bool {
    BASIC.contains(character) || EXTENSION.contains(character)
}

/// A text in composed characters: each letter with its marks is one, and takes as little as it can.
pub fn compose(text: &str) -> String {
    text.nfc().collect()
}

/// A text without marks on its letters, and with the plain signs in place of the printed ones. Whatever Vietnamese says is
/// in the GSM alphabet then.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.nfd().filter(|character| !is_combining_mark(*character)) {
        match character {
            'đ' | '₫' => folded.push('d'),
            'Đ' => folded.push('D'),
            '‘' | '’' | '‚' | '′' => folded.push('\''),
            '“' | '”' | '„' | '″' | '«' | '»' => folded.push('"'),
            '‐' | '‑' | '‒' | '–' | '—' | '−' | '•' | '·' => folded.push('-'),
            '…' => folded.push_str("..."),
            '\u{a0}' | '\u{2009}' | '\u{202f}' | '\t' => folded.push(' '),
            other => folded.push(other),
        }
    }
    compose(&folded)
}

#[cfg(test)]
mod tests;
