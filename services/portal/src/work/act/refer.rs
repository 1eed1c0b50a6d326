//! Other offices are asked something.

use maud::{Markup, html};
use phidia_domain::Rejection;
use phidia_proto::{
    processing::v1::{ReferCaseRequest, referral_service_client::ReferralServiceClient},
    types::v1::ReferralKind,
};
use phidia_words::Words;

use super::{Act, Deed, Scene};
use crate::{part, services::soon, trouble::Trouble};

pub(super) struct Refer;

/// How many offices the form can name: more are asked seldom, and then once more.
const OFFICES: [&str; 3] = ["don-vi-1", "don-vi-2", "don-vi-3"];
const AGENCY: &str = "phoi-hop";
const VERIFICATION: &str = "xac-minh";

impl Act for Refer {
    const SLUG: &'static str = "hoi";
    const IN_HAND: bool = true;

    fn title(words: Words) -> &'static str {
        words.web_work_refer()
    }

    fn meaning(words: Words) -> &'static str {
        words.web_work_refer_meaning()
    }

    fn fields(scene: &Scene<'_>) -> Markup {
        let words = scene.visitor.words;
        let typed = scene.typed;
        let is_agency = typed.text("loai") == AGENCY;
        let own = scene.visitor.staff().map(|staff| staff.unit.as_str()).unwrap_or_default();
        html! {
            fieldset.choices {
                legend { (words.web_work_refer_kind()) }
                @if let Some(fault) = scene.faults.at("loai") { p.fault { (fault) } }
                (part::radio("loai", VERIFICATION, words.web_work_refer_verification(), !is_agency))
                (part::radio("loai", AGENCY, words.web_work_refer_agency(), is_agency))
            }
            @for (place, name) in OFFICES.into_iter().enumerate() {
                (part::select(name, &words.web_work_office(place + 1), None, scene.faults, html! {
                    option value="" { (words.web_choose()) }
                    @for unit in scene.units.all().iter().filter(|unit| unit.code != own) {
                        option value=(unit.code) selected[typed.text(name) == unit.code] { (scene.visitor.text(unit.name.as_ref())) }
                    }
                }))
            }
            (part::area("cau-hoi", words.web_work_question(), None, typed.text("cau-hoi"), 5, scene.faults))
            (part::text(&part::Text {
                name: "so-ngay",
                label: words.web_work_days(),
                hint: Some(words.web_work_days_hint()),
                value: typed.text("so-ngay"),
                inputmode: "numeric",
                width: 4,
                ..part::Text::DEFAULT
            }, scene.faults))
        }
    }

    fn control(field: &str) -> Option<&'static str> {
        match field {
            "kind" => Some("loai"),
            "unit_codes" => Some(OFFICES[0]),
            "question" => Some("cau-hoi"),
            "working_days" => Some("so-ngay"),
            _ => None,
        }
    }

    async fn act(deed: Deed<'_>) -> Result<(), Trouble> {
        let seen = deed.seen()?;
        let fields = deed.fields;
        let kind = match fields.text("loai") {
            AGENCY => ReferralKind::Agency,
            _ => ReferralKind::Verification,
        };
        let working_days = match (kind, fields.text("so-ngay")) {
            // The law gives a verification its three days.
            (ReferralKind::Verification, _) | (_, "") => 0,
            (_, days) => {
                let wrong = |_| {
                    Rejection::invalid("OUT_OF_RANGE", "working_days", "expected a number of working days")
                };
                days.parse().map_err(wrong)?
            }
        };
        let codes = OFFICES.into_iter().map(|name| fields.text(name)).filter(|code| !code.is_empty());
        let request = ReferCaseRequest {
            work_item: Some(seen.work_item),
            fence: seen.fence,
            kind: kind.into(),
            unit_codes: codes.map(str::to_owned).collect(),
            question: fields.text("cau-hoi").to_owned(),
            working_days,
        };
        ReferralServiceClient::new(deed.portal.processing(deed.visitor)).refer_case(soon(request)).await?;
        Ok(())
    }
}
