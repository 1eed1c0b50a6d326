//! How answers are shown: tables that a person reads, canonical JSON for programs.

use std::{
    cell::RefCell,
    io::{self, Write as _},
    sync::atomic::{AtomicBool, Ordering},
};

use comfy_table::{ColumnConstraint, ContentArrangement, Table, TableStyle, Width, presets};
use console::{Term, measure_text_width, style};
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::{TimeZone, TimeZoneDatabase},
};
use phidia_domain::{Rejection, application::Language, procedure};
use phidia_proto::{
    FILE_DESCRIPTOR_SET,
    types::v1::{ApplicationStatus, ReturnWay, Text, WorkItem},
};
use phidia_words::Words;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde::Serialize;

/// What a verb says, kept instead of printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    /// The answer.
    pub(crate) lines: Vec<String>,
    /// Advice beside it.
    pub(crate) asides: Vec<String>,
}

tokio::task_local! {
    /// Where what is said is kept, while it is.
    static PAGE: RefCell<Page>;
}

/// False once whoever read has closed the pipe (`| head`): they have seen enough.
static HEARD: AtomicBool = AtomicBool::new(true);

/// Does something, and keeps what is said meanwhile.
pub(crate) async fn on_a_page<T>(work: impl Future<Output = T>) -> (T, Page) {
    let kept = async {
        let done = work.await;
        (done, PAGE.with(RefCell::take))
    };
    PAGE.scope(RefCell::default(), kept).await
}

fn is_on_a_page() -> bool {
    PAGE.try_with(|_| ()).is_ok()
}

/// Whether anybody still reads what is printed.
pub(crate) fn is_heard() -> bool {
    HEARD.load(Ordering::Relaxed)
}

/// Prints a line.
pub(crate) fn line(text: &str) {
    let kept = PAGE.try_with(|page| page.borrow_mut().lines.extend(text.split('\n').map(str::to_owned)));
    if kept.is_err() && writeln!(io::stdout(), "{text}").is_err() {
        HEARD.store(false, Ordering::Relaxed);
    }
}

/// Prints a line of progress or advice, apart from the answer.
#[expect(clippy::print_stderr, reason = "the command line's advice")]
pub(crate) fn aside(text: &str) {
    if PAGE.try_with(|page| page.borrow_mut().asides.push(text.to_owned())).is_err() {
        eprintln!("{text}");
    }
}

/// The text of the user's language.
pub(crate) fn text(speech: Words, text: Option<&Text>) -> String {
    let Some(text) = text else { return String::new() };
    match speech.language() {
        Language::En if !text.en.is_empty() => text.en.clone(),
        Language::En | Language::Vi => text.vi.clone(),
    }
}

/// The name of the user's language.
pub(crate) fn name(speech: Words, name: &procedure::Text) -> &str {
    match speech.language() {
        Language::En if !name.en.is_empty() => &name.en,
        Language::En | Language::Vi => &name.vi,
    }
}

/// A name as lists show it: many a procedure's is as long as a paragraph.
pub(crate) fn brief(name: &str) -> String {
    const MOST: usize = 80;
    match name.char_indices().nth(MOST) {
        None => name.to_owned(),
        Some((end, _)) => {
            format!("{}…", name[..end].rsplit_once(' ').map_or(&name[..end], |(words, _)| words))
        }
    }
}

/// Prints a table, as wide as the terminal; where there is no terminal, every line stays whole.
pub(crate) fn table(headings: &[&str], rows: Vec<Vec<String>>) {
    let mut table = Table::new();
    table.set_header(headings.iter().copied()).add_rows(rows);
    line(&coloured(&laid_out(table, presets::UTF8_HORIZONTAL_ONLY, columns())));
}

/// The headings stand out, and whatever is late. On a terminal alone, and not where `NO_COLOR` is set: `console` sees to it.
fn coloured(table: &str) -> String {
    let mut is_head = true;
    let lines = table.lines().map(|line| {
        is_head = is_head && !line.starts_with('═');
        if is_head && !line.starts_with('─') {
            return style(line).bold().to_string();
        }
        [Words::VI.show_late_by(), Words::EN.show_late_by()]
            .into_iter()
            .fold(line.to_owned(), |line, late| line.replace(late, &style(late).red().bold().to_string()))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Prints what is known of one thing: each fact with its label.
pub(crate) fn facts(facts: Vec<(&str, String)>) {
    let mut table = Table::new();
    table.add_rows(facts.into_iter().map(|(label, value)| [label.to_owned(), value]));
    line(&laid_out(table, presets::NOTHING, columns()));
}

/// How a result is wanted, where that is not at the counter.
pub(crate) fn wanted_by(speech: Words, way: ReturnWay) -> Option<(&'static str, String)> {
    let way = match way {
        ReturnWay::Unspecified | ReturnWay::Counter => return None,
        ReturnWay::Post => speech.show_by_public_post(),
        ReturnWay::Electronic => speech.show_as_a_file(),
    };
    Some((speech.show_wanted(), way.to_owned()))
}

/// Prints a page of a list, and says so where the list is empty or goes on.
pub(crate) fn page(speech: Words, headings: &[&str], rows: Vec<Vec<String>>, next_page_token: &str) {
    match rows.is_empty() {
        true => line(speech.show_nothing()),
        false => table(headings, rows),
    }
    goes_on(speech, next_page_token);
}

/// Says so where a list has a further page.
pub(crate) fn goes_on(speech: Words, next_page_token: &str) {
    if !next_page_token.is_empty() {
        aside(speech.term_the_list_goes_on());
    }
}

/// Columns of the terminal, where there is one.
fn columns() -> Option<u16> {
    let terminal = Term::stdout();
    terminal.size_checked().filter(|_| terminal.is_term()).map(|(_, columns)| columns)
}

/// A table within so many columns. Lines break between words only: half an id is of no use to anybody, so
/// that a terminal too narrow for the longest words gets lines that are too long.
fn laid_out(mut table: Table, style: TableStyle, width: Option<u16>) -> String {
    const PADDING: u16 = 2;
    const GAP: usize = 1;
    table.load_style(style).set_content_arrangement(ContentArrangement::Disabled);
    let wanted = table.column_max_content_widths();
    let mut given: Vec<_> = (0..wanted.len()).map(|index| longest_word(&table, index)).collect();
    let taken = |given: &[u16]| {
        let columns = given.iter().map(|width| usize::from(width.saturating_add(PADDING)) + GAP);
        columns.sum::<usize>().saturating_sub(GAP)
    };
    let most = width.map_or(usize::MAX, usize::from).min(taken(&wanted));
    // What is left over goes round: columns that need little get it all, the others share alike.
    while taken(&given) < most {
        for index in 0..given.len() {
            if taken(&given) < most && given[index] < wanted[index] {
                given[index] += 1;
            }
        }
    }
    let widths =
        given.iter().map(|width| ColumnConstraint::Absolute(Width::Fixed(width.saturating_add(PADDING))));
    table.set_constraints(widths);
    table.trim_fmt()
}

/// Width of the longest word of a column.
fn longest_word(table: &Table, column: usize) -> u16 {
    let words = table
        .column_cells_with_header_iter(column)
        .flatten()
        .filter_map(|cell| cell.content().split_whitespace().map(measure_text_width).max());
    words.max().and_then(|width| u16::try_from(width).ok()).unwrap_or_default()
}

/// Prints a message as canonical JSON (`https://protobuf.dev/programming-guides/json/`), defaults included,
/// so that a program always finds the fields that it looks for.
pub(crate) fn json<M: prost::Message>(name: &str, message: &M) -> anyhow::Result<()> {
    message_as_json(name, message, is_on_a_page())
}

/// The same of one of many answers, on one line: whoever reads them knows by it where each ends.
pub(crate) fn json_line<M: prost::Message>(name: &str, message: &M) -> anyhow::Result<()> {
    message_as_json(name, message, true)
}

/// Prints what is no message of the contract as JSON. Its keys are in camelCase, as those of messages are.
pub(crate) fn object(value: &impl Serialize) -> anyhow::Result<()> {
    let text = match is_on_a_page() {
        true => serde_json::to_string(value)?,
        false => serde_json::to_string_pretty(value)?,
    };
    line(&text);
    Ok(())
}

fn message_as_json<M: prost::Message>(name: &str, message: &M, on_one_line: bool) -> anyhow::Result<()> {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET)?;
    let descriptor = pool
        .get_message_by_name(name)
        .ok_or_else(|| anyhow::anyhow!("the contract has no message {name}"))?;
    let mut dynamic = DynamicMessage::new(descriptor);
    dynamic.transcode_from(message)?;
    let options =
        prost_reflect::SerializeOptions::new().skip_default_fields(false).stringify_64_bit_integers(false);
    let mut out = Vec::new();
    match on_one_line {
        true => dynamic.serialize_with_options(&mut serde_json::Serializer::new(&mut out), &options)?,
        false => dynamic.serialize_with_options(&mut serde_json::Serializer::pretty(&mut out), &options)?,
    }
    line(&String::from_utf8(out)?);
    Ok(())
}

/// Prints CSV for everybody to use.
pub(crate) fn csv(columns: &[&str], rows: Vec<Vec<String>>) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns)?;
    for row in rows {
        writer.write_record(row)?;
    }
    line(String::from_utf8(writer.into_inner()?)?.trim_end());
    Ok(())
}

/// The zone in which instants are shown.
pub(crate) struct Zone(Option<TimeZone>);

impl Zone {
    /// A province's, by its IANA name. Where that tells nothing, instants are shown in UTC and say so.
    pub(crate) fn named(name: &str) -> Self {
        Self(TimeZoneDatabase::bundled().get(name).ok())
    }

    /// That of instants of which no province is known.
    pub(crate) fn utc() -> Self {
        Self(None)
    }

    /// An instant as people of the province write it: local time, or with an offset.
    ///
    /// # Errors
    /// `MALFORMED_INSTANT`; local time where no province is known to which it is local.
    pub(crate) fn parse(&self, text: &str) -> Result<Timestamp, Rejection> {
        let expected =
            "expected local time such as 2026-11-24T15:05, or an instant such as 2026-11-24T08:05Z";
        let malformed = || Rejection::invalid("MALFORMED_INSTANT", "RECEIVED_AT", expected);
        if let Ok(instant) = text.parse() {
            return Ok(instant);
        }
        let local: DateTime = text.parse().map_err(|_| malformed())?;
        let zone = self.0.as_ref().ok_or_else(malformed)?;
        zone.to_timestamp(local).map_err(|_| malformed())
    }

    /// An instant as people of the province read it.
    pub(crate) fn instant(&self, at: Option<&prost_types::Timestamp>) -> String {
        let Some(at) = at.and_then(|at| Timestamp::new(at.seconds, at.nanos).ok()) else {
            return "–".to_owned();
        };
        match &self.0 {
            Some(zone) => zone.to_datetime(at).strftime("%d/%m/%Y %H:%M").to_string(),
            None => at.strftime("%d/%m/%Y %H:%M +00:00").to_string(),
        }
    }
}

/// A local day as people of the province write it.
pub(crate) fn day(text: &str) -> String {
    let date = text.parse::<Date>();
    date.map_or_else(|_| text.to_owned(), |date| date.strftime("%d/%m/%Y").to_string())
}

/// Working minutes as people read them.
pub(crate) fn minutes(speech: Words, minutes: i64) -> String {
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    let span = match hours {
        0 => format!("{rest} {}", speech.term_min()),
        _ => format!("{hours} {} {rest:02}", speech.show_h()),
    };
    if minutes < 0 { format!("{} {span}", speech.show_late_by()) } else { span }
}

/// A work item as the other verbs take it.
pub(crate) fn work_item(item: Option<&WorkItem>) -> String {
    item.map(|item| format!("{}/{}/{}", item.application_id, item.step, item.attempt)).unwrap_or_default()
}

/// A status in words.
pub(crate) fn status(speech: Words, status: i32) -> &'static str {
    match ApplicationStatus::try_from(status) {
        Ok(ApplicationStatus::Accepted) => speech.term_accepted(),
        Ok(ApplicationStatus::AwaitingDispatch) => speech.term_awaiting_dispatch(),
        Ok(ApplicationStatus::Assigned) => speech.term_assigned(),
        Ok(ApplicationStatus::InProcess) => speech.term_in_process(),
        Ok(ApplicationStatus::Granted) => speech.term_result_ready(),
        Ok(ApplicationStatus::Refused) => speech.term_refused_2(),
        Ok(ApplicationStatus::AwaitingSupplement) => speech.term_awaiting_your_supplement(),
        Ok(ApplicationStatus::AwaitingPayment) => speech.term_awaiting_your_payment(),
        Ok(ApplicationStatus::Referred) => speech.term_awaiting_another_office(),
        Ok(ApplicationStatus::Withdrawn) => speech.term_withdrawn(),
        Ok(ApplicationStatus::Lapsed) => speech.term_ended_not_supplemented_in_time(),
        _ => "–",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_between_words() {
        assert_eq!(brief("Đăng ký khai sinh"), "Đăng ký khai sinh");
        let cut = brief(&"Chứng thực ".repeat(20));
        assert!(cut.chars().count() <= 81 && cut.ends_with("Chứng…") | cut.ends_with("thực…"), "{cut}");
    }

    #[test]
    fn instants_are_shown_in_the_zone_of_the_province_or_with_their_offset() {
        let at = prost_types::Timestamp { seconds: 1_795_456_800, nanos: 0 };
        for (zone, shown) in [
            ("Asia/Ho_Chi_Minh", "24/11/2026 01:00"),
            ("America/Lima", "23/11/2026 13:00"),
            ("", "23/11/2026 18:00 +00:00"),
            ("Asia/Yên_Mô", "23/11/2026 18:00 +00:00"),
        ] {
            assert_eq!(Zone::named(zone).instant(Some(&at)), shown, "{zone}");
        }
        assert_eq!(Zone::named("Asia/Ho_Chi_Minh").instant(None), "–");
    }

    #[test]
    fn a_table_keeps_to_its_width_and_breaks_no_word() {
        let id = "app_01a20a772f7474c7aa7aa61552e55ff1/1/1";
        let long = "Chứng thực bản sao từ bản chính giấy tờ, văn bản do cơ quan, tổ chức cấp";
        let drawn = |width| {
            let mut table = Table::new();
            table.set_header(["Còn lại", "Thủ tục", "Việc"]).add_row(["quá hạn 3 giờ 20", long, id]);
            laid_out(table, presets::UTF8_HORIZONTAL_ONLY, width)
        };
        let widest = |text: &str| text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest(&drawn(Some(80))) <= 80, "{}", drawn(Some(80)));
        assert!(drawn(None).contains(long), "{}", drawn(None));
        // Too narrow for them all.
        for width in [30, 60, 80] {
            let drawn = drawn(Some(width));
            assert!(id.lines().chain(long.split(' ')).all(|word| drawn.contains(word)), "{drawn}");
        }
    }
}
