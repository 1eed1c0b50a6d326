//! All that the catalogue says of a procedure on a day.

use std::sync::Arc;

use jiff::civil::Date;
use phidia_domain::{procedure::Procedure, province::Province};
use phidia_runtime::{failure::Failure, versions::Versioned};

use crate::Intake;

/// A procedure on a day.
#[derive(Clone, Debug)]
pub(crate) struct ProcedureView {
    pub(crate) province: Arc<Versioned<Province>>,
    pub(crate) procedure: Procedure,
    pub(crate) day: Date,
}

impl Intake {
    /// A procedure as it is on `day`; none: today, or the first day of what is to come.
    ///
    /// # Errors
    /// A violation of `code` for an unknown procedure, and one that is not in force on the day; `UNAVAILABLE` for a version that is not here.
    pub(crate) async fn get_procedure(
        &self,
        code: &str,
        day: Option<Date>,
        version: Option<i64>,
    ) -> Result<ProcedureView, Failure> {
        let province = self.version(version).await?;
        let at_code = |mut refusal: phidia_domain::Rejection| {
            for violation in &mut refusal.violations {
                "code".clone_into(&mut violation.field);
            }
            refusal
        };
        let today = province.value.clock.local_date(self.business.now());
        let on = day.unwrap_or(today);
        let procedure = province.value.procedure_on(code, on).map_err(at_code)?.clone();
        let day = day.unwrap_or_else(|| procedure.effective_from.map_or(today, |from| from.max(today)));
        procedure.check_in_force(day).map_err(at_code)?;
        Ok(ProcedureView { province, procedure, day })
    }

    /// A version of the province; none: the active one.
    ///
    /// # Errors
    /// `UNAVAILABLE` for one that is not here.
    pub(crate) async fn version(&self, version: Option<i64>) -> Result<Arc<Versioned<Province>>, Failure> {
        match version {
            Some(version) => self.versions.at(version).await,
            None => self.versions.active().await,
        }
    }
}
