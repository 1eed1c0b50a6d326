//! What was handed in, and one of it beside.

use maud::{Markup, html};
use phidia_proto::intake::v1::{Attachment, AttachmentState, DocumentForm, HandedInDocument};

use super::whole::Whole;
use crate::{
    part::{Tone, encoded, tag},
    visitor::Visitor,
};

/// What browsers show by themselves.
pub(in crate::work) const SHOWN: [&str; 3] = ["application/pdf", "image/jpeg", "image/png"];

pub(super) fn list(visitor: &Visitor, whole: &Whole, shown: &str) -> Markup {
    let words = visitor.words;
    let documents =
        whole.application.as_ref().map(|application| application.documents.as_slice()).unwrap_or_default();
    let named = |part: &str| {
        let documents = whole.procedure.iter().flat_map(|procedure| &procedure.documents);
        documents.into_iter().find(|one| one.part == part).map(|one| visitor.text(one.name.as_ref()))
    };
    let of = |document: &HandedInDocument| -> Vec<&Attachment> {
        let files = whole.attachments.iter();
        files.filter(|file| document.attachment_ids.contains(&file.attachment_id)).collect()
    };
    // Supplements come without a part.
    let others: Vec<_> = whole
        .attachments
        .iter()
        .filter(|file| {
            !documents.iter().any(|document| document.attachment_ids.contains(&file.attachment_id))
        })
        .collect();
    html! {
        @if whole.application.is_some() {
            section {
                h2 { (words.web_work_papers()) }
                @if documents.is_empty() && others.is_empty() { p.soft { (words.web_work_no_papers()) } }
                ul.papers {
                    @for document in documents {
                        li {
                            strong { (named(&document.part).unwrap_or(&document.part)) }
                            span.soft { " · " (form(visitor, document)) }
                            (files(visitor, whole, &of(document), shown))
                        }
                    }
                    @if !others.is_empty() {
                        li { strong { (words.web_work_supplemented()) } (files(visitor, whole, &others, shown)) }
                    }
                }
            }
        }
    }
}

fn form(visitor: &Visitor, document: &HandedInDocument) -> String {
    let words = visitor.words;
    let copies = document.copies.max(1);
    match document.form() {
        DocumentForm::Original => words.web_originals(copies),
        DocumentForm::Copy => words.web_copies(copies),
        DocumentForm::Electronic | DocumentForm::Unspecified => words.web_work_electronic().to_owned(),
    }
}

fn files(visitor: &Visitor, whole: &Whole, files: &[&Attachment], shown: &str) -> Markup {
    let words = visitor.words;
    html! {
        @for file in files {
            p.file {
                @match file.state() {
                    AttachmentState::Quarantined => { (file.file_name) " " (tag(Tone::Late, words.web_work_quarantined())) }
                    AttachmentState::Clean if is_shown(file) => {
                        a href=(path(whole, file)) aria-current=[(file.attachment_id == shown).then_some("true")] { (file.file_name) }
                    }
                    AttachmentState::Clean => { a href={ "/tep/" (file.attachment_id) } { (file.file_name) } }
                    _ => { (file.file_name) " " (tag(Tone::Soon, words.web_work_not_scanned())) }
                }
                span.soft {
                    " " (words.web_work_kilobytes(file.size_bytes / 1_024 + 1))
                    @if file.pages > 0 { ", " (words.web_work_pages(file.pages)) }
                }
            }
        }
    }
}

/// The paper that is looked at, and the ways to the one before and the one behind.
pub(super) fn beside(visitor: &Visitor, whole: &Whole, shown: &str) -> Markup {
    let words = visitor.words;
    let files: Vec<_> = whole.attachments.iter().filter(|file| is_shown(file)).collect();
    let at = files.iter().position(|file| file.attachment_id == shown);
    let way = |place: Option<usize>| place.and_then(|place| files.get(place)).map(|file| path(whole, file));
    let (before, behind) = match at {
        None => (None, way(Some(0))),
        Some(at) => (way(at.checked_sub(1)), way(Some(at + 1))),
    };
    html! {
        section #tep {
            @if let Some(file) = at.and_then(|at| files.get(at)) {
                h2 { (file.file_name) }
                iframe.paper src={ "/tep/" (file.attachment_id) } title=(file.file_name) {}
            }
            @if !files.is_empty() {
                p.acts {
                    @if let Some(path) = before { a href=(path) data-press="[" { (words.web_work_paper_before()) } }
                    @if let Some(path) = behind {
                        a href=(path) data-press="]" {
                            @if at.is_some() { (words.web_work_paper_behind()) } @else { (words.web_work_paper_first()) }
                        }
                    }
                    @if at.is_some() { a href={ "/tep/" (shown) } { (words.web_work_alone()) } }
                }
            }
        }
    }
}

/// Whether a browser shows it by itself, and may.
fn is_shown(file: &Attachment) -> bool {
    file.state() == AttachmentState::Clean && SHOWN.contains(&file.media_type.as_str())
}

/// The page of the case with a paper beside.
fn path(whole: &Whole, file: &Attachment) -> String {
    format!("/ho-so/{}?tep={}#tep", whole.case.application_id, encoded(&file.attachment_id))
}
