//! A case with all that belongs to it: what was said, the papers, how far it has come, by when, and what may be done.
//!
//! - [`said`]: the answers to the form; [`papers`]: what was handed in, and one of it beside
//! - [`steps`]: who did what, and when; [`clock`]: by when, and why then
//! - [`whole`]: what is asked of the services for it

mod clock;
mod papers;
mod said;
mod steps;
mod whole;

use axum::extract::{Path, State};
use http::Uri;
use maud::{Markup, html};
use phidia_proto::{
    intake::v1::{Applicant, ApplicantKind},
    processing::v1::{CaseState, CaseWorkItem},
    types::v1::ReturnWay,
};
use phidia_words::Words;

use super::{
    instant, is_mine,
    seen::{FIELD, Seen},
    take,
};
use crate::{
    Portal,
    form::{Fields, key_field},
    page::{Look, Page},
    part::{self, Tone, tag},
    trouble::{Trouble, capital},
    visitor::{AtWork, Duty, Visitor},
};

pub(super) use papers::SHOWN;
pub(super) use whole::{Whole, get, open, steps};

/// Where a case is shown.
pub(super) fn path(application_id: &str) -> String {
    format!("/ho-so/{application_id}")
}

pub(super) async fn show(
    State(portal): State<Portal>,
    visitor: AtWork,
    Path(application_id): Path<String>,
    uri: Uri,
) -> Result<Page, Trouble> {
    let words = visitor.words;
    let query = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    let whole = Whole::of(&portal, &visitor, &application_id).await?;
    let case = &whole.case;
    let main = html! {
        p.soft { (visitor.text(case.procedure_name.as_ref())) }
        div.head {
            h1 { (words.web_work_dossier_title(&case.dossier_code)) }
            (standing(&visitor, &whole))
        }
        @if let Some(why) = take::why_next(words, query.text("luot")) { p.done role="status" { (why) } }
        (warnings(&visitor, &whole))
        (acts(&portal, &visitor, &whole))
        div.case {
            div.left {
                (applicant(&visitor, &whole))
                (said::drawn(&visitor, &whole))
                (papers::list(&visitor, &whole, query.text("tep")))
            }
            div.right {
                (papers::beside(&visitor, &whole, query.text("tep")))
                (steps::drawn(&visitor, &whole))
                (clock::drawn(&visitor, &whole))
                (steps::trail(&visitor, &whole))
                (messages(&visitor, &whole))
            }
        }
    };
    Ok(Page::new(words.web_work_dossier_title(&case.dossier_code), main).with_look(Look::Work))
}

/// How it stands, and how much time is left.
fn standing(visitor: &Visitor, whole: &Whole) -> Markup {
    let words = visitor.words;
    let state = whole.case.state();
    let left = whole.deadline.as_ref().and_then(|deadline| deadline.minutes_left);
    html! {
        p.standing {
            (tag(tone(state), &capital(state_in_words(words, state)))) " "
            @if let Some(left) = left {
                (tag(match left { ..0 => Tone::Late, _ if whole.case.warned != 0 => Tone::Soon, _ => Tone::Well }, &words.left(left)))
            } @else if let Some(on_time) = whole.case.on_time {
                @if on_time { (tag(Tone::Well, words.web_work_on_time())) } @else { (tag(Tone::Late, words.web_work_late())) }
            }
        }
    }
}

fn tone(state: CaseState) -> Tone {
    match state {
        CaseState::Granted => Tone::Well,
        CaseState::Refused | CaseState::Lapsed => Tone::Late,
        CaseState::AwaitingSupplement | CaseState::AwaitingPayment | CaseState::Referred => Tone::Soon,
        _ => Tone::Calm,
    }
}

fn state_in_words(words: Words, state: CaseState) -> &'static str {
    match state {
        CaseState::Unspecified => "–",
        CaseState::AwaitingUnit => words.case_awaiting_its_unit(),
        CaseState::Queued => words.case_queued(),
        CaseState::InProgress => words.case_in_progress(),
        CaseState::Granted => words.case_granted(),
        CaseState::Refused => words.term_refused(),
        CaseState::AwaitingSupplement => words.term_awaiting_a_supplement(),
        CaseState::AwaitingPayment => words.term_awaiting_a_payment(),
        CaseState::Referred => words.term_awaiting_other_offices(),
        CaseState::Withdrawn => words.case_withdrawn(),
        CaseState::Lapsed => words.case_not_supplemented_in_time(),
    }
}

/// What whoever goes on with it has to know first.
fn warnings(visitor: &Visitor, whole: &Whole) -> Markup {
    let words = visitor.words;
    html! {
        @for item in whole.sent_back() {
            p.note { strong { (words.web_work_sent_back()) } " " (item.sent_back_reason) }
        }
        @for (reopening, reason) in whole.case.reopenings.iter().zip(&whole.reopening_reasons) {
            p.note {
                strong { (words.web_work_reopened(instant(visitor, reopening.reopened_at.as_ref()), &reopening.decision)) }
                " " (reason)
            }
        }
    }
}

/// What whoever looks may do, as the case says.
fn acts(portal: &Portal, visitor: &Visitor, whole: &Whole) -> Markup {
    let words = visitor.words;
    let base = format!("/ho-so/{}", whole.case.application_id);
    let mine: Vec<_> = whole.mine(visitor).collect();
    let is_decided = matches!(whole.case.state(), CaseState::Granted | CaseState::Refused);
    let is_at_centre = visitor.is(Duty::Officer) || visitor.is(Duty::Supervisor);
    html! {
        @for item in &mine { (in_hand(portal, visitor, &base, item, mine.len() > 1)) }
        div.acts {
            @if visitor.is(Duty::Officer) {
                @for item in whole.free(visitor) { (free(portal, visitor, item)) }
            }
            @if is_decided && is_at_centre {
                a.button href={ (base) "/ket-qua" } data-press="h" { (words.web_work_result()) }
            }
            @if is_decided && !visitor.is(Duty::Officer) {
                a.button.second href={ (base) "/mo-lai" } { (words.web_work_reopen()) }
            }
            @if visitor.is(Duty::Supervisor) && !is_decided && whole.case.due_at.is_some() {
                a.button.second href={ (base) "/hen-lai" } { (words.web_work_postpone()) }
            }
            a.button.second href={ (base) "/vi-sao" } data-press="v" { (words.web_work_why_here()) }
            @if is_at_centre { a href="/viec" data-press="u" { (words.web_work_to_the_list()) } }
        }
    }
}

fn in_hand(
    portal: &Portal,
    visitor: &Visitor,
    base: &str,
    item: &CaseWorkItem,
    is_one_of_many: bool,
) -> Markup {
    let words = visitor.words;
    let step = item.work_item.as_ref().map_or(0, |item| item.step);
    let query = if is_one_of_many { format!("?buoc={step}") } else { String::new() };
    let acts = [
        ("xong", "h", words.web_work_complete()),
        ("bo-sung", "b", words.web_work_supplement()),
        ("thu-tien", "", words.web_work_payment()),
        ("hoi", "", words.web_work_refer()),
        ("tra-lai", "r", words.web_work_send_back()),
        ("hen-lai", "", words.web_work_postpone()),
        ("tu-choi", "t", words.web_work_refuse()),
    ];
    html! {
        section.in-hand aria-label=(words.web_work_in_hand()) {
            p {
                strong { (words.web_work_in_hand()) ": " (visitor.text(item.step_name.as_ref())) }
                span.soft {
                    " " (words.web_work_until(instant(visitor, item.held_until.as_ref())))
                    @if item.aim_at.is_some() { " · " (words.web_work_aim(instant(visitor, item.aim_at.as_ref()))) }
                }
            }
            div.acts {
                @for (place, (act, key, label)) in acts.iter().enumerate() {
                    @if *act != "tra-lai" || step > 1 {
                        a.button.second[place > 0] href={ (base) "/" (act) (query) } data-press=[Some(*key).filter(|key| !key.is_empty())] { (label) }
                    }
                }
                form method="post" action="/viec/tra" {
                    (key_field(portal, visitor, "/viec/tra"))
                    button.quiet name=(FIELD) value=(Seen::of(item)) { (words.web_work_give_back()) }
                }
                // With script it is given by itself.
                form method="post" action="/viec/giu" data-sign-of-life {
                    (key_field(portal, visitor, "/viec/giu"))
                    input type="hidden" name=(FIELD) value=(Seen::of(item));
                    button.quiet { (words.web_work_keep()) }
                }
            }
        }
    }
}

fn free(portal: &Portal, visitor: &Visitor, item: &CaseWorkItem) -> Markup {
    html! {
        form method="post" action="/viec/nhan" {
            (key_field(portal, visitor, "/viec/nhan"))
            button name="mot" value=(Seen::of(item)) data-press="c" {
                (visitor.words.web_work_take_step(visitor.text(item.step_name.as_ref())))
            }
        }
    }
}

fn applicant(visitor: &Visitor, whole: &Whole) -> Markup {
    let words = visitor.words;
    let Some(application) = &whole.application else {
        return html! { p.empty { (words.web_work_not_opened()) } };
    };
    let Some(person) = &application.applicant else {
        return html! { p.empty { (words.web_work_erased()) } };
    };
    let wanted = ReturnWay::try_from(whole.case.result_by).unwrap_or_default();
    html! {
        section {
            h2 { (words.web_work_applicant()) }
            (part::facts(&[
                (words.web_work_name(), html! { (person.name) }),
                (words.web_work_kind(), html! { (kind(words, person)) }),
                (words.web_work_representative(), html! { (person.representative) }),
                (words.web_work_registration(), html! { (person.registration_number) }),
                (words.web_work_identity(), html! { (person.identity_number) }),
                (words.web_work_telephone(), html! { (person.telephone) }),
                (words.web_work_email(), html! { (person.email) }),
                (words.web_work_address(), html! { (person.residence.as_ref().map_or("", |home| &home.address)) }),
                (words.web_work_postal(), html! { (person.postal_address) }),
                (words.web_work_proxy(), html! {
                    @if let Some(proxy) = &person.proxy {
                        (proxy.name)
                        @for more in [&proxy.identity_number, &proxy.telephone, &proxy.email] { @if !more.is_empty() { " · " (more) } }
                    }
                }),
                (words.web_work_wanted_by(), html! { (return_way(words, wanted)) }),
            ]))
        }
    }
}

fn kind(words: Words, person: &Applicant) -> &'static str {
    match person.kind() {
        ApplicantKind::Unspecified | ApplicantKind::Person => "",
        ApplicantKind::Organisation => words.web_work_organisation(),
        ApplicantKind::HouseholdBusiness => words.web_work_household_business(),
    }
}

/// How the applicant wants the result.
pub(super) fn return_way(words: Words, way: ReturnWay) -> &'static str {
    match way {
        ReturnWay::Unspecified | ReturnWay::Counter => words.web_work_wanted_at_counter(),
        ReturnWay::Post => words.web_work_by_post(),
        ReturnWay::Electronic => words.web_work_by_file(),
    }
}

/// What the applicant was told.
fn messages(visitor: &Visitor, whole: &Whole) -> Markup {
    let words = visitor.words;
    html! {
        @if !whole.messages.is_empty() {
            details {
                summary { (words.web_work_told_applicant(whole.messages.len())) }
                ul.found {
                    @for message in &whole.messages {
                        li {
                            strong { (message.subject) } " " span.soft { (instant(visitor, message.occurred_at.as_ref())) }
                            p.body { (message.body) }
                        }
                    }
                }
            }
        }
    }
}
