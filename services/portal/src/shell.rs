//! What is the same on every page: where one is, who one is, where one can go.

use maud::{DOCTYPE, Markup, html};
use phidia_domain::application::Language;

use crate::{
    Portal, citizen, counter,
    form::key_field,
    hall,
    page::{Look, Page},
    part::encoded,
    province,
    session::sign_in_path,
    supervise,
    visitor::Visitor,
    work,
};

/// A place that is reached from every page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) path: &'static str,
    pub(crate) label: &'static str,
    /// After `g` it leads there.
    pub(crate) key: &'static str,
}

/// The places of a visitor: each page that one begins at, and nothing else.
pub(crate) fn places(visitor: &Visitor) -> Vec<Place> {
    let areas =
        [work::places, counter::places, supervise::places, province::places, hall::places, citizen::places];
    areas.into_iter().flat_map(|places| places(visitor)).collect()
}

/// The page with all that is around it.
pub(crate) fn around(portal: &Portal, visitor: &Visitor, page: &Page) -> Markup {
    let words = visitor.words;
    let province = visitor.province.as_ref().map(|province| visitor.text(Some(&province.name)));
    let look = match page.look {
        Look::Read => "read",
        Look::Work => "work",
        Look::Bare => "bare",
    };
    let language = match words.language() {
        Language::Vi => "vi",
        Language::En => "en",
    };
    let assets = &portal.0.assets;
    html! {
        (DOCTYPE)
        html lang=(language) data-theme=[visitor.theme.key()] data-look=(look) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title {
                    @if page.faulty { (words.web_faulty()) ": " }
                    (page.title) " · " @if let Some(province) = province { (province) } @else { "Phidia" }
                }
                link rel="stylesheet" href=(assets.style());
                link rel="icon" type="image/svg+xml" href=(assets.icon());
                script type="module" src=(assets.script()) {}
                @if let Some((seconds, path)) = &page.refresh {
                    noscript {
                        meta http-equiv="refresh" content={ (seconds) @if let Some(path) = path { ";url=" (path) } };
                    }
                }
            }
            body {
                @if page.look == Look::Bare {
                    main #main { (page.main) }
                } @else {
                    a.skip href="#main" { (words.web_skip()) }
                    (head(portal, visitor, province))
                    p #line.line role="status" hidden data-lost=(words.web_line_lost()) data-back=(words.web_line_back()) {}
                    main #main tabindex="-1" { (page.main) }
                    (foot(visitor))
                }
            }
        }
    }
}

fn head(portal: &Portal, visitor: &Visitor, province: Option<&str>) -> Markup {
    let words = visitor.words;
    let back = encoded(&visitor.at);
    let other = match words.language() {
        Language::Vi => html! { a href={ "/ngon-ngu/en?ve=" (back) } lang="en" hreflang="en" { "English" } },
        Language::En => {
            html! { a href={ "/ngon-ngu/vi?ve=" (back) } lang="vi" hreflang="vi" { (phidia_words::Words::VI.web_language()) } }
        }
    };
    html! {
        header.top {
            a.mark href="/" { strong { "Phidia" } @if let Some(province) = province { " " span { (province) } } }
            nav aria-label=(words.web_places()) {
                ul {
                    @for place in places(visitor) {
                        li {
                            a href=(place.path) data-key=(place.key)
                                aria-current=[is_at(visitor, place.path).then_some("page")] { (place.label) }
                        }
                    }
                }
            }
            div.who {
                (other)
                @if let Some(staff) = visitor.staff() {
                    span.name {
                        (staff.name) @if !staff.unit.is_empty() { " · " (staff.unit_name(words)) }
                    }
                    form method="post" action="/dang-xuat" {
                        (key_field(portal, visitor, "/dang-xuat"))
                        button.quiet { (words.web_sign_out()) }
                    }
                } @else if !visitor.at.starts_with("/dang-nhap") {
                    a href=(sign_in_path(&visitor.at)) { (words.web_for_staff()) }
                }
            }
        }
    }
}

fn is_at(visitor: &Visitor, path: &str) -> bool {
    let at = visitor.at.split('?').next().unwrap_or_default();
    at.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn foot(visitor: &Visitor) -> Markup {
    let words = visitor.words;
    let back = encoded(&visitor.at);
    html! {
        footer.foot {
            nav aria-label=(words.web_how_it_looks()) {
                ul {
                    @for (theme, label) in [
                        ("light", words.web_light()), ("dark", words.web_dark()), ("system", words.web_as_the_system()),
                    ] {
                        li { a href={ "/giao-dien/" (theme) "?ve=" (back) } { (label) } }
                    }
                    li { a href="/phim" data-help { (words.web_keys()) } }
                }
            }
        }
    }
}
