//! Brings a province in, whole or by some rows: validated in all services first, staged in all under one version, activated last.
//!
//! Whatever dies in between, the province that was active stays so here, and the same files, imported again,
//! take up what was staged. Other files, also those that are active here, may be imported as well: whoever is
//! behind is brought up to them, and where somebody is ahead, all go on to a version above. The order matters:
//! processing and routing know a version before the first application is pinned to it.

use std::{collections::BTreeMap, sync::Arc};

use phidia_domain::{
    Kind, Rejection,
    province::{self, Province},
};
use phidia_proto::{
    processing::v1::{self as processing, case_service_client::CaseServiceClient},
    routing::v1::{self as routing, registry_service_client::RegistryServiceClient},
};
use phidia_runtime::{
    failure::Failure,
    peer::Peer,
    reference::{self, Documents},
    versions::{Versioned, Versions},
};
use tokio::sync::Mutex;
use tracing::Instrument as _;

use crate::Intake;

/// How many numbers are tried for a version: each one that is taken, or that somebody is beyond, was given by
/// an import that died.
const ATTEMPTS: i64 = 100;

/// How often rows are put into a version that is not the active one any more when they come to it.
const OVERTAKEN: usize = 5;

/// Rows of files of a province.
#[derive(Clone, Debug)]
pub(crate) struct Amendment {
    /// To replace those of the same keys, or to be added.
    pub(crate) put: province::Documents,
    /// Keys of those that are to go.
    pub(crate) removed: province::Documents,
}

/// A province in figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) code: String,
    pub(crate) name: phidia_domain::procedure::Text,
    pub(crate) version: i64,
    pub(crate) units: usize,
    pub(crate) procedures: usize,
    pub(crate) officers: usize,
    /// IANA name.
    pub(crate) time_zone: String,
    /// What the province has published of its catalogue.
    pub(crate) figures: Vec<province::Figure>,
}

impl Summary {
    fn of(province: &Province, version: i64) -> Self {
        Self {
            code: province.code.clone(),
            name: province.name.clone(),
            version,
            units: province.units.len(),
            procedures: province.procedures.len(),
            officers: province.officers.len(),
            // A legal clock is made by name only.
            figures: province.figures.clone(),
            time_zone: province.clock.time_zone().iana_name().unwrap_or_default().to_owned(),
        }
    }
}

impl Intake {
    /// The active province.
    pub(crate) async fn province(&self) -> Result<Summary, Failure> {
        let active = self.versions.active().await?;
        Ok(Summary::of(&active.value, active.version))
    }
}

/// Imports provinces, one at a time.
pub(crate) struct Importer {
    versions: Versions<Province>,
    routing: RegistryServiceClient<Peer>,
    processing: CaseServiceClient<Peer>,
    one_at_a_time: Mutex<()>,
}

impl Importer {
    pub(crate) fn new(versions: Versions<Province>, routing: Peer, processing: Peer) -> Self {
        Self {
            versions,
            routing: RegistryServiceClient::new(routing),
            processing: CaseServiceClient::new(processing),
            one_at_a_time: Mutex::new(()),
        }
    }

    /// Brings `files` in, for `by` (`role/name`); answers what is active then, and whether that is another version than before.
    pub(crate) async fn import(
        self: &Arc<Self>,
        files: Documents,
        by: String,
        validate_only: bool,
        allow_uncovered: bool,
    ) -> Result<(Summary, bool), Failure> {
        let importer = Arc::clone(self);
        to_the_end(async move {
            let _alone = importer.one_at_a_time.lock().await;
            importer.bring_in(files, &by, validate_only, allow_uncovered, None).await
        })
        .await
    }

    /// Brings in files that were made from version `over`, as long as that is the active one.
    ///
    /// # Errors
    /// `ABORTED` when another one is active.
    pub(crate) async fn import_over(
        self: &Arc<Self>,
        files: Documents,
        by: String,
        over: i64,
        validate_only: bool,
        allow_uncovered: bool,
    ) -> Result<(Summary, bool), Failure> {
        let importer = Arc::clone(self);
        to_the_end(async move {
            let _alone = importer.one_at_a_time.lock().await;
            let active = importer.versions.latest().await?.version;
            if active != over {
                return Err(moved_on(active).into());
            }
            importer.bring_in(files, &by, validate_only, allow_uncovered, Some(over)).await
        })
        .await
    }

    /// Has rows put into the active files and taken out of them, and brings the result in, as files are; answers
    /// like an import. Where another version becomes the active one meanwhile, the rows go into that, unless
    /// `expected` says which it is meant for.
    pub(crate) async fn amend(
        self: &Arc<Self>,
        amendment: Amendment,
        by: String,
        expected: Option<i64>,
        validate_only: bool,
        allow_uncovered: bool,
    ) -> Result<(Summary, bool), Failure> {
        let importer = Arc::clone(self);
        to_the_end(async move {
            let _alone = importer.one_at_a_time.lock().await;
            let mut left = OVERTAKEN;
            loop {
                match importer.amend_active(&amendment, &by, expected, validate_only, allow_uncovered).await {
                    Err(failure) if left > 0 && expected.is_none() && is_overtaken(&failure) => left -= 1,
                    done => return done,
                }
            }
        })
        .await
    }

    async fn amend_active(
        &self,
        Amendment { put, removed }: &Amendment,
        by: &str,
        expected: Option<i64>,
        validate_only: bool,
        allow_uncovered: bool,
    ) -> Result<(Summary, bool), Failure> {
        let active = self.versions.latest().await?.version;
        if expected.is_some_and(|expected| expected != active) {
            return Err(moved_on(active).into());
        }
        let files = province::Documents(self.versions.documents(active).await?);
        self.bring_in(files.amended(put, removed)?.0, by, validate_only, allow_uncovered, Some(active)).await
    }

    /// `over`: the version that the files were made from; they take the place of no other.
    async fn bring_in(
        &self,
        mut files: Documents,
        by: &str,
        validate_only: bool,
        allow_uncovered: bool,
        over: Option<i64>,
    ) -> Result<(Summary, bool), Failure> {
        // Notes and demand figures may lie beside the facts; they make no version.
        files.retain(|name, _| Province::reads(name));

        let province = self.versions.validate(&files)?;
        self.install(Phase::Validate { allow_uncovered }, 0, &files).await?;
        let active = self.active().await?;
        if let Some(active) = &active {
            same_province(&active.value, &province)?;
        }
        let before = active.as_ref().map_or(0, |active| active.version);
        let unchanged = active.is_some_and(|active| active.digest == reference::digest(&files));
        if validate_only {
            return Ok((Summary::of(&province, 0), !unchanged));
        }
        let version = self.establish(before, unchanged, &files, by, over).await?;
        if version != before {
            tracing::info!(version, units = province.units.len(), "a province was brought in");
        }
        Ok((Summary::of(&province, version), version != before))
    }

    async fn active(&self) -> Result<Option<Arc<Versioned<Province>>>, Failure> {
        match self.versions.active().await {
            Ok(active) => Ok(Some(active)),
            Err(failure) if failure.rejection().is_some_and(|refusal| refusal.reason == "NO_PROVINCE") => {
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Makes the files active everywhere under one version: the active one where they are unchanged, so that
    /// the others have it too; else one that nobody has used for others and nobody is beyond. The newest one
    /// here, if it never became active, is tried first: an import of these very files may have died after it.
    async fn establish(
        &self,
        active: i64,
        unchanged: bool,
        files: &Documents,
        by: &str,
        over: Option<i64>,
    ) -> Result<i64, Failure> {
        let first = self.versions.newest().await?.max(active + 1);
        for version in unchanged.then_some(active).into_iter().chain(first..first + ATTEMPTS) {
            match self.establish_as(version, files, by, over).await {
                Err(Failure::Rejected(refusal))
                    if matches!(refusal.kind, Kind::AlreadyExists | Kind::Precondition) =>
                {
                    tracing::debug!(version, reason = refusal.reason, "the version is taken, or passed");
                }
                established => return established.map(|()| version),
            }
        }
        Err(Rejection::new(
            Kind::Conflict,
            "NO_FREE_VERSION",
            "no version is free in all services; try again",
        )
        .into())
    }

    async fn establish_as(
        &self,
        version: i64,
        files: &Documents,
        by: &str,
        over: Option<i64>,
    ) -> Result<(), Failure> {
        self.versions.stage(version, files.clone()).await?;
        self.install(Phase::Stage, version, files).await?;
        self.install(Phase::Activate, version, &Documents::new()).await?;
        self.versions.activate(version, over, Some(by.to_owned())).await
    }

    /// One phase in the other services.
    async fn install(&self, phase: Phase, version: i64, files: &Documents) -> Result<(), Failure> {
        let files = || BTreeMap::clone(files);
        let request =
            processing::InstallProvinceRequest { phase: phase.processing().into(), version, files: files() };
        self.processing.clone().install_province(request).await?;
        let allow_uncovered = matches!(phase, Phase::Validate { allow_uncovered: true });
        let phase = phase.routing().into();
        let request = routing::InstallProvinceRequest { phase, version, files: files(), allow_uncovered };
        self.routing.clone().install_province(request).await?;
        Ok(())
    }
}

/// On a task of its own: a caller who gives up must not leave one service ahead of the others.
async fn to_the_end<T: Send + 'static>(
    import: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T, Failure> {
    tokio::spawn(import.in_current_span()).await.map_err(Failure::broken)?
}

fn moved_on(active: i64) -> Rejection {
    let message = format!("version {active} is active by now; look again");
    Rejection::new(Kind::Conflict, "VERSION_MOVED_ON", message).with("active", active)
}

fn is_overtaken(failure: &Failure) -> bool {
    failure.rejection().is_some_and(|refusal| refusal.reason == "VERSION_MOVED_ON")
}

/// The phases of an import.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// Whether steps may be left without anybody, is said to routing.
    Validate {
        allow_uncovered: bool,
    },
    Stage,
    Activate,
}

impl Phase {
    fn routing(self) -> routing::InstallPhase {
        match self {
            Self::Validate { .. } => routing::InstallPhase::Validate,
            Self::Stage => routing::InstallPhase::Stage,
            Self::Activate => routing::InstallPhase::Activate,
        }
    }

    fn processing(self) -> processing::InstallPhase {
        match self {
            Self::Validate { .. } => processing::InstallPhase::Validate,
            Self::Stage => processing::InstallPhase::Stage,
            Self::Activate => processing::InstallPhase::Activate,
        }
    }
}

/// An installation is one province's: every id and every key of its records hangs on that code.
fn same_province(active: &Province, new: &Province) -> Result<(), Rejection> {
    if active.code == new.code {
        return Ok(());
    }
    let message = format!(
        "this installation is province {}'s, and these files are province {}'s",
        active.code, new.code
    );
    Err(Rejection::new(Kind::Precondition, "OTHER_PROVINCE", message))
}
