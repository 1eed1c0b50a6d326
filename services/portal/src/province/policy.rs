//! The policy: what holds, what another one would do, and publishing it.

use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::Uri;
use maud::{Markup, html};
use phidia_domain::{
    Kind, Rejection,
    policy::{
        difference::{Change, between},
        document,
    },
};
use phidia_proto::routing::v1::{
    CheckPolicyRequest, CheckPolicyResponse, Coverage, GetPolicyRequest, IdleRule, ListPoliciesRequest,
    LiveCases, LiveResult, PolicyVersion, PublishPolicyRequest, SimulateRequest,
    policy_service_client::PolicyServiceClient, routing_service_client::RoutingServiceClient,
    simulate_request::Start, simulate_response::Answer,
};

use super::{foreseen, menu, simulate, takers};
use crate::{
    Portal,
    form::{Faults, Fields, Posted, key_field},
    page::{Look, Page},
    part::{self, Column, table},
    services::{soon, unhurried},
    trouble::Trouble,
    visitor::{Operating, Visitor},
};

pub(super) const PATH: &str = "/tinh/chinh-sach";

/// What is shown of a document that was filled in.
#[derive(Debug, Default)]
enum Found {
    #[default]
    Nothing,
    /// What the province says to it.
    Checked(CheckPolicyResponse),
    /// What it would do to the cases that are open.
    Foreseen(LiveResult),
}

pub(super) async fn show(State(portal): State<Portal>, who: Operating, uri: Uri) -> Result<Page, Trouble> {
    let asked = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    let version = asked.text("ban").parse().unwrap_or_default();
    page(&portal, &who, version, &Fields::default(), &Found::Nothing, &Faults::none()).await
}

pub(super) async fn act(
    State(portal): State<Portal>,
    posted: Posted<Operating>,
) -> Result<Response, Trouble> {
    let fields = posted.fields();
    let done = async {
        posted.sent()?;
        if fields.has("cong-bo") {
            publish(&portal, &posted).await?;
            return Ok::<_, Trouble>(None);
        }
        match fields.has("thu") {
            true => Ok(Some(Found::Foreseen(foresee(&portal, &posted).await?))),
            false => Ok(Some(Found::Checked(check(&portal, &posted).await?))),
        }
    };
    let (found, faults) = match done.await {
        Ok(None) => return Ok(Redirect::to(PATH).into_response()),
        Ok(Some(found)) => (found, Faults::none()),
        Err(trouble) => {
            let faults = Faults::of(&posted.who, trouble)?.named(|field| match field {
                "reason" => Some("ly-do".to_owned()),
                // With the line: `document:12:5`.
                place if place.starts_with("document") || place == "policy" => Some("van-ban".to_owned()),
                _ => None,
            });
            (Found::Nothing, faults)
        }
    };
    Ok(page(&portal, &posted.who, 0, fields, &found, &faults).await?.into_response())
}

fn text_of(fields: &Fields) -> String {
    fields.text("van-ban").to_owned() + "\n"
}

async fn check(portal: &Portal, posted: &Posted<Operating>) -> Result<CheckPolicyResponse, Trouble> {
    let request = CheckPolicyRequest { document: text_of(posted.fields()), from: String::new() };
    let mut policies = PolicyServiceClient::new(portal.routing(&posted.who));
    Ok(policies.check_policy(unhurried(request)).await?.into_inner())
}

async fn foresee(portal: &Portal, posted: &Posted<Operating>) -> Result<LiveResult, Trouble> {
    let request =
        SimulateRequest { policy: text_of(posted.fields()), start: Some(Start::Live(LiveCases {})) };
    let mut routing = RoutingServiceClient::new(portal.routing(&posted.who));
    let mut answers = routing.simulate(unhurried(request)).await?.into_inner();
    while let Some(answer) = answers.message().await? {
        if let Some(Answer::Live(result)) = answer.answer {
            return Ok(result);
        }
    }
    let message = "the simulation has ended without a result";
    Err(Rejection::new(Kind::Unavailable, "NO_RESULT_OF_SIMULATION", message).into())
}

async fn publish(portal: &Portal, posted: &Posted<Operating>) -> Result<(), Trouble> {
    let fields = posted.fields();
    let request = PublishPolicyRequest {
        document: text_of(fields),
        reason: fields.text("ly-do").to_owned(),
        expected_version: fields.text("ban").parse().unwrap_or_default(),
        allow_uncovered: fields.has("cho-thieu"),
    };
    let mut policies = PolicyServiceClient::new(portal.routing(&posted.who));
    policies.publish_policy(unhurried(request)).await?;
    Ok(())
}

async fn page(
    portal: &Portal,
    who: &Operating,
    version: u32,
    fields: &Fields,
    found: &Found,
    faults: &Faults,
) -> Result<Page, Trouble> {
    let words = who.words;
    let mut policies = PolicyServiceClient::new(portal.routing(who));
    let (mut also, mut too) = (policies.clone(), policies.clone());
    let (active, shown, versions) = tokio::try_join!(
        policies.get_policy(soon(GetPolicyRequest { version: 0 })),
        also.get_policy(soon(GetPolicyRequest { version })),
        too.list_policies(soon(ListPoliciesRequest { page_size: 50, page_token: String::new() })),
    )?;
    let active = active.into_inner().policy.unwrap_or_default();
    let shown = shown.into_inner().policy.unwrap_or_default();
    let text = if fields.has("van-ban") { text_of(fields) } else { shown.document.clone() };
    let title = words.web_province_policy();
    let main = html! {
        (menu(who))
        (faults.summary(words))
        h1 { (title) }
        (part::facts(&[
            (words.web_province_holds(), html! { (named(&active)) }),
            (words.policy_published(), html! { (who.instant(active.published_at.as_ref())) }),
            (words.policy_by(), html! { (active.published_by) }),
            (words.term_reason(), html! { (active.reason) }),
        ]))
        @match found {
            Found::Nothing => {},
            Found::Checked(answer) => (checked(who, &active, &text, answer)),
            Found::Foreseen(result) => (foreseen::drawn(who, result)),
        }
        h2 { (words.web_province_document()) " " span.soft { (named(&shown)) } }
        form method="post" action=(PATH) {
            (key_field(portal, who, PATH))
            input type="hidden" name="ban" value=(active.version);
            (part::area("van-ban", words.web_province_document_label(), Some(words.web_province_document_hint()), &text, 24, faults))
            (part::text(&part::Text {
                name: "ly-do",
                label: words.term_reason(),
                hint: Some(words.web_province_reason_to_publish()),
                value: fields.text("ly-do"),
                width: 50,
                ..part::Text::DEFAULT
            }, faults))
            (part::tick("cho-thieu", words.web_province_allow_uncovered(), fields.has("cho-thieu")))
            div.row {
                button.second name="kiem-tra" value="1" { (words.web_province_check()) }
                button.second name="thu" value="1" { (words.web_province_foresee()) }
                button name="cong-bo" value="1" { (words.web_province_publish()) }
            }
        }
        p { a href=(simulate::PATH) { (words.web_province_play()) } }
        (takers::form(who, "", "", &Faults::none()))
        (history(who, &versions.into_inner().policies))
    };
    Ok(Page::new(title, main).with_look(Look::Work).with_faults(!faults.is_empty()))
}

fn named(policy: &PolicyVersion) -> String {
    format!("{} v{}", policy.name, policy.version)
}

fn history(who: &Operating, versions: &[PolicyVersion]) -> Markup {
    let words = who.words;
    let columns = [
        Column::Words(words.term_version()),
        Column::Words(words.policy_published()),
        Column::Words(words.policy_by()),
        Column::Words(words.term_reason()),
    ];
    let rows = html! {
        @for policy in versions {
            tr data-row tabindex="0" {
                th scope="row" {
                    a href={ (PATH) "?ban=" (policy.version) } { (named(policy)) }
                    @if policy.active { (words.policy_which_holds()) }
                }
                td { (who.instant(policy.published_at.as_ref())) }
                td { (policy.published_by) }
                td { (policy.reason) }
            }
        }
    };
    html! { h2 { (words.web_province_versions()) } (table(words.web_province_versions(), &columns, &rows)) }
}

/// What is otherwise in it than in the policy that holds, and who may take what under it.
fn checked(who: &Operating, active: &PolicyVersion, text: &str, answer: &CheckPolicyResponse) -> Markup {
    let words = who.words;
    let both = document::read(&active.document).ok().zip(document::read(text).ok());
    let changes = both.map(|(old, new)| between(&old, &new)).unwrap_or_default();
    let columns = [
        Column::Words(words.policy_dial()),
        Column::Words(words.policy_old()),
        Column::Words(words.policy_new()),
    ];
    let rows = html! {
        @for Change { dial, old, new } in &changes {
            tr {
                th scope="row" { (dial) }
                td { (old.as_deref().unwrap_or("–")) }
                td { (new.as_deref().unwrap_or("–")) }
            }
        }
    };
    html! {
        section aria-labelledby="kiem-tra" {
            h2 #kiem-tra tabindex="-1" autofocus { (words.web_province_checked(&answer.name)) }
            @if changes.is_empty() {
                p { (words.web_province_no_changes()) }
            } @else {
                (table(words.web_province_changes(), &columns, &rows))
            }
            @if let Some(coverage) = &answer.coverage { (covered(who, coverage)) }
        }
    }
}

fn covered(visitor: &Visitor, coverage: &Coverage) -> Markup {
    let words = visitor.words;
    let mut rules: Vec<_> = coverage.by_rule.iter().collect();
    rules.sort_by(|one, other| (other.1, one.0).cmp(&(one.1, other.0)));
    let columns = [
        Column::Words(words.term_procedure()),
        Column::Numbers(words.term_step()),
        Column::Words(words.policy_homes()),
        Column::Words(words.policy_from()),
        Column::Numbers(words.policy_cases()),
        Column::Words(words.term_reason()),
    ];
    let rows = html! {
        @for gap in &coverage.gaps {
            tr {
                th scope="row" { (gap.procedure_code) }
                td.number { (gap.step) }
                td { (gap.home_codes.join(" ")) }
                td { (words.day_of(&gap.first_day)) }
                td.number { (words.count(gap.combinations)) }
                td { (words.rule(&gap.reason)) }
            }
        }
    };
    html! {
        p {
            (words.day_of(&coverage.from)) " – " (words.day_of(&coverage.until)) ": "
            (words.count(coverage.combinations)) " " (words.policy_cases_step_home_day())
        }
        ul { @for (rule, count) in rules { li { (words.rule(rule)) ": " (words.count(*count)) } } }
        @if coverage.gaps.is_empty() {
            p.done { (words.policy_somebody_may_take_every_step()) }
        } @else {
            p.note { strong { (words.policy_left_without_anybody()) } }
            (table(words.policy_left_without_anybody(), &columns, &rows))
        }
        @if !coverage.late.is_empty() {
            ul {
                @for late in &coverage.late {
                    li {
                        (late.home_code) " " (words.policy_is_closed_from()) " " (words.day_of(&late.first_day)) " "
                        (words.policy_on_until_it_is_due()) ": " (words.count(late.combinations)) " "
                        (words.policy_cases_would_be_late())
                    }
                }
            }
        }
        @if !coverage.idle.is_empty() { ul { @for idle in &coverage.idle { li { (what(idle)) " " (words.rule(&idle.reason)) } } } }
    }
}

fn what(idle: &IdleRule) -> String {
    let IdleRule { procedure_code, step, cluster, dial, .. } = idle;
    match step {
        0 => [procedure_code, cluster, dial].map(String::as_str).concat(),
        step => format!("{procedure_code}/{step}"),
    }
}
