//! What would happen to an application that is handed in now. Nothing is stored, nothing is reserved.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Instant,
};

use jiff::Timestamp;
use phidia_domain::{
    application::{Applicant, Channel, ReturnWay, Submission},
    id::{ApplicationId, Id as _},
    procedure::{CompetenceKey, Step, Text},
    route::{self, Explanation, Outlook, Snapshot},
    work_item::WorkItem,
};
use phidia_runtime::{failure::Failure, versions::Versioned};

use crate::{
    Routing,
    desk::unavailable,
    reference::Reference,
    request::{PLACE_MISSING, request},
    round::micros,
};

/// What would happen.
pub(crate) struct Preview {
    /// The province that it rests on.
    pub(crate) today: Arc<Versioned<Reference>>,
    /// The decision for the first step, what is to be expected of all of them (or why no unit can take a later
    /// one), and real microseconds; or why there is none.
    pub(crate) decision: Result<(Explanation, Result<Outlook, &'static str>, i64), &'static str>,
    /// The epoch of the board that it was made over.
    pub(crate) epoch: i64,
    /// The promised instant.
    pub(crate) due_at: Option<Timestamp>,
    /// How it was reckoned.
    pub(crate) arithmetic: Vec<Text>,
}

impl Routing {
    /// Judges the application as intake would, decides its first step over the board as it is, and looks ahead along
    /// the usual way to the last one: whether the promise will hold, and if not, which appointment will. Nobody says who applies, so that
    /// continuity with an earlier application of theirs is left out.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for an unknown procedure or unit, or a procedure that is not in force;
    /// `UNAVAILABLE` when the board is away.
    pub(crate) async fn preview(
        &self,
        procedure_code: String,
        received_at_code: String,
        places: BTreeMap<CompetenceKey, String>,
        conflicted_codes: BTreeSet<String>,
    ) -> Result<Preview, Failure> {
        let since = Instant::now();
        let today = self.versions.active().await?;
        let Reference { province, roster, .. } = &today.value;
        let now = self.business.now();
        // Somebody, so that the very rules of acceptance can be asked.
        let applicant = Applicant { name: "-".to_owned(), ..Applicant::default() };
        let submission = Submission {
            procedure_code,
            received_at_code,
            return_at_code: None,
            places,
            conflicted_codes,
            applicant,
            channel: Channel::Direct,
            digitised: false,
            handed_in_at: None,
            issued: None,
            entrance: None,
            result_by: ReturnWay::Counter,
            contents: None,
        };
        let accepted = submission.accept(province, now)?;
        let policy = self.policies.active().await?;
        let seen = self.board.snapshot(province.code.as_str()).await.map_err(unavailable)?;
        let view = Snapshot { lent: self.lent(&province.code).await?, ..seen };
        let work_item = WorkItem::first(ApplicationId::from_uuid(uuid::Uuid::nil()), 1);
        let procedure = accepted.procedure;
        let day = province.clock.local_date(now);
        let process = procedure.process_on(day);
        let ask = |step: &Step| {
            let home = province.home(step, accepted.received_at.id, &accepted.places);
            let home = home.map_err(|_| PLACE_MISSING)?;
            let work_item = WorkItem { step: step.number, ..work_item };
            let mut request = request(procedure, step, work_item, home, accepted.received_at.id);
            request.listed = province.listed(step).collect();
            request.conflicts.clone_from(&accepted.conflicts);
            request.due_at = accepted.promise.due_at;
            Ok(request)
        };
        // A later step that cannot be asked about does not hide the first.
        let (mut stages, mut unasked) = (Vec::new(), None);
        for stage in process.usual_stages() {
            match stage.into_iter().map(ask).collect::<Result<Vec<_>, _>>() {
                Ok(requests) => stages.push(requests),
                Err(reason) => {
                    unasked = Some(reason);
                    break;
                }
            }
        }
        let decision = match route::outlook(&policy, province, roster, &view, stages, now) {
            Err(unplaced) => Err(unplaced.why.reason()),
            Ok(None) => Err(unasked.unwrap_or("UNKNOWN_STEP")),
            Ok(Some((first, looked))) => {
                let outlook = match (looked, unasked) {
                    (Ok(_), Some(reason)) => Err(reason),
                    (looked, _) => looked.map_err(|unplaced| unplaced.why.reason()),
                };
                Ok((first, outlook, micros(since)))
            }
        };
        let (due_at, arithmetic) = (accepted.promise.due_at, accepted.promise.arithmetic);
        Ok(Preview { decision, epoch: view.epoch, due_at, arithmetic, today: Arc::clone(&today) })
    }
}
