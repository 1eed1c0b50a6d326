//! One work item: where it is, and who else may have it.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};
use phidia_proto::{
    processing::v1::{CaseWorkItem, HandOverWorkItemRequest, case_service_client::CaseServiceClient},
    routing::v1::{
        Decision, ExplainAssignmentRequest, GetUnitResponse, ReassignWorkRequest, Unit, WorkRecord,
        routing_service_client::RoutingServiceClient,
    },
    types::v1::WorkItem,
};

use super::{centre, menu};
use crate::{
    Portal,
    form::{Faults, Fields, Posted, key_field},
    page::{Look, Page},
    part::{self, Column, encoded},
    services::soon,
    trouble::Trouble,
    visitor::{Supervising, Visitor},
};

/// Where it is looked at: application, step, attempt.
type Address = Path<(String, u32, u32)>;

/// The page of a work item.
pub(super) fn path(item: Option<&WorkItem>) -> String {
    let item = item.cloned().unwrap_or_default();
    format!("/phu-trach/viec/{}/{}/{}", encoded(&item.application_id), item.step, item.attempt)
}

/// A work item with its fence, as a box that is ticked has it.
pub(super) fn tick(item: &CaseWorkItem) -> String {
    let fence = item.fence;
    let item = item.work_item.clone().unwrap_or_default();
    format!("{}/{}/{}/{fence}", item.application_id, item.step, item.attempt)
}

/// The same read back.
pub(super) fn ticked(text: &str) -> Option<(WorkItem, u64)> {
    let mut parts = text.split('/');
    let application_id = parts.next()?.to_owned();
    let (step, attempt) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some((WorkItem { application_id, step, attempt }, parts.next()?.parse().ok()?))
}

pub(super) async fn show(
    State(portal): State<Portal>,
    who: Supervising,
    Path((application_id, step, attempt)): Address,
) -> Result<Page, Trouble> {
    let item = WorkItem { application_id, step, attempt };
    page(&portal, &who, &item, &Fields::default(), &Faults::none()).await
}

/// Gives it to an officer of the centre.
pub(super) async fn give(
    State(portal): State<Portal>,
    Path((application_id, step, attempt)): Address,
    posted: Posted<Supervising>,
) -> Result<Response, Trouble> {
    let item = WorkItem { application_id, step, attempt };
    let given = async {
        let fields = posted.sent()?.fields;
        let request = HandOverWorkItemRequest {
            work_item: Some(item.clone()),
            expected_fence: fields.text("lan").parse().unwrap_or_default(),
            officer_code: fields.text("cho").to_owned(),
        };
        let mut cases = CaseServiceClient::new(portal.processing(&posted.who));
        cases.hand_over_work_item(soon(request)).await?;
        Ok::<_, Trouble>(())
    };
    match given.await {
        Ok(()) => Ok(Redirect::to(&path(Some(&item))).into_response()),
        Err(trouble) => again(&portal, &posted, &item, trouble).await,
    }
}

/// Sends it to another unit.
pub(super) async fn send_elsewhere(
    State(portal): State<Portal>,
    Path((application_id, step, attempt)): Address,
    posted: Posted<Supervising>,
) -> Result<Response, Trouble> {
    let item = WorkItem { application_id, step, attempt };
    let sent = async {
        let fields = posted.sent()?.fields;
        let request = ReassignWorkRequest {
            work_item: Some(item.clone()),
            unit_code: fields.text("don-vi").to_owned(),
            reason: fields.text("ly-do").to_owned(),
            expected_fence: fields.text("lan").parse().unwrap_or_default(),
        };
        let mut routing = RoutingServiceClient::new(portal.routing(&posted.who));
        Ok::<_, Trouble>(routing.reassign_work(soon(request)).await?.into_inner())
    };
    match sent.await {
        // To where it is seen with what spoke against it.
        Ok(moved) => Ok(Redirect::to(&path(moved.work_item.as_ref())).into_response()),
        Err(trouble) => again(&portal, &posted, &item, trouble).await,
    }
}

async fn again(
    portal: &Portal,
    posted: &Posted<Supervising>,
    item: &WorkItem,
    trouble: Trouble,
) -> Result<Response, Trouble> {
    let faults = Faults::of(&posted.who, trouble)?.named(|field| {
        let name = match field {
            "officer_code" => "cho",
            "unit_code" => "don-vi",
            "reason" => "ly-do",
            _ => return None,
        };
        Some(name.to_owned())
    });
    Ok(page(portal, &posted.who, item, posted.fields(), &faults).await?.into_response())
}

async fn page(
    portal: &Portal,
    who: &Supervising,
    item: &WorkItem,
    fields: &Fields,
    faults: &Faults,
) -> Result<Page, Trouble> {
    let words = who.words;
    let mut routing = RoutingServiceClient::new(portal.routing(who));
    let explain = ExplainAssignmentRequest { application_id: item.application_id.clone() };
    let (unit, work, units, explained) =
        tokio::try_join!(centre::unit(portal, who), centre::work(portal, who), portal.units(), async {
            Ok(routing.explain_assignment(soon(explain)).await?.into_inner())
        },)?;
    let is_it = |other: Option<&WorkItem>| {
        other.is_some_and(|other| other.application_id == item.application_id && other.step == item.step)
    };
    let here = work.iter().find(|work| is_it(work.work_item.as_ref()));
    let records: Vec<_> =
        explained.records.iter().filter(|record| is_it(record.work_item.as_ref())).collect();
    let Some(last) = records.last() else { return Err(Trouble::NoSuchPage) };
    let title = match here {
        Some(work) => format!("{} – {}", work.dossier_code, who.text(work.step_name.as_ref())),
        None => words.web_supervise_step_of(item.step),
    };
    let main = html! {
        (menu(who))
        (faults.summary(words))
        h1 { (title) }
        p { a href={ "/ho-so/" (encoded(&item.application_id)) } { (words.web_supervise_to_the_case()) } }
        (facts(who, &unit, here, last))
        @match here {
            None => p.note { (words.web_supervise_not_here()) },
            Some(work) => {
                (within(portal, who, item, &unit, work, fields, faults))
                (elsewhere(portal, who, item, work, units.all(), last.decision.as_ref(), fields, faults))
            }
        }
    };
    Ok(Page::new(title, main).with_look(Look::Work).with_faults(!faults.is_empty()))
}

fn facts(
    who: &Supervising,
    unit: &GetUnitResponse,
    here: Option<&CaseWorkItem>,
    record: &WorkRecord,
) -> Markup {
    let words = who.words;
    let decision = record.decision.as_ref();
    let moved = decision.and_then(|decision| decision.moved.as_ref());
    let holder = here.map(|work| work.officer_code.as_str()).filter(|code| !code.is_empty());
    let holder = holder.map(|code| {
        unit.officers.iter().find(|officer| officer.code == code).map_or(code, |officer| &officer.name)
    });
    part::facts(&[
        (
            words.term_procedure(),
            html! { @if let Some(work) = here { (who.text(work.procedure_name.as_ref())) } },
        ),
        (
            words.term_unit(),
            html! { @if let Some(decision) = decision { (who.text(decision.unit_name.as_ref())) } },
        ),
        (words.case_held_by(), html! { @if let Some(name) = holder { (name) } }),
        (
            words.case_time_left(),
            html! {
                @if let Some(minutes) = here.and_then(|work| work.minutes_left) { (words.left(minutes)) }
            },
        ),
        (words.term_due(), html! { @if let Some(work) = here { (who.instant(work.due_at.as_ref())) } }),
        (
            words.term_why(),
            html! {
                @if let Some(decision) = decision { (who.text(decision.sentence.as_ref())) }
            },
        ),
        (
            words.route_moved_by(),
            html! {
                @if let Some(moved) = moved {
                    (moved.by) " (" (who.text(moved.from_unit_name.as_ref())) "): " (moved.reason)
                }
            },
        ),
        (
            words.route_against_the_rules(),
            html! {
                @if let Some(moved) = moved {
                    @for name in &moved.violations { div { (part::tag(part::Tone::Soon, &words.why(name))) } }
                }
            },
        ),
        (
            words.route_the_policys_own_choice(),
            html! {
                @if let Some(moved) = moved { (who.text(moved.instead_unit_name.as_ref())) }
            },
        ),
    ])
}

fn within(
    portal: &Portal,
    who: &Supervising,
    item: &WorkItem,
    unit: &GetUnitResponse,
    work: &CaseWorkItem,
    fields: &Fields,
    faults: &Faults,
) -> Markup {
    let words = who.words;
    let action = format!("{}/giao", path(Some(item)));
    let field = work.field.as_ref().map(|field| field.vi.as_str()).unwrap_or_default();
    html! {
        h2 { (words.web_supervise_within()) }
        p.soft { (words.web_supervise_needs(who.text(work.field.as_ref()), work.level)) }
        form method="post" action=(action) {
            (key_field(portal, who, &action))
            input type="hidden" name="lan" value=(work.fence);
            (part::select("cho", words.term_officer(), None, faults, html! {
                option value="" { (words.web_choose()) }
                @for officer in &unit.officers {
                    @let level = officer.competencies.iter().find(|one| one.field == field).map(|one| one.level);
                    option value=(officer.code) selected[fields.text("cho") == officer.code] {
                        (officer.name) " (" (officer.code) ")"
                        @if let Some(level) = level { " – " (words.web_supervise_at_level(level)) }
                    }
                }
            }))
            button { (words.web_supervise_give()) }
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "what a form is drawn of")]
fn elsewhere(
    portal: &Portal,
    who: &Supervising,
    item: &WorkItem,
    work: &CaseWorkItem,
    units: &[Unit],
    decision: Option<&Decision>,
    fields: &Fields,
    faults: &Faults,
) -> Markup {
    let words = who.words;
    let action = format!("{}/chuyen", path(Some(item)));
    html! {
        h2 { (words.web_supervise_elsewhere()) }
        @if let Some(decision) = decision { (weighed(who, decision)) }
        form method="post" action=(action) {
            (key_field(portal, who, &action))
            input type="hidden" name="lan" value=(work.fence);
            (part::select("don-vi", words.term_unit(), None, faults, html! {
                option value="" { (words.web_supervise_the_policy_chooses()) }
                @for unit in units.iter().filter(|unit| unit.unit_id != work.unit_id) {
                    option value=(unit.code) selected[fields.text("don-vi") == unit.code] {
                        (who.text(unit.name.as_ref())) " (" (unit.code) ")"
                    }
                }
            }))
            (part::text(&part::Text {
                name: "ly-do",
                label: words.term_reason(),
                hint: Some(words.web_supervise_reason_is_kept()),
                value: fields.text("ly-do"),
                width: 50,
                ..part::Text::DEFAULT
            }, faults))
            button { (words.web_supervise_send()) }
        }
    }
}

/// What was weighed when it came here, and what spoke against the others.
pub(crate) fn weighed(visitor: &Visitor, decision: &Decision) -> Markup {
    let words = visitor.words;
    let columns = [
        Column::Words(words.route_candidate()),
        Column::Words(words.route_predicted_finish()),
        Column::Numbers(words.route_risk_of_being_late()),
        Column::Numbers(words.route_queued_ahead()),
        Column::Numbers(words.route_able_officers()),
    ];
    let rows = html! {
        @for candidate in &decision.candidates {
            tr {
                th scope="row" { (visitor.text(candidate.unit_name.as_ref())) }
                td { (visitor.instant(candidate.predicted_finish_at.as_ref())) }
                td.number { (words.share(candidate.late_probability)) }
                td.number { (words.span(candidate.queued_minutes)) }
                td.number { (words.count(candidate.competent_officers)) }
            }
        }
    };
    let mut left_out: Vec<_> = decision.filtered.iter().collect();
    left_out.sort_by(|one, other| (other.1, one.0).cmp(&(one.1, other.0)));
    html! {
        (part::table(words.route_candidate(), &columns, &rows))
        @if !left_out.is_empty() {
            p.soft {
                (words.route_left_out()) ": "
                @for (place, (why, count)) in left_out.iter().enumerate() {
                    @if place > 0 { ", " }
                    (words.why(why)) " (" (words.count(**count)) ")"
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_names_the_attempt_and_its_fence() {
        let work_item = WorkItem { application_id: "app_0".into(), step: 2, attempt: 1 };
        let item = CaseWorkItem { work_item: Some(work_item.clone()), fence: 7, ..CaseWorkItem::default() };
        assert_eq!(ticked(&tick(&item)), Some((work_item, 7)));
        assert_eq!(ticked("app_0/2/1"), None);
        assert_eq!(ticked(""), None);
    }
}
