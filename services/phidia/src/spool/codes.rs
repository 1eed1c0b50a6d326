//! Codes that were reserved for this spool.

use std::{fs, path::PathBuf};

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp, tz::TimeZoneDatabase};
use phidia_domain::application::DossierCode;
use phidia_proto::{
    convert::wire_timestamp,
    intake::v1::{CodeRange, IssuedReceipt},
};
use phidia_runtime::random::six_digits;
use prost::Message as _;

/// The codes of a spool; whoever changes them holds the spool.
pub(crate) struct Codes {
    folder: PathBuf,
}

/// A range of codes, and how far it was given out.
#[derive(Clone, PartialEq, prost::Message)]
struct Range {
    #[prost(message, optional, tag = "1")]
    range: Option<CodeRange>,
    /// Official code of the unit.
    #[prost(string, tag = "2")]
    received_at_code: String,
    /// Zone of its day.
    #[prost(string, tag = "3")]
    time_zone: String,
    /// The next number.
    #[prost(uint32, tag = "4")]
    next: u32,
    /// What has to be added to this machine's clock so that it goes by the province's, in microseconds.
    #[prost(int64, tag = "5")]
    clock_behind_us: i64,
}

impl Codes {
    pub(super) fn of(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Adds a range that was reserved just now. How this machine's clock differs from the province's is seen by when: it is never
    /// taken for later than it is there, or what is accepted would be in the future.
    pub(crate) fn add(
        &self,
        range: CodeRange,
        received_at_code: &str,
        time_zone: &str,
        answered_at: Timestamp,
    ) -> anyhow::Result<()> {
        let reserved_at = range.reserved_at.as_ref().and_then(|at| Timestamp::new(at.seconds, at.nanos).ok());
        let behind = reserved_at.map_or(SignedDuration::ZERO, |at| at.duration_since(answered_at));
        let clock_behind_us = i64::try_from(behind.as_micros()).context("the clock is far off")?;
        let path = self.path_of(&range.range_id);
        if path.exists() {
            // The same key again: what was given out of it stays given out.
            return Ok(());
        }
        let next = range.numbers.map_or(0, |numbers| numbers.first);
        let (received_at_code, time_zone) = (received_at_code.to_owned(), time_zone.to_owned());
        let range = Range { range: Some(range), received_at_code, time_zone, next, clock_behind_us };
        super::write(&path, &range.encode_to_vec())
    }

    /// What a receipt says of an application that is accepted now: the next code of its unit's day. None where none is left.
    pub(super) fn issue(&self, unit: &str, now: Timestamp) -> anyhow::Result<Option<IssuedReceipt>> {
        for mut range in self.ranges()? {
            let Some(CodeRange { range_id, series, numbers: Some(numbers), day, .. }) = range.range.clone()
            else {
                continue;
            };
            let accepted_at = now.saturating_add(SignedDuration::from_micros(range.clock_behind_us))?;
            let zone = TimeZoneDatabase::bundled().get(&range.time_zone);
            let today = zone.context("the zone of the codes is unknown")?.to_datetime(accepted_at).date();
            if range.received_at_code != unit || day != today.to_string() || range.next > numbers.last {
                continue;
            }
            // Written down before it is given out: a number may be lost, and is void then, but is never given twice.
            let dossier_code = format!("{series}-{:04}", range.next);
            dossier_code.parse::<DossierCode>()?;
            range.next += 1;
            super::write(&self.path_of(&range_id), &range.encode_to_vec())?;
            return Ok(Some(IssuedReceipt {
                dossier_code,
                check_code: six_digits(),
                accepted_at: Some(wire_timestamp(accepted_at)),
            }));
        }
        Ok(None)
    }

    /// How many codes are left of each day and unit.
    pub(crate) fn left(&self) -> anyhow::Result<Vec<(String, String, u32)>> {
        let left = self.ranges()?.into_iter().filter_map(|range| {
            let CodeRange { day, numbers, .. } = range.range?;
            let left = (numbers?.last + 1).saturating_sub(range.next);
            Some((day, range.received_at_code, left))
        });
        Ok(left.filter(|(.., left)| *left > 0).collect())
    }

    /// The zone of the province, as far as its codes tell it.
    pub(crate) fn time_zone(&self) -> anyhow::Result<Option<String>> {
        Ok(self.ranges()?.pop().map(|range| range.time_zone))
    }

    /// Gives no more codes of a range out; whether it had any.
    pub(crate) fn forget(&self, range_id: &str) -> anyhow::Result<bool> {
        let mut known = self.ranges()?.into_iter().filter_map(|range| range.range);
        let Some(CodeRange { range_id, .. }) = known.find(|range| range.range_id == range_id) else {
            return Ok(false);
        };
        fs::remove_file(self.path_of(&range_id)).context("the codes can't be removed")?;
        super::sync(&self.folder)?;
        Ok(true)
    }

    /// The ranges in the order in which they were reserved.
    fn ranges(&self) -> anyhow::Result<Vec<Range>> {
        let mut paths: Vec<_> = fs::read_dir(&self.folder)
            .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
            .context("the codes can't be read")?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "codes"));
        paths.sort();
        let read = |path: &PathBuf| {
            let bytes = fs::read(path).with_context(|| format!("{} can't be read", path.display()))?;
            Range::decode(bytes.as_slice()).with_context(|| format!("{} is damaged", path.display()))
        };
        paths.iter().map(read).collect()
    }

    fn path_of(&self, range_id: &str) -> PathBuf {
        self.folder.join(format!("{range_id}.codes"))
    }
}
