//! What happens to an application is told, and done, in its order.

use std::collections::BTreeMap;

use phidia_proto::{processing::v1::CaseWorkItem, routing::v1::WorkState, types::v1::ApplicationStatus};

use super::{Book, Found, Kind, instant, number};
use crate::history::Item;

/// How late in an application's life each message comes.
const STAGES: [(&str, u8); 16] = [
    ("application_accepted", 1),
    ("case_opened", 2),
    ("case_moved", 2),
    // A later step may move after them, and an earlier move be heard of.
    ("supplement_requested", 2),
    ("payment_requested", 2),
    ("case_referred", 2),
    ("case_resumed", 2),
    ("appointment_postponed", 2),
    ("deadline_replanned", 2),
    ("result_ready", 3),
    ("application_refused", 3),
    ("application_withdrawn", 3),
    ("application_lapsed", 3),
    ("result_issued", 4),
    ("result_handed_over", 5),
    // Behind it everything comes once more.
    ("case_reopened", 6),
];

pub(super) fn judge(book: &Book<'_>, found: &mut Found) {
    for id in book.listed.keys() {
        messages(book, found, id);
        track(book, found, id);
        work(book, found, id);
        decisions(book, found, id);
    }
}

/// Oldest first, and accepted before opened before finished.
fn messages(book: &Book<'_>, found: &mut Found, id: &str) {
    let own: Vec<_> = book.history.rest.messages.iter().filter(|told| told.application_id == id).collect();
    for pair in own.windows(2) {
        let (first, second) = (pair[0], pair[1]);
        let stage =
            |template: &str| STAGES.iter().find(|(name, _)| *name == template).map(|(_, stage)| *stage);
        let later = instant(first.occurred_at.as_ref()) <= instant(second.occurred_at.as_ref())
            && (first.template == "case_reopened" || stage(&first.template) <= stage(&second.template));
        found.unless(later, Kind::Disordered, || {
            format!("the citizen of {id} was told {} before {}", first.template, second.template)
        });
    }
}

/// What a citizen is told when they track: oldest first, from the acceptance to the end.
fn track(book: &Book<'_>, found: &mut Found, id: &str) {
    let Some(track) = book.history.rest.tracks.get(id) else { return };
    let statuses: Vec<_> = track.entries.iter().map(|entry| entry.status()).collect();
    found.unless(statuses.first() == Some(&ApplicationStatus::Accepted), Kind::Disordered, || {
        format!("the track of {id} does not begin with its acceptance: {statuses:?}")
    });
    let ordered = track.entries.is_sorted_by_key(|entry| instant(entry.at.as_ref()));
    found.unless(ordered, Kind::Disordered, || {
        let entries: Vec<_> =
            track.entries.iter().map(|entry| (entry.status(), instant(entry.at.as_ref()))).collect();
        format!("the track of {id} is not told oldest first: {entries:?}")
    });
    let is_final = |status: &ApplicationStatus| {
        matches!(
            status,
            ApplicationStatus::Granted
                | ApplicationStatus::Refused
                | ApplicationStatus::Withdrawn
                | ApplicationStatus::Lapsed
        )
    };
    let end = statuses.iter().position(is_final);
    found.unless(end.is_none_or(|end| end + 1 == statuses.len()), Kind::Disordered, || {
        format!("the track of {id} goes on behind its end: {statuses:?}")
    });
}

/// A step is queued, then begun, then done, and the next one begins after that.
fn work(book: &Book<'_>, found: &mut Found, id: &str) {
    let items = book.items(id);
    let ordered = items.is_sorted_by_key(|item| instant(item.queued_at.as_ref()));
    found.unless(ordered, Kind::Disordered, || format!("the work items of {id} are not told oldest first"));
    for item in items {
        let times = [&item.queued_at, &item.started_at, &item.completed_at];
        let times: Vec<_> = times.into_iter().filter_map(|at| instant(at.as_ref())).collect();
        let gaps = item.completed_at.is_some() && item.started_at.is_none();
        found.unless(times.is_sorted() && !gaps, Kind::Disordered, || {
            format!("{} was not queued, then begun, then done: {times:?}", number(item))
        });
        let stages = book.stages(id);
        let own = stages.iter().position(|stage| stage.contains(&number(item).step));
        let earlier = own.and_then(|own| stages.get(own.checked_sub(1)?));
        for step in earlier.into_iter().flatten() {
            before(found, item, book.present(id, *step));
        }
    }
}

fn before(found: &mut Found, item: &CaseWorkItem, earlier: Option<&CaseWorkItem>) {
    let done = earlier.and_then(|earlier| instant(earlier.completed_at.as_ref()));
    let in_order = done.is_some_and(|done| Some(done) <= instant(item.queued_at.as_ref()));
    found.unless(in_order, Kind::Disordered, || {
        format!("{} is there before the step before it is done", number(item))
    });
}

/// Routing's decisions, oldest first: no step before the one before it, and of those that go on together each in its order. What was
/// taken back may have been decided late: it was routed again while an officer took it up.
fn decisions(book: &Book<'_>, found: &mut Found, id: &str) {
    let Some(records) = book.history.rest.routed.get(id) else { return };
    let items: Vec<Item> = records.iter().map(|record| Item::of(record.work_item.as_ref())).collect();
    let stages = book.stages(id);
    let stage = |step: u32| stages.iter().position(|stage| stage.contains(&step));
    let attempts = |step: u32| {
        let of_step = items.iter().filter(move |item| item.step == step);
        of_step.map(|item| item.attempt).is_sorted()
    };
    let sorted =
        items.is_sorted_by_key(|item| stage(item.step)) && items.iter().all(|item| attempts(item.step));
    found.unless(sorted, Kind::Disordered, || {
        let items: Vec<_> = items.iter().map(ToString::to_string).collect();
        format!("the decisions on {id} are not told oldest first: {items:?}")
    });
    let stands = records.iter().filter(|record| record.state() != WorkState::Released);
    let mut decided = BTreeMap::<_, Vec<_>>::new();
    for record in stands {
        if let Some(decision) = &record.decision {
            let stage = stage(Item::of(record.work_item.as_ref()).step);
            decided.entry(stage).or_default().push(instant(decision.decided_at.as_ref()));
        }
    }
    let decided: Vec<_> = decided.into_values().collect();
    let ordered = decided.windows(2).all(|pair| pair[0].iter().max() <= pair[1].iter().min());
    found.unless(ordered, Kind::Disordered, || format!("a later step of {id} was decided before an earlier"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample::{at, entry, must_be_heard, must_pass, record};

    #[test]
    fn a_result_that_is_told_before_the_case_is_opened() {
        must_be_heard(Kind::Disordered, "app_1", |history| {
            let messages = &mut history.rest.messages;
            let of = |template: &str| {
                messages.iter().position(|m| m.application_id == "app_1" && m.template == template).unwrap()
            };
            let (opened, ready) = (of("case_opened"), of("result_ready"));
            messages.swap(opened, ready);
        });
    }

    #[test]
    fn a_track_that_goes_back_in_time() {
        must_be_heard(Kind::Disordered, "oldest first", |history| {
            history.rest.tracks.get_mut("app_1").unwrap().entries.swap(1, 2);
        });
    }

    #[test]
    fn a_track_without_its_beginning_or_behind_its_end() {
        must_be_heard(Kind::Disordered, "its acceptance", |history| {
            history.rest.tracks.get_mut("app_1").unwrap().entries.remove(0);
        });
        must_be_heard(Kind::Disordered, "behind its end", |history| {
            let entries = &mut history.rest.tracks.get_mut("app_1").unwrap().entries;
            entries.push(entry(9_999, ApplicationStatus::InProcess));
        });
    }

    #[test]
    fn a_step_before_the_one_before_it_is_done() {
        must_be_heard(Kind::Disordered, "app_2/2/1", |history| {
            history.rest.cases.get_mut("app_2").unwrap().work_items[0].completed_at = None;
        });
        must_be_heard(Kind::Disordered, "app_2/2/1", |history| {
            history.rest.cases.get_mut("app_2").unwrap().work_items[0].completed_at = at(9_999);
        });
    }

    #[test]
    fn a_step_that_was_done_before_it_was_begun() {
        must_be_heard(Kind::Disordered, "app_1/1/1", |history| {
            history.rest.cases.get_mut("app_1").unwrap().work_items[0].started_at = at(9_999);
        });
        must_be_heard(Kind::Disordered, "app_1/1/1", |history| {
            history.rest.cases.get_mut("app_1").unwrap().work_items[0].started_at = None;
        });
    }

    #[test]
    fn what_was_taken_back_may_have_been_decided_late() {
        must_pass(|history| {
            let records = history.rest.routed.get_mut("app_1").unwrap();
            let mut late = record("app_1", 9_999, 1, 99, WorkState::Released);
            late.work_item.as_mut().unwrap().attempt = 2;
            records.insert(1, late);
        });
    }

    #[test]
    fn decisions_in_another_order() {
        must_be_heard(Kind::Disordered, "app_1", |history| {
            history.rest.routed.get_mut("app_1").unwrap().swap(0, 1);
        });
    }
}
