//! One procedure: what to bring, what it costs, how long it takes, and where it can be handed in.

use axum::extract::{Path, State};
use maud::{Markup, html};
use phidia_domain::Kind;
use phidia_proto::intake::v1::{
    GetProcedureRequest, GetProcedureResponse, ProcedureDocument, ProcedureFee,
    catalogue_service_client::CatalogueServiceClient,
};
use phidia_runtime::status;
use tonic::Status;

use crate::{Portal, page::Page, part, services::soon, trouble::Trouble, visitor::Visitor};

pub(super) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(code): Path<String>,
) -> Result<Page, Trouble> {
    let request = GetProcedureRequest { code, day: String::new(), province_version: 0 };
    let answer = CatalogueServiceClient::new(portal.intake(&visitor)).get_procedure(soon(request)).await;
    let answer = answer.map_err(of_address)?.into_inner();
    let procedure = answer.procedure.clone().unwrap_or_default();
    let name = visitor.text(procedure.name.as_ref());
    let main = html! {
        p.soft { (visitor.text(procedure.field.as_ref())) " · " (procedure.code) }
        h1 { (name) }
        (facts(&visitor, &answer))
        (documents(&visitor, &answer.documents))
        (fees(&visitor, &answer))
    };
    Ok(Page::new(name, main))
}

fn facts(visitor: &Visitor, answer: &GetProcedureResponse) -> Markup {
    let words = visitor.words;
    let procedure = answer.procedure.as_ref();
    let limit = visitor.text(procedure.and_then(|procedure| procedure.time_limit.as_ref()));
    // As `procedures.csv` has it.
    let boundary = match answer.boundary.as_str() {
        "A_decide_anywhere" => words.web_boundary_decided_anywhere(),
        "B_receive_anywhere" => words.web_boundary_received_anywhere(),
        "B_online_assist" => words.web_boundary_helped_anywhere(),
        "C_fixed_place" => words.web_boundary_fixed(),
        "C_own_system" => words.web_boundary_own_system(),
        _ => "",
    };
    let corridor = match answer.corridor.as_str() {
        "hours_16" => words.web_corridor_hours(),
        "half_time" => words.web_corridor_half(),
        _ => "",
    };
    part::facts(&[
        (words.web_takes(), html! { (limit) }),
        (words.web_faster(), html! { (corridor) }),
        (words.web_where(), html! { (boundary) }),
        (words.web_on_list(), html! { (answer.boundary_list) }),
        (words.web_decided_by(), html! { (answer.decided_by) }),
        (words.web_result(), html! { (answer.result_vi) }),
    ])
}

fn documents(visitor: &Visitor, documents: &[ProcedureDocument]) -> Markup {
    let words = visitor.words;
    let need = |one: &ProcedureDocument| match (&one.condition, one.required) {
        _ if !one.from_data.is_empty() => words.web_not_asked_for(&one.from_data),
        (Some(condition), _) => words.web_only_if(visitor.text(Some(condition))),
        (None, true) => words.web_required().to_owned(),
        (None, false) => words.web_if_you_have_it().to_owned(),
    };
    html! {
        h2 { (words.web_what_to_bring()) }
        @if documents.is_empty() {
            p { (words.web_nothing_to_bring()) }
        } @else {
            ul.papers {
                @for one in documents {
                    li {
                        strong { (visitor.text(one.name.as_ref())) }
                        p.soft {
                            (need(one))
                            @if one.originals > 0 && one.from_data.is_empty() { " · " (words.web_originals(one.originals)) }
                            @if one.copies > 0 && one.from_data.is_empty() { " · " (words.web_copies(one.copies)) }
                        }
                    }
                }
            }
        }
    }
}

fn fees(visitor: &Visitor, answer: &GetProcedureResponse) -> Markup {
    let words = visitor.words;
    let free = |fee: &ProcedureFee| {
        let groups: Vec<_> = fee.exempt.iter().map(|group| visitor.text(Some(group))).collect();
        groups.join(", ")
    };
    html! {
        h2 { (words.web_fee()) }
        @if answer.fees.is_empty() {
            @match answer.procedure.as_ref().and_then(|procedure| procedure.fee_vnd) {
                Some(0) => p { (words.web_no_fee()) },
                Some(fee) => p { (words.dong(fee)) },
                None => p { (words.web_fee_unknown()) },
            }
        } @else {
            ul.papers {
                @for fee in &answer.fees {
                    li {
                        strong { (visitor.text(fee.name.as_ref())) ": " (words.dong(fee.amount_vnd)) }
                        @let per = visitor.text(fee.per.as_ref());
                        @if !per.is_empty() { " / " (per) }
                        @if let Some(online) = fee.online_amount_vnd { p.soft { (words.web_fee_online(words.dong(online))) } }
                        @let groups = free(fee);
                        @if !groups.is_empty() { p.soft { (words.web_free_for(groups)) } }
                    }
                }
            }
        }
    }
}

/// The code stands in the address: what no procedure has is a page that is not there.
fn of_address(status: Status) -> Trouble {
    let mut rejection = status::from_status(&status);
    if rejection.reason == "UNKNOWN_PROCEDURE" {
        rejection.kind = Kind::NotFound;
    }
    rejection.into()
}
