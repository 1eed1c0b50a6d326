//! By when it is to be finished, and why then.

use maud::{Markup, html};
use phidia_proto::types::v1::Text;

use super::{instant, whole::Whole};
use crate::{part, visitor::Visitor};

pub(super) fn drawn(visitor: &Visitor, whole: &Whole) -> Markup {
    let words = visitor.words;
    let case = &whole.case;
    let reckoned = whole.deadline.as_ref().and_then(|deadline| deadline.deadline.as_ref());
    let corridor = reckoned.and_then(|deadline| deadline.corridor.as_ref());
    html! {
        section {
            h2 { (words.web_work_clock()) }
            (part::facts(&[
                (words.web_work_received(), html! { (instant(visitor, case.submitted_at.as_ref())) }),
                (words.web_takes(), html! { (visitor.text(reckoned.and_then(|deadline| deadline.time_limit.as_ref()))) }),
                (words.web_work_promised(), html! { (instant(visitor, case.due_at.as_ref())) }),
                (words.web_work_corridor_due(), html! { (instant(visitor, case.corridor_due_at.as_ref())) }),
                (words.web_work_supplement_asked(), supplement(visitor, whole)),
                (words.web_work_payments(), payments(visitor, whole)),
                (words.web_work_new_appointment(), html! {
                    @if let Some(postponed) = &case.postponement { (instant(visitor, postponed.appointment_at.as_ref())) }
                }),
            ]))
            @if let Some(deadline) = reckoned {
                @if !deadline.arithmetic.is_empty() {
                    details {
                        summary { (words.web_work_how_reckoned()) }
                        (lines(visitor, &deadline.arithmetic))
                        @if let Some(corridor) = corridor {
                            p { strong { (words.web_work_corridor_due()) } }
                            (lines(visitor, &corridor.arithmetic))
                        }
                    }
                }
            }
        }
    }
}

fn lines(visitor: &Visitor, lines: &[Text]) -> Markup {
    html! { ol { @for line in lines { li { (visitor.text(Some(line))) } } } }
}

fn supplement(visitor: &Visitor, whole: &Whole) -> Markup {
    let words = visitor.words;
    let Some(asked) = &whole.case.supplement else { return html! {} };
    let (requested, until) =
        (instant(visitor, asked.requested_at.as_ref()), instant(visitor, asked.until.as_ref()));
    html! {
        @match &asked.received_at {
            None => (words.case_supplement_asked_for(requested, until)),
            received => (words.case_supplement_received(instant(visitor, received.as_ref()), requested)),
        }
    }
}

fn payments(visitor: &Visitor, whole: &Whole) -> Markup {
    let words = visitor.words;
    html! {
        @for payment in &whole.case.payments {
            @let requested = instant(visitor, payment.requested_at.as_ref());
            p {
                (words.dong(payment.amount_dong)) ", "
                @match &payment.paid_at {
                    None => (words.web_work_payment_waits(requested)),
                    paid => (words.web_work_payment_paid(instant(visitor, paid.as_ref()))),
                }
            }
        }
    }
}
