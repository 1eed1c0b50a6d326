//! Makes a fault happen to a house, and ends it.

use std::time::Duration;

use harness::{
    house::{End, House, Link, Part, Seat},
    proxy::Weather,
    redis_server::Dump,
    tree::Signal,
};

use crate::{
    fault::{Bad, Fault, Links},
    meddler::{Meddler, Mischief},
    recorder::Recorder,
    schedule::Blow,
};

/// The links that events and calls really take between services.
const USED: [(Part, Part); 9] = [
    (Part::Intake, Part::Routing),
    (Part::Intake, Part::Processing),
    (Part::Intake, Part::Notification),
    (Part::Routing, Part::Processing),
    (Part::Routing, Part::Intake),
    (Part::Routing, Part::Notification),
    (Part::Processing, Part::Routing),
    (Part::Processing, Part::Intake),
    (Part::Processing, Part::Notification),
];

/// Waits for its moment, makes it happen and ends it. What remains to be done once it is over – a process is
/// started again – goes on in the answer: from that moment on work is to resume.
pub(crate) async fn strike(
    house: &House,
    recorder: &Recorder,
    blow: &Blow,
    meddler: &Meddler,
) -> Option<tokio::task::JoinHandle<()>> {
    let Blow { fault, at, lasts, forgets, pick } = blow.clone();
    let seat = |part| Seat { part, replica: 0 };
    let dump = match fault {
        Fault::RollBackRedis => {
            recorder.until(at.saturating_sub(forgets)).await;
            Some(house.redis(|redis| redis.dump()).await)
        }
        _ => None,
    };
    recorder.until(at).await;
    let owned = house.clone();
    match fault {
        Fault::Kill(part) => return Some(tokio::spawn(async move { owned.kill(seat(part)).await })),
        Fault::Stop(part) | Fault::Oversleep(part) => {
            house.signal(seat(part), Signal::Stop).await;
            tokio::time::sleep(lasts).await;
            house.signal(seat(part), Signal::Continue).await;
        }
        Fault::KillPostgres => {
            house.postgres(|postgres| postgres.kill()).await;
            return Some(tokio::spawn(async move { owned.postgres(|postgres| postgres.restart()).await }));
        }
        Fault::StopPostgres => {
            house.postgres(|postgres| postgres.stop()).await;
            tokio::time::sleep(lasts).await;
            house.postgres(|postgres| postgres.resume()).await;
        }
        Fault::KillRedis => {
            house.redis(|redis| redis.kill()).await;
            return Some(tokio::spawn(async move { owned.redis(|redis| redis.restart()).await }));
        }
        Fault::StopRedis => {
            house.redis(|redis| redis.stop()).await;
            tokio::time::sleep(lasts).await;
            house.redis(|redis| redis.resume()).await;
        }
        Fault::FlushRedis => house.redis(|redis| redis.flush()).await,
        Fault::FailOverRedis => fail_over(house, forgets).await,
        Fault::RollBackRedis => return Some(tokio::spawn(roll_back(owned, dump.expect("taken above")))),
        Fault::Link(bad, links) => {
            let links = chosen(house, links, pick);
            let weather = match bad {
                Bad::Reset => Weather::Reset,
                Bad::Slow => Weather::Slow(forgets / 2),
                Bad::BlackHole => Weather::BlackHole,
            };
            links.iter().for_each(|link| house.link(*link).set(weather));
            tokio::time::sleep(lasts).await;
            links.iter().for_each(|link| house.link(*link).set(Weather::Fair));
        }
        Fault::Refuse | Fault::Repeat => {
            meddler.begin(if fault == Fault::Refuse { Mischief::Refuse } else { Mischief::Repeat });
            tokio::time::sleep(lasts).await;
            meddler.begin(Mischief::None);
        }
    }
    None
}

fn chosen(house: &House, links: Links, pick: usize) -> Vec<Link> {
    let one_of = |links: Vec<Link>| vec![links[pick % links.len()]];
    match links {
        Links::Clients => house.links().filter(|link| link.from.is_none()).collect(),
        Links::Services => {
            one_of(USED.map(|(from, to)| Link { from: Some(from), to: End::Part(to) }).to_vec())
        }
        Links::Postgres => one_of(house.links().filter(|link| link.to == End::Postgres).collect()),
        Links::Redis => house.links().filter(|link| link.to == End::Redis).collect(),
    }
}

/// A replica that has caught up is cut off, a while later the master dies, and the replica takes its place.
async fn fail_over(house: &House, forgets: Duration) {
    let replica = house.redis(|redis| redis.replica()).await;
    replica.promote();
    tokio::time::sleep(forgets).await;
    house.redis(|redis| *redis = replica).await;
}

async fn roll_back(house: House, dump: Dump) {
    house.redis(|redis| redis.kill()).await;
    house.redis(move |redis| redis.restore(&dump)).await;
}
