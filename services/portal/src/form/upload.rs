//! Files that are handed in: announced, sent in pieces to whom keeps them, and from then on an id in a field of their form. Without script they
//! come with their form; with script piece by piece before it, so that a line that drops costs one piece.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{FromRequest as _, Multipart, Path, Request, State},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use bytes::{Bytes, BytesMut};
use futures::stream;
use http::{HeaderMap, HeaderName, StatusCode, Uri, header::CONTENT_TYPE};
use http_body_util::{BodyExt as _, Limited};
use maud::{Markup, html};
use phidia_domain::{Kind, Rejection};
use phidia_proto::intake::v1::{
    Attachment, BeginUploadRequest, GetAttachmentRequest, GetLimitsRequest, GetLimitsResponse, UploadRequest,
    UploadStart, attachment_service_client::AttachmentServiceClient, upload_request::Piece,
};
use phidia_runtime::{digest, status};
use phidia_words::Words;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tonic::Status;

use super::{Faults, Fields, Kept, Posted, Resumed, comes_from_us, foreign, id, key_field, opened};
use crate::{
    Portal,
    services::{soon, unhurried},
    session::Was,
    trouble::{Trouble, sentence},
    visitor::{Admitted, Visitor},
};

/// All that comes with one form.
pub(crate) const MOST_BYTES: usize = 100 * 1024 * 1024;
/// A piece that a script sends.
const PIECE: usize = 1024 * 1024;
/// It comes within this time, also over a bad line.
const PATIENCE: Duration = Duration::from_secs(900);
/// So many forms with files are taken in at once, of people who may send them: of each, one file is held in memory.
static AT_ONCE: Semaphore = Semaphore::const_new(16);
/// Where a script announces files.
const PATH: &str = "/tep";
/// How it shows that it is of a page of ours.
const KEY_HEADER: HeaderName = HeaderName::from_static("phidia-khoa");

pub(crate) fn routes() -> Router<Portal> {
    Router::new()
        .route(PATH, post(begin))
        .route("/tep/{att}/phan", post(go_on))
        .route("/tep/{att}/muc", get(reached))
}

/// A form that came with files: each is uploaded, and its id stands in the field `…/co` where the file stood in `…/tep`.
#[derive(Debug)]
pub(crate) struct Delivery<W> {
    pub(crate) posted: Posted<W>,
    /// Files that were not taken, and why.
    pub(crate) refused: Faults,
}

/// Takes a form in with its files. A file that is refused spoils nothing else of it.
///
/// # Errors
/// As [`Posted`].
pub(crate) async fn receive<W: Admitted>(portal: &Portal, request: Request) -> Result<Delivery<W>, Trouble> {
    let is_in_parts = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data"));
    if !is_in_parts || request.extensions().get::<Resumed>().is_some() {
        return Ok(Delivery {
            posted: Posted::from_request(request, portal).await?,
            refused: Faults::none(),
        });
    }
    let visitor = request.extensions().get::<Visitor>().cloned().unwrap_or_else(Visitor::nobody);
    let (path, headers) = (request.uri().path().to_owned(), request.headers().clone());
    let by = request.extensions().get::<Was>().cloned().unwrap_or_default().0;
    let multipart = Multipart::from_request(request, portal).await.map_err(|_| malformed())?;
    let who = W::admit(visitor.clone());
    let mut taking =
        Taking { portal, visitor: &visitor, path: &path, headers: &headers, is_admitted: who.is_ok() };
    let taken = tokio::time::timeout(PATIENCE, taking.all(multipart)).await;
    let too_slow = || Rejection::new(Kind::Deadline, "FORM_TOO_SLOW", "the form did not arrive in time");
    let (fields, refused) = taken.map_err(|_| too_slow())??;
    let key = taking.key(&fields);
    match who {
        Ok(who) => Ok(Delivery { posted: Posted { who, fields, key }, refused: Faults::told(refused) }),
        Err(Trouble::SignIn(_)) => Err(Trouble::SignIn(Some(Kept { path, fields, by }))),
        Err(trouble) => Err(trouble),
    }
}

fn malformed() -> Trouble {
    Rejection::new(Kind::Invalid, "NOT_A_FORM", "expected a form (multipart/form-data)").into()
}

fn too_long() -> Trouble {
    let message = format!("a form has at most {} kB", MOST_BYTES / 1024);
    Rejection::new(Kind::Invalid, "FORM_TOO_LONG", message).into()
}

/// A form that is coming in.
struct Taking<'r> {
    portal: &'r Portal,
    visitor: &'r Visitor,
    path: &'r str,
    headers: &'r HeaderMap,
    is_admitted: bool,
}

impl Taking<'_> {
    fn key(&self, fields: &Fields) -> Result<String, Rejection> {
        match comes_from_us(self.headers) {
            true => opened(self.portal, self.visitor, self.path, fields.text(super::KEY)),
            false => Err(foreign()),
        }
    }

    /// Its fields, and the files that were refused with the reason.
    async fn all(&mut self, mut multipart: Multipart) -> Result<(Fields, Vec<(String, String)>), Trouble> {
        let (mut fields, mut refused) = (Vec::new(), Vec::new());
        let (mut known, mut place, mut letters) = (None, None, 0);
        while let Some(mut field) = multipart.next_field().await.map_err(|_| too_long())? {
            let name = field.name().unwrap_or_default().to_owned();
            let Some(file_name) = field.file_name().map(str::to_owned) else {
                let mut value = Vec::new();
                while let Some(piece) = field.chunk().await.map_err(|_| too_long())? {
                    letters += piece.len();
                    if letters > super::MOST {
                        return Err(too_long());
                    }
                    value.extend_from_slice(&piece);
                }
                let value = String::from_utf8_lossy(&value).replace("\r\n", "\n");
                fields.push((name, value));
                continue;
            };
            // The key stands in front of all files: nobody else's are looked at.
            let key = self
                .key(&Fields::of(fields.clone()))
                .ok()
                .filter(|_| self.is_admitted && !file_name.is_empty());
            if key.is_some() && known.is_none() {
                // Whoever may not send files takes nobody's place.
                place = AT_ONCE.acquire().await.ok();
                known = Some(limits(self.portal, self.visitor).await?);
            }
            let most =
                known.as_ref().map_or(0, |limits| usize::try_from(limits.most_bytes).unwrap_or(usize::MAX));
            let (mut content, mut is_too_big) = (BytesMut::new(), false);
            while let Some(piece) = field.chunk().await.map_err(|_| too_long())? {
                is_too_big |= content.len() + piece.len() > most;
                if !is_too_big {
                    content.extend_from_slice(&piece);
                }
            }
            let (Some(key), Some(limits)) = (key, &known) else { continue };
            let whole = content.freeze();
            match self.kept(&key, &file_name, whole, is_too_big, limits).await {
                Ok(attachment) => {
                    let file = (beside(&name), attachment);
                    // The same file, chosen twice, is one.
                    if !fields.contains(&file) {
                        fields.push(file);
                    }
                }
                Err(sentence) => refused.push((name, sentence)),
            }
        }
        drop(place);
        Ok((Fields::of(fields), refused))
    }

    /// The id of a file that is kept from now on, or why it is not.
    async fn kept(
        &self,
        key: &str,
        file_name: &str,
        content: Bytes,
        is_too_big: bool,
        limits: &GetLimitsResponse,
    ) -> Result<String, String> {
        let words = self.visitor.words;
        let file_name = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
        let Some(media_type) = media_type(limits, file_name) else {
            return Err(words.web_counter_not_taken(endings(limits), file_name));
        };
        if is_too_big {
            return Err(words.web_counter_too_big(file_name, megabytes(words, limits.most_bytes)));
        }
        let sha256 = digest::sha256(&content);
        // Two pages may look alike.
        let named = digest::sha256(format!("{file_name}/{sha256}").as_bytes());
        let request = BeginUploadRequest {
            idempotency_key: format!("{key}/{}", named.get(..24).unwrap_or_default()),
            file_name: file_name.to_owned(),
            media_type: media_type.to_owned(),
            size_bytes: i64::try_from(content.len()).unwrap_or(i64::MAX),
            sha256,
        };
        let kept = async {
            let begun = begun(self.portal, self.visitor, request).await?;
            let stored = usize::try_from(begun.stored_bytes).unwrap_or(usize::MAX);
            let rest = content.slice(stored.min(content.len())..);
            let is_whole = rest.is_empty() && !content.is_empty();
            match is_whole {
                true => Ok(begun.attachment_id),
                false => Ok(sent(self.portal, self.visitor, begun.attachment_id, stored, rest)
                    .await?
                    .attachment_id),
            }
        };
        kept.await.map_err(|refusal: Status| {
            words.web_counter_file_refused(file_name, sentence(words, &status::from_status(&refusal)))
        })
    }
}

/// The field of a file's id, beside the one of the file.
fn beside(name: &str) -> String {
    name.strip_suffix("tep").map_or_else(|| format!("{name}/co"), |rest| format!("{rest}co"))
}

pub(crate) async fn limits(portal: &Portal, visitor: &Visitor) -> Result<GetLimitsResponse, Status> {
    let mut attachments = AttachmentServiceClient::new(portal.intake(visitor));
    Ok(attachments.get_limits(soon(GetLimitsRequest {})).await?.into_inner())
}

/// What a file is, by the end of its name; none: such files are not taken.
fn media_type<'l>(limits: &'l GetLimitsResponse, file_name: &str) -> Option<&'l str> {
    let ending = file_name.rsplit_once('.')?.1.to_lowercase();
    let kind = limits.kinds.iter().find(|kind| kind.endings.contains(&ending))?;
    Some(&kind.media_type)
}

fn endings(limits: &GetLimitsResponse) -> String {
    let usual = limits.kinds.iter().filter_map(|kind| kind.endings.first());
    usual.map(|ending| ending.to_uppercase()).collect::<Vec<_>>().join(", ")
}

fn megabytes(words: Words, bytes: i64) -> String {
    words.count(bytes / 1_000_000)
}

async fn begun(
    portal: &Portal,
    visitor: &Visitor,
    request: BeginUploadRequest,
) -> Result<Attachment, Status> {
    let mut attachments = AttachmentServiceClient::new(portal.intake(visitor));
    Ok(attachments.begin_upload(soon(request)).await?.into_inner().attachment.unwrap_or_default())
}

/// Sends bytes of a file from an offset on.
async fn sent(
    portal: &Portal,
    visitor: &Visitor,
    attachment_id: String,
    offset: usize,
    rest: Bytes,
) -> Result<Attachment, Status> {
    /// What one message bears; intake takes as much by far.
    const CHUNK: usize = 64 * 1024;
    let offset = i64::try_from(offset).unwrap_or(i64::MAX);
    let start = Piece::Start(UploadStart { attachment_id, offset });
    let chunks: Vec<_> =
        (0..rest.len()).step_by(CHUNK).map(|from| rest.slice(from..(from + CHUNK).min(rest.len()))).collect();
    let pieces = [start].into_iter().chain(chunks.into_iter().map(|chunk| Piece::Chunk(chunk.into())));
    let pieces = pieces.map(|piece| UploadRequest { piece: Some(piece) });
    let mut attachments = AttachmentServiceClient::new(portal.intake(visitor));
    let answer = attachments.upload(unhurried(stream::iter(pieces.collect::<Vec<_>>()))).await?;
    Ok(answer.into_inner().attachment.unwrap_or_default())
}

async fn begin(State(portal): State<Portal>, posted: Posted<Visitor>) -> Response {
    let visitor = posted.who.visitor();
    let words = visitor.words;
    let said = async {
        let fields = posted.sent()?.fields;
        let limits = limits(&portal, visitor).await?;
        let (file_name, size_bytes) =
            (fields.text("ten").to_owned(), fields.text("dai").parse().unwrap_or(0));
        let Some(media_type) = media_type(&limits, &file_name) else {
            let sentence = words.web_counter_not_taken(endings(&limits), &file_name);
            return Ok((StatusCode::BAD_REQUEST, json!({ "loi": sentence })));
        };
        if size_bytes > limits.most_bytes {
            let sentence = words.web_counter_too_big(&file_name, megabytes(words, limits.most_bytes));
            return Ok((StatusCode::BAD_REQUEST, json!({ "loi": sentence })));
        }
        let request = BeginUploadRequest {
            idempotency_key: format!("web-tep-{}", fields.text("lan")),
            media_type: media_type.to_owned(),
            file_name,
            size_bytes,
            sha256: String::new(),
        };
        Ok((StatusCode::OK, progress(&begun(&portal, visitor, request).await?)))
    };
    answered(visitor, said.await)
}

async fn go_on(
    State(portal): State<Portal>,
    Path(att): Path<String>,
    visitor: Visitor,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let said = async {
        let shown = headers.get(KEY_HEADER).and_then(|key| key.to_str().ok()).unwrap_or_default();
        if !comes_from_us(&headers) {
            return Err(foreign().into());
        }
        opened(&portal, &visitor, PATH, shown)?;
        let body = tokio::time::timeout(PATIENCE, Limited::new(body, PIECE).collect()).await;
        let Ok(Ok(body)) = body else { return Err(too_long()) };
        let asked = Fields::parse(uri.query().unwrap_or_default().as_bytes());
        let offset = asked.text("tu").parse().unwrap_or(0);
        let attachment = sent(&portal, &visitor, att, offset, body.to_bytes()).await?;
        Ok((StatusCode::OK, progress(&attachment)))
    };
    answered(&visitor, said.await)
}

/// Where an upload goes on after the line was down.
async fn reached(State(portal): State<Portal>, Path(att): Path<String>, visitor: Visitor) -> Response {
    let said = async {
        let request = GetAttachmentRequest { attachment_id: att };
        let answer =
            AttachmentServiceClient::new(portal.intake(&visitor)).get_attachment(soon(request)).await?;
        Ok((StatusCode::OK, progress(&answer.into_inner().attachment.unwrap_or_default())))
    };
    answered(&visitor, said.await)
}

fn progress(attachment: &Attachment) -> Value {
    json!({"tep": attachment.attachment_id, "co": attachment.stored_bytes, "dai": attachment.size_bytes})
}

/// As a script reads it.
fn answered(visitor: &Visitor, said: Result<(StatusCode, Value), Trouble>) -> Response {
    let (status, said) = said.unwrap_or_else(|trouble| {
        let sentence = match &trouble {
            Trouble::Refused(refusal) => sentence(visitor.words, refusal),
            _ => String::new(),
        };
        (trouble.status(), json!({ "loi": sentence }))
    });
    (status, [(CONTENT_TYPE, "application/json")], said.to_string()).into_response()
}

/// With what a script of this page announces files.
pub(crate) fn script_key(portal: &Portal, visitor: &Visitor) -> Markup {
    html! { span data-upload hidden { (key_field(portal, visitor, PATH)) } }
}

/// What is taken, in words.
pub(crate) fn said(words: Words, limits: &GetLimitsResponse) -> String {
    words.web_counter_limits(endings(limits), limits.most_files, megabytes(words, limits.most_bytes))
}

/// A control for files, with a button that sends them by themselves.
pub(crate) fn field(
    words: Words,
    name: &str,
    label: &str,
    limits: &GetLimitsResponse,
    faults: &Faults,
) -> Markup {
    let accepted = limits.kinds.iter().flat_map(|kind| &kind.endings).map(|ending| format!(".{ending}"));
    let accepted = accepted.collect::<Vec<_>>().join(",");
    let camera = format!("{name}/chup");
    html! {
        (crate::part::field(name, label, None, None, faults, |described| html! {
            input id=(id(name)) name=(name) type="file" multiple accept=(accepted) aria-describedby=[described]
                aria-invalid=[faults.at(name).map(|_| "true")] data-most=(limits.most_bytes)
                data-too-big=(words.web_counter_too_big("{}", megabytes(words, limits.most_bytes)))
                data-not-taken=(words.web_counter_not_taken(endings(limits), "{}"))
                data-broken=(words.web_counter_upload_waits()) data-under-way=(words.web_counter_uploading());
        }))
        label.button.second.camera for=(id(&camera)) { (words.web_counter_camera()) }
        input.hidden.camera id=(id(&camera)) name=(name) type="file" accept="image/*" capture="environment" tabindex="-1";
        button.second name="tai-len" value=(name) formnovalidate { (words.web_counter_upload()) }
    }
}

/// The files that are there, in their order, which buttons change.
pub(crate) fn list(
    words: Words,
    name: &str,
    part: &str,
    fields: &Fields,
    known: &BTreeMap<String, Attachment>,
) -> Markup {
    let ids: Vec<_> = fields.all(name).collect();
    html! {
        @if !ids.is_empty() {
            ol.files {
                @for (index, id) in ids.iter().enumerate() {
                    @let file = known.get(*id);
                    @let called = file.map_or(*id, |file| file.file_name.as_str());
                    @let value = format!("{part}:{id}");
                    li {
                        input type="hidden" name=(name) value=(id);
                        a href={ "/tep/" (id) } { (called) }
                        @if let Some(file) = file {
                            span.soft {
                                " " (words.web_counter_kilobytes((file.size_bytes + 999) / 1_000))
                                @if file.pages > 0 { " · " (words.web_counter_pages(file.pages)) }
                            }
                        }
                        @if index > 0 {
                            button.quiet name="len" value=(value) formnovalidate { (words.web_counter_up()) span.hidden { " " (called) } }
                        }
                        @if index + 1 < ids.len() {
                            button.quiet name="xuong" value=(value) formnovalidate { (words.web_counter_down()) span.hidden { " " (called) } }
                        }
                        button.quiet name="bo" value=(value) formnovalidate { (words.web_counter_take_away()) span.hidden { " " (called) } }
                    }
                }
            }
        }
    }
}
