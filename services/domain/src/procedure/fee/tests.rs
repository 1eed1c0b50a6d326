use super::*;
use crate::province::{Province, tests::small};

fn fee(code: &str, amount_vnd: i64, per: FeeUnit) -> Fee {
    let name = Text { vi: code.to_owned(), en: code.to_owned() };
    let (kind, basis) = (FeeKind::Charge, "test".to_owned());
    let (code, exempt) = (code.to_owned(), BTreeSet::new());
    Fee { code, kind, name, amount_vnd, online_amount_vnd: None, per, exempt, basis }
}

fn procedure(fee_vnd: Option<i64>, fee_rule: &str, fees: Vec<Fee>) -> Procedure {
    let province = Province::parse(&small()).unwrap();
    Procedure { fee_vnd, fee_rule: fee_rule.to_owned(), fees, ..province.procedure("1.1").unwrap().clone() }
}

#[test]
fn lines_are_counted_by_the_channel_the_quantities_and_who_applies() {
    let once = Fee { online_amount_vnd: Some(10_000), ..fee("charge", 20_000, FeeUnit::Application) };
    let exempt = BTreeSet::from([Exemption::Merit, Exemption::PoorHousehold]);
    let pages = Fee { exempt, ..fee("pages", 2_000, FeeUnit::Page) };
    let procedure = procedure(Some(7), "fixed", vec![once, pages]);
    let due = |channel, pages: Option<u32>, groups: &[Exemption]| {
        let quantities = pages.map(|pages| (FeeUnit::Page, pages)).into_iter().collect();
        fees_due(&procedure, channel, &quantities, &groups.iter().copied().collect())
    };
    let at_the_counter = due(Channel::Direct, Some(12), &[]);
    assert_eq!((at_the_counter.total_vnd(), at_the_counter.is_known), (44_000, true));
    assert_eq!(due(Channel::Online, Some(12), &[]).total_vnd(), 34_000);
    assert_eq!(due(Channel::Post, Some(12), &[Exemption::Child]).total_vnd(), 44_000);
    let poor = due(Channel::Direct, None, &[Exemption::PoorHousehold]);
    assert_eq!((poor.total_vnd(), poor.is_known), (20_000, true));
    assert_eq!(poor.lines[1].exempt, Some(Exemption::PoorHousehold));
    // How many pages there are is not known: what is due is not, either.
    let open = due(Channel::Direct, None, &[]);
    assert_eq!((open.total_vnd(), open.is_known, open.lines[1].amount_vnd), (20_000, false, None));
    assert_eq!(due(Channel::Direct, Some(u32::MAX), &[]).total_vnd(), 20_000 + 2_000 * i64::from(u32::MAX));
}

#[test]
fn without_lines_the_sum_of_the_procedure_is_due() {
    let due = |sum, rule: &str| {
        let due =
            fees_due(&procedure(sum, rule, vec![]), Channel::Direct, &BTreeMap::new(), &BTreeSet::new());
        (due.lines.len(), due.total_vnd(), due.is_known)
    };
    assert_eq!(due(Some(15_000), "fixed"), (1, 15_000, true));
    assert_eq!(due(Some(0), "free"), (0, 0, true));
    assert_eq!(due(None, "free"), (0, 0, true));
    // The People's Council sets it, and no source says what.
    assert_eq!(due(None, "provincial_council"), (0, 0, false));
}
