//! Business time by a file: all processes of a house can be led through a day together. In test builds only
//! (`debug_assertions`, or the feature `rehearsal`): a release image has no such code.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use phidia_domain::Rejection;
use serde::{Deserialize, Serialize};

use super::{Clock, SystemClock, whole_microseconds};

/// What a clock file says, as JSON: `{"anchor":"2026-10-13T00:00:00Z","offset":"-2h","rate":0}`.
///
/// At the real instant *t* it is `anchor + offset + (t − anchor) × rate`. So business time stands still at
/// rate 0; at rate 1 it is the machine's time moved by `offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Course {
    /// The instant of real time from which the others count.
    pub anchor: Timestamp,
    /// By how much business time is ahead of it there. ISO 8601 (`-PT2H`) or friendly (`-2h`).
    pub offset: SignedDuration,
    /// Seconds of business time in a second of real time.
    pub rate: u16,
}

impl Course {
    /// Business time stands still.
    pub fn standing_at(at: Timestamp) -> Self {
        Self { anchor: at, offset: SignedDuration::ZERO, rate: 0 }
    }

    /// Replaces a clock file in one go: whoever reads it finds the old course or this one.
    ///
    /// # Errors
    /// When it can't be written beside the old one, under the same name with `.new` behind it.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".new");
        fs::write(&beside, serde_json::to_vec(self)?)?;
        fs::rename(beside, path)
    }

    /// What it says is checked at the real instant `now` too: a course may lead out of all calendars.
    fn parse(text: &str, now: Timestamp) -> Result<Self, String> {
        let course: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        course.at(now).map(|_| course).ok_or_else(|| "it leads out of the range of instants".to_owned())
    }

    fn at(&self, real: Timestamp) -> Option<Timestamp> {
        let since = real.duration_since(self.anchor).checked_mul(self.rate.into())?;
        self.anchor.checked_add(self.offset.checked_add(since)?).ok()
    }
}

/// A clock that follows a file.
#[derive(Debug)]
pub(super) struct FileClock {
    path: PathBuf,
    known: Mutex<Known>,
}

#[derive(Debug)]
struct Known {
    /// What was read last; none: it could not be read.
    text: Option<String>,
    /// The last course that could be understood.
    course: Course,
    /// The last instant that was told.
    latest: Timestamp,
}

impl FileClock {
    /// # Errors
    /// `MALFORMED_CLOCK`: the file cannot be read, or is not a [`Course`].
    pub(super) fn open(path: &Path) -> Result<Self, Rejection> {
        let refused = |what: String| Rejection::invalid("MALFORMED_CLOCK", &path.display().to_string(), what);
        let text = fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
        let course = Course::parse(&text, SystemClock.now())
            .map_err(|what| refused(format!("expected anchor, offset and rate as JSON: {what}")))?;
        let known = Known { text: Some(text), course, latest: Timestamp::MIN };
        Ok(Self { path: path.to_owned(), known: Mutex::new(known) })
    }
}

impl Clock for FileClock {
    /// Reads the file each time: a change counts from the moment it is there, and what tells files apart
    /// (mtime, inode) can be the same for two of them within a tick of the file system. It costs some
    /// microseconds.
    fn now(&self) -> Timestamp {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (text, real) = (fs::read_to_string(&self.path), SystemClock.now());
        if text.as_ref().ok() != known.text.as_ref() {
            let course = text.as_ref().map_err(ToString::to_string);
            match course.and_then(|text| Course::parse(text, real)) {
                Ok(course) => known.course = course,
                Err(what) => {
                    let path = self.path.display();
                    tracing::warn!(%path, what, "the clock file is no use; business time goes on as before");
                }
            }
            known.text = text.ok();
        }
        let now = known.course.at(real).map_or(known.latest, whole_microseconds);
        known.latest = now.max(known.latest);
        known.latest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_course_counts_from_its_anchor() {
        let course = |rate| Course {
            anchor: instant("2026-11-23T01:00:00Z"),
            offset: SignedDuration::from_hours(-24),
            rate,
        };
        let at = |rate| course(rate).at(instant("2026-11-23T01:10:00Z")).unwrap().to_string();
        assert_eq!(at(0), "2026-11-22T01:00:00Z");
        assert_eq!(at(1), "2026-11-22T01:10:00Z");
        assert_eq!(at(60), "2026-11-22T11:00:00Z");
    }

    #[test]
    fn a_replaced_file_counts_at_once_and_never_backwards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clock.json");
        let (early, late) = (instant("2026-11-23T01:00:00Z"), instant("2026-11-23T02:00:00Z"));
        Course::standing_at(early).write(&path).unwrap();
        let clock = FileClock::open(&path).unwrap();
        for (written, told) in [(early, early), (late, late), (early, late)] {
            Course::standing_at(written).write(&path).unwrap();
            assert_eq!(clock.now(), told);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_file_may_be_written_by_hand() {
        let text = r#"{"anchor": "2026-10-13T00:00:00Z", "offset": "-2h", "rate": 60}"#;
        let course = Course::parse(text, SystemClock.now()).unwrap();
        assert_eq!((course.offset, course.rate), (SignedDuration::from_hours(-2), 60));
    }

    #[test]
    fn rubbish_is_refused_at_the_start_and_passed_over_later() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clock.json");
        assert!(FileClock::open(&path).unwrap_err().message.contains("clock.json: No such file"));
        let whole = r#"{"anchor":"2026-11-23T01:00:00Z","offset":"0s","rate":0}"#;
        let rubbish = [
            "",
            "07:00",
            r#"{"anchor":"2026-11-23T01:00:00Z","offset":"0s"}"#,
            &whole.replace("\"rate\":0", "\"rate\":-1"),
            &whole.replace("\"rate\":0", "\"rate\":0,\"zone\":7"),
            &whole.replace("0s", "99999999h"),
        ];
        for text in rubbish {
            fs::write(&path, text).unwrap();
            let refused = FileClock::open(&path).unwrap_err();
            assert_eq!(refused.reason, "MALFORMED_CLOCK", "{text}");
        }
        fs::write(&path, whole).unwrap();
        let clock = FileClock::open(&path).unwrap();
        let at = clock.now();
        for text in rubbish {
            fs::write(&path, text).unwrap();
            assert_eq!(clock.now(), at, "{text}");
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(clock.now(), at);
        Course::standing_at(instant("2026-11-23T03:00:00Z")).write(&path).unwrap();
        assert_eq!(clock.now(), instant("2026-11-23T03:00:00Z"));
    }
}
