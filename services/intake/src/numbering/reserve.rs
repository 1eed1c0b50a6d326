//! Reserves codes: the running numbers go on behind them.

use jiff::{Span as Days, Timestamp, civil::Date};
use phidia_domain::{
    Kind, Rejection,
    application::{CodeSeries, receiving_unit},
    caller::Caller,
    id::CodeRangeId,
};
use phidia_runtime::{
    clock::RealClock,
    failure::Failure,
    idempotency::{self, Claim, KEPT_FOR},
};
use sea_orm::DatabaseTransaction;

use super::{CodeRange, Span};
use crate::{Intake, scope::Scope, store::numbering as store};

const RPC: &str = "/phidia.intake.v1.NumberingService/ReserveCodes";

/// So many at once: more than a centre takes in on a full day.
const MOST_AT_ONCE: u32 = 1_000;
/// So many of a unit's day may be out: whoever asks in a loop uses up no codes that others need.
const MOST_OUT: u64 = 5_000;
/// So many days ahead: a centre may be cut off over Tết.
const DAYS_AHEAD: i64 = 14;

/// A command under its key.
#[derive(Clone)]
struct Keyed {
    claim: Claim,
    fingerprint: String,
    province: String,
    real_now: Timestamp,
}

impl Intake {
    /// Reserves the next `count` numbers of a unit on a day, today if none is named.
    ///
    /// # Errors
    /// Violations of `received_at_code`, `day` and `count`; `PERMISSION_DENIED` for another unit; `TOO_MANY_CODES`; those of the key.
    pub(crate) async fn reserve_codes(
        &self,
        caller: &Caller,
        key: &str,
        received_at_code: &str,
        day: Option<Date>,
        count: u32,
    ) -> Result<CodeRange, Failure> {
        let claim = Claim::new(&caller.actor(), RPC, key)?;
        let version = self.versions.active().await?;
        let province = &version.value;
        let (now, unit) =
            (self.business.now(), receiving_unit(province, "received_at_code", received_at_code)?);
        Scope::of(caller).check(unit.id)?;
        let today = province.clock.local_date(now);
        let day_of_codes = day.unwrap_or(today);
        let series = CodeSeries::of(&province.agency_code, unit, day_of_codes).to_string();
        let asked = || -> Result<(), Rejection> {
            if !(1..=MOST_AT_ONCE).contains(&count) {
                return Err(Rejection::invalid("OUT_OF_RANGE", "count", format!("1 to {MOST_AT_ONCE}")));
            }
            let last = today.saturating_add(Days::new().days(DAYS_AHEAD));
            if !(today..=last).contains(&day_of_codes) {
                let expected = format!("a day from {today} to {last}");
                return Err(Rejection::invalid("DATE_OUT_OF_RANGE", "day", expected));
            }
            Ok(())
        };
        // What is out of range today may repeat what was reserved before: the key decides first.
        let asked = asked();
        let fingerprint = idempotency::fingerprint(&(received_at_code, day, count))?;
        let (province, unit) = (province.code.clone(), unit.id);
        let (id, reserved_by): (CodeRangeId, _) = (self.ids.mint(now), caller.actor());
        let real_now = RealClock.now();
        let command = Keyed { claim, fingerprint, province, real_now };
        let range = CodeRange {
            id,
            unit,
            day: day_of_codes,
            series,
            numbers: Span { first: 1, last: count },
            reserved_by,
            reserved_at: now,
            used: 0,
            closed_at: None,
            void: Vec::new(),
        };
        idempotency::retried(|| {
            let (command, range) = (command.clone(), asked.clone().map(|()| range.clone()));
            self.outbox.write(move |tx, _| Box::pin(set_apart(tx, command, range)))
        })
        .await
    }
}

/// Gives a range the next numbers of its day, as many as it has.
async fn set_apart(
    tx: &DatabaseTransaction,
    command: Keyed,
    range: Result<CodeRange, Rejection>,
) -> Result<CodeRange, Failure> {
    let Keyed { claim, fingerprint, province, real_now } = command;
    if let Some(answer) = idempotency::find(tx, &claim, &fingerprint, real_now).await? {
        let id = str::from_utf8(&answer).map_err(Failure::broken)?.parse()?;
        let kept = store::range(tx, &province, id, false).await?;
        return kept.ok_or_else(|| Failure::broken(format!("{id} is not here")));
    }
    let range = range?;
    let count = range.numbers.last;
    // Locks the day: what is out is counted by one at a time.
    let last = store::draw(tx, &province, range.unit, range.day, count).await?;
    if store::out(tx, &province, range.unit, range.day).await? + u64::from(count) > MOST_OUT {
        let message = format!(
            "no more than {MOST_OUT} codes of a unit's day may be out; close ranges that are not needed"
        );
        let refusal = Rejection::new(Kind::Exhausted, "TOO_MANY_CODES", message).with("limit", MOST_OUT);
        return Err(refusal.into());
    }
    let range = CodeRange { numbers: Span { first: last - (count - 1), last }, ..range };
    store::insert(tx, &province, &range).await?;
    let kept_until = real_now.saturating_add(KEPT_FOR).map_err(Failure::broken)?;
    let answer = range.id.to_string().into_bytes();
    idempotency::keep(tx, &claim, &fingerprint, answer, kept_until).await?;
    Ok(range)
}
