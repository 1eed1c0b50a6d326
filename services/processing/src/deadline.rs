//! How a promised instant comes about: of a case, made again from what it is pinned to, or of any moment.

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    caller::Caller,
    case::Promised,
    deadline::{Promise, promise, slack_minutes},
    procedure::Text,
    province::Province,
};
use phidia_runtime::failure::Failure;

use crate::{
    Processing,
    get_case::{CaseKey, CaseView},
    record,
};

/// A promise with what it rests on.
#[derive(Clone, Debug)]
pub(crate) struct Reckoning {
    pub(crate) procedure_code: String,
    pub(crate) procedure_name: Text,
    pub(crate) province_version: i64,
    /// Version whose legal clock it was reckoned by.
    pub(crate) clock_version: i64,
    pub(crate) promise: Promise,
    /// What the green corridor of the procedure promises; none: it is in none, or in one that is not shorter.
    pub(crate) corridor: Option<Promise>,
    /// The new appointment that the citizen was given.
    pub(crate) appointment_at: Option<Timestamp>,
}

/// The deadline of a case.
#[derive(Clone, Debug)]
pub(crate) struct CaseDeadline {
    pub(crate) case: CaseView,
    /// Made again.
    pub(crate) reckoning: Reckoning,
    /// Working minutes left on the legal clock of today, negative when it is past; none without a promise, or when it is
    /// finished.
    pub(crate) minutes_left: Option<i64>,
}

impl Processing {
    /// The deadline of a case, made again from the version of the province that it is pinned to.
    ///
    /// # Errors
    /// Those of [`Processing::get_case`].
    pub(crate) async fn explain_deadline(
        &self,
        caller: &Caller,
        key: CaseKey,
    ) -> Result<CaseDeadline, Failure> {
        let (view, _) = self.get_case(caller, key).await?;
        let case = &view.case;
        let pinned = self.versions.at(case.province_version).await?;
        let procedure = record::pinned(&pinned.value, &case.procedure_code, case.submitted_at)?;
        let follows = self.versions.at(case.clock_version()).await?;
        let standstills = case.standstills();
        let Promised { mut promise, corridor, appointment_at } =
            case.grounds(procedure, &standstills).promised(&follows.value.clock)?;
        if let Some(version) = case.follows.filter(|version| *version != case.province_version) {
            promise.arithmetic.push(by_the_clock_of(version));
        }
        let reckoning = Reckoning {
            procedure_code: procedure.code.clone(),
            procedure_name: procedure.name.clone(),
            province_version: case.province_version,
            clock_version: case.clock_version(),
            promise,
            corridor,
            appointment_at,
        };
        let clock = &self.versions.active().await?.value.clock;
        let open = case.due_at.filter(|_| case.finished.is_none());
        // While the clock stands still, as much is left as when it stopped.
        let counted = case.stands_still_since().unwrap_or_else(|| self.business.now());
        let minutes_left = open.map(|due_at| slack_minutes(clock, counted, due_at));
        Ok(CaseDeadline { case: view, reckoning, minutes_left })
    }

    /// What would be promised, or would have been, for a dossier received at an instant; `version`: of the province's
    /// documents, none: the active one.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for an unknown procedure, for one that is not in force on that day, and for an instant that the
    /// calendar does not cover; `UNAVAILABLE` for a version that is not here.
    pub(crate) async fn reckon_deadline(
        &self,
        procedure_code: &str,
        received_at: Timestamp,
        version: Option<i64>,
    ) -> Result<Reckoning, Failure> {
        let known = match version {
            Some(version) => self.versions.at(version).await?,
            None => self.versions.active().await?,
        };
        let promise = promised(&known.value, procedure_code, received_at)?;
        let day = known.value.clock.local_date(received_at);
        let procedure = known.value.procedure_on(procedure_code, day)?;
        let corridor = record::corridor(&known.value, procedure, received_at)?;
        Ok(Reckoning {
            procedure_code: procedure.code.clone(),
            procedure_name: procedure.name.clone(),
            province_version: known.version,
            clock_version: known.version,
            promise,
            corridor,
            appointment_at: None,
        })
    }
}

/// The line that says by which days off it was reckoned.
fn by_the_clock_of(version: i64) -> Text {
    Text {
        vi: format!("Tính lại theo lịch nghỉ của phiên bản {version}."),
        en: format!("Re-planned by the days off of version {version}."),
    }
}

fn promised(province: &Province, code: &str, received_at: Timestamp) -> Result<Promise, Rejection> {
    let day = province.clock.local_date(received_at);
    let procedure = province.procedure_on(code, day)?;
    procedure.check_in_force(day)?;
    promise(&province.clock, procedure.limit, received_at).map_err(|mut refusal| {
        refusal.violations.iter_mut().for_each(|violation| "received_at".clone_into(&mut violation.field));
        refusal
    })
}
