//! How answers are shown: tables that a person reads, canonical JSON for programs, one sentence for errors.

use std::io::{self, Write as _};

use comfy_table::{ContentArrangement, Table, presets};
use jiff::{Timestamp, tz::TimeZone};
use phidia_domain::application::Language;
use phidia_proto::{
    FILE_DESCRIPTOR_SET,
    types::v1::{ApplicationStatus, Text, WorkItem},
};
use prost_reflect::{DescriptorPool, DynamicMessage};
use tonic_types::StatusExt as _;

/// The zone in which times are shown.
const ZONE: &str = "Asia/Ho_Chi_Minh";

/// Prints a line.
pub(crate) fn line(text: &str) {
    // Whoever closed the pipe (`| head`) has seen enough.
    let _ = writeln!(io::stdout(), "{text}");
}

/// Prints a line of progress or advice, apart from the answer.
#[expect(clippy::print_stderr, reason = "the command line's advice")]
pub(crate) fn aside(text: &str) {
    eprintln!("{text}");
}

/// Picks the wording of the user's language.
pub(crate) fn say<'t>(speech: Language, vi: &'t str, en: &'t str) -> &'t str {
    match speech {
        Language::Vi => vi,
        Language::En => en,
    }
}

/// The text of the user's language.
pub(crate) fn text(speech: Language, text: Option<&Text>) -> String {
    let Some(text) = text else { return String::new() };
    say(speech, &text.vi, if text.en.is_empty() { &text.vi } else { &text.en }).to_owned()
}

/// Prints a table; the first row are its headings.
pub(crate) fn table(headings: &[&str], rows: Vec<Vec<String>>) {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(headings.iter().copied());
    for row in rows {
        table.add_row(row);
    }
    line(&table.to_string());
}

/// Prints a message as canonical JSON (`https://protobuf.dev/programming-guides/json/`), defaults included,
/// so that a program always finds the fields that it looks for.
pub(crate) fn json<M: prost::Message>(name: &str, message: &M) -> anyhow::Result<()> {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET)?;
    let descriptor = pool
        .get_message_by_name(name)
        .ok_or_else(|| anyhow::anyhow!("the contract has no message {name}"))?;
    let mut dynamic = DynamicMessage::new(descriptor);
    dynamic.transcode_from(message)?;
    let options =
        prost_reflect::SerializeOptions::new().skip_default_fields(false).stringify_64_bit_integers(false);
    let mut out = serde_json::Serializer::pretty(Vec::new());
    dynamic.serialize_with_options(&mut out, &options)?;
    line(&String::from_utf8(out.into_inner())?);
    Ok(())
}

/// An instant as people of the province read it.
pub(crate) fn instant(at: Option<&prost_types::Timestamp>) -> String {
    let Some(at) = at.and_then(|at| Timestamp::new(at.seconds, at.nanos).ok()) else {
        return "–".to_owned();
    };
    match TimeZone::get(ZONE) {
        Ok(zone) => zone.to_datetime(at).strftime("%d/%m/%Y %H:%M").to_string(),
        Err(_) => at.to_string(),
    }
}

/// Working minutes as people read them.
pub(crate) fn minutes(speech: Language, minutes: i64) -> String {
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    let span = match hours {
        0 => format!("{rest} {}", say(speech, "phút", "min")),
        _ => format!("{hours} {} {rest:02}", say(speech, "giờ", "h")),
    };
    if minutes < 0 { format!("{} {span}", say(speech, "quá hạn", "late by")) } else { span }
}

/// A work item as the other verbs take it.
pub(crate) fn work_item(item: Option<&WorkItem>) -> String {
    item.map(|item| format!("{}/{}/{}", item.application_id, item.step, item.attempt)).unwrap_or_default()
}

/// A status in words.
pub(crate) fn status(speech: Language, status: i32) -> &'static str {
    let (vi, en) = match ApplicationStatus::try_from(status) {
        Ok(ApplicationStatus::Accepted) => ("đã tiếp nhận", "accepted"),
        Ok(ApplicationStatus::AwaitingDispatch) => ("chờ điều phối", "awaiting dispatch"),
        Ok(ApplicationStatus::Assigned) => ("đã phân công", "assigned"),
        Ok(ApplicationStatus::InProcess) => ("đang xử lý", "in process"),
        Ok(ApplicationStatus::Granted) => ("đã có kết quả", "result ready"),
        Ok(ApplicationStatus::Refused) => ("từ chối giải quyết", "refused"),
        _ => ("–", "–"),
    };
    say(speech, vi, en)
}

/// Prints an error as one clear sentence, with the fields at fault below it.
pub(crate) fn error(error: &anyhow::Error, speech: Language) {
    let Some(status) = error.chain().find_map(|cause| cause.downcast_ref::<tonic::Status>()) else {
        aside(&format!("{}: {error:#}", say(speech, "lỗi", "error")));
        return;
    };
    let reason = status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default();
    let label = if reason.is_empty() { format!("{:?}", status.code()) } else { reason };
    aside(&format!("{} {label}: {}", say(speech, "lỗi", "error"), status.message()));
    if let Some(info) = status.get_error_details().error_info() {
        // Facts for whoever has to act: the present holder of a fence, say.
        for (fact, value) in &info.metadata {
            aside(&format!("  {fact}: {value}"));
        }
        if info.reason == "PEER_UNAVAILABLE" {
            aside(say(
                speech,
                "  chưa có Phidia ở địa chỉ này: `phidia up`, hoặc --endpoint",
                "  nothing answers at this endpoint: start it with `phidia up`, or name another with --endpoint",
            ));
        }
    }
    if let Some(request) = status.get_error_details().bad_request() {
        for violation in request.field_violations.iter().take(100) {
            aside(&format!("  {}: {}", violation.field, violation.description));
        }
    }
    if let Some(after) = status.get_error_details().retry_info().and_then(|retry| retry.retry_delay) {
        let seconds = after.as_secs().max(1);
        aside(&format!("  {} {seconds} s", say(speech, "thử lại sau", "try again in")));
    }
}
