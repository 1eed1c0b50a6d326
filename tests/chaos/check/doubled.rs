//! Nothing is there twice, and nothing came out of nothing.

use std::collections::BTreeSet;

use phidia_proto::{events::v1::HoldingPlace, routing::v1::WorkState};

use super::{Book, Found, Kind, number, repeated};
use crate::history::Item;

pub(super) fn judge(book: &Book<'_>, found: &mut Found) {
    submissions(book, found);
    out_of_nothing(book, found);
    steps(book, found);
    decisions(book, found);
    let rest = &book.history.rest;
    let messages = rest.messages.iter().map(|told| {
        // One fact each; only these may come more than once in the life of a case.
        let again = matches!(
            told.template.as_str(),
            "case_moved"
                | "payment_requested"
                | "case_referred"
                | "case_resumed"
                | "deadline_replanned"
                | "case_reopened"
        );
        let which = again.then(|| super::instant(told.occurred_at.as_ref()));
        (told.application_id.as_str(), told.template.as_str(), told.channel, which)
    });
    for (id, template, ..) in repeated(messages) {
        found.add(Kind::Doubled, format!("the citizen of {id} was told twice: {template}"));
    }
    let held = rest.holdings.iter().filter(|(_, held)| held.place() != HoldingPlace::Parked);
    let held = held.map(|(service, held)| (service.as_str(), held.application_id.as_str()));
    for (service, id) in repeated(held) {
        found.add(Kind::Doubled, format!("{service} holds {id} twice"));
    }
    for (id, track) in &rest.tracks {
        let entries =
            track.entries.iter().map(|entry| (super::instant(entry.at.as_ref()), entry.status, unit(entry)));
        for (_, status, _) in repeated(entries) {
            found.add(Kind::Doubled, format!("{id} came to status {status} twice at the same instant"));
        }
    }
    for id in &rest.conservation.doubled {
        found.add(Kind::Doubled, format!("{id}, says phidia conservation"));
    }
}

fn unit(entry: &phidia_proto::intake::v1::TrackEntry) -> Option<&str> {
    entry.unit_name.as_ref().map(|name| name.vi.as_str())
}

/// One key, one receipt, one application.
fn submissions(book: &Book<'_>, found: &mut Found) {
    let mut by_application = Vec::new();
    for (key, receipts) in &book.receipts {
        let Some(first) = receipts.first() else { continue };
        by_application.push((first.application_id.as_str(), *key));
        found.unless(receipts.iter().all(|receipt| receipt == first), Kind::Doubled, || {
            format!("{key} was answered with different receipts, one of them for {}", first.application_id)
        });
    }
    for id in repeated(by_application.iter().map(|(id, _)| *id)) {
        found.add(Kind::Doubled, format!("two keys were answered with {id}"));
    }
    let listed = &book.history.rest.applications;
    for id in repeated(listed.iter().map(|found| found.application_id.as_str())) {
        found.add(Kind::Doubled, format!("intake lists {id} twice"));
    }
    for code in repeated(listed.iter().map(|found| found.dossier_code.as_str())) {
        found.add(Kind::Doubled, format!("two applications have the dossier code {code}"));
    }
    // A submission that was never answered may be there, but once.
    let answered: BTreeSet<&str> =
        book.receipts.values().flatten().map(|receipt| receipt.application_id.as_str()).collect();
    let unasked: Vec<_> = book.listed.keys().filter(|id| !answered.contains(**id)).collect();
    let unanswered = book.receipts.values().filter(|receipts| receipts.is_empty()).count();
    found.unless(unasked.len() <= unanswered, Kind::Doubled, || {
        format!("{unanswered} keys have no answer, and intake lists for them: {unasked:?}")
    });
    let accepted = book.history.rest.conservation.accepted;
    found.unless(accepted == book.listed.len(), Kind::Doubled, || {
        format!("phidia conservation counts {accepted} applications, and intake lists {}", book.listed.len())
    });
}

/// Whatever a service knows was accepted.
fn out_of_nothing(book: &Book<'_>, found: &mut Found) {
    let rest = &book.history.rest;
    let known = (rest.cases.keys().map(|id| ("a case", id)))
        .chain(rest.routed.keys().map(|id| ("a work item", id)))
        .chain(rest.messages.iter().map(|told| ("a message", &told.application_id)))
        .chain(rest.holdings.iter().map(|(_, held)| ("a holding", &held.application_id)));
    let known: BTreeSet<_> = known.collect();
    for (what, id) in known.into_iter().filter(|(_, id)| !book.listed.contains_key(id.as_str())) {
        found.add(Kind::Doubled, format!("there is {what} of {id}, which was never accepted"));
    }
}

/// Each step is there once, is begun once, and lies in one worklist.
fn steps(book: &Book<'_>, found: &mut Found) {
    let rest = &book.history.rest;
    for (id, case) in &rest.cases {
        let of_case = case.case.as_ref().map(|case| case.case_id.as_str()).unwrap_or_default();
        for item in case.work_items.iter().filter(|item| item.case_id != of_case) {
            let what = format!("{} belongs to {}, and {id} has {of_case}", number(item), item.case_id);
            found.add(Kind::Doubled, what);
        }
        for item in repeated(case.work_items.iter().map(number)) {
            found.add(Kind::Doubled, format!("{item} is twice in its case"));
        }
        let begun = case.work_items.iter().filter(|item| item.started_at.is_some());
        for step in repeated(begun.map(|item| number(item).step)) {
            found.add(Kind::Doubled, format!("step {step} of {id} was begun in two attempts"));
        }
    }
    let case_ids = rest.cases.values().filter_map(|case| case.case.as_ref()).map(|case| &case.case_id);
    for case_id in repeated(case_ids) {
        found.add(Kind::Doubled, format!("two applications have {case_id}"));
    }
    for item in repeated(rest.worklists.iter().map(number)) {
        found.add(Kind::Doubled, format!("{item} is twice in worklists"));
    }
    let open: BTreeSet<Item> = book.open().map(number).collect();
    for item in rest.worklists.iter().map(number).filter(|item| !open.contains(item)) {
        found.add(Kind::Doubled, format!("{item} is in a worklist, and is no open work of its case"));
    }
    let listed: BTreeSet<Item> = rest.worklists.iter().map(number).collect();
    for item in open.difference(&listed) {
        found.add(Kind::Lost, format!("{item} is open, and in no worklist"));
    }
}

/// Each step has one present record, each decision one place on the board.
fn decisions(book: &Book<'_>, found: &mut Found) {
    let rest = &book.history.rest;
    for (id, records) in &rest.routed {
        let present = records.iter().filter(|record| record.state() != WorkState::Released);
        for step in repeated(present.map(|record| Item::of(record.work_item.as_ref()).step)) {
            found.add(Kind::Doubled, format!("step {step} of {id} is routed twice"));
        }
    }
    let decisions = || rest.routed.values().flatten().filter_map(|record| record.decision.as_ref());
    for id in repeated(decisions().map(|decision| &decision.assignment_id)) {
        found.add(Kind::Doubled, format!("two work items have the decision {id}"));
    }
    let counted = decisions().filter(|decision| decision.epoch > 0);
    for (epoch, sequence) in repeated(counted.map(|decision| (decision.epoch, decision.board_sequence))) {
        found.add(Kind::Doubled, format!("two reservations have number {sequence} of epoch {epoch}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        check::sample::{OTHER_OFFICER, Stage, call, case_item, item, must_be_heard, receipt, submit},
        history::{Answer, What},
    };

    #[test]
    fn one_key_with_two_receipts() {
        must_be_heard(Kind::Doubled, "key-1", |history| {
            let answer = Answer::Given(receipt(2));
            history.calls.push(call(30, What::Submit { key: "key-1".into(), answer }));
        });
    }

    #[test]
    fn the_same_receipt_with_another_promise() {
        must_be_heard(Kind::Doubled, "key-1", |history| {
            let mut again = receipt(1);
            again.due_at = crate::check::sample::at(9);
            history.calls.push(call(30, What::Submit { key: "key-1".into(), answer: Answer::Given(again) }));
        });
    }

    #[test]
    fn one_application_for_two_keys() {
        must_be_heard(Kind::Doubled, "app_1", |history| {
            let answer = Answer::Given(receipt(1));
            history.calls.push(call(30, What::Submit { key: "key-8".into(), answer }));
        });
    }

    #[test]
    fn an_application_that_nobody_handed_in() {
        must_be_heard(Kind::Doubled, "app_3", |history| {
            history.calls.retain(|call| !matches!(&call.what, What::Submit { key, .. } if key == "key-3"));
        });
    }

    #[test]
    fn a_submission_without_an_answer_may_be_there_once() {
        crate::check::sample::must_pass(|history| {
            let unknown = Answer::Unknown(tonic::Code::Unavailable);
            history.calls[2] = call(2, What::Submit { key: "key-3".into(), answer: unknown });
        });
    }

    #[test]
    fn a_dossier_code_that_was_given_twice() {
        must_be_heard(Kind::Doubled, "T99-1", |history| {
            history.rest.applications[1].dossier_code = "T99-1".into();
        });
    }

    #[test]
    fn an_application_that_is_listed_twice() {
        must_be_heard(Kind::Doubled, "app_1", |history| {
            let again = history.rest.applications[0].clone();
            history.rest.applications.push(again);
            history.calls.push(submit(30, 1));
        });
    }

    #[test]
    fn two_messages_of_one_fact() {
        must_be_heard(Kind::Doubled, "result_ready", |history| {
            let mut again = history.rest.messages.last().unwrap().clone();
            again.template = "result_ready".into();
            again.application_id = "app_1".into();
            again.message_id = "msg_other".into();
            history.rest.messages.push(again);
        });
    }

    #[test]
    fn two_cases_of_one_application() {
        must_be_heard(Kind::Doubled, "processing holds app_2 twice", |history| {
            let held = history.rest.holdings.iter();
            let again = held
                .clone()
                .find(|(service, held)| service == "processing" && held.application_id == "app_2")
                .unwrap()
                .clone();
            history.rest.holdings.push(again);
        });
        must_be_heard(Kind::Doubled, "case_other", |history| {
            history.rest.cases.get_mut("app_2").unwrap().work_items[1].case_id = "case_other".into();
        });
    }

    #[test]
    fn a_case_out_of_nothing() {
        must_be_heard(Kind::Doubled, "app_9", |history| {
            let case = history.rest.cases["app_3"].clone();
            history.rest.cases.insert("app_9".into(), case);
        });
    }

    #[test]
    fn a_step_in_two_attempts() {
        must_be_heard(Kind::Doubled, "two attempts", |history| {
            let mut again = case_item("app_2", 2_000, 2, Stage::Held);
            again.work_item.as_mut().unwrap().attempt = 2;
            again.officer_id = OTHER_OFFICER.into();
            history.rest.cases.get_mut("app_2").unwrap().work_items.push(again);
        });
    }

    #[test]
    fn a_step_that_lies_in_two_worklists() {
        must_be_heard(Kind::Doubled, "app_3/1/1", |history| {
            let mut again = history.rest.worklists.last().unwrap().clone();
            again.unit_id = "ctr_b".into();
            history.rest.worklists.push(again);
        });
    }

    #[test]
    fn work_that_is_done_and_still_in_a_worklist() {
        must_be_heard(Kind::Doubled, "app_1/2/1", |history| {
            history.rest.worklists.push(case_item("app_1", 1_000, 2, Stage::Held));
        });
    }

    #[test]
    fn open_work_in_no_worklist() {
        must_be_heard(Kind::Lost, "app_3/1/1", |history| {
            history.rest.worklists.pop();
        });
    }

    #[test]
    fn a_step_that_is_routed_twice() {
        must_be_heard(Kind::Doubled, "step 1 of app_3", |history| {
            let records = history.rest.routed.get_mut("app_3").unwrap();
            let mut again = records[0].clone();
            again.work_item = Some(Item { attempt: 2, ..item("app_3", 1) }.wire());
            records.push(again);
        });
    }

    #[test]
    fn a_number_of_the_board_that_was_used_twice() {
        must_be_heard(Kind::Doubled, "number 11 of epoch 1", |history| {
            let decision = history.rest.routed.get_mut("app_3").unwrap()[0].decision.as_mut().unwrap();
            decision.board_sequence = 11;
        });
    }

    #[test]
    fn a_status_that_is_told_twice() {
        must_be_heard(Kind::Doubled, "app_1", |history| {
            let track = history.rest.tracks.get_mut("app_1").unwrap();
            track.entries.insert(2, track.entries[1].clone());
        });
    }

    #[test]
    fn what_conservation_has_twice() {
        must_be_heard(Kind::Doubled, "app_7", |history| {
            history.rest.conservation.doubled.push("app_7".into());
        });
        must_be_heard(Kind::Doubled, "counts 4", |history| history.rest.conservation.accepted = 4);
    }
}
