//! What a step waits for that is laid down.

use super::{Payment, Referral, Supplement};
use crate::work_item::WorkItem;

/// What a step waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// The citizen is to supplement something.
    Supplement(Supplement),
    /// They are to pay something.
    Payment(Payment),
    /// Other offices are to answer something: whose answer is due first first.
    Offices(Vec<Referral>),
}

/// What was asked for during a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// What the citizen was asked to supplement.
    pub supplement: Option<Supplement>,
    /// What they were asked to pay.
    pub payments: Vec<Payment>,
    /// What other offices were asked.
    pub referrals: Vec<Referral>,
}

impl Asked {
    /// What one of its work items waits for; none: nothing that was asked for during it is open.
    pub fn awaited(&self, item: WorkItem) -> Option<Awaited> {
        let asked_for =
            |supplement: &&Supplement| supplement.work_item == item && supplement.received_at.is_none();
        if let Some(supplement) = self.supplement.as_ref().filter(asked_for) {
            return Some(Awaited::Supplement(*supplement));
        }
        let charged = |payment: &&Payment| payment.work_item == item && payment.paid_at.is_none();
        if let Some(payment) = self.payments.iter().find(charged) {
            return Some(Awaited::Payment(*payment));
        }
        let open = self.referrals.iter().filter(|asked| asked.work_item == item && asked.is_open());
        let mut open: Vec<_> = open.copied().collect();
        open.sort_by_key(|asked| (asked.due_at, asked.id));
        (!open.is_empty()).then_some(Awaited::Offices(open))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{
        case::{ReferralEnd, ReferralKind},
        id::{ApplicationId, CaseId, Id as _, OfficerId, ReferralId, UnitId},
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn item(step: u32) -> WorkItem {
        WorkItem::first(ApplicationId::from_uuid(uuid::Uuid::from_u128(1)), step)
    }

    fn referral(number: u128, step: u32, due: i64) -> Referral {
        Referral {
            id: ReferralId::from_uuid(uuid::Uuid::from_u128(number)),
            case: CaseId::from_uuid(uuid::Uuid::from_u128(2)),
            work_item: item(step),
            kind: ReferralKind::Verification,
            from: UnitId::of("37", "1"),
            to: UnitId::of("37", "2"),
            officer: OfficerId::of("37", "1-01"),
            fence: 1,
            asked_at: at(0),
            due_at: at(due),
            acknowledged_at: None,
            ended: None,
        }
    }

    #[test]
    fn each_step_waits_for_what_was_asked_for_during_it_and_is_open() {
        let officer = OfficerId::of("37", "1-01");
        let supplement = Supplement {
            work_item: item(1),
            officer,
            fence: 1,
            requested_at: at(1),
            until: at(9),
            received_at: None,
        };
        let payment = Payment {
            work_item: item(2),
            officer,
            fence: 1,
            amount_dong: 8_000,
            requested_at: at(1),
            paid_at: Some(at(2)),
            way: None,
        };
        let second = Payment { amount_dong: 9_000, paid_at: None, ..payment };
        let answered = Referral { ended: Some((ReferralEnd::Answered, at(3))), ..referral(5, 3, 1) };
        let mut asked = Asked {
            supplement: Some(supplement),
            payments: vec![payment, second],
            referrals: vec![referral(3, 3, 8), answered, referral(4, 3, 7)],
        };
        assert_eq!(asked.awaited(item(1)), Some(Awaited::Supplement(supplement)));
        assert_eq!(asked.awaited(item(2)), Some(Awaited::Payment(second)));
        assert_eq!(
            asked.awaited(item(3)),
            Some(Awaited::Offices(vec![referral(4, 3, 7), referral(3, 3, 8)])),
            "whose answer is due first first"
        );
        assert_eq!(asked.awaited(item(4)), None);
        asked.supplement = Some(Supplement { received_at: Some(at(4)), ..supplement });
        asked.payments.pop();
        asked.referrals = vec![answered];
        assert_eq!([1, 2, 3].map(|step| asked.awaited(item(step))), [None, None, None]);
    }
}
