//! `AttachmentService`.

use futures::{StreamExt as _, TryStreamExt as _, stream, stream::BoxStream};
use phidia_domain::{
    Rejection,
    application::MOST_FILES,
    attachment::{FileType, State},
    id::AttachmentId,
};
use phidia_proto::{
    convert::{self, missing, wire_timestamp},
    intake::v1::{
        Attachment, AttachmentState, BeginUploadRequest, BeginUploadResponse, DeleteAttachmentRequest,
        DeleteAttachmentResponse, DiscardQuarantinedRequest, DiscardQuarantinedResponse,
        DownloadAttachmentRequest, DownloadAttachmentResponse, FileKind, GetAttachmentRequest,
        GetAttachmentResponse, GetLimitsRequest, GetLimitsResponse, ListAttachmentsRequest,
        ListAttachmentsResponse, ListQuarantinedRequest, ListQuarantinedResponse, QuarantinedAttachment,
        ReleaseQuarantinedRequest, ReleaseQuarantinedResponse, UploadRequest, UploadResponse,
        attachment_service_server::AttachmentService, upload_request,
    },
};
use phidia_runtime::{failure::Failure, identity, status, telemetry::concerns};
use tonic::{Request, Response, Status, Streaming, async_trait};

use super::applications::check_receipt;
use crate::{
    Intake,
    attachments::{
        begin::File,
        get::{Right, Shown},
        quarantine::Held,
        upload::{MOST_CHUNK, Piece},
    },
};

/// Serves attachments.
pub(crate) struct Attachments(Intake);

type Download = BoxStream<'static, Result<DownloadAttachmentResponse, Status>>;

impl Attachments {
    pub(crate) fn new(intake: Intake) -> Self {
        Self(intake)
    }

    fn limits(&self) -> Result<GetLimitsResponse, Failure> {
        let config = self.0.attachments.config();
        let kind = |file_type: &FileType| FileKind {
            media_type: file_type.media_type().to_owned(),
            endings: file_type.endings().iter().map(ToString::to_string).collect(),
        };
        Ok(GetLimitsResponse {
            kinds: config.types.iter().map(kind).collect(),
            most_bytes: config.most_bytes.try_into().map_err(Failure::broken)?,
            most_pages: config.most_pages.try_into().map_err(Failure::broken)?,
            most_megapixels: config.most_megapixels.try_into().map_err(Failure::broken)?,
            most_files: MOST_FILES.try_into().map_err(Failure::broken)?,
            most_chunk_bytes: MOST_CHUNK.try_into().map_err(Failure::broken)?,
        })
    }

    async fn begin(&self, request: Request<BeginUploadRequest>) -> Result<BeginUploadResponse, Failure> {
        let caller = identity::caller(&request)?;
        let BeginUploadRequest { idempotency_key, file_name, media_type, size_bytes, sha256 } =
            request.into_inner();
        let file = File { file_name, media_type, size: size_bytes, sha256 };
        let shown = self.0.begin_upload(&caller, &idempotency_key, file).await?;
        let most_chunk_bytes = i32::try_from(MOST_CHUNK).map_err(Failure::broken)?;
        Ok(BeginUploadResponse { attachment: Some(wire(shown)?), most_chunk_bytes })
    }

    async fn send(&self, request: Request<Streaming<UploadRequest>>) -> Result<UploadResponse, Failure> {
        let caller = identity::caller(&request)?;
        let pieces = request.into_inner().map(|message| match message {
            Ok(message) => piece(message).map_err(Failure::from),
            Err(status) => Err(status::from_request_stream(&status).into()),
        });
        let shown = self.0.upload(&caller, pieces.boxed()).await?;
        Ok(UploadResponse { attachment: Some(wire(shown)?) })
    }

    async fn get(&self, request: Request<GetAttachmentRequest>) -> Result<GetAttachmentResponse, Failure> {
        let caller = identity::caller(&request)?;
        let id = convert::id(&request.get_ref().attachment_id, "attachment_id")?;
        Ok(GetAttachmentResponse { attachment: Some(wire(self.0.attachment(&caller, id).await?)?) })
    }

    async fn list(
        &self,
        request: Request<ListAttachmentsRequest>,
    ) -> Result<ListAttachmentsResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ListAttachmentsRequest { application_id, dossier_code, check_code } = request.into_inner();
        let right = right(caller, dossier_code, check_code)?;
        let id = match (&right, application_id.as_str()) {
            (Right::Own(_), "") => return Err(missing("application_id").into()),
            (Right::Own(_), id) => Some(convert::id(id, "application_id")?),
            (Right::Receipt { .. }, "") => None,
            (Right::Receipt { .. }, _) => {
                let expected = "the id of an application, or the codes of its receipt, not both";
                return Err(Rejection::invalid("NAMED_TWICE", "application_id", expected).into());
            }
        };
        let (application, shown) = self.0.list_attachments(&right, id).await?;
        concerns(application);
        Ok(ListAttachmentsResponse {
            attachments: shown.into_iter().map(wire).collect::<Result<_, Failure>>()?,
        })
    }

    async fn download(&self, request: Request<DownloadAttachmentRequest>) -> Result<Download, Failure> {
        let caller = identity::caller(&request)?;
        let DownloadAttachmentRequest { attachment_id, dossier_code, check_code } = request.into_inner();
        let id: AttachmentId = convert::id(&attachment_id, "attachment_id")?;
        let right = right(caller, dossier_code, check_code)?;
        let (shown, opened) = self.0.download(right, id).await?;
        if let Some(attached) = shown.attached {
            concerns(attached.application);
        }
        let first = DownloadAttachmentResponse { attachment: Some(wire(shown)?), chunk: Vec::new() };
        let chunks = opened
            .map_ok(|chunk| DownloadAttachmentResponse { attachment: None, chunk })
            .map_err(status::of_failure);
        Ok(stream::iter([Ok(first)]).chain(chunks).boxed())
    }

    async fn delete(
        &self,
        request: Request<DeleteAttachmentRequest>,
    ) -> Result<DeleteAttachmentResponse, Failure> {
        let caller = identity::caller(&request)?;
        let id = convert::id(&request.get_ref().attachment_id, "attachment_id")?;
        self.0.delete_attachment(&caller, id).await?;
        Ok(DeleteAttachmentResponse {})
    }

    async fn quarantined(
        &self,
        request: Request<ListQuarantinedRequest>,
    ) -> Result<ListQuarantinedResponse, Failure> {
        let ListQuarantinedRequest { page_size, page_token } = request.into_inner();
        let page = self.0.quarantined(convert::page_size(page_size, 50, 500)?, &page_token).await?;
        let held = |Held { shown, found }: Held| {
            let (found, found_at) = found.map(|found| (found.signature, wire_timestamp(found.at))).unzip();
            let (attachment, found) = (Some(wire(shown)?), found.unwrap_or_default());
            Ok(QuarantinedAttachment { attachment, found, found_at })
        };
        Ok(ListQuarantinedResponse {
            attachments: page.items.into_iter().map(held).collect::<Result<_, Failure>>()?,
            next_page_token: page.next_page_token,
        })
    }

    async fn release(
        &self,
        request: Request<ReleaseQuarantinedRequest>,
    ) -> Result<ReleaseQuarantinedResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ReleaseQuarantinedRequest { attachment_id, reason } = request.into_inner();
        let id = convert::id(&attachment_id, "attachment_id")?;
        let shown = self.0.release(&caller, id, &reason).await?;
        Ok(ReleaseQuarantinedResponse { attachment: Some(wire(shown)?) })
    }

    async fn discard(
        &self,
        request: Request<DiscardQuarantinedRequest>,
    ) -> Result<DiscardQuarantinedResponse, Failure> {
        let caller = identity::caller(&request)?;
        let DiscardQuarantinedRequest { attachment_id, reason } = request.into_inner();
        let id = convert::id(&attachment_id, "attachment_id")?;
        self.0.discard(&caller, id, &reason).await?;
        Ok(DiscardQuarantinedResponse {})
    }
}

#[async_trait]
impl AttachmentService for Attachments {
    type DownloadAttachmentStream = Download;

    async fn get_limits(&self, _: Request<GetLimitsRequest>) -> Result<Response<GetLimitsResponse>, Status> {
        self.limits().map(Response::new).map_err(status::of_failure)
    }

    async fn begin_upload(
        &self,
        request: Request<BeginUploadRequest>,
    ) -> Result<Response<BeginUploadResponse>, Status> {
        self.begin(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn upload(
        &self,
        request: Request<Streaming<UploadRequest>>,
    ) -> Result<Response<UploadResponse>, Status> {
        self.send(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn get_attachment(
        &self,
        request: Request<GetAttachmentRequest>,
    ) -> Result<Response<GetAttachmentResponse>, Status> {
        self.get(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn list_attachments(
        &self,
        request: Request<ListAttachmentsRequest>,
    ) -> Result<Response<ListAttachmentsResponse>, Status> {
        self.list(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn download_attachment(
        &self,
        request: Request<DownloadAttachmentRequest>,
    ) -> Result<Response<Download>, Status> {
        self.download(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn delete_attachment(
        &self,
        request: Request<DeleteAttachmentRequest>,
    ) -> Result<Response<DeleteAttachmentResponse>, Status> {
        self.delete(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn list_quarantined(
        &self,
        request: Request<ListQuarantinedRequest>,
    ) -> Result<Response<ListQuarantinedResponse>, Status> {
        self.quarantined(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn release_quarantined(
        &self,
        request: Request<ReleaseQuarantinedRequest>,
    ) -> Result<Response<ReleaseQuarantinedResponse>, Status> {
        self.release(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn discard_quarantined(
        &self,
        request: Request<DiscardQuarantinedRequest>,
    ) -> Result<Response<DiscardQuarantinedResponse>, Status> {
        self.discard(request).await.map(Response::new).map_err(status::of_failure)
    }
}

fn piece(message: UploadRequest) -> Result<Piece, Rejection> {
    match message.piece.ok_or_else(|| missing("piece"))? {
        upload_request::Piece::Start(start) => {
            let attachment = convert::id(&start.attachment_id, "start.attachment_id")?;
            let negative = |_| Rejection::invalid("OUT_OF_ORDER", "start.offset", "0 or more");
            Ok(Piece::Start { attachment, offset: u64::try_from(start.offset).map_err(negative)? })
        }
        upload_request::Piece::Chunk(chunk) => Ok(Piece::Chunk(chunk)),
    }
}

/// By the codes of a receipt where there are any, by the caller's own right where there are none.
fn right(
    caller: phidia_domain::caller::Caller,
    dossier_code: String,
    check_code: String,
) -> Result<Right, Rejection> {
    if dossier_code.is_empty() && check_code.is_empty() {
        return Ok(Right::Own(caller));
    }
    check_receipt(&dossier_code, &check_code)?;
    Ok(Right::Receipt { caller, dossier_code, check_code })
}

fn wire(shown: Shown) -> Result<Attachment, Failure> {
    let signed = |bytes: u64| i64::try_from(bytes).map_err(Failure::broken);
    Ok(Attachment {
        attachment_id: shown.id.to_string(),
        file_name: shown.details.file_name,
        media_type: shown.file_type.media_type().to_owned(),
        size_bytes: signed(shown.size)?,
        stored_bytes: signed(shown.stored)?,
        sha256: shown.details.sha256.unwrap_or_default(),
        state: wire_state(shown.state).into(),
        application_id: shown.attached.map(|attached| attached.application.to_string()).unwrap_or_default(),
        begun_at: Some(wire_timestamp(shown.begun_at)),
        attached_at: shown.attached.map(|attached| wire_timestamp(attached.at)),
        kept_until: shown.kept_until.map(wire_timestamp),
        pages: shown.details.pages.try_into().map_err(Failure::broken)?,
    })
}

fn wire_state(state: State) -> AttachmentState {
    match state {
        State::Uploading => AttachmentState::Uploading,
        State::Scanning => AttachmentState::Scanning,
        State::Clean => AttachmentState::Clean,
        State::Quarantined => AttachmentState::Quarantined,
    }
}
