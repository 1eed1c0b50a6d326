//! Every fault with many seeds, and what came of it, as a table in Markdown.

use std::{fmt::Write as _, fs, io::Write as _, time::Duration};

use harness::{house::Form, workspace};

use crate::{
    SPLIT,
    check::{Kind, Violation},
    fault::{ALL, Fault},
    schedule::Schedule,
    story::{self, Outcome},
    variable,
};

const HEAD: &str = "\
| fault | house | seeds | applications | lost | doubled | other | resumed after: median | longest |
|---|---|--:|--:|--:|--:|--:|--:|--:|
";

/// Plays all of it and prints the table; fails when a promise was not kept.
pub(crate) async fn play() {
    let only = variable("CHAOS_FAULT").map(|name| Fault::parse(&name).expect("a fault"));
    let seeds: Vec<u64> = match variable("CHAOS_SEED") {
        Some(seed) => vec![seed.parse().expect("CHAOS_SEED is a number")],
        None => (1..=variable("CHAOS_SEEDS").map_or(20, |count| count.parse().expect("a number"))).collect(),
    };
    let (mut table, mut broken) = (HEAD.to_owned(), Vec::new());
    for fault in ALL.iter().filter(|fault| only.is_none_or(|only| only == **fault)) {
        for form in [Form::Embedded, SPLIT].into_iter().filter(|form| fault.strikes(*form)) {
            let mut row = Row::default();
            for seed in &seeds {
                let outcome = story::play(form, &Schedule::of(*fault, *seed)).await;
                say(&format!("{fault} {} {seed}: {}", name(form), one_line(&outcome)));
                if !outcome.violations.is_empty() {
                    broken.push(format!("CHAOS_FAULT={fault} CHAOS_SEED={seed}: {:#?}", outcome.violations));
                }
                row.add(outcome);
            }
            let line = row.line(*fault, form);
            say(&line);
            table += &line;
            // A table that is not finished is of use, too.
            let folder = workspace::target().join("chaos");
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("table.md"), &table).unwrap();
        }
    }
    say(&format!("\n{table}"));
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[derive(Default)]
struct Row {
    seeds: usize,
    applications: usize,
    violations: Vec<Violation>,
    resumed: Vec<Duration>,
}

impl Row {
    fn add(&mut self, outcome: Outcome) {
        self.seeds += 1;
        self.applications += outcome.accepted;
        self.violations.extend(outcome.violations);
        self.resumed.extend(outcome.resumed.into_iter().flatten());
    }

    fn line(mut self, fault: Fault, form: Form) -> String {
        let of = |kind| self.violations.iter().filter(|found| found.kind == kind).count();
        let (lost, doubled) = (of(Kind::Lost), of(Kind::Doubled));
        let other = self.violations.len() - lost - doubled;
        self.resumed.sort();
        let seconds =
            |at: Option<&Duration>| at.map_or("–".into(), |took| format!("{:.2} s", took.as_secs_f64()));
        let (median, longest) = (self.resumed.get(self.resumed.len() / 2), self.resumed.last());
        let mut line = String::new();
        writeln!(
            line,
            "| {fault} | {} | {} | {} | {lost} | {doubled} | {other} | {} | {} |",
            name(form),
            self.seeds,
            self.applications,
            seconds(median),
            seconds(longest)
        )
        .unwrap();
        line
    }
}

fn name(form: Form) -> &'static str {
    match form {
        Form::Embedded => "embedded",
        Form::Files => "split, files",
        Form::Cluster => "split",
    }
}

fn one_line(outcome: &Outcome) -> String {
    let Outcome { violations, resumed, accepted } = outcome;
    format!("{accepted} applications, resumed {resumed:.2?}, {} violations", violations.len())
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
}
