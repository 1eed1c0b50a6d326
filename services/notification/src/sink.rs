//! The events that notification takes in: those that concern a citizen, those that concern a unit, and those that other systems may
//! hear of. All others it acknowledges.

use phidia_domain::{
    Rejection,
    case::{Outcome, Wait},
    notice::Notice,
    procedure::Text,
};
use phidia_outbox::{EventSink, Facts};
use phidia_proto::{
    convert,
    events::v1::{
        ApplicationSubmitted, CasePaused, DeadlineNear, DeadlineReplanned, Event, PreferencesStated,
        ReferralEnded, ReferralMade, WaitedFor, WorkMoved, case_paused::WaitsFor, event::Fact,
    },
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{
    deliver::Wake,
    feed,
    store::{Person, preferences},
    tell::{News, Submission, Teller, Told},
    tell_of_deadline::Near,
    tell_units::{ToUnit, Words},
    watch_messages::Mailboxes,
};

/// Tells citizens and units what other services tell us.
#[derive(Debug)]
pub(crate) struct Sink {
    pub(crate) teller: Teller,
    /// Wakes those who send.
    pub(crate) wake: Wake,
    /// Wakes those who watch mailboxes.
    pub(crate) mailboxes: Mailboxes,
}

#[async_trait::async_trait]
impl EventSink for Sink {
    fn concerns(&self, fact: &Fact) -> bool {
        match fact {
            Fact::ApplicationSubmitted(_)
            | Fact::CaseOpened(_)
            | Fact::CaseCompleted(_)
            | Fact::SupplementRequested(_)
            | Fact::CasePaused(_)
            | Fact::ReferralEnded(_)
            | Fact::CaseResumed(_)
            | Fact::CaseStopped(_)
            | Fact::DeadlineNear(_)
            | Fact::AppointmentPostponed(_)
            | Fact::ResultIssued(_)
            | Fact::ResultHandedOver(_)
            | Fact::DeadlineReplanned(_)
            | Fact::CaseReopened(_)
            | Fact::ContactCorrected(_)
            | Fact::PreferencesStated(_)
            | Fact::WorkMoved(_) => true,
            // These tell nobody here, but other systems may hear of them.
            Fact::WorkAssigned(_)
            | Fact::StepStarted(_)
            | Fact::StepCompleted(_)
            | Fact::SupplementReceived(_)
            | Fact::PaymentReceived(_)
            | Fact::ApplicationRated(_)
            | Fact::WorkUnassignable(_)
            | Fact::StopRequested(_)
            | Fact::StepReturned(_)
            | Fact::StepReady(_)
            | Fact::Published(_) => feed::is_public(fact),
        }
    }

    async fn apply(&self, tx: &DatabaseTransaction, event: &Event, facts: &mut Facts) -> Result<(), Failure> {
        if let Some(Fact::PreferencesStated(fact)) = &event.fact {
            return prefer(tx, &event.province, fact).await;
        }
        let to_units = to_units(event)?;
        if !to_units.is_empty() {
            self.teller.tell_units(tx, told(event, to_units)?).await?;
        }
        if let Some(Fact::DeadlineNear(fact)) = &event.fact {
            self.teller.tell_of_deadline(tx, told(event, near(fact)?)?).await?;
        }
        if let Some(news) = news(event)? {
            self.teller.tell(tx, told(event, news)?).await?;
        }
        feed::publish(tx, event, facts).await
    }

    fn applied(&self) {
        self.wake.all();
        self.mailboxes.wake();
    }
}

/// What an event tells a citizen, if anything.
fn news(event: &Event) -> Result<Option<News>, Rejection> {
    Ok(match &event.fact {
        Some(Fact::ApplicationSubmitted(fact)) => Some(News::Submitted(submission(fact)?)),
        Some(Fact::CaseOpened(fact)) => Some(News::Opened { unit: convert::text(fact.unit_name.clone()) }),
        // Where nobody had it, the citizen has not been told of anybody yet; CaseOpened will tell.
        Some(Fact::WorkMoved(fact)) if !fact.from_unit_id.is_empty() => Some(News::Moved {
            work_item: convert::work_item(fact.work_item.clone(), "work_moved.work_item")?,
            unit: convert::text(fact.unit_name.clone()),
            why: convert::text(fact.for_citizen.clone()),
        }),
        Some(Fact::SupplementRequested(fact)) => {
            let until = convert::required(fact.until, "supplement_requested.until")?;
            Some(News::SupplementRequested {
                unit: convert::text(fact.unit_name.clone()),
                reasons: fact.reasons.clone(),
                until: convert::timestamp(until, "supplement_requested.until")?,
            })
        }
        Some(Fact::CasePaused(fact)) => paused(fact)?,
        Some(Fact::CaseResumed(fact)) => Some(News::Resumed {
            waited_for: match fact.waited_for() {
                WaitedFor::Unspecified => Wait::Supplement,
                WaitedFor::Payment => Wait::Payment,
                WaitedFor::Offices => Wait::Referral,
            },
            unit: convert::text(fact.unit_name.clone()),
            due_at: fact.due_at.map(|at| convert::timestamp(at, "case_resumed.due_at")).transpose()?,
            appointment_at: (fact.appointment_at)
                .map(|at| convert::timestamp(at, "case_resumed.appointment_at"))
                .transpose()?,
        }),
        Some(Fact::AppointmentPostponed(fact)) => {
            let at = convert::required(fact.appointment_at, "appointment_postponed.appointment_at")?;
            Some(News::Postponed {
                unit: convert::text(fact.unit_name.clone()),
                reason: fact.reason.clone(),
                appointment_at: convert::timestamp(at, "appointment_postponed.appointment_at")?,
            })
        }
        Some(Fact::DeadlineReplanned(fact)) => Some(replanned(fact)?),
        Some(Fact::ResultIssued(fact)) => {
            Some(News::Issued { media_type: fact.media_type.clone(), sha256: fact.sha256.clone() })
        }
        Some(Fact::ResultHandedOver(fact)) => Some(News::HandedOver {
            way: convert::way(fact.way, "result_handed_over.way")?,
            unit: convert::text(fact.unit_name.clone()),
        }),
        Some(Fact::CaseReopened(fact)) => {
            let at_unit = Some(&fact.unit_name).filter(|_| !fact.unit_id.is_empty());
            let due_at = fact.due_at.map(|at| convert::timestamp(at, "case_reopened.due_at")).transpose()?;
            Some(News::Reopened {
                decision: fact.decision.clone(),
                unit: at_unit.map(|name| convert::text(name.clone())),
                due_at,
                withdrawn: fact.result_withdrawn,
                reached_before: convert::work_items(&fact.reached_before, "case_reopened.reached_before")?,
            })
        }
        Some(Fact::ContactCorrected(fact)) => {
            let contact = convert::required(fact.contact.clone(), "contact_corrected.contact")?;
            Some(News::ContactCorrected { contact: contact.sealed })
        }
        Some(Fact::CaseStopped(fact)) => {
            Some(News::Stopped(convert::stop_ground(fact.ground, "case_stopped.ground")?))
        }
        Some(Fact::CaseCompleted(fact)) => Some(News::Completed {
            granted: convert::outcome(fact.outcome, "case_completed.outcome")? == Outcome::Approved,
            on_time: fact.on_time,
            refusal_reason: fact.refusal_reason.clone(),
        }),
        Some(_) | None => None,
    })
}

fn replanned(fact: &DeadlineReplanned) -> Result<News, Rejection> {
    let due_at = convert::required(fact.due_at, "deadline_replanned.due_at")?;
    let at = |at, field: &str| convert::timestamp(at, field);
    Ok(News::Replanned {
        before: (fact.previous_due_at.map(|before| at(before, "deadline_replanned.previous_due_at")))
            .transpose()?,
        due_at: at(due_at, "deadline_replanned.due_at")?,
        appointment_at: (fact.appointment_at.map(|told| at(told, "deadline_replanned.appointment_at")))
            .transpose()?,
        decision: fact.decision.clone(),
    })
}

/// Keeps over which ways somebody wants to be told.
async fn prefer(tx: &DatabaseTransaction, province: &str, fact: &PreferencesStated) -> Result<(), Failure> {
    let pseudonym = convert::optional_pseudonym(&fact.pseudonym, "preferences_stated.pseudonym")?;
    let id = convert::id(&fact.person_id, "preferences_stated.person_id")?;
    let person = Person { id, wrapped_key: None, pseudonym };
    let said = convert::required(fact.preferences, "preferences_stated.preferences")?;
    let said = convert::preferences(said, "preferences_stated.preferences")?;
    let stated_at = convert::required(fact.stated_at, "preferences_stated.stated_at")?;
    let stated_at = convert::timestamp(stated_at, "preferences_stated.stated_at")?;
    preferences::keep(tx, province, person.preferring(), said, stated_at).await
}

fn submission(fact: &ApplicationSubmitted) -> Result<Submission, Rejection> {
    let contact = convert::required(fact.contact.clone(), "application_submitted.contact")?;
    Ok(Submission {
        person: convert::id(&contact.person_id, "application_submitted.contact.person_id")?,
        pseudonym: convert::optional_pseudonym(
            &contact.pseudonym,
            "application_submitted.contact.pseudonym",
        )?,
        wrapped_key: contact.wrapped_key,
        contact: contact.sealed,
        language: convert::language(fact.language),
        dossier_code: fact.dossier_code.clone(),
        procedure: convert::text(fact.procedure_name.clone()),
        return_at: convert::text(fact.return_at_unit_name.clone()),
        due_at: fact.due_at.map(|at| convert::timestamp(at, "application_submitted.due_at")).transpose()?,
    })
}

/// Whom a case waits for.
fn paused(fact: &CasePaused) -> Result<Option<News>, Rejection> {
    let unit = convert::text(fact.unit_name.clone());
    Ok(match &fact.waits_for {
        Some(WaitsFor::Payment(due)) => {
            Some(News::PaymentRequested { unit, amount_dong: due.amount_dong, purpose: due.purpose.clone() })
        }
        Some(WaitsFor::Referrals(asked)) => {
            let due: Vec<_> = asked.referrals.iter().map(answer_due).collect::<Result<_, _>>()?;
            let offices = asked.referrals.iter().map(|made| convert::text(made.unit_name.clone()));
            due.into_iter().max().map(|answer_due| News::Referred {
                unit,
                offices: offices.collect(),
                answer_due,
            })
        }
        None => None,
    })
}

fn answer_due(made: &ReferralMade) -> Result<jiff::Timestamp, Rejection> {
    let due_at = convert::required(made.due_at, "case_paused.referrals.due_at")?;
    convert::timestamp(due_at, "case_paused.referrals.due_at")
}

/// What an event tells units.
fn to_units(event: &Event) -> Result<Vec<ToUnit>, Rejection> {
    match &event.fact {
        Some(Fact::WorkMoved(fact)) => moved(fact),
        Some(Fact::CasePaused(fact)) => asked(fact),
        Some(Fact::ReferralEnded(fact)) => Ok(vec![ended(fact)?]),
        Some(_) | None => Ok(Vec::new()),
    }
}

/// Both units, who lost it and who has it.
fn moved(fact: &WorkMoved) -> Result<Vec<ToUnit>, Rejection> {
    let from = convert::optional_unit(&fact.from_unit_id, "work_moved.from_unit_id")?;
    let from = from.map(|unit| (unit, convert::text(fact.from_unit_name.clone())));
    let to = convert::id(&fact.unit_id, "work_moved.unit_id")?;
    let (to_name, why) = (convert::text(fact.unit_name.clone()), convert::text(fact.why.clone()));
    let other = from.as_ref().map_or_else(Text::default, |(_, name)| name.clone());
    let lost = from.map(|(unit, _)| ToUnit {
        unit,
        notice: Notice::WorkLost,
        other: to_name,
        words: Words::Moved(why.clone()),
    });
    let gained = ToUnit { unit: to, notice: Notice::WorkGained, other, words: Words::Moved(why) };
    Ok(lost.into_iter().chain([gained]).collect())
}

/// Each unit that is asked something.
fn asked(fact: &CasePaused) -> Result<Vec<ToUnit>, Rejection> {
    let Some(WaitsFor::Referrals(asked)) = &fact.waits_for else { return Ok(Vec::new()) };
    let to_unit = |made: &ReferralMade| {
        Ok(ToUnit {
            unit: convert::id(&made.unit_id, "case_paused.referrals.unit_id")?,
            notice: Notice::ReferralAsked,
            other: convert::text(fact.unit_name.clone()),
            words: Words::Asked(answer_due(made)?),
        })
    };
    asked.referrals.iter().map(to_unit).collect()
}

/// Whoever asked, of an answer; whoever was asked, that they need not answer any more.
fn ended(fact: &ReferralEnded) -> Result<ToUnit, Rejection> {
    let (from, to) = (&fact.from_unit_name, &fact.to_unit_name);
    let (id, other) = match fact.answered {
        true => (&fact.from_unit_id, to),
        false => (&fact.to_unit_id, from),
    };
    Ok(ToUnit {
        unit: convert::id(id, "referral_ended.unit_id")?,
        notice: Notice::ReferralEnded,
        other: convert::text(other.clone()),
        words: Words::Ended { answered: fact.answered },
    })
}

fn near(fact: &DeadlineNear) -> Result<Near, Rejection> {
    let due_at = convert::required(fact.due_at, "deadline_near.due_at")?;
    Ok(Near {
        stage: convert::warning(fact.stage, "deadline_near.stage")?,
        unit: convert::id(&fact.unit_id, "deadline_near.unit_id")?,
        due_at: convert::timestamp(due_at, "deadline_near.due_at")?,
        minutes_left: fact.minutes_left,
        is_overdue: fact.overdue,
        waits_for_offices: fact.waits_for_offices,
        officer: match fact.officer_id.as_str() {
            "" => None,
            id => Some(convert::id(id, "deadline_near.officer_id")?),
        },
        officer_code: fact.officer_code.clone(),
    })
}

fn told<N>(event: &Event, news: N) -> Result<Told<N>, Rejection> {
    Ok(Told {
        event: convert::id(&event.id, "id")?,
        province: event.province.clone(),
        application: convert::id(&event.application_id, "application_id")?,
        occurred_at: convert::timestamp(convert::required(event.occurred_at, "occurred_at")?, "occurred_at")?,
        recorded_at: convert::timestamp(convert::required(event.recorded_at, "recorded_at")?, "recorded_at")?,
        news,
    })
}
