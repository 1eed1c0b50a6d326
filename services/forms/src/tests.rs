//! Whatever is filled in, everything stands where it may stand.

use jiff::civil::{DateTime, date};
use phidia_domain::application::DocumentForm;
use proptest::{collection::vec, prelude::*};

use super::*;
use crate::{
    heading::Finished,
    layout::{Mark, Paper},
};

const AT: DateTime = date(2026, 11, 23).at(9, 5, 0, 0);

/// Vietnamese, some of it decomposed, with what else people paste: other scripts, signs, line ends, words without end.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        8 => "[a-zA-ZàảạăằậđêềệôồộơờợưừựýỳỵĐÀẢẠĂẰẬÊỀỆÔỒỘƠỜỢƯỪỰ]{1,9}",
        1 => "[a-zA-Z0-9@./-]{30,120}",
        1 => "\\PC{1,8}",
        1 => Just("Nguye\u{302}\u{303}n\n".to_owned()),
    ];
    vec(word, 0..25).prop_map(|words| words.join(" "))
}

fn dossier(name: &str, procedure: &str) -> Dossier {
    Dossier {
        code: "H42.14701-261123-0001".into(),
        procedure_code: "1.004873".into(),
        procedure: procedure.to_owned(),
        applicant: Applicant {
            name: name.to_owned(),
            telephone: name.to_owned(),
            email: procedure.to_owned(),
            address: name.to_owned(),
            representative: procedure.to_owned(),
            proxy: name.to_owned(),
        },
    }
}

/// Every form with these texts in every place that is filled in.
fn forms(one: &str, other: &str, times: usize) -> Vec<Finished> {
    let office = Office { superior: Some(other.to_owned()), name: one.to_owned(), place: "Yên Mô".into() };
    let (dossier, owned) = (dossier(one, other), str::to_owned);
    let receipt = Receipt {
        office: office.clone(),
        dossier: dossier.clone(),
        check_code: "493027".into(),
        signed: Some("PHIDIA1/".repeat(30)),
        time_limit: owned(one),
        received_at: AT,
        due_at: None,
        return_at: owned(other),
        papers: vec![Listed { name: one.to_owned(), form: DocumentForm::Copy, copies: u32::MAX }; times],
        fee_vnd: Some(i64::MAX),
    };
    let supplement = SupplementRequest {
        office: office.clone(),
        dossier: dossier.clone(),
        asked_by: owned(other),
        reasons: vec![owned(one); times],
        asked_at: AT,
        until: AT,
    };
    let refusal = Refusal {
        office: office.clone(),
        dossier: dossier.clone(),
        refused_by: owned(one),
        reason: one.repeat(times),
        refused_at: AT,
    };
    let apology = Apology {
        office: office.clone(),
        dossier: dossier.clone(),
        working_unit: owned(other),
        received_at: AT,
        promised: AT,
        reason: one.repeat(times),
        due_at: AT,
        written_at: AT,
    };
    let stop = StopNotice {
        office: office.clone(),
        dossier: dossier.clone(),
        received_at: AT,
        ground: Ground::Lapsed { until: Some(AT) },
        stopped_at: AT,
    };
    let hand_over = HandOver {
        from: owned(one),
        to: owned(other),
        at: AT,
        taken_up_at: Some(AT),
        done_at: Some(AT),
        officer: owned(one),
        timeliness: Some(Timeliness::Late),
        note: other.repeat(times),
    };
    let control = ControlSlip {
        office: office.clone(),
        dossier_code: dossier.code.clone(),
        procedure_code: dossier.procedure_code.clone(),
        procedure: owned(other),
        received_at: AT,
        due_at: None,
        hand_overs: vec![hand_over; times],
        made_at: AT,
    };
    let entry = Entry {
        dossier,
        working_unit: owned(one),
        received_at: AT,
        due_at: Some(AT),
        return_at: owned(other),
        status: phidia_domain::application::Status::Lapsed,
        supplement_until: None,
        ended_at: Some(AT),
    };
    let register = Register {
        office,
        unit_code: "14701".into(),
        from: AT.date(),
        to: AT.date(),
        entries: vec![entry; times],
        made_at: AT,
    };
    let laid_out = [
        receipt.lay_out(),
        supplement.lay_out(),
        refusal.lay_out(),
        apology.lay_out(),
        stop.lay_out(),
        control.lay_out(),
        register.lay_out(),
    ];
    laid_out.into_iter().map(Result::unwrap).collect()
}

/// How far a mark reaches: left, top, right, bottom.
fn bounds(mark: &Mark) -> (f32, f32, f32, f32) {
    match mark {
        Mark::Text { x, y, span, size, stretch } => {
            let spaces = f32::from(u16::try_from(span.text.matches(' ').count()).unwrap());
            let width = span.face.width(&span.text, *size).unwrap() + spaces * stretch;
            (*x, y - size, x + width, y + 0.3 * size)
        }
        Mark::Line { from, to } => (from.0, from.1, to.0, to.1),
        Mark::Squares { side, at } => at.iter().fold((f32::MAX, f32::MAX, 0.0, 0.0), |all, (x, y)| {
            (f32::min(all.0, *x), f32::min(all.1, *y), f32::max(all.2, x + side), f32::max(all.3, y + side))
        }),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Nothing runs beyond a margin, and each form can be written down.
    #[test]
    fn nothing_runs_beyond_the_margins(one in text(), other in text(), times in 0..5_usize) {
        for form in forms(&one, &other, times) {
            let Paper { width, height, top, bottom, left, right } = form.layout.paper;
            for (page, marks) in form.layout.pages.iter().enumerate() {
                for mark in marks {
                    let (from_x, from_y, to_x, to_y) = bounds(mark);
                    // The form's number stands a line above the text.
                    prop_assert!(from_x >= left - 0.5 && to_x <= width - right + 0.5, "{page}: {mark:?}");
                    prop_assert!(from_y >= top - 20.0 && to_y <= height - bottom + 5.0, "{page}: {mark:?}");
                }
            }
            prop_assert!(form.write().is_ok());
        }
    }
}
