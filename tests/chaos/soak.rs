//! The split house for a long time: two replicas of each part, steady load, a fault every 10 to 20 s. Beside what the
//! judge says at the end, nothing may grow that is not the work: neither memory nor open files of the processes that
//! were never killed, nor the outboxes.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::PathBuf,
    process::Command,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use harness::{
    house::{DATABASE, Form, House, Part, Seat},
    wait, workspace,
};
use rand::{RngExt as _, SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;

use crate::{
    SPLIT,
    fault::{ALL, Fault},
    schedule::{self, Schedule},
    seed,
    story::{self, Stage},
    variable,
};

const MINUTES: u64 = 15;
/// Submissions per second: officers leave every fifth application lying, and a page of a worklist is to hold them.
const RATE: f64 = 5.0;
/// From one fault to the next, in milliseconds.
const BETWEEN: std::ops::Range<u64> = 10_000..20_000;
/// How often is looked at the processes.
const LOOK: Duration = Duration::from_secs(1);
/// To read everything takes minutes.
const TO_REST: Duration = Duration::from_secs(300);

/// What memory may be at the end: what it was, a quarter of it – caches of statements and connections fill up, an
/// allocator gives little back – and as much again as worklists of a thousand items take, which are longer then.
/// What is kept of every call or event passes it within a night, and what leaks by the kilobyte within the hour.
const MEMORY: (f64, u64) = (1.25, 16 * 1024);
/// What open files may be: one fault may have left a few connections half open that keep-alive has yet to close.
const FILES: (f64, u64) = (1.25, 16);

/// Services whose events are handed over.
const TELLERS: [Part; 3] = [Part::Intake, Part::Routing, Part::Processing];
/// Outboxes keep events for a day and look every 10 minutes: what was told by then is made older than that.
const AGED_AT: Duration = Duration::from_secs(300);
const PRUNED_BY: Duration = Duration::from_secs(720);
/// A service that finds no connection when it is time to look tries again the next time.
const AGAIN: Duration = Duration::from_secs(660);
const TWO_DAYS: &str = "172800000000";

/// Soaks for `SOAK_MINUTES`.
pub(crate) async fn soak() {
    let lasts =
        Duration::from_secs(60 * variable("SOAK_MINUTES").map_or(MINUTES, |text| text.parse().unwrap()));
    let schedule = schedule(seed(1), lasts);
    let mut plan = story::plan(SPLIT, &schedule, 2);
    plan.replicas.extend(Part::SERVICES.map(|part| (part, 2)));
    let stage = Stage::build(&plan, schedule).await;

    let watched = Arc::new(Mutex::new(Vec::new()));
    let watching = tokio::spawn(watch(stage.house.clone(), watched.clone()));
    let outboxes = Outboxes::of(&stage.house).await;
    let aging = tokio::spawn(outboxes.clone().age(AGED_AT));
    let story = stage.play().await;
    watching.abort();
    let looks = std::mem::take(&mut *watched.lock().unwrap());
    let mut grown = Vec::new();
    if lasts >= PRUNED_BY {
        grown.extend(outboxes.unpruned(&aging.await.unwrap()).await);
    } else {
        aging.abort();
        say("too short for the outboxes to be pruned");
    }

    let outcome = story.verdict(TO_REST).await;
    let longest = outcome.resumed.iter().flatten().max();
    say(&format!(
        "{} applications, {} faults, work resumed after {longest:.1?} at the latest; took {:.0?}",
        outcome.accepted,
        outcome.resumed.len(),
        outcome.took
    ));
    grown.extend(growth(&looks));
    if !grown.is_empty() {
        keep_logs(&story.house);
    }
    assert!(outcome.violations.is_empty(), "CHAOS_SEED={}: {:#?}", seed(1), outcome.violations);
    assert!(grown.is_empty(), "{grown:#?}");
    let services = TELLERS.map(|part| story.house.endpoint(part));
    let mut arguments = vec!["conservation"];
    arguments.extend(services.iter().flat_map(|endpoint| ["--service", endpoint]));
    let conservation = story.house.cli(&arguments).await;
    assert!(conservation.status.success(), "{conservation:?}");
}

/// All faults of a split house in a random order, again and again.
fn schedule(seed: u64, lasts: Duration) -> Schedule {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let (mut blows, mut faults, mut now) = (Vec::new(), Vec::new(), Duration::ZERO);
    loop {
        now += Duration::from_millis(chance.random_range(BETWEEN));
        if now >= lasts {
            let arrivals = schedule::arrivals(&mut chance, seed, lasts, RATE);
            return Schedule { seed, blows, arrivals };
        }
        if faults.is_empty() {
            faults = ALL.iter().copied().filter(|fault| fault.strikes(Form::Cluster)).collect();
            faults.shuffle(&mut chance);
        }
        let fault: Fault = faults.pop().expect("some faults");
        let mut one = Schedule::of(fault, chance.random_range(0..u64::MAX));
        let blow = one.blows.pop().expect("one fault");
        blows.push(schedule::Blow { at: now, ..blow });
    }
}

/// A process at one moment.
struct Look {
    seat: Seat,
    pid: u32,
    /// KiB that are resident.
    memory: u64,
    /// Open file descriptors.
    files: u64,
}

/// Looks at every process again and again.
async fn watch(house: House, looks: Arc<Mutex<Vec<Vec<Look>>>>) {
    loop {
        let mut round = Vec::new();
        for seat in house.seats() {
            let pid = house.pid(seat).await;
            round.extend(look(seat, pid));
        }
        looks.lock().unwrap().push(round);
        tokio::time::sleep(LOOK).await;
    }
}

/// None where the process has just ended.
fn look(seat: Seat, pid: u32) -> Option<Look> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let memory = resident.trim().trim_end_matches(" kB").parse().ok()?;
    let files = fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count();
    Some(Look { seat, pid, memory, files: u64::try_from(files).ok()? })
}

/// What grew beyond its bound from the second quarter to the last, of those who lived through both.
fn growth(looks: &[Vec<Look>]) -> Vec<String> {
    let quarter = looks.len() / 4;
    let (second, last) = (&looks[quarter..2 * quarter], &looks[looks.len() - quarter..]);
    let since = by_process(&looks[quarter..]);
    let (second, last) = (by_process(second), by_process(last));
    let mut grown = Vec::new();
    let mut lived = 0;
    for (process, all) in since {
        if all.len() + 2 < looks.len() - quarter {
            continue;
        }
        lived += 1;
        let (before, after) = (&second[&process], &last[&process]);
        let name = format!("{}-{}", process.0.part.name(), process.0.replica);
        let mut told = name.clone();
        for (what, of, (factor, more)) in [
            ("KiB", (|look| look.memory) as fn(&Look) -> u64, MEMORY),
            ("open files", |look| look.files, FILES),
        ] {
            let (before, after) = (median(before, of), median(after, of));
            told += &format!(": {before} {what}, at the end {after}");
            #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
            if after as f64 > before as f64 * factor + more as f64 {
                grown.push(format!("{name} had {before} {what}, and has {after}"));
            }
        }
        say(&told);
    }
    // No fault strikes the second replicas.
    assert!(lived >= Part::SERVICES.len(), "only {lived} processes were never killed");
    grown
}

fn by_process(rounds: &[Vec<Look>]) -> BTreeMap<(Seat, u32), Vec<&Look>> {
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for look in rounds.iter().flatten() {
        all.entry((look.seat, look.pid)).or_default().push(look);
    }
    all
}

fn median(looks: &[&Look], of: fn(&Look) -> u64) -> u64 {
    let mut values: Vec<u64> = looks.iter().map(|look| of(look)).collect();
    values.sort_unstable();
    values[values.len() / 2]
}

/// The outboxes in their tables. Asked without the house, which may just be stopping PostgreSQL.
#[derive(Clone)]
struct Outboxes {
    psql: PathBuf,
    url: String,
}

impl Outboxes {
    async fn of(house: &House) -> Self {
        let (psql, url) = house.postgres(|postgres| (postgres.program("psql"), postgres.url(DATABASE))).await;
        Self { psql, url }
    }

    /// Makes all events old that were told so far; answers the last position of each outbox.
    async fn age(self, after: Duration) -> Vec<u64> {
        tokio::time::sleep(after).await;
        let mut last = Vec::new();
        for part in TELLERS {
            let statement = format!(
                "with aged as (update {}.outbox_events set recorded_at = recorded_at - {TWO_DAYS} \
                 returning position) select coalesce(max(position), 0) from aged",
                part.name()
            );
            last.push(wait::until("PostgreSQL answers", async || self.ask(&statement)).await);
        }
        last
    }

    /// Outboxes of which something of that is left, but what is parked, although there was time.
    async fn unpruned(&self, last: &[u64]) -> Vec<String> {
        let mut unpruned = Vec::new();
        for (part, last) in TELLERS.into_iter().zip(last) {
            assert!(*last > 0, "{} has told nothing", part.name());
            let name = part.name();
            let statement = format!(
                "select count(*) from {name}.outbox_events where position <= {last} \
                 and position not in (select position from {name}.outbox_parked)"
            );
            let since = Instant::now();
            loop {
                let left = self.ask(&statement);
                if left == Some(0) {
                    break;
                }
                if since.elapsed() > AGAIN {
                    unpruned.push(format!("of {last} positions in the outbox of {name}, {left:?} are left"));
                    break;
                }
                tokio::time::sleep(LOOK).await;
            }
        }
        unpruned
    }

    fn ask(&self, statement: &str) -> Option<u64> {
        let output = Command::new(&self.psql).args([&self.url, "-XAtqc", statement]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().parse().ok().filter(|_| output.status.success())
    }
}

/// What may explain it.
fn keep_logs(house: &House) {
    let folder = workspace::target().join("chaos").join(format!("soak-{}", seed(1)));
    fs::create_dir_all(&folder).unwrap();
    for file in fs::read_dir(house.folder()).unwrap().flatten() {
        if file.path().extension().is_some_and(|extension| extension == "log") {
            fs::copy(file.path(), folder.join(file.file_name())).unwrap();
        }
    }
    say(&format!("the logs are in {}", folder.display()));
}

fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").unwrap();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(memory: fn(u64) -> u64, files: fn(u64) -> u64) -> Vec<Vec<Look>> {
        let look = |part, second| Look {
            seat: Seat { part, replica: 1 },
            pid: 1,
            memory: memory(second),
            files: files(second),
        };
        (0..400).map(|second| Part::SERVICES.map(|part| look(part, second)).into()).collect()
    }

    #[test]
    fn what_fills_up_once_is_no_growth() {
        let fills = |second: u64| 50_000 + 300 * second.min(100);
        assert_eq!(growth(&looks(fills, |_| 40)), Vec::<String>::new());
    }

    #[test]
    fn what_grows_steadily_is_heard() {
        assert_eq!(growth(&looks(|second| 50_000 + 300 * second, |_| 40)).len(), Part::SERVICES.len());
        assert_eq!(growth(&looks(|_| 50_000, |second| 40 + second)).len(), Part::SERVICES.len());
    }

    #[test]
    fn there_is_a_fault_every_few_seconds_and_load_all_the_time() {
        let plan = schedule(7, Duration::from_secs(900));
        assert!((45..=90).contains(&plan.blows.len()), "{}", plan.blows.len());
        assert!((4_000..5_000).contains(&plan.arrivals.len()), "{}", plan.arrivals.len());
        let faults = ALL.iter().filter(|fault| fault.strikes(Form::Cluster));
        assert!(faults.into_iter().all(|fault| plan.blows.iter().any(|blow| blow.fault == *fault)));
    }
}
