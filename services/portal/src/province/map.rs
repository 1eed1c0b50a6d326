//! The province at a glance: a map of its centres, and the table that says the same.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{extract::State, response::Response};
use http::Uri;
use maud::{Markup, html};
use phidia_proto::{
    processing::v1::{
        ExchangeCell, ExchangeTotal, Figures, GetExchangeRequest, GetExchangeResponse, GetReportRequest,
        ReportDimension, ReportSelection, report_service_client::ReportServiceClient,
    },
    routing::v1::{ListUnitsRequest, Unit, registry_service_client::RegistryServiceClient},
};
use phidia_words::Words;
use tokio::sync::Mutex;

use super::{figures, menu};
use crate::{
    Portal,
    form::Fields,
    live::{self, Part},
    page::{Look, Page},
    part::{self, Column, encoded, table},
    picture::map::{Point, Sheet, cells, plane},
    services::soon,
    trouble::Trouble,
    visitor::{Operating, Visitor},
};

pub(super) const PATH: &str = "/tinh";
/// Where it tells what changes.
pub(super) const LIVE: &str = "/song/tinh";
/// The part of the page that is drawn anew.
const PART: &str = "tinh";
/// What is counted is counted again after so long; what waits is asked for each time.
const FRESH: Duration = Duration::from_secs(10);

/// How wide the map is drawn.
const WIDTH: f64 = 640.0;
/// The sides of the square of a unit whose place is not known.
const SQUARE: f64 = 22.0;
/// Shades, from what is least.
const SHADES: usize = 4;
/// How many ways of work are drawn.
const WAYS: usize = 40;

/// What the map shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    Load,
    Late,
    Flows,
}

impl View {
    const ALL: [Self; 3] = [Self::Load, Self::Late, Self::Flows];

    /// Its name in addresses.
    fn key(self) -> &'static str {
        match self {
            Self::Load => "tai",
            Self::Late => "tre",
            Self::Flows => "luong",
        }
    }

    fn label(self, words: Words) -> &'static str {
        match self {
            Self::Load => words.web_province_load(),
            Self::Late => words.web_province_lateness(),
            Self::Flows => words.web_province_flows(),
        }
    }
}

/// A centre with what is known of it.
struct Centre {
    unit: Unit,
    figures: Figures,
    exchange: ExchangeTotal,
}

impl Centre {
    /// Working minutes that wait for each of its officers.
    #[expect(clippy::cast_precision_loss, reason = "minutes of a centre")]
    fn load(&self) -> f64 {
        self.unit.queued_minutes as f64 / f64::from(self.unit.officers.max(1))
    }

    /// What the view colours it by; 0: nothing.
    fn value(&self, view: View) -> f64 {
        match view {
            View::Load => self.load(),
            View::Late => figures::late_share(&self.figures).unwrap_or_default(),
            #[expect(clippy::cast_precision_loss, reason = "cases of a centre")]
            View::Flows => (self.exchange.out + self.exchange.r#in) as f64,
        }
    }
}

pub(super) async fn show(State(portal): State<Portal>, who: Operating, uri: Uri) -> Result<Page, Trouble> {
    let words = who.words;
    let view = view(&uri);
    let (units, counted) = tokio::try_join!(units(&portal, &who), Counted::now(&portal, &who))?;
    let title = words.web_province();
    let main = html! {
        (menu(&who))
        h1 { (title) }
        nav.menu aria-label=(words.web_province_what_is_shown()) {
            ul {
                @for one in View::ALL {
                    li {
                        a href={ (PATH) "?xem=" (one.key()) } aria-current=[(one == view).then_some("true")] {
                            (one.label(words))
                        }
                    }
                }
            }
        }
        div data-live={ (LIVE) "?xem=" (view.key()) } {
            div data-part=(PART) { (glance(&who, units, &counted, view)) }
        }
    };
    Ok(Page::new(title, main).with_look(Look::Work).with_refresh(60))
}

/// The same, drawn anew whenever the load changes.
pub(super) async fn watch(
    State(portal): State<Portal>,
    who: Operating,
    uri: Uri,
) -> Result<Response, Trouble> {
    let view = view(&uri);
    let looked = portal.0.live.load.look(());
    let counted = Arc::new(Mutex::new(None::<(Instant, Arc<Counted>)>));
    let asked = portal.clone();
    Ok(live::stream(&portal, looked, move |_| {
        let (portal, who, counted) = (asked.clone(), who.clone(), Arc::clone(&counted));
        async move {
            let mut known = counted.lock().await;
            let counted = match &*known {
                Some((at, counted)) if at.elapsed() < FRESH => Arc::clone(counted),
                _ => {
                    let counted = Arc::new(Counted::now(&portal, &who).await?);
                    *known = Some((Instant::now(), Arc::clone(&counted)));
                    counted
                }
            };
            let units = units(&portal, &who).await?;
            Ok(vec![Part::new(PART, glance(&who, units, &counted, view))])
        }
    }))
}

fn view(uri: &Uri) -> View {
    let asked = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    View::ALL.into_iter().find(|view| view.key() == asked.text("xem")).unwrap_or(View::Load)
}

/// Units in the order of their codes.
async fn units(portal: &Portal, who: &Operating) -> Result<Vec<Unit>, Trouble> {
    let request = ListUnitsRequest { page_size: 1_000, page_token: String::new() };
    let mut registry = RegistryServiceClient::new(portal.routing(who));
    Ok(registry.list_units(soon(request)).await?.into_inner().units)
}

/// What is counted of the quarter of today.
struct Counted {
    /// By code.
    figures: BTreeMap<String, Figures>,
    exchange: GetExchangeResponse,
}

impl Counted {
    async fn now(portal: &Portal, who: &Operating) -> Result<Self, Trouble> {
        let mut reports = ReportServiceClient::new(portal.processing(who));
        let mut also = reports.clone();
        let by = ReportDimension::WorkedAtUnit.into();
        let selection = Some(ReportSelection::default());
        let (report, exchange) = tokio::try_join!(
            reports.get_report(soon(GetReportRequest { selection, by })),
            also.get_exchange(soon(GetExchangeRequest { selection: None })),
        )?;
        let groups = report.into_inner().groups.into_iter();
        let figures = groups.map(|group| (group.code, group.figures.unwrap_or_default())).collect();
        Ok(Self { figures, exchange: exchange.into_inner() })
    }

    fn of(&self, unit: Unit) -> Centre {
        let figures = self.figures.get(&unit.code).copied().unwrap_or_default();
        let exchange = self.exchange.totals.iter().find(|total| total.unit_code == unit.code);
        Centre { figures, exchange: exchange.cloned().unwrap_or_default(), unit }
    }
}

fn glance(who: &Operating, units: Vec<Unit>, counted: &Counted, view: View) -> Markup {
    let exchange = &counted.exchange;
    let mut centres: Vec<_> = units.into_iter().map(|unit| counted.of(unit)).collect();
    let drawing = drawn(who, &centres, exchange, view);
    centres.sort_by(|one, other| other.value(view).total_cmp(&one.value(view)));
    html! {
        (part::judged_at(who, &exchange.from, &exchange.to, exchange.as_of.as_ref()))
        div.beside {
            figure.map {
                (drawing)
                figcaption.soft { (who.words.web_province_not_borders()) }
            }
            div { (listed(who, &centres)) }
        }
    }
}

/// The shade of each value: 0 where there is nothing, and as many of each of the others. Who has the same has the same shade.
fn shades(values: &[f64]) -> Vec<usize> {
    let mut some: Vec<f64> = values.iter().copied().filter(|value| *value > 0.0).collect();
    some.sort_by(f64::total_cmp);
    let shade = |value: &f64| match *value > 0.0 {
        false => 0,
        true => 1 + some.partition_point(|other| other < value) * SHADES / some.len(),
    };
    values.iter().map(shade).collect()
}

fn drawn(visitor: &Visitor, centres: &[Centre], exchange: &GetExchangeResponse, view: View) -> Markup {
    let words = visitor.words;
    let values: Vec<_> = centres.iter().map(|centre| centre.value(view)).collect();
    let shades = shades(&values);
    let placed: Vec<_> = (0..centres.len())
        .filter_map(|at| Some((at, (centres[at].unit.latitude?, centres[at].unit.longitude?))))
        .collect();
    let places: Vec<_> = placed.iter().map(|(_, place)| *place).collect();
    let points = plane(&places);
    let cells = cells(&points);
    let Some(sheet) = Sheet::around(cells.iter().flatten(), WIDTH) else { return html! {} };
    let mut shapes: Vec<(usize, String)> =
        placed.iter().zip(&cells).map(|((at, _), cell)| (*at, sheet.path(cell))).collect();
    // Whose place is not known stands below.
    let elsewhere = (0..centres.len()).filter(|at| placed.iter().all(|(other, _)| other != at));
    shapes.extend(elsewhere.enumerate().map(|(column, at)| (at, square(column, sheet.height))));
    let height = sheet.height + if placed.len() < centres.len() { SQUARE + 14.0 } else { 0.0 };
    html! {
        // The table beside it says the same to whoever does not see it, or goes by keys.
        svg viewBox={ "-1 -1 " (WIDTH + 2.0) " " (rounded(height + 2.0)) } aria-hidden="true" focusable="false" {
            defs { (hatch(3, "M0 6L6 0")) (hatch(4, "M0 6L6 0M0 0L6 6")) }
            @for shade in 0..=SHADES {
                g class=[(shade <= 2).then(|| format!("q{shade}"))] fill=[hatched(shade)] {
                    @for (at, path) in shapes.iter().filter(|(at, _)| shades[*at] == shade) {
                        a href={ (PATH) "/" (encoded(&centres[*at].unit.code)) } tabindex="-1" {
                            path d=(path) { title { (said(visitor, &centres[*at], view)) } }
                        }
                    }
                }
            }
            @if view == View::Flows { (ways(&sheet, centres, &placed, &points, &exchange.cells)) }
        }
        (legend(words, view, &values, &shades))
    }
}

fn rounded(length: f64) -> String {
    format!("{length:.0}")
}

fn square(column: usize, below: f64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a dozen")]
    let x = column as f64 * (SQUARE + 6.0);
    let y = below + 12.0;
    format!("M{x:.0} {y:.0}h{SQUARE}v{SQUARE}h-{SQUARE}Z")
}

/// The darkest are told apart without their colour too.
fn hatched(shade: usize) -> Option<String> {
    (shade > 2).then(|| format!("url(#q{shade})"))
}

/// Lines over the shade, so that it is told apart without its colour.
fn hatch(shade: usize, lines: &str) -> Markup {
    html! {
        pattern id={ "q" (shade) } width="6" height="6" patternUnits="userSpaceOnUse" {
            rect class={ "q" (shade) } width="6" height="6" {}
            path.hatch d=(lines) {}
        }
    }
}

fn said(visitor: &Visitor, centre: &Centre, view: View) -> String {
    format!(
        "{}: {}",
        visitor.text(centre.unit.name.as_ref()),
        written(visitor.words, view, centre.value(view))
    )
}

#[expect(clippy::cast_possible_truncation, reason = "minutes and cases")]
fn written(words: Words, view: View, value: f64) -> String {
    match view {
        View::Load => words.web_province_each_officer(words.span(value.round() as i64)),
        View::Late => words.web_province_late_of_all(words.share(value)),
        View::Flows => words.web_province_cases_moved(value.round() as i64),
    }
}

fn legend(words: Words, view: View, values: &[f64], shades: &[usize]) -> Markup {
    let of = |shade: usize| {
        let of_it = values.iter().zip(shades).filter(|(_, other)| **other == shade).map(|(value, _)| *value);
        of_it.fold(None, |bounds: Option<(f64, f64)>, value| {
            let (least, most) = bounds.unwrap_or((value, value));
            Some((least.min(value), most.max(value)))
        })
    };
    html! {
        ul.legend {
            @for shade in 0..=SHADES {
                @if let Some((least, most)) = of(shade) {
                    li {
                        svg width="22" height="14" aria-hidden="true" focusable="false" {
                            rect class=[(shade <= 2).then(|| format!("q{shade}"))] fill=[hatched(shade)] width="22" height="14" {}
                        }
                        @let (least, most) = (written(words, view, least), written(words, view, most));
                        " " (least) @if most != least { " – " (most) }
                    }
                }
            }
        }
    }
}

/// The ways that most work takes.
fn ways(
    sheet: &Sheet,
    centres: &[Centre],
    placed: &[(usize, (f64, f64))],
    points: &[Point],
    cells: &[ExchangeCell],
) -> Markup {
    let at: BTreeMap<&str, Point> =
        placed.iter().zip(points).map(|((at, _), point)| (centres[*at].unit.code.as_str(), *point)).collect();
    let ends = |cell: &ExchangeCell| {
        let ends = at.get(cell.received_at_unit_code.as_str()).zip(at.get(cell.worked_at_unit_code.as_str()));
        ends.map(|(from, to)| (*from, *to)).filter(|_| cell.received_at_unit_code != cell.worked_at_unit_code)
    };
    let mut ways: Vec<_> = cells.iter().filter_map(|cell| Some((cell.cases, ends(cell)?))).collect();
    ways.sort_by_key(|(cases, _)| std::cmp::Reverse(*cases));
    let most = ways.first().map_or(1, |(cases, _)| *cases).max(1);
    #[expect(clippy::cast_precision_loss, reason = "cases between two centres")]
    let width = |cases: u64| format!("{:.1}", 0.6 + 5.0 * cases as f64 / most as f64);
    html! {
        g.ways {
            @for (cases, (from, to)) in ways.into_iter().take(WAYS) {
                path d=(sheet.way(from, to)) stroke-width=(width(cases)) {}
            }
        }
    }
}

fn listed(visitor: &Visitor, centres: &[Centre]) -> Markup {
    let words = visitor.words;
    let columns = [
        Column::Words(words.report_centre()),
        Column::Numbers(words.web_province_queued()),
        Column::Numbers(words.web_province_for_each_officer()),
        Column::Numbers(words.unit_open_2()),
        Column::Numbers(words.unit_borrowed()),
        Column::Numbers(words.web_province_late_share()),
        Column::Numbers(words.web_province_running_overdue()),
        Column::Numbers(words.report_out()),
        Column::Numbers(words.report_in()),
    ];
    #[expect(clippy::cast_possible_truncation, reason = "minutes of an officer")]
    let each = |centre: &Centre| centre.load().round() as i64;
    let rows = html! {
        @for centre in centres {
            tr #{ "u-" (centre.unit.code) } data-row tabindex="0" {
                th scope="row" {
                    a href={ (PATH) "/" (encoded(&centre.unit.code)) } { (visitor.text(centre.unit.name.as_ref())) }
                    @if centre.unit.availability != phidia_proto::routing::v1::Availability::Open as i32 {
                        " " (super::centre::availability(words, centre.unit.availability()))
                    }
                }
                td.number { (words.span(centre.unit.queued_minutes)) }
                td.number { (words.span(each(centre))) }
                td.number { (words.count(centre.unit.open_items)) }
                td.number { (words.span(centre.unit.borrowed_minutes)) }
                td.number { (figures::late_share(&centre.figures).map_or_else(|| "–".to_owned(), |share| words.share(share))) }
                td.number { (words.count(centre.figures.running_overdue)) }
                td.number { (words.count(centre.exchange.out)) }
                td.number { (words.count(centre.exchange.r#in)) }
            }
        }
    };
    table(words.web_province(), &columns, &rows)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn more_is_never_shaded_lighter(values in proptest::collection::vec(0.0..10.0_f64, 0..60)) {
            let shades = shades(&values);
            for (one, shade) in values.iter().zip(&shades) {
                prop_assert!(*shade <= SHADES && (*shade == 0) == (*one <= 0.0));
                for (other, darker) in values.iter().zip(&shades) {
                    prop_assert!(one > other || shade <= darker);
                }
            }
        }
    }

    #[test]
    fn nothing_has_no_shade_and_the_most_has_the_darkest() {
        assert_eq!(shades(&[0.0, 1.0, 2.0, 3.0, 4.0]), [0, 1, 2, 3, 4]);
        assert_eq!(shades(&[5.0, 5.0]), [1, 1]);
        assert!(shades(&[]).is_empty());
    }
}
