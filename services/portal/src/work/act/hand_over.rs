//! The result is handed over.

use maud::{Markup, html};
use phidia_proto::{
    events::v1::HandOverWay,
    processing::v1::{
        HandOverResultRequest, hand_over_result_request::Key, result_service_client::ResultServiceClient,
    },
    types::v1::ReturnWay,
};
use phidia_words::Words;

use super::{Act, Deed, Scene};
use crate::{part, services::soon, trouble::Trouble};

pub(super) struct HandOver;

/// The ways, as the form says them.
const WAYS: [(&str, HandOverWay); 4] = [
    ("truc-tiep", HandOverWay::InPerson),
    ("uy-quyen", HandOverWay::Authorised),
    ("buu-chinh", HandOverWay::Post),
    ("dien-tu", HandOverWay::Electronic),
];

impl Act for HandOver {
    const SLUG: &'static str = "trao";
    const IN_HAND: bool = false;

    fn title(words: Words) -> &'static str {
        words.web_work_hand_over()
    }

    fn meaning(words: Words) -> &'static str {
        words.web_work_hand_over_meaning()
    }

    fn fields(scene: &Scene<'_>) -> Markup {
        let words = scene.visitor.words;
        let wanted = match ReturnWay::try_from(scene.case.result_by).unwrap_or_default() {
            ReturnWay::Post => HandOverWay::Post,
            ReturnWay::Electronic => HandOverWay::Electronic,
            ReturnWay::Counter | ReturnWay::Unspecified => HandOverWay::InPerson,
        };
        let chosen = scene.typed.text("cach");
        html! {
            fieldset.choices {
                legend { (words.web_work_how_handed_over()) }
                @if let Some(fault) = scene.faults.at("cach") { p.fault { (fault) } }
                @for (name, way) in WAYS {
                    @let is_chosen = if chosen.is_empty() { way == wanted } else { chosen == name };
                    (part::radio("cach", name, in_words(words, way), is_chosen))
                }
            }
            (part::text(&part::Text {
                name: "nguoi-nhan",
                label: words.web_work_receiver(),
                hint: Some(words.web_work_receiver_hint()),
                value: scene.typed.text("nguoi-nhan"),
                ..part::Text::DEFAULT
            }, scene.faults))
        }
    }

    fn control(field: &str) -> Option<&'static str> {
        match field {
            "way" => Some("cach"),
            "receiver" => Some("nguoi-nhan"),
            _ => None,
        }
    }

    async fn act(deed: Deed<'_>) -> Result<(), Trouble> {
        let chosen = deed.fields.text("cach");
        let way = WAYS
            .into_iter()
            .find(|(name, _)| *name == chosen)
            .map_or(HandOverWay::Unspecified, |(_, way)| way);
        let request = HandOverResultRequest {
            key: Some(Key::ApplicationId(deed.application_id.to_owned())),
            way: way.into(),
            receiver: deed.fields.text("nguoi-nhan").to_owned(),
        };
        ResultServiceClient::new(deed.portal.processing(deed.visitor))
            .hand_over_result(soon(request))
            .await?;
        Ok(())
    }
}

pub(in crate::work) fn in_words(words: Words, way: HandOverWay) -> &'static str {
    match way {
        HandOverWay::Unspecified => "–",
        HandOverWay::InPerson => words.web_work_in_person(),
        HandOverWay::Authorised => words.web_work_to_authorised(),
        HandOverWay::Post => words.web_work_by_post(),
        HandOverWay::Electronic => words.web_work_by_file(),
    }
}
