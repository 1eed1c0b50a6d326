//! The centres of the province, coloured by how many of their citizens' applications are finished on time, and the
//! ways that work takes between them.

use std::{collections::BTreeMap, fmt::Write as _};

use phidia_routing::simulate::{AtLoad, Place, Report};

use super::{both, escaped};

const WIDTH: f64 = 520.0;
const HEIGHT: f64 = 470.0;
const MARGIN: f64 = 22.0;
/// From which on-time share on a centre is shown as middling, and from which as good.
const BOUNDS: [f64; 2] = [0.9, 0.98];

/// Both maps of a load, side by side; nothing where no position is known.
pub(super) fn drawn(report: &Report, load: &AtLoad) -> String {
    let Some(sheet) = Sheet::of(&load.places) else { return String::new() };
    let heading = format!(
        "<h2>{} {:.2}</h2><p class=\"soft\">{}</p>",
        both("Các trung tâm ở mức tải", "The centres at load"),
        load.load,
        both(
            "Màu: tỷ lệ đúng hạn của hồ sơ thuộc nơi đó (đỏ: dưới 90 %, vàng: dưới 98 %, xanh: từ 98 %). Độ lớn: \
             số hồ sơ. Đường: việc làm giúp, càng đậm càng nhiều.",
            "Colour: on-time share of the applications at home there (red: below 90 %, yellow: below 98 %, green: \
             from 98 %). Size: applications. Lines: work done for others, the thicker the more."
        ),
    );
    let against = sheet.map(&report.against, load, 1, &[]);
    let flows: Vec<_> = load.flows.iter().collect();
    let policy = sheet.map(&report.policy, load, 0, &flows);
    format!("{heading}<section class=\"maps\">{against}{policy}</section>")
}

/// From latitude and longitude to places in the drawing.
struct Sheet {
    north: f64,
    west: f64,
    /// Drawn units in a degree of latitude.
    scale: f64,
    /// How much shorter a degree of longitude is.
    narrowing: f64,
}

impl Sheet {
    fn of(places: &[Place]) -> Option<Self> {
        let known: Vec<_> = places.iter().filter_map(|place| place.position).collect();
        let (latitude, longitude) = *known.first()?;
        let widen = |(south, north, west, east): (f64, f64, f64, f64), (latitude, longitude): &(f64, f64)| {
            (south.min(*latitude), north.max(*latitude), west.min(*longitude), east.max(*longitude))
        };
        let (south, north, west, east) = known.iter().fold((latitude, latitude, longitude, longitude), widen);
        let narrowing = ((north + south) / 2.0).to_radians().cos();
        let fits = |room: f64, span: f64| (room - 2.0 * MARGIN) / span.max(1e-6);
        let scale = fits(WIDTH, (east - west) * narrowing).min(fits(HEIGHT, north - south));
        Some(Self { north, west, scale, narrowing })
    }

    fn at(&self, (latitude, longitude): (f64, f64)) -> (f64, f64) {
        let east = (longitude - self.west) * self.narrowing * self.scale;
        (MARGIN + east, MARGIN + (self.north - latitude) * self.scale)
    }

    fn map(
        &self,
        title: &str,
        load: &AtLoad,
        which: usize,
        flows: &[&phidia_routing::simulate::Flow],
    ) -> String {
        let places: BTreeMap<&str, (f64, f64)> = (load.places.iter())
            .filter_map(|place| Some((place.code.as_str(), self.at(place.position?))))
            .collect();
        let most_moved = flows.first().map_or(1.0, |flow| flow.applications).max(1.0);
        let most = load.places.iter().map(|place| place.applications).fold(1.0, f64::max);
        let mut svg = format!(
            "<figure><figcaption>{}</figcaption><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\">",
            escaped(title)
        );
        for flow in flows {
            let ends = places.get(flow.from.as_str()).zip(places.get(flow.to.as_str()));
            let Some(((x1, y1), (x2, y2))) = ends else { continue };
            // Bent to the right, so that there and back are two lines.
            let (x, y) = ((x1 + x2) / 2.0 - (y2 - y1) * 0.12, (y1 + y2) / 2.0 + (x2 - x1) * 0.12);
            let width = 0.4 + 4.0 * flow.applications / most_moved;
            let _ = write!(
                svg,
                "<path class=\"flow\" stroke-width=\"{width:.2}\" d=\"M{x1:.1} {y1:.1}Q{x:.1} {y:.1} {x2:.1} {y2:.1}\"/>"
            );
        }
        for place in &load.places {
            let Some((x, y)) = places.get(place.code.as_str()) else { continue };
            let on_time = place.on_time[which];
            let band = BOUNDS.iter().filter(|bound| on_time >= **bound).count();
            let radius = 2.5 + 8.0 * (place.applications / most).sqrt();
            let _ = write!(
                svg,
                "<circle class=\"place b{band}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\">\
                 <title>{}: {:.1} %, {:.0}</title></circle>",
                escaped(&place.name.vi),
                on_time * 100.0,
                place.applications,
            );
        }
        svg + "</svg></figure>"
    }
}
