//! Means with the intervals in which they lie.

use serde::Serialize;

use super::measure::float;

/// A mean over the seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Half the width of its 95 % interval, by Student's t; none of a single seed.
    pub half_width: Option<f64>,
}

impl Estimate {
    /// The mean of independent values with its interval.
    pub(crate) fn of(values: &[f64]) -> Self {
        let count = float(i64::try_from(values.len()).unwrap_or(i64::MAX));
        let mean = values.iter().sum::<f64>() / count.max(1.0);
        let half_width = (values.len() > 1).then(|| {
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            student(values.len() - 1) * (squares / (count - 1.0) / count).sqrt()
        });
        Self { mean, half_width }
    }
}

/// The quantile of Student's t that 97.5 % lie below, by degrees of freedom.
fn student(freedom: usize) -> f64 {
    const QUANTILES: [f64; 30] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
        2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048,
        2.045, 2.042,
    ];
    // Beyond, the normal quantile with the first terms of its expansion (Fisher and Cornish 1960).
    let beyond = || {
        let (z, freedom) = (1.959_964, float(i64::try_from(freedom).unwrap_or(i64::MAX)));
        z + (z * z * z + z) / (4.0 * freedom)
    };
    freedom.checked_sub(1).and_then(|index| QUANTILES.get(index)).copied().unwrap_or_else(beyond)
}
