//! Form 06 of Circular 03/2025/TT-VPCP: who had a dossier when.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use phidia_domain::{
    caller::Caller,
    case::{self, Happening, Party, Passage, Purpose, Reopening, Stage, State},
    id::{ApplicationId, OfficerId},
    procedure::{Step, Text},
    province::Province,
};
use phidia_forms::{ControlSlip, Form, HandOver, Office, Timeliness};
use phidia_runtime::failure::Failure;

use crate::{
    Processing,
    get_case::CaseKey,
    line::Line,
    record::{self, CaseRecord, Item},
    store,
};

/// How the applicant stands on it: who they are is nobody's business there.
const APPLICANT: &str = "Người nộp hồ sơ";

/// How those stand on it who are asked something: which they are, their answers tell.
const OFFICES: &str = "Cơ quan, đơn vị phối hợp";

/// A control slip as it is printed.
pub(crate) struct Slip {
    pub(crate) application: ApplicationId,
    pub(crate) pdf: Vec<u8>,
    pub(crate) file_name: String,
}

impl Processing {
    /// The control slip of a case.
    ///
    /// # Errors
    /// Those of [`Processing::get_case`].
    pub(crate) async fn render_control_slip(&self, caller: &Caller, key: CaseKey) -> Result<Slip, Failure> {
        let (view, lines) = self.get_case(caller, key).await?;
        let (case, procedure_name) = (view.case, view.procedure_name);
        let db = self.outbox.database().read();
        let kept = store::list_passages(db, &case.province, case.application).await?;
        let passages = with_those_before(kept, &lines);
        let (today, pinned) = (self.versions.active().await?, self.versions.at(case.province_version).await?);
        let printer = Printer { today: &today.value, pinned: &pinned.value, case: &case, lines: &lines };
        let slip = printer.slip(&procedure_name, &passages, self.business.now())?;
        let pdf = tokio::task::spawn_blocking(move || slip.pdf()).await.map_err(Failure::broken)?;
        Ok(Slip {
            application: case.application,
            file_name: Form::Control.file_name(&case.dossier_code),
            pdf: pdf.map_err(Failure::broken)?,
        })
    }
}

/// What has happened to the work items of a case, those that came here before that was kept as far as they still say it.
fn with_those_before(mut kept: Vec<Passage>, lines: &[Line]) -> Vec<Passage> {
    let older = |line: &&Line| {
        let reached =
            |it: &Passage| (it.work_item, it.happening) == (line.item.held.work_item, Happening::Reached);
        !kept.iter().any(reached)
    };
    let older: Vec<_> = lines.iter().filter(older).flat_map(|line| passages_of(&line.item)).collect();
    let known = |it: &Passage| {
        kept.iter().any(|kept| (kept.work_item, kept.happening) == (it.work_item, it.happening))
    };
    let older: Vec<_> = older.into_iter().filter(|it| !known(it)).collect();
    kept.extend(older);
    kept
}

fn passages_of(item: &Item) -> impl Iterator<Item = Passage> {
    let passage = |happening, at, officer: Option<OfficerId>| Passage {
        work_item: item.held.work_item,
        fence: item.held.fence,
        happening,
        at,
        unit: item.held.unit,
        officer,
        actor: None,
    };
    let done = item.completed_at.filter(|_| matches!(item.held.stage, Stage::Done(_) | Stage::SentBack));
    [
        Some(passage(Happening::Reached, item.queued_at, None)),
        item.started_at.map(|at| passage(Happening::TakenUp, at, item.held.holder)),
        done.map(|at| passage(Happening::Done, at, item.held.holder)),
    ]
    .into_iter()
    .flatten()
}

struct Printer<'p> {
    today: &'p Province,
    pinned: &'p Province,
    case: &'p CaseRecord,
    lines: &'p [Line],
}

impl Printer<'_> {
    fn slip(
        &self,
        procedure_name: &Text,
        passages: &[Passage],
        now: Timestamp,
    ) -> Result<ControlSlip, Failure> {
        let case = self.case;
        let office = [self.pinned, self.today]
            .into_iter()
            .find_map(|province| Some(Office::of(province.units.get(&case.received_at)?, province)));
        let ended = case.finished.map(|finished| (finished.at, case.standing.state));
        let before = case.reopenings.iter().map(|Reopening { before, .. }| (before.at, before.state));
        let procedure = record::pinned(self.pinned, &case.procedure_code, case.submitted_at)?;
        let stage = |number| {
            let step = record::step(self.pinned, procedure, number, case.submitted_at);
            step.map_or(number, Step::stage)
        };
        let hand_overs = case::hand_overs(case.received_at, case.return_at, passages, stage, before, ended);
        Ok(ControlSlip {
            office: office.ok_or_else(|| Failure::broken("the unit that received a case is unknown"))?,
            dossier_code: case.dossier_code.clone(),
            procedure_code: case.procedure_code.clone(),
            procedure: procedure_name.vi.clone(),
            received_at: self.local(case.submitted_at),
            due_at: case.due_at.map(|at| self.local(at)),
            hand_overs: hand_overs.iter().map(|hand_over| self.hand_over(hand_over)).collect(),
            made_at: self.local(now),
        })
    }

    fn hand_over(&self, hand_over: &case::HandOver) -> HandOver {
        let done = match hand_over.purpose {
            Purpose::End(_) => Some(hand_over.at),
            _ => hand_over.done_at,
        };
        // By what was promised at that time.
        let promised = |done: Timestamp| {
            let before = self.case.reopenings.iter().find(|reopening| done < reopening.at);
            before.map_or(self.case.due_at, |reopening| reopening.before.due_at)
        };
        let measured = done.and_then(|done| Some((done, promised(done)?)));
        HandOver {
            from: self.party(hand_over.from),
            to: self.party(hand_over.to),
            at: self.local(hand_over.at),
            taken_up_at: hand_over.taken_up.map(|(at, _)| self.local(at)),
            done_at: hand_over.done_at.map(|at| self.local(at)),
            officer: hand_over.taken_up.map(|(_, officer)| self.officer(officer)).unwrap_or_default(),
            timeliness: measured.map(|(done, due)| Timeliness::of(self.local(done), self.local(due))),
            note: self.note(hand_over.purpose),
        }
    }

    fn party(&self, party: Party) -> String {
        let name = |unit| record::unit_name(unit, [self.pinned, self.today]).map(|name| name.vi.clone());
        match party {
            Party::Unit(unit) => name(unit).unwrap_or_default(),
            Party::Officer(unit, officer) => {
                format!("{} (cán bộ {})", name(unit).unwrap_or_default(), self.officer(officer))
            }
            Party::Applicant => APPLICANT.to_owned(),
            Party::Offices => OFFICES.to_owned(),
        }
    }

    fn officer(&self, officer: OfficerId) -> String {
        record::officer_code(officer, [self.today, self.pinned])
    }

    fn note(&self, purpose: Purpose) -> String {
        let step = |number: u32| {
            let line = self.lines.iter().find(|line| line.item.held.work_item.step == number);
            line.map(|line| line.step_name.vi.clone()).unwrap_or_default()
        };
        match purpose {
            Purpose::Step(number) => step(number),
            Purpose::StandIn(number) => format!("{}: giao cán bộ khác", step(number)),
            Purpose::Returned(number) => format!("{}: cán bộ trả lại việc", step(number)),
            Purpose::Supplement => "Yêu cầu bổ sung hồ sơ".to_owned(),
            Purpose::Supplemented(number) => format!("{}: hồ sơ đã được bổ sung", step(number)),
            Purpose::Payment => "Yêu cầu thực hiện nghĩa vụ tài chính".to_owned(),
            Purpose::Paid(number) => format!("{}: đã thực hiện nghĩa vụ tài chính", step(number)),
            Purpose::Referral => "Đề nghị xác minh, phối hợp".to_owned(),
            Purpose::Answered(number) => format!("{}: kết thúc chờ phối hợp", step(number)),
            Purpose::Again(number) => format!("{}: trả lại để sửa", step(number)),
            Purpose::Reopened(number) => format!("{}: mở lại hồ sơ để giải quyết lại", step(number)),
            Purpose::End(State::Granted) => "Trả kết quả".to_owned(),
            Purpose::End(State::Refused) => "Từ chối giải quyết".to_owned(),
            Purpose::End(State::Withdrawn) => "Dừng giải quyết: người nộp rút hồ sơ".to_owned(),
            Purpose::End(State::Lapsed) => "Dừng giải quyết: hồ sơ không được bổ sung".to_owned(),
            Purpose::End(_) => String::new(),
        }
    }

    fn local(&self, at: Timestamp) -> DateTime {
        let zone: &TimeZone = self.pinned.clock.time_zone();
        zone.to_datetime(at)
    }
}
