//! From a work item to what the policy is asked.
//!
//! The **procedure and its steps** are those of the version that the application is pinned to, and of its day of
//! acceptance: what has to be done, at what level and in what scope is settled then, and so is which commune a
//! named place means. **Units and officers** are those of the active version: work can only go to who is
//! there today. A home that was merged since is found by its code, as its successor.

use std::collections::{BTreeMap, BTreeSet};

use phidia_domain::{
    id::UnitId,
    procedure::{Procedure, Step},
    route::Request,
    work_item::WorkItem,
};
use phidia_runtime::failure::Failure;

use crate::{
    Routing,
    reference::Reference,
    work::{Application, Item},
};

/// Why a work item cannot even be put to the policy, `UPPER_SNAKE_CASE`. A person has to dispatch it.
pub(crate) type Reason = &'static str;

/// No commune is named for the competence key of the step, or none that is known.
pub(crate) const PLACE_MISSING: Reason = "PLACE_MISSING";
/// The unit of the competent authority is no more, and no single unit took over.
pub(crate) const HOME_ABOLISHED: Reason = "HOME_ABOLISHED";
/// The version that the application is pinned to is not here.
pub(crate) const VERSION_NOT_HERE: Reason = "VERSION_NOT_HERE";
/// The procedure has no such step.
const UNKNOWN_STEP: Reason = "UNKNOWN_STEP";

impl Routing {
    /// What the policy is asked for a work item, or why it cannot be asked. `home` is taken for home where none is
    /// known: a person has named it.
    pub(crate) async fn request(
        &self,
        today: &Reference,
        application: &Application,
        item: &Item,
        home: Option<UnitId>,
    ) -> Result<Result<Request, Reason>, Failure> {
        let pinned = match self.versions.at(application.province_version).await {
            Ok(pinned) => pinned,
            Err(failure) if failure.rejection().is_some_and(|why| why.reason == VERSION_NOT_HERE) => {
                return Ok(Err(VERSION_NOT_HERE));
            }
            Err(failure) => return Err(failure),
        };
        Ok(put(&pinned.value, today, application, item, home))
    }
}

fn put(
    pinned: &Reference,
    today: &Reference,
    application: &Application,
    item: &Item,
    named: Option<UnitId>,
) -> Result<Request, Reason> {
    let earlier = &pinned.province;
    let day = earlier.clock.local_date(application.submitted_at);
    let procedure = earlier.procedure_on(&application.procedure_code, day).map_err(|_| UNKNOWN_STEP)?;
    let step = procedure.step_on(item.work_item.step, day).ok_or(UNKNOWN_STEP)?;
    let places: BTreeMap<_, _> = (application.places.iter())
        .filter_map(|(key, code)| Some((*key, earlier.unit_by_code(code)?.id)))
        .collect();
    let home = earlier.home(step, application.received_at, &places).map_err(|_| PLACE_MISSING);
    let home = home.and_then(|home| today.successor(home, earlier).ok_or(HOME_ABOLISHED));
    let home = home.or_else(|why| named.ok_or(why))?;
    let successor = |unit| today.successor(unit, earlier);
    // A unit that received it and is no more has left its papers to no single successor: they are asked for
    // at home.
    let received_at = successor(application.received_at).unwrap_or(home);
    let mut request = request(procedure, step, item.work_item, home, received_at);
    request.listed = earlier.listed(step).filter_map(successor).collect();
    request.conflicts = today.province.heirs(&application.conflicts, earlier).collect();
    request.previous = item.previous.and_then(successor);
    request.earlier = application.earlier.filter(|_| item.previous.is_none()).and_then(successor);
    request.due_at = application.due_at;
    Ok(request)
}

/// What the policy is asked for a step; nothing is known of a step before it, nor of who applies.
pub(crate) fn request(
    procedure: &Procedure,
    step: &Step,
    work_item: WorkItem,
    home: UnitId,
    received_at: UnitId,
) -> Request {
    Request {
        work_item,
        field: procedure.field.vi.clone(),
        level: step.level,
        effort_minutes: step.effort_minutes,
        scope: step.scope,
        listed: BTreeSet::new(),
        home,
        received_at,
        papers: procedure.papers(step),
        conflicts: BTreeSet::new(),
        previous: None,
        earlier: None,
        due_at: None,
        green: procedure.corridor.is_some(),
    }
}
