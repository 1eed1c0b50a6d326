//! Puts notices into words, by the set of templates that holds ([`crate::template`]).

use std::sync::{Arc, PoisonError, RwLock};

use jiff::{Timestamp, tz::TimeZone};
use minijinja::{Error, Value};
use phidia_domain::{
    Rejection, application::Language, case::HandOverWay, case::Wait, notice::Notice, sms::Measure,
};
use phidia_runtime::failure::Failure;

use crate::template::{self, Greeted, Set, bundled, variables};

/// What every message about an application says. Nothing personal.
#[derive(Clone, Debug)]
pub(crate) struct Particulars<'a> {
    /// Official dossier code.
    pub(crate) dossier_code: &'a str,
    /// Name of the procedure.
    pub(crate) procedure: &'a str,
    /// Name of the unit where the result is collected.
    pub(crate) return_at: &'a str,
    /// The promised instant.
    pub(crate) due_at: Option<Timestamp>,
    /// When the fact came true.
    pub(crate) occurred_at: Timestamp,
    /// What this fact adds.
    pub(crate) detail: Detail<'a>,
}

/// What one kind of fact adds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Detail<'a> {
    /// Nothing.
    None,
    /// The unit that works on it.
    AtUnit {
        /// Its name.
        unit: &'a str,
    },
    /// A new appointment.
    Postponed {
        /// Name of the unit that apologises.
        unit: &'a str,
        /// Why, in the officer's words.
        reason: &'a str,
        /// The new appointment.
        appointment_at: Timestamp,
    },
    /// What is to be supplemented.
    Supplement {
        /// Name of the unit that asks.
        unit: &'a str,
        /// What is missing or wrong, in the officer's words.
        reasons: &'a [String],
        /// Until when.
        until: Timestamp,
    },
    /// What is to be paid.
    Payment {
        /// Name of the unit that asks.
        unit: &'a str,
        /// In đồng.
        amount_dong: i64,
        /// In the officer's words.
        purpose: &'a str,
    },
    /// What other offices are asked.
    Referred {
        /// Name of the unit that asks.
        unit: &'a str,
        /// Names of those that are asked.
        offices: &'a [&'a str],
        /// When the answer is due.
        answer_due: Timestamp,
    },
    /// What became of a question.
    ReferralEnded {
        /// Name of the other unit.
        unit: &'a str,
        /// Whether it was answered; false: it was taken back.
        answered: bool,
    },
    /// Whom it waited for.
    Resumed {
        /// Name of the unit that works on it.
        unit: &'a str,
        /// Whom.
        waited_for: Wait,
        /// The new appointment that was given before, as it is from now on.
        appointment_at: Option<Timestamp>,
    },
    /// What is told where it went from one unit to another.
    Moved {
        /// Name of the other unit, seen from the unit that is told, and of the one that has it now, for a citizen; empty:
        /// there is none.
        unit: &'a str,
        /// Why, in a sentence.
        why: &'a str,
    },
    /// It will soon be late.
    Deadline {
        /// Whole working hours left.
        hours_left: i64,
        /// Working minutes beyond those.
        minutes_left: i64,
        /// Whether the promised instant has passed.
        is_overdue: bool,
        /// Whether it waits for other offices.
        waits_for_offices: bool,
        /// Whether an officer holds it.
        is_held: bool,
        /// Their staff code, where the province knows them.
        officer: &'a str,
    },
    /// Another date.
    Replanned {
        /// What was promised before.
        before: Option<Timestamp>,
        /// The new appointment that was given before, as it is from now on.
        appointment_at: Option<Timestamp>,
        /// The decision by which it is so.
        decision: &'a str,
    },
    /// The file that a result was issued as.
    Issued {
        /// Its media type.
        media_type: &'a str,
        /// Its hash, in hexadecimal digits.
        sha256: &'a str,
    },
    /// That a result was handed over.
    HandedOver {
        /// How.
        way: HandOverWay,
        /// Name of the unit that did.
        unit: &'a str,
    },
    /// That it was opened again.
    Reopened {
        /// The decision by which it was.
        decision: &'a str,
        /// Name of the unit that works on it; none: it is not found yet.
        unit: Option<&'a str>,
        /// Whether a result was withdrawn by it.
        withdrawn: bool,
    },
    /// A subscription that is sent nothing more.
    SubscriptionDisabled {
        /// Its id.
        subscription: &'a str,
        /// What it is called.
        called: &'a str,
        /// Whose it is, `role/name`.
        owner: &'a str,
        /// Where its events went, without what was asked there.
        url: &'a str,
        /// Why: `GONE`, `FAILED_FOR_TOO_LONG`, `TOO_MUCH_REFUSED` or `EVENTS_NOT_KEPT`.
        why: &'a str,
        /// Since when every attempt has failed; none: the last did not.
        failing_since: Option<Timestamp>,
    },
    /// How much there is in a letter of the day.
    Digest {
        /// All of it.
        count: usize,
        /// That of it for which there is no room.
        more: usize,
    },
    /// How it ended.
    Completed {
        /// No later than promised.
        on_time: bool,
        /// In the officer's words; empty when granted.
        refusal_reason: &'a str,
    },
}

/// A message in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rendered {
    pub(crate) subject: String,
    pub(crate) body: String,
    /// The version of the templates that these words are of. It is kept with each message, so that it can be said later by
    /// which words somebody was told.
    pub(crate) version: u16,
    /// What the templates were told, by name: a preview of other templates is given the same.
    pub(crate) told: serde_json::Value,
}

/// A text message (SMS) in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextMessage {
    pub(crate) text: String,
    /// What it takes.
    pub(crate) measure: Measure,
    /// As [`Rendered::version`].
    pub(crate) version: u16,
}

/// Puts notices into words.
#[derive(Debug)]
pub(crate) struct Renderer {
    zone: TimeZone,
    /// Whether text messages are written without marks.
    without_marks: bool,
    /// The set that came with this binary: it knows every notice of this binary, and says what the one that holds cannot.
    bundled: Arc<Set>,
    holds: RwLock<Arc<Set>>,
}

impl Renderer {
    /// Begins with the set that came with the binary, which bears this version; times are told in the zone with this IANA name.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a time zone that is none.
    pub(crate) fn new(time_zone: &str, without_marks: bool, version: u16) -> Result<Self, Failure> {
        let zone = TimeZone::get(time_zone).map_err(|_| {
            Rejection::invalid(
                "UNKNOWN_TIME_ZONE",
                "time_zone",
                "expected an IANA name like Asia/Ho_Chi_Minh",
            )
        })?;
        let (bundled, unreadable) = Set::read(version, &bundled::files(), false);
        if let Some(first) = unreadable.into_iter().next() {
            return Err(Failure::broken(first.error));
        }
        let bundled = Arc::new(bundled);
        Ok(Self { zone, without_marks, holds: RwLock::new(Arc::clone(&bundled)), bundled })
    }

    /// The set that holds here.
    pub(crate) fn holds(&self) -> Arc<Set> {
        Arc::clone(&self.holds.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on this set holds here, unless a later one does already; none: the one that came with the binary.
    pub(crate) fn hold(&self, set: Arc<Set>) {
        let mut holds = self.holds.write().unwrap_or_else(PoisonError::into_inner);
        if holds.version < set.version || Arc::ptr_eq(&holds, &self.bundled) {
            *holds = set;
        }
    }

    /// The version of the set that came with this binary.
    pub(crate) fn bundled(&self) -> u16 {
        self.bundled.version
    }

    /// Whether text messages are written without marks.
    pub(crate) fn is_without_marks(&self) -> bool {
        self.without_marks
    }

    /// What a template is told.
    pub(crate) fn variables(&self, language: Language, particulars: &Particulars<'_>) -> Value {
        variables::of(particulars, language, &self.zone)
    }

    /// The message that tells `notice`.
    pub(crate) fn message(
        &self,
        notice: Notice,
        language: Language,
        particulars: &Particulars<'_>,
    ) -> Result<Rendered, Failure> {
        let told = self.variables(language, particulars);
        let ((subject, body), version) = self.say(|set| set.message(notice, language, &told))?;
        let told = serde_json::to_value(&told).map_err(Failure::broken)?;
        Ok(Rendered { subject, body, version, told })
    }

    /// The text message that tells `notice`; none: it goes to units, who have their mailbox.
    /// `told`: what its template is told, as in [`Rendered::told`].
    pub(crate) fn sms(
        &self,
        notice: Notice,
        language: Language,
        told: &serde_json::Value,
    ) -> Result<Option<TextMessage>, Failure> {
        if !template::has_text_message(notice) {
            return Ok(None);
        }
        let told = serde_json::from_value::<Value>(told.clone()).map_err(Failure::broken)?;
        let (text, version) = self.say(|set| set.text_message(notice, language, &told))?;
        let (text, measure) = template::written(&text, self.without_marks);
        Ok(Some(TextMessage { text, measure, version }))
    }

    /// The text of a letter. Personal: made when it is sent, and never kept.
    pub(crate) fn letter(&self, language: Language, to: Greeted<'_>, body: &str) -> Result<String, Failure> {
        Ok(self.say(|set| set.letter(language, to, body))?.0)
    }

    /// The same letter in HTML. Personal likewise.
    pub(crate) fn html(
        &self,
        language: Language,
        to: Greeted<'_>,
        subject: &str,
        body: &str,
    ) -> Result<String, Failure> {
        Ok(self.say(|set| set.html(language, to, subject, body))?.0)
    }

    /// In the words of the set that holds, or, where it cannot say it, of the one that came with the binary: a set that was
    /// looked through may still fail at what a sample did not have, and whoever is to be told must not pay for it.
    fn say<T>(&self, words: impl Fn(&Set) -> Result<T, Error>) -> Result<(T, u16), Failure> {
        let holds = self.holds();
        match words(&holds) {
            Ok(said) => return Ok((said, holds.version)),
            Err(error) if holds.version == self.bundled.version => return Err(Failure::broken(error)),
            Err(error) => {
                // What stands in the error may be what it was told.
                let (kind, file, line) = (error.kind(), error.name(), error.line());
                tracing::warn!(
                    ?kind,
                    file,
                    line,
                    version = holds.version,
                    "a template fails; the bundled one is used"
                );
            }
        }
        Ok((words(&self.bundled).map_err(Failure::broken)?, self.bundled.version))
    }
}

#[cfg(test)]
mod tests;
