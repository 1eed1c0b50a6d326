//! When applications passed which stage: the instants at which PostgreSQL committed what tells of it, noted just
//! before the commit is synced. Nobody polls for them, so nothing of a poll is in them.

use std::{collections::BTreeMap, time::Duration};

use crate::{house::House, load::Submission, yardstick::percentile};

pub(crate) const ANSWERED: usize = 1;
pub(crate) const ASSIGNED: usize = 4;
const OPENED: usize = 5;
const SEEN: usize = 6;
const NAMES: [&str; 7] = [
    "sent",
    "answered",
    "stored by intake",
    "heard by routing",
    "assigned",
    "case opened",
    "citizen sees it",
];

/// What tells of the stages behind the answer: rows that are written once.
const ROWS: [(&str, &str); 5] = [
    ("intake", "outbox_events where kind = 'application_submitted'"),
    ("routing", "application"),
    ("routing", "outbox_events where kind = 'work_assigned'"),
    ("processing", "outbox_events where kind = 'case_opened'"),
    ("intake", "status_entry where number = 3"),
];

/// What is looked at: the ways to receipt, assignment and case, and one stage after the other.
const WAYS: [(usize, usize); 8] = [
    (0, ANSWERED),
    (0, ASSIGNED),
    (0, OPENED),
    (0, 2),
    (2, 3),
    (3, ASSIGNED),
    (ASSIGNED, OPENED),
    (OPENED, SEEN),
];

/// Microseconds since 1970 of each stage, of each application.
pub(crate) struct Stages(Vec<[Option<i64>; NAMES.len()]>);

impl Stages {
    /// # Panics
    /// When one of them has no unit or no case.
    pub(crate) fn of(house: &House, accepted: &[Submission]) -> Self {
        let committed = ROWS.map(|(service, rows)| {
            let select = "(extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000000)::bigint";
            let answer =
                house.postgres.sql(service, &format!("select application, {select} from {service}.{rows}"));
            let row = |line: &str| line.split_once('|').map(|(id, at)| (id.to_owned(), at.parse().unwrap()));
            answer.lines().filter_map(row).collect::<BTreeMap<String, i64>>()
        });
        let of = |one: &Submission| {
            let mut passed = [None; NAMES.len()];
            (passed[0], passed[1]) = (Some(one.sent.as_microsecond()), Some(one.answered.as_microsecond()));
            for (at, committed) in passed[2..].iter_mut().zip(&committed) {
                *at = committed.get(&one.application).copied();
            }
            // The way back to intake may still be under way.
            assert!(passed[..=OPENED].iter().all(Option::is_some), "{}: {passed:?}", one.application);
            passed
        };
        Self(accepted.iter().map(of).collect())
    }

    /// A line of a table for each way.
    pub(crate) fn rows(&self) -> impl Iterator<Item = String> {
        WAYS.into_iter().map(|(from, to)| {
            let took = self.way(from, to);
            let [p50, p99, longest] = [0.5, 0.99, 1.0].map(|share| percentile(&took, share));
            format!("| {} | {} | {p50:.1} ms | {p99:.1} ms | {longest:.1} ms |", NAMES[from], NAMES[to])
        })
    }

    /// Milliseconds from the submission to a stage: at p50 and p99.
    pub(crate) fn to(&self, stage: usize) -> [f64; 2] {
        [0.5, 0.99].map(|share| percentile(&self.way(0, stage), share))
    }

    /// From the first submission to the last assignment.
    pub(crate) fn until_all_assigned(&self) -> Duration {
        let (began, ended) =
            (self.0.iter().filter_map(|at| at[0]).min(), self.0.iter().filter_map(|at| at[ASSIGNED]).max());
        Duration::from_micros(began.zip(ended).map_or(0, |(began, ended)| (ended - began).unsigned_abs()))
    }

    fn way(&self, from: usize, to: usize) -> Vec<f64> {
        let took = self.0.iter().filter_map(|at| Some((at[to]? - at[from]?) as f64 / 1e3));
        let mut took: Vec<_> = took.collect();
        took.sort_by(f64::total_cmp);
        took
    }
}
