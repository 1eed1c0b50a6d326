//! A registry that does not keep still: Gamma closes and opens, or has an emergency and opens; Alpha's only officer is
//! absent and comes back, so that what nobody has begun there is rescued.

use std::time::Duration;

use harness::{client::Client, province::GAMMA, wait};
use jiff::{ToSpan as _, tz::TimeZone};
use phidia_proto::routing::v1::{
    Availability, ClearAbsenceRequest, Days, SetAbsenceRequest, SetUnitStandingRequest, Standing,
    registry_service_client::RegistryServiceClient,
};
use phidia_runtime::clock::RealClock;
use tokio::sync::watch;
use tonic::Status;

/// From one change to the next.
const EVERY: Duration = Duration::from_secs(1);
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(3);
const OFFICER: &str = "A-1";
const REASON: &str = "thử";

#[derive(Clone, Copy)]
enum Change {
    Gamma(Availability),
    Absent,
    Present,
}

/// The last two are how it is at the beginning.
const CHANGES: [Change; 8] = [
    Change::Gamma(Availability::Closed),
    Change::Absent,
    Change::Gamma(Availability::Open),
    Change::Present,
    Change::Gamma(Availability::Emergency),
    Change::Absent,
    Change::Present,
    Change::Gamma(Availability::Open),
];

/// Makes one change after the other until `closed` says true, and leaves everything as it was. With which it begins is
/// the seed's: a run sees few of them.
pub(crate) async fn work(routing: String, seed: u64, mut closed: watch::Receiver<bool>) {
    let registrar = Registrar { client: Client::operator(&routing), days: days() };
    let first = usize::try_from(seed % 8).expect("less than 8");
    for change in CHANGES.iter().cycle().skip(first) {
        let _ = tokio::time::timeout(EVERY, closed.wait_for(|closed| *closed)).await;
        if *closed.borrow() {
            break;
        }
        registrar.surely(*change).await;
    }
    for change in &CHANGES[CHANGES.len() - 2..] {
        registrar.surely(*change).await;
    }
}

struct Registrar {
    client: Client,
    days: Days,
}

/// From yesterday on, wherever that is, longer than any promise.
fn days() -> Days {
    let today = TimeZone::UTC.to_datetime(RealClock.now()).date();
    Days { from: (today - 1.day()).to_string(), to: (today + 60.days()).to_string() }
}

impl Registrar {
    /// Asks until there is an answer: the same again changes nothing.
    async fn surely(&self, change: Change) {
        wait::until("the registry is changed", async || {
            tokio::time::timeout(PATIENCE, self.make(change)).await.ok()?.ok()
        })
        .await;
    }

    async fn make(&self, change: Change) -> Result<(), Status> {
        let mut registry = RegistryServiceClient::new(self.client.peer());
        let (officer_code, days, reason) = (OFFICER.to_owned(), Some(self.days.clone()), REASON.to_owned());
        let expected_revision = None;
        match change {
            Change::Gamma(availability) => {
                let standing = Some(Standing { availability: availability.into(), ..Standing::default() });
                let unit_code = GAMMA.to_owned();
                let request = SetUnitStandingRequest { unit_code, standing, reason, expected_revision };
                registry.set_unit_standing(request).await.map(drop)
            }
            Change::Absent => {
                let compensatory = false;
                let request =
                    SetAbsenceRequest { officer_code, days, reason, expected_revision, compensatory };
                registry.set_absence(request).await.map(drop)
            }
            Change::Present => {
                let request = ClearAbsenceRequest { officer_code, days, reason, expected_revision };
                registry.clear_absence(request).await.map(drop)
            }
        }
    }
}
