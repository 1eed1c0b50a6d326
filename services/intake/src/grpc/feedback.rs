//! `FeedbackService`.

use phidia_domain::Rejection;
use phidia_proto::{
    convert::{self, wire_text, wire_timestamp},
    intake::v1::{
        GivenRating, ListRatingsRequest, ListRatingsResponse, RateApplicationRequest,
        RateApplicationResponse, feedback_service_server::FeedbackService,
    },
};
use phidia_runtime::{failure::Failure, identity, status, telemetry::concerns};
use tonic::{Request, Response, Status, async_trait};

use super::applications::check_receipt;
use crate::{
    Intake,
    feedback::list_ratings::{Question, Shown},
};

/// Serves what applicants think.
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
