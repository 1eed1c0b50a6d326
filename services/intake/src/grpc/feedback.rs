//! `FeedbackService`.

use phidia_domain::{
    Rejection,
    application::check_text,
    caller::{Caller, Role},
    feedback::{Act, Desk, State},
    procedure::Text,
    province::Province,
};
use phidia_proto::{
    convert::{self, missing, wire_text, wire_timestamp},
    feedback as wire,
    intake::v1::{
        AnswerFeedbackRequest, AnswerFeedbackResponse, AskFeedbackAuthorRequest, AskFeedbackAuthorResponse,
        EscalateFeedbackRequest, EscalateFeedbackResponse, Feedback as Message, FeedbackAuthor,
        FeedbackEntry, FeedbackKindCounts, FeedbackUnitCounts, GetFeedbackReportRequest,
        GetFeedbackReportResponse, GetFeedbackRequest, GetFeedbackResponse, GivenRating,
        KeepFeedbackPrivateRequest, KeepFeedbackPrivateResponse, ListFeedbackRequest, ListFeedbackResponse,
        ListPublishedFeedbackRequest, ListPublishedFeedbackResponse, ListRatingsRequest, ListRatingsResponse,
        PassFeedbackRequest, PassFeedbackResponse, PublishFeedbackRequest, PublishFeedbackResponse,
        PublishedFeedback, RateApplicationRequest, RateApplicationResponse, RateFeedbackAnswerRequest,
        RateFeedbackAnswerResponse, RefuseFeedbackRequest, RefuseFeedbackResponse, ReplyToFeedbackRequest,
        ReplyToFeedbackResponse, SendFeedbackRequest, SendFeedbackResponse, TakeFeedbackRequest,
        TakeFeedbackResponse, TrackFeedbackRequest, TrackFeedbackResponse, WithdrawFeedbackRequest,
        WithdrawFeedbackResponse, feedback_service_server::FeedbackService,
    },
    types::v1 as types,
};
use phidia_runtime::{failure::Failure, identity, status, telemetry::concerns};
use tonic::{Request, Response, Status, async_trait};

use super::applications::check_receipt;
use crate::{
    Intake,
    feedback::{
        handle::Words,
        list_ratings::{Question, Shown},
        read::{self, Line, Whole},
        report::Report,
        send::{self, Author, Said},
    },
    scope::unit_named,
    store::feedback::{Feedback as Record, Published},
};

/// So many characters at most has what people name something by.
pub(super) const LONGEST_NUMBER: usize = 64;

/// Serves what people think and say.
pub(crate) struct Feedback(Intake);

impl Feedback {
    pub(crate) fn new(intake: Intake) -> Self {
        Self(intake)
    }

    async fn rate(
        &self,
        request: Request<RateApplicationRequest>,
    ) -> Result<RateApplicationResponse, Failure> {
        let caller = identity::caller(&request)?;
        let RateApplicationRequest { dossier_code, check_code, rating, comment } = request.into_inner();
        check_receipt(&dossier_code, &check_code)?;
        let rating = convert::rating(rating, "rating")?;
        let (id, rated_at) = self.0.rate(&caller, &dossier_code, &check_code, rating, comment).await?;
        concerns(id);
        Ok(RateApplicationResponse { rated_at: Some(wire_timestamp(rated_at)) })
    }

    async fn list(&self, request: Request<ListRatingsRequest>) -> Result<ListRatingsResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ListRatingsRequest { page_size, page_token, rating, received_at_code } = request.into_inner();
        let filter = |value: i32| -> Result<_, Rejection> {
            (value != 0).then(|| convert::rating(value, "rating")).transpose()
        };
        let question = Question {
            rating: filter(rating)?,
            received_at_code,
            page_size: convert::page_size(page_size, 50, 500)?,
            page_token,
        };
        let page = self.0.list_ratings(&caller, question).await?;
        Ok(ListRatingsResponse {
            ratings: page.items.into_iter().map(wire_rating).collect(),
            next_page_token: page.next_page_token,
        })
    }

    async fn send(&self, request: Request<SendFeedbackRequest>) -> Result<SendFeedbackResponse, Failure> {
        let caller = identity::caller(&request)?;
        let request = request.into_inner();
        let FeedbackAuthor { name, telephone, email } = request.author.unwrap_or_default();
        let message = send::Message {
            kind: wire::kind(request.kind, "kind")?,
            channel: wire::channel(request.channel, "channel")?,
            said: Said { text: request.text, author: Author { name, telephone, email } },
            unit_code: request.unit_code,
            dossier_code: request.dossier_code,
            procedure_code: request.procedure_code,
            taken_out_on: request.taken_out_on,
            answer: request.answer,
            escalate_to: wire::escalation(request.escalate_to, "escalate_to")?,
            key: Some(request.idempotency_key).filter(|key| !key.is_empty()),
        };
        let record = self.0.send_feedback(&caller, message).await?;
        // A paper has nobody beside it to whom its check code could be given, and an officer must not have it.
        let from_box = record.taken_out_on.is_some();
        Ok(SendFeedbackResponse {
            number: record.number.clone(),
            check_code: if from_box { String::new() } else { record.check_code.clone() },
            feedback: Some(self.for_authors(record).await?),
        })
    }

    async fn track(&self, request: Request<TrackFeedbackRequest>) -> Result<TrackFeedbackResponse, Failure> {
        let caller = identity::caller(&request)?;
        let TrackFeedbackRequest { number, check_code } = request.into_inner();
        check_own(&number, &check_code)?;
        let Whole { record, lines, .. } = self.0.track_feedback(&caller, &number, &check_code).await?;
        let version = self.0.versions.active().await?;
        let entries = lines.into_iter().map(|line| wire_line(&version.value, line)).collect();
        Ok(TrackFeedbackResponse { feedback: Some(self.for_authors(record).await?), entries })
    }

    /// Its author does something with it.
    async fn own(
        &self,
        caller: Result<Caller, Rejection>,
        number: &str,
        check_code: &str,
        act: Act,
        words: Words,
    ) -> Result<Option<Message>, Failure> {
        let caller = caller?;
        check_own(number, check_code)?;
        let record = self.0.act_as_author(&caller, number, check_code, act, words).await?;
        Ok(Some(self.for_authors(record).await?))
    }

    /// Somebody of the house does something with it.
    async fn handle<T>(
        &self,
        request: &Request<T>,
        number: &str,
        act: Act,
        words: Words,
    ) -> Result<Option<Message>, Failure> {
        let caller = identity::caller(request)?;
        check_text("number", number, 1, LONGEST_NUMBER)?;
        let record = self.0.handle_feedback(&caller, number, act, words).await?;
        Ok(Some(self.message(record).await?))
    }

    async fn pass(&self, request: Request<PassFeedbackRequest>) -> Result<PassFeedbackResponse, Failure> {
        let PassFeedbackRequest { number, unit_code, reason } = request.get_ref().clone();
        let version = self.0.versions.active().await?;
        let unit = unit_named(&version.value, "unit_code", &unit_code)?;
        let words = Words::of("reason", reason);
        Ok(PassFeedbackResponse { feedback: self.handle(&request, &number, Act::Pass(unit), words).await? })
    }

    async fn escalate(
        &self,
        request: Request<EscalateFeedbackRequest>,
    ) -> Result<EscalateFeedbackResponse, Failure> {
        let EscalateFeedbackRequest { number, to, reason } = request.get_ref().clone();
        let to = wire::escalation(to, "to")?.ok_or_else(|| missing("to"))?;
        let words = Words::of("reason", reason);
        Ok(EscalateFeedbackResponse {
            feedback: self.handle(&request, &number, Act::Escalate(to), words).await?,
        })
    }

    async fn publish(
        &self,
        request: Request<PublishFeedbackRequest>,
    ) -> Result<PublishFeedbackResponse, Failure> {
        let caller = identity::caller(&request)?;
        let PublishFeedbackRequest { number, question, answer } = request.into_inner();
        check_text("number", &number, 1, LONGEST_NUMBER)?;
        let record = self.0.publish_feedback(&caller, &number, Published { question, answer }).await?;
        Ok(PublishFeedbackResponse { feedback: Some(self.message(record).await?) })
    }

    async fn get(&self, request: Request<GetFeedbackRequest>) -> Result<GetFeedbackResponse, Failure> {
        let caller = identity::caller(&request)?;
        let number = request.into_inner().number;
        check_text("number", &number, 1, LONGEST_NUMBER)?;
        let mut whole = self.0.get_feedback(&caller, &number).await?;
        let version = self.0.versions.active().await?;
        let lines = std::mem::take(&mut whole.lines);
        let feedback = Some(self.message(whole.record.clone()).await?);
        let (text, Author { name, telephone, email }) = whole.said();
        Ok(GetFeedbackResponse {
            feedback,
            text,
            author: Some(FeedbackAuthor { name, telephone, email }),
            entries: lines.into_iter().map(|line| wire_line(&version.value, line)).collect(),
        })
    }

    async fn list_all(&self, request: Request<ListFeedbackRequest>) -> Result<ListFeedbackResponse, Failure> {
        let caller = identity::caller(&request)?;
        let request = request.into_inner();
        let question = read::Question {
            kind: wire::kind_filter(request.kind, "kind")?,
            state: wire::state_filter(request.state, "state")?,
            unit_code: request.unit_code,
            overdue: request.overdue,
            page_size: convert::page_size(request.page_size, 50, 500)?,
            page_token: request.page_token,
        };
        let page = self.0.list_feedback(&caller, question).await?;
        let mut feedback = Vec::with_capacity(page.items.len());
        for record in page.items {
            feedback.push(self.message(record).await?);
        }
        Ok(ListFeedbackResponse { feedback, next_page_token: page.next_page_token })
    }

    async fn list_published(
        &self,
        request: Request<ListPublishedFeedbackRequest>,
    ) -> Result<ListPublishedFeedbackResponse, Failure> {
        let ListPublishedFeedbackRequest { page_size, page_token } = request.into_inner();
        let page = self.0.list_published(convert::page_size(page_size, 50, 500)?, &page_token).await?;
        let version = self.0.versions.active().await?;
        let published = |record: Record| {
            let owner = wire_text(&owner_name(&version.value, record.standing.desk));
            let Published { question, answer } = record.published?;
            Some(PublishedFeedback {
                number: record.number,
                kind: wire::wire_kind(record.standing.kind).into(),
                question,
                answer,
                owner_name: Some(owner),
                procedure_code: record.procedure_code.unwrap_or_default(),
                received_at: Some(wire_timestamp(record.standing.received_at)),
                published_at: record.standing.published_at.map(wire_timestamp),
            })
        };
        Ok(ListPublishedFeedbackResponse {
            feedback: page.items.into_iter().filter_map(published).collect(),
            next_page_token: page.next_page_token,
        })
    }

    async fn report(
        &self,
        request: Request<GetFeedbackReportRequest>,
    ) -> Result<GetFeedbackReportResponse, Failure> {
        let caller = identity::caller(&request)?;
        let GetFeedbackReportRequest { period, unit_code } = request.into_inner();
        let Report { period, window, total, kinds, units } =
            self.0.feedback_report(&caller, &period, &unit_code).await?;
        let version = self.0.versions.active().await?;
        let unit = |(unit, counts): (&Option<_>, _)| FeedbackUnitCounts {
            unit_id: unit.map(|unit: phidia_domain::id::UnitId| unit.to_string()).unwrap_or_default(),
            unit_name: Some(wire_text(&owner_name(&version.value, unit.map_or(Desk::Province, Desk::Unit)))),
            counts: Some(wire::wire_counts(counts)),
        };
        let kind = |(kind, counts): (&_, _)| FeedbackKindCounts {
            kind: wire::wire_kind(*kind).into(),
            counts: Some(wire::wire_counts(counts)),
        };
        Ok(GetFeedbackReportResponse {
            from: period.from().to_string(),
            to: period.to().to_string(),
            as_of: Some(wire_timestamp(window.as_of)),
            total: Some(wire::wire_counts(&total)),
            kinds: kinds.iter().map(kind).collect(),
            units: units.iter().map(unit).collect(),
        })
    }

    /// How it stands, for its author: which units a dossier code leads to is not told.
    async fn for_authors(&self, record: Record) -> Result<Message, Failure> {
        let message = self.message(record).await?;
        Ok(Message { about_unit_ids: Vec::new(), holder_officer_id: String::new(), ..message })
    }

    async fn message(&self, record: Record) -> Result<Message, Failure> {
        let version = self.0.versions.active().await?;
        let standing = &record.standing;
        let due_at = standing.due_at();
        let overdue = due_at.is_some_and(|due| due < self.0.business.now());
        let open = standing.state == State::Received;
        Ok(Message {
            feedback_id: record.id.to_string(),
            number: record.number,
            kind: wire::wire_kind(standing.kind).into(),
            channel: wire::wire_channel(record.channel).into(),
            state: wire::wire_state(standing.state).into(),
            owner_unit_id: standing.desk.unit().map(|unit| unit.to_string()).unwrap_or_default(),
            owner_name: Some(wire_text(&owner_name(&version.value, standing.desk))),
            with_supervisor: matches!(standing.desk, Desk::Supervisor(_)),
            holder_officer_id: standing.holder.map(|officer| officer.to_string()).unwrap_or_default(),
            about_unit_ids: standing.about.iter().map(ToString::to_string).collect(),
            dossier_code: record.dossier_code.unwrap_or_default(),
            procedure_code: record.procedure_code.unwrap_or_default(),
            received_at: Some(wire_timestamp(standing.received_at)),
            due_at: due_at.map(wire_timestamp),
            overdue,
            answered_at: standing.answered_at.map(wire_timestamp),
            published_at: standing.published_at.map(wire_timestamp),
            reopened_at: standing.reopened_at.map(wire_timestamp),
            rated: standing.rated.map(|rating| convert::wire_rating(rating).into()).unwrap_or_default(),
            taken_out_on: record.taken_out_on.map(|day| day.to_string()).unwrap_or_default(),
            refuse_by: open.then(|| wire_timestamp(standing.refuse_by)),
            ask_by: open.then(|| wire_timestamp(standing.ask_by)),
        })
    }
}

#[async_trait]
impl FeedbackService for Feedback {
    async fn rate_application(
        &self,
        request: Request<RateApplicationRequest>,
    ) -> Result<Response<RateApplicationResponse>, Status> {
        self.rate(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn list_ratings(
        &self,
        request: Request<ListRatingsRequest>,
    ) -> Result<Response<ListRatingsResponse>, Status> {
        self.list(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn send_feedback(
        &self,
        request: Request<SendFeedbackRequest>,
    ) -> Result<Response<SendFeedbackResponse>, Status> {
        self.send(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn track_feedback(
        &self,
        request: Request<TrackFeedbackRequest>,
    ) -> Result<Response<TrackFeedbackResponse>, Status> {
        self.track(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn pass_feedback(
        &self,
        request: Request<PassFeedbackRequest>,
    ) -> Result<Response<PassFeedbackResponse>, Status> {
        self.pass(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn escalate_feedback(
        &self,
        request: Request<EscalateFeedbackRequest>,
    ) -> Result<Response<EscalateFeedbackResponse>, Status> {
        self.escalate(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn publish_feedback(
        &self,
        request: Request<PublishFeedbackRequest>,
    ) -> Result<Response<PublishFeedbackResponse>, Status> {
        self.publish(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn get_feedback(
        &self,
        request: Request<GetFeedbackRequest>,
    ) -> Result<Response<GetFeedbackResponse>, Status> {
        self.get(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn list_feedback(
        &self,
        request: Request<ListFeedbackRequest>,
    ) -> Result<Response<ListFeedbackResponse>, Status> {
        self.list_all(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn list_published_feedback(
        &self,
        request: Request<ListPublishedFeedbackRequest>,
    ) -> Result<Response<ListPublishedFeedbackResponse>, Status> {
        self.list_published(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn get_feedback_report(
        &self,
        request: Request<GetFeedbackReportRequest>,
    ) -> Result<Response<GetFeedbackReportResponse>, Status> {
        self.report(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn reply_to_feedback(
        &self,
        request: Request<ReplyToFeedbackRequest>,
    ) -> Result<Response<ReplyToFeedbackResponse>, Status> {
        let ReplyToFeedbackRequest { number, check_code, text } = request.get_ref().clone();
        let (caller, words) = (identity::caller(&request), Words::of("text", text));
        let is_staff = |caller: &Caller| matches!(caller.role, Role::Officer | Role::Supervisor);
        let feedback = match caller.as_ref().is_ok_and(is_staff) && check_code.is_empty() {
            true => self.handle(&request, &number, Act::Reply, words).await,
            false => self.own(caller, &number, &check_code, Act::Reply, words).await,
        };
        feedback
            .map(|feedback| Response::new(ReplyToFeedbackResponse { feedback }))
            .map_err(status::of_failure)
    }

    async fn withdraw_feedback(
        &self,
        request: Request<WithdrawFeedbackRequest>,
    ) -> Result<Response<WithdrawFeedbackResponse>, Status> {
        let caller = identity::caller(&request);
        let WithdrawFeedbackRequest { number, check_code } = request.into_inner();
        let feedback = self.own(caller, &number, &check_code, Act::Withdraw, Words::none()).await;
        feedback
            .map(|feedback| Response::new(WithdrawFeedbackResponse { feedback }))
            .map_err(status::of_failure)
    }

    async fn rate_feedback_answer(
        &self,
        request: Request<RateFeedbackAnswerRequest>,
    ) -> Result<Response<RateFeedbackAnswerResponse>, Status> {
        let caller = identity::caller(&request);
        let RateFeedbackAnswerRequest { number, check_code, rating, reason } = request.into_inner();
        let rate = async {
            let rating = convert::rating(rating, "rating")?;
            self.own(caller, &number, &check_code, Act::Rate(rating), Words::of("reason", reason)).await
        };
        let feedback = rate.await;
        feedback
            .map(|feedback| Response::new(RateFeedbackAnswerResponse { feedback }))
            .map_err(status::of_failure)
    }

    async fn take_feedback(
        &self,
        request: Request<TakeFeedbackRequest>,
    ) -> Result<Response<TakeFeedbackResponse>, Status> {
        let TakeFeedbackRequest { number } = request.get_ref().clone();
        let feedback = self.handle(&request, &number, Act::Take, Words::none()).await;
        feedback.map(|feedback| Response::new(TakeFeedbackResponse { feedback })).map_err(status::of_failure)
    }

    async fn ask_feedback_author(
        &self,
        request: Request<AskFeedbackAuthorRequest>,
    ) -> Result<Response<AskFeedbackAuthorResponse>, Status> {
        let AskFeedbackAuthorRequest { number, text } = request.get_ref().clone();
        let feedback = self.handle(&request, &number, Act::Ask, Words::of("text", text)).await;
        feedback
            .map(|feedback| Response::new(AskFeedbackAuthorResponse { feedback }))
            .map_err(status::of_failure)
    }

    async fn answer_feedback(
        &self,
        request: Request<AnswerFeedbackRequest>,
    ) -> Result<Response<AnswerFeedbackResponse>, Status> {
        let AnswerFeedbackRequest { number, answer } = request.get_ref().clone();
        let feedback = self.handle(&request, &number, Act::Answer, Words::of("answer", answer)).await;
        feedback
            .map(|feedback| Response::new(AnswerFeedbackResponse { feedback }))
            .map_err(status::of_failure)
    }

    async fn refuse_feedback(
        &self,
        request: Request<RefuseFeedbackRequest>,
    ) -> Result<Response<RefuseFeedbackResponse>, Status> {
        let RefuseFeedbackRequest { number, reason } = request.get_ref().clone();
        let feedback = self.handle(&request, &number, Act::Refuse, Words::of("reason", reason)).await;
        feedback
            .map(|feedback| Response::new(RefuseFeedbackResponse { feedback }))
            .map_err(status::of_failure)
    }

    async fn keep_feedback_private(
        &self,
        request: Request<KeepFeedbackPrivateRequest>,
    ) -> Result<Response<KeepFeedbackPrivateResponse>, Status> {
        let KeepFeedbackPrivateRequest { number, reason } = request.get_ref().clone();
        let feedback = self.handle(&request, &number, Act::KeepPrivate, Words::of("reason", reason)).await;
        feedback
            .map(|feedback| Response::new(KeepFeedbackPrivateResponse { feedback }))
            .map_err(status::of_failure)
    }
}

/// What leads to something of one's own. What cannot be a number is not looked for.
pub(super) fn check_own(number: &str, check_code: &str) -> Result<(), Rejection> {
    check_text("number", number, 1, LONGEST_NUMBER)?;
    check_text("check_code", check_code, 1, LONGEST_NUMBER)
}

/// Who has to answer.
fn owner_name(province: &Province, desk: Desk) -> Text {
    let unit = desk.unit().and_then(|unit| province.units.get(&unit));
    unit.map_or_else(|| province.name.clone(), |unit| unit.name.clone())
}

fn wire_line(province: &Province, Line { entry, words }: Line) -> FeedbackEntry {
    let unit_name = |unit| -> Option<types::Text> { Some(wire_text(&province.units.get(&unit)?.name)) };
    FeedbackEntry {
        at: Some(wire_timestamp(entry.at)),
        act: entry.act,
        unit_name: entry.unit.and_then(unit_name),
        officer_id: entry.officer.map(|officer| officer.to_string()).unwrap_or_default(),
        words,
    }
}

fn wire_rating(Shown { rated, comment }: Shown) -> GivenRating {
    let rating = rated.rating;
    GivenRating {
        application_id: rating.application.to_string(),
        dossier_code: rated.dossier_code,
        procedure_code: rated.procedure_code,
        procedure_name: Some(wire_text(&rated.procedure_name)),
        received_at_unit_id: rating.received_at_unit.to_string(),
        rating: convert::wire_rating(rating.rating).into(),
        comment,
        rated_at: Some(wire_timestamp(rating.at)),
        reopened_at: rating.reopened_at.map(wire_timestamp),
    }
}
