//! What was filled in while nobody who could keep it answers: the page holds it, and sends it again as it was, with the same key.

use http::{StatusCode, Uri};
use maud::html;

use super::Fields;
use crate::{
    page::Page,
    trouble::{self, Trouble},
    visitor::Visitor,
};

/// A page that has all that was filled in, and one button.
///
/// # Errors
/// Where sending it again would help nobody.
pub(crate) fn page(
    visitor: &Visitor,
    uri: &Uri,
    fields: &Fields,
    trouble: Trouble,
    enctype: Option<&str>,
) -> Result<Page, Trouble> {
    let Trouble::Refused(refusal) = &trouble else { return Err(trouble) };
    if trouble.status() != StatusCode::SERVICE_UNAVAILABLE {
        return Err(trouble);
    }
    let words = visitor.words;
    let title = words.web_nobody_answers();
    let main = html! {
        h1 { (title) }
        p.lead { (trouble::sentence(words, refusal)) }
        p.note { (words.web_counter_held()) }
        form method="post" action=(uri.path()) enctype=[enctype] {
            @for (name, value) in fields.iter() { input type="hidden" name=(name) value=(value); }
            button autofocus { (words.web_counter_send_again()) }
        }
    };
    Ok(Page::new(title, main).with_status(StatusCode::SERVICE_UNAVAILABLE))
}
