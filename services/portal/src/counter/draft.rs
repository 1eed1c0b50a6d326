//! A draft, page by page. Each page is saved whenever one leaves it, whichever way; what is wrong is told beside its field, and keeps nobody
//! from going on.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use http::{StatusCode, Uri, header::CONTENT_TYPE};
use maud::{Markup, html};
use phidia_domain::Rejection;
use phidia_proto::intake::v1::{
    ApplicationFault, CheckApplicationRequest, CheckApplicationResponse, Draft, GetDraftRequest,
    GetProcedureRequest, GetProcedureResponse, SaveDraftRequest, SubmitApplicationRequest,
    application_service_client::ApplicationServiceClient, catalogue_service_client::CatalogueServiceClient,
    check_application_request::What, draft_service_client::DraftServiceClient,
};
use phidia_words::Words;
use serde_json::json;
use tonic::Status;

use crate::{
    Portal,
    form::{Faults, Fields, Posted, held, key_field},
    page::{Look, Page},
    part::encoded,
    services::soon,
    trouble::{Trouble, capital},
    visitor::{Admitted as _, AtCentre, Visitor},
};

/// The field of the revision that one has seen.
pub(super) const REVISION: &str = "ban";

/// The pages of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Applicant,
    Answers,
    Papers,
    Review,
}

impl Step {
    const ALL: [Self; 4] = [Self::Applicant, Self::Answers, Self::Papers, Self::Review];

    pub(super) fn slug(self) -> &'static str {
        match self {
            Self::Applicant => "nguoi-nop",
            Self::Answers => "to-khai",
            Self::Papers => "giay-to",
            Self::Review => "kiem-tra",
        }
    }

    pub(super) fn label(self, words: Words) -> &'static str {
        match self {
            Self::Applicant => words.web_counter_applicant(),
            Self::Answers => words.web_counter_form(),
            Self::Papers => words.web_counter_papers(),
            Self::Review => words.web_counter_review(),
        }
    }
}

/// A draft, and the procedure that it is of.
#[derive(Clone, Debug)]
pub(super) struct Opened {
    pub(super) draft: Draft,
    pub(super) application: SubmitApplicationRequest,
    pub(super) procedure: GetProcedureResponse,
}

/// Why a draft is not open.
#[derive(Debug)]
pub(super) enum Closed {
    /// It has become this application.
    HandedIn(String),
    Trouble(Trouble),
}

impl IntoResponse for Closed {
    fn into_response(self) -> Response {
        match self {
            Self::HandedIn(application) => Redirect::to(&format!("/bien-nhan/{application}")).into_response(),
            Self::Trouble(trouble) => trouble.into_response(),
        }
    }
}

impl<T: Into<Trouble>> From<T> for Closed {
    fn from(trouble: T) -> Self {
        Self::Trouble(trouble.into())
    }
}

impl Opened {
    /// # Errors
    /// Where there is no such draft of the visitor or their unit, or it is handed in.
    pub(super) async fn of(portal: &Portal, visitor: &Visitor, draft_id: &str) -> Result<Self, Closed> {
        let request = GetDraftRequest { draft_id: draft_id.to_owned() };
        let answer = drafts(portal, visitor).get_draft(soon(request)).await?.into_inner();
        let draft = answer.draft.unwrap_or_default();
        if !draft.application_id.is_empty() {
            return Err(Closed::HandedIn(draft.application_id));
        }
        let application = answer.application.unwrap_or_default();
        let request = GetProcedureRequest {
            code: application.procedure_code.clone(),
            ..GetProcedureRequest::default()
        };
        let mut catalogue = CatalogueServiceClient::new(portal.intake(visitor));
        let procedure = catalogue.get_procedure(soon(request)).await?.into_inner();
        Ok(Self { draft, application, procedure })
    }

    /// Its pages: a procedure without a form has no page for it.
    pub(super) fn steps(&self) -> impl Iterator<Item = Step> {
        let has_form = !self.procedure.form_schema.is_empty();
        Step::ALL.into_iter().filter(move |step| *step != Step::Answers || has_form)
    }

    pub(super) fn path(&self, step: Step) -> String {
        format!("/tiep-nhan/{}/{}", self.draft.draft_id, step.slug())
    }

    pub(super) fn name<'o>(&'o self, visitor: &Visitor) -> &'o str {
        visitor.text(self.procedure.procedure.as_ref().and_then(|procedure| procedure.name.as_ref()))
    }

    /// What would be said to it if it were handed in now.
    pub(super) async fn checked(
        &self,
        portal: &Portal,
        visitor: &Visitor,
    ) -> Result<CheckApplicationResponse, Status> {
        let what = Some(What::DraftId(self.draft.draft_id.clone()));
        let mut applications = ApplicationServiceClient::new(portal.intake(visitor));
        Ok(applications.check_application(soon(CheckApplicationRequest { what })).await?.into_inner())
    }

    /// Saves what it says by now.
    async fn saved(&mut self, portal: &Portal, visitor: &Visitor, revision: i64) -> Result<(), Trouble> {
        let application = Some(self.application.clone());
        let request = SaveDraftRequest { draft_id: self.draft.draft_id.clone(), revision, application };
        let answer = drafts(portal, visitor).save_draft(soon(request)).await?.into_inner();
        self.draft = answer.draft.unwrap_or_default();
        Ok(())
    }
}

pub(super) fn drafts(portal: &Portal, visitor: &Visitor) -> DraftServiceClient<phidia_runtime::peer::Peer> {
    DraftServiceClient::new(portal.intake(visitor))
}

/// What is filled in on one page of a draft.
pub(super) trait Sheet {
    const STEP: Step;
    /// How the form is sent: with files, it is in several parts.
    const ENCTYPE: Option<&'static str> = None;

    /// What stands in its controls.
    fn fill(opened: &Opened) -> Fields;
    /// Says in the application what stands in them.
    ///
    /// # Errors
    /// What cannot be said in it at all, by control.
    fn say(opened: &mut Opened, fields: &Fields) -> Result<(), Rejection>;
    /// The control that a path of the contract is of; none: it is of another page.
    fn control(opened: &Opened, path: &str) -> Option<String>;
    /// A fault as it is said of a control that asks otherwise than the contract does; none: as the service says it.
    fn reworded(_: Words, _: &Opened, _: &str, _: &ApplicationFault) -> Option<String> {
        None
    }
    /// What stands in the controls after a button was pressed that is of this page alone, and the control where one goes on.
    fn pressed(opened: &Opened, fields: &Fields) -> Option<(Fields, String)>;
    async fn draw(
        portal: &Portal,
        visitor: &Visitor,
        opened: &Opened,
        fields: &Fields,
        faults: &Faults,
    ) -> Result<Markup, Trouble>;
}

pub(super) async fn first(Path(draft): Path<String>, _: AtCentre) -> Redirect {
    Redirect::to(&format!("/tiep-nhan/{}/{}", encoded(&draft), Step::Applicant.slug()))
}

pub(super) async fn show<S: Sheet>(
    State(portal): State<Portal>,
    Path(draft): Path<String>,
    who: AtCentre,
    uri: Uri,
) -> Result<Response, Closed> {
    let opened = Opened::of(&portal, &who, &draft).await?;
    let is_checked = Fields::parse(uri.query().unwrap_or_default().as_bytes()).has("soat");
    let faults = match is_checked {
        true => faults::<S>(&who, &opened, &opened.checked(&portal, &who).await?),
        false => Faults::none(),
    };
    Ok(page::<S>(&portal, &who, &opened, &S::fill(&opened), &faults).await?.into_response())
}

pub(super) async fn send<S: Sheet>(
    State(portal): State<Portal>,
    Path(draft): Path<String>,
    uri: Uri,
    posted: Posted<AtCentre>,
) -> Result<Response, Closed> {
    sent::<S>(&portal, &draft, &uri, posted, Faults::none()).await
}

/// Saves a page, and goes to where the button leads. `refused`: what of it could not be taken before it came here.
pub(super) async fn sent<S: Sheet>(
    portal: &Portal,
    draft: &str,
    uri: &Uri,
    posted: Posted<AtCentre>,
    refused: Faults,
) -> Result<Response, Closed> {
    let visitor = posted.who.visitor();
    let is_script = Fields::parse(uri.query().unwrap_or_default().as_bytes()).has("luu");
    let mut opened = match Opened::of(portal, visitor, draft).await {
        Ok(opened) => opened,
        Err(Closed::Trouble(trouble)) => {
            return Ok(held::page(visitor, uri, posted.fields(), trouble, S::ENCTYPE)?.into_response());
        }
        Err(closed) => return Err(closed),
    };
    let pressed = S::pressed(&opened, posted.fields());
    let (mut fields, goes_on_at) = match pressed {
        Some((fields, control)) => (fields, Some(control)),
        None => (posted.fields().clone(), None),
    };
    let outcome = match posted.sent().and_then(|_| S::say(&mut opened, &fields)) {
        Ok(()) => opened.saved(portal, visitor, fields.text(REVISION).parse().unwrap_or(0)).await,
        Err(refusal) => Err(refusal.into()),
    };
    if is_script {
        return Ok(told::<S>(portal, visitor, &opened, outcome).await);
    }
    if outcome.is_ok() {
        fields = with_revision(&fields, opened.draft.revision);
    }
    let faults = match outcome {
        Ok(()) if !refused.is_empty() => refused,
        Ok(()) => {
            let path = opened.path(S::STEP);
            if let Some(control) = goes_on_at {
                return Ok(Redirect::to(&format!("{path}#{}", crate::form::id(&control))).into_response());
            }
            if let Some(step) = opened.steps().find(|step| step.slug() == fields.text("toi")) {
                return Ok(Redirect::to(&opened.path(step)).into_response());
            }
            let faults = faults::<S>(visitor, &opened, &opened.checked(portal, visitor).await?);
            if faults.is_empty() {
                return Ok(Redirect::to(&opened.path(next(&opened, S::STEP))).into_response());
            }
            faults
        }
        Err(trouble) => {
            let is_changed =
                matches!(&trouble, Trouble::Refused(refusal) if refusal.reason == "DRAFT_CHANGED");
            if is_changed {
                // Sent once more it goes before what another has saved: they have been told.
                fields = with_revision(&fields, opened.draft.revision);
            }
            let is_saved_nowhere = trouble.status() == StatusCode::SERVICE_UNAVAILABLE;
            if is_saved_nowhere {
                return Ok(held::page(visitor, uri, &fields, trouble, S::ENCTYPE)?.into_response());
            }
            Faults::of(visitor, trouble)?.named(|path| {
                // As a part of the draft, and as it is handed in; or a control of the page already.
                let path = path.strip_prefix("application.").unwrap_or(path);
                S::control(&opened, path).or_else(|| path.contains('/').then(|| path.to_owned()))
            })
        }
    };
    match page::<S>(portal, visitor, &opened, &fields, &faults).await {
        Ok(page) => Ok(page.into_response()),
        Err(trouble) => Ok(held::page(visitor, uri, &fields, trouble, S::ENCTYPE)?.into_response()),
    }
}

fn with_revision(fields: &Fields, revision: i64) -> Fields {
    let others = fields.iter().filter(|(name, _)| *name != REVISION);
    let others = others.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Fields::of(others.chain([(REVISION.to_owned(), revision.to_string())]).collect())
}

fn next(opened: &Opened, step: Step) -> Step {
    opened.steps().skip_while(|known| *known != step).nth(1).unwrap_or(Step::Review)
}

/// What is wrong on this page.
fn faults<S: Sheet>(visitor: &Visitor, opened: &Opened, checked: &CheckApplicationResponse) -> Faults {
    let faults = checked.faults.iter().filter_map(|fault| {
        let control = S::control(opened, &fault.field)?;
        let sentence = S::reworded(visitor.words, opened, &control, fault)
            .unwrap_or_else(|| capital(visitor.text(fault.sentence.as_ref())));
        Some((control, sentence))
    });
    Faults::told(faults.collect())
}

/// What a script is told: whether it is saved, as which revision, and what is wrong by now.
async fn told<S: Sheet>(
    portal: &Portal,
    visitor: &Visitor,
    opened: &Opened,
    outcome: Result<(), Trouble>,
) -> Response {
    let checked = match outcome {
        Ok(()) => opened.checked(portal, visitor).await.map_err(Trouble::from),
        Err(trouble) => Err(trouble),
    };
    let (status, said) = match checked {
        Ok(checked) => {
            let words = visitor.words;
            let clock = words.clock(portal.now(), &visitor.zone());
            let faults: Vec<_> = faults::<S>(visitor, opened, &checked)
                .each()
                .map(|(control, sentence)| json!({"o": control, "loi": sentence}))
                .collect();
            let said = json!({"ban": opened.draft.revision, "luc": words.web_counter_saved_at(clock), "loi": faults});
            (StatusCode::OK, said)
        }
        Err(trouble) => {
            let status = trouble.status();
            let sentence = match &trouble {
                Trouble::Refused(refusal) => crate::trouble::sentence(visitor.words, refusal),
                _ => String::new(),
            };
            (status, json!({ "chua": sentence }))
        }
    };
    (status, [(CONTENT_TYPE, "application/json")], said.to_string()).into_response()
}

async fn page<S: Sheet>(
    portal: &Portal,
    visitor: &Visitor,
    opened: &Opened,
    fields: &Fields,
    faults: &Faults,
) -> Result<Page, Trouble> {
    let words = visitor.words;
    let (path, step) = (opened.path(S::STEP), S::STEP.label(words));
    let revision = Some(fields.text(REVISION)).filter(|seen| !seen.is_empty()).map(str::to_owned);
    let revision = revision.unwrap_or_else(|| opened.draft.revision.to_string());
    let form = S::draw(portal, visitor, opened, fields, faults).await?;
    let main = html! {
        (head(visitor, opened, S::STEP, true))
        (faults.summary(words))
        form #draft method="post" action=(path) enctype=[S::ENCTYPE] novalidate data-keep={ (path) "?luu=1" }
            data-unsaved=(words.web_counter_unsaved()) {
            (key_field(portal, visitor, &path))
            input type="hidden" name=(REVISION) value=(revision);
            // What the return key presses, whatever buttons come before.
            button.hidden name="tiep" value="1" tabindex="-1" aria-hidden="true" { (words.web_counter_go_on()) }
            (form)
            div.acts {
                button name="tiep" value="1" { (words.web_counter_go_on()) }
                @if !faults.is_empty() {
                    button.second name="toi" value=(next(opened, S::STEP).slug()) { (words.web_counter_later()) }
                }
                span.soft data-saved role="status" {}
            }
        }
    };
    let title = format!("{step} · {}", opened.name(visitor));
    Ok(Page::new(title, main).with_look(Look::Work).with_faults(!faults.is_empty()))
}

/// What all pages of a draft begin with. `is_form`: whoever leaves the page by its steps saves it.
pub(super) fn head(visitor: &Visitor, opened: &Opened, at: Step, is_form: bool) -> Markup {
    let words = visitor.words;
    html! {
        p.soft { (opened.name(visitor)) " · " (opened.application.procedure_code) }
        h1 { (at.label(words)) }
        nav.stages aria-label=(words.web_counter_steps()) {
            ol {
                @for step in opened.steps() {
                    li {
                        @if step == at {
                            strong aria-current="step" { (step.label(words)) }
                        } @else if is_form {
                            button.quiet form="draft" name="toi" value=(step.slug()) formnovalidate { (step.label(words)) }
                        } @else {
                            a href=(opened.path(step)) { (step.label(words)) }
                        }
                    }
                }
            }
        }
    }
}
