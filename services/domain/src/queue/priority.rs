//! Who is called before others, and by which law.

use serde::{Deserialize, Serialize};

/// The ground of a priority. It says nothing of who holds the ticket, and is not proved at the machine: the officer who calls sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// 60 years or older: Law on the Elderly 39/2009/QH12, art. 2; to be given priority in the use of services by art. 3 (1) (c) (both found).
    Elderly,
    /// A severe or especially severe disability: Law on Persons with Disabilities 51/2010/QH12, art. 3 (general knowledge, not checked).
    Disabled,
    /// Pregnant. We know of no article for counters; centres publish it in their rules of the house (general knowledge).
    Pregnant,
    /// With a child younger than 36 months. Likewise.
    SmallChild,
    /// A person of merit to the revolution: Ordinance 02/2020/UBTVQH14, art. 3 (general knowledge, not checked).
    Merit,
}

impl Priority {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Elderly, Self::Disabled, Self::Pregnant, Self::SmallChild, Self::Merit];
}
