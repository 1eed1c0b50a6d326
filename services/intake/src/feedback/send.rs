//! Takes in what somebody says: from its author, or noted by an officer, who may answer it at once or escalate it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use phidia_domain::{
    Rejection,
    application::check_text,
    caller::{Caller, Role},
    feedback::{Act, Escalation, FeedbackChannel, FeedbackKind, Hand, LONGEST_TEXT, Standing, check_words},
    id::{FeedbackId, PersonId, UnitId},
    province::Province,
};
use phidia_runtime::{
    database::alone,
    failure::Failure,
    idempotency,
    random::six_digits,
    seal::{PersonKey, Sealed},
};
use serde::{Deserialize, Serialize};

use super::{handle, sender::check_daily};
use crate::{
    Intake,
    scope::unit_named,
    store::{
        feedback::{self as store, Entry, Feedback},
        persons, reading, running_number,
    },
};

/// Who says something, as far as they tell.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Author {
    pub(crate) name: String,
    pub(crate) telephone: String,
    pub(crate) email: String,
}

/// What rests sealed. No `Debug`: it may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) author: Author,
}

/// What is sent. No `Debug`: it may name people.
#[derive(Clone, Serialize)]
pub(crate) struct Message {
    pub(crate) kind: FeedbackKind,
    /// None: the usual one of the caller.
    pub(crate) channel: Option<FeedbackChannel>,
    pub(crate) said: Said,
    /// Codes; empty: none.
    pub(crate) unit_code: String,
    pub(crate) dossier_code: String,
    pub(crate) procedure_code: String,
    /// Local day, of a paper from the box.
    pub(crate) taken_out_on: String,
    /// What an officer answers at once; empty: nothing.
    pub(crate) answer: String,
    #[serde(skip)]
    pub(crate) escalate_to: Option<Escalation>,
    /// Under which it may be sent again; none: the same words are the same.
    #[serde(skip)]
    pub(crate) key: Option<String>,
}

impl Said {
    pub(super) fn context(id: FeedbackId) -> String {
        format!("intake.feedback/{id}")
    }
}

impl Message {
    /// What can be said without the store.
    fn check(&self, channel: FeedbackChannel, today: Date) -> Result<Option<Date>, Rejection> {
        let Said { text, author } = &self.said;
        check_words("text", text, LONGEST_TEXT)?;
        check_text("author.name", &author.name, 0, 200)?;
        check_text("author.telephone", &author.telephone, 0, 20)?;
        check_text("author.email", &author.email, 0, 254)?;
        if !author.email.is_empty() && !author.email.contains('@') {
            let expected = "must look like name@example.vn";
            return Err(Rejection::invalid("MALFORMED_EMAIL", "author.email", expected));
        }
        check_text("dossier_code", &self.dossier_code, 0, 64)?;
        let by_officer =
            matches!(channel, FeedbackChannel::Counter | FeedbackChannel::Box | FeedbackChannel::Telephone);
        if !self.answer.is_empty() {
            check_words("answer", &self.answer, LONGEST_TEXT)?;
        }
        let at_once = [(!self.answer.is_empty(), "answer"), (self.escalate_to.is_some(), "escalate_to")];
        for (given, field) in at_once {
            if given && !by_officer {
                return Err(Rejection::invalid("OFFICERS_ONLY", field, "is for officers who note it"));
            }
        }
        if at_once.iter().all(|(given, _)| *given) {
            let expected = "what is answered is not escalated";
            return Err(Rejection::invalid("ANSWERED_AT_ONCE", "escalate_to", expected));
        }
        let taken_out_on = match self.taken_out_on.as_str() {
            "" => None,
            day => Some(super::read::day("taken_out_on", day)?),
        };
        match (channel, taken_out_on) {
            (FeedbackChannel::Box, None) => Err(Rejection::invalid(
                "MISSING_FIELD",
                "taken_out_on",
                "is required of a paper from the box",
            )),
            (FeedbackChannel::Box, Some(day)) if day > today => {
                Err(Rejection::invalid("DATE_OUT_OF_RANGE", "taken_out_on", "must not be in the future"))
            }
            (FeedbackChannel::Box, day) => Ok(day),
            (_, Some(_)) => {
                Err(Rejection::invalid("OTHER_CHANNEL", "taken_out_on", "is for papers from the box alone"))
            }
            (_, None) => Ok(None),
        }
    }
}

impl Intake {
    /// Takes it in, and answers with its record. Sent again under its key, it is one; without a key the same words of the same caller on the
    /// same day are. A system needs a key: two of those for whom it speaks may say the same, and none of them is to hold the other's check code.
    ///
    /// # Errors
    /// Violations of its fields; `ALREADY_EXISTS` for a key that was used for something else; `NOT_FOUND` for a dossier code that an officer names and nobody has; those of `Standing::after` for what is answered or
    /// escalated at once; `DAILY_LIMIT`.
    pub(crate) async fn send_feedback(&self, caller: &Caller, message: Message) -> Result<Feedback, Failure> {
        let version = self.versions.active().await?;
        let (province, now) = (&version.value, self.business.now());
        let day = province.clock.local_date(now);
        let channel = FeedbackChannel::of(caller.role, message.channel)?;
        let taken_out_on = message.check(channel, day)?;
        match &message.key {
            Some(key) => idempotency::check_key(key)?,
            None if caller.role == Role::System => {
                let expected = "is required of a system, which speaks for many";
                return Err(Rejection::invalid("MISSING_FIELD", "idempotency_key", expected).into());
            }
            None => {}
        }
        if !message.procedure_code.is_empty() {
            province.procedure_on(&message.procedure_code, day)?;
        }
        let hand = handle::hand(province, caller)?;
        let (about, desk) = self.concerned(caller, hand, province, &message).await?;
        let standing = Standing::receive(&province.clock, message.kind, about, desk, now)?;

        let (id, person): (FeedbackId, PersonId) = (self.ids.mint(now), self.ids.mint(now));
        let key = PersonKey::generate();
        let wrapped_key = key.wrap(&self.master_key)?;
        let sent_on = |day| match &message.key {
            Some(key) => self.sender(caller, day, &("key", key)),
            None => self.sender(caller, day, &(&message, format!("{:?}", message.escalate_to))),
        };
        let sender = sent_on(day)?;
        // What was sent before midnight, and again behind it.
        let of_yesterday = match (&message.key, day.yesterday()) {
            (Some(_), Ok(yesterday)) => Some(sent_on(yesterday)?),
            _ => None,
        };
        let named = |code: &String| Some(code.clone()).filter(|code| !code.is_empty());
        let mut record = Feedback {
            id,
            number: String::new(),
            check_code: six_digits(),
            channel,
            standing,
            dossier_code: named(&message.dossier_code),
            procedure_code: named(&message.procedure_code),
            taken_out_on,
            person,
            said: Sealed::seal(&key, &Said::context(id), &message.said)?.into_bytes(),
            published: None,
            entries: 1,
        };
        let mut lines = vec![Entry {
            at: now,
            act: "received".to_owned(),
            unit: caller.unit.filter(|_| hand != Hand::Author),
            officer: caller.officer.filter(|_| hand != Hand::Author),
            words: None,
        }];
        let at_once = match (message.answer.as_str(), message.escalate_to) {
            ("", None) => None,
            ("", Some(to)) => Some(Act::Escalate(to)),
            _ => Some(Act::Answer),
        };
        if let Some(act) = at_once {
            record.standing = record.standing.after(&province.clock, hand, act, now)?;
            record.entries = 2;
            lines.push(handle::entry(&record, Some(&key), hand, act, &message.answer, now)?);
        }
        let point = hand_point(province, hand);
        let series = format!("PA-{point}");
        let (code, caller, master_key) = (province.code.clone(), caller.clone(), self.master_key.clone());
        let write = self.outbox.write(move |tx, _| {
            Box::pin(async move {
                alone(tx, &sender.alone()).await?;
                let (mut same, sent) = store::sent(tx, &code, &sender).await?;
                if let (None, Some(yesterday)) = (&same, &of_yesterday) {
                    same = store::sent(tx, &code, yesterday).await?.0;
                }
                if let Some(same) = same {
                    let wrapped = persons::wrapped_key(tx, &code, same.person).await?;
                    let key = wrapped.map(|wrapped| PersonKey::unwrap(&master_key, &wrapped)).transpose()?;
                    check_same(&same, &record, key.as_ref(), &message.said)?;
                    return Ok(same);
                }
                check_daily(&caller, sent)?;
                let number = running_number::next(tx, &code, &series, Some(day)).await?;
                record.number = format!("{series}-{}-{number:03}", day.strftime("%y%m%d"));
                store::insert(tx, &code, &record, wrapped_key, sender).await?;
                for (number, line) in (1..).zip(lines) {
                    let so_far = Feedback { entries: number, ..record.clone() };
                    store::add_entry(tx, &code, &so_far, line).await?;
                }
                Ok(record)
            })
        });
        write.await
    }

    /// The units that it is about, and the one that is to answer it.
    async fn concerned(
        &self,
        caller: &Caller,
        hand: Hand,
        province: &Province,
        message: &Message,
    ) -> Result<(BTreeSet<UnitId>, Option<UnitId>), Failure> {
        let named = match message.unit_code.as_str() {
            "" => None,
            code => Some(unit_named(province, "unit_code", code)?),
        };
        let mut about: BTreeSet<_> = named.into_iter().collect();
        if !message.dossier_code.is_empty() {
            let conn = self.outbox.database().read();
            match reading::by_dossier_code(conn, &province.code, &message.dossier_code).await? {
                Some((application, _)) => {
                    let progress = application.progress;
                    about.insert(application.received_at_unit);
                    about.extend(progress.working_unit.map(|unit| unit.id));
                    about.extend(progress.beside.iter().map(|beside| beside.unit));
                }
                // Whoever has no receipt is not told which dossier codes there are.
                None if matches!(caller.role, Role::Citizen | Role::System) => {}
                None => {
                    let message = "no application has this dossier code";
                    return Err(Rejection::not_found("UNKNOWN_APPLICATION", message).into());
                }
            }
        }
        let own = match hand {
            Hand::Officer(unit, _) | Hand::Supervisor(unit) => Some(unit),
            Hand::Author | Hand::Province => None,
        };
        Ok((about, named.or(own)))
    }
}

/// Whether what is there is what was sent again.
///
/// # Errors
/// `ALREADY_EXISTS` for something else under the same key.
fn check_same(
    there: &Feedback,
    sent: &Feedback,
    key: Option<&PersonKey>,
    said: &Said,
) -> Result<(), Failure> {
    let of = |feedback: &Feedback| {
        let Feedback { standing, channel, dossier_code, procedure_code, taken_out_on, .. } = feedback;
        (standing.kind, *channel, dossier_code.clone(), procedure_code.clone(), *taken_out_on)
    };
    let open = |key| Sealed::<Said>::from_bytes(there.said.clone()).open(key, &Said::context(there.id));
    let was_said = key.map(open).transpose()?;
    if of(there) != of(sent) || was_said.is_some_and(|was| was != *said) {
        return Err(idempotency::reused().into());
    }
    Ok(())
}

/// The place whose number it takes: the unit of the officer who notes it, or the province.
fn hand_point(province: &Province, hand: Hand) -> String {
    let unit = match hand {
        Hand::Officer(unit, _) | Hand::Supervisor(unit) => province.units.get(&unit),
        Hand::Author | Hand::Province => None,
    };
    unit.map_or(&province.code, |unit| &unit.code).clone()
}
