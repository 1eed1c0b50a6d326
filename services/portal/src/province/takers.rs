//! Who may take the steps of a procedure for a commune.

use axum::extract::State;
use http::Uri;
use maud::{Markup, html};
use phidia_proto::routing::v1::{
    ListTakersRequest, ListTakersResponse, RuleUnits, policy_service_client::PolicyServiceClient,
};

use super::menu;
use crate::{
    Portal,
    form::{Faults, Fields},
    page::{Look, Page},
    part::{self, Column, table},
    services::unhurried,
    trouble::Trouble,
    visitor::{Operating, Visitor},
};

pub(super) const PATH: &str = "/tinh/chinh-sach/ai";

/// More units than so many are counted, not named.
const NAMED: usize = 8;

pub(super) async fn show(State(portal): State<Portal>, who: Operating, uri: Uri) -> Result<Page, Trouble> {
    let words = who.words;
    let asked = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    let (procedure, commune) = (asked.text("thu-tuc"), asked.text("xa"));
    let request = ListTakersRequest {
        procedure_code: procedure.to_owned(),
        commune_code: commune.to_owned(),
        from: String::new(),
    };
    let answer = PolicyServiceClient::new(portal.routing(&who)).list_takers(unhurried(request)).await;
    let (answer, faults) = match answer {
        Ok(answer) => (answer.into_inner(), Faults::none()),
        Err(status) => {
            let faults = Faults::of(&who, status.into())?.named(|field| match field {
                "procedure_code" => Some("thu-tuc".to_owned()),
                "commune_code" => Some("xa".to_owned()),
                _ => None,
            });
            (ListTakersResponse::default(), faults)
        }
    };
    let title = words.web_province_takers();
    let main = html! {
        (menu(&who))
        (faults.summary(words))
        h1 { (title) }
        (form(&who, procedure, commune, &faults))
        @if faults.is_empty() { (listed(&who, &answer)) }
    };
    Ok(Page::new(title, main).with_look(Look::Work).with_faults(!faults.is_empty()))
}

pub(super) fn form(visitor: &Visitor, procedure: &str, commune: &str, faults: &Faults) -> Markup {
    let words = visitor.words;
    let text = |name, label, value| {
        part::text(&part::Text { name, label, value, width: 14, ..part::Text::DEFAULT }, faults)
    };
    html! {
        h2 { (words.web_province_takers()) }
        form.period method="get" action=(PATH) {
            (text("thu-tuc", words.web_province_procedure_code(), procedure))
            (text("xa", words.web_province_commune_code(), commune))
            button.second { (words.web_show()) }
        }
    }
}

fn listed(visitor: &Visitor, answer: &ListTakersResponse) -> Markup {
    let words = visitor.words;
    let by = |units: &RuleUnits| {
        let named = units.unit_codes.iter().take(NAMED).cloned().collect::<Vec<_>>().join(" ");
        let more = units.unit_codes.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" … (+{more})") } else { String::new() };
        format!("{}: {named}{more}", words.rule(&units.rule))
    };
    let columns = [
        Column::Numbers(words.term_step()),
        Column::Words(words.policy_home()),
        Column::Words(words.policy_from()),
        Column::Numbers(words.policy_working_days()),
        Column::Words(words.policy_who_may_and_can_take_it()),
    ];
    let rows = html! {
        @for takers in &answer.takers {
            tr {
                th.number scope="row" { (takers.step) }
                td { (takers.home_code) }
                td { (words.day_of(&takers.first_day)) }
                td.number { (words.count(takers.days)) }
                td {
                    @for units in &takers.units { div { (by(units)) } }
                    @if !takers.reason.is_empty() { (part::tag(part::Tone::Late, &words.rule(&takers.reason))) }
                    @if takers.late { (part::tag(part::Tone::Soon, words.policy_closed_until_it_is_due_it_would())) }
                }
            }
        }
    };
    table(words.web_province_takers(), &columns, &rows)
}
