//! How a step ends: with a result, with a question to the citizen or to another unit, or back at an earlier step. And how
//! they who were asked answer.

use std::mem;

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use phidia_domain::{
    caller::{Caller, Role},
    id::{Id as _, OfficerId, UnitId},
    unit::{Unit, UnitKind},
};
use phidia_proto::{
    convert,
    events::v1::StepOutcome,
    intake::v1::SupplementApplicationRequest,
    processing::v1::{
        AcknowledgeReferralRequest, AnswerReferralRequest, CaseState, CaseWorkItem, CompleteStepRequest,
        ReferCaseRequest, RequestSupplementRequest, SendBackStepRequest,
        referral_service_client::ReferralServiceClient,
    },
    types::v1::ReferralKind,
};
use phidia_runtime::peer::Peer;

use super::{Day, Open, Task};
use crate::demo::{
    report::Finished,
    turn::{Enquiry, Turn},
};

/// Who is to answer.
pub(super) enum Asked {
    /// The citizen, by their receipt.
    Citizen(SupplementApplicationRequest),
    /// Another unit.
    Unit {
        /// The question, `ref_…`.
        referral_id: String,
        /// Official code.
        unit: String,
    },
}

impl Day<'_> {
    /// Ends the steps that are due; whether there were any.
    pub(super) async fn end_steps(&mut self, now: Timestamp) -> anyhow::Result<bool> {
        let mut any = false;
        while let Some(entry) = self.busy.first_entry().filter(|entry| entry.key().0 <= now) {
            any = true;
            let ((_, officer), task) = entry.remove_entry();
            let unit = task.unit;
            match self.end_step(officer, task, now).await {
                Err(error) if !self.is_overtaken(&error) => return Err(error),
                _ => self.is_free_again(unit, officer)?,
            }
        }
        Ok(any)
    }

    async fn end_step(&mut self, officer: OfficerId, task: Task, now: Timestamp) -> anyhow::Result<()> {
        let Task { item, unit } = task;
        let key = item.work_item.as_ref().context("a work item has its key")?;
        let (application, step) = (key.application_id.clone(), key.step);
        let turn = match (self.open.get_mut(&application), step) {
            // Handed in by somebody who looks.
            (None, _) if self.guests.is_some() => Turn::Straight,
            (None, _) => bail!("a work item belongs to an application of the day"),
            (Some(Open { turn: Turn::SentBack, .. }), 1) => Turn::Straight,
            (Some(open), _) => mem::replace(&mut open.turn, Turn::Straight),
        };
        let mut cases = self.cases_as(officer, unit);
        let (work_item, fence) = (item.work_item.clone(), item.fence);
        match turn {
            Turn::Straight => self.complete(officer, &item, unit, StepOutcome::Approved).await?,
            Turn::Refused => self.complete(officer, &item, unit, StepOutcome::Refused).await?,
            Turn::SentBack => {
                let reason = "ghi sai ngày sinh".to_owned();
                cases.send_back_step(SendBackStepRequest { work_item, fence, to_step: 1, reason }).await?;
                self.tally.sent_back += 1;
            }
            Turn::Supplement(answer) => {
                let reasons = vec!["thiếu bản chính giấy tờ phải nộp".to_owned()];
                cases.request_supplement(RequestSupplementRequest { work_item, fence, reasons }).await?;
                self.tally.supplements += 1;
                let receipt = &self.open.get(&application).context("an open application")?.receipt;
                let by_receipt = SupplementApplicationRequest {
                    dossier_code: receipt.dossier_code.clone(),
                    check_code: receipt.check_code.clone(),
                    attachment_ids: Vec::new(),
                };
                let at = self.province.clock.add_minutes(now, answer)?;
                self.asked.insert((at, application), Asked::Citizen(by_receipt));
            }
            Turn::Verification(enquiry) => {
                self.refer((officer, &item), unit, ReferralKind::Verification, enquiry, now).await?;
                self.tally.verifications += 1;
            }
            Turn::Agency(enquiry) => {
                self.refer((officer, &item), unit, ReferralKind::Agency, enquiry, now).await?;
                self.tally.agencies += 1;
            }
        }
        Ok(())
    }

    async fn complete(
        &mut self,
        officer: OfficerId,
        item: &CaseWorkItem,
        unit: UnitId,
        outcome: StepOutcome,
    ) -> anyhow::Result<()> {
        let refused = outcome == StepOutcome::Refused;
        let refusal_reason = if refused { "thành phần hồ sơ không đúng quy định" } else { "" };
        let request = CompleteStepRequest {
            work_item: item.work_item.clone(),
            fence: item.fence,
            outcome: outcome.into(),
            next_step: 0,
            refusal_reason: refusal_reason.to_owned(),
        };
        let answer = self.cases_as(officer, unit).complete_step(request).await?.into_inner();
        let case = answer.case.context("a completed step has its case")?;
        if matches!(case.state(), CaseState::Granted | CaseState::Refused) {
            self.open.remove(&case.application_id);
            let completed_at = case.completed_at.context("a finished case has its end")?;
            let completed_at = convert::timestamp(completed_at, "completed_at")?;
            let corridor = case.corridor_due_at.map(|due| convert::timestamp(due, "corridor_due_at"));
            let kept = corridor.transpose()?.map(|due| completed_at <= due);
            self.finished.push(Finished { on_time: case.on_time(), in_corridor: kept });
            self.progress.inc(1);
        }
        Ok(())
    }

    /// Asks another unit; some other one, where it would be the own.
    async fn refer(
        &mut self,
        (officer, item): (OfficerId, &CaseWorkItem),
        unit: UnitId,
        kind: ReferralKind,
        enquiry: Enquiry,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let of = self.province.unit_by_code(&enquiry.unit).context("a unit of the province")?;
        let mut others = self.province.units.values().filter(|other| other.kind == of.kind);
        let asked = match of.id == unit {
            false => of,
            true => others.rfind(|other| other.id != unit).context("another unit of its kind")?,
        };
        let is_agency = kind == ReferralKind::Agency;
        let request = ReferCaseRequest {
            work_item: item.work_item.clone(),
            fence: item.fence,
            kind: kind.into(),
            unit_codes: vec![asked.code.clone()],
            question: if is_agency { "đề nghị thẩm định" } else { "đề nghị xác minh" }.to_owned(),
            working_days: if is_agency { 3 } else { 0 },
        };
        let answer = self.referrals_as(officer, unit).refer_case(request).await?.into_inner();
        let referral = answer.referrals.into_iter().next().context("one unit is asked one question")?;
        if is_agency {
            let request = AcknowledgeReferralRequest { referral_id: referral.referral_id.clone() };
            self.answering(asked)?.acknowledge_referral(request).await?;
        }
        let at = self.province.clock.add_minutes(now, enquiry.answer)?;
        let to_answer = Asked::Unit { referral_id: referral.referral_id, unit: asked.code.clone() };
        self.asked.insert((at, referral.application_id), to_answer);
        Ok(())
    }

    /// Has everybody answer whose time has come; whether there was anybody.
    pub(super) async fn answer(&mut self, now: Timestamp) -> anyhow::Result<bool> {
        let mut any = false;
        while let Some(entry) = self.asked.first_entry().filter(|entry| entry.key().0 <= now) {
            any = true;
            let asked = entry.remove();
            match self.answer_one(asked).await {
                Err(error) if !self.is_overtaken(&error) => return Err(error),
                _ => {}
            }
        }
        Ok(any)
    }

    async fn answer_one(&self, asked: Asked) -> anyhow::Result<()> {
        match asked {
            Asked::Citizen(by_receipt) => {
                self.applications().supplement_application(by_receipt).await?;
            }
            Asked::Unit { referral_id, unit } => {
                let unit = self.province.unit_by_code(&unit).context("a unit of the province")?;
                let answer = "đúng như hồ sơ".to_owned();
                let request = AnswerReferralRequest { referral_id, answer };
                self.answering(unit)?.answer_referral(request).await?;
            }
        }
        Ok(())
    }

    /// As somebody of a unit that is asked: an officer of a centre, the system of an agency.
    fn answering(&self, unit: &Unit) -> anyhow::Result<ReferralServiceClient<Peer>> {
        if unit.kind != UnitKind::CommuneCentre {
            let name = unit.code.clone();
            let system = Caller { role: Role::System, name, unit: Some(unit.id), officer: None };
            return Ok(ReferralServiceClient::new(self.house.processing.speaking_for(system)));
        }
        let officer = self.province.officers.values().find(|officer| officer.unit == unit.id);
        Ok(self.referrals_as(officer.context("a centre has officers")?.id, unit.id))
    }

    fn referrals_as(&self, officer: OfficerId, unit: UnitId) -> ReferralServiceClient<Peer> {
        let name = officer.uuid().simple().to_string();
        let caller = Caller { role: Role::Officer, name, unit: Some(unit), officer: Some(officer) };
        ReferralServiceClient::new(self.house.processing.speaking_for(caller))
    }
}
