//! What the keys do.

use maud::html;

use crate::{page::Page, shell::places, visitor::Visitor, work};

pub(super) async fn show(visitor: Visitor) -> Page {
    let words = visitor.words;
    let main = html! {
        h1 { (words.web_keys()) }
        p { (words.web_keys_why()) }
        table.keys {
            thead { tr { th scope="col" { (words.web_key()) } th scope="col" { (words.web_key_does()) } } }
            tbody {
                tr { td { kbd { "/" } } td { (words.web_key_search()) } }
                @for place in places(&visitor) {
                    tr { td { kbd { "g" } " " kbd { (place.key) } } td { (place.label) } }
                }
                @if visitor.staff().is_some() {
                    tr { td { kbd { "j" } " " kbd { "k" } } td { (words.web_key_rows()) } }
                    tr { td { kbd { "Enter" } } td { (words.web_key_open()) } }
                }
                @for (key, does) in work::keys(&visitor) { tr { td { kbd { (key) } } td { (does) } } }
                tr { td { kbd { "?" } } td { (words.web_keys()) } }
            }
        }
        p #keys-switch hidden data-on=(words.web_keys_switch_on()) data-off=(words.web_keys_switch_off()) { button type="button" {} }
    };
    Page::new(words.web_keys(), main)
}
