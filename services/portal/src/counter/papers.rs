//! The papers of a dossier: how many of each were brought, and their pictures or files.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use futures::future::join_all;
use maud::{Markup, html};
use phidia_domain::Rejection;
use phidia_proto::intake::v1::{
    Attachment, DocumentForm, GetAttachmentRequest, HandedInDocument, ProcedureDocument,
    attachment_service_client::AttachmentServiceClient,
};

use super::draft::{self, Closed, Opened, Sheet, Step};
use crate::{
    Portal,
    form::{Faults, Fields, upload},
    part,
    services::soon,
    trouble::Trouble,
    visitor::{AtCentre, Visitor},
};

pub(super) struct Papers;

/// Buttons of a file: before the one in front of it, behind the next one, away.
const MOVES: [&str; 3] = ["len", "xuong", "bo"];

pub(super) async fn send(
    State(portal): State<Portal>,
    Path(draft): Path<String>,
    request: Request,
) -> Result<Response, Closed> {
    let uri = request.uri().clone();
    let delivery = upload::receive::<AtCentre>(&portal, request).await?;
    draft::sent::<Papers>(&portal, &draft, &uri, delivery.posted, delivery.refused).await
}

impl Sheet for Papers {
    const STEP: Step = Step::Papers;
    const ENCTYPE: Option<&'static str> = Some("multipart/form-data");

    fn fill(opened: &Opened) -> Fields {
        let mut filled = Vec::new();
        for document in &opened.application.documents {
            let control = |name| format!("g/{}/{name}", document.part);
            let copies = document.copies.max(1).to_string();
            match document.form() {
                DocumentForm::Original => filled.push((control("chinh"), copies)),
                DocumentForm::Copy => filled.push((control("sao"), copies)),
                DocumentForm::Electronic | DocumentForm::Unspecified => {}
            }
            filled.extend(document.attachment_ids.iter().map(|file| (control("co"), file.clone())));
        }
        if opened.application.digitised {
            filled.push(("so-hoa".to_owned(), "1".to_owned()));
        }
        Fields::of(filled)
    }

    fn say(opened: &mut Opened, fields: &Fields) -> Result<(), Rejection> {
        let mut documents = Vec::new();
        for part in parts(opened, fields) {
            let count = |name: &str| -> Result<u32, Rejection> {
                let control = format!("g/{part}/{name}");
                match fields.text(&control) {
                    "" => Ok(0),
                    typed => typed
                        .parse()
                        .map_err(|_| Rejection::invalid("OUT_OF_RANGE", &control, "expected a number")),
                }
            };
            let mut files: Vec<_> = fields.all(&format!("g/{part}/co")).map(str::to_owned).collect();
            let lines = [(DocumentForm::Original, count("chinh")?), (DocumentForm::Copy, count("sao")?)];
            for (form, copies) in lines.into_iter().filter(|(_, copies)| *copies > 0) {
                let attachment_ids = std::mem::take(&mut files);
                documents.push(HandedInDocument {
                    part: part.clone(),
                    form: form.into(),
                    copies,
                    attachment_ids,
                });
            }
            if !files.is_empty() {
                let form = DocumentForm::Electronic.into();
                documents.push(HandedInDocument { part, form, copies: 1, attachment_ids: files });
            }
        }
        opened.application.documents = documents;
        opened.application.digitised = fields.has("so-hoa");
        Ok(())
    }

    fn control(opened: &Opened, path: &str) -> Option<String> {
        let index = path.strip_prefix("documents[")?.split(']').next()?;
        let index: usize = index.parse().ok()?;
        let documents = &opened.application.documents;
        let Some(document) = documents.get(index) else {
            // Where it would have stood: of those that are missing the one of this number.
            let is_missing = |asked: &&ProcedureDocument| {
                let must_be_there = asked.required && asked.from_data.is_empty() && asked.condition.is_none();
                must_be_there && documents.iter().all(|document| document.part != asked.part)
            };
            let missing =
                opened.procedure.documents.iter().filter(is_missing).nth(index - documents.len())?;
            return Some(format!("g/{}/chinh", missing.part));
        };
        let control = match document.form() {
            _ if path.contains(".attachment_ids") => "tep",
            DocumentForm::Copy => "sao",
            DocumentForm::Electronic => "tep",
            DocumentForm::Original | DocumentForm::Unspecified => "chinh",
        };
        Some(format!("g/{}/{control}", document.part))
    }

    fn pressed(_: &Opened, fields: &Fields) -> Option<(Fields, String)> {
        moved(fields)
    }

    async fn draw(
        portal: &Portal,
        visitor: &Visitor,
        opened: &Opened,
        fields: &Fields,
        faults: &Faults,
    ) -> Result<Markup, Trouble> {
        let words = visitor.words;
        let parts = parts(opened, fields);
        let named = parts
            .iter()
            .flat_map(|part| fields.all(&format!("g/{part}/co")).map(str::to_owned).collect::<Vec<_>>());
        let (limits, files) =
            futures::join!(upload::limits(portal, visitor), files(portal, visitor, named.collect()));
        let limits = limits?;
        let asked = |part: &str| opened.procedure.documents.iter().find(|asked| asked.part == part);
        Ok(html! {
            (upload::script_key(portal, visitor))
            p.soft { (upload::said(words, &limits)) }
            @for part in &parts {
                @let name = asked(part).map_or_else(|| words.web_counter_paper(part), |asked| visitor.text(asked.name.as_ref()).to_owned());
                fieldset.part {
                    legend { (name) }
                    @if let Some(asked) = asked(part) { p.hint { (need(visitor, asked)) } }
                    div.row {
                        (count(&format!("g/{part}/chinh"), words.web_counter_originals(), fields, faults))
                        (count(&format!("g/{part}/sao"), words.web_counter_copies(), fields, faults))
                        (upload::field(words, &format!("g/{part}/tep"), words.web_counter_files(), &limits, faults))
                    }
                    (upload::list(words, &format!("g/{part}/co"), part, fields, &files))
                }
            }
            (part::tick("so-hoa", words.web_counter_digitised(), fields.has("so-hoa")))
        })
    }
}

/// The files after a button was pressed that changes their order, takes one away, or only sends what was chosen; and the control where one
/// goes on.
pub(super) fn moved(fields: &Fields) -> Option<(Fields, String)> {
    if fields.has("tai-len") {
        return Some((fields.clone(), fields.text("tai-len").to_owned()));
    }
    let pressed = MOVES.into_iter().find(|button| fields.has(button))?;
    let (part, file) = fields.text(pressed).rsplit_once(':')?;
    let control = format!("g/{part}/co");
    let mut files: Vec<_> = fields.all(&control).map(str::to_owned).collect();
    let at = files.iter().position(|known| known == file)?;
    match pressed {
        "len" if at > 0 => files.swap(at, at - 1),
        "xuong" if at + 1 < files.len() => files.swap(at, at + 1),
        "bo" => drop(files.remove(at)),
        _ => {}
    }
    let others = fields.iter().filter(|(name, _)| *name != control && *name != pressed);
    let others = others.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let moved = others.chain(files.into_iter().map(|file| (control.clone(), file)));
    Some((Fields::of(moved.collect()), format!("g/{part}/tep")))
}

/// The parts of the dossier: those that the procedure lists, and those that somebody named besides. Where it lists none, one for all.
fn parts(opened: &Opened, fields: &Fields) -> Vec<String> {
    let mut parts: Vec<String> = opened.procedure.documents.iter().map(|asked| asked.part.clone()).collect();
    let named = opened.application.documents.iter().map(|document| document.part.as_str());
    let filled = fields.iter().filter_map(|(name, _)| Some(name.strip_prefix("g/")?.rsplit_once('/')?.0));
    for part in named.chain(filled) {
        if parts.iter().all(|known| known != part) {
            parts.push(part.to_owned());
        }
    }
    if parts.is_empty() {
        parts.push("1".to_owned());
    }
    parts
}

fn need(visitor: &Visitor, asked: &ProcedureDocument) -> String {
    let words = visitor.words;
    let need = match (&asked.condition, asked.required) {
        _ if !asked.from_data.is_empty() => words.web_not_asked_for(&asked.from_data),
        (Some(condition), _) => words.web_only_if(visitor.text(Some(condition))),
        (None, true) => words.web_required().to_owned(),
        (None, false) => words.web_if_you_have_it().to_owned(),
    };
    let originals = (asked.originals > 0).then(|| words.web_originals(asked.originals));
    let copies = (asked.copies > 0).then(|| words.web_copies(asked.copies));
    [Some(need), originals, copies].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn count(name: &str, label: &str, fields: &Fields, faults: &Faults) -> Markup {
    let value = fields.text(name);
    part::text(
        &part::Text { name, label, value, inputmode: "numeric", width: 4, ..part::Text::DEFAULT },
        faults,
    )
}

/// What is known of files, by id; those that are gone are left out.
pub(super) async fn files(
    portal: &Portal,
    visitor: &Visitor,
    ids: Vec<String>,
) -> BTreeMap<String, Attachment> {
    let asked = ids.into_iter().map(|attachment_id| async move {
        let mut attachments = AttachmentServiceClient::new(portal.intake(visitor));
        let answer = attachments.get_attachment(soon(GetAttachmentRequest { attachment_id })).await.ok()?;
        answer.into_inner().attachment
    });
    let known = join_all(asked).await.into_iter().flatten();
    known.map(|file| (file.attachment_id.clone(), file)).collect()
}
