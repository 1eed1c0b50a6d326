//! `ApplicationService`.

mod many;

use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use phidia_domain::{FieldViolation, Rejection, application as domain, procedure::Text};
use phidia_forms::Form;
use phidia_proto::{
    application::{status_filter, wire_return_way},
    convert::{self, missing, wire_text, wire_timestamp},
    intake::v1::{
        self as wire, Application, ApplicationFault, Channel, CheckApplicationRequest,
        CheckApplicationResponse, CorrectContactRequest, CorrectContactResponse, FeeLine,
        GetApplicationRequest, GetApplicationResponse, HistoryLine, ListApplicationsRequest,
        ListApplicationsResponse, Receipt, ReceiptHolder, RecordPaymentRequest, RecordPaymentResponse,
        RenderFormOfReceiptRequest, RenderFormOfReceiptResponse, RenderFormRequest, RenderFormResponse,
        RenderRegisterRequest, RenderRegisterResponse, SimilarApplication, StateContactPreferencesRequest,
        StateContactPreferencesResponse, SubmitApplicationRequest, SubmitApplicationResponse,
        SubmitApplicationsRequest, SubmitApplicationsResponse, SupplementApplicationRequest,
        SupplementApplicationResponse, TrackApplicationRequest, TrackApplicationResponse, TrackEntry,
        TrackedResult, WatchApplicationRequest, WatchApplicationResponse, WithdrawApplicationRequest,
        WithdrawApplicationResponse, application_service_server::ApplicationService,
        check_application_request::What, correct_contact_request, state_contact_preferences_request,
    },
    types::v1::Document,
};
use phidia_runtime::{digest, failure::Failure, identity, status, telemetry::concerns};
use prost::Message as _;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming, async_trait};

use crate::{
    Intake,
    applications::{
        check::Checked,
        correct_contact::{NewContact, Whose},
        expect::{self, Expectation, Expected},
        get::Shown,
        hand_in_later::Later,
        list::Question,
        render_form::Printed,
        render_register::Asked,
        submit::TakenIn,
        track::{Told, Tracked},
        watch,
    },
    record,
    sink::follow_dates,
    store::similar::Similar,
};

/// Serves applications.
pub(crate) struct Applications {
    intake: Intake,
    expectation: Expectation,
    /// Cancelled when the process is asked to end.
    closing: CancellationToken,
}

impl Applications {
    pub(crate) fn new(intake: Intake, expectation: Expectation, closing: CancellationToken) -> Self {
        Self { intake, expectation, closing }
    }

    async fn submit(
        &self,
        request: Request<SubmitApplicationRequest>,
    ) -> Result<SubmitApplicationResponse, Failure> {
        let caller = identity::caller(&request)?;
        let request = request.into_inner();
        let previewed = expect::previewed(&request);
        // Beside each other: by what is expected nobody is kept waiting, and it is asked before this one counts, too.
        let expected = async { Ok(self.expectation.of(previewed).await) };
        let (taken_in, expected) = tokio::try_join!(self.intake.submit(&caller, request), expected)?;
        concerns(taken_in.receipt.application);
        Ok(submitted(taken_in, expected))
    }

    async fn check(
        &self,
        request: Request<CheckApplicationRequest>,
    ) -> Result<CheckApplicationResponse, Failure> {
        let caller = identity::caller(&request)?;
        let (application, owner) = match request.into_inner().what.ok_or_else(|| missing("what"))? {
            What::Application(application) => (application, None),
            What::DraftId(id) => {
                let shown = self.intake.draft(&caller, convert::id(&id, "draft_id")?).await?;
                let application = shown.application.ok_or_else(crate::drafts::handed_in)?;
                (application, Some(shown.draft.owner))
            }
        };
        let Checked { faults, advice, fee_vnd, fees, promise, similar } =
            self.intake.check(&caller, application, owner.as_deref()).await?;
        let arithmetic = promise.iter().flat_map(|promise| &promise.arithmetic).map(wire_text).collect();
        Ok(CheckApplicationResponse {
            faults: faults.into_iter().map(wire_fault).collect(),
            advice: advice.iter().map(wire_text).collect(),
            fee_vnd,
            fees: fees.into_iter().map(wire_fee).collect(),
            due_at: promise.and_then(|promise| promise.due_at).map(wire_timestamp),
            arithmetic,
            similar: similar.into_iter().map(wire_similar).collect(),
        })
    }

    async fn get(&self, request: Request<GetApplicationRequest>) -> Result<GetApplicationResponse, Failure> {
        let caller = identity::caller(&request)?;
        let id = convert::id(&request.get_ref().application_id, "application_id")?;
        concerns(id);
        let Shown { application, applicant, receipt, answers, documents, history } =
            self.intake.get(&caller, id).await?;
        Ok(GetApplicationResponse {
            application: Some(wire_application(application)),
            applicant: applicant.map(Into::into),
            receipt: Some(wire_receipt(receipt)),
            answers: answers.map(|answers| answers.to_string()).unwrap_or_default(),
            documents: documents.into_iter().map(Into::into).collect(),
            history: history.iter().map(wire_told).collect(),
        })
    }

    async fn list(
        &self,
        request: Request<ListApplicationsRequest>,
    ) -> Result<ListApplicationsResponse, Failure> {
        let caller = identity::caller(&request)?;
        let request = request.into_inner();
        let question = Question {
            status: status_filter(request.status, "status")?,
            received_at_code: request.received_at_code,
            dossier_code: request.dossier_code,
            page_size: convert::page_size(request.page_size, 50, 1_000)?,
            page_token: request.page_token,
        };
        let page = self.intake.list(&caller, question).await?;
        Ok(ListApplicationsResponse {
            applications: page.items.into_iter().map(wire_application).collect(),
            next_page_token: page.next_page_token,
        })
    }

    async fn track(
        &self,
        request: Request<TrackApplicationRequest>,
    ) -> Result<TrackApplicationResponse, Failure> {
        let caller = identity::caller(&request)?;
        let TrackApplicationRequest { dossier_code, check_code } = request.into_inner();
        check_receipt(&dossier_code, &check_code)?;
        let tracked = self.intake.track(&caller, &dossier_code, &check_code).await?;
        concerns(tracked.application.id);
        Ok(wire_tracked(tracked))
    }

    async fn watch(&self, request: Request<WatchApplicationRequest>) -> Result<States, Failure> {
        let caller = identity::caller(&request)?;
        let WatchApplicationRequest { dossier_code, check_code, resume_token } = request.into_inner();
        check_receipt(&dossier_code, &check_code)?;
        let (id, told) = self.intake.watch(&caller, &dossier_code, &check_code).await?;
        concerns(id);
        let states = told.map_err(status::of_failure).scan(resume_token, |last, told| {
            let answer = told.map(|told| watched(last, told));
            std::future::ready(Some(answer.transpose()))
        });
        // What is as they know it is not told again.
        Ok(states.filter_map(std::future::ready).boxed())
    }

    async fn correct_contact(
        &self,
        request: Request<CorrectContactRequest>,
    ) -> Result<CorrectContactResponse, Failure> {
        use correct_contact_request::Key;
        let caller = identity::caller(&request)?;
        let CorrectContactRequest { key, email, telephone } = request.into_inner();
        let whose = match convert::required(key, "key")? {
            Key::ApplicationId(id) => Whose::Application(convert::id(&id, "application_id")?),
            Key::Holder(holder) => of_holder(holder)?,
        };
        let (id, corrected_at) =
            self.intake.correct_contact(&caller, whose, NewContact { email, telephone }).await?;
        concerns(id);
        Ok(CorrectContactResponse { corrected_at: Some(wire_timestamp(corrected_at)) })
    }

    async fn state_preferences(
        &self,
        request: Request<StateContactPreferencesRequest>,
    ) -> Result<StateContactPreferencesResponse, Failure> {
        use state_contact_preferences_request::Key;
        let caller = identity::caller(&request)?;
        let StateContactPreferencesRequest { key, preferences } = request.into_inner();
        let whose = match convert::required(key, "key")? {
            Key::ApplicationId(id) => Whose::Application(convert::id(&id, "application_id")?),
            Key::Holder(holder) => of_holder(holder)?,
        };
        let preferences = convert::required(preferences, "preferences")?;
        let preferences = convert::preferences(preferences, "preferences")?;
        let (id, stated_at) = self.intake.state_preferences(&caller, whose, preferences).await?;
        concerns(id);
        Ok(StateContactPreferencesResponse { stated_at: Some(wire_timestamp(stated_at)) })
    }

    async fn pay(&self, request: Request<RecordPaymentRequest>) -> Result<RecordPaymentResponse, Failure> {
        let caller = identity::caller(&request)?;
        let RecordPaymentRequest { dossier_code, amount_dong, reference, way } = request.into_inner();
        if dossier_code.is_empty() {
            return Err(missing("dossier_code").into());
        }
        let way = convert::payment_way(way, "way")?;
        let (id, paid_at) =
            self.intake.record_payment(&caller, &dossier_code, amount_dong, reference, way).await?;
        concerns(id);
        Ok(RecordPaymentResponse { application_id: id.to_string(), paid_at: Some(wire_timestamp(paid_at)) })
    }

    async fn render_form(&self, request: Request<RenderFormRequest>) -> Result<RenderFormResponse, Failure> {
        let caller = identity::caller(&request)?;
        let request = request.into_inner();
        let id = convert::id(&request.application_id, "application_id")?;
        concerns(id);
        let printed = self.intake.render_form(&caller, id, form(request.form)?).await?;
        Ok(RenderFormResponse { document: Some(document(printed.pdf, printed.file_name)) })
    }

    async fn render_form_of_receipt(
        &self,
        request: Request<RenderFormOfReceiptRequest>,
    ) -> Result<RenderFormOfReceiptResponse, Failure> {
        let caller = identity::caller(&request)?;
        let RenderFormOfReceiptRequest { dossier_code, check_code, form: wanted } = request.into_inner();
        check_receipt(&dossier_code, &check_code)?;
        let printed =
            self.intake.render_form_of_receipt(&caller, &dossier_code, &check_code, form(wanted)?).await?;
        let Printed { application, pdf, file_name } = printed;
        concerns(application);
        Ok(RenderFormOfReceiptResponse { document: Some(document(pdf, file_name)) })
    }

    async fn render_register(
        &self,
        request: Request<RenderRegisterRequest>,
    ) -> Result<RenderRegisterResponse, Failure> {
        let caller = identity::caller(&request)?;
        let RenderRegisterRequest { received_at_code, from, to } = request.into_inner();
        let asked =
            Asked { received_at_code, from: convert::day(&from, "from")?, to: convert::day(&to, "to")? };
        let (pdf, file_name) = self.intake.render_register(&caller, asked).await?;
        Ok(RenderRegisterResponse { document: Some(document(pdf, file_name)) })
    }

    /// What the caller hands in for the holder of a receipt, and when it was received.
    async fn hand_in_later<Q>(
        &self,
        request: Request<Q>,
        later: Later,
        codes: impl FnOnce(Q) -> (String, String),
    ) -> Result<jiff::Timestamp, Failure> {
        let caller = identity::caller(&request)?;
        let (dossier_code, check_code) = codes(request.into_inner());
        check_receipt(&dossier_code, &check_code)?;
        let (id, received_at) = self.intake.hand_in_later(&caller, &dossier_code, &check_code, later).await?;
        concerns(id);
        Ok(received_at)
    }
}

#[async_trait]
impl ApplicationService for Applications {
    type WatchApplicationStream = States;

    async fn watch_application(
        &self,
        request: Request<WatchApplicationRequest>,
    ) -> Result<Response<Self::WatchApplicationStream>, Status> {
        self.watch(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn correct_contact(
        &self,
        request: Request<CorrectContactRequest>,
    ) -> Result<Response<CorrectContactResponse>, Status> {
        self.correct_contact(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn state_contact_preferences(
        &self,
        request: Request<StateContactPreferencesRequest>,
    ) -> Result<Response<StateContactPreferencesResponse>, Status> {
        self.state_preferences(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn submit_application(
        &self,
        request: Request<SubmitApplicationRequest>,
    ) -> Result<Response<SubmitApplicationResponse>, Status> {
        self.submit(request).await.map(Response::new).map_err(status::of_failure)
    }

    type SubmitApplicationsStream = BoxStream<'static, Result<SubmitApplicationsResponse, Status>>;

    async fn submit_applications(
        &self,
        request: Request<Streaming<SubmitApplicationsRequest>>,
    ) -> Result<Response<Self::SubmitApplicationsStream>, Status> {
        let caller = identity::caller(&request).map_err(|unknown| status::to_status(&unknown))?;
        let intake = self.intake.clone();
        let answers = many::answers(intake, caller, request.into_inner(), self.closing.clone());
        Ok(Response::new(answers.boxed()))
    }

    async fn check_application(
        &self,
        request: Request<CheckApplicationRequest>,
    ) -> Result<Response<CheckApplicationResponse>, Status> {
        self.check(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn get_application(
        &self,
        request: Request<GetApplicationRequest>,
    ) -> Result<Response<GetApplicationResponse>, Status> {
        self.get(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn list_applications(
        &self,
        request: Request<ListApplicationsRequest>,
    ) -> Result<Response<ListApplicationsResponse>, Status> {
        self.list(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn track_application(
        &self,
        request: Request<TrackApplicationRequest>,
    ) -> Result<Response<TrackApplicationResponse>, Status> {
        self.track(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn supplement_application(
        &self,
        request: Request<SupplementApplicationRequest>,
    ) -> Result<Response<SupplementApplicationResponse>, Status> {
        let ids = request.get_ref().attachment_ids.iter().enumerate();
        let ids = ids.map(|(place, id)| convert::id(id, &format!("attachment_ids[{place}]")));
        let ids = ids.collect::<Result<_, _>>().map_err(|refusal| status::of_failure(refusal.into()))?;
        let codes = |request: SupplementApplicationRequest| (request.dossier_code, request.check_code);
        let received_at = self
            .hand_in_later(request, Later::Supplement { attachments: ids, handed_in_at: None }, codes)
            .await;
        let received_at = Some(wire_timestamp(received_at.map_err(status::of_failure)?));
        Ok(Response::new(SupplementApplicationResponse { received_at }))
    }

    async fn withdraw_application(
        &self,
        request: Request<WithdrawApplicationRequest>,
    ) -> Result<Response<WithdrawApplicationResponse>, Status> {
        let codes = |request: WithdrawApplicationRequest| (request.dossier_code, request.check_code);
        let received_at = self.hand_in_later(request, Later::Withdrawal, codes).await;
        let received_at = Some(wire_timestamp(received_at.map_err(status::of_failure)?));
        Ok(Response::new(WithdrawApplicationResponse { received_at }))
    }

    async fn record_payment(
        &self,
        request: Request<RecordPaymentRequest>,
    ) -> Result<Response<RecordPaymentResponse>, Status> {
        self.pay(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn render_form(
        &self,
        request: Request<RenderFormRequest>,
    ) -> Result<Response<RenderFormResponse>, Status> {
        self.render_form(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn render_form_of_receipt(
        &self,
        request: Request<RenderFormOfReceiptRequest>,
    ) -> Result<Response<RenderFormOfReceiptResponse>, Status> {
        self.render_form_of_receipt(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn render_register(
        &self,
        request: Request<RenderRegisterRequest>,
    ) -> Result<Response<RenderRegisterResponse>, Status> {
        self.render_register(request).await.map(Response::new).map_err(status::of_failure)
    }
}

/// How an application stands, for whoever has its receipt.
fn wire_tracked(Tracked { application, receipt, entries, history }: Tracked) -> TrackApplicationResponse {
    let begun = entries.iter().any(|entry| entry.status == domain::Status::InProcess);
    let outcome = application.outcome.clone();
    let national_code =
        domain::national_code(application.progress.status, begun, outcome.handed_over.is_some());
    let postponed = application.appointment_at.filter(|_| !application.progress.status.is_final());
    TrackApplicationResponse {
        procedure_name: Some(wire_text(&receipt.procedure_name)),
        status: convert::wire_status(application.progress.status).into(),
        entries: entries.into_iter().map(wire_entry).collect(),
        due_at: application.progress.due_at.map(wire_timestamp),
        return_at_name: Some(wire_text(&receipt.return_at_name)),
        supplement_until: (application.progress.supplement)
            .filter(|_| application.progress.status == domain::Status::AwaitingSupplement)
            .filter(|wanted| wanted.received_at.is_none() && !application.progress.stopping)
            .map(|wanted| wire_timestamp(wanted.until)),
        payment_due_dong: domain::due(application.progress.status, &application.progress.payments)
            .filter(|_| !application.progress.stopping)
            .map_or(0, |charge| charge.amount_dong),
        apology: postponed.map(|_| wire_text(&follow_dates::apology())),
        appointment_at: postponed.map(wire_timestamp),
        withdrawn_results: outcome.withdrawn.iter().cloned().map(wire_withdrawn).collect(),
        result: wire_outcome(outcome.issued, outcome.handed_over),
        national_code,
        history: history.iter().map(wire_told).collect(),
    }
}

/// What a watcher is told.
type States = BoxStream<'static, Result<WatchApplicationResponse, Status>>;

/// The answer to a watcher, who was told last what this token is made of; none: they know it.
fn watched(last: &mut String, told: watch::Told) -> Option<WatchApplicationResponse> {
    let state = told.map(|tracked| wire_tracked(*tracked));
    if let Some(state) = &state {
        // Half of a hash: it tells states of one application apart.
        let token = digest::sha256(&state.encode_to_vec())[..32].to_owned();
        if *last == token {
            return None;
        }
        *last = token;
    }
    Some(WatchApplicationResponse { resume_token: last.clone(), state })
}

fn wire_told(told: &Told) -> HistoryLine {
    HistoryLine { at: Some(wire_timestamp(told.at)), sentence: Some(wire_text(&told.sentence)) }
}

fn of_holder(holder: ReceiptHolder) -> Result<Whose, Rejection> {
    let ReceiptHolder { dossier_code, check_code, identity_number } = holder;
    check_receipt(&dossier_code, &check_code).map_err(|refusal| refusal.under("holder"))?;
    if identity_number.is_empty() {
        return Err(missing("holder.identity_number"));
    }
    Ok(Whose::Receipt { dossier_code, check_code, identity_number })
}

fn document(pdf: Vec<u8>, file_name: String) -> Document {
    let sha256 = digest::sha256(&pdf);
    Document { pdf, file_name, sha256 }
}

fn form(form: i32) -> Result<Form, Rejection> {
    match wire::Form::try_from(form) {
        Ok(wire::Form::Receipt) => Ok(Form::Receipt),
        Ok(wire::Form::Supplement) => Ok(Form::Supplement),
        Ok(wire::Form::Refusal) => Ok(Form::Refusal),
        Ok(wire::Form::Apology) => Ok(Form::Apology),
        Ok(wire::Form::Stop) => Ok(Form::Stop),
        Ok(wire::Form::Unspecified) => Err(missing("form")),
        Err(_) => Err(Rejection::invalid("UNKNOWN_VALUE", "form", "expected a form of the contract")),
    }
}

/// Both codes of a receipt are needed.
pub(super) fn check_receipt(dossier_code: &str, check_code: &str) -> Result<(), Rejection> {
    if dossier_code.is_empty() {
        return Err(missing("dossier_code"));
    }
    if check_code.is_empty() {
        return Err(missing("check_code"));
    }
    domain::check_text("dossier_code", dossier_code, 0, usize::MAX)?;
    domain::check_text("check_code", check_code, 0, usize::MAX)
}

/// What whoever handed something in is told.
pub(super) fn submitted(taken_in: TakenIn, expected: Expected) -> SubmitApplicationResponse {
    let TakenIn { receipt, advice } = taken_in;
    let Expected { outlook, unassignable_reason, .. } = expected.about(receipt.due_at);
    SubmitApplicationResponse {
        receipt: Some(wire_receipt(receipt)),
        outlook,
        unassignable_reason,
        advice: advice.iter().map(wire_text).collect(),
    }
}

fn wire_similar((similar, received_at): (Similar, Text)) -> SimilarApplication {
    SimilarApplication {
        dossier_code: similar.dossier_code,
        received_at: Some(wire_timestamp(similar.submitted_at)),
        received_at_name: Some(wire_text(&received_at)),
        status: convert::wire_status(similar.status).into(),
    }
}

fn wire_fault(fault: FieldViolation) -> ApplicationFault {
    let FieldViolation { field, reason, description, in_vietnamese } = fault;
    let sentence = Text { vi: in_vietnamese.unwrap_or_else(|| description.clone()), en: description };
    ApplicationFault { field, reason, sentence: Some(wire_text(&sentence)) }
}

pub(super) fn wire_receipt(receipt: record::Receipt) -> Receipt {
    Receipt {
        application_id: receipt.application.to_string(),
        dossier_code: receipt.dossier_code,
        check_code: receipt.check_code,
        procedure_name: Some(wire_text(&receipt.procedure_name)),
        received_at_name: Some(wire_text(&receipt.received_at_name)),
        return_at_name: Some(wire_text(&receipt.return_at_name)),
        received_at: Some(wire_timestamp(receipt.received_at)),
        due_at: receipt.due_at.map(wire_timestamp),
        arithmetic: receipt.arithmetic.iter().map(wire_text).collect(),
        fee_vnd: receipt.fee_vnd,
        fees: receipt.fees.into_iter().map(wire_fee).collect(),
        signed: receipt.signed.unwrap_or_default(),
    }
}

fn wire_fee(line: record::FeeLine) -> FeeLine {
    let record::FeeLine { name, unit_vnd, per, quantity, amount_vnd } = line;
    FeeLine { name: Some(wire_text(&name)), unit_vnd, per: Some(wire_text(&per)), quantity, amount_vnd }
}

fn wire_application(application: record::Application) -> Application {
    let record::Progress { status, working_unit, finished, due_at, .. } = application.progress;
    Application {
        application_id: application.id.to_string(),
        dossier_code: application.dossier_code,
        procedure_code: application.procedure_code,
        procedure_name: Some(wire_text(&application.procedure_name)),
        received_at_unit_id: application.received_at_unit.to_string(),
        return_at_unit_id: application.return_at_unit.to_string(),
        channel: Channel::from(application.channel).into(),
        status: convert::wire_status(status).into(),
        working_unit_name: working_unit.map(|unit| wire_text(&unit.name)),
        received_at: Some(wire_timestamp(application.submitted_at)),
        due_at: due_at.map(wire_timestamp),
        finished_at: finished.map(|finish| wire_timestamp(finish.at)),
        on_time: finished.map(|finish| finish.on_time),
        province_version: application.province_version,
        digitised: application.digitised,
        result_by: wire_return_way(application.result_by).into(),
        entrance: application.entrance.map_or(wire::Entrance::Unspecified, Into::into).into(),
    }
}

/// None where nothing has become of it.
fn wire_outcome(
    issued: Option<record::Issued>,
    handed_over: Option<record::HandedOver>,
) -> Option<TrackedResult> {
    if issued.is_none() && handed_over.is_none() {
        return None;
    }
    let mut result = TrackedResult::default();
    if let Some(record::Issued { at, sha256, size, media_type }) = issued {
        result = TrackedResult {
            issued_at: Some(wire_timestamp(at)),
            sha256,
            size_bytes: size,
            media_type,
            ..result
        };
    }
    if let Some(record::HandedOver { at, way, unit_name }) = handed_over {
        result = TrackedResult {
            handed_over_at: Some(wire_timestamp(at)),
            way: convert::wire_way(way).into(),
            handed_over_at_name: Some(wire_text(&unit_name)),
            ..result
        };
    }
    Some(result)
}

fn wire_withdrawn(record::Withdrawn { at, issued, handed_over }: record::Withdrawn) -> TrackedResult {
    let result = wire_outcome(issued, handed_over).unwrap_or_default();
    TrackedResult { withdrawn_at: Some(wire_timestamp(at)), ..result }
}

fn wire_entry(entry: record::Entry) -> TrackEntry {
    TrackEntry {
        at: Some(wire_timestamp(entry.at)),
        status: convert::wire_status(entry.status).into(),
        unit_name: entry.unit_name.as_ref().map(wire_text),
        why: entry.why.as_ref().map(|why| wire_text(&why.sentences)),
        what_if: entry.why.and_then(|why| why.what_if).as_ref().map(wire_text),
        reopened_by: entry.reopened_by.unwrap_or_default(),
    }
}
