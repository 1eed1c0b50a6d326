//! Every fault with many seeds, and what came of it, as a table in Markdown.

use std::{
    fs,
    io::Write as _,
    time::{Duration, Instant},
};

use harness::{house::Form, workspace};
use tokio::task::JoinHandle;

use crate::{
    SPLIT,
    check::{Kind, Violation},
    fault::{ALL, Fault},
    routing_replicas,
    schedule::Schedule,
    story::{self, Outcome, Stage},
    variable,
};

const HEAD: &str = "\
| fault | house | seeds | applications | lost | doubled | other | resumed after: median | longest | failing seeds |
|---|---|--:|--:|--:|--:|--:|--:|--:|---|
";

/// How many replicas routing has, unless it is stated.
const ROUTING_REPLICAS: usize = 4;

/// How long a run may take that is not stuck.
const LONGEST: Duration = Duration::from_secs(300);

/// One run.
#[derive(Clone, Copy, PartialEq)]
struct Run {
    fault: Fault,
    form: Form,
    seed: u64,
}

/// Plays all of it, whatever fails, and prints the table; fails at the end when a promise was not kept. The next
/// house is built while the last run is judged.
pub(crate) async fn play() {
    let since = Instant::now();
    let runs = runs();
    let (mut table, mut row, mut broken) = (HEAD.to_owned(), Row::default(), Vec::new());
    let mut stage = runs.first().map(|run| run.build());
    for (run, next) in runs.iter().zip(runs.iter().skip(1).map(Some).chain([None])) {
        let Run { fault, form, seed } = *run;
        let built = stage.take().expect("built before");
        let story = to_its_end(async move { built.await.expect("a house").play().await }).await;
        stage = next.map(|next| next.build());
        let outcome = match story {
            Ok(story) => to_its_end(async move { story.verdict(story::TO_REST).await }).await,
            Err(broken_off) => Err(broken_off),
        };
        let outcome = outcome.unwrap_or_else(Outcome::broken_off);
        say(&format!("{fault} {} {seed}: {}", name(form), one_line(&outcome)));
        if !outcome.violations.is_empty() {
            let found =
                format!("CHAOS_FAULT={fault} CHAOS_SEED={seed} ({}): {:#?}", name(form), outcome.violations);
            say(&found);
            broken.push(found);
        }
        row.add(seed, outcome);
        let line = row.line(fault, form);
        if next.is_none_or(|next| (next.fault, next.form) != (fault, form)) {
            say(&line);
            table += &line;
            row = Row::default();
            write(&table);
        } else {
            // A row that is not finished is of use, too.
            write(&(table.clone() + &line));
        }
    }
    say(&format!("\n{table}\n{} runs took {:.0?}", runs.len(), since.elapsed()));
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

fn runs() -> Vec<Run> {
    let only = variable("CHAOS_FAULT").map(|name| Fault::parse(&name).expect("a fault"));
    let seeds: Vec<u64> = match variable("CHAOS_SEED") {
        Some(seed) => vec![seed.parse().expect("CHAOS_SEED is a number")],
        None => (1..=variable("CHAOS_SEEDS").map_or(20, |count| count.parse().expect("a number"))).collect(),
    };
    let mut runs = Vec::new();
    for fault in ALL.iter().copied().filter(|fault| only.is_none_or(|only| only == *fault)) {
        for form in [Form::Embedded, SPLIT].into_iter().filter(|form| fault.strikes(*form)) {
            runs.extend(seeds.iter().map(|seed| Run { fault, form, seed: *seed }));
        }
    }
    runs
}

impl Run {
    fn build(self) -> JoinHandle<Stage> {
        let schedule = Schedule::of(self.fault, self.seed);
        let plan = story::plan(self.form, &schedule, routing_replicas(ROUTING_REPLICAS));
        tokio::spawn(async move { Stage::build(&plan, schedule).await })
    }
}

/// What comes of it; why not, when it panics or gets stuck.
async fn to_its_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Result<T, String> {
    let mut work = tokio::spawn(work);
    match tokio::time::timeout(LONGEST, &mut work).await {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(_) => {
            work.abort();
            Err(format!("it was not over after {LONGEST:?}"))
        }
    }
}

#[derive(Default)]
struct Row {
    failing: Vec<String>,
    seeds: usize,
    applications: usize,
    violations: Vec<Violation>,
    resumed: Vec<Duration>,
}

impl Row {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        if !outcome.violations.is_empty() {
            self.failing.push(seed.to_string());
        }
        self.seeds += 1;
        self.applications += outcome.accepted;
        self.violations.extend(outcome.violations);
        self.resumed.extend(outcome.resumed.into_iter().flatten());
        self.resumed.sort();
    }

    fn line(&self, fault: Fault, form: Form) -> String {
        let of = |kind| self.violations.iter().filter(|found| found.kind == kind).count();
        let (lost, doubled) = (of(Kind::Lost), of(Kind::Doubled));
        let other = self.violations.len() - lost - doubled;
        let seconds =
            |at: Option<&Duration>| at.map_or("–".into(), |took| format!("{:.2} s", took.as_secs_f64()));
        let (median, longest) =
            (seconds(self.resumed.get(self.resumed.len() / 2)), seconds(self.resumed.last()));
        let Self { seeds, applications, .. } = self;
        let (form, failing) = (name(form), self.failing.join(", "));
        format!(
            "| {fault} | {form} | {seeds} | {applications} | {lost} | {doubled} | {other} | {median} | {longest} | {failing} |\n"
        )
    }
}

fn write(table: &str) {
    let folder = workspace::target().join("chaos");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("table.md"), table).unwrap();
}

fn name(form: Form) -> &'static str {
    match form {
        Form::Embedded => "embedded",
        Form::Files => "split, files",
        Form::Cluster => "split",
    }
}

fn one_line(outcome: &Outcome) -> String {
    let Outcome { violations, resumed, accepted, moved: [sent, rescued, released], took } = outcome;
    format!(
        "{accepted} applications, {sent} sent elsewhere, {rescued} rescued, {released} taken back, resumed \
         {resumed:.2?}, {} violations; took {took:.1?}",
        violations.len()
    )
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
}
