//! What comes of a page that cannot be shown: a sentence, and a way on.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri};
use maud::{Markup, html};
use phidia_domain::{Kind, Rejection, application::Language};
use phidia_runtime::{failure::Failure, status};
use phidia_words::Words;
use tonic::Status;

use crate::{form::Kept, page::Page, part, visitor::Visitor};

/// Why a page is not shown.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// A service, or we ourselves, refused.
    Refused(Box<Rejection>),
    /// One has to sign in first; what they had filled in is kept.
    SignIn(Option<Kept>),
    /// It is for others than what they have signed in as.
    AnothersPage,
    /// There is none at this address.
    NoSuchPage,
}

impl From<Rejection> for Trouble {
    fn from(rejection: Rejection) -> Self {
        Self::Refused(Box::new(rejection))
    }
}

impl From<Status> for Trouble {
    fn from(status: Status) -> Self {
        status::from_status(&status).into()
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        // It is logged there, once.
        status::of_failure(failure).into()
    }
}

/// `receive` knows for whom it is drawn.
impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

pub(crate) async fn no_such_page() -> Trouble {
    Trouble::NoSuchPage
}

impl Trouble {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Refused(rejection) => match rejection.kind {
                Kind::Invalid | Kind::OutOfRange => StatusCode::BAD_REQUEST,
                Kind::NotFound => StatusCode::NOT_FOUND,
                Kind::AlreadyExists | Kind::Precondition | Kind::Conflict => StatusCode::CONFLICT,
                Kind::Forbidden => StatusCode::FORBIDDEN,
                Kind::Exhausted => StatusCode::TOO_MANY_REQUESTS,
                Kind::Unavailable | Kind::Deadline => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            },
            Self::SignIn(_) => StatusCode::UNAUTHORIZED,
            Self::AnothersPage => StatusCode::FORBIDDEN,
            Self::NoSuchPage => StatusCode::NOT_FOUND,
        }
    }

    /// The page that says it. Who has to sign in is sent to where that is done by `receive`.
    pub(crate) fn page(&self, visitor: &Visitor, uri: &Uri) -> Page {
        let words = visitor.words;
        let (title, sentence): (&str, String) = match self {
            Self::Refused(rejection) => (headline(words, rejection.kind), sentence(words, rejection)),
            Self::AnothersPage => (words.web_not_for_you(), words.web_sign_in_as_another().to_owned()),
            Self::SignIn(_) => (words.web_sign_in(), words.web_sign_in_first().to_owned()),
            Self::NoSuchPage => (words.web_no_such_page(), words.web_no_such_page_why().to_owned()),
        };
        let reference = match self {
            Self::Refused(rejection) => rejection.metadata.iter().find(|(key, _)| key == "reference"),
            _ => None,
        };
        let is_away = self.status() == StatusCode::SERVICE_UNAVAILABLE;
        let main = html! {
            h1 { (title) }
            p.lead { (sentence) }
            @if let Some((_, reference)) = reference {
                p { (words.web_reference(reference)) }
            }
            @if is_away {
                p { a.button href=(uri.path_and_query().map_or("/", |path| path.as_str())) { (words.web_try_again()) } }
            }
            @if matches!(self, Self::NoSuchPage) {
                (nearest(visitor, uri.path()))
                (part::search(words, ""))
            }
            @if matches!(self, Self::AnothersPage) {
                p { a.button href="/dang-nhap" { (words.web_sign_in()) } }
            }
            p.more { a href="/" { (words.web_to_the_first_page()) } }
        };
        Page::new(title, main).with_status(self.status())
    }
}

fn headline(words: Words, kind: Kind) -> &'static str {
    match kind {
        Kind::NotFound => words.web_not_found(),
        Kind::Forbidden | Kind::Unauthenticated => words.web_not_for_you(),
        Kind::Unavailable | Kind::Deadline => words.web_nobody_answers(),
        Kind::Exhausted => words.web_too_much(),
        Kind::Internal => words.web_our_fault(),
        _ => words.web_does_not_go(),
    }
}

/// A refusal in one sentence of the visitor's language.
pub(crate) fn sentence(words: Words, refusal: &Rejection) -> String {
    let holder = refusal.metadata.iter().find(|(fact, _)| fact == "holder_code").map(|(_, code)| code);
    match (words.language(), holder, phidia_words::reason(&refusal.reason)) {
        (_, Some(code), _) => words.web_held_by(code),
        (Language::Vi, None, Some(sentence)) => capital(sentence),
        _ => capital(&refusal.message),
    }
}

/// Reasons begin small, as they are mostly quoted.
pub(crate) fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Pages whose addresses look like this one.
fn nearest(visitor: &Visitor, path: &str) -> Markup {
    let wanted = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let mut near: Vec<_> = crate::shell::places(visitor)
        .into_iter()
        .map(|place| (distance(wanted, place.path.trim_start_matches('/')), place))
        .filter(|(far, _)| *far <= 3)
        .collect();
    near.sort_by_key(|(far, _)| *far);
    html! {
        @if !near.is_empty() {
            p { (visitor.words.web_did_you_mean()) }
            ul { @for (_, place) in near.iter().take(3) { li { a href=(place.path) { (place.label) } } } }
        }
    }
}

/// How many letters differ (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.chars().take(40).enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, with) in other.iter().enumerate() {
            let changed = before + usize::from(letter != *with);
            before = row[j + 1];
            row[j + 1] = changed.min(before + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_near() {
        assert_eq!(distance("thu-tuc", "thu-tuc"), 0);
        assert_eq!(distance("thutuc", "thu-tuc"), 1);
        assert_eq!(distance("tra-cuuu", "tra-cuu"), 1);
        assert_eq!(distance("", "viec"), 4);
    }
}
