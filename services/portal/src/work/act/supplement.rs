//! The citizen is asked to supplement the dossier, once.

use maud::Markup;
use phidia_proto::processing::v1::RequestSupplementRequest;
use phidia_words::Words;

use super::{Act, Deed, Scene};
use crate::{part, services::soon, trouble::Trouble};

pub(super) struct RequestSupplement;

impl Act for RequestSupplement {
    const SLUG: &'static str = "bo-sung";
    const IN_HAND: bool = true;

    fn title(words: Words) -> &'static str {
        words.web_work_supplement()
    }

    fn meaning(words: Words) -> &'static str {
        words.web_work_supplement_meaning()
    }

    fn fields(scene: &Scene<'_>) -> Markup {
        let words = scene.visitor.words;
        let hint = Some(words.web_work_supplement_hint());
        part::area(
            "noi-dung",
            words.web_work_supplement_what(),
            hint,
            scene.typed.text("noi-dung"),
            8,
            scene.faults,
        )
    }

    fn control(field: &str) -> Option<&'static str> {
        (field == "reasons").then_some("noi-dung")
    }

    async fn act(deed: Deed<'_>) -> Result<(), Trouble> {
        let seen = deed.seen()?;
        // One reason a line.
        let reasons = deed.fields.text("noi-dung").lines().map(str::trim).filter(|line| !line.is_empty());
        let request = RequestSupplementRequest {
            work_item: Some(seen.work_item),
            fence: seen.fence,
            reasons: reasons.map(str::to_owned).collect(),
        };
        deed.cases().request_supplement(soon(request)).await?;
        Ok(())
    }
}
