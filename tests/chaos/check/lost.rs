//! What was accepted or answered is there: at intake, at routing, in a case, in the mailbox.

use std::collections::BTreeSet;

use phidia_proto::{
    events::v1::{HoldingPlace, StepOutcome},
    intake::v1::{Application, TrackApplicationResponse},
    processing::v1::{CaseState, CaseWorkItem, Supplement},
    routing::v1::WorkState,
    types::v1::ApplicationStatus,
};

use super::{Book, Found, Kind, number};
use crate::history::{Item, What};

pub(super) fn judge(book: &Book<'_>, found: &mut Found) {
    for receipt in book.receipts.values().flatten() {
        let id = receipt.application_id.as_str();
        found.unless(book.listed.contains_key(id), Kind::Lost, || {
            format!("{id} has its receipt {}, and intake does not list it", receipt.dossier_code)
        });
    }
    for (id, application) in &book.listed {
        on_its_way(book, found, id);
        standing(book, found, id, application);
        places(book, found, id);
    }
    for call in &book.history.calls {
        answered(book, found, &call.what);
    }
    messages(book, found);
    for id in &book.history.rest.conservation.lost {
        found.add(Kind::Lost, format!("{id}, says phidia conservation"));
    }
}

/// From intake to routing, and from routing to a case, step by step.
fn on_its_way(book: &Book<'_>, found: &mut Found, id: &str) {
    let records = book.history.rest.routed.get(id).map_or(&[][..], Vec::as_slice);
    found.unless(!records.is_empty(), Kind::Lost, || format!("{id} is accepted, and unknown to routing"));
    for record in records.iter().filter(|record| {
        // What was taken back may never have come to a worklist; what waits has no unit yet.
        matches!(record.state(), WorkState::Assigned | WorkState::Done)
    }) {
        let item = Item::of(record.work_item.as_ref());
        found.unless(book.item(&item).is_some(), Kind::Lost, || {
            format!("{item} has its unit, and did not come to its case")
        });
    }
    let steps: BTreeSet<u32> = book.items(id).iter().map(|item| number(item).step).collect();
    let stages = book.stages(id);
    let Some(last) = stages.iter().rposition(|stage| !stage.is_disjoint(&steps)) else { return };
    // A step that was refused ends the case; who completed it is asked in `answered`.
    if is_refused(book, id) || matches!(state(book, id), CaseState::Withdrawn | CaseState::Lapsed) {
        return;
    }
    let routed = |step: u32| records.iter().any(|record| Item::of(record.work_item.as_ref()).step == step);
    for step in stages[last].difference(&steps) {
        found.unless(routed(*step), Kind::Lost, || {
            format!("step {step} of {id}, which goes on together with others, is nowhere")
        });
    }
    let is_done = |step: &u32| book.present(id, *step).is_some_and(|item| item.completed_at.is_some());
    if stages[last].iter().all(is_done)
        && let Some(next) = stages.get(last + 1)
    {
        found.unless(next.iter().any(|step| routed(*step)), Kind::Lost, || {
            format!("{id} has done step {:?} of {}, and the next one is nowhere", stages[last], stages.len())
        });
    }
}

fn is_refused(book: &Book<'_>, id: &str) -> bool {
    state(book, id) == CaseState::Refused
}

fn state(book: &Book<'_>, id: &str) -> CaseState {
    let case = book.history.rest.cases.get(id).and_then(|found| found.case.as_ref());
    case.map_or(CaseState::Unspecified, |case| case.state())
}

/// What a citizen sees is what processing has done.
fn standing(book: &Book<'_>, found: &mut Found, id: &str, application: &Application) {
    let expected = match state(book, id) {
        CaseState::Granted => ApplicationStatus::Granted,
        CaseState::Refused => ApplicationStatus::Refused,
        CaseState::Queued | CaseState::InProgress => ApplicationStatus::InProcess,
        CaseState::AwaitingSupplement => ApplicationStatus::AwaitingSupplement,
        CaseState::AwaitingPayment => ApplicationStatus::AwaitingPayment,
        CaseState::Referred => ApplicationStatus::Referred,
        CaseState::Withdrawn => ApplicationStatus::Withdrawn,
        CaseState::Lapsed => ApplicationStatus::Lapsed,
        // Between two steps, or not opened: what it is called then is not said.
        CaseState::AwaitingUnit | CaseState::Unspecified => return,
    };
    let track = book.history.rest.tracks.get(id);
    // A step for which there was nobody has been found a unit since, and nobody has begun it there.
    let found_again = state(book, id) == CaseState::Queued && track.is_none_or(waited_since_it_was_opened);
    let is_so = |status| status == expected || (found_again && status == ApplicationStatus::Assigned);
    found.unless(is_so(application.status()), Kind::Lost, || {
        format!("{id} is {expected:?} at processing, and intake says {:?}", application.status())
    });
    found.unless(track.is_none_or(|track| is_so(track.status())), Kind::Lost, || {
        format!("{id} is {expected:?} at processing, and its citizen is not told so")
    });
}

fn waited_since_it_was_opened(track: &TrackApplicationResponse) -> bool {
    let opened = track.entries.iter().skip_while(|entry| entry.status() != ApplicationStatus::InProcess);
    opened.into_iter().any(|entry| entry.status() == ApplicationStatus::AwaitingDispatch)
}

/// What each service says that it holds, for the proof that nothing is lost.
fn places(book: &Book<'_>, found: &mut Found, id: &str) {
    let holdings = &book.history.rest.holdings;
    let held = |service: &str| {
        let mut own = holdings.iter().filter(|(name, held)| name == service && held.application_id == id);
        own.find(|(_, held)| held.place() != HoldingPlace::Parked).map(|(_, held)| held.place())
    };
    let accepted = held("intake") == Some(HoldingPlace::Accepted);
    found.unless(accepted, Kind::Lost, || format!("{id} is listed at intake and not among its holdings"));
    let expected = match state(book, id) {
        CaseState::Granted => HoldingPlace::Finished,
        CaseState::Refused => HoldingPlace::Refused,
        CaseState::Queued
        | CaseState::InProgress
        | CaseState::AwaitingSupplement
        | CaseState::AwaitingPayment
        | CaseState::Referred => HoldingPlace::InCase,
        CaseState::Withdrawn | CaseState::Lapsed => HoldingPlace::Stopped,
        CaseState::AwaitingUnit | CaseState::Unspecified => return,
    };
    found.unless(held("processing") == Some(expected), Kind::Lost, || {
        format!("{id} is {expected:?}, and processing says that it holds {:?}", held("processing"))
    });
}

/// What an officer, or a supervisor, was told is so.
fn answered(book: &Book<'_>, found: &mut Found, what: &What) {
    match what {
        What::Claim { item, officer, answer } => {
            let Some(fence) = answer.given() else { return };
            let holds = |kept: &CaseWorkItem| {
                kept.fence > *fence || (kept.fence == *fence && kept.officer_id == *officer)
            };
            found.unless(book.item(item).is_some_and(holds), Kind::Lost, || {
                format!("{officer} was given {item} under {fence}, and nobody knows of that")
            });
        }
        What::Complete { item, officer, outcome, answer, .. } => {
            let Some(()) = answer.given() else { return };
            let done = book.item(item).is_some_and(|kept| kept.completed_at.is_some());
            found.unless(done, Kind::Lost, || format!("{officer} ended {item}, and it is open"));
            let refused = *outcome == StepOutcome::Refused;
            found.unless(!refused || is_refused(book, &item.application), Kind::Lost, || {
                format!("{officer} refused {item}, and its case goes on")
            });
        }
        What::Send { item, answer } => {
            let Some(to) = answer.given() else { return };
            found.unless(book.item(to).is_some(), Kind::Lost, || {
                format!("{item} was sent elsewhere as {to}, and did not come there")
            });
        }
        What::Ask { item, officer, answer, .. } => {
            let Some(()) = answer.given() else { return };
            found.unless(supplement(book, &item.application).is_some(), Kind::Lost, || {
                format!("{officer} asked for a supplement to {item}, and nobody knows of that")
            });
        }
        What::Supplement { application, answer } => {
            let Some(()) = answer.given() else { return };
            let goes_on = state(book, application) != CaseState::AwaitingSupplement
                && supplement(book, application).is_some_and(|asked| asked.received_at.is_some());
            found.unless(goes_on, Kind::Lost, || {
                format!("the supplement to {application} was received, and its case waits for it")
            });
        }
        What::Withdraw { application, answer } => {
            let Some(()) = answer.given() else { return };
            // A decision that was quicker stands.
            let ended = matches!(
                state(book, application),
                CaseState::Withdrawn | CaseState::Granted | CaseState::Refused
            );
            found.unless(ended, Kind::Lost, || format!("{application} was withdrawn, and its case goes on"));
        }
        What::Submit { .. } => {}
    }
}

fn supplement<'h>(book: &Book<'h>, id: &str) -> Option<&'h Supplement> {
    book.history.rest.cases.get(id)?.case.as_ref()?.supplement.as_ref()
}

/// Every fact that concerns a citizen is told to them.
fn messages(book: &Book<'_>, found: &mut Found) {
    let messages = &book.history.rest.messages;
    let told: BTreeSet<(&str, &str)> =
        messages.iter().map(|told| (told.application_id.as_str(), told.template.as_str())).collect();
    for (id, _) in book.flowing() {
        let opened = !book.items(id).is_empty();
        let facts = [
            ("application_accepted", true),
            ("case_opened", opened),
            ("result_ready", state(book, id) == CaseState::Granted),
            ("application_refused", is_refused(book, id)),
            ("application_withdrawn", state(book, id) == CaseState::Withdrawn),
            ("supplement_requested", supplement(book, id).is_some()),
            ("case_resumed", supplement(book, id).is_some_and(|asked| asked.received_at.is_some())),
        ];
        for (template, came_true) in facts {
            found.unless(!came_true || told.contains(&(id, template)), Kind::Lost, || {
                format!("nobody told the citizen of {id}: {template}")
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        check::sample::{call, entry, item, must_be_heard, must_pass, parked},
        history::{Answer, History},
    };

    #[test]
    fn a_receipt_without_its_application() {
        must_be_heard(Kind::Lost, "app_3", |history| {
            history.rest.applications.retain(|application| application.application_id != "app_3");
        });
    }

    #[test]
    fn an_application_that_routing_never_heard_of() {
        must_be_heard(Kind::Lost, "app_3", |history| {
            history.rest.routed.remove("app_3");
        });
    }

    #[test]
    fn an_assignment_that_never_came_to_processing() {
        must_be_heard(Kind::Lost, "app_3/1/1", |history| {
            history.rest.cases.remove("app_3");
        });
    }

    #[test]
    fn a_next_step_that_is_nowhere() {
        must_be_heard(Kind::Lost, "the next one is nowhere", |history| {
            history.rest.cases.get_mut("app_2").unwrap().work_items.pop();
            history.rest.routed.get_mut("app_2").unwrap().pop();
        });
    }

    #[test]
    fn a_result_that_the_citizen_does_not_see() {
        must_be_heard(Kind::Lost, "app_1", |history| {
            history.rest.applications[0].set_status(ApplicationStatus::InProcess);
        });
        must_be_heard(Kind::Lost, "its citizen is not told", |history| {
            history.rest.tracks.get_mut("app_1").unwrap().set_status(ApplicationStatus::Assigned);
        });
    }

    #[test]
    fn a_step_that_waited_for_a_unit_is_assigned_again() {
        use ApplicationStatus::{Assigned, AwaitingDispatch, InProcess};
        let assigned = |history: &mut History, waited: &[ApplicationStatus]| {
            history.rest.applications[2].set_status(Assigned);
            let track = history.rest.tracks.get_mut("app_3").unwrap();
            track.set_status(Assigned);
            track.entries.truncate(1);
            track.entries.extend((3_100..).zip(waited).map(|(second, status)| entry(second, *status)));
        };
        must_pass(|history| assigned(history, &[Assigned, InProcess, AwaitingDispatch, Assigned]));
        must_be_heard(Kind::Lost, "app_3 is InProcess", |history| {
            assigned(history, &[AwaitingDispatch, Assigned]);
        });
        must_be_heard(Kind::Lost, "app_3 is InProcess", |history| assigned(history, &[Assigned, InProcess]));
    }

    #[test]
    fn an_application_that_a_service_does_not_hold() {
        for service in ["intake", "processing"] {
            must_be_heard(Kind::Lost, "app_2", |history| {
                history.rest.holdings.retain(|(own, held)| own != service || held.application_id != "app_2");
            });
        }
    }

    #[test]
    fn a_claim_that_was_forgotten() {
        must_be_heard(Kind::Lost, "app_2/2/1", |history| {
            let item = &mut history.rest.cases.get_mut("app_2").unwrap().work_items[1];
            (item.fence, item.officer_id) = (0, String::new());
        });
    }

    #[test]
    fn an_end_of_a_step_that_was_forgotten() {
        must_be_heard(Kind::Lost, "app_1/2/1, and it is open", |history| {
            history.rest.cases.get_mut("app_1").unwrap().work_items[1].completed_at = None;
        });
    }

    #[test]
    fn a_move_that_never_came_to_its_unit() {
        must_be_heard(Kind::Lost, "app_3/1/2", |history| {
            let answer = Answer::Given(Item { attempt: 2, ..item("app_3", 1) });
            history.calls.push(call(30, What::Send { item: item("app_3", 1), answer }));
        });
    }

    #[test]
    fn a_refusal_that_was_forgotten() {
        must_be_heard(Kind::Lost, "its case goes on", |history| {
            for call in &mut history.calls {
                if let What::Complete { outcome, .. } = &mut call.what {
                    *outcome = StepOutcome::Refused;
                }
            }
        });
    }

    #[test]
    fn what_citizens_and_officers_were_answered_about_supplements_and_is_not_so() {
        must_be_heard(Kind::Lost, "asked for a supplement to app_2/2/1", |history| {
            let (item, officer) = (item("app_2", 2), "off_1".to_owned());
            history.calls.push(call(30, What::Ask { item, officer, fence: 1, answer: Answer::Given(()) }));
        });
        must_be_heard(Kind::Lost, "the supplement to app_2", |history| {
            let application = "app_2".to_owned();
            history.calls.push(call(30, What::Supplement { application, answer: Answer::Given(()) }));
        });
        must_be_heard(Kind::Lost, "app_2 was withdrawn", |history| {
            let application = "app_2".to_owned();
            history.calls.push(call(30, What::Withdraw { application, answer: Answer::Given(()) }));
        });
    }

    #[test]
    fn a_message_that_was_never_written() {
        for template in ["application_accepted", "case_opened", "result_ready"] {
            must_be_heard(Kind::Lost, template, |history| {
                history.rest.messages.retain(|told| told.template != template);
            });
        }
    }

    #[test]
    fn what_a_sink_was_made_to_refuse_is_parked_and_not_lost() {
        must_pass(|history| {
            history.rest.messages.retain(|told| told.application_id != "app_3");
            history.rest.holdings.push(parked("app_3"));
            history.refused_by_sink.insert("app_3".into());
        });
    }

    #[test]
    fn what_a_sink_refused_and_nobody_parked() {
        must_be_heard(Kind::Lost, "app_3", |history| {
            history.rest.messages.retain(|told| told.application_id != "app_3");
            history.refused_by_sink.insert("app_3".into());
        });
    }

    #[test]
    fn what_conservation_misses() {
        must_be_heard(Kind::Lost, "app_7", |history| {
            history.rest.conservation.lost.push("app_7".into());
        });
    }
}
