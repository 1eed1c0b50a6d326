//! Single values across the boundary. Every function that reads takes the path of its field, so that a
//! refusal names it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use phidia_domain::{
    Kind, Rejection,
    application::{Channel, Language, PaymentWay, Pseudonym, Rating, Status},
    case::{HandOverWay, Outcome, ReferralKind, StopGround, Warning},
    id::{ApplicationId, Id, UnitId},
    preference::{Choice, ContactPreferences},
    procedure::{CompetenceKey, Text},
    route::Ground,
    work_item::WorkItem,
};

use crate::{events::v1 as events, types::v1 as types};

/// The violation of a required field that was left out.
pub fn missing(field: &str) -> Rejection {
    Rejection::invalid("MISSING_FIELD", field, "is required")
}

/// A local day that has to be named, as `2026-11-24`.
///
/// # Errors
/// A violation of `field`.
pub fn day(text: &str, field: &str) -> Result<Date, Rejection> {
    optional_day(text, field)?.ok_or_else(|| missing(field))
}

/// A local day, as `2026-11-24`; none where it is empty.
///
/// # Errors
/// A violation of `field`.
pub fn optional_day(text: &str, field: &str) -> Result<Option<Date>, Rejection> {
    if text.is_empty() {
        return Ok(None);
    }
    // A longer text may hold a time of the day, too, which nobody would look at.
    let day = text.parse().ok().filter(|_| text.len() == 10);
    day.map(Some)
        .ok_or_else(|| Rejection::invalid("MALFORMED_DATE", field, "expected a day such as 2026-11-24"))
}

/// A required message field.
pub fn required<T>(value: Option<T>, field: &str) -> Result<T, Rejection> {
    value.ok_or_else(|| missing(field))
}

/// An id in its text form.
pub fn id<I: Id>(text: &str, field: &str) -> Result<I, Rejection> {
    if text.is_empty() {
        return Err(missing(field));
    }
    text.parse().map_err(|_| {
        Rejection::invalid(
            "MALFORMED_ID",
            field,
            format!("expected {}_ and 32 hexadecimal digits", I::PREFIX),
        )
    })
}

/// An instant in UTC, truncated to microseconds; refused outside 1900–2199, which no office ever means.
pub fn timestamp(value: prost_types::Timestamp, field: &str) -> Result<Timestamp, Rejection> {
    let out_of_range =
        || Rejection::invalid("DATE_OUT_OF_RANGE", field, "must be an instant between 1900 and 2199");
    if !(0..1_000_000_000).contains(&value.nanos) || !(-2_208_988_800..7_258_118_400).contains(&value.seconds)
    {
        return Err(out_of_range());
    }
    Timestamp::new(value.seconds, value.nanos / 1_000 * 1_000).map_err(|_| out_of_range())
}

/// An instant on the wire.
pub fn wire_timestamp(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() }
}

/// A text on the wire.
pub fn wire_text(text: &Text) -> types::Text {
    types::Text { vi: text.vi.clone(), en: text.en.clone() }
}

/// A text from the wire; one that was left out is empty.
pub fn text(value: Option<types::Text>) -> Text {
    value.map(|text| Text { vi: text.vi, en: text.en }).unwrap_or_default()
}

/// A work item on the wire.
pub fn wire_work_item(item: WorkItem) -> types::WorkItem {
    types::WorkItem { application_id: item.application.to_string(), step: item.step, attempt: item.attempt }
}

/// A required work item.
pub fn work_item(value: Option<types::WorkItem>, field: &str) -> Result<WorkItem, Rejection> {
    let value = required(value, field)?;
    // Stores have no unsigned numbers.
    let counts = 1..=i32::MAX.unsigned_abs();
    if !counts.contains(&value.step) || !counts.contains(&value.attempt) {
        let expected = format!("step and attempt count from 1 to {}", counts.end());
        return Err(Rejection::invalid("OUT_OF_RANGE", field, expected));
    }
    let application: ApplicationId = id(&value.application_id, &format!("{field}.application_id"))?;
    Ok(WorkItem { application, step: value.step, attempt: value.attempt })
}

/// Work items.
pub fn work_items(values: &[types::WorkItem], field: &str) -> Result<Vec<WorkItem>, Rejection> {
    let of = |(index, value): (usize, &types::WorkItem)| {
        work_item(Some(value.clone()), &format!("{field}[{index}]"))
    };
    values.iter().enumerate().map(of).collect()
}

/// A competence key on the wire.
pub fn wire_competence_key(key: CompetenceKey) -> types::CompetenceKey {
    match key {
        CompetenceKey::None => types::CompetenceKey::None,
        CompetenceKey::Residence => types::CompetenceKey::Residence,
        CompetenceKey::Land => types::CompetenceKey::Land,
        CompetenceKey::HeadOffice => types::CompetenceKey::HeadOffice,
        CompetenceKey::Register => types::CompetenceKey::Register,
        CompetenceKey::Fixed => types::CompetenceKey::Fixed,
    }
}

/// A competence key that names a place: `NONE` and `FIXED` are not given by an applicant.
pub fn place_key(value: i32, field: &str) -> Result<CompetenceKey, Rejection> {
    match types::CompetenceKey::try_from(value) {
        Ok(types::CompetenceKey::Residence) => Ok(CompetenceKey::Residence),
        Ok(types::CompetenceKey::Land) => Ok(CompetenceKey::Land),
        Ok(types::CompetenceKey::HeadOffice) => Ok(CompetenceKey::HeadOffice),
        Ok(types::CompetenceKey::Register) => Ok(CompetenceKey::Register),
        _ => Err(Rejection::invalid(
            "UNKNOWN_VALUE",
            field,
            "expected RESIDENCE, LAND, HEAD_OFFICE or REGISTER",
        )),
    }
}

/// Commune codes by key, each key at most once.
pub fn places(values: Vec<types::Place>, field: &str) -> Result<BTreeMap<CompetenceKey, String>, Rejection> {
    let mut places = BTreeMap::new();
    for (index, place) in values.into_iter().enumerate() {
        let path = format!("{field}[{index}]");
        let key = place_key(place.key, &format!("{path}.key"))?;
        if place.commune_code.is_empty() {
            return Err(missing(&format!("{path}.commune_code")));
        }
        if places.insert(key, place.commune_code).is_some() {
            return Err(Rejection::invalid("DUPLICATE", &path, "each key at most once"));
        }
    }
    Ok(places)
}

/// Units by key as codes on the wire.
pub fn wire_places(places: &BTreeMap<CompetenceKey, String>) -> Vec<types::Place> {
    places
        .iter()
        .map(|(key, code)| types::Place { key: wire_competence_key(*key).into(), commune_code: code.clone() })
        .collect()
}

/// A language; one that is not stated is Vietnamese.
pub fn language(value: i32) -> Language {
    match types::Language::try_from(value) {
        Ok(types::Language::En) => Language::En,
        _ => Language::Vi,
    }
}

/// A language on the wire.
pub fn wire_language(language: Language) -> types::Language {
    match language {
        Language::Vi => types::Language::Vi,
        Language::En => types::Language::En,
    }
}

/// Over which ways somebody wants to be told, from the wire.
///
/// # Errors
/// A violation of a field under `field`.
pub fn preferences(said: types::ContactPreferences, field: &str) -> Result<ContactPreferences, Rejection> {
    let choice = |value, way: &str| match types::ContactChoice::try_from(value) {
        Ok(types::ContactChoice::Unspecified) => Ok(Choice::Unsaid),
        Ok(types::ContactChoice::Agreed) => Ok(Choice::Agreed),
        Ok(types::ContactChoice::Declined) => Ok(Choice::Declined),
        Err(_) => {
            Err(Rejection::invalid("UNKNOWN_VALUE", &format!("{field}.{way}"), "expected AGREED or DECLINED"))
        }
    };
    Ok(ContactPreferences {
        email: choice(said.email, "email")?,
        sms: choice(said.sms, "sms")?,
        zalo: choice(said.zalo, "zalo")?,
        daily: said.daily,
    })
}

/// Over which ways somebody wants to be told, on the wire.
pub fn wire_preferences(said: ContactPreferences) -> types::ContactPreferences {
    let choice = |choice| match choice {
        Choice::Unsaid => types::ContactChoice::Unspecified,
        Choice::Agreed => types::ContactChoice::Agreed,
        Choice::Declined => types::ContactChoice::Declined,
    };
    types::ContactPreferences {
        email: choice(said.email).into(),
        sms: choice(said.sms).into(),
        zalo: choice(said.zalo).into(),
        daily: said.daily,
    }
}

/// A status on the wire.
pub fn wire_status(status: Status) -> types::ApplicationStatus {
    match status {
        Status::Accepted => types::ApplicationStatus::Accepted,
        Status::AwaitingDispatch => types::ApplicationStatus::AwaitingDispatch,
        Status::Assigned => types::ApplicationStatus::Assigned,
        Status::InProcess => types::ApplicationStatus::InProcess,
        Status::Granted => types::ApplicationStatus::Granted,
        Status::Refused => types::ApplicationStatus::Refused,
        Status::AwaitingSupplement => types::ApplicationStatus::AwaitingSupplement,
        Status::Withdrawn => types::ApplicationStatus::Withdrawn,
        Status::Lapsed => types::ApplicationStatus::Lapsed,
        Status::AwaitingPayment => types::ApplicationStatus::AwaitingPayment,
        Status::Referred => types::ApplicationStatus::Referred,
    }
}

/// An outcome on the wire.
pub fn wire_outcome(outcome: Outcome) -> events::StepOutcome {
    match outcome {
        Outcome::Approved => events::StepOutcome::Approved,
        Outcome::Refused => events::StepOutcome::Refused,
    }
}

/// A required outcome.
pub fn outcome(value: i32, field: &str) -> Result<Outcome, Rejection> {
    match events::StepOutcome::try_from(value) {
        Ok(events::StepOutcome::Approved) => Ok(Outcome::Approved),
        Ok(events::StepOutcome::Refused) => Ok(Outcome::Refused),
        _ => Err(Rejection::invalid("UNKNOWN_VALUE", field, "expected APPROVED or REFUSED")),
    }
}

/// How an application came in, in a fact.
pub fn wire_channel(channel: Channel) -> events::Channel {
    match channel {
        Channel::Direct => events::Channel::Direct,
        Channel::Online => events::Channel::Online,
        Channel::Post => events::Channel::Post,
    }
}

/// How an application came in, as a fact tells it; none: it does not, or by a way that is not known here yet. Nothing depends on it but
/// what is counted: that is no reason to refuse a fact.
pub fn channel(value: i32) -> Option<Channel> {
    match events::Channel::try_from(value) {
        Ok(events::Channel::Direct) => Some(Channel::Direct),
        Ok(events::Channel::Online) => Some(Channel::Online),
        Ok(events::Channel::Post) => Some(Channel::Post),
        Ok(events::Channel::Unspecified) | Err(_) => None,
    }
}

/// How something was paid, on the wire.
pub fn wire_payment_way(way: PaymentWay) -> events::PaymentWay {
    match way {
        PaymentWay::Cash => events::PaymentWay::Cash,
        PaymentWay::Transfer => events::PaymentWay::Transfer,
        PaymentWay::Online => events::PaymentWay::Online,
    }
}

/// A required way of payment.
pub fn payment_way(value: i32, field: &str) -> Result<PaymentWay, Rejection> {
    match events::PaymentWay::try_from(value) {
        Ok(events::PaymentWay::Unspecified) => Err(missing(field)),
        _ => told_payment_way(value)
            .ok_or_else(|| Rejection::invalid("UNKNOWN_VALUE", field, "expected CASH, TRANSFER or ONLINE")),
    }
}

/// How something was paid, as a fact tells it; none: it does not, or a way that is not known here yet. As of [`channel`], nothing depends on
/// it but what is counted.
pub fn told_payment_way(value: i32) -> Option<PaymentWay> {
    match events::PaymentWay::try_from(value) {
        Ok(events::PaymentWay::Cash) => Some(PaymentWay::Cash),
        Ok(events::PaymentWay::Transfer) => Some(PaymentWay::Transfer),
        Ok(events::PaymentWay::Online) => Some(PaymentWay::Online),
        Ok(events::PaymentWay::Unspecified) | Err(_) => None,
    }
}

/// How content an applicant is, on the wire.
pub fn wire_rating(rating: Rating) -> events::Rating {
    match rating {
        Rating::Satisfied => events::Rating::Satisfied,
        Rating::Neither => events::Rating::Neither,
        Rating::Dissatisfied => events::Rating::Dissatisfied,
    }
}

/// A required rating.
pub fn rating(value: i32, field: &str) -> Result<Rating, Rejection> {
    match events::Rating::try_from(value) {
        Ok(events::Rating::Satisfied) => Ok(Rating::Satisfied),
        Ok(events::Rating::Neither) => Ok(Rating::Neither),
        Ok(events::Rating::Dissatisfied) => Ok(Rating::Dissatisfied),
        Ok(events::Rating::Unspecified) => Err(missing(field)),
        Err(_) => {
            let expected = "expected SATISFIED, NEITHER or DISSATISFIED";
            Err(Rejection::invalid("UNKNOWN_VALUE", field, expected))
        }
    }
}

/// Why something ends without a decision, on the wire.
pub fn wire_stop_ground(ground: StopGround) -> events::StopGround {
    match ground {
        StopGround::Withdrawn => events::StopGround::Withdrawn,
        StopGround::Lapsed => events::StopGround::Lapsed,
    }
}

/// What one office asks another for, on the wire.
pub fn wire_referral_kind(kind: ReferralKind) -> types::ReferralKind {
    match kind {
        ReferralKind::Verification => types::ReferralKind::Verification,
        ReferralKind::Agency => types::ReferralKind::Agency,
    }
}

/// What one office asks another for. Required.
pub fn referral_kind(value: i32, field: &str) -> Result<ReferralKind, Rejection> {
    match types::ReferralKind::try_from(value) {
        Ok(types::ReferralKind::Verification) => Ok(ReferralKind::Verification),
        Ok(types::ReferralKind::Agency) => Ok(ReferralKind::Agency),
        _ => Err(Rejection::invalid("UNKNOWN_VALUE", field, "expected VERIFICATION or AGENCY")),
    }
}

/// A required ground to end without a decision.
pub fn stop_ground(value: i32, field: &str) -> Result<StopGround, Rejection> {
    match events::StopGround::try_from(value) {
        Ok(events::StopGround::Withdrawn) => Ok(StopGround::Withdrawn),
        Ok(events::StopGround::Lapsed) => Ok(StopGround::Lapsed),
        _ => Err(Rejection::invalid("UNKNOWN_VALUE", field, "expected WITHDRAWN or LAPSED")),
    }
}

/// To whom it is said that a case will soon be late, on the wire.
pub fn wire_warning(warning: Warning) -> events::DeadlineStage {
    match warning {
        Warning::Officer => events::DeadlineStage::Officer,
        Warning::Supervisor => events::DeadlineStage::Supervisor,
        Warning::Rescue => events::DeadlineStage::Rescue,
    }
}

/// A required stage of a case that will soon be late.
pub fn warning(value: i32, field: &str) -> Result<Warning, Rejection> {
    match events::DeadlineStage::try_from(value) {
        Ok(events::DeadlineStage::Officer) => Ok(Warning::Officer),
        Ok(events::DeadlineStage::Supervisor) => Ok(Warning::Supervisor),
        Ok(events::DeadlineStage::Rescue) => Ok(Warning::Rescue),
        _ => Err(Rejection::invalid("UNKNOWN_VALUE", field, "expected OFFICER, SUPERVISOR or RESCUE")),
    }
}

/// How a result is handed over, on the wire.
pub fn wire_way(way: HandOverWay) -> events::HandOverWay {
    match way {
        HandOverWay::InPerson => events::HandOverWay::InPerson,
        HandOverWay::Authorised => events::HandOverWay::Authorised,
        HandOverWay::Post => events::HandOverWay::Post,
        HandOverWay::Electronic => events::HandOverWay::Electronic,
    }
}

/// How a result is handed over, from the wire.
pub fn way(value: i32, field: &str) -> Result<HandOverWay, Rejection> {
    match events::HandOverWay::try_from(value) {
        Ok(events::HandOverWay::InPerson) => Ok(HandOverWay::InPerson),
        Ok(events::HandOverWay::Authorised) => Ok(HandOverWay::Authorised),
        Ok(events::HandOverWay::Post) => Ok(HandOverWay::Post),
        Ok(events::HandOverWay::Electronic) => Ok(HandOverWay::Electronic),
        Ok(events::HandOverWay::Unspecified) => Err(missing(field)),
        Err(_) => {
            let expected = "expected IN_PERSON, AUTHORISED, POST or ELECTRONIC";
            Err(Rejection::invalid("UNKNOWN_VALUE", field, expected))
        }
    }
}

/// The ground of a decision on the wire.
pub fn wire_ground(ground: Ground) -> events::AssignmentGround {
    match ground {
        Ground::Home => events::AssignmentGround::Home,
        Ground::Bound => events::AssignmentGround::Bound,
        Ground::Need => events::AssignmentGround::Need,
        Ground::Gain => events::AssignmentGround::Gain,
        Ground::Kept => events::AssignmentGround::Kept,
        Ground::Rescued => events::AssignmentGround::Rescued,
        Ground::Overridden => events::AssignmentGround::Overridden,
    }
}

/// Optional unit ids: the empty text is none.
pub fn optional_unit(text: &str, field: &str) -> Result<Option<UnitId>, Rejection> {
    if text.is_empty() { Ok(None) } else { id(text, field).map(Some) }
}

/// Units by their ids.
pub fn units(texts: &[String], field: &str) -> Result<BTreeSet<UnitId>, Rejection> {
    texts.iter().enumerate().map(|(index, text)| id(text, &format!("{field}[{index}]"))).collect()
}

/// An optional pseudonym: no bytes are none.
pub fn optional_pseudonym(bytes: &[u8], field: &str) -> Result<Option<Pseudonym>, Rejection> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let expected = || Rejection::invalid("MALFORMED_PSEUDONYM", field, format!("{} bytes", Pseudonym::LEN));
    bytes.try_into().map(|bytes| Some(Pseudonym::from_bytes(bytes))).map_err(|_| expected())
}

/// The size of a page: 0 means `usual`; more than `most`, or less than 0, is refused.
pub fn page_size(value: i32, usual: u32, most: u32) -> Result<u64, Rejection> {
    match u32::try_from(value) {
        Ok(0) => Ok(usual.into()),
        Ok(size) if size <= most => Ok(size.into()),
        _ => Err(Rejection::new(Kind::Invalid, "OUT_OF_RANGE", format!("page_size: at most {most}"))
            .violating("page_size", format!("must be 0 to {most}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_go_there_and_back_in_microseconds() {
        let at: Timestamp = "2026-11-23T01:02:03.456789Z".parse().unwrap();
        assert_eq!(timestamp(wire_timestamp(at), "at").unwrap(), at);
        let finer = prost_types::Timestamp { seconds: at.as_second(), nanos: 456_789_999 };
        assert_eq!(timestamp(finer, "at").unwrap(), at);
    }

    #[test]
    fn rubbish_is_refused_with_its_path() {
        for (seconds, nanos) in [(i64::MAX, 0), (0, -1), (0, 1_000_000_000), (-9_000_000_000, 0)] {
            let refusal = timestamp(prost_types::Timestamp { seconds, nanos }, "handed_in_at").unwrap_err();
            assert_eq!(refusal.violations[0].field, "handed_in_at");
        }
        let place = types::Place { key: 99, commune_code: "1".into() };
        assert_eq!(places(vec![place], "places").unwrap_err().violations[0].field, "places[0].key");
        let place = types::Place { key: types::CompetenceKey::Land.into(), commune_code: "1".into() };
        assert_eq!(
            places(vec![place.clone(), place], "places").unwrap_err().violations[0].field,
            "places[1]"
        );
        let application_id = format!("app_{:032x}", 1);
        for (step, attempt) in [(0, 1), (1, 0), (1, u32::MAX), (1 << 31, 1)] {
            let item = types::WorkItem { application_id: application_id.clone(), step, attempt };
            assert_eq!(work_item(Some(item), "work_item").unwrap_err().violations[0].field, "work_item");
        }
        let ids = [UnitId::of("37", "1").to_string(), "1".to_owned()];
        assert_eq!(units(&ids, "units").unwrap_err().violations[0].field, "units[1]");
        assert_eq!(units(&ids[..1], "units").unwrap(), [UnitId::of("37", "1")].into());
        assert!(page_size(-1, 1, 2).is_err() && page_size(3, 1, 2).is_err());
        assert_eq!(page_size(0, 1, 2).unwrap(), 1);
    }
}
