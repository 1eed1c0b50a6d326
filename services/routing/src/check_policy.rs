//! Who may take what in the coming year: asked for, and asked before a province or a policy is let in.

use std::sync::Arc;

use jiff::civil::Date;
use phidia_domain::{
    Rejection,
    coverage::{self, Coverage, Takers},
    policy::{
        document::{read, refusal},
        idle,
    },
};
use phidia_runtime::{
    failure::Failure,
    reference::Documents,
    versions::{Phase, Versioned},
};

use crate::{Routing, reference::Reference};

/// What was found.
pub(crate) struct Checked {
    /// The province that it is about.
    pub(crate) today: Arc<Versioned<Reference>>,
    /// Name of the policy.
    pub(crate) name: String,
    pub(crate) coverage: Coverage,
}

impl Routing {
    /// Checks a document, or the policy that holds, over the active province from a day on, or from today.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` with each fault at its place; `UNAVAILABLE` without a province.
    pub(crate) async fn check_policy(
        &self,
        document: Option<&str>,
        from: Option<Date>,
    ) -> Result<Checked, Failure> {
        let policy = match document {
            Some(document) => Arc::new(read(document).map_err(|faults| refusal(&faults))?),
            None => self.policies.active().await?,
        };
        let today = self.versions.active().await?;
        let from = from.unwrap_or_else(|| today.value.province.clock.local_date(self.business.now()));
        let province = Arc::clone(&today);
        let mut coverage = self.judge(move || coverage::of(&province.value.province, from)).await?;
        coverage.idle.extend(idle::over(&policy, &today.value.province));
        Ok(Checked { today, name: policy.name.clone(), coverage })
    }

    /// Who may take the steps of a procedure for a commune, in the year from a day on, or from today.
    ///
    /// # Errors
    /// Those of [`coverage::takers`]; `UNAVAILABLE` without a province.
    pub(crate) async fn list_takers(
        &self,
        procedure: String,
        commune: String,
        from: Option<Date>,
    ) -> Result<(Arc<Versioned<Reference>>, Vec<Takers>), Failure> {
        let today = self.versions.active().await?;
        let from = from.unwrap_or_else(|| today.value.province.clock.local_date(self.business.now()));
        let province = Arc::clone(&today);
        let found =
            self.judge(move || coverage::takers(&province.value.province, &procedure, &commune, from));
        Ok((today, found.await?))
    }

    /// One phase of an import. Documents are valid when they can be read and, unless that is allowed, leave no
    /// step without anybody.
    pub(crate) async fn install_province(&self, phase: Phase, allow_uncovered: bool) -> Result<(), Failure> {
        match phase {
            Phase::Validate(documents) if !allow_uncovered => self.check_province(&documents).await,
            phase => self.versions.install(phase).await,
        }
    }

    async fn check_province(&self, documents: &Documents) -> Result<(), Failure> {
        let reference = self.versions.validate(documents)?;
        let day = reference.province.clock.local_date(self.business.now());
        self.judge(move || reference.check_covered(day)).await
    }

    /// Judges a year, which takes its time, beside those who answer calls.
    pub(crate) async fn judge<T: Send + 'static>(
        &self,
        judge: impl FnOnce() -> Result<T, Rejection> + Send + 'static,
    ) -> Result<T, Failure> {
        let judged = tokio::task::spawn_blocking(judge).await.map_err(Failure::broken)?;
        Ok(judged?)
    }
}

impl Reference {
    /// Refuses a province that leaves a step without anybody in the year from this day on.
    pub(crate) fn check_covered(&self, from: Date) -> Result<(), Rejection> {
        coverage::of(&self.province, from)?.check(&self.province)
    }
}
