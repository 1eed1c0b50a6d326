//! Who hands what in, where and when: drawn from a seed and from what the citizens of the province ask for
//! ([`simulate::Demand`]). Citizens are synthetic.

use std::fmt::Write as _;

use jiff::{
    Timestamp,
    civil::{Date, date},
};
use phidia_domain::{application::HandedIn, province::Province};
use phidia_proto::{
    convert,
    intake::v1::{Applicant, Channel, SubmitApplicationRequest},
};
use phidia_routing::simulate::{self, Dice, demand::REFUSED_SHARE};

use super::turn::{self, Turn};
use crate::bundled::Files;

/// The day that is played: an ordinary Tuesday, with no holiday in the weeks after it.
pub(crate) const DAY: Date = date(2026, 10, 13);

/// Share of applications that come in electronically: 87.35 % at Yên Mô (the article of 21 October 2025).
const ONLINE_SHARE: f64 = 0.8735;
/// Share of those that come in at a counter whose papers are digitised there. No figure was found: ours.
const DIGITISED_SHARE: f64 = 0.8;

/// One application that will be handed in.
pub(crate) struct Arrival {
    /// When, on a whole minute of business time.
    pub(crate) at: Timestamp,
    /// What.
    pub(crate) request: SubmitApplicationRequest,
    /// What comes of it when it is worked on.
    pub(crate) turn: Turn,
}

/// The day's applications in the order in which they come in.
pub(crate) struct Demand {
    pub(crate) arrivals: Vec<Arrival>,
}

impl Demand {
    /// Draws so many applications.
    pub(crate) fn draw(
        files: &Files,
        province: &Province,
        applications: u32,
        seed: u64,
    ) -> anyhow::Result<Self> {
        let asked_for = simulate::Demand::read(files, province)?;
        // What comes of applications is drawn apart: without it the day has the same.
        let (mut dice, mut turns) = (Dice::of(seed, 0), Dice::of(seed, 1));
        // And so are their papers.
        let mut papers = Dice::of(seed, 2);
        let mut arrivals = Vec::new();
        for number in 0..applications {
            let (hour, minute) = (*dice.pick(&asked_for.hours), i8::try_from(dice.below(60))?);
            let at = province.clock.time_zone().to_timestamp(DAY.at(hour, minute, 0, 0))?;
            let received_at = dice.pick(&asked_for.units).clone();
            let code = dice.pick(&asked_for.procedures).clone();
            let procedure = province.procedure_on(&code, DAY)?;
            let places = asked_for.places(&mut dice, procedure, DAY, &received_at);
            let online = dice.share() < ONLINE_SHARE;
            let drawn = turn::draw(&mut turns, province, procedure, DAY);
            let turn = if dice.share() < REFUSED_SHARE { Turn::Refused } else { drawn };
            let request = SubmitApplicationRequest {
                idempotency_key: format!("demo-{seed}-{number}"),
                procedure_code: code,
                received_at_code: received_at,
                places: convert::wire_places(&places),
                applicant: Some(applicant(&mut dice, number)),
                channel: if online { Channel::Online } else { Channel::Direct }.into(),
                digitised: papers.share() < DIGITISED_SHARE,
                documents: HandedIn::all_that_is_required(procedure).into_iter().map(Into::into).collect(),
                ..SubmitApplicationRequest::default()
            };
            arrivals.push(Arrival { at, request, turn });
        }
        arrivals.sort_by_key(|arrival| arrival.at);
        Ok(Self { arrivals })
    }

    /// An hour before the offices open on the day.
    pub(crate) fn opening(&self, province: &Province) -> anyhow::Result<Timestamp> {
        let midnight = province.clock.time_zone().to_timestamp(DAY.at(0, 0, 0, 0))?;
        let opens = province.clock.next_open(midnight)?;
        let first = self.arrivals.first().map_or(opens, |arrival| arrival.at.min(opens));
        Ok(first - jiff::SignedDuration::from_hours(1))
    }
}

fn applicant(dice: &mut Dice, number: u32) -> Applicant {
    const FAMILY: [&str; 8] = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đinh", "Bùi"];
    const GIVEN: [&str; 8] = ["An", "Bình", "Chi", "Dũng", "Hạnh", "Minh", "Thảo", "Yến"];
    let family = FAMILY[dice.below(8) as usize];
    let given = GIVEN[dice.below(8) as usize];
    let mut telephone = String::from("0900");
    // Writing to a String does not fail.
    let _ = write!(telephone, "{number:06}");
    Applicant { name: format!("{family} {given}"), telephone, ..Applicant::default() }
}
