//! The proof that nothing is lost or doubled, for the verb and for every hour. It may run against a house under
//! load:
//!
//! 1. It notes the producers' positions and waits until the subscribers have passed them.
//! 2. It compares sums by day, and asks for ids only of days on which the services do not agree.
//! 3. What looks lost or doubled there may have been on its way while one service was read after the other: for
//!    these days it begins again, and names only what stays so as long as its patience lasts.
//!
//! Beside that it asks whether the board adds up to the open decisions, until it is told so twice.

mod hourly;
mod services;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use phidia_domain::{
    conservation::{Balance, Day},
    id::UnitId,
};
use phidia_proto::events::v1::UnitDrift;

pub(crate) use hourly::{ConservationConfig, hourly};
pub(crate) use services::Services;

/// Bounds of the pause before something is looked at again.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(2)];

/// What was found.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) balance: Balance,
    pub(crate) board: BoardState,
    /// Events parked at any source for any subscriber.
    pub(crate) parked: u64,
}

/// How the board stands beside the open decisions.
#[derive(Debug)]
pub(crate) enum BoardState {
    /// It adds up.
    Even,
    /// At these units it does not.
    Drifting(Vec<UnitDrift>),
    /// Not to be told, for this reason: that is no loss, a board is built from the store at any time.
    Unknown(String),
}

impl BoardState {
    /// Working minutes by which it is wrong; none: not known.
    pub(crate) fn drift_minutes(&self) -> Option<i64> {
        match self {
            Self::Even => Some(0),
            Self::Drifting(drifts) => Some(drifts.iter().map(|drift| drift.minutes).sum()),
            Self::Unknown(_) => None,
        }
    }
}

impl Report {
    /// Whether all is as it should be.
    pub(crate) fn holds(&self) -> bool {
        self.balance.holds() && !matches!(self.board, BoardState::Drifting(_))
    }
}

/// Adds up what all services hold. `patience` is how long each of these may take: that what is on its way
/// arrives, and that what looks wrong comes right.
///
/// # Errors
/// When a service does not answer, and `NOT_ARRIVED` when something stays on its way: what it brings would look
/// lost.
pub(crate) async fn examine(services: &Services, patience: Duration) -> anyhow::Result<Report> {
    let (balance, board) = tokio::try_join!(balance(services, patience), board(services, patience))?;
    Ok(Report { balance, board, parked: services.parked().await? })
}

async fn balance(services: &Services, patience: Duration) -> anyhow::Result<Balance> {
    services.arrived(patience).await?;
    let books = services.books().await?;
    let mut balance = books.balance_of_agreed();
    let mut doubtful: BTreeSet<Day> = books.days().into_iter().filter(|day| !books.agree_on(*day)).collect();
    let mut seen = BTreeMap::<Day, Balance>::new();
    let (since, mut pauses) = (Instant::now(), Pauses::default());
    while !doubtful.is_empty() {
        let last = !seen.is_empty() && since.elapsed() >= patience;
        for day in std::mem::take(&mut doubtful) {
            let mut again = Balance::of(&services.holdings(day).await?);
            let first = match seen.get(&day) {
                Some(before) => {
                    again.only_if_still(before);
                    false
                }
                None => true,
            };
            if !again.holds() && (first || !last) {
                doubtful.insert(day);
            }
            seen.insert(day, again);
        }
        if !doubtful.is_empty() {
            pauses.next().await;
            services.arrived(patience).await?;
        }
    }
    seen.into_values().for_each(|day| balance.add(day));
    Ok(balance)
}

async fn board(services: &Services, patience: Duration) -> anyhow::Result<BoardState> {
    let (since, mut pauses) = (Instant::now(), Pauses::default());
    // Units that drifted at every look so far, and at how many.
    let (mut suspects, mut looks) = (BTreeMap::<UnitId, UnitDrift>::new(), 0);
    loop {
        let told = services.board().await?;
        let last = since.elapsed() >= patience;
        match told {
            Ok(drifts) => {
                let mut again = BTreeMap::new();
                for drift in drifts {
                    let unit: UnitId = drift.unit_id.parse()?;
                    if looks == 0 || suspects.contains_key(&unit) {
                        again.insert(unit, drift);
                    }
                }
                if again.is_empty() {
                    return Ok(BoardState::Even);
                }
                suspects = again;
                looks += 1;
            }
            Err(reason) if last && looks < 2 => return Ok(BoardState::Unknown(reason)),
            Err(_) => {}
        }
        if last && looks > 1 {
            return Ok(BoardState::Drifting(suspects.into_values().collect()));
        }
        pauses.next().await;
    }
}

/// Pauses that grow.
struct Pauses(Duration);

impl Default for Pauses {
    fn default() -> Self {
        Self(PAUSES[0])
    }
}

impl Pauses {
    async fn next(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(PAUSES[1]);
    }
}

#[cfg(test)]
mod tests;
