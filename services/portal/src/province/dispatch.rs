//! Work that no unit can take: it is dispatched by hand.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::Uri;
use maud::{Markup, html};
use phidia_proto::{
    routing::v1::{
        AssignWorkRequest, ExplainAssignmentRequest, ListWorkRequest, ReassignWorkRequest, Unit, WorkRecord,
        WorkState, routing_service_client::RoutingServiceClient,
    },
    types::v1::WorkItem,
};

use super::menu;
use crate::{
    Portal,
    form::{Faults, Fields, Posted, key_field},
    page::{Look, Page},
    part::{self, Column, Tone, encoded, table, tag},
    services::soon,
    trouble::Trouble,
    visitor::{Operating, Visitor},
};

pub(super) const PATH: &str = "/tinh/dieu-phoi";

/// Which work item: application, step, attempt.
type Address = Path<(String, u32, u32)>;

pub(super) async fn show(State(portal): State<Portal>, who: Operating, uri: Uri) -> Result<Page, Trouble> {
    let words = who.words;
    let asked = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    let request = ListWorkRequest {
        page_size: 100,
        page_token: asked.text("trang").to_owned(),
        state: WorkState::Unassignable.into(),
    };
    let answer = RoutingServiceClient::new(portal.routing(&who)).list_work(soon(request)).await?.into_inner();
    let columns = [
        Column::Words(words.term_application()),
        Column::Numbers(words.term_step()),
        Column::Words(words.web_province_why_not()),
    ];
    let rows = html! {
        @for record in &answer.records {
            @let item = record.work_item.clone().unwrap_or_default();
            tr data-row tabindex="0" {
                th scope="row" { a href=(path(&item)) { (item.application_id) } }
                td.number { (item.step) }
                td { (tag(Tone::Late, &words.why(&record.unassignable_reason))) }
            }
        }
    };
    let title = words.web_province_dispatch();
    let main = html! {
        (menu(&who))
        h1 { (title) }
        p.lead { (words.web_province_dispatch_why()) }
        @if answer.records.is_empty() {
            p.done role="status" { (words.web_province_nothing_to_dispatch()) }
        } @else {
            (table(title, &columns, &rows))
            (part::more(words, PATH, &answer.next_page_token))
        }
    };
    Ok(Page::new(title, main).with_look(Look::Work))
}

fn path(item: &WorkItem) -> String {
    format!("{PATH}/{}/{}/{}", encoded(&item.application_id), item.step, item.attempt)
}

pub(super) async fn show_one(
    State(portal): State<Portal>,
    who: Operating,
    Path((application_id, step, attempt)): Address,
) -> Result<Page, Trouble> {
    let item = WorkItem { application_id, step, attempt };
    one(&portal, &who, &item, &Fields::default(), &Faults::none()).await
}

/// Has it tried again, or sends it to a unit.
pub(super) async fn act(
    State(portal): State<Portal>,
    Path((application_id, step, attempt)): Address,
    posted: Posted<Operating>,
) -> Result<Response, Trouble> {
    let item = WorkItem { application_id, step, attempt };
    let done = async {
        let fields = posted.sent()?.fields;
        let mut routing = RoutingServiceClient::new(portal.routing(&posted.who));
        let work_item = Some(item.clone());
        if fields.has("thu-lai") {
            routing.assign_work(soon(AssignWorkRequest { work_item })).await?;
            return Ok::<_, Trouble>(item.clone());
        }
        let request = ReassignWorkRequest {
            work_item,
            unit_code: fields.text("don-vi").to_owned(),
            reason: fields.text("ly-do").to_owned(),
            expected_fence: 0,
        };
        let moved = routing.reassign_work(soon(request)).await?.into_inner();
        Ok(moved.work_item.unwrap_or_else(|| item.clone()))
    };
    match done.await {
        Ok(item) => Ok(Redirect::to(&path(&item)).into_response()),
        Err(trouble) => {
            let faults = Faults::of(&posted.who, trouble)?.named(|field| match field {
                "unit_code" => Some("don-vi".to_owned()),
                "reason" => Some("ly-do".to_owned()),
                _ => None,
            });
            Ok(one(&portal, &posted.who, &item, posted.fields(), &faults).await?.into_response())
        }
    }
}

async fn one(
    portal: &Portal,
    who: &Operating,
    item: &WorkItem,
    fields: &Fields,
    faults: &Faults,
) -> Result<Page, Trouble> {
    let words = who.words;
    let mut routing = RoutingServiceClient::new(portal.routing(who));
    let explain = ExplainAssignmentRequest { application_id: item.application_id.clone() };
    let (explained, units) = tokio::try_join!(
        async { Ok::<_, Trouble>(routing.explain_assignment(soon(explain)).await?.into_inner()) },
        portal.units(),
    )?;
    let record = explained.records.iter().find(|record| record.work_item.as_ref() == Some(item));
    let record = record.ok_or(Trouble::NoSuchPage)?;
    let title = words.web_province_work_item(&item.application_id, item.step);
    let main = html! {
        (menu(who))
        (faults.summary(words))
        h1 { (title) }
        p { a href={ "/ho-so/" (encoded(&item.application_id)) } { (words.web_province_to_the_case()) } }
        (stands(who, record))
        @if !matches!(record.state(), WorkState::Done | WorkState::Released) {
            (form(portal, who, item, units.all(), record.state(), fields, faults))
        }
    };
    Ok(Page::new(title, main).with_look(Look::Work).with_faults(!faults.is_empty()))
}

fn stands(visitor: &Visitor, record: &WorkRecord) -> Markup {
    let words = visitor.words;
    let state = match record.state() {
        WorkState::Unassignable => tag(Tone::Late, words.route_cannot_be_assigned()),
        WorkState::Waiting => tag(Tone::Soon, words.term_waiting()),
        WorkState::Assigned => tag(Tone::Well, words.route_assigned()),
        WorkState::Done => tag(Tone::Well, words.term_done()),
        WorkState::Released => tag(Tone::Calm, words.term_taken_back()),
        WorkState::AwaitingSupplement => tag(Tone::Calm, words.term_awaiting_a_supplement()),
        WorkState::AwaitingPayment => tag(Tone::Calm, words.term_awaiting_a_payment()),
        WorkState::Referred => tag(Tone::Calm, words.term_awaiting_other_offices()),
        WorkState::Unspecified => html! {},
    };
    let decision = record.decision.as_ref();
    let moved = decision.and_then(|decision| decision.moved.as_ref());
    let refusal = record.refusal.as_ref();
    let mut left_out: Vec<_> = refusal.map(|refusal| refusal.filtered.iter().collect()).unwrap_or_default();
    left_out.sort_by(|one: &(&String, &u32), other| (other.1, one.0).cmp(&(one.1, other.0)));
    part::facts(&[
        (words.term_state(), state),
        (
            words.web_province_why_not(),
            html! {
                @if !record.unassignable_reason.is_empty() { (words.why(&record.unassignable_reason)) }
            },
        ),
        (
            words.route_left_out(),
            html! {
                @for (why, count) in left_out { div { (words.why(why)) ": " (words.count(*count)) } }
            },
        ),
        (
            words.term_unit(),
            html! { @if let Some(decision) = decision { (visitor.text(decision.unit_name.as_ref())) } },
        ),
        (
            words.term_why(),
            html! { @if let Some(decision) = decision { (visitor.text(decision.sentence.as_ref())) } },
        ),
        (words.route_moved_by(), html! { @if let Some(moved) = moved { (moved.by) ": " (moved.reason) } }),
        (
            words.route_against_the_rules(),
            html! {
                @if let Some(moved) = moved { @for name in &moved.violations { div { (tag(Tone::Soon, &words.why(name))) } } }
            },
        ),
        (
            words.route_the_policys_own_choice(),
            html! {
                @if let Some(moved) = moved { (visitor.text(moved.instead_unit_name.as_ref())) }
            },
        ),
    ])
}

fn form(
    portal: &Portal,
    who: &Operating,
    item: &WorkItem,
    units: &[Unit],
    state: WorkState,
    fields: &Fields,
    faults: &Faults,
) -> Markup {
    let words = who.words;
    let action = path(item);
    html! {
        h2 { (words.web_province_send_by_hand()) }
        p.soft { (words.web_province_send_by_hand_why()) }
        form method="post" action=(action) {
            (key_field(portal, who, &action))
            (part::select("don-vi", words.term_unit(), None, faults, html! {
                option value="" { (words.web_choose()) }
                @for unit in units {
                    option value=(unit.code) selected[fields.text("don-vi") == unit.code] {
                        (who.text(unit.name.as_ref())) " (" (unit.code) ")"
                    }
                }
            }))
            (part::text(&part::Text {
                name: "ly-do",
                label: words.term_reason(),
                hint: Some(words.web_province_reason_is_told()),
                value: fields.text("ly-do"),
                width: 50,
                ..part::Text::DEFAULT
            }, faults))
            div.row {
                button { (words.web_province_send()) }
                @if matches!(state, WorkState::Unassignable | WorkState::Waiting) {
                    button.second name="thu-lai" value="1" { (words.web_province_try_again()) }
                }
            }
        }
    }
}
