//! Pages as PDF/A-2u: the standard for archives (ISO 19005-2), every text in it readable by programs. The same pages always make the
//! same bytes.

use jiff::civil::DateTime;
use krilla::{
    Document, SerializeSettings,
    configure::{Archival, ConfigurationBuilder},
    geom::{PathBuilder, Point, Rect},
    metadata::{self, Metadata},
    page::PageSettings,
    paint::{Fill, Stroke},
    surface::Surface,
};

use crate::{
    Fault,
    layout::{HAIRLINE, Layout, Mark},
};

/// Writes it. `made_at` is a time of the province, seven hours before Greenwich.
///
/// # Errors
/// `Fault::Written` where the PDF does not come about.
pub(crate) fn write(layout: &Layout, title: &str, made_at: DateTime) -> Result<Vec<u8>, Fault> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_U)
        .finish()
        .map_err(|fault| Fault::Written(format!("{fault:?}")))?;
    let mut document =
        Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    document.set_metadata(
        Metadata::new().title(title.to_owned()).language("vi".to_owned()).creation_date(date(made_at)),
    );
    for marks in &layout.pages {
        let size = PageSettings::from_wh(layout.paper.width, layout.paper.height);
        let mut page = document.start_page_with(size.ok_or(Fault::Geometry)?);
        let mut surface = page.surface();
        for mark in marks {
            draw(&mut surface, mark)?;
        }
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|fault| Fault::Written(format!("{fault:?}")))
}

fn draw(surface: &mut Surface<'_>, mark: &Mark) -> Result<(), Fault> {
    match mark {
        Mark::Text { x, y, span, size, stretch } => {
            let mut glyphs = span.face.glyphs(&span.text)?;
            for (glyph, letter) in glyphs.iter_mut().zip(span.text.chars()) {
                if letter == ' ' {
                    glyph.x_advance += stretch / size;
                }
            }
            surface.set_stroke(None);
            surface.set_fill(Some(Fill::default()));
            surface.draw_glyphs(Point::from_xy(*x, *y), &glyphs, span.face.font()?, &span.text, *size, false);
        }
        Mark::Line { from, to } => {
            let mut path = PathBuilder::new();
            path.move_to(from.0, from.1);
            path.line_to(to.0, to.1);
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke { width: HAIRLINE, ..Stroke::default() }));
            surface.draw_path(&path.finish().ok_or(Fault::Geometry)?);
        }
        Mark::Squares { side, at } => {
            let mut path = PathBuilder::new();
            for (x, y) in at {
                path.push_rect(Rect::from_xywh(*x, *y, *side, *side).ok_or(Fault::Geometry)?);
            }
            surface.set_stroke(None);
            surface.set_fill(Some(Fill::default()));
            surface.draw_path(&path.finish().ok_or(Fault::Geometry)?);
        }
    }
    Ok(())
}

fn date(at: DateTime) -> metadata::DateTime {
    let part = |part: i8| part.unsigned_abs();
    metadata::DateTime::new(at.year().unsigned_abs())
        .month(part(at.month()))
        .day(part(at.day()))
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()))
        .utc_offset_hour(7)
        .utc_offset_minute(0)
}
