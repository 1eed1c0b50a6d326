//! The live facts of units and officers across the boundary.

use jiff::civil::Time;
use phidia_domain::{
    Rejection,
    calendar::Hours,
    registry::{Absence, Availability, Standing},
};

use crate::{
    convert::{day, required},
    routing::v1 as wire,
};

/// Half-days of a day, in the order in which they were named.
pub fn hours(values: &[wire::HalfDay], field: &str) -> Result<Vec<Hours>, Rejection> {
    let time = |text: &str, field: String| {
        let time = text.parse::<Time>().ok().filter(|_| text.len() == 5 && text.contains(':'));
        time.ok_or_else(|| Rejection::invalid("MALFORMED_TIME", &field, "a time such as 07:30"))
    };
    let half_day = |(index, value): (usize, &wire::HalfDay)| {
        let opens = time(&value.opens, format!("{field}[{index}].opens"))?;
        let closes = match value.closes.as_str() {
            "24:00" => Time::midnight(),
            closes => time(closes, format!("{field}[{index}].closes"))?,
        };
        if closes <= opens && value.closes != "24:00" {
            let expected = "a time after `opens`, 24:00 at the latest";
            return Err(Rejection::invalid("HOURS_INVALID", &format!("{field}[{index}].closes"), expected));
        }
        Ok(Hours { opens, closes })
    };
    values.iter().enumerate().map(half_day).collect()
}

/// Half-days on the wire.
pub fn wire_hours(hours: &[Hours]) -> Vec<wire::HalfDay> {
    let text = |time: Time| time.strftime("%H:%M").to_string();
    let half_day = |hours: &Hours| wire::HalfDay {
        opens: text(hours.opens),
        closes: if hours.closes == Time::midnight() { "24:00".to_owned() } else { text(hours.closes) },
    };
    hours.iter().map(half_day).collect()
}

/// How a unit is to stand: all of it.
pub fn standing(value: Option<wire::Standing>, field: &str) -> Result<Standing, Rejection> {
    let value = required(value, field)?;
    Ok(Standing {
        availability: availability(value.availability, &format!("{field}.availability"))?,
        most_open_items: value.most_open_items,
        most_borrowed_minutes: value.most_borrowed_minutes,
        quarantined: value.quarantined,
    })
}

fn availability(value: i32, field: &str) -> Result<Availability, Rejection> {
    match wire::Availability::try_from(value) {
        Ok(wire::Availability::Open) => Ok(Availability::Open),
        Ok(wire::Availability::Closing) => Ok(Availability::Closing),
        Ok(wire::Availability::Closed) => Ok(Availability::Closed),
        Ok(wire::Availability::Emergency) => Ok(Availability::Emergency),
        Ok(wire::Availability::Unspecified) | Err(_) => {
            let expected = "expected OPEN, CLOSING, CLOSED or EMERGENCY";
            Err(Rejection::invalid("UNKNOWN_VALUE", field, expected))
        }
    }
}

/// How a unit stands, on the wire.
pub fn wire_standing(standing: &Standing) -> wire::Standing {
    let availability = match standing.availability {
        Availability::Open => wire::Availability::Open,
        Availability::Closing => wire::Availability::Closing,
        Availability::Closed => wire::Availability::Closed,
        Availability::Emergency => wire::Availability::Emergency,
    };
    wire::Standing {
        availability: availability.into(),
        most_open_items: standing.most_open_items,
        most_borrowed_minutes: standing.most_borrowed_minutes,
        quarantined: standing.quarantined,
    }
}

/// Days, the last as given or the first one alone.
pub fn days(value: Option<wire::Days>, field: &str) -> Result<Absence, Rejection> {
    let value = required(value, field)?;
    let from = day(&value.from, &format!("{field}.from"))?;
    let to = if value.to.is_empty() { from } else { day(&value.to, &format!("{field}.to"))? };
    Ok(Absence { from, to })
}

/// Days on the wire.
pub fn wire_days(days: &Absence) -> wire::Days {
    wire::Days { from: days.from.to_string(), to: days.to.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn half_day(opens: &str, closes: &str) -> wire::HalfDay {
        wire::HalfDay { opens: opens.to_owned(), closes: closes.to_owned() }
    }

    #[test]
    fn hours_go_there_and_back_also_until_midnight() {
        let evening = vec![half_day("07:30", "11:30"), half_day("18:00", "24:00")];
        assert_eq!(wire_hours(&hours(&evening, "hours").unwrap()), evening);
    }

    #[test]
    fn a_wrong_time_or_a_reversed_shift_is_refused_at_its_place() {
        for (opens, closes, reason, field) in [
            ("7:30", "11:30", "MALFORMED_TIME", "hours[1].opens"),
            ("07:30:00", "11:30", "MALFORMED_TIME", "hours[1].opens"),
            ("07:30", "noon", "MALFORMED_TIME", "hours[1].closes"),
            ("11:30", "07:30", "HOURS_INVALID", "hours[1].closes"),
            ("00:00", "00:00", "HOURS_INVALID", "hours[1].closes"),
        ] {
            let two = [half_day("06:00", "07:00"), half_day(opens, closes)];
            let refusal = hours(&two, "hours").unwrap_err();
            assert_eq!((refusal.reason.as_str(), refusal.violations[0].field.as_str()), (reason, field));
        }
    }

    #[test]
    fn one_day_is_enough_and_rubbish_is_none() {
        let one = wire::Days { from: "2026-12-01".to_owned(), to: String::new() };
        assert_eq!(wire_days(&days(Some(one), "days").unwrap()).to, "2026-12-01");
        for rubbish in ["", "1.12.2026", "2026-13-01", "2026-12-1", "2026-12-01T00:00"] {
            assert_eq!(day(rubbish, "day").unwrap_err().violations[0].field, "day");
        }
    }
}
