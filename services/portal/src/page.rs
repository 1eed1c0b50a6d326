//! A page, before the shell is around it.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use maud::Markup;

/// What a handler shows.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) title: String,
    pub(crate) main: Markup,
    pub(crate) look: Look,
    pub(crate) status: StatusCode,
    /// After so many seconds browsers without script ask again, or go to another page.
    pub(crate) refresh: Option<(u32, Option<String>)>,
    /// Something on it is to be corrected: the title says so first.
    pub(crate) faulty: bool,
}

/// How much is on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Large: one column that is read.
    Read,
    /// Dense: the whole width, where work is done.
    Work,
    /// Nothing around it: for a wall, or for paper.
    Bare,
}

impl Page {
    pub(crate) fn new(title: impl Into<String>, main: Markup) -> Self {
        let title = title.into();
        Self { title, main, look: Look::Read, status: StatusCode::OK, refresh: None, faulty: false }
    }

    #[must_use]
    pub(crate) fn with_look(self, look: Look) -> Self {
        Self { look, ..self }
    }

    #[must_use]
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    #[must_use]
    pub(crate) fn with_refresh(self, seconds: u32) -> Self {
        Self { refresh: Some((seconds, None)), ..self }
    }

    #[must_use]
    pub(crate) fn with_refresh_to(self, seconds: u32, path: String) -> Self {
        Self { refresh: Some((seconds, Some(path))), ..self }
    }

    #[must_use]
    pub(crate) fn with_faults(self, faulty: bool) -> Self {
        Self { faulty, ..self }
    }
}

/// `receive` puts the shell around it.
impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
