//! Tables: cells wrap, rows go over to the next page, and the headings are there again.

use crate::{
    Fault,
    layout::{Align, Column, Layout, Mark, Style, leading},
    text::{self, Line, Span},
};

/// Between a cell's edge and its text.
const PADDING: f32 = 4.0;

/// A heading over one column or several.
#[derive(Clone, Debug)]
pub(crate) struct Heading {
    pub(crate) text: &'static str,
    /// Shares of the table's width.
    pub(crate) share: f32,
}

/// The columns of a table. A group stands over several of them that follow each other.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    pub(crate) headings: Vec<Heading>,
    /// Its text, its first column and how many it has.
    pub(crate) group: Option<(&'static str, usize, usize)>,
    pub(crate) size: f32,
    /// Numbers the columns in a row under the headings, as official registers do.
    pub(crate) numbered: bool,
    /// Whether the text of each column is centred.
    pub(crate) centred: Vec<bool>,
}

/// A table while it is filled.
pub(crate) struct Table<'l> {
    layout: &'l mut Layout,
    columns: Columns,
    places: Vec<Column>,
}

/// The lines of each cell of a row.
type Cells = Vec<Vec<Line>>;

impl<'l> Table<'l> {
    /// Begins one, with its headings.
    pub(crate) fn begin(layout: &'l mut Layout, columns: Columns) -> Result<Self, Fault> {
        let whole = layout.column();
        let shares: f32 = columns.headings.iter().map(|heading| heading.share).sum();
        let mut left = whole.left;
        let mut places = Vec::new();
        for heading in &columns.headings {
            let width = whole.width * heading.share / shares;
            places.push(Column { left, width });
            left += width;
        }
        let mut table = Self { layout, columns, places };
        let height = table.headings_height()?;
        // Headings with nothing under them are of no use.
        table.layout.need(height + 3.0 * leading(table.columns.size));
        table.headings()?;
        Ok(table)
    }

    /// A row, each cell of some paragraphs; one that is higher than what is left of a page goes on on the next. `least` is its
    /// least height.
    pub(crate) fn row(&mut self, cells: &[Vec<Vec<Span>>], least: f32) -> Result<(), Fault> {
        let mut cells = self.wrapped(cells)?;
        let whole = self.height(&cells).max(least);
        let fresh = self.layout.paper.height / 2.0;
        if whole > self.layout.room() && whole < fresh {
            self.next_page()?;
        }
        loop {
            let line = leading(self.columns.size);
            let room = self.layout.room() - 2.0 * PADDING;
            let mut fit = 0;
            while crate::layout::count_or_none(fit + 1) * line <= room {
                fit += 1;
            }
            if fit == 0 {
                self.next_page()?;
                continue;
            }
            let rest: Cells = cells.iter_mut().map(|lines| lines.split_off(lines.len().min(fit))).collect();
            let height = self.height(&cells).max(least).min(self.layout.room());
            self.draw(&cells, height)?;
            if rest.iter().all(Vec::is_empty) {
                return Ok(());
            }
            cells = rest;
            self.next_page()?;
        }
    }

    fn next_page(&mut self) -> Result<(), Fault> {
        self.layout.turn_over();
        self.headings()
    }

    fn wrapped(&self, cells: &[Vec<Vec<Span>>]) -> Result<Cells, Fault> {
        let size = self.columns.size;
        let wrap = |(paragraphs, place): (&Vec<Vec<Span>>, &Column)| {
            let wrap = |spans: &Vec<Span>| text::lines(spans, size, place.width - 2.0 * PADDING, 0.0);
            Ok(paragraphs.iter().map(wrap).collect::<Result<Vec<_>, Fault>>()?.concat())
        };
        cells.iter().zip(&self.places).map(wrap).collect()
    }

    fn height(&self, cells: &Cells) -> f32 {
        let most = cells.iter().map(Vec::len).max().unwrap_or_default();
        crate::layout::count_or_none(most) * leading(self.columns.size) + 2.0 * PADDING
    }

    /// Draws a row and its edges, and goes below it.
    fn draw(&mut self, cells: &Cells, height: f32) -> Result<(), Fault> {
        let top = self.layout.y;
        for (number, (lines, place)) in cells.iter().zip(self.places.clone()).enumerate() {
            let centred = self.columns.centred.get(number).copied().unwrap_or_default();
            self.cell(lines, place, top + PADDING, centred)?;
        }
        self.box_of(&self.places.clone(), top, height);
        self.layout.y = top + height;
        Ok(())
    }

    fn cell(&mut self, lines: &[Line], place: Column, top: f32, centred: bool) -> Result<(), Fault> {
        self.layout.y = top;
        let align = if centred { Align::Centre } else { Align::Left };
        let style = Style { size: self.columns.size, align, indent: 0.0, above: 0.0 };
        let within = Column { left: place.left + PADDING, width: place.width - 2.0 * PADDING };
        lines.iter().try_for_each(|line| self.layout.line(within, style, 0.0, line))
    }

    /// The edges of a row of cells.
    fn box_of(&mut self, places: &[Column], top: f32, height: f32) {
        let bottom = top + height;
        let (Some(first), Some(last)) = (places.first(), places.last()) else { return };
        let right = last.left + last.width;
        for y in [top, bottom] {
            self.layout.mark(Mark::Line { from: (first.left, y), to: (right, y) });
        }
        for x in places.iter().map(|place| place.left).chain([right]) {
            self.layout.mark(Mark::Line { from: (x, top), to: (x, bottom) });
        }
    }

    fn heading_cells(&self) -> Result<Cells, Fault> {
        let wrap = |(heading, place): (&Heading, &Column)| {
            text::balanced(&[text::bold(heading.text)], self.columns.size, place.width - 2.0 * PADDING)
        };
        self.columns.headings.iter().zip(&self.places).map(wrap).collect()
    }

    /// The columns that the group stands over, and the height of its text.
    fn group(&self) -> Option<(&'static str, std::ops::Range<usize>, f32)> {
        let (text, first, many) = self.columns.group?;
        Some((text, first..first + many, leading(self.columns.size) + 2.0 * PADDING))
    }

    fn headings_height(&self) -> Result<f32, Fault> {
        let cells = self.heading_cells()?;
        let group = self.group();
        let mut most: f32 = 0.0;
        for (number, lines) in cells.into_iter().enumerate() {
            let over = group.as_ref().filter(|(_, under, _)| under.contains(&number));
            most = most.max(self.height(&vec![lines]) + over.map_or(0.0, |(_, _, height)| *height));
        }
        Ok(most)
    }

    fn headings(&mut self) -> Result<(), Fault> {
        let (top, height, cells, group) =
            (self.layout.y, self.headings_height()?, self.heading_cells()?, self.group());
        for (number, lines) in cells.iter().enumerate() {
            let Some(place) = self.places.get(number).copied() else { continue };
            let over = group.as_ref().filter(|(_, under, _)| under.contains(&number));
            let from = top + over.map_or(0.0, |(_, _, height)| *height);
            let free = top + height - from - self.height(&vec![lines.clone()]);
            self.cell(lines, place, from + PADDING + free / 2.0, true)?;
            self.box_of(&[place], from, top + height - from);
        }
        if let Some((text, under, over)) = group {
            let places = self.places.get(under).unwrap_or_default();
            let (Some(first), Some(last)) = (places.first(), places.last()) else { return Ok(()) };
            let place = Column { left: first.left, width: last.left + last.width - first.left };
            let within = place.width - 2.0 * PADDING;
            let lines = text::lines(&[text::bold(text)], self.columns.size, within, 0.0)?;
            self.cell(&lines, place, top + PADDING, true)?;
            self.box_of(&[place], top, over);
        }
        self.layout.y = top + height;
        if self.columns.numbered {
            let numbers: Vec<_> =
                (1..=self.places.len()).map(|number| vec![vec![text::italic(number.to_string())]]).collect();
            let cells = self.wrapped(&numbers)?;
            let (height, centred) = (self.height(&cells), self.columns.centred.clone());
            self.columns.centred = vec![true; self.places.len()];
            self.draw(&cells, height)?;
            self.columns.centred = centred;
        }
        Ok(())
    }
}
