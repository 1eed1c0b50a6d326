//! The first page: what one comes for.

use maud::html;

use crate::{page::Page, part, shell::places, visitor::Visitor};

pub(super) async fn show(visitor: Visitor) -> Page {
    let words = visitor.words;
    let province = visitor.province.as_ref().map(|province| visitor.text(Some(&province.name)).to_owned());
    let main = html! {
        h1 { (words.web_home_title()) }
        p.lead { (words.web_home_boundary_free(province.as_deref().unwrap_or("Phidia"))) }
        (part::search(words, ""))
        ul.ways {
            @for place in places(&visitor) { li { a href=(place.path) { (place.label) } } }
        }
    };
    Page::new(words.web_home_title(), main)
}
