//! Today's list: what is to be done at the unit, most urgent first. It is drawn anew while somebody looks.

use axum::{extract::State, response::Response};
use http::Uri;
use maud::{Markup, html};
use phidia_domain::id::UnitId;
use phidia_proto::processing::v1::{
    CaseWorkItem, ListReferralsRequest, ListResultsRequest, ListWorklistRequest, ReferralSide, awaited::What,
    case_service_client::CaseServiceClient, referral_service_client::ReferralServiceClient,
    result_service_client::ResultServiceClient,
};

use super::{
    find, instant, is_mine,
    seen::{FIELD, Seen},
    told::{Tab, tabs},
};
use crate::{
    Portal,
    form::{Faults, Fields, key_field},
    live::{self, Part},
    page::{Look, Page},
    part::{self, Tone, encoded, tag},
    services::soon,
    trouble::Trouble,
    visitor::{AtCentre, Duty, Visitor},
};

/// Rows of a page.
const PAGE: i32 = 50;

/// Which of the list is wanted, as the address says it.
#[derive(Clone, Debug)]
struct Wanted {
    /// Also what one is not competent for, and what others hold.
    all: bool,
    /// Instead of what is to be done, what is laid down and waits for somebody else.
    waiting: bool,
    page_token: String,
}

impl Wanted {
    fn of(query: &Fields) -> Self {
        Self {
            all: query.has("tat-ca"),
            waiting: query.has("cho"),
            page_token: query.text("trang").to_owned(),
        }
    }

    /// The address of its first page.
    fn path(&self) -> &'static str {
        match (self.waiting, self.all) {
            (false, false) => "/viec",
            (false, true) => "/viec?tat-ca=1",
            (true, false) => "/viec?cho=1",
            (true, true) => "/viec?cho=1&tat-ca=1",
        }
    }

    /// The address of the same with all, or without what is not one's own.
    fn other(&self) -> &'static str {
        Self { all: !self.all, ..self.clone() }.path()
    }

    /// Where a browser is told how it stands.
    fn live(&self) -> String {
        let query = self.path().strip_prefix("/viec").unwrap_or_default();
        let and = if query.is_empty() { "?" } else { "&" };
        format!("/song/viec{query}{and}trang={}", encoded(&self.page_token))
    }
}

pub(super) async fn show(State(portal): State<Portal>, visitor: AtCentre, uri: Uri) -> Result<Page, Trouble> {
    let query = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    let note = html! {
        @if query.has("het") { p.done role="status" { (visitor.words.web_work_nothing_left()) } }
        @if let Ok(count) = query.text("nhan").parse::<u32>() {
            p.done role="status" { (visitor.words.web_work_taken(count)) }
        }
    };
    page(&portal, &visitor, &query, &note, &Faults::none()).await
}

/// The page, with what is to be said above the list.
pub(super) async fn page(
    portal: &Portal,
    visitor: &AtCentre,
    query: &Fields,
    note: &Markup,
    faults: &Faults,
) -> Result<Page, Trouble> {
    let words = visitor.words;
    let wanted = Wanted::of(query);
    let (list, questions, results) = tokio::try_join!(
        list(portal, visitor, &wanted),
        questions(portal, visitor),
        results(portal, visitor)
    )?;
    let main = html! {
        (faults.summary(words))
        div.head {
            h1 { (words.web_work_title()) }
            (find::search(visitor, ""))
            @if visitor.is(Duty::Officer) {
                form method="post" action="/viec/tiep" {
                    (key_field(portal, visitor, "/viec/tiep"))
                    button data-press="n" { (words.web_work_next()) }
                }
            }
        }
        (note)
        (tabs(visitor, if wanted.waiting { Tab::Waiting } else { Tab::List }, Some((questions, results))))
        p.soft {
            a href=(wanted.other()) {
                @if wanted.all { (words.web_work_only_mine()) } @else { (words.web_work_all()) }
            }
        }
        // Their keys stand outside of what is drawn anew: only what changed is sent.
        form #nhan method="post" action="/viec/nhan" { (key_field(portal, visitor, "/viec/nhan")) }
        form #tra method="post" action="/viec/tra" { (key_field(portal, visitor, "/viec/tra")) }
        section data-part="list" data-live=(wanted.live()) { (list) }
    };
    let page = Page::new(words.web_work_title(), main).with_look(Look::Work).with_refresh(60);
    Ok(page.with_faults(!faults.is_empty()))
}

/// How the list stands, told for as long as somebody looks.
pub(super) async fn watch(State(portal): State<Portal>, visitor: AtCentre, uri: Uri) -> Response {
    let wanted = Wanted::of(&Fields::parse(uri.query().unwrap_or_default().as_bytes()));
    let staff = visitor.staff();
    let looked = portal.0.live.cases.look(UnitId::of(&staff.province, &staff.unit));
    let drawing = portal.clone();
    live::stream(&portal, looked, move |_| {
        let (portal, visitor, wanted) = (drawing.clone(), visitor.clone(), wanted.clone());
        async move { Ok(vec![Part::new("list", list(&portal, &visitor, &wanted).await?)]) }
    })
}

async fn list(portal: &Portal, visitor: &Visitor, wanted: &Wanted) -> Result<Markup, Trouble> {
    let request = ListWorklistRequest {
        page_size: PAGE,
        page_token: wanted.page_token.clone(),
        all: wanted.all,
        waiting: wanted.waiting,
        ..ListWorklistRequest::default()
    };
    let answer =
        CaseServiceClient::new(portal.processing(visitor)).list_worklist(soon(request)).await?.into_inner();
    Ok(drawn(visitor, wanted, &answer.work_items, &answer.next_page_token))
}

/// How many questions wait for an answer of the unit, and whether there are more.
async fn questions(portal: &Portal, visitor: &Visitor) -> Result<(usize, bool), Trouble> {
    let request = ListReferralsRequest {
        side: ReferralSide::Unspecified.into(),
        page_size: PAGE,
        ..ListReferralsRequest::default()
    };
    let answer = ReferralServiceClient::new(portal.processing(visitor))
        .list_referrals(soon(request))
        .await?
        .into_inner();
    Ok((answer.referrals.len(), !answer.next_page_token.is_empty()))
}

/// How many results are to be handed over, likewise.
async fn results(portal: &Portal, visitor: &Visitor) -> Result<(usize, bool), Trouble> {
    let request = ListResultsRequest { page_size: PAGE, ..ListResultsRequest::default() };
    let answer =
        ResultServiceClient::new(portal.processing(visitor)).list_results(soon(request)).await?.into_inner();
    Ok((answer.results.len(), !answer.next_page_token.is_empty()))
}

fn drawn(visitor: &Visitor, wanted: &Wanted, items: &[CaseWorkItem], next: &str) -> Markup {
    let words = visitor.words;
    let is_officer = visitor.is(Duty::Officer);
    html! {
        @if items.is_empty() {
            p.empty { (words.web_work_nothing()) }
        } @else {
            table.list {
                caption.hidden { (words.web_work_caption()) }
                thead {
                    tr {
                        th scope="col" { span.hidden { (words.web_work_select()) } }
                        th scope="col" { (words.web_work_left()) }
                        th scope="col" { (words.web_work_dossier()) }
                        th scope="col" { (words.web_work_step()) }
                        th scope="col" { @if wanted.waiting { (words.web_work_waits_for()) } @else { (words.web_work_holder()) } }
                        th scope="col" { span.hidden { (words.web_work_do()) } }
                    }
                }
                tbody { @for item in items { (row(visitor, item)) } }
            }
            @if is_officer && !wanted.waiting {
                p.acts {
                    button.second form="nhan" data-press="a" { (words.web_work_take_selected()) }
                }
            }
            (part::more(words, wanted.path(), next))
        }
    }
}

fn row(visitor: &Visitor, item: &CaseWorkItem) -> Markup {
    let words = visitor.words;
    let seen = Seen::of(item);
    let (is_mine, is_free) = (is_mine(visitor, item), item.officer_id.is_empty());
    let may_take = is_free && item.awaits.is_none() && visitor.is(Duty::Officer);
    let may_give_back = is_mine || (!is_free && visitor.is(Duty::Supervisor));
    let step = item.work_item.as_ref().map_or(0, |item| item.step);
    html! {
        tr.mine[is_mine] id={ "v-" (seen.work_item.application_id) "-" (step) } data-row tabindex="0" {
            td.select {
                @if may_take {
                    label.tick {
                        input type="checkbox" form="nhan" name=(FIELD) value=(seen) data-press="x";
                        span.hidden { (words.web_work_select_one(&item.dossier_code)) }
                    }
                }
            }
            td data-label=(words.web_work_left()) { (left(visitor, item)) }
            td data-label=(words.web_work_dossier()) {
                a href=(seen.case_path()) { (item.dossier_code) }
                @let name = visitor.text(item.procedure_name.as_ref());
                p.soft.brief title=(name) { (name) }
            }
            td data-label=(words.web_work_step()) {
                (visitor.text(item.step_name.as_ref()))
                @if item.aim_at.is_some() { p.soft { (words.web_work_aim(instant(visitor, item.aim_at.as_ref()))) } }
            }
            @if let Some(what) = item.awaits.as_ref().and_then(|awaited| awaited.what.as_ref()) {
                td data-label=(words.web_work_waits_for()) { (awaited(visitor, what)) }
            } @else {
                td data-label=(words.web_work_holder()) { (holder(visitor, item)) }
            }
            td.acts-cell {
                @if may_take { button.second form="nhan" name="mot" value=(seen) data-press="c" { (words.web_work_take()) } }
                @if may_give_back { button.quiet form="tra" name=(FIELD) value=(seen) { (words.web_work_give_back()) } }
            }
        }
    }
}

/// How much time is left, and what was said of it.
fn left(visitor: &Visitor, item: &CaseWorkItem) -> Markup {
    let words = visitor.words;
    let tone = match item.minutes_left {
        Some(..0) => Tone::Late,
        _ if item.warned != 0 => Tone::Soon,
        Some(_) => Tone::Well,
        None => Tone::Calm,
    };
    let said = match item.minutes_left {
        Some(left) => words.left(left),
        None if item.due_at.is_some() => words.web_work_clock_stands().to_owned(),
        None => words.web_work_no_promise().to_owned(),
    };
    html! {
        (tag(tone, &said))
        @if item.due_at.is_some() { p.soft { (words.web_work_due(instant(visitor, item.due_at.as_ref()))) } }
        @if item.corridor_due_at.is_some() {
            p.soft { (words.web_work_corridor(instant(visitor, item.corridor_due_at.as_ref()))) }
        }
    }
}

/// For what it waits.
fn awaited(visitor: &Visitor, what: &What) -> Markup {
    let words = visitor.words;
    html! {
        @match what {
            What::Supplement(asked) => (words.web_work_waits_supplement(instant(visitor, asked.until.as_ref()))),
            What::Payment(asked) => (words.web_work_waits_payment(
                instant(visitor, asked.requested_at.as_ref()),
                words.dong(asked.amount_dong),
            )),
            What::Offices(asked) => {
                @for office in &asked.offices {
                    p {
                        (words.web_work_waits_office(
                            instant(visitor, office.due_at.as_ref()),
                            visitor.text(office.unit_name.as_ref()),
                        ))
                    }
                }
            }
        }
    }
}

/// Who has it, and until when.
fn holder(visitor: &Visitor, item: &CaseWorkItem) -> Markup {
    let words = visitor.words;
    let until = instant(visitor, item.held_until.as_ref());
    html! {
        @if item.officer_id.is_empty() { (words.web_work_nobody()) }
        @else if is_mine(visitor, item) { strong { (words.web_work_you()) } }
        @else if item.officer_code.is_empty() { (words.web_work_somebody()) }
        @else { (item.officer_code) }
        @if !until.is_empty() { p.soft { (words.web_work_until(until)) } }
    }
}
