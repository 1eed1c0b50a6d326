//! Pages, and what stands where on them: from the top down, on a new page wherever there is no room. Points, from the upper left
//! corner of the page.

use crate::{
    Fault,
    text::{self, Line, Span},
};

const MILLIMETRE: f32 = 72.0 / 25.4;
/// A4.
const SHORT_SIDE: f32 = 210.0 * MILLIMETRE;
const LONG_SIDE: f32 = 297.0 * MILLIMETRE;
/// From one line to the next, in sizes of the letters: Vietnamese capitals bear two signs on top of each other.
const LEADING: f32 = 1.3;
/// From the top of a line to its base, in sizes.
const ASCENT: f32 = 0.95;
/// From the base line of the foot to the end of the text.
const FOOT: f32 = 14.0;
const FOOT_SIZE: f32 = 9.0;
/// Lines are that thick.
pub(crate) const HAIRLINE: f32 = 0.5;

/// The paper, and how much of it is left free.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Paper {
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) top: f32,
    pub(crate) bottom: f32,
    pub(crate) left: f32,
    pub(crate) right: f32,
}

impl Paper {
    /// A4 upright, with the margins of administrative documents (Decree 30/2020/NĐ-CP, appendix I: 20–25 mm above and below,
    /// 30–35 mm left, 15–20 mm right).
    pub(crate) const UPRIGHT: Self = Self {
        width: SHORT_SIDE,
        height: LONG_SIDE,
        top: 20.0 * MILLIMETRE,
        bottom: 20.0 * MILLIMETRE,
        left: 30.0 * MILLIMETRE,
        right: 15.0 * MILLIMETRE,
    };

    /// A4 on its side, for what has many columns. The same margins, turned with the sheet.
    pub(crate) const ON_ITS_SIDE: Self = Self {
        width: LONG_SIDE,
        height: SHORT_SIDE,
        top: 20.0 * MILLIMETRE,
        bottom: 15.0 * MILLIMETRE,
        left: 20.0 * MILLIMETRE,
        right: 20.0 * MILLIMETRE,
    };

    /// Of the text.
    pub(crate) fn text_width(&self) -> f32 {
        self.width - self.left - self.right
    }

    /// Where the text has to end.
    fn end(&self) -> f32 {
        self.height - self.bottom - FOOT
    }
}

/// Something on a page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mark {
    /// A text on its base line.
    Text {
        /// Where it begins.
        x: f32,
        /// Its base line.
        y: f32,
        span: Span,
        size: f32,
        /// What each space is wider by than the face says.
        stretch: f32,
    },
    /// Black from here to there.
    Line { from: (f32, f32), to: (f32, f32) },
    /// Black squares of one side each, by their upper left corners.
    Squares { side: f32, at: Vec<(f32, f32)> },
}

/// How a paragraph stands in its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Centre,
    /// From margin to margin.
    Justify,
}

/// How a paragraph is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Style {
    pub(crate) size: f32,
    pub(crate) align: Align,
    /// Of the first line.
    pub(crate) indent: f32,
    /// Space above it.
    pub(crate) above: f32,
}

/// A column of the text: where paragraphs stand side by side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Column {
    pub(crate) left: f32,
    pub(crate) width: f32,
}

/// A document while it is laid out.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) paper: Paper,
    pub(crate) pages: Vec<Vec<Mark>>,
    /// Where the next line begins.
    pub(crate) y: f32,
}

impl Layout {
    pub(crate) fn new(paper: Paper) -> Self {
        Self { paper, pages: vec![Vec::new()], y: paper.top }
    }

    /// The whole width of the text.
    pub(crate) fn column(&self) -> Column {
        Column { left: self.paper.left, width: self.paper.text_width() }
    }

    pub(crate) fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// A new page, unless there is still so much room on this one.
    pub(crate) fn need(&mut self, height: f32) {
        if self.y + height > self.paper.end() && self.y > self.paper.top {
            self.turn_over();
        }
    }

    pub(crate) fn turn_over(&mut self) {
        self.pages.push(Vec::new());
        self.y = self.paper.top;
    }

    /// What is left on this page.
    pub(crate) fn room(&self) -> f32 {
        self.paper.end() - self.y
    }

    pub(crate) fn skip(&mut self, height: f32) {
        self.y += height;
    }

    /// A paragraph over the whole width.
    pub(crate) fn paragraph(&mut self, style: Style, spans: &[Span]) -> Result<(), Fault> {
        self.paragraph_in(self.column(), style, spans)
    }

    /// A paragraph in a column.
    pub(crate) fn paragraph_in(&mut self, column: Column, style: Style, spans: &[Span]) -> Result<(), Fault> {
        let lines = match style.align {
            Align::Centre => text::balanced(spans, style.size, column.width)?,
            Align::Left | Align::Justify => {
                let mut lines = text::lines(spans, style.size, column.width, style.indent)?;
                let indent = if lines.len() == 1 { style.indent } else { 0.0 };
                text::lead_out(&mut lines, style.size, column.width - indent)?;
                lines
            }
        };
        self.skip(style.above);
        for (number, line) in lines.iter().enumerate() {
            self.need(leading(style.size));
            let indent = if number == 0 { style.indent } else { 0.0 };
            self.line(column, style, indent, line)?;
        }
        Ok(())
    }

    /// One line, and down to the next.
    pub(crate) fn line(
        &mut self,
        column: Column,
        style: Style,
        indent: f32,
        line: &Line,
    ) -> Result<(), Fault> {
        let free = column.width - indent - line.width;
        let (shift, stretch) = match style.align {
            Align::Centre => (free / 2.0, 0.0),
            Align::Justify if !line.last => (0.0, free / count(line.spaces())),
            Align::Left | Align::Justify => (0.0, 0.0),
        };
        let mut x = column.left + indent + shift;
        for span in &line.spans {
            let spaces = span.text.matches(' ').count();
            let width = span.face.width(&span.text, style.size)? + stretch * count_or_none(spaces);
            let y = self.y + ASCENT * style.size;
            self.mark(Mark::Text { x, y, span: span.clone(), size: style.size, stretch });
            x += width;
        }
        self.y += leading(style.size);
        Ok(())
    }

    /// Writes at the foot of each page what it belongs to, and which of how many it is.
    pub(crate) fn number_pages(&mut self, what: &str) -> Result<(), Fault> {
        let Paper { height, bottom, .. } = self.paper;
        let (column, last, pages) = (self.column(), self.pages.len(), self.pages.clone());
        self.pages.clear();
        for (number, page) in pages.into_iter().enumerate() {
            self.pages.push(page);
            self.y = height - bottom - FOOT_SIZE;
            let style = Style { size: FOOT_SIZE, align: Align::Left, indent: 0.0, above: 0.0 };
            let right = text::italic(format!("Trang {}/{last}", number + 1));
            let taken = right.face.width(&right.text, FOOT_SIZE)?;
            let room = Column { width: column.width - taken - FOOT_SIZE, ..column };
            for spans in text::lines(&[text::italic(what)], FOOT_SIZE, room.width, 0.0)?.iter().take(1) {
                self.line(room, style, 0.0, spans)?;
            }
            self.y = height - bottom - FOOT_SIZE;
            let at = Column { left: column.left + column.width - taken, width: taken + 1.0 };
            for spans in &text::lines(&[right], FOOT_SIZE, at.width, 0.0)? {
                self.line(at, style, 0.0, spans)?;
            }
        }
        Ok(())
    }
}

/// The height of a line.
pub(crate) fn leading(size: f32) -> f32 {
    size * LEADING
}

/// How many, at least one: what is divided by it.
fn count(number: usize) -> f32 {
    count_or_none(number.max(1))
}

/// How many.
pub(crate) fn count_or_none(number: usize) -> f32 {
    f32::from(u16::try_from(number).unwrap_or(u16::MAX))
}
