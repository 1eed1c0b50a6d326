//! An officer asks other offices something: the step is laid down until all of them have answered, and the legal clock runs on.

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    case::{
        Asking, Referral, ReferralKind, Wait,
        referral::{MOST_ASKED, answer_due},
    },
    id::UnitId,
    officer::Officer,
    province::Province,
    work_item::WorkItem,
};
use phidia_proto::{
    convert,
    events::v1::{ReferralMade, Referrals, case_paused::WaitsFor},
};
use phidia_runtime::{
    failure::Failure,
    seal::{PersonKey, Sealed},
};

use crate::{
    Processing,
    act::Act,
    caller::Sender,
    get_case::CaseView,
    list_referrals::ReferralView,
    record::{self, CaseRecord, Item, ReferralRecord},
    store,
};

/// What other offices are asked.
pub(crate) struct Enquiry {
    pub(crate) work_item: WorkItem,
    /// The one that the claim gave.
    pub(crate) fence: u64,
    pub(crate) kind: ReferralKind,
    /// Official codes.
    pub(crate) unit_codes: Vec<String>,
    /// It may name people: it is kept sealed, and told to the units that are asked alone.
    pub(crate) question: String,
    /// Working days that an agency is given.
    pub(crate) working_days: Option<u32>,
}

impl Processing {
    /// Asks other units. Asked again with the same fence, nothing changes.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` for who is no officer; `NOT_FOUND`; `ABORTED` with the present holder for an old fence;
    /// `INVALID_ARGUMENT` for units, a question or a time that are not allowed; `FAILED_PRECONDITION` when it waits already, or has
    /// ended.
    pub(crate) async fn refer_case(
        &self,
        sender: Sender,
        enquiry: Enquiry,
    ) -> Result<(CaseView, Vec<ReferralView>), Failure> {
        let (case, asked) =
            self.act(sender, |processing, act| Box::pin(processing.refer(act, enquiry))).await?;
        let (mut views, now) = (Vec::with_capacity(asked.len()), self.business.now());
        for record in asked {
            views.push(self.view_referral(record, now).await?);
        }
        Ok((self.view(case).await?, views))
    }

    async fn refer(
        &self,
        mut act: Act<'_>,
        enquiry: Enquiry,
    ) -> Result<(CaseRecord, Vec<ReferralRecord>), Failure> {
        let Act { tx, today, officer, deed, .. } = act;
        let to = units(today, &enquiry.unit_codes)?;
        let due_at = answer_due(&today.clock, enquiry.kind, enquiry.working_days, deed.at)?;
        let (work_item, fence) = (enquiry.work_item, enquiry.fence);
        // Once more when somebody was faster: what is there then gives the precise answer.
        for _ in 0..2 {
            let (item, mut case) = act.find(work_item).await?;
            let earlier = store::referrals_of(tx, case.id).await?;
            let before: Vec<Referral> = earlier.iter().map(|record| record.referral).collect();
            let asking = item.held.refer(officer.id, fence, &to, &enquiry.question, &before);
            if asking.map_err(|refusal| item.naming_holder(refusal, today))? == Asking::Before {
                let by_this = |referral: &Referral| {
                    (referral.work_item, referral.officer, referral.fence) == (work_item, officer.id, fence)
                };
                let mut asked: Vec<_> =
                    earlier.into_iter().filter(|record| by_this(&record.referral)).collect();
                // In the order in which they are named, as the first time.
                asked.sort_by_key(|record| to.iter().position(|unit| *unit == record.referral.to));
                return Ok((case, asked));
            }
            if !store::pause_item(tx, &item, Wait::Referral, deed).await? {
                continue;
            }
            let mut asked = Vec::with_capacity(to.len());
            for unit in &to {
                let record = self.write_down(&case, &item, officer, *unit, &enquiry, (deed.at, due_at))?;
                store::insert_referral(tx, &record).await?;
                asked.push(record);
            }
            let standing = case.standing.paused(work_item.step, Wait::Referral)?;
            store::advance(tx, case.id, &case.standing, &standing, store::Besides::default()).await?;
            case.standing = standing;
            let referrals = asked.iter().map(|record| made(&record.referral, today)).collect();
            let paused =
                self.paused(today, &case, &item, WaitsFor::Referrals(Referrals { referrals })).await?;
            act.tell(&case, paused);
            return Ok((case, asked));
        }
        Err(Failure::broken(format!("{work_item} changes without its fence")))
    }

    /// The question to one unit, sealed under a key of its own.
    fn write_down(
        &self,
        case: &CaseRecord,
        item: &Item,
        officer: &Officer,
        to: UnitId,
        enquiry: &Enquiry,
        (asked_at, due_at): (Timestamp, Timestamp),
    ) -> Result<ReferralRecord, Failure> {
        let (id, key) = (self.ids.mint(asked_at), PersonKey::generate());
        let context = ReferralRecord::context(id, "question");
        Ok(ReferralRecord {
            referral: Referral {
                id,
                case: case.id,
                work_item: enquiry.work_item,
                kind: enquiry.kind,
                from: item.held.unit,
                to,
                officer: officer.id,
                fence: enquiry.fence,
                asked_at,
                due_at,
                acknowledged_at: None,
                ended: None,
            },
            province: case.province.clone(),
            dossier_code: case.dossier_code.clone(),
            procedure_code: case.procedure_code.clone(),
            province_version: case.province_version,
            wrapped_key: key.wrap(&self.master_key)?,
            question: Sealed::seal(&key, &context, &enquiry.question)?,
            answer: None,
        })
    }
}

/// The units with these codes.
fn units(today: &Province, codes: &[String]) -> Result<Vec<UnitId>, Rejection> {
    if codes.len() > MOST_ASKED {
        return Err(Rejection::invalid("OUT_OF_RANGE", "unit_codes", format!("1 to {MOST_ASKED} units")));
    }
    let unit = |(place, code): (usize, &String)| match today.unit_by_code(code) {
        Some(unit) => Ok(unit.id),
        None => {
            let field = format!("unit_codes[{place}]");
            Err(Rejection::invalid("UNKNOWN_UNIT", &field, "the code of a unit of the province"))
        }
    };
    codes.iter().enumerate().map(unit).collect()
}

fn made(referral: &Referral, today: &Province) -> ReferralMade {
    ReferralMade {
        referral_id: referral.id.to_string(),
        kind: convert::wire_referral_kind(referral.kind).into(),
        unit_id: referral.to.to_string(),
        unit_name: record::unit_name(referral.to, [today]).map(convert::wire_text),
        due_at: Some(convert::wire_timestamp(referral.due_at)),
    }
}
