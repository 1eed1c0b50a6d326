//! An earlier step is to be corrected.

use maud::{Markup, html};
use phidia_proto::processing::v1::SendBackStepRequest;
use phidia_words::Words;

use super::{Act, Deed, Scene};
use crate::{part, services::soon, trouble::Trouble};

pub(super) struct SendBack;

impl Act for SendBack {
    const SLUG: &'static str = "tra-lai";
    const IN_HAND: bool = true;

    fn title(words: Words) -> &'static str {
        words.web_work_send_back()
    }

    fn meaning(words: Words) -> &'static str {
        words.web_work_send_back_meaning()
    }

    fn fields(scene: &Scene<'_>) -> Markup {
        let words = scene.visitor.words;
        let at = scene.item.and_then(|item| item.work_item.as_ref()).map_or(u32::MAX, |item| item.step);
        let chosen = scene.typed.text("ve-buoc");
        html! {
            fieldset.choices {
                legend { (words.web_work_to_step()) }
                @if let Some(fault) = scene.faults.at("ve-buoc") { p.fault { (fault) } }
                @for step in scene.steps.iter().filter(|step| step.number < at) {
                    @let number = step.number.to_string();
                    (part::radio("ve-buoc", &number, &scene.step(step.number), chosen == number))
                }
            }
            (part::area("ly-do", words.web_work_to_correct(), None, scene.typed.text("ly-do"), 5, scene.faults))
        }
    }

    fn control(field: &str) -> Option<&'static str> {
        match field {
            "to_step" => Some("ve-buoc"),
            "reason" => Some("ly-do"),
            _ => None,
        }
    }

    async fn act(deed: Deed<'_>) -> Result<(), Trouble> {
        let seen = deed.seen()?;
        let request = SendBackStepRequest {
            work_item: Some(seen.work_item),
            fence: seen.fence,
            // None is chosen: the service says so.
            to_step: deed.fields.text("ve-buoc").parse().unwrap_or(0),
            reason: deed.fields.text("ly-do").to_owned(),
        };
        deed.cases().send_back_step(soon(request)).await?;
        Ok(())
    }
}
