//! Texts, and how they are broken into lines.

use crate::{Fault, typeface::Face};

/// A piece of a paragraph in one face.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) face: Face,
    pub(crate) text: String,
}

/// What is said.
pub(crate) fn plain(text: impl Into<String>) -> Span {
    Span { face: Face::Regular, text: text.into() }
}

/// What was filled in, or a heading.
pub(crate) fn bold(text: impl Into<String>) -> Span {
    Span { face: Face::Bold, text: text.into() }
}

/// A remark.
pub(crate) fn italic(text: impl Into<String>) -> Span {
    Span { face: Face::Italic, text: text.into() }
}

/// One line of a paragraph.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Line {
    pub(crate) spans: Vec<Span>,
    /// Width in points, with every space as wide as the face says.
    pub(crate) width: f32,
    /// Whether it is the last one of its paragraph: that one is never stretched.
    pub(crate) last: bool,
}

impl Line {
    /// Spaces that may be stretched.
    pub(crate) fn spaces(&self) -> usize {
        self.spans.iter().map(|span| span.text.matches(' ').count()).sum()
    }
}

/// What is set without a break: a word, in one face or several.
type Word = Vec<Span>;

/// Breaks a paragraph into lines no wider than `width` points, the first one by `indent` less. Only a word that is wider than a
/// line by itself is broken: behind a hyphen, stop, slash or `@` if it has one, and between any two letters if not. An empty
/// paragraph is one empty line.
pub(crate) fn lines(spans: &[Span], size: f32, width: f32, indent: f32) -> Result<Vec<Line>, Fault> {
    let mut setter = Setter { lines: Vec::new(), line: Line::default(), size, width, indent };
    for word in words(spans)? {
        setter.word(word)?;
    }
    let mut lines = setter.lines;
    lines.push(Line { last: true, ..setter.line });
    Ok(lines)
}

/// The same with the lines as equally long as they can be without there being more of them: for what is centred.
pub(crate) fn balanced(spans: &[Span], size: f32, width: f32) -> Result<Vec<Line>, Fault> {
    const STEPS: usize = 12;
    let mut best = lines(spans, size, width, 0.0)?;
    let (mut low, mut high) = (0.0, width);
    for _ in 0..STEPS {
        let middle = (low + high) / 2.0;
        let tried = lines(spans, size, middle, 0.0)?;
        // Narrower than a letter, a line is as wide as that.
        match tried.len() <= best.len() && tried.iter().all(|line| line.width <= middle) {
            true => (best, high) = (tried, middle),
            false => low = middle,
        }
    }
    Ok(best)
}

/// Fills up the last line with dots where it ends with what is filled in by hand.
pub(crate) fn lead_out(lines: &mut [Line], size: f32, room: f32) -> Result<(), Fault> {
    const DOTS: char = '…';
    let Some(line) = lines.last_mut() else { return Ok(()) };
    let Some(span) = line.spans.last_mut().filter(|span| span.text.ends_with(DOTS)) else { return Ok(()) };
    let dots = span.face.width(&DOTS.to_string(), size)?;
    while dots > 0.0 && line.width + dots <= room {
        span.text.push(DOTS);
        line.width += dots;
    }
    Ok(())
}

struct Setter {
    lines: Vec<Line>,
    line: Line,
    size: f32,
    width: f32,
    indent: f32,
}

impl Setter {
    /// What is left of the width of the present line.
    fn room(&self) -> f32 {
        let indent = if self.lines.is_empty() { self.indent } else { 0.0 };
        self.width - indent - self.line.width
    }

    fn word(&mut self, word: Word) -> Result<(), Fault> {
        let space = match word.first() {
            Some(first) if !self.line.spans.is_empty() => Some(Span { face: first.face, text: " ".into() }),
            _ => None,
        };
        let wide = width(&word, self.size)? + width(space.as_slice(), self.size)?;
        if wide <= self.room() {
            return space.into_iter().chain(word).try_for_each(|span| self.put(span));
        }
        if !self.line.spans.is_empty() {
            self.end();
        }
        if width(&word, self.size)? <= self.room() {
            return word.into_iter().try_for_each(|span| self.put(span));
        }
        for Span { face, text } in word {
            for part in text.split_inclusive(['-', '.', '/', '@']) {
                self.part(face, part)?;
            }
        }
        Ok(())
    }

    /// A part of a word that is too wide.
    fn part(&mut self, face: Face, part: &str) -> Result<(), Fault> {
        if face.width(part, self.size)? > self.room() && !self.line.spans.is_empty() {
            self.end();
        }
        if face.width(part, self.size)? <= self.room() {
            return self.put(Span { face, text: part.to_owned() });
        }
        for letter in part.chars() {
            let span = Span { face, text: letter.into() };
            if face.width(&span.text, self.size)? > self.room() && !self.line.spans.is_empty() {
                self.end();
            }
            self.put(span)?;
        }
        Ok(())
    }

    fn put(&mut self, span: Span) -> Result<(), Fault> {
        self.line.width += span.face.width(&span.text, self.size)?;
        match self.line.spans.last_mut().filter(|last| last.face == span.face) {
            Some(last) => last.text.push_str(&span.text),
            None => self.line.spans.push(span),
        }
        Ok(())
    }

    fn end(&mut self) {
        self.lines.push(std::mem::take(&mut self.line));
    }
}

fn width(spans: &[Span], size: f32) -> Result<f32, Fault> {
    spans.iter().map(|span| span.face.width(&span.text, size)).sum()
}

/// The words of a paragraph: what stands between two spaces, though its faces change.
fn words(spans: &[Span]) -> Result<Vec<Word>, Fault> {
    let mut words: Vec<Word> = Vec::new();
    let mut within = false;
    for Span { face, text } in spans {
        let text = face.clean(text)?;
        for (number, part) in text.split(' ').enumerate() {
            // Between two parts there was a space.
            within &= number == 0;
            if part.is_empty() {
                continue;
            }
            let span = Span { face: *face, text: part.to_owned() };
            match words.last_mut().filter(|_| within) {
                Some(word) => word.push(span),
                None => words.push(vec![span]),
            }
            within = true;
        }
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(lines: &[Line]) -> Vec<String> {
        lines.iter().map(|line| line.spans.iter().map(|span| span.text.as_str()).collect()).collect()
    }

    #[test]
    fn lines_break_between_words_and_faces_may_change_within_one() {
        let spans = [plain("Tiếp nhận hồ sơ của: "), bold("Nguyễn Thị Hồng Ánh"), plain(".")];
        let lines = lines(&spans, 12.0, 130.0, 0.0).unwrap();
        assert_eq!(texts(&lines), ["Tiếp nhận hồ sơ của:", "Nguyễn Thị Hồng Ánh."]);
        assert_eq!(lines.iter().map(|line| line.last).collect::<Vec<_>>(), [false, true]);
        assert_eq!(texts(&super::lines(&[], 12.0, 130.0, 0.0).unwrap()), [""]);
    }

    #[test]
    fn a_code_is_broken_behind_a_hyphen_and_titles_are_balanced() {
        let code = lines(&[plain("H42.14701-261123-0001")], 9.0, 60.0, 0.0).unwrap();
        assert_eq!(texts(&code), ["H42.14701-", "261123-0001"]);
        let title = [bold("PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ")];
        let balanced = balanced(&title, 14.0, 320.0).unwrap();
        assert_eq!(texts(&balanced), ["PHIẾU KIỂM SOÁT QUÁ", "TRÌNH GIẢI QUYẾT HỒ SƠ"]);
    }

    #[test]
    fn dots_go_on_to_the_margin() {
        let mut blank = lines(&[plain("Địa chỉ: …")], 12.0, 200.0, 0.0).unwrap();
        lead_out(&mut blank, 12.0, 200.0).unwrap();
        assert!(blank[0].width > 188.0 && blank[0].width <= 200.0, "{}", blank[0].width);
        assert!(texts(&blank)[0].ends_with("………"));
    }

    proptest! {
        /// No line is wider than it may be, and nothing of the text is lost.
        #[test]
        fn nothing_is_too_wide_and_nothing_is_lost(
            words in proptest::collection::vec("[a-zA-ZàáảãạăằắẳẵặâầấẩẫậđêếềểễệôồốổỗộơờớởỡợưừứửữựỳýỷỹỵĐ0-9.,]{1,60}", 0..30),
            width in 30.0_f32..500.0,
            indent in 0.0_f32..20.0,
        ) {
            let text = words.join(" ");
            let lines = lines(&[plain(&text)], 13.0, width, indent).unwrap();
            for (number, line) in lines.iter().enumerate() {
                let room = if number == 0 { width - indent } else { width };
                prop_assert!(line.width <= room + 0.01, "{} > {room}", line.width);
            }
            let without_spaces = |text: &str| text.replace(' ', "");
            prop_assert_eq!(without_spaces(&texts(&lines).concat()), without_spaces(&text));
        }
    }
}
