//! The result is handed over at the place that the citizen chose.

use phidia_domain::{
    Kind, Rejection,
    case::{HandOverWay, HandedOver, Once, check_receiver, hand_over},
    province::Province,
};
use phidia_proto::{
    convert,
    events::v1::{ResultHandedOver, event::Fact},
};
use phidia_runtime::{failure::Failure, telemetry::TraceParent};

use crate::{
    Processing,
    act::Act,
    caller::Sender,
    deed::Deed,
    get_case::CaseKey,
    record::{self, CaseRecord, ResultRecord},
    result::{Decided, Part, ResultView, stands_for},
    store,
};

/// To whom a result is handed over, and how.
pub(crate) struct Handing {
    pub(crate) way: HandOverWay,
    /// Their name: it goes nowhere but under its seal.
    pub(crate) receiver: String,
}

impl Processing {
    /// Notes that the result of a case was handed over. Asked again, nothing changes.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` for who is no officer; `RETURNED_ELSEWHERE`; those of [`check_receiver`], [`Decided::lock`] and
    /// [`hand_over`].
    pub(crate) async fn hand_over_result(
        &self,
        sender: Sender,
        key: CaseKey,
        handing: Handing,
    ) -> Result<ResultView, Failure> {
        let (case, result) =
            self.act(sender, move |processing, act| Box::pin(processing.hand(act, key, handing))).await?;
        self.result_view(case, Some(result)).await
    }

    async fn hand(
        &self,
        mut act: Act<'_>,
        key: CaseKey,
        handing: Handing,
    ) -> Result<(CaseRecord, ResultRecord), Failure> {
        let Act { tx, today, officer, deed: Deed { at: now, .. }, .. } = act;
        let Handing { way, receiver } = handing;
        check_receiver(&receiver)?;
        let decided = Decided::lock(tx, &today.code, key, &self.master_key, &self.ids, now).await?;
        TraceParent::link_to(&decided.case.traceparent);
        let mut result = decided.record();
        let Decided { case, key, .. } = decided;
        let pinned = self.versions.at(case.province_version).await?;
        if !stands_for(officer.unit, case.return_at, today, &pinned.value) {
            return Err(elsewhere(&case, today, &pinned.value).into());
        }
        let kept = Part::Receiver.open(case.application, &key, result.receiver.as_ref())?;
        let issued = result.issued.is_some();
        if hand_over(issued, result.handed_over.as_ref(), way, kept == receiver)? == Once::Before {
            return Ok((case, result));
        }
        result.receiver = Some(Part::Receiver.seal(case.application, &key, &receiver)?);
        result.handed_over = Some(HandedOver { way, at: now, unit: officer.unit });
        store::save_result(tx, &case, &result).await?;
        store::set_handed_over(tx, case.id, now).await?;
        let handed = ResultHandedOver {
            case_id: case.id.to_string(),
            way: convert::wire_way(way).into(),
            handed_over_at: Some(convert::wire_timestamp(now)),
            unit_id: officer.unit.to_string(),
            unit_name: record::unit_name(officer.unit, [today, &pinned.value]).map(convert::wire_text),
        };
        act.tell(&case, Fact::ResultHandedOver(handed));
        Ok((case, result))
    }
}

/// The citizen chose where they collect it; another unit does not know what lies there.
fn elsewhere(case: &CaseRecord, today: &Province, pinned: &Province) -> Rejection {
    let chosen = [case.return_at].into();
    let now = today.heirs(&chosen, pinned).find_map(|unit| today.units.get(&unit));
    let unit = now.or_else(|| pinned.units.get(&case.return_at));
    let (code, name) = unit.map(|unit| (unit.code.as_str(), unit.name.vi.as_str())).unwrap_or_default();
    let message =
        format!("the citizen chose to collect it at {code}, {name}, and only there it is handed over");
    Rejection::new(Kind::Precondition, "RETURNED_ELSEWHERE", message).with("unit_code", code)
}
