//! Many runs in pairs, on several threads.

use std::{
    num::NonZero,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use phidia_domain::route::Policy;

use super::{
    Interrupted, Simulator,
    arrivals::Arrivals,
    pair::{Pair, Scene},
    report::{AtLoad, Measured, Played, Report},
    titled,
};

impl Simulator {
    /// Plays every load with every seed under both policies, on so many threads; `go_on` is told of every
    /// step that has ended, and says whether to go on.
    ///
    /// # Errors
    /// [`Interrupted`]; a policy that does not make sense is refused by its own words.
    pub fn compare(
        &self,
        policy: &Policy,
        against: &Policy,
        threads: NonZero<usize>,
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<Report, Interrupted> {
        let began = Instant::now();
        policy.validate().map_err(|rejection| rejection.under("policy"))?;
        against.validate().map_err(|rejection| rejection.under("against"))?;
        let experiment = &self.experiment;
        let jobs: Vec<(usize, u64)> = (0..experiment.loads.len())
            .flat_map(|load| {
                (0..u64::from(experiment.seeds)).map(move |seed| (load, experiment.first_seed + seed))
            })
            .collect();
        let pairs = self.run(&jobs, [policy, against], threads, go_on)?;
        let mut loads: Vec<Vec<Pair>> = experiment.loads.iter().map(|_| Vec::new()).collect();
        for ((load, _), pair) in jobs.iter().zip(pairs) {
            loads[*load].push(pair);
        }
        let measured = Measured::of(began.elapsed(), self.applications(), loads.iter().flatten());
        let at = |(load, pairs): (&f64, &Vec<Pair>)| {
            AtLoad::of(&self.world.province, *load, self.at_load(*load), pairs)
        };
        Ok(Report {
            province: self.world.province.code.clone(),
            name: self.world.province.name.clone(),
            played: Played::Quarter {
                quarter: experiment.quarter.to_string(),
                days: [self.quarter.days.len(), self.quarter.working_days],
                seeds: [experiment.first_seed, experiment.seeds.into()],
            },
            policy: titled(policy),
            against: titled(against),
            conditions: experiment.conditions,
            loads: experiment.loads.iter().zip(&loads).map(at).collect(),
            measured: Some(measured),
        })
    }

    /// Plays the jobs, each a load and a seed; their pairs in the same order.
    fn run(
        &self,
        jobs: &[(usize, u64)],
        policies: [&Policy; 2],
        threads: NonZero<usize>,
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<Pair>, Interrupted> {
        let (next, stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
        let done: Mutex<Vec<(usize, Result<Pair, Interrupted>)>> = Mutex::new(Vec::new());
        let goes_on = || {
            let goes_on = go_on() && !stopped.load(Ordering::Relaxed);
            stopped.fetch_or(!goes_on, Ordering::Relaxed);
            goes_on
        };
        thread::scope(|scope| {
            for _ in 0..threads.get().min(jobs.len()) {
                scope.spawn(|| {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some((load, seed)) = jobs.get(index).copied() else { break };
                        let pair = self.pair(load, seed, policies, &goes_on);
                        if pair.is_err() {
                            stopped.store(true, Ordering::Relaxed);
                        }
                        done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((index, pair));
                    }
                });
            }
        });
        let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        // What was refused says more than what was stopped by it.
        done.sort_by_key(|(index, pair)| (!matches!(pair, Err(Interrupted::Refused(_))), *index));
        done.into_iter().map(|(_, pair)| pair).collect()
    }

    /// One seed at one load under both policies.
    fn pair(
        &self,
        load: usize,
        seed: u64,
        policies: [&Policy; 2],
        go_on: &dyn Fn() -> bool,
    ) -> Result<Pair, Interrupted> {
        let count = self.at_load(self.experiment.loads[load]);
        let conditions = &self.experiment.conditions;
        let (demand, province, quarter) = (&self.demand, &self.world.province, &self.quarter);
        Scene {
            world: &self.world,
            attendance: &self.attendance(seed)?,
            arrivals: &Arrivals::draw(demand, province, quarter, count, conditions, seed)?,
            days: &quarter.days,
            optimum_days: self.experiment.optimum_days,
        }
        .play(policies, go_on)
    }
}
