//! The pages that belong together.

use maud::{Markup, html};

use crate::visitor::Visitor;

/// Path and name of each, with the one that is looked at told apart.
pub(crate) fn menu(visitor: &Visitor, label: &str, pages: &[(&str, &str)]) -> Markup {
    let at = visitor.at.split('?').next().unwrap_or_default();
    let under =
        |path: &str| at.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    // The longest path, since the first page of an area is the beginning of the others.
    let here = pages.iter().map(|(path, _)| *path).filter(|path| under(path)).max_by_key(|path| path.len());
    html! {
        nav.menu aria-label=(label) {
            ul {
                @for (path, name) in pages {
                    li { a href=(path) aria-current=[(here == Some(*path)).then_some("page")] { (name) } }
                }
            }
        }
    }
}
