//! A step is done.

use maud::{Markup, html};
use phidia_proto::{events::v1::StepOutcome, processing::v1::CompleteStepRequest};
use phidia_words::Words;

use super::{Act, Deed, Scene};
use crate::{part, services::soon, trouble::Trouble};

pub(super) struct Complete;

impl Act for Complete {
    const SLUG: &'static str = "xong";
    const IN_HAND: bool = true;

    fn title(words: Words) -> &'static str {
        words.web_work_complete()
    }

    fn meaning(words: Words) -> &'static str {
        words.web_work_complete_meaning()
    }

    fn fields(scene: &Scene<'_>) -> Markup {
        let words = scene.visitor.words;
        let next = scene.item.map(|item| item.next_steps.as_slice()).unwrap_or_default();
        let chosen = scene.typed.text("buoc-sau");
        html! {
            @match next {
                [] => p { (words.web_work_ends_the_case()) },
                [only] => p { (words.web_work_goes_on_with(scene.step(*only))) },
                many => fieldset.choices {
                    legend { (words.web_work_next_step()) }
                    @if let Some(fault) = scene.faults.at("buoc-sau") { p.fault { (fault) } }
                    @for (place, step) in many.iter().enumerate() {
                        @let number = step.to_string();
                        @let is_chosen = if chosen.is_empty() { place == 0 } else { chosen == number };
                        (part::radio("buoc-sau", &number, &scene.step(*step), is_chosen))
                    }
                },
            }
        }
    }

    fn control(field: &str) -> Option<&'static str> {
        (field == "next_step").then_some("buoc-sau")
    }

    async fn act(deed: Deed<'_>) -> Result<(), Trouble> {
        let seen = deed.seen()?;
        let request = CompleteStepRequest {
            work_item: Some(seen.work_item),
            fence: seen.fence,
            outcome: StepOutcome::Approved.into(),
            refusal_reason: String::new(),
            // Without a choice it is the usual one.
            next_step: deed.fields.text("buoc-sau").parse().unwrap_or(0),
        };
        deed.cases().complete_step(soon(request)).await?;
        Ok(())
    }
}
