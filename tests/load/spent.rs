//! What a part of the run cost: processor time by process, statements and commits by service, and what went to
//! the disk.

use std::{collections::BTreeMap, fmt, fs, process};

use harness::postgres_server::PostgresServer;

use crate::house::SERVICES;

const RESET: &str = "create extension if not exists pg_stat_statements;
    select pg_stat_statements_reset(), pg_stat_reset_shared('wal')";

/// By service: statements, those that committed, milliseconds that they took in the server.
const STATEMENTS: &str =
    "select datname, sum(calls), coalesce(sum(calls) filter (where query = 'COMMIT'), 0),
        sum(total_exec_time)
    from pg_stat_statements join pg_database on pg_database.oid = dbid group by 1";

/// The most frequent ones, without what separates columns and lines.
const OFTEN: &str = "select datname, calls, mean_exec_time, left(translate(query, E'\\n|', '  '), 110)
    from pg_stat_statements join pg_database on pg_database.oid = dbid
    where datname not in ('postgres', 'yardstick') order by calls desc limit 12";

/// Bytes of the write-ahead log so far, syncs of it, and milliseconds that they took since `RESET`.
const LOG: &str = "select pg_current_wal_insert_lsn() - '0/0', wal_sync, wal_sync_time from pg_stat_wal";

/// What goes on being counted.
pub(crate) struct Meter {
    processors: BTreeMap<String, f64>,
    log: f64,
}

/// What was spent for so many applications, or in so many seconds.
pub(crate) struct Spending {
    share: f64,
    processors: BTreeMap<String, f64>,
    log: [f64; 3],
    statements: String,
    often: String,
}

impl Meter {
    /// Counts from now on.
    pub(crate) fn start(server: &PostgresServer) -> Self {
        server.sql("postgres", RESET);
        Self { processors: processors(), log: log(server)[0] }
    }

    /// Everything since.
    pub(crate) fn stop(mut self, server: &PostgresServer, share: f64) -> Spending {
        for (name, now) in processors() {
            let before = self.processors.entry(name).or_default();
            *before = now - *before;
        }
        let [position, syncs, took] = log(server);
        let [statements, often] = [STATEMENTS, OFTEN].map(|select| server.sql("postgres", select));
        let log = [position - self.log, syncs, took];
        Spending { share, processors: self.processors, log, statements, often }
    }
}

/// As tables.
impl fmt::Display for Spending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |text: &str| text.parse::<f64>().unwrap_or_default();
        writeln!(f, "| process | processor time |\n|---|--:|")?;
        for (name, seconds) in &self.processors {
            writeln!(f, "| {name} | {:.2} ms |", seconds * 1e3 / self.share)?;
        }
        writeln!(f, "\n| database | statements | commits | time in statements |\n|---|--:|--:|--:|")?;
        for columns in self.statements.lines().map(|line| line.split('|').collect::<Vec<_>>()) {
            if SERVICES.contains(&columns[0]) {
                let [calls, commits, took] = [1, 2, 3].map(|column| number(columns[column]) / self.share);
                writeln!(f, "| {} | {calls:.1} | {commits:.2} | {took:.2} ms |", columns[0])?;
            }
        }
        let [bytes, syncs, took] = self.log;
        let (each, bytes, often) = (took / syncs.max(1.0), bytes / self.share, syncs / self.share);
        writeln!(f, "\nWrite-ahead log: {bytes:.0} bytes, {often:.2} syncs of {each:.2} ms each\n")?;
        writeln!(f, "| database | statement | how often | each |\n|---|---|--:|--:|")?;
        for columns in self.often.lines().map(|line| line.splitn(4, '|').collect::<Vec<_>>()) {
            let (often, took) = (number(columns[1]) / self.share, number(columns[2]));
            writeln!(f, "| {} | `{}` | {often:.2} | {took:.3} ms |", columns[0], columns[3].trim())?;
        }
        Ok(())
    }
}

fn log(server: &PostgresServer) -> [f64; 3] {
    let told = server.sql("postgres", LOG);
    let numbers: Vec<f64> = told.split('|').map(|number| number.parse().unwrap()).collect();
    numbers.try_into().unwrap()
}

/// Seconds of processor time so far: of services, stores and clients (this process), and what else there was.
fn processors() -> BTreeMap<String, f64> {
    let mut all = BTreeMap::<String, f64>::new();
    let names = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    for pid in names.filter_map(|name| name.parse::<u32>().ok()) {
        let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        let Some((name, rest)) = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')) else {
            continue;
        };
        // Of proc(5): the fields from the third on; 13 and 14 are of children that ended, as sessions do.
        let fields: Vec<f64> = rest.split_whitespace().map(|word| word.parse().unwrap_or_default()).collect();
        let (label, ended) = match name {
            _ if pid == process::id() => ("clients".to_owned(), 0.0),
            "phidia" => {
                let command = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
                let Some(service) = command.split('\0').nth(2) else { continue };
                (format!("phidia {service}"), 0.0)
            }
            "postgres" => (name.to_owned(), fields[13] + fields[14]),
            "redis-server" => (name.to_owned(), 0.0),
            _ => continue,
        };
        *all.entry(label).or_default() += (fields[11] + fields[12] + ended) / TICKS;
    }
    let stat = fs::read_to_string("/proc/stat").unwrap();
    // user, nice, system, idle, iowait, irq, softirq, steal
    let first = stat.lines().next().unwrap().split_whitespace().skip(1).take(8);
    let machine: Vec<f64> = first.map(|word| word.parse::<f64>().unwrap() / TICKS).collect();
    let idle = machine[3] + machine[4];
    let rest = machine.iter().sum::<f64>() - idle - all.values().sum::<f64>();
    all.extend([("(idle processors)".to_owned(), idle), ("(all others)".to_owned(), rest)]);
    all
}

/// Of `/proc`, per second (`getconf CLK_TCK`).
pub(crate) const TICKS: f64 = 100.0;
