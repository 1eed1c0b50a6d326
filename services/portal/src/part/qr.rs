//! QR codes as one path of SVG.

use std::fmt::Write as _;

use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};

/// Modules that have to stay white around it (ISO/IEC 18004).
const QUIET: usize = 4;

/// A code that says this text, with what it is for whoever does not see it; nothing for more than a code holds.
pub(crate) fn qr(text: &str, label: &str) -> Markup {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return Markup::default() };
    let side = code.width() + 2 * QUIET;
    html! {
        svg.qr viewBox={ "0 0 " (side) " " (side) } role="img" aria-label=(label) shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path(&code)) fill="#000" {}
        }
    }
}

/// Each run of black modules of a line.
fn path(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.width() {
        let mut x = 0;
        while x < code.width() {
            let run = (x..code.width()).take_while(|at| code[(*at, y)] == Color::Dark).count();
            if run > 0 {
                // Writing into memory does not fail.
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_black_module_is_in_the_path_once() {
        let code = QrCode::with_error_correction_level("https://example.vn/t/1/2", EcLevel::M).unwrap();
        let runs = path(&code);
        let drawn: usize = runs
            .split('h')
            .skip(1)
            .step_by(2)
            .map(|run| run.split('v').next().unwrap().parse::<usize>().unwrap())
            .sum();
        let black = code.to_colors().into_iter().filter(|color| *color == Color::Dark).count();
        assert_eq!(drawn, black);
        assert!(qr("x", "y").into_string().contains("role=\"img\" aria-label=\"y\""));
        assert!(qr(&"x".repeat(5_000), "y").into_string().is_empty());
    }
}
