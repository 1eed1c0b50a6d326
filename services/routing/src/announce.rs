//! What a decision tells the others: where the work item is, and why, for the citizen too; and, where another unit had
//! it, what those who lose and gain it are told.

use phidia_domain::{id::UnitId, procedure::Text, route::Explanation, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::{WorkAssigned, WorkMoved, event::Fact},
};
use phidia_runtime::failure::Failure;

use crate::{
    Routing,
    leave_unit::Cause,
    reference::Reference,
    store::{assignment, item},
    work::{Assignment, BEGUN_EARLIER, State},
};

/// An earlier attempt of a work item that nobody had begun when it was taken back.
#[derive(Clone, Debug)]
pub(crate) struct TakenBack {
    /// The unit that had it.
    unit: UnitId,
    /// The name of a [`Cause`], or the words of whoever did it.
    reason: String,
    /// The fence that was known of it.
    fence: u64,
}

impl Routing {
    /// The attempt before this one, if it was taken back: of the same round, for what was done since is news to nobody.
    pub(crate) async fn taken_back(
        &self,
        province: &str,
        now: WorkItem,
    ) -> Result<Option<TakenBack>, Failure> {
        if now.attempt <= 1 {
            return Ok(None);
        }
        let conn = self.db.read();
        let attempts = item::of_step(conn, province, now.application, now.step).await?;
        let before = attempts.iter().rfind(|item| {
            // One that was begun earlier than it was made has never been anywhere.
            item.state == State::Released
                && item.work_item.attempt < now.attempt
                && item.work_item.round() == now.round()
                && item.reason != BEGUN_EARLIER
        });
        let Some(before) = before else { return Ok(None) };
        let held = assignment::find(conn, province, before.work_item).await?;
        Ok(held.map(|held| TakenBack { unit: held.unit, reason: before.reason.clone(), fence: before.fence }))
    }
}

/// The facts that a decision is told by.
pub(crate) fn facts(today: &Reference, standing: &Assignment, taken_back: Option<&TakenBack>) -> Vec<Fact> {
    let taken_back_fence = taken_back.map(|before| before.fence);
    // To the same unit again: nobody was told otherwise.
    let taken_back = taken_back.filter(|before| before.unit != standing.unit);
    let moved = moved(today, standing, taken_back).map(Fact::WorkMoved);
    let assigned = WorkAssigned { taken_back_fence, ..assigned(today, standing, taken_back) };
    [Fact::WorkAssigned(assigned)].into_iter().chain(moved).collect()
}

fn assigned(today: &Reference, standing: &Assignment, taken_back: Option<&TakenBack>) -> WorkAssigned {
    let Assignment { id, work_item, unit, ground, .. } = standing;
    let explanation = explanation(standing);
    let finish = explanation.and_then(|explanation| explanation.candidate(*unit));
    let what_if = explanation.and_then(|explanation| explanation.what_if);
    let what_if = what_if.map(|what_if| what_if.sentence(*ground, |unit| today.name(unit)));
    WorkAssigned {
        work_item: Some(convert::wire_work_item(*work_item)),
        assignment_id: id.to_string(),
        unit_id: unit.to_string(),
        unit_name: Some(convert::wire_text(&today.name(*unit))),
        home_unit_id: explanation.map(|explanation| explanation.home.to_string()).unwrap_or_default(),
        ground: convert::wire_ground(*ground).into(),
        predicted_finish_at: finish.map(|candidate| convert::wire_timestamp(candidate.predicted_finish_at)),
        for_citizen: explanation
            .map(|explanation| convert::wire_text(&for_citizen(today, explanation, taken_back))),
        what_if: what_if.as_ref().map(convert::wire_text),
        taken_back_fence: None,
    }
}

/// None where it is where it was before, or nobody had it and the policy has found its unit.
fn moved(today: &Reference, standing: &Assignment, taken_back: Option<&TakenBack>) -> Option<WorkMoved> {
    let explanation = explanation(standing)?;
    let (from, why) = match (&explanation.moved, taken_back) {
        (Some(moved), _) if moved.from.is_some() => (moved.from, None),
        (_, Some(taken_back)) => (Some(taken_back.unit), Some(taken_back)),
        (Some(_), None) => (None, None),
        (None, None) => return None,
    };
    let zone = today.province.clock.time_zone();
    let sentence = explanation.sentence(|unit| today.name(unit), zone);
    let why = match why {
        Some(taken_back) => taken_back.followed_by(today, &sentence),
        None => sentence,
    };
    Some(WorkMoved {
        work_item: Some(convert::wire_work_item(standing.work_item)),
        from_unit_id: from.map(|unit| unit.to_string()).unwrap_or_default(),
        from_unit_name: from.map(|unit| convert::wire_text(&today.name(unit))),
        unit_id: standing.unit.to_string(),
        unit_name: Some(convert::wire_text(&today.name(standing.unit))),
        ground: convert::wire_ground(standing.ground).into(),
        why: Some(convert::wire_text(&why)),
        for_citizen: Some(convert::wire_text(&for_citizen(today, explanation, taken_back))),
    })
}

impl TakenBack {
    /// Why it was taken back, and what came of it then.
    fn followed_by(&self, today: &Reference, sentence: &Text) -> Text {
        let (name, Self { reason, .. }) = (today.name(self.unit), self);
        let (vi, en) = match Cause::parse(reason) {
            Some(Cause::Emergency) => (
                format!("{} đang trong tình trạng khẩn cấp.", name.vi),
                format!("There is an emergency at {}.", name.en),
            ),
            Some(Cause::NobodyAble) => (
                format!("Ở {} không còn ai làm được bước này.", name.vi),
                format!("Nobody at {} can do this step any more.", name.en),
            ),
            None => (
                format!("Đã lấy lại từ {}, lý do: “{reason}”.", name.vi),
                format!("It was taken back from {}, because: “{reason}”.", name.en),
            ),
        };
        Text { vi: format!("{vi} {}", sentence.vi), en: format!("{en} {}", sentence.en) }
    }
}

fn for_citizen(today: &Reference, explanation: &Explanation, taken_back: Option<&TakenBack>) -> Text {
    let (name, zone) = (|unit| today.name(unit), today.province.clock.time_zone());
    match (taken_back, &explanation.moved) {
        (Some(_), None) => explanation.for_citizen_after(name, zone),
        _ => explanation.for_citizen(name, zone),
    }
}

fn explanation(standing: &Assignment) -> Option<&Explanation> {
    standing.counted.as_ref().map(|counted| &counted.explanation)
}
