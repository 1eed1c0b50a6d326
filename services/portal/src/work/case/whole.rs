//! What is asked of the services for the page of a case.

use std::sync::Arc;

use phidia_domain::{Kind, id::UnitId};
use phidia_proto::{
    convert,
    intake::v1::{
        Attachment, GetApplicationRequest, GetApplicationResponse, GetProcedureRequest, GetProcedureResponse,
        GetProcessRequest, ListAttachmentsRequest, ProcessStep,
        application_service_client::ApplicationServiceClient,
        attachment_service_client::AttachmentServiceClient, catalogue_service_client::CatalogueServiceClient,
    },
    notification::v1::{
        ListMessagesRequest, Message, notification_service_client::NotificationServiceClient,
    },
    processing::v1::{
        Case, CaseState, CaseTransition, CaseWorkItem, ExplainDeadlineRequest, ExplainDeadlineResponse,
        GetCaseRequest, GetCaseResponse, case_service_client::CaseServiceClient, explain_deadline_request,
        get_case_request::Key,
    },
};
use tonic::Response;

use super::is_mine;
use crate::{
    Portal,
    services::{Units, soon},
    trouble::Trouble,
    visitor::Visitor,
};

/// Messages that are shown with a case.
const MESSAGES: i32 = 20;

/// A case, as far as whoever looks may see it.
#[derive(Debug)]
pub(in crate::work) struct Whole {
    pub(in crate::work) case: Case,
    pub(super) items: Vec<CaseWorkItem>,
    pub(super) reopening_reasons: Vec<String>,
    pub(super) transitions: Vec<CaseTransition>,
    /// What was handed in; none: it is for those who receive it, work on it, or give the result back.
    pub(super) application: Option<GetApplicationResponse>,
    pub(super) attachments: Vec<Attachment>,
    pub(super) deadline: Option<ExplainDeadlineResponse>,
    pub(super) procedure: Option<GetProcedureResponse>,
    /// All steps of its process, also those ahead.
    pub(in crate::work) steps: Vec<ProcessStep>,
    pub(super) messages: Vec<Message>,
    pub(in crate::work) units: Arc<Units>,
}

impl Whole {
    /// Asks for it.
    ///
    /// # Errors
    /// Where there is no such case, or nothing of it is for whoever asks.
    pub(in crate::work) async fn of(
        portal: &Portal,
        visitor: &Visitor,
        application_id: &str,
    ) -> Result<Self, Trouble> {
        let known = get(portal, visitor, Key::ApplicationId(application_id.to_owned())).await?;
        let case = known.case.unwrap_or_default();
        let (application, attachments, deadline, procedure, steps, messages, units) = tokio::try_join!(
            application(portal, visitor, application_id),
            attachments(portal, visitor, application_id),
            deadline(portal, visitor, application_id),
            procedure(portal, visitor, &case),
            steps(portal, visitor, &case),
            messages(portal, visitor, application_id),
            portal.units(),
        )?;
        Ok(Self {
            items: known.work_items,
            reopening_reasons: known.reopening_reasons,
            transitions: known.transitions,
            application,
            attachments,
            deadline,
            procedure,
            steps,
            messages,
            units,
            case,
        })
    }

    /// Work items that can be gone on with at present: the last attempt at each step that is to be done.
    pub(super) fn open(&self) -> impl Iterator<Item = &CaseWorkItem> {
        open(&self.case, &self.items)
    }

    /// Those that were sent back, as long as what is behind them is to be corrected.
    pub(super) fn sent_back(&self) -> impl Iterator<Item = &CaseWorkItem> {
        self.items.iter().filter(|item| !item.sent_back_reason.is_empty() && is_last(&self.items, item))
    }

    /// Those of the open ones that are in the hands of whoever looks.
    pub(super) fn mine(&self, visitor: &Visitor) -> impl Iterator<Item = &CaseWorkItem> {
        self.open().filter(|item| is_mine(visitor, item))
    }

    /// Those that they may take up.
    pub(super) fn free(&self, visitor: &Visitor) -> impl Iterator<Item = &CaseWorkItem> {
        let own = visitor
            .staff()
            .map(|staff| UnitId::of(&staff.province, &staff.unit).to_string())
            .unwrap_or_default();
        self.open().filter(move |item| item.officer_id.is_empty() && item.unit_id == own)
    }
}

/// The work items of a case that can be gone on with.
pub(in crate::work) fn open<'c>(
    case: &'c Case,
    items: &'c [CaseWorkItem],
) -> impl Iterator<Item = &'c CaseWorkItem> {
    items.iter().filter(move |item| {
        let (step, _) = place(item);
        let branch = case.branches.iter().find(|branch| branch.step == step);
        let state = branch.map_or(case.state(), |branch| branch.state());
        is_last(items, item)
            && item.completed_at.is_none()
            && matches!(state, CaseState::Queued | CaseState::InProgress)
    })
}

/// Whether there is no later attempt at its step.
fn is_last(items: &[CaseWorkItem], item: &CaseWorkItem) -> bool {
    let (step, attempt) = place(item);
    !items.iter().map(place).any(|(same, later)| same == step && later > attempt)
}

/// Step and attempt.
fn place(item: &CaseWorkItem) -> (u32, u32) {
    item.work_item.as_ref().map_or((0, 0), |item| (item.step, item.attempt))
}

pub(in crate::work) async fn get(
    portal: &Portal,
    visitor: &Visitor,
    key: Key,
) -> Result<GetCaseResponse, Trouble> {
    let request = soon(GetCaseRequest { key: Some(key) });
    let answer = CaseServiceClient::new(portal.processing(visitor)).get_case(request).await?;
    Ok(answer.into_inner())
}

/// What is there for whoever asks; none where it is not for them.
fn if_theirs<T>(answer: Result<Response<T>, tonic::Status>) -> Result<Option<T>, Trouble> {
    match answer.map_err(Trouble::from) {
        Ok(answer) => Ok(Some(answer.into_inner())),
        Err(Trouble::Refused(refusal)) if matches!(refusal.kind, Kind::NotFound | Kind::Forbidden) => {
            Ok(None)
        }
        Err(trouble) => Err(trouble),
    }
}

async fn application(
    portal: &Portal,
    visitor: &Visitor,
    application_id: &str,
) -> Result<Option<GetApplicationResponse>, Trouble> {
    let request = GetApplicationRequest { application_id: application_id.to_owned() };
    if_theirs(ApplicationServiceClient::new(portal.intake(visitor)).get_application(soon(request)).await)
}

async fn attachments(
    portal: &Portal,
    visitor: &Visitor,
    application_id: &str,
) -> Result<Vec<Attachment>, Trouble> {
    let request = ListAttachmentsRequest {
        application_id: application_id.to_owned(),
        ..ListAttachmentsRequest::default()
    };
    let answer = AttachmentServiceClient::new(portal.intake(visitor)).list_attachments(soon(request)).await;
    Ok(if_theirs(answer)?.map(|answer| answer.attachments).unwrap_or_default())
}

async fn deadline(
    portal: &Portal,
    visitor: &Visitor,
    application_id: &str,
) -> Result<Option<ExplainDeadlineResponse>, Trouble> {
    let key = Some(explain_deadline_request::Key::ApplicationId(application_id.to_owned()));
    let request = soon(ExplainDeadlineRequest { key });
    if_theirs(CaseServiceClient::new(portal.processing(visitor)).explain_deadline(request).await)
}

/// The local day on which it was accepted: procedure and process are those of that day.
fn day(visitor: &Visitor, case: &Case) -> String {
    let at = case.submitted_at.and_then(|at| convert::timestamp(at, "submitted_at").ok()).unwrap_or_default();
    visitor.zone().to_datetime(at).date().to_string()
}

async fn procedure(
    portal: &Portal,
    visitor: &Visitor,
    case: &Case,
) -> Result<Option<GetProcedureResponse>, Trouble> {
    let (code, day) = (case.procedure_code.clone(), day(visitor, case));
    let request = GetProcedureRequest { code, day, province_version: case.province_version };
    if_theirs(CatalogueServiceClient::new(portal.intake(visitor)).get_procedure(soon(request)).await)
}

/// All steps of its process.
pub(in crate::work) async fn steps(
    portal: &Portal,
    visitor: &Visitor,
    case: &Case,
) -> Result<Vec<ProcessStep>, Trouble> {
    let request = GetProcessRequest {
        procedure_code: case.procedure_code.clone(),
        day: day(visitor, case),
        province_version: case.province_version,
        ..GetProcessRequest::default()
    };
    let answer = CatalogueServiceClient::new(portal.intake(visitor)).get_process(soon(request)).await;
    Ok(if_theirs(answer)?.map(|process| process.steps).unwrap_or_default())
}

async fn messages(portal: &Portal, visitor: &Visitor, application_id: &str) -> Result<Vec<Message>, Trouble> {
    let request = ListMessagesRequest {
        application_id: application_id.to_owned(),
        page_size: MESSAGES,
        page_token: String::new(),
    };
    let answer =
        NotificationServiceClient::new(portal.notification(visitor)).list_messages(soon(request)).await;
    Ok(if_theirs(answer)?.map(|answer| answer.messages).unwrap_or_default())
}
