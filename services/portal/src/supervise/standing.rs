//! How the centre stands: whether it takes work, at how many places it can work, and when it is open.

use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};
use phidia_domain::Rejection;
use phidia_proto::routing::v1::{
    Availability, ClearUnitHoursRequest, GetUnitResponse, ListRegistryChangesRequest, RegistryChange,
    SetUnitHoursRequest, SetUnitStandingRequest, SetUnitWorkplacesRequest, Standing, registry_change::Change,
    registry_service_client::RegistryServiceClient,
};
use phidia_words::Words;

use super::{centre, menu};
use crate::{
    Portal,
    form::{Faults, Fields, Posted, key_field},
    page::{Look, Page},
    part::{self, Column},
    services::soon,
    trouble::Trouble,
    visitor::{Supervising, Visitor},
};

pub(super) const PATH: &str = "/phu-trach/tinh-trang";
pub(super) const STANDING: &str = "/phu-trach/tinh-trang/nhan-viec";
pub(super) const WORKPLACES: &str = "/phu-trach/tinh-trang/cho-lam";
pub(super) const HOURS: &str = "/phu-trach/tinh-trang/gio";

/// How many changes are shown.
const CHANGES: i32 = 20;

/// What a unit may stand as, by the word that forms have for it.
const AVAILABILITIES: [(Availability, &str); 4] = [
    (Availability::Open, "mo"),
    (Availability::Closing, "sap-dong"),
    (Availability::Closed, "dong"),
    (Availability::Emergency, "khan-cap"),
];

pub(super) async fn show(State(portal): State<Portal>, who: Supervising) -> Result<Page, Trouble> {
    page(&portal, &who, &Fields::default(), &Faults::none()).await
}

pub(super) async fn set_standing(
    State(portal): State<Portal>,
    posted: Posted<Supervising>,
) -> Result<Response, Trouble> {
    let set = async {
        let fields = posted.sent()?.fields;
        let wanted = fields.text("nhan");
        let availability = AVAILABILITIES.into_iter().find(|(_, key)| *key == wanted);
        let standing = Standing {
            availability: availability.map_or(Availability::Unspecified, |(known, _)| known).into(),
            most_open_items: limit(fields, "viec-nhieu-nhat")?,
            most_borrowed_minutes: limit(fields, "nhan-nhieu-nhat")?,
            quarantined: fields.has("ngung"),
        };
        let request = SetUnitStandingRequest {
            unit_code: posted.who.staff().unit.clone(),
            standing: Some(standing),
            reason: fields.text("ly-do").to_owned(),
            expected_revision: fields.text("lan").parse().ok(),
        };
        let mut registry = RegistryServiceClient::new(portal.routing(&posted.who));
        registry.set_unit_standing(soon(request)).await?;
        Ok::<_, Trouble>(())
    };
    let set = set.await;
    answer(&portal, &posted, "ly-do", set).await
}

pub(super) async fn set_workplaces(
    State(portal): State<Portal>,
    posted: Posted<Supervising>,
) -> Result<Response, Trouble> {
    let set = async {
        let fields = posted.sent()?.fields;
        let request = SetUnitWorkplacesRequest {
            unit_code: posted.who.staff().unit.clone(),
            workplaces: limit(fields, "cho")?,
            reason: fields.text("ly-do-cho").to_owned(),
            register_revision: None,
            expected_revision: fields.text("lan").parse().ok(),
        };
        let mut registry = RegistryServiceClient::new(portal.routing(&posted.who));
        registry.set_unit_workplaces(soon(request)).await?;
        Ok::<_, Trouble>(())
    };
    let set = set.await;
    answer(&portal, &posted, "ly-do-cho", set).await
}

pub(super) async fn set_hours(
    State(portal): State<Portal>,
    posted: Posted<Supervising>,
) -> Result<Response, Trouble> {
    let set = async {
        let fields = posted.sent()?.fields;
        let mut registry = RegistryServiceClient::new(portal.routing(&posted.who));
        let (unit_code, day) = (posted.who.staff().unit.clone(), fields.text("ngay").to_owned());
        let (reason, expected_revision) =
            (fields.text("ly-do-gio").to_owned(), fields.text("lan").parse().ok());
        if fields.has("nhu-ke-hoach") {
            let request = ClearUnitHoursRequest { unit_code, day, reason, expected_revision };
            registry.clear_unit_hours(soon(request)).await?;
        } else {
            let hours = centre::read(fields.text("gio"));
            let request = SetUnitHoursRequest { unit_code, day, hours, reason, expected_revision };
            registry.set_unit_hours(soon(request)).await?;
        }
        Ok::<_, Trouble>(())
    };
    let set = set.await;
    answer(&portal, &posted, "ly-do-gio", set).await
}

/// A limit; empty: none.
fn limit(fields: &Fields, name: &str) -> Result<Option<u32>, Rejection> {
    let text = fields.text(name);
    let expected = || Rejection::invalid("NOT_A_COUNT", name, "expected a whole number, or nothing");
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| expected()) }
}

/// Back to the page; or the forms again. `reason` is the field that the reason was in.
async fn answer(
    portal: &Portal,
    posted: &Posted<Supervising>,
    reason: &str,
    set: Result<(), Trouble>,
) -> Result<Response, Trouble> {
    let Err(trouble) = set else { return Ok(Redirect::to(PATH).into_response()) };
    let faults = Faults::of(&posted.who, trouble)?.named(|field| {
        let name = match field {
            "reason" => reason,
            "day" => "ngay",
            "workplaces" => "cho",
            "standing.availability" => "nhan",
            "standing.most_open_items" => "viec-nhieu-nhat",
            "standing.most_borrowed_minutes" => "nhan-nhieu-nhat",
            hours if hours.starts_with("hours") => "gio",
            own @ ("cho" | "viec-nhieu-nhat" | "nhan-nhieu-nhat") => own,
            _ => return None,
        };
        Some(name.to_owned())
    });
    Ok(page(portal, &posted.who, posted.fields(), &faults).await?.into_response())
}

async fn page(portal: &Portal, who: &Supervising, fields: &Fields, faults: &Faults) -> Result<Page, Trouble> {
    let words = who.words;
    let mut registry = RegistryServiceClient::new(portal.routing(who));
    let changes = ListRegistryChangesRequest {
        page_size: CHANGES,
        unit_code: who.staff().unit.clone(),
        ..ListRegistryChangesRequest::default()
    };
    let (unit, changes) = tokio::try_join!(centre::unit(portal, who), async {
        Ok(registry.list_registry_changes(soon(changes)).await?.into_inner().changes)
    })?;
    let title = words.web_supervise_standing();
    let main = html! {
        (menu(who))
        (faults.summary(words))
        h1 { (title) }
        (standing_form(portal, who, &unit, fields, faults))
        (hours_form(portal, who, &unit, fields, faults))
        (workplaces_form(portal, who, &unit, fields, faults))
        (history(who, &changes))
    };
    Ok(Page::new(title, main).with_look(Look::Work).with_faults(!faults.is_empty()))
}

pub(crate) fn availability(words: Words, availability: Availability) -> &'static str {
    match availability {
        Availability::Unspecified => "–",
        Availability::Open => words.unit_open(),
        Availability::Closing => words.unit_closing(),
        Availability::Closed => words.term_closed(),
        Availability::Emergency => words.unit_emergency(),
    }
}

/// What stands in a field: what was typed where this form was sent, else what is so.
fn value<'v>(fields: &'v Fields, sent: bool, name: &str, so: &'v str) -> &'v str {
    if sent { fields.text(name) } else { so }
}

fn reason<'r>(words: Words, name: &'r str, fields: &'r Fields, faults: &Faults) -> Markup {
    let (label, hint) = (words.term_reason(), Some(words.web_supervise_reason_is_kept()));
    let value = fields.text(name);
    part::text(&part::Text { name, label, hint, value, width: 50, ..part::Text::DEFAULT }, faults)
}

fn standing_form(
    portal: &Portal,
    who: &Supervising,
    unit: &GetUnitResponse,
    fields: &Fields,
    faults: &Faults,
) -> Markup {
    let words = who.words;
    let standing = unit.standing.unwrap_or_default();
    let sent = fields.has("nhan");
    let said = |limit: Option<u32>| limit.map(|limit| limit.to_string()).unwrap_or_default();
    let (items, borrowed) = (said(standing.most_open_items), said(standing.most_borrowed_minutes));
    let number = |name, label, so| {
        let value = value(fields, sent, name, so);
        let (hint, inputmode) = (Some(words.web_supervise_empty_no_limit()), "numeric");
        part::text(
            &part::Text { name, label, hint, value, inputmode, width: 8, ..part::Text::DEFAULT },
            faults,
        )
    };
    let is_chosen = |known: Availability, key: &str| match sent {
        true => fields.text("nhan") == key,
        false => standing.availability() == known,
    };
    let is_quarantined = if sent { fields.has("ngung") } else { standing.quarantined };
    html! {
        h2 { (words.web_supervise_takes_work()) }
        form method="post" action=(STANDING) {
            (key_field(portal, who, STANDING))
            input type="hidden" name="lan" value=(unit.revision);
            fieldset.choices {
                legend { (words.term_stands()) }
                @for (known, key) in AVAILABILITIES {
                    (part::radio("nhan", key, availability(words, known), is_chosen(known, key)))
                }
            }
            p.hint { (words.web_supervise_emergency_means()) }
            (number("viec-nhieu-nhat", words.unit_open_items_at_most(), &items))
            (number("nhan-nhieu-nhat", words.web_supervise_borrowed_minutes_at_most(), &borrowed))
            (part::tick("ngung", words.unit_quarantined(), is_quarantined))
            (reason(words, "ly-do", fields, faults))
            button { (words.web_supervise_keep()) }
        }
    }
}

fn hours_form(
    portal: &Portal,
    who: &Supervising,
    unit: &GetUnitResponse,
    fields: &Fields,
    faults: &Faults,
) -> Markup {
    let words = who.words;
    let text = |name, label, hint, kind, width| {
        let value = fields.text(name);
        part::text(&part::Text { name, label, hint, value, kind, width, ..part::Text::DEFAULT }, faults)
    };
    html! {
        h2 #gio { (words.web_supervise_unit_hours()) }
        p.soft { (words.web_supervise_overtime_is_asked_for()) }
        @if !unit.changed_hours.is_empty() {
            ul { @for hours in &unit.changed_hours { li { (centre::hours_said(who, hours)) } } }
        }
        form method="post" action=(HOURS) {
            (key_field(portal, who, HOURS))
            input type="hidden" name="lan" value=(unit.revision);
            div.row {
                (text("ngay", words.term_day(), None, "date", 12))
                (text("gio", words.web_supervise_hours(), Some(words.web_supervise_unit_hours_hint()), "text", 30))
            }
            (reason(words, "ly-do-gio", fields, faults))
            div.row {
                button { (words.web_supervise_set_hours()) }
                button.second name="nhu-ke-hoach" value="1" { (words.web_supervise_as_planned()) }
            }
        }
    }
}

fn workplaces_form(
    portal: &Portal,
    who: &Supervising,
    unit: &GetUnitResponse,
    fields: &Fields,
    faults: &Faults,
) -> Markup {
    let words = who.words;
    let so = unit.workplaces.map(|places| places.to_string()).unwrap_or_default();
    html! {
        h2 { (words.unit_workplaces()) }
        form method="post" action=(WORKPLACES) {
            (key_field(portal, who, WORKPLACES))
            input type="hidden" name="lan" value=(unit.revision);
            (part::text(&part::Text {
                name: "cho",
                label: words.web_supervise_at_once(),
                hint: Some(words.web_supervise_workplaces_hint()),
                value: value(fields, fields.has("ly-do-cho"), "cho", &so),
                inputmode: "numeric",
                width: 8,
                ..part::Text::DEFAULT
            }, faults))
            (reason(words, "ly-do-cho", fields, faults))
            button { (words.web_supervise_keep()) }
        }
    }
}

fn history(who: &Supervising, changes: &[RegistryChange]) -> Markup {
    let words = who.words;
    let columns = [
        Column::Words(words.term_when()),
        Column::Words(words.unit_change()),
        Column::Words(words.term_reason()),
        Column::Words(words.term_by()),
    ];
    let rows = html! {
        @for change in changes {
            tr {
                td { (who.instant(change.changed_at.as_ref())) }
                td { @if !change.officer_code.is_empty() { (change.officer_code) ": " } (changed(who, change)) }
                td { (change.reason) }
                td { (change.actor) }
            }
        }
    };
    html! {
        @if !changes.is_empty() {
            h2 { (words.web_supervise_changes()) }
            (part::table(words.web_supervise_changes(), &columns, &rows))
        }
    }
}

fn changed(visitor: &Visitor, change: &RegistryChange) -> String {
    let words = visitor.words;
    let day = |day: &str| words.day_of(day);
    match change.change.as_ref() {
        None => String::new(),
        Some(Change::Standing(standing)) => availability(words, standing.availability()).to_owned(),
        Some(Change::Hours(hours) | Change::OfficerHours(hours)) => centre::hours_said(visitor, hours),
        Some(Change::AsPlannedOn(on) | Change::OfficerAsPlannedOn(on)) => {
            format!("{}: {}", day(on), words.unit_as_planned())
        }
        Some(Change::Absent(days)) => {
            let why = if change.compensatory { words.unit_compensatory_leave() } else { words.unit_absent() };
            format!("{}: {why}", centre::said(visitor, days))
        }
        Some(Change::Present(days)) => format!("{}: {}", centre::said(visitor, days), words.unit_present()),
        Some(Change::Workplaces(places)) => match places.most {
            Some(count) => format!("{} {}", words.count(count), words.unit_workplaces_2()),
            None => words.unit_as_many_as_there_are_officers().to_owned(),
        },
    }
}
