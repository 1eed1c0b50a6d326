//! What was counted: of days that are over in sums, of today's in tickets.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan as _, civil::Date};
use phidia_domain::{
    Rejection,
    caller::Caller,
    id::UnitId,
    province::Province,
    queue::{Letter, Tally, Ticket, tally},
};
use phidia_runtime::failure::Failure;

use crate::{
    Intake, page,
    page::Page,
    scope::Scope,
    store::{
        halls::{self, Place, Tallies},
        tickets,
    },
};

/// The longest time that can be asked for, in days.
const LONGEST: i32 = 366;

/// Which days are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// Empty: all that the caller may see.
    pub(crate) unit_code: String,
    pub(crate) from: Date,
    pub(crate) to: Date,
    pub(crate) by_hour: bool,
    /// Days.
    pub(crate) page_size: u64,
    pub(crate) page_token: String,
}

/// What was counted of something.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    pub(crate) day: String,
    /// None: of the whole day.
    pub(crate) hour: Option<u32>,
    pub(crate) unit: UnitId,
    pub(crate) unit_code: String,
    pub(crate) point: String,
    /// None: of all kinds.
    pub(crate) kind: Option<Letter>,
    pub(crate) tally: Tally,
}

impl Intake {
    /// What was counted on some days, a page of days at a time.
    ///
    /// # Errors
    /// Violations of `unit_code`, `to_day` and `page_token`; `PERMISSION_DENIED` for another unit.
    pub(crate) async fn count_tickets(
        &self,
        caller: &Caller,
        question: Question,
    ) -> Result<Page<Figures>, Failure> {
        let today = self.versions.active().await?;
        let province = &today.value;
        let unit = Scope::of(caller).named(province, "unit_code", &question.unit_code)?;
        check_days(question.from, question.to)?;
        let asked = format!("queue {unit:?} {} {} {}", question.from, question.to, question.by_hour);
        let from = match page::position(&asked, &question.page_token)? {
            None => question.from,
            Some(day) => day.parse().map_err(Failure::broken)?,
        };
        // One day more than the page says whether there is another page.
        let days: Vec<Date> = from.series(1.day()).take_while(|day| *day <= question.to).collect();
        let size = usize::try_from(question.page_size).unwrap_or(usize::MAX);
        let next = days.get(size).copied();
        let Some(last) = days.iter().copied().take(size).next_back() else {
            return Ok(Page { items: Vec::new(), next_page_token: String::new() });
        };
        let conn = self.outbox.database().read();
        let mut counted = halls::days(conn, &province.code, from, last, unit).await?;
        for (key, open) in tickets::not_summed(conn, &province.code, from, last, unit).await? {
            counted.entry(key).or_default().extend(sum_up(province, &open));
        }
        let items = counted
            .into_iter()
            .flat_map(|((day, place), tallies)| figures(province, &day, &place, tallies, question.by_hour));
        let next_page_token = next.map(|day| page::token(&asked, &day.to_string())).unwrap_or_default();
        Ok(Page { items: items.collect(), next_page_token })
    }
}

/// What was counted of tickets of one day.
pub(super) fn sum_up(province: &Province, tickets: &[Ticket]) -> Tallies {
    let zone = province.clock.time_zone();
    let hour = |at: Timestamp| u32::try_from(zone.to_datetime(at).hour()).unwrap_or_default();
    tally(tickets, hour).into_iter().map(|((hour, kind), tally)| (hour, kind, tally)).collect()
}

/// By hour and kind, with all kinds behind them.
fn figures(province: &Province, day: &str, place: &Place, tallies: Tallies, by_hour: bool) -> Vec<Figures> {
    let mut lines: BTreeMap<_, Tally> = BTreeMap::new();
    for (hour, kind, tally) in tallies {
        let hour = by_hour.then_some(hour);
        // `true` comes behind the kinds.
        for key in [(hour, false, Some(kind)), (hour, true, None)] {
            lines.entry(key).or_default().merge(&tally);
        }
    }
    let unit_code = province.units.get(&place.unit).map(|unit| unit.code.clone()).unwrap_or_default();
    let line = |((hour, _, kind), tally)| Figures {
        day: day.to_owned(),
        hour,
        unit: place.unit,
        unit_code: unit_code.clone(),
        point: place.point.clone(),
        kind,
        tally,
    };
    lines.into_iter().map(line).collect()
}

fn check_days(from: Date, to: Date) -> Result<(), Rejection> {
    if to < from {
        return Err(Rejection::invalid("DAYS_REVERSED", "to_day", "a day not before the first"));
    }
    if (to - from).get_days() > LONGEST {
        let expected = format!("at most {LONGEST} days after the first");
        return Err(Rejection::invalid("DATE_OUT_OF_RANGE", "to_day", expected));
    }
    Ok(())
}
