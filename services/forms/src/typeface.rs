//! The typeface that forms are set in: its faces, and how wide a text is in them.
//!
//! Vietnamese in precomposed form (NFC) has one letter for each sign, so a text is a row of letters, each as wide as the face
//! says; nothing needs to be shaped. What the typeface has no letter for is shown as an empty box.

use std::sync::OnceLock;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::{
    FontRef, MetadataProvider as _,
    charmap::Charmap,
    instance::{LocationRef, Size},
    metrics::GlyphMetrics,
};
use unicode_normalization::UnicodeNormalization as _;

use crate::Fault;

/// Stands for what the typeface has no letter for.
const BOX: char = '□';
/// Stands for it where there is no box either.
const MARK: char = '?';

/// A face of the typeface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    /// For what is said.
    Regular,
    /// For what was filled in, and for headings.
    Bold,
    /// For remarks.
    Italic,
}

/// A face, read once.
struct Read {
    font: Font,
    letters: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
    units_per_em: f32,
    /// The letters that nearly every text is made of, looked up beforehand: their glyphs, and their widths in ems.
    usual: Vec<(skrifa::GlyphId, f32)>,
}

/// Latin with all that Vietnamese adds to it ends here.
const USUAL: u32 = 0x1F00;

impl Face {
    fn data(self) -> &'static [u8] {
        match self {
            Self::Regular => include_bytes!(concat!(env!("OUT_DIR"), "/LibertinusSerif-Regular")),
            Self::Bold => include_bytes!(concat!(env!("OUT_DIR"), "/LibertinusSerif-Bold")),
            Self::Italic => include_bytes!(concat!(env!("OUT_DIR"), "/LibertinusSerif-Italic")),
        }
    }

    /// # Errors
    /// `Fault::Typeface` where the face that was built in cannot be read.
    fn read(self) -> Result<&'static Read, Fault> {
        static REGULAR: OnceLock<Option<Read>> = OnceLock::new();
        static BOLD: OnceLock<Option<Read>> = OnceLock::new();
        static ITALIC: OnceLock<Option<Read>> = OnceLock::new();
        let face = match self {
            Self::Regular => &REGULAR,
            Self::Bold => &BOLD,
            Self::Italic => &ITALIC,
        };
        face.get_or_init(|| Read::of(self.data())).as_ref().ok_or(Fault::Typeface)
    }

    /// What krilla embeds, as far as it is used.
    pub(crate) fn font(self) -> Result<Font, Fault> {
        Ok(self.read()?.font.clone())
    }

    /// A text as a row of letters.
    pub(crate) fn glyphs(self, text: &str) -> Result<Vec<KrillaGlyph>, Fault> {
        let face = self.read()?;
        Ok(text
            .char_indices()
            .map(|(start, letter)| {
                let (glyph, x_advance) = face.letter(letter);
                KrillaGlyph {
                    glyph_id: GlyphId::new(glyph.to_u32()),
                    text_range: start..start + letter.len_utf8(),
                    x_advance,
                    x_offset: 0.0,
                    y_offset: 0.0,
                    y_advance: 0.0,
                    location: None,
                }
            })
            .collect())
    }

    /// The width of a text in points, set in this size.
    pub(crate) fn width(self, text: &str, size: f32) -> Result<f32, Fault> {
        let face = self.read()?;
        Ok(text.chars().map(|letter| face.letter(letter).1).sum::<f32>() * size)
    }

    /// The text as this face can show it: precomposed, every space a plain one (a no-break space stays), nothing invisible.
    pub(crate) fn clean(self, text: &str) -> Result<String, Fault> {
        let face = self.read()?;
        let stands = if face.letters.map(BOX).is_some() { BOX } else { MARK };
        let letters = text.nfc().filter_map(|letter| match letter {
            '\u{a0}' => Some(letter),
            _ if letter.is_whitespace() || letter.is_control() => Some(' '),
            _ if is_invisible(letter) => None,
            _ if face.letters.map(letter).is_none() => Some(stands),
            _ => Some(letter),
        });
        Ok(letters.collect())
    }
}

impl Read {
    fn of(data: &'static [u8]) -> Option<Self> {
        let font = FontRef::new(data).ok()?;
        let mut read = Self {
            font: Font::new(data.to_vec().into(), 0)?,
            letters: font.charmap(),
            metrics: font.glyph_metrics(Size::unscaled(), LocationRef::default()),
            units_per_em: font.metrics(Size::unscaled(), LocationRef::default()).units_per_em.into(),
            usual: Vec::new(),
        };
        read.usual = (0..USUAL).filter_map(char::from_u32).map(|letter| read.look_up(letter)).collect();
        Some(read)
    }

    /// The glyph of a letter, and its width in ems.
    fn letter(&self, letter: char) -> (skrifa::GlyphId, f32) {
        let usual = usize::try_from(u32::from(letter)).ok().and_then(|place| self.usual.get(place));
        usual.copied().unwrap_or_else(|| self.look_up(letter))
    }

    fn look_up(&self, letter: char) -> (skrifa::GlyphId, f32) {
        let glyph = self.letters.map(letter).unwrap_or_default();
        (glyph, self.metrics.advance_width(glyph).unwrap_or_default() / self.units_per_em)
    }
}

/// Joiners, direction marks, byte order marks, and what no standard gives a meaning.
fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{fff0}'..='\u{ffff}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each vowel with each tone, and the seven letters that are Vietnam's own, in both cases.
    fn vietnamese() -> String {
        let vowels = "aăâeêioôơuưy".chars();
        let tones = ["", "\u{300}", "\u{309}", "\u{303}", "\u{301}", "\u{323}"];
        let lower: String = vowels
            .flat_map(|vowel| tones.map(|tone| format!("{vowel}{tone}")))
            .chain(["đ".to_owned()])
            .collect::<String>()
            .nfc()
            .collect();
        format!("{lower}{}", lower.to_uppercase())
    }

    #[test]
    fn every_face_has_every_vietnamese_letter() {
        assert_eq!(vietnamese().chars().count(), 2 * (12 * 6 + 1), "each is one letter");
        for face in [Face::Regular, Face::Bold, Face::Italic] {
            assert_eq!(face.clean(&vietnamese()).unwrap(), vietnamese(), "{face:?}");
            for letter in vietnamese().chars() {
                assert!(face.width(&letter.to_string(), 10.0).unwrap() > 1.0, "{face:?} {letter}");
            }
        }
    }

    #[test]
    fn what_is_decomposed_foreign_or_invisible_is_shown_as_far_as_it_can_be() {
        let face = Face::Regular;
        assert_eq!(face.clean("Nguye\u{302}\u{303}n\tVa\u{306}n\n\u{200b}A").unwrap(), "Nguyễn Văn A");
        assert_eq!(face.clean("王").unwrap().chars().count(), 1);
        assert_eq!(face.clean("\u{feff}\u{202e}").unwrap(), "");
    }
}
