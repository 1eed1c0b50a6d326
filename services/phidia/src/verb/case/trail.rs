//! What has happened to the work items of a case, as `phidia case show --trail` prints it.
use phidia_proto::processing::v1::{CaseTransition, CaseTransitionKind};
use phidia_words::Words;

use crate::show::{self, Zone};

pub(super) fn print(speech: Words, zone: &Zone, transitions: &[CaseTransition]) {
    let rows = transitions.iter().map(|it| {
        vec![
            zone.instant(it.occurred_at.as_ref()),
            format!("{}\n--fence {}", show::work_item(it.work_item.as_ref()), it.fence),
            what(speech, it.kind()).to_owned(),
            // Who has left the office has an id only.
            known(if it.officer_code.is_empty() { &it.officer_id } else { &it.officer_code }, "–"),
            known(&it.actor, speech.term_unknown()),
        ]
    });
    let headings = [
        speech.term_when(),
        speech.term_work_item(),
        speech.case_what_happened(),
        speech.case_officer(),
        speech.term_by_2(),
    ];
    show::page(speech, &headings, rows.collect(), "");
}

fn known(text: &str, otherwise: &str) -> String {
    if text.is_empty() { otherwise } else { text }.to_owned()
}

fn what(speech: Words, kind: CaseTransitionKind) -> &'static str {
    match kind {
        CaseTransitionKind::Unspecified => "–",
        CaseTransitionKind::Reached => speech.case_reached_the_unit(),
        CaseTransitionKind::TakenUp => speech.case_an_officer_has_it(),
        CaseTransitionKind::Returned => speech.case_back_in_the_worklist(),
        CaseTransitionKind::SupplementRequested => speech.case_supplement_requested(),
        CaseTransitionKind::PaymentRequested => speech.case_payment_requested(),
        CaseTransitionKind::Referred => speech.case_other_offices_asked(),
        CaseTransitionKind::Resumed => speech.case_resumed(),
        CaseTransitionKind::Done => speech.case_done(),
        CaseTransitionKind::SentBack => speech.case_sent_back_to_be_corrected_2(),
        CaseTransitionKind::Superseded => speech.case_moved_to_another_unit(),
        CaseTransitionKind::Stopped => speech.case_ended_with_its_case(),
        CaseTransitionKind::Reopened => speech.case_opened_again_2(),
    }
}
