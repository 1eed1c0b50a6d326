//! One figure over the loads, with its intervals.

use std::fmt::Write as _;

use phidia_routing::simulate::{AtLoad, Comparison, Estimate, Measure};
use phidia_words::Words;

use super::both;
use crate::simulate::words::{self, Form};

const WIDTH: f64 = 380.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 28.0;
/// Lines across, beside the lowest.
const STEPS: u8 = 4;

/// The figure as a chart; nothing where no load has it.
pub(super) fn drawn(measure: Measure, loads: &[AtLoad]) -> String {
    let points: Vec<(f64, &Comparison)> =
        (loads.iter()).filter_map(|load| Some((load.load, load.figures.get(&measure)?))).collect();
    let Some(scale) = Scale::of(&points, words::form(measure)) else { return String::new() };
    let form = words::form(measure);
    let mut svg = format!(
        "<figure><figcaption>{}</figcaption><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\">",
        both(words::name(Words::VI, measure), words::name(Words::EN, measure))
    );
    for step in 0..=STEPS {
        let value = scale.least + (scale.most - scale.least) * f64::from(step) / f64::from(STEPS);
        let y = scale.y(value);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            y + 4.0,
            words::written(form, value, form != Form::Index),
        );
    }
    for (load, _) in &points {
        let (x, y) = (scale.x(*load), HEIGHT - 9.0);
        let _ = write!(svg, "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">× {load:.2}</text>");
    }
    svg += &series("against", &scale, points.iter().map(|(load, figure)| (*load, figure.against)));
    svg += &series("policy", &scale, points.iter().map(|(load, figure)| (*load, figure.policy)));
    svg + "</svg></figure>"
}

fn series(class: &str, scale: &Scale, points: impl Iterator<Item = (f64, Estimate)>) -> String {
    let (mut path, mut marks) = (String::new(), String::new());
    for (load, Estimate { mean, half_width }) in points {
        let (x, y) = (scale.x(load), scale.y(mean));
        let _ = write!(path, "{}{x:.1} {y:.1}", if path.is_empty() { 'M' } else { 'L' });
        let half_width = half_width.unwrap_or(0.0);
        let (low, high) = (scale.y(mean - half_width), scale.y(mean + half_width));
        let _ = write!(
            marks,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{low:.1}\" y2=\"{high:.1}\"/>\
             <circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>"
        );
    }
    format!("<g class=\"series {class}\"><path d=\"{path}\"/>{marks}</g>")
}

/// From loads and values to places in the drawing.
struct Scale {
    least: f64,
    most: f64,
    first: f64,
    last: f64,
}

impl Scale {
    fn of(points: &[(f64, &Comparison)], form: Form) -> Option<Self> {
        let (first, last) = (points.first()?.0, points.last()?.0);
        let ends =
            points.iter().flat_map(|(_, figure)| [figure.policy, figure.against]).flat_map(|estimate| {
                let half_width = estimate.half_width.unwrap_or(0.0);
                [estimate.mean - half_width, estimate.mean + half_width]
            });
        let (least, most) =
            ends.fold((f64::MAX, f64::MIN), |(least, most), end| (least.min(end), most.max(end)));
        let room = ((most - least) * 0.08).max(if form == Form::Share { 0.001 } else { 0.01 });
        // No share is more than all, and nothing that is counted is less than nothing.
        let ceiling = if matches!(form, Form::Share | Form::Index) { 1.0 } else { f64::MAX };
        let floor = if least < 0.0 { f64::MIN } else { 0.0 };
        Some(Self { least: (least - room).max(floor), most: (most + room).min(ceiling), first, last })
    }

    fn x(&self, load: f64) -> f64 {
        let span = self.last - self.first;
        let share = if span > 0.0 { (load - self.first) / span } else { 0.5 };
        LEFT + 22.0 + share * (WIDTH - LEFT - RIGHT - 44.0)
    }

    fn y(&self, value: f64) -> f64 {
        let share = (value.clamp(self.least, self.most) - self.least) / (self.most - self.least);
        HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
    }
}
