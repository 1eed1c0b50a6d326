//! `FaqService`.

use jiff::civil::Date;
use phidia_domain::{Rejection, application::check_text};
use phidia_proto::{
    convert::{self, text, wire_text, wire_timestamp},
    intake::v1::{
        AddFaqEntryRequest, AddFaqEntryResponse, FaqEntry as Message, ListFaqEntriesRequest,
        ListFaqEntriesResponse, MarkFaqUsefulRequest, MarkFaqUsefulResponse, ReviewFaqEntryRequest,
        ReviewFaqEntryResponse, SearchFaqRequest, SearchFaqResponse, faq_service_server::FaqService,
    },
};
use phidia_runtime::{failure::Failure, identity, status};
use tonic::{Request, Response, Status, async_trait};

use super::feedback::LONGEST_NUMBER;
use crate::{
    Intake,
    faq::write::{NewEntry, Review},
    store::faq::FaqEntry,
};

/// Serves what is asked often.
pub(crate) struct Faq(Intake);

impl Faq {
    pub(crate) fn new(intake: Intake) -> Self {
        Self(intake)
    }

    async fn search(&self, request: Request<SearchFaqRequest>) -> Result<SearchFaqResponse, Failure> {
        let SearchFaqRequest { query, procedure_code, page_size, page_token } = request.into_inner();
        check_text("procedure_code", &procedure_code, 0, LONGEST_NUMBER)?;
        let page_size = convert::page_size(page_size, 20, 100)?;
        let (page, today) = self.0.search_faq(&query, &procedure_code, page_size, &page_token).await?;
        Ok(SearchFaqResponse {
            entries: page.items.into_iter().map(|entry| message(entry, today)).collect(),
            next_page_token: page.next_page_token,
        })
    }

    async fn list(&self, request: Request<ListFaqEntriesRequest>) -> Result<ListFaqEntriesResponse, Failure> {
        let ListFaqEntriesRequest { page_size, page_token, outdated } = request.into_inner();
        let page_size = convert::page_size(page_size, 50, 500)?;
        let (page, today) = self.0.list_faq(outdated, page_size, &page_token).await?;
        Ok(ListFaqEntriesResponse {
            entries: page.items.into_iter().map(|entry| message(entry, today)).collect(),
            next_page_token: page.next_page_token,
        })
    }

    async fn mark(&self, request: Request<MarkFaqUsefulRequest>) -> Result<MarkFaqUsefulResponse, Failure> {
        let caller = identity::caller(&request)?;
        let useful = self.0.mark_useful(&caller, number(request.get_ref().number)?).await?;
        Ok(MarkFaqUsefulResponse { useful: u64::try_from(useful).unwrap_or_default() })
    }

    async fn add(&self, request: Request<AddFaqEntryRequest>) -> Result<AddFaqEntryResponse, Failure> {
        let caller = identity::caller(&request)?;
        let AddFaqEntryRequest { question, answer, procedure_code, field, feedback_number, review_from } =
            request.into_inner();
        check_text("feedback_number", &feedback_number, 0, LONGEST_NUMBER)?;
        let (question, answer) = (text(question), text(answer));
        let new = NewEntry { question, answer, procedure_code, field, feedback_number, review_from };
        let (entry, today) = self.0.add_faq(&caller, new).await?;
        Ok(AddFaqEntryResponse { entry: Some(message(entry, today)) })
    }

    async fn review(
        &self,
        request: Request<ReviewFaqEntryRequest>,
    ) -> Result<ReviewFaqEntryResponse, Failure> {
        let caller = identity::caller(&request)?;
        let request = request.into_inner();
        let review = Review {
            number: number(request.number)?,
            question: request.question.map(|question| text(Some(question))),
            answer: request.answer.map(|answer| text(Some(answer))),
            review_from: request.review_from,
            retired: request.retired,
        };
        let (entry, today) = self.0.review_faq(&caller, review).await?;
        Ok(ReviewFaqEntryResponse { entry: Some(message(entry, today)) })
    }
}

#[async_trait]
impl FaqService for Faq {
    async fn search_faq(
        &self,
        request: Request<SearchFaqRequest>,
    ) -> Result<Response<SearchFaqResponse>, Status> {
        self.search(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn mark_faq_useful(
        &self,
        request: Request<MarkFaqUsefulRequest>,
    ) -> Result<Response<MarkFaqUsefulResponse>, Status> {
        self.mark(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn add_faq_entry(
        &self,
        request: Request<AddFaqEntryRequest>,
    ) -> Result<Response<AddFaqEntryResponse>, Status> {
        self.add(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn review_faq_entry(
        &self,
        request: Request<ReviewFaqEntryRequest>,
    ) -> Result<Response<ReviewFaqEntryResponse>, Status> {
        self.review(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn list_faq_entries(
        &self,
        request: Request<ListFaqEntriesRequest>,
    ) -> Result<Response<ListFaqEntriesResponse>, Status> {
        self.list(request).await.map(Response::new).map_err(status::of_failure)
    }
}

fn number(value: u32) -> Result<i32, Rejection> {
    match i32::try_from(value) {
        Ok(0) | Err(_) => {
            Err(Rejection::invalid("OUT_OF_RANGE", "number", "is the number of an entry, from 1"))
        }
        Ok(number) => Ok(number),
    }
}

fn message(entry: FaqEntry, today: Date) -> Message {
    Message {
        number: entry.number.unsigned_abs(),
        version: entry.version.unsigned_abs(),
        question: Some(wire_text(&entry.question)),
        answer: Some(wire_text(&entry.answer)),
        procedure_code: entry.procedure_code.unwrap_or_default(),
        field: entry.field.unwrap_or_default(),
        owner_unit_id: entry.owner.map(|unit| unit.to_string()).unwrap_or_default(),
        feedback_number: entry.feedback_number.unwrap_or_default(),
        reviewed_at: Some(wire_timestamp(entry.reviewed_at)),
        review_from: entry.review_from.to_string(),
        outdated: !entry.retired && entry.review_from <= today,
        retired: entry.retired,
        useful: entry.useful.unsigned_abs(),
    }
}
