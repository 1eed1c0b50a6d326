//! `phidia.processing.v1.ReferralService`: conversion in, use case, conversion out.

use async_trait::async_trait;
use phidia_domain::{Rejection, case::ReferralEnd};
use phidia_proto::{
    MAX_MESSAGE_BYTES, convert,
    convert::{wire_text, wire_timestamp},
    processing::v1::{
        AcknowledgeReferralRequest, AcknowledgeReferralResponse, AnswerReferralRequest,
        AnswerReferralResponse, ListReferralsRequest, ListReferralsResponse, RecallReferralRequest,
        RecallReferralResponse, ReferCaseRequest, ReferCaseResponse, Referral, ReferralSide, ReferralState,
        referral_service_server::{ReferralService, ReferralServiceServer},
    },
};
use phidia_runtime::{failure::Failure, identity, status::of_failure, telemetry::concerns};
use tonic::{Request, Response, Status};

use super::{answer, sender};
use crate::{
    Processing,
    answer_referral::Turn,
    list_referrals::{ReferralPage, ReferralView},
    refer_case::Enquiry,
};

/// The contract's face of the use cases.
#[derive(Debug)]
pub(crate) struct ReferralServer(Processing);

impl ReferralServer {
    pub(crate) fn new(processing: Processing) -> Self {
        Self(processing)
    }

    /// As a gRPC service, with the limits of messages.
    pub(crate) fn server(self) -> ReferralServiceServer<Self> {
        ReferralServiceServer::new(self)
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    async fn refer(&self, request: Request<ReferCaseRequest>) -> Result<ReferCaseResponse, Failure> {
        let sender = sender(&request)?;
        let ReferCaseRequest { work_item, fence, kind, unit_codes, question, working_days } =
            request.into_inner();
        if fence == 0 {
            return Err(convert::missing("fence").into());
        }
        let enquiry = Enquiry {
            work_item: convert::work_item(work_item, "work_item")?,
            fence,
            kind: convert::referral_kind(kind, "kind")?,
            unit_codes,
            question,
            working_days: Some(working_days).filter(|days| *days != 0),
        };
        concerns(enquiry.work_item.application);
        let (case, referrals) = self.0.refer_case(sender, enquiry).await?;
        let referrals = referrals.into_iter().map(referral).collect();
        Ok(ReferCaseResponse { case: Some(answer::case(case)), referrals })
    }

    async fn list(&self, request: Request<ListReferralsRequest>) -> Result<ListReferralsResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ListReferralsRequest { unit_code, side, all, page_size, page_token } = request.into_inner();
        let asked_by = match ReferralSide::try_from(side) {
            Ok(ReferralSide::Unspecified) => false,
            Ok(ReferralSide::AskedBy) => true,
            Err(_) => {
                let expected = "ASKED_BY or nothing";
                return Err(Rejection::invalid("UNKNOWN_VALUE", "side", expected).into());
            }
        };
        let size = convert::page_size(page_size, 50, 200)?;
        let page = ReferralPage { unit_code, asked_by, all, size, token: page_token };
        let (views, next_page_token) = self.0.list_referrals(&caller, page).await?;
        Ok(ListReferralsResponse { referrals: views.into_iter().map(referral).collect(), next_page_token })
    }

    async fn turn<Q>(
        &self,
        request: Request<Q>,
        read: impl FnOnce(Q) -> (String, Turn),
    ) -> Result<Option<Referral>, Failure> {
        let sender = sender(&request)?;
        let (id, turn) = read(request.into_inner());
        let view = self.0.turn_referral(sender, convert::id(&id, "referral_id")?, turn).await?;
        concerns(view.record.referral.work_item.application);
        Ok(Some(referral(view)))
    }
}

#[async_trait]
impl ReferralService for ReferralServer {
    async fn refer_case(
        &self,
        request: Request<ReferCaseRequest>,
    ) -> Result<Response<ReferCaseResponse>, Status> {
        self.refer(request).await.map(Response::new).map_err(of_failure)
    }

    async fn list_referrals(
        &self,
        request: Request<ListReferralsRequest>,
    ) -> Result<Response<ListReferralsResponse>, Status> {
        self.list(request).await.map(Response::new).map_err(of_failure)
    }

    async fn acknowledge_referral(
        &self,
        request: Request<AcknowledgeReferralRequest>,
    ) -> Result<Response<AcknowledgeReferralResponse>, Status> {
        let read = |request: AcknowledgeReferralRequest| (request.referral_id, Turn::Acknowledged);
        let referral = self.turn(request, read).await.map_err(of_failure)?;
        Ok(Response::new(AcknowledgeReferralResponse { referral }))
    }

    async fn answer_referral(
        &self,
        request: Request<AnswerReferralRequest>,
    ) -> Result<Response<AnswerReferralResponse>, Status> {
        let read = |request: AnswerReferralRequest| (request.referral_id, Turn::Answered(request.answer));
        let referral = self.turn(request, read).await.map_err(of_failure)?;
        Ok(Response::new(AnswerReferralResponse { referral }))
    }

    async fn recall_referral(
        &self,
        request: Request<RecallReferralRequest>,
    ) -> Result<Response<RecallReferralResponse>, Status> {
        let read = |request: RecallReferralRequest| (request.referral_id, Turn::Recalled);
        let referral = self.turn(request, read).await.map_err(of_failure)?;
        Ok(Response::new(RecallReferralResponse { referral }))
    }
}

fn referral(view: ReferralView) -> Referral {
    let ReferralView { record, procedure_name, from_name, to_name, question, answer, late } = view;
    let referral = record.referral;
    let state = match referral.ended {
        None => ReferralState::Open,
        Some((ReferralEnd::Answered, _)) => ReferralState::Answered,
        Some((ReferralEnd::Recalled, _)) => ReferralState::Recalled,
        Some((ReferralEnd::Moot, _)) => ReferralState::Moot,
    };
    Referral {
        referral_id: referral.id.to_string(),
        case_id: referral.case.to_string(),
        application_id: referral.work_item.application.to_string(),
        dossier_code: record.dossier_code,
        procedure_code: record.procedure_code,
        procedure_name: Some(wire_text(&procedure_name)),
        kind: convert::wire_referral_kind(referral.kind).into(),
        state: state.into(),
        from_unit_id: referral.from.to_string(),
        from_unit_name: Some(wire_text(&from_name)),
        to_unit_id: referral.to.to_string(),
        to_unit_name: Some(wire_text(&to_name)),
        question,
        answer,
        asked_at: Some(wire_timestamp(referral.asked_at)),
        due_at: Some(wire_timestamp(referral.due_at)),
        acknowledged_at: referral.acknowledged_at.map(wire_timestamp),
        ended_at: referral.ended.map(|(_, at)| wire_timestamp(at)),
        late,
    }
}
