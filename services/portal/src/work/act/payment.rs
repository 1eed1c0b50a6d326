//! The citizen is asked to pay something before the case goes on.

use maud::{Markup, html};
use phidia_domain::Rejection;
use phidia_proto::processing::v1::RequestPaymentRequest;
use phidia_words::Words;

use super::{Act, Deed, Scene};
use crate::{part, services::soon, trouble::Trouble};

pub(super) struct RequestPayment;

impl Act for RequestPayment {
    const SLUG: &'static str = "thu-tien";
    const IN_HAND: bool = true;

    fn title(words: Words) -> &'static str {
        words.web_work_payment()
    }

    fn meaning(words: Words) -> &'static str {
        words.web_work_payment_meaning()
    }

    fn fields(scene: &Scene<'_>) -> Markup {
        let words = scene.visitor.words;
        html! {
            (part::text(&part::Text {
                name: "so-tien",
                label: words.web_work_amount(),
                hint: Some(words.web_work_amount_hint()),
                value: scene.typed.text("so-tien"),
                inputmode: "numeric",
                width: 15,
                ..part::Text::DEFAULT
            }, scene.faults))
            (part::area("ve-viec", words.web_work_purpose(), None, scene.typed.text("ve-viec"), 3, scene.faults))
        }
    }

    fn control(field: &str) -> Option<&'static str> {
        match field {
            "amount_dong" => Some("so-tien"),
            "purpose" => Some("ve-viec"),
            _ => None,
        }
    }

    async fn act(deed: Deed<'_>) -> Result<(), Trouble> {
        let seen = deed.seen()?;
        let request = RequestPaymentRequest {
            work_item: Some(seen.work_item),
            fence: seen.fence,
            amount_dong: amount(deed.fields.text("so-tien"))?,
            purpose: deed.fields.text("ve-viec").to_owned(),
        };
        deed.cases().request_payment(soon(request)).await?;
        Ok(())
    }
}

/// A sum as people write it: `1.500.000`, `1 500 000`, `1500000 đ`.
fn amount(text: &str) -> Result<i64, Rejection> {
    let digits: String = text
        .trim_end_matches(['đ', ' '])
        .chars()
        .filter(|letter| !matches!(letter, '.' | ',' | ' ' | '\u{a0}'))
        .collect();
    digits.parse().map_err(|_| {
        Rejection::invalid("MALFORMED_AMOUNT", "amount_dong", "expected a sum in VND, such as 1.500.000")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_read_as_people_write_them() {
        for text in ["1500000", "1.500.000", "1 500 000 đ", "1,500,000đ"] {
            assert_eq!(amount(text).unwrap(), 1_500_000, "{text}");
        }
        for text in ["", "nhiều", "1.5e6", "99999999999999999999"] {
            assert_eq!(amount(text).unwrap_err().reason, "MALFORMED_AMOUNT", "{text}");
        }
    }
}
