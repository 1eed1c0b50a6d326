//! What those who lose and gain a work item are told.

use phidia_proto::{convert, events::v1::WorkMoved};

use crate::{reference::Reference, work::Assignment};

/// The fact that a decision moves a work item; none where it does not.
pub(crate) fn moved(today: &Reference, standing: &Assignment) -> Option<WorkMoved> {
    let explanation = &standing.counted.as_ref()?.explanation;
    let from = explanation.moved.as_ref()?.from;
    let why = explanation.sentence(|unit| today.name(unit), today.province.clock.time_zone());
    Some(WorkMoved {
        work_item: Some(convert::wire_work_item(standing.work_item)),
        from_unit_id: from.map(|unit| unit.to_string()).unwrap_or_default(),
        from_unit_name: from.map(|unit| convert::wire_text(&today.name(unit))),
        unit_id: standing.unit.to_string(),
        unit_name: Some(convert::wire_text(&today.name(standing.unit))),
        ground: convert::wire_ground(standing.ground).into(),
        why: Some(convert::wire_text(&why)),
    })
}
