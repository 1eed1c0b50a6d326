//! The application is refused, with a reason.

use maud::Markup;
use phidia_proto::{events::v1::StepOutcome, processing::v1::CompleteStepRequest};
use phidia_words::Words;

use super::{Act, Deed, Scene};
use crate::{part, services::soon, trouble::Trouble};

pub(super) struct Refuse;

impl Act for Refuse {
    const SLUG: &'static str = "tu-choi";
    const IN_HAND: bool = true;
    const GRAVE: bool = true;

    fn title(words: Words) -> &'static str {
        words.web_work_refuse()
    }

    fn meaning(words: Words) -> &'static str {
        words.web_work_refuse_meaning()
    }

    fn fields(scene: &Scene<'_>) -> Markup {
        let words = scene.visitor.words;
        let hint = Some(words.web_work_refusal_hint());
        part::area("ly-do", words.web_work_refusal_reason(), hint, scene.typed.text("ly-do"), 6, scene.faults)
    }

    fn control(field: &str) -> Option<&'static str> {
        (field == "refusal_reason").then_some("ly-do")
    }

    async fn act(deed: Deed<'_>) -> Result<(), Trouble> {
        let seen = deed.seen()?;
        let request = CompleteStepRequest {
            work_item: Some(seen.work_item),
            fence: seen.fence,
            outcome: StepOutcome::Refused.into(),
            refusal_reason: deed.fields.text("ly-do").to_owned(),
            next_step: 0,
        };
        deed.cases().complete_step(soon(request)).await?;
        Ok(())
    }
}
