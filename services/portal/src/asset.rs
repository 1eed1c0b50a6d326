//! Styles and scripts, which are in the binary: one file each, packed once, and kept by browsers for good, because another content has
//! another address.

use axum::{
    Router,
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse as _, Response},
    routing::get,
};
use bytes::Bytes;
use flate2::Compression;
use http::{
    StatusCode,
    header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE},
};
use phidia_runtime::digest;

use crate::{Portal, receive::gzip};

const STYLE: &str = concat!(
    include_str!("../assets/style/tokens.css"),
    include_str!("../assets/style/base.css"),
    include_str!("../assets/style/form.css"),
    include_str!("../assets/style/work.css"),
    include_str!("../assets/style/hall.css"),
    include_str!("../assets/style/picture.css"),
    include_str!("../assets/style/print.css"),
);
/// Each stands in a block of its own: none knows of another.
const SCRIPT: &str = concat!(
    include_str!("../assets/script/keys.js"),
    include_str!("../assets/script/send.js"),
    include_str!("../assets/script/live.js"),
    include_str!("../assets/script/hold.js"),
    include_str!("../assets/script/keep.js"),
    include_str!("../assets/script/line.js"),
    include_str!("../assets/script/upload.js"),
    include_str!("../assets/script/hall.js"),
);
const ICON: &str = include_str!("../assets/icon.svg");

/// Where scripts ask whether there is a line.
const ALIVE: &str = "/khoe";

/// One file.
#[derive(Debug)]
struct Asset {
    /// With its digest in it.
    path: String,
    kind: &'static str,
    plain: Bytes,
    packed: Option<Bytes>,
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Assets {
    style: Asset,
    script: Asset,
    icon: Asset,
}

impl Asset {
    fn of(name: &str, kind: &'static str, text: &'static str) -> Self {
        let digest = digest::sha256(text.as_bytes());
        let digest = digest.get(..12).unwrap_or_default();
        let plain = Bytes::from_static(text.as_bytes());
        let packed = gzip(&plain, Compression::best());
        Self { path: format!("/tai-san/{digest}/{name}"), kind, plain, packed }
    }
}

impl Assets {
    pub(crate) fn pack() -> Self {
        Self {
            style: Asset::of("phidia.css", "text/css; charset=utf-8", STYLE),
            script: Asset::of("phidia.js", "text/javascript; charset=utf-8", SCRIPT),
            icon: Asset::of("phidia.svg", "image/svg+xml", ICON),
        }
    }

    pub(crate) fn style(&self) -> &str {
        &self.style.path
    }

    pub(crate) fn script(&self) -> &str {
        &self.script.path
    }

    pub(crate) fn icon(&self) -> &str {
        &self.icon.path
    }
}

pub(crate) fn routes() -> Router<Portal> {
    Router::new()
        .route("/tai-san/{digest}/{name}", get(asset))
        .route(ALIVE, get(async || StatusCode::NO_CONTENT))
}

/// Whether this is the same for everybody, whoever they are.
pub(crate) fn is_for_nobody(path: &str) -> bool {
    path == ALIVE || path.starts_with("/tai-san/")
}

async fn asset(
    State(portal): State<Portal>,
    Path((digest, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let asked = format!("/tai-san/{digest}/{name}");
    let Assets { style, script, icon } = &portal.0.assets;
    let asset =
        [style, script, icon].into_iter().find(|asset| asset.path == asked).ok_or(StatusCode::NOT_FOUND)?;
    let for_good = [(CONTENT_TYPE, asset.kind), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    let packs =
        headers.get(ACCEPT_ENCODING).is_some_and(|said| said.as_bytes().windows(4).any(|w| w == b"gzip"));
    Ok(match &asset.packed {
        Some(packed) if packs => (for_good, [(CONTENT_ENCODING, "gzip")], packed.clone()).into_response(),
        _ => (for_good, asset.plain.clone()).into_response(),
    })
}
