//! Files, as they were handed in, issued, or are printed.

use axum::{
    body::Body,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::{
    HeaderMap, HeaderValue,
    header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
};
use phidia_domain::Rejection;
use phidia_proto::{
    intake::v1::{DownloadAttachmentRequest, attachment_service_client::AttachmentServiceClient},
    processing::v1::{
        GetResultRequest, RenderControlSlipRequest, case_service_client::CaseServiceClient,
        get_result_request, render_control_slip_request, result_service_client::ResultServiceClient,
    },
};
use tokio::time::timeout;
use tonic::Status;

use super::case::SHOWN;
use crate::{
    Portal, part,
    remembered::silent,
    services::{PATIENCE, soon},
    trouble::Trouble,
    visitor::{AtCentre, AtWork},
};

/// A file loads nothing and runs nothing. Without `sandbox`: viewers of browsers do not run in one. Pages of ours may have it in a frame.
const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'");

/// An attachment. That it was read is written down there.
pub(super) async fn attachment(
    State(portal): State<Portal>,
    visitor: AtWork,
    Path(attachment_id): Path<String>,
) -> Result<Response, Trouble> {
    let request = DownloadAttachmentRequest { attachment_id, ..DownloadAttachmentRequest::default() };
    // It begins soon; how long it takes is for the line to say.
    let begun = async {
        let mut attachments = AttachmentServiceClient::new(portal.intake(&visitor));
        let mut pieces = attachments.download_attachment(request).await?.into_inner();
        Ok::<_, Trouble>((pieces.message().await?.unwrap_or_default(), pieces))
    };
    let (first, pieces) = timeout(PATIENCE, begun).await.map_err(|_| silent())??;
    let file = first.attachment.unwrap_or_default();
    let rest = pieces.map(|piece| piece.map(|piece| Bytes::from(piece.chunk)));
    let body = stream::once(async { Ok::<_, Status>(Bytes::from(first.chunk)) }).chain(rest);
    Ok((headers(&file.file_name, &file.media_type), Body::from_stream(body)).into_response())
}

/// Who had a dossier when, as it is printed.
pub(super) async fn control_slip(
    State(portal): State<Portal>,
    visitor: AtWork,
    Path(application_id): Path<String>,
) -> Result<Response, Trouble> {
    let key = Some(render_control_slip_request::Key::ApplicationId(application_id));
    let request = soon(RenderControlSlipRequest { key });
    let answer = CaseServiceClient::new(portal.processing(&visitor)).render_control_slip(request).await?;
    Ok(part::pdf(answer.into_inner().document.unwrap_or_default()))
}

/// The file that was issued as the result.
pub(super) async fn result(
    State(portal): State<Portal>,
    visitor: AtCentre,
    Path(application_id): Path<String>,
) -> Result<Response, Trouble> {
    let key = Some(get_result_request::Key::ApplicationId(application_id));
    let request = soon(GetResultRequest { key, withdrawn_by: 0 });
    let answer =
        ResultServiceClient::new(portal.processing(&visitor)).get_result(request).await?.into_inner();
    let file = answer.result.and_then(|result| result.file);
    let file = file.ok_or_else(|| Rejection::not_found("RESULT_NOT_ISSUED", "no file was issued"))?;
    Ok((headers(&answer.file_name, &file.media_type), answer.content).into_response())
}

fn headers(name: &str, media_type: &str) -> HeaderMap {
    let is_shown = SHOWN.contains(&media_type);
    // What is not shown is not guessed at either.
    let kind =
        HeaderValue::from_str(media_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let way = if is_shown { "inline" } else { "attachment" };
    let disposition = format!("{way}; filename*=UTF-8''{}", encoded_name(name));
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(
        CONTENT_DISPOSITION,
        HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment")),
    );
    headers
}

/// A name as a header bears it (<https://www.rfc-editor.org/rfc/rfc8187#section-3.2>).
fn encoded_name(name: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => encoded.push(char::from(byte)),
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_as_it_was_and_breaks_no_header() {
        let headers = headers("Giấy khai\r\nsinh\".pdf", "application/pdf");
        assert_eq!(
            headers[CONTENT_DISPOSITION],
            "inline; filename*=UTF-8''Gi%E1%BA%A5y%20khai%0D%0Asinh%22.pdf"
        );
        assert_eq!(
            super::headers("a.tiff", "image/tiff")[CONTENT_DISPOSITION],
            "attachment; filename*=UTF-8''a.tiff"
        );
        assert_eq!(super::headers("a", "text/html\n")[CONTENT_TYPE], "application/octet-stream");
    }
}
