//! A case that was decided is opened again, by a decision.

use maud::{Markup, html};
use phidia_proto::processing::v1::{ReopenCaseRequest, reopen_case_request::Key};
use phidia_words::Words;

use super::{Act, Deed, Scene};
use crate::{part, services::soon, trouble::Trouble};

pub(super) struct Reopen;

impl Act for Reopen {
    const SLUG: &'static str = "mo-lai";
    const IN_HAND: bool = false;
    const GRAVE: bool = true;

    fn title(words: Words) -> &'static str {
        words.web_work_reopen()
    }

    fn meaning(words: Words) -> &'static str {
        words.web_work_reopen_meaning()
    }

    fn fields(scene: &Scene<'_>) -> Markup {
        let words = scene.visitor.words;
        let typed = scene.typed;
        html! {
            (part::text(&part::Text {
                name: "quyet-dinh",
                label: words.web_work_decision(),
                hint: Some(words.web_work_decision_hint()),
                value: typed.text("quyet-dinh"),
                width: 40,
                ..part::Text::DEFAULT
            }, scene.faults))
            (part::area("ly-do", words.web_work_reopen_reason(), None, typed.text("ly-do"), 4, scene.faults))
            (part::select("ve-buoc", words.web_work_from_step(), None, scene.faults, html! {
                option value="0" { (words.web_work_the_last_step()) }
                @for step in scene.steps {
                    option value=(step.number) selected[typed.text("ve-buoc") == step.number.to_string()] { (scene.step(step.number)) }
                }
            }))
        }
    }

    fn control(field: &str) -> Option<&'static str> {
        match field {
            "decision" => Some("quyet-dinh"),
            "reason" => Some("ly-do"),
            "to_step" => Some("ve-buoc"),
            _ => None,
        }
    }

    async fn act(deed: Deed<'_>) -> Result<(), Trouble> {
        let request = ReopenCaseRequest {
            key: Some(Key::ApplicationId(deed.application_id.to_owned())),
            decision: deed.fields.text("quyet-dinh").to_owned(),
            reason: deed.fields.text("ly-do").to_owned(),
            to_step: deed.fields.text("ve-buoc").parse().unwrap_or(0),
        };
        deed.cases().reopen_case(soon(request)).await?;
        Ok(())
    }
}
