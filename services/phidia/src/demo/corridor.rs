//! Which procedures are in a green corridor on the day. The lists of the province are not published: that it is these is
//! made up, by a rule that touches both corridors.

use anyhow::Context as _;

use crate::bundled::Files;

const FILE: &str = "procedures.csv";
const COLUMN: &str = "corridor";

/// Puts procedures of five working days into the corridor of 16 working hours, and those of seven and more into that of half
/// the time; of a province that says itself which are in one, none.
pub(super) fn put(files: &mut Files) -> anyhow::Result<()> {
    let Some(content) = files.get(FILE) else { return Ok(()) };
    let mut table = csv::Reader::from_reader(content.as_slice());
    let mut heading = table.headers()?.clone();
    let place = |name: &str| heading.iter().position(|column| column == name);
    let (Some(value), Some(unit), None) = (place("time_value"), place("time_unit"), place(COLUMN)) else {
        return Ok(());
    };
    heading.push_field(COLUMN);
    let mut written = csv::Writer::from_writer(Vec::new());
    written.write_record(&heading)?;
    for row in table.into_records() {
        let mut row = row?;
        let days = row.get(value).filter(|_| row.get(unit) == Some("working_day"));
        row.push_field(match days.and_then(|days| days.parse::<u32>().ok()) {
            Some(5) => "hours_16",
            Some(7..) => "half_time",
            Some(_) | None => "",
        });
        written.write_record(&row)?;
    }
    let content = written.into_inner().context("the catalogue can't be written")?;
    files.insert(FILE.to_owned(), content);
    Ok(())
}
