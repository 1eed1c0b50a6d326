//! A decision that the policy did not make: a person has sent the work item somewhere, or it is rescued. It goes through
//! the same pipeline as every other, but what speaks against it is told instead of refused, and what the policy would
//! have chosen is kept beside it.

use jiff::{Timestamp, tz::TimeZone};

use super::{
    Explanation, Ground, Plan, Policy, Refusal, Refused, Request, Roster, Seen, Snapshot,
    case::Case,
    choose,
    explanation::{Moved, WhatIf, moment},
    filter, force,
    order::most_where,
    predict::Prediction,
};
use crate::{id::UnitId, procedure::Text, province::Province, registry::Availability};

/// Where a work item is to go, whatever else might be better.
#[derive(Clone, Copy, Debug)]
pub struct Order<'o> {
    /// The unit.
    pub at: UnitId,
    /// Why: [`Ground::Overridden`], or [`Ground::Rescued`].
    pub ground: Ground,
    /// The unit that has it; none: nobody.
    pub from: Option<UnitId>,
    /// Who orders it, `role/name`.
    pub by: &'o str,
    /// Why, in their words.
    pub reason: &'o str,
    /// Whether the home that is asked about is known; otherwise it is only what the order says.
    pub home_known: bool,
}

/// The plan that an order makes. Its candidates are those of the policy's own choice, the unit that is ordered, and the
/// one that has it.
///
/// # Errors
///
/// [`Refusal`] when the province does not know the unit, or its calendar has no working time left: nobody could be
/// told when it would be finished.
pub fn dispatch(
    policy: &Policy,
    province: &Province,
    roster: &Roster,
    snapshot: &Snapshot,
    request: &Request,
    order: Order<'_>,
    now: Timestamp,
) -> Result<Plan, Box<Refusal>> {
    let seed = request.seed(snapshot.epoch);
    plan(&Case::new(policy, province, roster, Seen::Board(snapshot), request, now, seed), order)
}

/// The plan of an order that was kept.
pub(super) fn again(case: &Case<'_>, decided: &Explanation) -> Result<Plan, Box<Refusal>> {
    let moved = decided.moved.as_ref();
    let order = Order {
        at: decided.chosen,
        ground: decided.ground,
        from: moved.and_then(|moved| moved.from),
        by: moved.map(|moved| moved.by.as_str()).unwrap_or_default(),
        reason: moved.map(|moved| moved.reason.as_str()).unwrap_or_default(),
        home_known: moved.is_none_or(|moved| !moved.against.contains(&Refused::HomeUnknown)),
    };
    plan(case, order)
}

fn plan(case: &Case<'_>, order: Order<'_>) -> Result<Plan, Box<Refusal>> {
    let Order { at, ground, from, by, reason, home_known } = order;
    let forced = force(case, at)?;
    let mut against: Vec<_> = forced.explanation.filtered.keys().copied().collect();
    against.extend(is_too_much(case, at).then_some(Refused::Full));
    against.extend((!home_known).then_some(Refused::HomeUnknown));
    let (mut explanation, instead) = match choose(case) {
        Ok(own) => {
            let instead = Some(own.explanation.chosen).filter(|chosen| *chosen != at);
            (own.explanation, instead)
        }
        // What was known of those who refused it goes into the record, too: made again, they refuse it for the same.
        Err(refusal) => {
            let Refusal { filtered, facts, .. } = *refusal;
            (Explanation { filtered, facts, ..forced.explanation.clone() }, None)
        }
    };
    // Not every unit was looked at for its own choice.
    let stays = from.and_then(|from| Some((from, force(case, from).ok()?.explanation)));
    for (unit, seen) in [Some((at, forced.explanation)), stays].into_iter().flatten() {
        if explanation.candidate(unit).is_none() {
            explanation.candidates.extend(seen.candidate(unit).cloned());
        }
        if let Some(queue) = seen.facts.get(unit) {
            explanation.facts.add(unit, queue);
        }
    }
    // They are about its own choice.
    explanation.margin_minutes = None;
    explanation.what_if =
        from.filter(|_| ground == Ground::Rescued).and_then(|from| in_time_there(case, from));
    (explanation.chosen, explanation.ground) = (at, ground);
    let (by, reason) = (by.to_owned(), reason.to_owned());
    explanation.moved = Some(Moved { from, by, reason, against, instead });
    Ok(Plan { explanation, bids: forced.bids, key: forced.key, minutes: forced.minutes })
}

/// Whether a unit has too much work of its own to be sent this as well while home is able; a step that is kept there is
/// no such.
fn is_too_much(case: &Case<'_>, at: UnitId) -> bool {
    let Some(station) =
        case.roster.station(at).filter(|station| !case.edition.is_first() && !case.is_home(station))
    else {
        return false;
    };
    let home_able = case.home.is_some_and(|home| filter::sort_out(case, home, &mut Vec::new()).is_ok());
    home_able && Prediction::of(case, station, case.queue(station)).is_some_and(|forced| forced.is_full(case))
}

/// By how much shorter the queue of the unit that had it would have had to be for it to be in time there; none: nothing
/// would have helped.
fn in_time_there(case: &Case<'_>, unit: UnitId) -> Option<WhatIf> {
    let station = case.roster.station(unit).filter(|_| !case.edition.is_first())?;
    let nobody = case.post(station).is_none_or(|post| post.officers == 0);
    if nobody || station.standing.availability == Availability::Emergency {
        return None;
    }
    let stays = Prediction::of(case, station, case.queue(station))?;
    let late = |less: i64| stays.with_more(case, -less, &[]).is_none_or(|shorter| !shorter.is_in_time(case));
    let most = stays.queue.ahead.min(stays.queue.own);
    let less = most_where(most, late)? + 1;
    (less <= most).then(|| WhatIf { unit, queue_minutes: -less })
}

/// The sentence of a decision that was forced, in Vietnamese and in English. `there` is when it is finished.
pub(super) fn sentence(
    explanation: &Explanation,
    name: &impl Fn(UnitId) -> Text,
    there: &Text,
    zone: &TimeZone,
) -> (String, String) {
    let chosen = name(explanation.chosen);
    let moved = explanation.moved.as_ref();
    let from = moved.and_then(|moved| moved.from);
    if explanation.ground == Ground::Rescued {
        let from_name = from.map(name).unwrap_or_default();
        let stays = from.and_then(|from| explanation.candidate(from));
        let stays = stays.map(|candidate| moment(Some(candidate.predicted_finish_at), zone));
        // What is due on the same day is taken to be ahead of it: so it may take that long, and need not.
        let (late_vi, late_en) = match stays {
            Some(at) => {
                (format!("có thể đến {} mới xong", at.vi), format!("be finished as late as {}", at.en))
            }
            None => ("có thể không làm được".to_owned(), "not be done at all".to_owned()),
        };
        return (
            format!(
                "Chuyển từ {} đến {}: ở nơi cũ {late_vi}, trễ hạn; ở nơi mới dự kiến xong {}, kịp hạn.",
                from_name.vi, chosen.vi, there.vi
            ),
            format!(
                "Goes from {} to {}: where it was it could {late_en}, too late; here it is expected to be finished {}, \
                 on time.",
                from_name.en, chosen.en, there.en
            ),
        );
    }
    let reason = moved.map(|moved| moved.reason.as_str()).unwrap_or_default();
    let instead = moved.and_then(|moved| moved.instead).map(name);
    let (else_vi, else_en) = match instead {
        Some(unit) => (
            format!(" Theo quy tắc thì việc này ở {}.", unit.vi),
            format!(" By the rules it would be at {}.", unit.en),
        ),
        None => (String::new(), String::new()),
    };
    let nobody = moved.is_some_and(|moved| moved.against.contains(&Refused::NotCompetent));
    let (then_vi, then_en) = if nobody {
        ("hiện không có ai ở đó làm được".to_owned(), "nobody there can do it at present".to_owned())
    } else {
        (format!("dự kiến xong {}", there.vi), format!("expected to be finished {}", there.en))
    };
    (
        format!(
            "Giao cho {} theo quyết định của người phụ trách, lý do: “{reason}”; {then_vi}.{else_vi}",
            chosen.vi
        ),
        format!("Given to {} by a person in charge, because: “{reason}”; {then_en}.{else_en}", chosen.en),
    )
}

#[cfg(test)]
mod tests;
