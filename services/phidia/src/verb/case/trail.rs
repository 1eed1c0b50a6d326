//! What has happened to the work items of a case, as `phidia case show --trail` prints it.

use phidia_domain::application::Language;
use phidia_proto::processing::v1::{CaseTransition, CaseTransitionKind};

use crate::show::{self, Zone, say};

pub(super) fn print(speech: Language, zone: &Zone, transitions: &[CaseTransition]) {
    let rows = transitions.iter().map(|it| {
        vec![
            zone.instant(it.occurred_at.as_ref()),
            format!("{}\n--fence {}", show::work_item(it.work_item.as_ref()), it.fence),
            what(speech, it.kind()).to_owned(),
            // Who has left the office has an id only.
            known(if it.officer_code.is_empty() { &it.officer_id } else { &it.officer_code }, "–"),
            known(&it.actor, say(speech, "không rõ", "unknown")),
        ]
    });
    let headings = [
        say(speech, "Lúc", "When"),
        say(speech, "Việc", "Work item"),
        say(speech, "Diễn biến", "What happened"),
        say(speech, "Cán bộ giữ", "Officer"),
        say(speech, "Người thực hiện", "By"),
    ];
    show::page(speech, &headings, rows.collect(), "");
}

fn known(text: &str, otherwise: &str) -> String {
    if text.is_empty() { otherwise } else { text }.to_owned()
}

fn what(speech: Language, kind: CaseTransitionKind) -> &'static str {
    match kind {
        CaseTransitionKind::Unspecified => "–",
        CaseTransitionKind::Reached => say(speech, "đến đơn vị", "reached the unit"),
        CaseTransitionKind::TakenUp => say(speech, "giao cán bộ", "an officer has it"),
        CaseTransitionKind::Returned => say(speech, "trở lại danh sách", "back in the worklist"),
        CaseTransitionKind::SupplementRequested => say(speech, "yêu cầu bổ sung", "supplement requested"),
        CaseTransitionKind::PaymentRequested => say(speech, "yêu cầu nộp tiền", "payment requested"),
        CaseTransitionKind::Referred => say(speech, "hỏi cơ quan khác", "other offices asked"),
        CaseTransitionKind::Resumed => say(speech, "tiếp tục", "resumed"),
        CaseTransitionKind::Done => say(speech, "xong", "done"),
        CaseTransitionKind::SentBack => say(speech, "trả lại để sửa", "sent back to be corrected"),
        CaseTransitionKind::Superseded => say(speech, "chuyển đơn vị khác", "moved to another unit"),
        CaseTransitionKind::Stopped => say(speech, "dừng cùng hồ sơ", "ended with its case"),
        CaseTransitionKind::Reopened => say(speech, "mở lại", "opened again"),
    }
}
