//! Where the units lie that were weighed for a piece of work.

use maud::{Markup, html};

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 300.0;
const MARGIN: f64 = 28.0;
/// A picture shows a fifth of a degree at the least: neighbours are not to look far away.
const LEAST: f64 = 0.2;

/// A unit in the picture.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spot {
    /// As it stands beside the picture.
    pub(crate) number: usize,
    pub(crate) name: String,
    /// Degrees north and east.
    pub(crate) position: (f64, f64),
    pub(crate) is_home: bool,
    pub(crate) is_chosen: bool,
}

/// The units, north above: home a square, the chosen one filled, and the way between them. Nothing where none has a position.
pub(crate) fn drawn(label: &str, spots: &[Spot]) -> Markup {
    let Some(sheet) = Sheet::of(spots) else { return html! {} };
    let way =
        spots.iter().find(|spot| spot.is_home).zip(spots.iter().find(|spot| spot.is_chosen && !spot.is_home));
    html! {
        svg.picture role="img" aria-label=(label) viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } {
            @if let Some((home, chosen)) = way {
                @let ((x1, y1), (x2, y2)) = (sheet.at(home.position), sheet.at(chosen.position));
                line.way x1=(short(x1)) y1=(short(y1)) x2=(short(x2)) y2=(short(y2)) {}
            }
            @for spot in spots {
                @let (x, y) = sheet.at(spot.position);
                g.spot.chosen[spot.is_chosen] {
                    title { (spot.number) ". " (spot.name) }
                    @if spot.is_home {
                        rect x=(short(x - 11.0)) y=(short(y - 11.0)) width="22" height="22" {}
                    } @else {
                        circle cx=(short(x)) cy=(short(y)) r="12" {}
                    }
                    text x=(short(x)) y=(short(y + 4.5)) text-anchor="middle" { (spot.number) }
                }
            }
        }
    }
}

/// To a tenth: nobody sees less.
fn short(length: f64) -> String {
    format!("{length:.1}")
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
    fn of(spots: &[Spot]) -> Option<Self> {
        let (latitude, longitude) = spots.first()?.position;
        let widen = |(south, north, west, east): (f64, f64, f64, f64), spot: &Spot| {
            let (latitude, longitude) = spot.position;
            (south.min(latitude), north.max(latitude), west.min(longitude), east.max(longitude))
        };
        let (south, north, west, east) = spots.iter().fold((latitude, latitude, longitude, longitude), widen);
        let narrowing = ((north + south) / 2.0).to_radians().cos();
        let (high, wide) = ((north - south).max(LEAST), ((east - west) * narrowing).max(LEAST));
        let scale = ((WIDTH - 2.0 * MARGIN) / wide).min((HEIGHT - 2.0 * MARGIN) / high);
        // In the middle of what is left over.
        let spare = |room: f64, span: f64| (room / scale - span) / 2.0;
        Some(Self {
            north: north + spare(HEIGHT, north - south),
            west: west - spare(WIDTH, (east - west) * narrowing) / narrowing,
            scale,
            narrowing,
        })
    }

    fn at(&self, (latitude, longitude): (f64, f64)) -> (f64, f64) {
        ((longitude - self.west) * self.narrowing * self.scale, (self.north - latitude) * self.scale)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spot(number: usize, position: (f64, f64)) -> Spot {
        Spot { number, name: format!("<{number}>"), position, is_home: number == 1, is_chosen: number == 2 }
    }

    #[test]
    fn home_and_the_chosen_one_are_told_apart_without_colour() {
        let drawn = drawn("Nơi", &[spot(1, (20.2, 105.9)), spot(2, (20.4, 106.0)), spot(3, (20.3, 106.1))])
            .into_string();
        assert_eq!(
            (
                drawn.matches("<rect").count(),
                drawn.matches("<circle").count(),
                drawn.matches("<line").count()
            ),
            (1, 2, 1)
        );
        assert!(drawn.contains("&lt;3&gt;") && drawn.contains(r#"class="spot chosen""#), "{drawn}");
        assert_eq!(super::drawn("Nơi", &[]).into_string(), "");
    }

    proptest! {
        #[test]
        fn all_lie_in_the_picture_and_north_is_above(
            places in prop::collection::vec((8.0..24.0_f64, 102.0..110.0_f64), 1..8),
        ) {
            let spots: Vec<_> = places.iter().enumerate().map(|(place, position)| spot(place + 1, *position)).collect();
            let sheet = Sheet::of(&spots).unwrap();
            for one in &spots {
                let (x, y) = sheet.at(one.position);
                prop_assert!(x > MARGIN - 1.0 && x < WIDTH - MARGIN + 1.0 && y > MARGIN - 1.0 && y < HEIGHT - MARGIN + 1.0, "{x} {y}");
                for other in &spots {
                    if one.position.0 > other.position.0 {
                        prop_assert!(y < sheet.at(other.position).1);
                    }
                }
            }
        }
    }
}
