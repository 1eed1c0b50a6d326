//! What is asked often, and what others were answered.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::Uri;
use maud::html;
use phidia_proto::intake::v1::{
    ListPublishedFeedbackRequest, MarkFaqUsefulRequest, SearchFaqRequest,
    faq_service_client::FaqServiceClient, feedback_service_client::FeedbackServiceClient,
};

use crate::{
    Portal,
    form::{Fields, Posted, key_field},
    page::Page,
    part::{self, encoded},
    services::soon,
    trouble::Trouble,
    visitor::Visitor,
};

pub(super) async fn show(State(portal): State<Portal>, visitor: Visitor, uri: Uri) -> Result<Page, Trouble> {
    let words = visitor.words;
    let asked = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    let wanted = asked.text("hoi");
    let search = SearchFaqRequest {
        query: wanted.to_owned(),
        procedure_code: asked.text("thu-tuc").to_owned(),
        page_size: 20,
        page_token: asked.text("trang").to_owned(),
    };
    let published = ListPublishedFeedbackRequest { page_size: 10, page_token: asked.text("tiep").to_owned() };
    let mut faq = FaqServiceClient::new(portal.intake(&visitor));
    let mut feedback = FeedbackServiceClient::new(portal.intake(&visitor));
    let (faq, published) =
        tokio::try_join!(faq.search_faq(soon(search)), feedback.list_published_feedback(soon(published)))?;
    let (faq, published) = (faq.into_inner(), published.into_inner());
    let main = html! {
        h1 { (words.web_citizen_questions()) }
        form.search role="search" method="get" action="/hoi-dap" {
            label for="hoi" { (words.web_citizen_what_do_you_ask()) }
            div.row {
                input id="hoi" name="hoi" type="search" value=(wanted) autocomplete="off";
                button { (words.web_search()) }
            }
        }
        @if faq.entries.is_empty() { p role="status" { (words.web_citizen_no_answers()) " " a href="/gop-y?loai=FEEDBACK_KIND_QUESTION" { (words.web_citizen_ask_us()) } } }
        @for entry in &faq.entries {
            details {
                summary { (visitor.text(entry.question.as_ref())) }
                p.said { (visitor.text(entry.answer.as_ref())) }
                @let action = format!("/hoi-dap/{}/huu-ich", entry.number);
                form method="post" action=(action) {
                    (key_field(&portal, &visitor, &action))
                    button.quiet { (words.web_citizen_useful()) }
                    " " span.soft { (words.web_citizen_useful_to(words.count(entry.useful))) }
                }
            }
        }
        (part::more(words, &format!("/hoi-dap?hoi={}", encoded(wanted)), &faq.next_page_token))
        @if !published.feedback.is_empty() {
            h2 { (words.web_citizen_what_others_asked()) }
            @for one in &published.feedback {
                details {
                    summary { (one.question) }
                    p.said { (one.answer) }
                    p.soft { (visitor.text(one.owner_name.as_ref())) " · " (visitor.instant(one.published_at.as_ref())) }
                }
            }
            @if !published.next_page_token.is_empty() {
                p.more { a href={ "/hoi-dap?tiep=" (encoded(&published.next_page_token)) } { (words.web_more()) } }
            }
        }
    };
    Ok(Page::new(words.web_citizen_questions(), main))
}

pub(super) async fn useful(
    State(portal): State<Portal>,
    Path(number): Path<u32>,
    posted: Posted<Visitor>,
) -> Result<Response, Trouble> {
    posted.sent()?;
    let mut faq = FaqServiceClient::new(portal.intake(&posted.who));
    faq.mark_faq_useful(soon(MarkFaqUsefulRequest { number })).await?;
    Ok(Redirect::to("/hoi-dap").into_response())
}
