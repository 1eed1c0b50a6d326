//! The internal process of a procedure as it holds, and what it changed from an earlier version or day.

use std::sync::Arc;

use jiff::civil::Date;
use phidia_domain::{
    procedure::{Change, Procedure, changes},
    province::Province,
};
use phidia_runtime::{failure::Failure, versions::Versioned};

use crate::Intake;

/// Which process is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) procedure_code: String,
    /// None: today, or the first day of what is to come.
    pub(crate) day: Option<Date>,
    /// None: the active version.
    pub(crate) version: Option<i64>,
    /// With which version it is compared; none: the same one.
    pub(crate) since_version: Option<i64>,
    /// With which day it is compared; none: the same one.
    pub(crate) since_day: Option<Date>,
}

/// A process.
#[derive(Clone, Debug)]
pub(crate) struct ProcessView {
    pub(crate) province: Arc<Versioned<Province>>,
    pub(crate) procedure: Procedure,
    pub(crate) day: Date,
    pub(crate) changes: Vec<Change>,
}

impl Intake {
    /// The process, and what it changed.
    ///
    /// # Errors
    /// A violation of `procedure_code` for an unknown procedure, and one that is not in force on the day; `UNAVAILABLE` for a version
    /// that is not here.
    pub(crate) async fn get_process(&self, asked: Asked) -> Result<ProcessView, Failure> {
        let Asked { procedure_code, day, version, since_version, since_day } = asked;
        let province = self.version(version).await?;
        let today = province.value.clock.local_date(self.business.now());
        let procedure = province.value.procedure_on(&procedure_code, day.unwrap_or(today))?.clone();
        let day = day.unwrap_or_else(|| procedure.effective_from.map_or(today, |from| from.max(today)));
        procedure.check_in_force(day)?;
        let changes = if since_version.is_some() || since_day.is_some() {
            let earlier = match since_version {
                Some(version) => self.versions.at(version).await?,
                None => Arc::clone(&province),
            };
            let then = since_day.unwrap_or(day);
            // Where it was not in force then, or not known, it had no process.
            let before = earlier.value.procedures.on(&procedure_code, then);
            let before = before.filter(|before| before.check_in_force(then).is_ok());
            changes(before.map(|before| (before, then)), (&procedure, day))
        } else {
            Vec::new()
        };
        Ok(ProcessView { province, procedure, day, changes })
    }
}
