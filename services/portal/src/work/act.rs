//! What an officer does to a case: each a page of its own with a form, and what comes of it when it is sent.
//!
//! One form is like another: what it needs, what it asks for, and which call it makes is all that an [`Act`] says.

mod complete;
mod hand_over;
mod payment;
mod postpone;
mod refer;
mod refuse;
mod reopen;
mod send_back;
mod supplement;

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use http::Uri;
use maud::{Markup, html};
use phidia_proto::{
    intake::v1::ProcessStep,
    processing::v1::{Case, CaseWorkItem, case_service_client::CaseServiceClient, get_case_request::Key},
};
use phidia_runtime::peer::Peer;
use phidia_words::Words;

use super::{
    case, is_mine,
    seen::{FIELD, Seen},
};
use crate::{
    Portal,
    form::{Faults, Fields, Posted, key_field},
    page::{Look, Page},
    trouble::Trouble,
    visitor::{AtWork, Visitor},
};

pub(super) use hand_over::in_words as way_in_words;
pub(super) use postpone::{moment, moment_fields};

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .merge(route::<complete::Complete>())
        .merge(route::<refuse::Refuse>())
        .merge(route::<supplement::RequestSupplement>())
        .merge(route::<payment::RequestPayment>())
        .merge(route::<refer::Refer>())
        .merge(route::<send_back::SendBack>())
        .merge(route::<postpone::Postpone>())
        .merge(route::<hand_over::HandOver>())
        .merge(route::<reopen::Reopen>())
}

fn route<A: Act>() -> Router<Portal> {
    Router::new().route(&format!("/ho-so/{{application}}/{}", A::SLUG), get(show::<A>).post(send::<A>))
}

/// Something that is done to a case.
trait Act: Send + Sync + 'static {
    /// The last part of its address.
    const SLUG: &'static str;
    /// Whether whoever does it has to have a step of the case in hand.
    const IN_HAND: bool;
    /// Whether it cannot be taken back, and is seldom wanted.
    const GRAVE: bool = false;

    /// What is done, as its button says.
    fn title(words: Words) -> &'static str;
    /// What comes of it, in a sentence or two.
    fn meaning(words: Words) -> &'static str;
    /// What is asked for.
    fn fields(scene: &Scene<'_>) -> Markup;
    /// The control of a field of the contract, by what comes before its index; none: it has none.
    fn control(field: &str) -> Option<&'static str>;
    /// Does it.
    fn act(deed: Deed<'_>) -> impl Future<Output = Result<(), Trouble>> + Send;
}

/// What a form is drawn from.
struct Scene<'s> {
    visitor: &'s Visitor,
    case: &'s Case,
    /// What whoever acts has in hand; none: nothing, or not any more.
    item: Option<&'s CaseWorkItem>,
    /// The steps of the case.
    steps: &'s [ProcessStep],
    /// The centres and departments.
    units: &'s crate::services::Units,
    /// What was typed.
    typed: &'s Fields,
    faults: &'s Faults,
}

impl Scene<'_> {
    /// A step as people name it.
    fn step(&self, number: u32) -> String {
        let step = self.steps.iter().find(|step| step.number == number);
        let name = step.map(|step| self.visitor.text(step.name.as_ref())).unwrap_or_default();
        self.visitor.words.web_work_step_named(name, number)
    }
}

/// What a form says, and who sent it.
struct Deed<'d> {
    portal: &'d Portal,
    visitor: &'d Visitor,
    application_id: &'d str,
    fields: &'d Fields,
}

impl Deed<'_> {
    /// The work item that it is done to.
    ///
    /// # Errors
    /// Where the form names none.
    fn seen(&self) -> Result<Seen, Trouble> {
        Ok(Seen::parse(self.fields.text(FIELD))?)
    }

    fn cases(&self) -> CaseServiceClient<Peer> {
        CaseServiceClient::new(self.portal.processing(self.visitor))
    }
}

async fn show<A: Act>(
    State(portal): State<Portal>,
    visitor: AtWork,
    Path(application_id): Path<String>,
    uri: Uri,
) -> Result<Response, Trouble> {
    let asked = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    match page::<A>(&portal, &visitor, &application_id, &asked, &Faults::none()).await? {
        Some(page) => Ok(page.into_response()),
        // The case says what can be done instead.
        None => Ok(Redirect::to(&case::path(&application_id)).into_response()),
    }
}

async fn send<A: Act>(
    State(portal): State<Portal>,
    Path(application_id): Path<String>,
    posted: Posted<AtWork>,
) -> Result<Response, Trouble> {
    let done = async {
        let fields = posted.sent()?.fields;
        A::act(Deed { portal: &portal, visitor: &posted.who, application_id: &application_id, fields }).await
    };
    let Err(trouble) = done.await else {
        return Ok(Redirect::to(&case::path(&application_id)).into_response());
    };
    let status = trouble.status();
    let faults = Faults::of(&posted.who, trouble)?.named(|field| {
        let field = field.split(['[', '.']).next().unwrap_or_default();
        A::control(field).map(str::to_owned)
    });
    let page = page::<A>(&portal, &posted.who, &application_id, posted.fields(), &faults).await?;
    Ok(page.map_or_else(
        || Redirect::to(&case::path(&application_id)).into_response(),
        |page| page.with_status(status).into_response(),
    ))
}

/// The form; none: it needs a step in hand, and there is none, nor was there one when it was filled in.
async fn page<A: Act>(
    portal: &Portal,
    visitor: &AtWork,
    application_id: &str,
    typed: &Fields,
    faults: &Faults,
) -> Result<Option<Page>, Trouble> {
    let words = visitor.words;
    let known = case::get(portal, visitor, Key::ApplicationId(application_id.to_owned())).await?;
    let case = known.case.unwrap_or_default();
    let (steps, units) = tokio::try_join!(case::steps(portal, visitor, &case), portal.units())?;
    let wanted: Option<u32> = typed.text("buoc").parse().ok();
    let mut mine = case::open(&case, &known.work_items).filter(|item| is_mine(visitor, item));
    let item = mine
        .find(|item| wanted.is_none_or(|step| item.work_item.as_ref().is_some_and(|item| item.step == step)));
    let seen = match typed.text(FIELD) {
        "" => item.map(|item| Seen::of(item).to_string()),
        seen => Some(seen.to_owned()),
    };
    if A::IN_HAND && seen.is_none() {
        return Ok(None);
    }
    let action = format!("/ho-so/{application_id}/{}", A::SLUG);
    let scene = Scene { visitor, case: &case, item, steps: &steps, units: &units, typed, faults };
    let main = html! {
        (faults.summary(words))
        p { a href=(case::path(application_id)) { (words.web_work_dossier_title(&case.dossier_code)) } }
        h1 { (A::title(words)) }
        p.soft { (visitor.text(case.procedure_name.as_ref())) @if let Some(item) = item { " · " (visitor.text(item.step_name.as_ref())) } }
        p.meaning { (A::meaning(words)) }
        form.act method="post" action=(action) {
            (key_field(portal, visitor, &action))
            @if let Some(seen) = &seen { input type="hidden" name=(FIELD) value=(seen); }
            @if wanted.is_some() { input type="hidden" name="buoc" value=(typed.text("buoc")); }
            (A::fields(&scene))
            div.acts {
                button.grave[A::GRAVE] { (A::title(words)) }
                a href=(case::path(application_id)) { (words.web_work_rather_not()) }
            }
        }
    };
    Ok(Some(Page::new(A::title(words), main).with_look(Look::Work).with_faults(!faults.is_empty())))
}
