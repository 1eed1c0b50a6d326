//! A province as a map of cells: each place of a cell lies nearer to its centre than to any other (Voronoi). Borders are not known, and this
//! does not claim to show them. Circles around the centres would lie over each other in towns; cells do not.
//!
//! Each cell is cut out by half-planes: 129 centres are 129 · 128 cuts, a few milliseconds, and nothing of it can go wrong by rounding but
//! the last digit.

use std::f64::consts::TAU;

/// A place in the plane, in kilometres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    /// To the east.
    pub(crate) x: f64,
    /// To the south, as pictures are drawn.
    pub(crate) y: f64,
}

/// How far the land goes on around the outermost centres.
const MARGIN: f64 = 4.0;
/// No cell goes farther from its centre.
const REACH: f64 = 7.0;
/// A circle is drawn by so many corners.
const CORNERS: u32 = 24;
/// Centres that are nearer to each other are one.
const SAME: f64 = 1e-6;
/// Kilometres in a degree of latitude.
const DEGREE: f64 = 111.2;

/// Places of latitude and longitude (degrees, WGS 84) in a plane: true to a part in a thousand within a province.
pub(crate) fn plane(places: &[(f64, f64)]) -> Vec<Point> {
    let middle = |of: fn(&(f64, f64)) -> f64| {
        let (least, most) =
            places.iter().map(of).fold((f64::MAX, f64::MIN), |(l, m), at| (l.min(at), m.max(at)));
        (least + most) / 2.0
    };
    let (north, east) = (middle(|place| place.0), middle(|place| place.1));
    let narrowing = north.to_radians().cos();
    let at = |&(latitude, longitude): &(f64, f64)| Point {
        x: (longitude - east) * narrowing * DEGREE,
        y: (north - latitude) * DEGREE,
    };
    places.iter().map(at).collect()
}

/// The cell of each centre, its corners in order; where two centres are one, the second has none.
pub(crate) fn cells(centres: &[Point]) -> Vec<Vec<Point>> {
    let land = land(centres);
    let cell = |(place, centre): (usize, &Point)| {
        if centres.iter().take(place).any(|other| distance(*centre, *other) < SAME) {
            return Vec::new();
        }
        let mut cell = circle(*centre, REACH);
        for (from, to) in edges(&land) {
            cell = cut(&cell, |at| side(from, to, at));
        }
        for other in centres.iter().filter(|other| distance(*centre, **other) >= SAME) {
            cell = cut(&cell, |at| nearer(*centre, *other, at));
        }
        cell
    };
    centres.iter().enumerate().map(cell).collect()
}

/// What lies around the centres: the smallest shape without dents that goes on for the margin around each of them.
fn land(centres: &[Point]) -> Vec<Point> {
    let mut points: Vec<_> = centres.iter().flat_map(|centre| circle(*centre, MARGIN)).collect();
    points.sort_by(|one, other| one.x.total_cmp(&other.x).then(one.y.total_cmp(&other.y)));
    // Andrew's monotone chain: along one side, and back along the other.
    let mut hull: Vec<Point> = Vec::new();
    for back in [false, true] {
        let begin = hull.len();
        let way: Box<dyn Iterator<Item = &Point>> =
            if back { Box::new(points.iter().rev()) } else { Box::new(points.iter()) };
        for point in way {
            while let [.., before, last] = hull.as_slice()
                && hull.len() >= begin + 2
                && side(*before, *last, *point) <= 0.0
            {
                hull.pop();
            }
            hull.push(*point);
        }
        // It is the first of the other side.
        hull.pop();
    }
    hull
}

fn circle(around: Point, radius: f64) -> Vec<Point> {
    let corner = |place: u32| {
        let (sine, cosine) = (TAU * f64::from(place) / f64::from(CORNERS)).sin_cos();
        Point { x: around.x + radius * cosine, y: around.y + radius * sine }
    };
    (0..CORNERS).map(corner).collect()
}

fn edges(shape: &[Point]) -> impl Iterator<Item = (Point, Point)> {
    shape.iter().copied().zip(shape.iter().copied().cycle().skip(1))
}

/// Above 0 on the one side of a line, below it on the other.
fn side(from: Point, to: Point, at: Point) -> f64 {
    (to.x - from.x) * (at.y - from.y) - (to.y - from.y) * (at.x - from.x)
}

/// Above 0 where it is nearer to the one than to the other.
fn nearer(one: Point, other: Point, at: Point) -> f64 {
    let (dx, dy) = (other.x - one.x, other.y - one.y);
    let middle = Point { x: (one.x + other.x) / 2.0, y: (one.y + other.y) / 2.0 };
    (middle.x - at.x) * dx + (middle.y - at.y) * dy
}

fn distance(one: Point, other: Point) -> f64 {
    (one.x - other.x).hypot(one.y - other.y)
}

/// What of a shape without dents lies where `inside` is not below 0 (Sutherland and Hodgman). `inside` grows evenly.
fn cut(shape: &[Point], inside: impl Fn(Point) -> f64) -> Vec<Point> {
    let mut left = Vec::with_capacity(shape.len() + 1);
    for (from, to) in edges(shape) {
        let (before, after) = (inside(from), inside(to));
        if before >= 0.0 {
            left.push(from);
        }
        if (before > 0.0 && after < 0.0) || (before < 0.0 && after > 0.0) {
            let part = before / (before - after);
            left.push(Point { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part });
        }
    }
    left
}

/// From the plane to a drawing that is so wide.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sheet {
    west: f64,
    north: f64,
    scale: f64,
    /// How high it is.
    pub(crate) height: f64,
}

impl Sheet {
    /// The sheet on which all of this has room; none: there is nothing to be drawn.
    pub(crate) fn around<'p>(points: impl Iterator<Item = &'p Point>, width: f64) -> Option<Self> {
        let mut bounds: Option<(Point, Point)> = None;
        for at in points {
            let (least, most) = bounds.unwrap_or((*at, *at));
            bounds = Some((
                Point { x: least.x.min(at.x), y: least.y.min(at.y) },
                Point { x: most.x.max(at.x), y: most.y.max(at.y) },
            ));
        }
        let (least, most) = bounds?;
        let scale = width / (most.x - least.x).max(1e-6);
        Some(Self { west: least.x, north: least.y, scale, height: (most.y - least.y) * scale })
    }

    pub(crate) fn at(&self, point: Point) -> Point {
        Point { x: (point.x - self.west) * self.scale, y: (point.y - self.north) * self.scale }
    }

    /// A shape as the path of a picture.
    pub(crate) fn path(&self, shape: &[Point]) -> String {
        let corner = |(place, point): (usize, &Point)| {
            let Point { x, y } = self.at(*point);
            format!("{}{x:.1} {y:.1}", if place == 0 { "M" } else { "L" })
        };
        shape.iter().enumerate().map(corner).collect::<String>() + "Z"
    }

    /// A way between two places, bent to one side, so that there and back are two.
    pub(crate) fn way(&self, from: Point, to: Point) -> String {
        let (from, to) = (self.at(from), self.at(to));
        let bent = Point {
            x: (from.x + to.x) / 2.0 - (to.y - from.y) * 0.12,
            y: (from.y + to.y) / 2.0 + (to.x - from.x) * 0.12,
        };
        format!("M{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}", from.x, from.y, bent.x, bent.y, to.x, to.y)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn area(shape: &[Point]) -> f64 {
        edges(shape).map(|(from, to)| from.x * to.y - to.x * from.y).sum::<f64>() / 2.0
    }

    /// By how far a point lies inside; below 0 outside.
    fn depth(shape: &[Point], at: Point) -> f64 {
        let along = edges(shape).filter(|(from, to)| distance(*from, *to) > 1e-9);
        along.map(|(from, to)| side(from, to, at) / distance(from, to)).fold(f64::MAX, f64::min)
    }

    /// Centres as of a province: some apart, some near to each other.
    fn centres() -> impl Strategy<Value = Vec<Point>> {
        let point = (0.0..60.0, 0.0..60.0).prop_map(|(x, y)| Point { x, y });
        proptest::collection::vec(point, 1..40)
    }

    fn somewhere() -> impl Strategy<Value = Point> {
        (-5.0..65.0, -5.0..65.0).prop_map(|(x, y)| Point { x, y })
    }

    proptest! {
        #[test]
        fn a_cell_contains_its_centre(centres in centres()) {
            for (centre, cell) in centres.iter().zip(cells(&centres)) {
                prop_assert!(cell.len() >= 3 && depth(&cell, *centre) >= -1e-9);
                prop_assert!(cell.iter().all(|corner| distance(*corner, *centre) <= REACH + 1e-6));
            }
        }

        #[test]
        fn a_place_is_in_the_cell_of_the_nearest_centre_and_in_no_other(centres in centres(), at in somewhere()) {
            let cells = cells(&centres);
            let mut by_distance: Vec<_> =
                centres.iter().zip(&cells).map(|(centre, cell)| (distance(*centre, at), cell)).collect();
            by_distance.sort_by(|one, other| one.0.total_cmp(&other.0));
            let (nearest, own) = by_distance[0];
            // A circle of corners is a little smaller than the circle.
            let reach = REACH * (TAU / f64::from(CORNERS) / 2.0).cos();
            if depth(&land(&centres), at) > 1e-6 && nearest < reach - 1e-6 {
                prop_assert!(depth(own, at) > -1e-6);
            }
            for (_, other) in by_distance.iter().skip(1).filter(|(far, _)| *far > nearest + 1e-6) {
                prop_assert!(other.is_empty() || depth(other, at) <= 1e-6);
            }
        }

        #[test]
        fn cells_are_no_larger_together_than_the_land(centres in centres()) {
            let together: f64 = cells(&centres).iter().map(|cell| area(cell)).sum();
            prop_assert!(together <= area(&land(&centres)) + 1e-6);
        }
    }

    #[test]
    fn of_two_centres_at_one_place_the_second_has_no_cell() {
        let here = Point { x: 1.0, y: 2.0 };
        let cells = cells(&[here, here]);
        assert!((area(&cells[0]) - area(&circle(here, MARGIN))).abs() < 1e-6);
        assert!(cells[1].is_empty());
    }

    #[test]
    fn north_is_up_and_distances_are_kilometres() {
        // From Ninh Bình to Nam Định, as the crow flies.
        let plane = plane(&[(20.2506, 105.9745), (20.4200, 106.1683)]);
        assert!((distance(plane[0], plane[1]) - 27.6).abs() < 0.2, "{}", distance(plane[0], plane[1]));
        assert!(plane[1].x > plane[0].x && plane[1].y < plane[0].y);
    }
}
