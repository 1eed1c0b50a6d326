//! The citizen gets a new appointment, with an apology.

use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};
use maud::{Markup, html};
use phidia_domain::Rejection;
use phidia_proto::{
    convert::wire_timestamp,
    processing::v1::{PostponeAppointmentRequest, postpone_appointment_request::Key},
};
use phidia_words::Words;

use super::{Act, Deed, Scene};
use crate::{
    form::{Faults, Fields},
    part,
    services::soon,
    trouble::Trouble,
    work::instant,
};

pub(super) struct Postpone;

impl Act for Postpone {
    const SLUG: &'static str = "hen-lai";
    const IN_HAND: bool = false;

    fn title(words: Words) -> &'static str {
        words.web_work_postpone()
    }

    fn meaning(words: Words) -> &'static str {
        words.web_work_postpone_meaning()
    }

    fn fields(scene: &Scene<'_>) -> Markup {
        let words = scene.visitor.words;
        let typed = scene.typed;
        html! {
            p { (words.web_work_due(instant(scene.visitor, scene.case.due_at.as_ref()))) }
            (moment_fields(words, words.web_work_new_day(), typed, scene.faults))
            (part::area("ly-do", words.web_work_postpone_reason(), None, typed.text("ly-do"), 4, scene.faults))
        }
    }

    fn control(field: &str) -> Option<&'static str> {
        match field {
            "appointment_at" => Some("ngay"),
            "reason" => Some("ly-do"),
            _ => None,
        }
    }

    async fn act(deed: Deed<'_>) -> Result<(), Trouble> {
        let at = moment(deed.fields.text("ngay"), deed.fields.text("gio"), &deed.visitor.zone())?;
        let request = PostponeAppointmentRequest {
            key: Some(Key::ApplicationId(deed.application_id.to_owned())),
            reason: deed.fields.text("ly-do").to_owned(),
            appointment_at: Some(wire_timestamp(at)),
        };
        deed.cases().postpone_appointment(soon(request)).await?;
        Ok(())
    }
}

/// The fields of a day and an hour.
pub(in crate::work) fn moment_fields(words: Words, label: &str, typed: &Fields, faults: &Faults) -> Markup {
    html! {
        div.row {
            (part::text(&part::Text {
                name: "ngay",
                label,
                hint: Some(words.web_work_day_hint()),
                value: typed.text("ngay"),
                inputmode: "numeric",
                width: 12,
                ..part::Text::DEFAULT
            }, faults))
            (part::text(&part::Text {
                name: "gio",
                label: words.web_work_new_hour(),
                hint: Some(words.web_work_hour_hint()),
                value: typed.text("gio"),
                inputmode: "numeric",
                width: 7,
                ..part::Text::DEFAULT
            }, faults))
        }
    }
}

/// A day and an hour as people write them: `4/12/2026`, `16:30` or `16h30`.
///
/// # Errors
/// `INVALID_ARGUMENT` for anything else.
pub(in crate::work) fn moment(day: &str, hour: &str, zone: &TimeZone) -> Result<Timestamp, Rejection> {
    let wrong = || {
        Rejection::invalid(
            "MALFORMED_DAY_AND_HOUR",
            "appointment_at",
            "expected a day such as 04/12/2026 and an hour such as 16:30",
        )
    };
    let numbers = |text: &str, by: [char; 3]| -> Option<Vec<i16>> {
        text.split(by).map(|part| part.trim().parse().ok()).collect()
    };
    let (Some(day), Some(hour)) = (numbers(day, ['/', '-', '.']), numbers(hour, [':', 'h', 'g'])) else {
        return Err(wrong());
    };
    let ([day, month, year], [hour, minute]) = (day.as_slice(), hour.as_slice()) else { return Err(wrong()) };
    let small = |number: i16| i8::try_from(number).map_err(|_| wrong());
    let date = Date::new(*year, small(*month)?, small(*day)?).map_err(|_| wrong())?;
    let time = Time::new(small(*hour)?, small(*minute)?, 0, 0).map_err(|_| wrong())?;
    zone.to_timestamp(date.to_datetime(time)).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_and_an_hour_are_read_as_people_write_them() {
        let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        for (day, hour) in [("04/12/2026", "16:30"), ("4/12/2026", "16h30"), ("4-12-2026", "16:30")] {
            assert_eq!(moment(day, hour, &zone).unwrap().to_string(), "2026-12-04T09:30:00Z", "{day} {hour}");
        }
        for (day, hour) in [
            ("", ""),
            ("31/02/2026", "8:00"),
            ("4/12", "8:00"),
            ("4/12/2026", "25:00"),
            ("4/300/2026", "8:00"),
        ] {
            assert_eq!(
                moment(day, hour, &zone).unwrap_err().reason,
                "MALFORMED_DAY_AND_HOUR",
                "{day} {hour}"
            );
        }
    }
}
