//! Random numbers that are the same on every machine.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use super::{effort::whole_minutes, weights::Weights};

/// The random numbers of one application, or of one subject of a run.
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The same for the same seed and number, and unlike that of every other number.
    pub fn of(seed: u64, number: u64) -> Self {
        let mut stream = ChaCha8Rng::seed_from_u64(seed);
        stream.set_stream(number);
        Self(stream)
    }

    /// Evenly from 0 to below 1.
    pub fn share(&mut self) -> f64 {
        // 32 bits fill a double's fraction without rounding: the same on every machine.
        f64::from(self.0.next_u32()) / (f64::from(u32::MAX) + 1.0)
    }

    /// A whole number from 0 to below `end`; 0, when that is 0.
    pub fn below(&mut self, end: u32) -> u32 {
        self.0.next_u32() % end.max(1)
    }

    /// One of them, by weight.
    pub fn pick<'w, T>(&mut self, weights: &'w Weights<T>) -> &'w T {
        let mut left = self.share() * weights.sum;
        for (key, weight) in &weights.entries {
            left -= weight;
            if left < 0.0 {
                return key;
            }
        }
        &weights.entries[weights.entries.len() - 1].0
    }

    /// Minutes whose logarithm is normal, with `mean` as their mean and `sigma` as its deviation; at least 1.
    pub(crate) fn around(&mut self, mean: u32, sigma: f64) -> u32 {
        // Box and Muller 1958; 1 - share is never 0.
        let radius = (-2.0 * (1.0 - self.share()).ln()).sqrt();
        let normal = radius * (std::f64::consts::TAU * self.share()).cos();
        let minutes = f64::from(mean) * (sigma * normal - sigma * sigma / 2.0).exp();
        whole_minutes(minutes).max(1)
    }
}
