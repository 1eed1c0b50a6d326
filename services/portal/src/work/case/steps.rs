//! Who did what, and when.

use maud::{Markup, html};
use phidia_proto::{
    events::v1::StepOutcome,
    processing::v1::{CaseTransition, CaseTransitionKind, CaseWorkItem},
};
use phidia_words::Words;

use super::{instant, whole::Whole};
use crate::{
    part::{Tone, tag},
    trouble::capital,
    visitor::Visitor,
};

/// All steps: those that are done, those at present, and those ahead.
pub(super) fn drawn(visitor: &Visitor, whole: &Whole) -> Markup {
    let words = visitor.words;
    let of = |number: u32| {
        whole.items.iter().filter(move |item| item.work_item.as_ref().is_some_and(|item| item.step == number))
    };
    html! {
        section {
            h2 { (words.web_work_steps()) }
            ol.steps {
                @for step in &whole.steps {
                    li value=(step.number) {
                        strong { (visitor.text(step.name.as_ref())) }
                        @let attempts: Vec<_> = of(step.number).collect();
                        @match attempts.last() {
                            Some(item) => (one(visitor, whole, item, attempts.len())),
                            None => { " " (tag(Tone::Calm, words.web_work_ahead())) }
                        }
                    }
                }
            }
        }
    }
}

fn one(visitor: &Visitor, whole: &Whole, item: &CaseWorkItem, attempts: usize) -> Markup {
    let words = visitor.words;
    let unit = whole.units.name(&item.unit_id).map(|name| visitor.text(Some(name)));
    let (tone, said) = match item.outcome() {
        StepOutcome::Approved => {
            (Tone::Well, words.web_work_done(instant(visitor, item.completed_at.as_ref())))
        }
        StepOutcome::Refused => {
            (Tone::Late, words.web_work_refused(instant(visitor, item.completed_at.as_ref())))
        }
        StepOutcome::SentBack => {
            (Tone::Soon, words.web_work_was_sent_back(instant(visitor, item.completed_at.as_ref())))
        }
        StepOutcome::Unspecified if item.started_at.is_some() => {
            (Tone::Calm, words.web_work_begun(instant(visitor, item.started_at.as_ref())))
        }
        StepOutcome::Unspecified => {
            (Tone::Calm, words.web_work_reached(instant(visitor, item.queued_at.as_ref())))
        }
    };
    html! {
        " " (tag(tone, &said))
        p.soft {
            @if let Some(unit) = unit { (unit) }
            @if !item.officer_code.is_empty() { " · " (item.officer_code) }
            @if attempts > 1 { " · " (words.web_work_attempts(attempts)) }
        }
    }
}

/// What has happened, line by line.
pub(super) fn trail(visitor: &Visitor, whole: &Whole) -> Markup {
    let words = visitor.words;
    html! {
        @if !whole.transitions.is_empty() {
            details {
                summary { (words.web_work_trail(whole.transitions.len())) }
                div.scroll tabindex="0" role="region" aria-label=(words.web_work_trail(whole.transitions.len())) {
                    table {
                        thead {
                            tr {
                                th scope="col" { (words.web_work_when()) }
                                th scope="col" { (words.web_work_step()) }
                                th scope="col" { (words.web_work_what()) }
                                th scope="col" { (words.web_work_unit()) }
                                th scope="col" { (words.web_work_holder()) }
                            }
                        }
                        tbody { @for one in &whole.transitions { (line(visitor, whole, one)) } }
                    }
                }
                p { a href={ "/phieu-kiem-soat/" (whole.case.application_id) } { (words.web_work_control_slip()) } }
            }
        }
    }
}

fn line(visitor: &Visitor, whole: &Whole, one: &CaseTransition) -> Markup {
    html! {
        tr {
            td { (instant(visitor, one.occurred_at.as_ref())) }
            td { (one.work_item.as_ref().map_or(0, |item| item.step)) }
            td { (capital(what(visitor.words, one.kind()))) }
            td { (whole.units.name(&one.unit_id).map_or("–", |name| visitor.text(Some(name)))) }
            td { @if one.officer_code.is_empty() { "–" } @else { (one.officer_code) } }
        }
    }
}

fn what(words: Words, kind: CaseTransitionKind) -> &'static str {
    match kind {
        CaseTransitionKind::Unspecified => "–",
        CaseTransitionKind::Reached => words.case_reached_the_unit(),
        CaseTransitionKind::TakenUp => words.case_an_officer_has_it(),
        CaseTransitionKind::Returned => words.case_back_in_the_worklist(),
        CaseTransitionKind::SupplementRequested => words.case_supplement_requested(),
        CaseTransitionKind::PaymentRequested => words.case_payment_requested(),
        CaseTransitionKind::Referred => words.case_other_offices_asked(),
        CaseTransitionKind::Resumed => words.case_resumed(),
        CaseTransitionKind::Done => words.case_done(),
        CaseTransitionKind::SentBack => words.case_sent_back_to_be_corrected_2(),
        CaseTransitionKind::Superseded => words.case_moved_to_another_unit(),
        CaseTransitionKind::Stopped => words.case_ended_with_its_case(),
        CaseTransitionKind::Reopened => words.case_opened_again_2(),
    }
}
