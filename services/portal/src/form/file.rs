//! A form that comes with one file, which is acted upon at once and kept nowhere.

use std::time::Duration;

use axum::extract::{FromRequest, Multipart, Request};
use bytes::{Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use phidia_domain::{Kind, Rejection};

use super::{Fields, KEY, Kept, Posted, Resumed, comes_from_us, foreign, opened};
use crate::{
    Portal,
    session::Was,
    trouble::Trouble,
    visitor::{Admitted, Visitor},
};

/// It comes within this time, also over a bad line.
const PATIENCE: Duration = Duration::from_secs(300);

/// A form, and the file that came with it.
#[derive(Debug)]
pub(crate) struct PostedFile<W> {
    pub(crate) posted: Posted<W>,
    /// None: no file was chosen, or the form is drawn again after a session had ended.
    pub(crate) file: Option<File>,
}

/// A file as a browser sends it. What it claims to be nobody has looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    /// Without folders.
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) content: Bytes,
}

impl<W: Admitted> FromRequest<Portal> for PostedFile<W> {
    type Rejection = Trouble;

    /// Takes it in; the route's body limit (`DefaultBodyLimit`) says how much at most.
    async fn from_request(request: Request, portal: &Portal) -> Result<Self, Trouble> {
        let headers = request.headers();
        let is_in_parts =
            headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data"));
        if !is_in_parts || request.extensions().get::<Resumed>().is_some() {
            return Ok(Self { posted: Posted::from_request(request, portal).await?, file: None });
        }
        let is_from_us = comes_from_us(headers);
        let visitor = request.extensions().get::<Visitor>().cloned().unwrap_or_else(Visitor::nobody);
        let by = request.extensions().get::<Was>().cloned().unwrap_or_default().0;
        let path = request.uri().path().to_owned();
        let malformed =
            || Rejection::new(Kind::Invalid, "NOT_A_FORM", "expected a form (multipart/form-data)");
        let parts = Multipart::from_request(request, portal).await.map_err(|_| malformed())?;
        let too_slow = || Rejection::new(Kind::Deadline, "FORM_TOO_SLOW", "the form did not arrive in time");
        let (fields, file) = tokio::time::timeout(PATIENCE, read(parts)).await.map_err(|_| too_slow())??;
        let key = match is_from_us {
            true => opened(portal, &visitor, &path, fields.text(KEY)),
            false => Err(foreign()),
        };
        match W::admit(visitor) {
            Ok(who) => Ok(Self { posted: Posted { who, fields, key }, file }),
            Err(Trouble::SignIn(_)) => Err(Trouble::SignIn(Some(Kept { path, fields, by }))),
            Err(trouble) => Err(trouble),
        }
    }
}

/// The fields, and the one file.
async fn read(mut parts: Multipart) -> Result<(Fields, Option<File>), Trouble> {
    let too_long =
        |_| Rejection::new(Kind::Invalid, "FORM_TOO_LONG", "the form is longer than may be sent here");
    let (mut fields, mut file) = (Vec::new(), None);
    while let Some(mut part) = parts.next_field().await.map_err(too_long)? {
        let name = part.name().unwrap_or_default().to_owned();
        let Some(file_name) = part.file_name().map(str::to_owned) else {
            let value = part.text().await.map_err(too_long)?;
            fields.push((name, value.replace("\r\n", "\n")));
            continue;
        };
        let media_type = part.content_type().unwrap_or_default().to_owned();
        let mut content = BytesMut::new();
        while let Some(piece) = part.chunk().await.map_err(too_long)? {
            content.extend_from_slice(&piece);
        }
        if !file_name.is_empty() && file.is_none() {
            let name = file_name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
            file = Some(File { name, media_type, content: content.freeze() });
        }
    }
    Ok((Fields::of(fields), file))
}
