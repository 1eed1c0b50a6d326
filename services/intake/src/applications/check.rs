//! What would be answered to whoever handed something in now, without taking anything in.

use phidia_domain::{
    FieldViolation, Rejection,
    application::{Acceptance, Contents, MOST_FILES},
    caller::Caller,
    deadline::Promise,
    procedure::{FeesDue, Text},
};
use phidia_proto::{application, intake::v1::SubmitApplicationRequest};
use phidia_runtime::failure::Failure;

use crate::{
    Intake,
    applications::drawn_up::check_issued,
    attachments::attach,
    record::FeeLine,
    scope::Scope,
    store::{attachments, similar::Similar},
};

/// What an application would get.
#[derive(Clone, Debug, Default)]
pub(crate) struct Checked {
    /// Everything that is wrong with it; none: it would be accepted.
    pub(crate) faults: Vec<FieldViolation>,
    pub(crate) advice: Vec<Text>,
    /// None: that is not known yet.
    pub(crate) fee_vnd: Option<i64>,
    pub(crate) fees: Vec<FeeLine>,
    /// None where there are faults.
    pub(crate) promise: Option<Promise>,
    /// What the same person has handed in of the same procedure, each with the name of the unit that received it.
    pub(crate) similar: Vec<(Similar, Text)>,
}

impl Intake {
    /// Everything that is wrong with an application, or what it would get. `owner`: whose draft it is, whose files are handed in with it.
    ///
    /// # Errors
    /// `UNAVAILABLE` where no province is active.
    pub(crate) async fn check(
        &self,
        caller: &Caller,
        request: SubmitApplicationRequest,
        owner: Option<&str>,
    ) -> Result<Checked, Failure> {
        let version = self.versions.active().await?;
        let (submission, misread) = application::read(request);
        let now = self.business.now();
        let mut missing = Vec::new();
        let (conn, id) = (self.outbox.database().read(), self.ids.mint(now));
        let owners = [Some(caller.actor()), owner.map(str::to_owned)];
        let owners: Vec<_> = owners.iter().flatten().map(String::as_str).collect();
        for (field, file) in submission.contents.iter().flat_map(Contents::attachments).take(MOST_FILES) {
            let file = attachments::find(conn, &version.value.code, file).await?;
            missing.extend(attach::check(file, &owners, id, &field).err());
        }
        let judged = submission.judge(&version.value, now, misread);
        let judged = match (judged, missing.is_empty()) {
            (Ok(_), false) => Err(missing),
            (Err(faults), _) => Err([faults, missing].concat()),
            (judged, true) => judged,
        };
        let judged = judged.and_then(|acceptance| {
            // Of a submission it is no fault of a field: whoever receives elsewhere is not let in at all.
            let forbidden = check_issued(caller, &submission);
            forbidden.and_then(|()| Scope::of(caller).check(acceptance.received_at.id)).map_err(
                |refusal| {
                    let message = refusal.message.clone();
                    let is_told = !refusal.violations.is_empty();
                    vec![if is_told { refusal } else { refusal.violating("received_at_code", message) }]
                },
            )?;
            Ok(acceptance)
        });
        let province = &version.value;
        let at = submission.issued.as_ref().map_or(now, |issued| issued.accepted_at);
        let procedure = province.procedures.on(&submission.procedure_code, province.clock.local_date(at));
        let fees = procedure.map(|procedure| submission.fees_due(procedure));
        let checked = match judged {
            Ok(Acceptance { promise, advice, .. }) => {
                Checked { advice, promise: Some(promise), ..Checked::default() }
            }
            Err(faults) => Checked { faults: named(faults), ..Checked::default() },
        };
        let similar = self.similar(caller, &province.code, &submission).await?;
        let received_at = |similar: Similar| {
            let unit = province.units.get(&similar.received_at_unit);
            let name = unit.map(|unit| unit.name.clone()).unwrap_or_default();
            (similar, name)
        };
        Ok(Checked {
            similar: similar.into_iter().map(received_at).collect(),
            fee_vnd: fees.as_ref().filter(|fees| fees.is_known).map(FeesDue::total_vnd),
            fees: fees.map_or_else(Vec::new, |fees| fees.lines.into_iter().map(Into::into).collect()),
            ..checked
        })
    }
}

/// Each fault with the field that it is of.
fn named(faults: Vec<Rejection>) -> Vec<FieldViolation> {
    faults.into_iter().flat_map(|fault| fault.violations).collect()
}
