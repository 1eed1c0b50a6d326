//! QR codes as black squares.

use qrcode::{Color, EcLevel, QrCode};

use crate::{
    Fault,
    layout::{Layout, Mark, count_or_none},
};

/// Modules that have to stay white around it (ISO/IEC 18004).
const QUIET: usize = 4;

/// Draws one into a square with this upper left corner, its white border within.
///
/// # Errors
/// `Fault::TooMuchForACode` for more than a code holds.
pub(crate) fn draw(layout: &mut Layout, text: &str, (left, top): (f32, f32), side: f32) -> Result<(), Fault> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| Fault::TooMuchForACode)?;
    let module = side / count_or_none(code.width() + 2 * QUIET);
    let mut at = Vec::new();
    for y in 0..code.width() {
        for x in 0..code.width() {
            if code[(x, y)] == Color::Dark {
                let offset = |number: usize| count_or_none(number + QUIET) * module;
                at.push((left + offset(x), top + offset(y)));
            }
        }
    }
    layout.mark(Mark::Squares { side: module, at });
    Ok(())
}
