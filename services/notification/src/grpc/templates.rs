//! `phidia.notification.v1.TemplateService`.

use std::sync::Arc;

use phidia_domain::{Rejection, notice::Notice, sms::Measure};
use phidia_proto::{
    MAX_MESSAGE_BYTES, convert,
    notification::v1::{
        GetTemplatesRequest, GetTemplatesResponse, ImportTemplatesRequest, ImportTemplatesResponse,
        ListTemplateVersionsRequest, ListTemplateVersionsResponse, PreviewTemplateRequest,
        PreviewTemplateResponse, TemplateVersion, TextMessageLength,
        preview_template_request::Data,
        template_service_server::{TemplateService, TemplateServiceServer},
    },
};
use phidia_runtime::{failure::Failure, identity, status::of_failure, telemetry::concerns};
use tonic::{Request, Response, Status};

use crate::template::{
    check::name,
    preview::{Preview, Wanted, With},
    sets::{Import, Kept, Templates, unknown},
};

/// Answers for the words of messages.
#[derive(Debug)]
pub(crate) struct TemplateServer(Arc<Templates>);

impl TemplateServer {
    pub(crate) fn new(templates: Arc<Templates>) -> Self {
        Self(templates)
    }

    /// As a gRPC service, with the limits of messages.
    pub(crate) fn server(self) -> TemplateServiceServer<Self> {
        TemplateServiceServer::new(self)
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    async fn import(
        &self,
        request: Request<ImportTemplatesRequest>,
    ) -> Result<ImportTemplatesResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ImportTemplatesRequest { files, validate_only, reason, expected_version } = request.into_inner();
        if files.is_empty() {
            return Err(convert::missing("files").into());
        }
        if expected_version == 0 && !validate_only {
            return Err(convert::missing("expected_version").into());
        }
        let imported = match validate_only {
            true => self.0.check(files).await?,
            false => {
                let import = Import { given: files, reason, expected: expected_version };
                self.0.import(&caller, import).await?
            }
        };
        let text_messages = imported.text_messages.into_iter().map(|(file, measure)| length(file, measure));
        Ok(ImportTemplatesResponse {
            version: Some(version(imported.holds, true)),
            changed: imported.changed,
            text_messages: text_messages.collect(),
        })
    }

    async fn list(
        &self,
        request: ListTemplateVersionsRequest,
    ) -> Result<ListTemplateVersionsResponse, Failure> {
        let size = convert::page_size(request.page_size, 100, 1_000)?;
        let before = match request.page_token.as_str() {
            "" => u16::MAX,
            token => token.parse().map_err(|_| {
                Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", "a token of an answer")
            })?,
        };
        let active = self.0.active().await?;
        // One more than asked for shows whether there is another page.
        let mut page = self.0.page(before, size + 1).await?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let more = page.len() > size;
        page.truncate(size);
        let next = page.last().filter(|_| more).map(|last| last.version.to_string());
        let versions = page.into_iter().map(|kept| {
            let holds = kept.version == active;
            version(kept, holds)
        });
        Ok(ListTemplateVersionsResponse {
            versions: versions.collect(),
            next_page_token: next.unwrap_or_default(),
        })
    }

    async fn get(&self, request: GetTemplatesRequest) -> Result<GetTemplatesResponse, Failure> {
        let active = self.0.active().await?;
        let (kept, files) = self.0.kept(number(request.version)?.unwrap_or(active)).await?;
        let holds = kept.version == active;
        let files = files.into_iter().map(|(file, content)| (file, content.into_bytes())).collect();
        Ok(GetTemplatesResponse { version: Some(version(kept, holds)), files })
    }

    async fn preview(&self, request: PreviewTemplateRequest) -> Result<PreviewTemplateResponse, Failure> {
        let PreviewTemplateRequest { notice, language, data, version, files } = request;
        if notice.is_empty() {
            return Err(convert::missing("notice").into());
        }
        let Some(notice) = Notice::parse(&notice) else {
            return Err(Rejection::not_found("UNKNOWN_NOTICE", "there is no notice of this name").into());
        };
        let with = match data {
            None => With::Sample(1),
            Some(Data::Sample(number)) => With::Sample(usize::try_from(number).unwrap_or(usize::MAX)),
            Some(Data::ApplicationId(id)) => With::Application(convert::id(&id, "application_id")?),
        };
        if let With::Application(application) = with {
            concerns(application);
        }
        let wanted = Wanted {
            notice,
            language: convert::language(language),
            with,
            version: number(version)?,
            given: files,
        };
        let Preview { version, language, subject, body, letter, html, text_message, samples, variables } =
            self.0.preview(wanted).await?;
        let (text_message, text_message_length) = match text_message {
            Some((text, measure)) => {
                let file = crate::template::Purpose::TextMessage(notice).file(language);
                (text, Some(length(file, measure)))
            }
            None => (String::new(), None),
        };
        Ok(PreviewTemplateResponse {
            version: version.into(),
            language: convert::wire_language(language).into(),
            subject,
            body,
            letter,
            html,
            text_message,
            text_message_length,
            samples: count(samples),
            variables,
        })
    }
}

/// A version that is named; none: the one that holds.
fn number(version: u32) -> Result<Option<u16>, Rejection> {
    match version {
        0 => Ok(None),
        version => u16::try_from(version).map(Some).map_err(|_| unknown(version)),
    }
}

fn version(kept: Kept, active: bool) -> TemplateVersion {
    let Kept { version, digest, bundled, imported_at, imported_by, reason } = kept;
    let imported_at = Some(convert::wire_timestamp(imported_at));
    TemplateVersion { version: version.into(), digest, bundled, imported_at, imported_by, reason, active }
}

fn length(file: String, Measure { encoding, units, parts }: Measure) -> TextMessageLength {
    TextMessageLength { file, encoding: name(encoding).to_owned(), units: count(units), parts: count(parts) }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[tonic::async_trait]
impl TemplateService for TemplateServer {
    async fn import_templates(
        &self,
        request: Request<ImportTemplatesRequest>,
    ) -> Result<Response<ImportTemplatesResponse>, Status> {
        self.import(request).await.map(Response::new).map_err(of_failure)
    }

    async fn list_template_versions(
        &self,
        request: Request<ListTemplateVersionsRequest>,
    ) -> Result<Response<ListTemplateVersionsResponse>, Status> {
        self.list(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }

    async fn get_templates(
        &self,
        request: Request<GetTemplatesRequest>,
    ) -> Result<Response<GetTemplatesResponse>, Status> {
        self.get(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }

    async fn preview_template(
        &self,
        request: Request<PreviewTemplateRequest>,
    ) -> Result<Response<PreviewTemplateResponse>, Status> {
        self.preview(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }
}
