//! What a procedure costs, and what is due for one application.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Procedure, Text};
use crate::application::Channel;

/// A line of the fees of a procedure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fee {
    /// Its code within the procedure.
    pub code: String,
    /// Of which kind.
    pub kind: FeeKind,
    /// Name in both languages.
    pub name: Text,
    /// Whole đồng for one of what it is counted by.
    pub amount_vnd: i64,
    /// The same for who applies online; none: no other.
    pub online_amount_vnd: Option<i64>,
    /// What it is counted by.
    pub per: FeeUnit,
    /// Who pays nothing.
    pub exempt: BTreeSet<Exemption>,
    /// The source, and what is assumed.
    pub basis: String,
}

/// The two kinds of the Law on Fees and Charges (97/2015/QH13, art. 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeKind {
    /// *phí*: makes up for what a service costs.
    Fee,
    /// *lệ phí*: a fixed sum for being served by the state.
    Charge,
}

/// What a line is counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeUnit {
    /// Once for the application.
    Application,
    /// Each copy that is made out.
    Copy,
    /// Each page.
    Page,
    /// Each signature.
    Signature,
    /// Each transaction or contract.
    Transaction,
}

/// Groups that the law lets off fees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exemption {
    /// A child.
    Child,
    /// An elderly person.
    Elderly,
    /// A person with a disability.
    Disabled,
    /// A person of merit, or of their family.
    Merit,
    /// Of a poor household.
    PoorHousehold,
    /// Of a household near poverty.
    NearPoorHousehold,
    /// Of an ethnic minority in a commune of particular hardship.
    RemoteMinority,
    /// Everybody whose matter is filed in time, as with births and deaths.
    InTime,
}

/// A line as it comes out for one application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueLine {
    /// Code of the fee; empty for the fixed sum of a procedure without lines.
    pub code: String,
    /// Of which kind; none where the sum of the procedure does not say it.
    pub kind: Option<FeeKind>,
    /// Name in both languages.
    pub name: Text,
    /// What it is counted by.
    pub per: FeeUnit,
    /// How many; none: that is not known yet.
    pub quantity: Option<u32>,
    /// Whole đồng for one, by the channel.
    pub unit_vnd: i64,
    /// The group for which nothing is due.
    pub exempt: Option<Exemption>,
    /// Whole đồng; none: it depends on a quantity that is not known yet.
    pub amount_vnd: Option<i64>,
}

/// What is due for an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeesDue {
    /// Line by line.
    pub lines: Vec<DueLine>,
    /// Whether all of it is known: every quantity, and the sum of a procedure that states no lines.
    pub is_known: bool,
}

impl FeesDue {
    /// The sum of what is known, in whole đồng.
    pub fn total_vnd(&self) -> i64 {
        self.lines.iter().filter_map(|line| line.amount_vnd).fold(0, i64::saturating_add)
    }
}

/// What is due for an application that comes in by a channel, for so many copies, pages …, from somebody of these groups. The lines of
/// the procedure say it; where it states none, its fixed sum; where that is not stated either, it is not known.
pub fn fees_due(
    procedure: &Procedure,
    channel: Channel,
    quantities: &BTreeMap<FeeUnit, u32>,
    groups: &BTreeSet<Exemption>,
) -> FeesDue {
    let mut lines: Vec<_> = procedure.fees.iter().map(|fee| due(fee, channel, quantities, groups)).collect();
    if procedure.fees.is_empty()
        && let Some(sum) = procedure.fee_vnd.filter(|sum| *sum > 0)
    {
        let name = Text { vi: "Phí, lệ phí".to_owned(), en: "Fee".to_owned() };
        lines.push(DueLine {
            code: String::new(),
            kind: None,
            name,
            per: FeeUnit::Application,
            quantity: Some(1),
            unit_vnd: sum,
            exempt: None,
            amount_vnd: Some(sum),
        });
    }
    let is_stated = !procedure.fees.is_empty() || procedure.fee_vnd.is_some() || procedure.fee_rule == "free";
    let is_known = is_stated && lines.iter().all(|line| line.amount_vnd.is_some());
    FeesDue { lines, is_known }
}

fn due(
    fee: &Fee,
    channel: Channel,
    quantities: &BTreeMap<FeeUnit, u32>,
    groups: &BTreeSet<Exemption>,
) -> DueLine {
    let online = fee.online_amount_vnd.filter(|_| channel == Channel::Online);
    let unit_vnd = online.unwrap_or(fee.amount_vnd);
    let exempt = fee.exempt.intersection(groups).next().copied();
    let quantity = match fee.per {
        FeeUnit::Application => Some(1),
        per => quantities.get(&per).copied(),
    };
    let amount_vnd = match exempt {
        Some(_) => Some(0),
        None if unit_vnd == 0 => Some(0),
        None => quantity.map(|quantity| unit_vnd.saturating_mul(i64::from(quantity))),
    };
    DueLine {
        code: fee.code.clone(),
        kind: Some(fee.kind),
        name: fee.name.clone(),
        per: fee.per,
        quantity,
        unit_vnd,
        exempt,
        amount_vnd,
    }
}

impl FeeKind {
    /// Its name.
    pub fn in_words(self) -> Text {
        match self {
            Self::Fee => text("phí", "fee"),
            Self::Charge => text("lệ phí", "charge"),
        }
    }
}

impl FeeUnit {
    /// Its name.
    pub fn in_words(self) -> Text {
        match self {
            Self::Application => text("hồ sơ", "application"),
            Self::Copy => text("bản sao", "copy"),
            Self::Page => text("trang", "page"),
            Self::Signature => text("chữ ký", "signature"),
            Self::Transaction => text("giao dịch", "transaction"),
        }
    }
}

impl Exemption {
    /// Its name.
    pub fn in_words(self) -> Text {
        match self {
            Self::Child => text("trẻ em", "child"),
            Self::Elderly => text("người cao tuổi", "elderly person"),
            Self::Disabled => text("người khuyết tật", "person with a disability"),
            Self::Merit => text("người có công với cách mạng", "person of merit"),
            Self::PoorHousehold => text("hộ nghèo", "poor household"),
            Self::NearPoorHousehold => text("hộ cận nghèo", "household near poverty"),
            Self::RemoteMinority => {
                text("dân tộc thiểu số ở xã đặc biệt khó khăn", "ethnic minority of a remote commune")
            }
            Self::InTime => text("đăng ký đúng hạn", "registered in time"),
        }
    }
}

fn text(vi: &str, en: &str) -> Text {
    Text { vi: vi.to_owned(), en: en.to_owned() }
}

#[cfg(test)]
mod tests;
