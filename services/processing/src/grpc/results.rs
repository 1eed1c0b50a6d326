//! `phidia.processing.v1.ResultService`: conversion in, use case, conversion out.

use async_trait::async_trait;
use phidia_domain::{
    Rejection,
    case::{self, Outcome, State},
};
use phidia_proto::{
    MAX_MESSAGE_BYTES,
    application::wire_return_way,
    convert::{self, wire_text, wire_timestamp},
    events::v1::StepOutcome,
    processing::v1::{
        GetResultRequest, GetResultResponse, HandOverResultRequest, HandOverResultResponse,
        IssueResultRequest, IssueResultResponse, ListResultsRequest, ListResultsResponse, Result as Shown,
        ResultFile, ResultHandOver, ResultSignature, SignResultRequest, SignResultResponse, SignatureFormat,
        WithdrawnResult, get_result_request, hand_over_result_request, issue_result_request,
        result_service_server::{ResultService, ResultServiceServer},
        sign_result_request,
    },
};
use phidia_runtime::{failure::Failure, identity, status::of_failure, telemetry::concerns};
use tonic::{Request, Response, Status};

use super::{application_key, case_key, sender};
use crate::{
    Processing, hand_over_result::Handing, issue_result::File, list_results::ResultPage, record::CaseRecord,
    result::ResultView, sign_result::Signature, store::Withdrawn,
};

/// The contract's face of what is done with results.
#[derive(Debug)]
pub(crate) struct ResultServer(Processing);

/// The key of a case, from a request that names it by either id.
macro_rules! key {
    ($key:expr, $from:ident) => {
        match convert::required($key, "key")? {
            $from::Key::CaseId(id) => case_key(&id)?,
            $from::Key::ApplicationId(id) => application_key(&id)?,
        }
    };
}

impl ResultServer {
    pub(crate) fn new(processing: Processing) -> Self {
        Self(processing)
    }

    /// As a gRPC service, with the limits of messages.
    pub(crate) fn server(self) -> ResultServiceServer<Self> {
        ResultServiceServer::new(self)
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    async fn issue(&self, request: Request<IssueResultRequest>) -> Result<IssueResultResponse, Failure> {
        let sender = sender(&request)?;
        let IssueResultRequest { key, file_name, media_type, content } = request.into_inner();
        let file = File { name: file_name, media_type, content };
        let found = self.0.issue_result(sender, key!(key, issue_result_request), file).await?;
        concerns(found.case.application);
        Ok(IssueResultResponse { result: Some(shown(found)) })
    }

    async fn sign(&self, request: Request<SignResultRequest>) -> Result<SignResultResponse, Failure> {
        let sender = sender(&request)?;
        let SignResultRequest { key, sha256, format, signer, signature, signed_at } = request.into_inner();
        let key = key!(key, sign_result_request);
        if sha256.is_empty() {
            return Err(convert::missing("sha256").into());
        }
        let signed_at = convert::timestamp(convert::required(signed_at, "signed_at")?, "signed_at")?;
        let format = signature_format(format)?;
        let signature = Signature { sha256, format, signer, bytes: signature, signed_at };
        let found = self.0.sign_result(sender, key, signature).await?;
        concerns(found.case.application);
        Ok(SignResultResponse { result: Some(shown(found)) })
    }

    async fn get(&self, request: Request<GetResultRequest>) -> Result<GetResultResponse, Failure> {
        let caller = identity::caller(&request)?;
        let GetResultRequest { key, withdrawn_by } = request.into_inner();
        let key = key!(key, get_result_request);
        let withdrawn_by = Some(withdrawn_by).filter(|number| *number != 0);
        let (found, opened) = self.0.get_result(&caller, key, withdrawn_by).await?;
        concerns(found.case.application);
        Ok(GetResultResponse {
            result: Some(shown(found)),
            file_name: opened.file_name,
            content: opened.content,
            signer: opened.signer,
            signature: opened.signature,
            receiver: opened.receiver,
        })
    }

    async fn hand_over(
        &self,
        request: Request<HandOverResultRequest>,
    ) -> Result<HandOverResultResponse, Failure> {
        let sender = sender(&request)?;
        let HandOverResultRequest { key, way, receiver } = request.into_inner();
        let key = key!(key, hand_over_result_request);
        let handing = Handing { way: convert::way(way, "way")?, receiver };
        let found = self.0.hand_over_result(sender, key, handing).await?;
        concerns(found.case.application);
        Ok(HandOverResultResponse { result: Some(shown(found)) })
    }

    async fn list(&self, request: Request<ListResultsRequest>) -> Result<ListResultsResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ListResultsRequest { unit_code, page_size, page_token } = request.into_inner();
        let size = convert::page_size(page_size, 50, 500)?;
        let page = ResultPage { unit_code, size, token: page_token };
        let (found, next_page_token) = self.0.list_results(&caller, page).await?;
        Ok(ListResultsResponse { results: found.into_iter().map(shown).collect(), next_page_token })
    }
}

#[async_trait]
impl ResultService for ResultServer {
    async fn issue_result(
        &self,
        request: Request<IssueResultRequest>,
    ) -> Result<Response<IssueResultResponse>, Status> {
        self.issue(request).await.map(Response::new).map_err(of_failure)
    }

    async fn sign_result(
        &self,
        request: Request<SignResultRequest>,
    ) -> Result<Response<SignResultResponse>, Status> {
        self.sign(request).await.map(Response::new).map_err(of_failure)
    }

    async fn get_result(
        &self,
        request: Request<GetResultRequest>,
    ) -> Result<Response<GetResultResponse>, Status> {
        self.get(request).await.map(Response::new).map_err(of_failure)
    }

    async fn hand_over_result(
        &self,
        request: Request<HandOverResultRequest>,
    ) -> Result<Response<HandOverResultResponse>, Status> {
        self.hand_over(request).await.map(Response::new).map_err(of_failure)
    }

    async fn list_results(
        &self,
        request: Request<ListResultsRequest>,
    ) -> Result<Response<ListResultsResponse>, Status> {
        self.list(request).await.map(Response::new).map_err(of_failure)
    }
}

fn signature_format(value: i32) -> Result<case::SignatureFormat, Rejection> {
    match SignatureFormat::try_from(value) {
        Ok(SignatureFormat::Pades) => Ok(case::SignatureFormat::Pades),
        Ok(SignatureFormat::Cades) => Ok(case::SignatureFormat::Cades),
        Ok(SignatureFormat::Xades) => Ok(case::SignatureFormat::Xades),
        Ok(SignatureFormat::Unspecified) => Err(convert::missing("format")),
        Err(_) => Err(Rejection::invalid("UNKNOWN_VALUE", "format", "expected PADES, CADES or XADES")),
    }
}

fn wire_format(format: case::SignatureFormat) -> SignatureFormat {
    match format {
        case::SignatureFormat::Pades => SignatureFormat::Pades,
        case::SignatureFormat::Cades => SignatureFormat::Cades,
        case::SignatureFormat::Xades => SignatureFormat::Xades,
    }
}

fn shown(ResultView { case, procedure_name, return_at_name, result, withdrawn }: ResultView) -> Shown {
    let outcome = match case.standing.state {
        State::Granted => convert::wire_outcome(Outcome::Approved),
        State::Refused => convert::wire_outcome(Outcome::Refused),
        // It is open again, and asked for is what was withdrawn.
        _ => StepOutcome::Unspecified,
    };
    let (issued, handed_over) = result.map(|result| (result.issued, result.handed_over)).unwrap_or_default();
    let withdrawn = withdrawn.into_iter().map(|withdrawn| shown_withdrawn(&case, withdrawn)).collect();
    Shown {
        case_id: case.id.to_string(),
        application_id: case.application.to_string(),
        dossier_code: case.dossier_code,
        procedure_name: Some(wire_text(&procedure_name)),
        outcome: outcome.into(),
        completed_at: case.finished.map(|finished| wire_timestamp(finished.at)),
        return_at_unit_id: case.return_at.to_string(),
        return_at_unit_name: Some(wire_text(&return_at_name)),
        result_by: wire_return_way(case.result_by).into(),
        file: issued.map(file),
        hand_over: handed_over.map(hand_over),
        withdrawn,
    }
}

fn shown_withdrawn(case: &CaseRecord, Withdrawn { reopening, result }: Withdrawn) -> WithdrawnResult {
    let index = usize::try_from(reopening).ok().and_then(|number| number.checked_sub(1));
    let by = index.and_then(|index| case.reopenings.get(index));
    WithdrawnResult {
        reopening,
        decision: by.map(|by| by.decision.clone()).unwrap_or_default(),
        withdrawn_at: by.map(|by| wire_timestamp(by.at)),
        file: result.issued.map(file),
        hand_over: result.handed_over.map(hand_over),
    }
}

fn file(issued: case::Issued) -> ResultFile {
    ResultFile {
        issued_at: Some(wire_timestamp(issued.at)),
        sha256: issued.file.sha256,
        size_bytes: issued.file.size,
        media_type: issued.file.media_type,
        signature: issued.signature.map(|signed| ResultSignature {
            format: wire_format(signed.format).into(),
            signed_at: Some(wire_timestamp(signed.at)),
            added_at: Some(wire_timestamp(signed.added_at)),
        }),
    }
}

fn hand_over(handed: case::HandedOver) -> ResultHandOver {
    ResultHandOver {
        way: convert::wire_way(handed.way).into(),
        handed_over_at: Some(wire_timestamp(handed.at)),
        unit_id: handed.unit.to_string(),
    }
}
