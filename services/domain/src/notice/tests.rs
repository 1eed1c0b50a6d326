use std::{collections::BTreeSet, time::Duration};

use proptest::prelude::*;

use super::*;
use crate::id::{OfficerId, UnitId};

#[test]
fn a_citizen_hears_of_each_fact_that_concerns_them_and_of_no_other() {
    assert_eq!(of(Fact::Submitted), Some(Notice::ApplicationAccepted));
    assert_eq!(of(Fact::CaseOpened), Some(Notice::CaseOpened));
    assert_eq!(of(Fact::Completed { granted: true }), Some(Notice::ResultReady));
    assert_eq!(of(Fact::Completed { granted: false }), Some(Notice::ApplicationRefused));
    assert_eq!(of(Fact::Internal), None);
}

#[test]
fn every_notice_has_a_template_of_its_own_and_the_stages_follow_their_order() {
    let templates: BTreeSet<_> = Notice::ALL.into_iter().map(Notice::template).collect();
    assert_eq!(templates.len(), Notice::ALL.len());
    assert!(Notice::ALL.is_sorted_by_key(|notice| notice.stage()));
    for notice in Notice::ALL {
        assert_eq!(serde_json::to_value(notice).unwrap(), notice.template());
        assert_eq!(Notice::parse(notice.template()), Some(notice));
    }
}

#[test]
fn names_go_there_and_back() {
    for channel in Channel::ALL {
        assert_eq!(Channel::parse(channel.as_str()), Some(channel));
    }
    assert_eq!((Channel::parse("pigeon"), Notice::parse("")), (None, None));
    let (unit, officer) = (UnitId::of("37", "13285"), OfficerId::of("37", "cb-1"));
    for audience in [
        Audience::Applicant,
        Audience::Proxy,
        Audience::Unit(unit),
        Audience::Officer(officer),
        Audience::Supervisor(unit),
        Audience::Operators,
    ] {
        assert_eq!(Audience::parse(&audience.key()), Some(audience));
    }
    for none in ["", "unit", "unit:", "unit:off_1", "everybody"] {
        assert_eq!(Audience::parse(none), None, "{none}");
    }
}

#[test]
fn each_person_is_written_to_where_they_are_reached_and_nobody_twice() {
    let with = |email: &str, proxy: Option<&str>| Contact {
        name: "Nguyễn Thị Lan".into(),
        email: email.into(),
        proxy: proxy.map(|email| Addressee { email: email.into(), ..Addressee::default() }),
        ..Contact::default()
    };
    let (own, proxy) = (Audience::Applicant, Audience::Proxy);
    for (contact, reached) in [
        (with("", None), &[][..]),
        (with("lan@example.vn", None), &[own]),
        // Who has no address is written to at that of whoever acts for them.
        (with("", Some("minh@example.vn")), &[proxy]),
        (with("lan@example.vn", Some("minh@example.vn")), &[own, proxy]),
        (with("lan@example.vn", Some("Lan@example.vn ")), &[own]),
        (with("lan@example.vn", Some("")), &[own]),
    ] {
        assert_eq!(contact.reached_over(Channel::Email), reached);
        assert_eq!(contact.reached_over(Channel::Sms), []);
    }
    let lan = Contact {
        telephone: "0912 345 678".into(),
        proxy: Some(Addressee { telephone: "+84912345678".into(), ..Addressee::default() }),
        ..Contact::default()
    };
    assert_eq!(lan.reached_over(Channel::Sms), [own]);
    assert_eq!(Channel::InApp.first_state(), State::Sent);
    assert_eq!(Channel::Sms.first_state(), State::Created);
}

#[test]
fn a_contact_never_gets_into_a_log() {
    let contact =
        Contact { name: "Lan".into(), email: "lan@example.vn".into(), telephone: "0912".into(), proxy: None };
    assert_eq!(format!("{contact:?}"), "Contact(…)");
}

#[test]
fn pauses_double_up_to_the_longest() {
    let patience =
        Patience { attempts: 9, first: Duration::from_secs(30), longest: Duration::from_secs(100) };
    let pause = |attempt| patience.after(Fault::Passing, attempt, u16::MAX);
    for (attempt, seconds) in [(1, 30), (2, 60), (3, 100), (8, 100)] {
        assert_eq!(pause(attempt), Next::Again { after: Duration::from_secs(seconds) });
    }
    assert_eq!(pause(9), Next::GiveUp);
}

proptest! {
    #[test]
    fn telling_always_ends_and_no_pause_is_out_of_bounds(
        attempts in 0u32..50,
        first in 0u64..1_000_000,
        longest in 0u64..100_000_000,
        spread: u16,
    ) {
        let patience = Patience {
            attempts,
            first: Duration::from_millis(first),
            longest: Duration::from_millis(longest),
        };
        for attempt in 1..=attempts.max(1) {
            prop_assert_eq!(patience.after(Fault::Lasting, attempt, spread), Next::GiveUp);
            match patience.after(Fault::Passing, attempt, spread) {
                Next::GiveUp => prop_assert!(attempt >= attempts),
                Next::Again { after } => {
                    prop_assert!(attempt < attempts);
                    prop_assert!(after <= patience.longest);
                    let full = patience.first.saturating_mul(1 << attempt.saturating_sub(1).min(31));
                    prop_assert!(after <= full && after >= full.min(patience.longest) / 2);
                }
            }
        }
    }
}
