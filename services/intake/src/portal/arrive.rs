//! Takes in what the portal brings: each item until it is taken or refused, and acknowledged then. What was done already is not
//! done again, however often it is brought.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use phidia_domain::{
    Kind, Rejection,
    application::{HANDED_IN_WITHIN, PaymentWay},
    caller::{Caller, Role},
    id::ApplicationId,
};
use phidia_runtime::{
    clock::RealClock, failure::Failure, http_client::Bytes, metrics::Counter, service::Worker,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Arrival, ArrivalState, Brought,
    brought::{self, Content, Item, Pending, is_id},
    client::{self, Client, Missed, TOO_LONG},
    deliver::{backoff, later},
    fetch::Fetching,
};
use crate::{
    Intake,
    applications::hand_in_later::Later,
    store::{
        portal::{self as store, News},
        progress::Overdue,
        reading,
    },
};

static ARRIVALS: Counter = Counter::new(
    "phidia.portal.arrivals",
    "{item}",
    "What the national portal brought, by what became of it.",
);

/// So many items are asked for at once, at first …
const PAGE: usize = 20;
/// … and so many at last, where no other way leads past what has no id.
const WIDEST_PAGE: usize = 640;
/// Of so many dossiers things are taken in at once.
const AT_ONCE: usize = 4;
/// So many pages are read in one look at most.
const MOST_PAGES: usize = 500;
/// A file that is not what it claims is fetched so often before that is believed: what came may have been something else.
const FILES_TRIED: i32 = 4;
/// A procedure that is not known here is waited for so long: the catalogue may be behind the portal's.
const CATALOGUE_BEHIND: SignedDuration = SignedDuration::from_hours(24);

/// The acknowledgement of an item.
#[derive(Serialize)]
struct Acknowledgement<'a> {
    #[serde(rename = "Ma")]
    item: &'a str,
    #[serde(rename = "MaHoSo")]
    code: &'a str,
    #[serde(rename = "KetQua")]
    outcome: &'static str,
    /// The dossier code here.
    #[serde(rename = "MaHoSoDiaPhuong", skip_serializing_if = "Option::is_none")]
    dossier_code: Option<String>,
    #[serde(rename = "LyDo", skip_serializing_if = "<[_]>::is_empty")]
    reasons: &'a [String],
}

/// Asks again and again, until it is stopped.
pub(super) fn worker(intake: Intake) -> Worker {
    Worker::new("ask-portal", move |stop| async move {
        let Some(client) = &intake.portal.client else { return };
        let mut failures = 0;
        loop {
            // What is left in the middle is brought again.
            let taken = tokio::select! {
                () = stop.cancelled() => break,
                taken = intake.take_all(client) => taken,
            };
            let wait = match taken {
                Ok(()) => {
                    failures = 0;
                    client.config.poll()
                }
                Err(failure) => {
                    failures += 1;
                    tracing::warn!(%failure, "the national portal was not asked what it brings");
                    Duration::try_from(backoff(failures)).unwrap_or_default().max(client.config.poll())
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(wait) => {}
            }
        }
    })
}

impl Intake {
    /// Looks at all that was brought and not acknowledged.
    async fn take_all(&self, client: &Client) -> Result<(), Failure> {
        let began = self.business.now();
        let (mut after, mut size, mut widest) = (String::new(), PAGE, WIDEST_PAGE);
        let mut is_whole = true;
        for _ in 0..MOST_PAGES {
            let body = client::json(&json!({ "SauMa": after, "SoLuong": size }))?;
            let id = format!("cho/{}", RealClock.now().as_microsecond());
            let page: Pending = match client.post("/hoso/cho", &id, body).await {
                Ok(page) => page,
                // Fewer of them may be short enough.
                Err(Missed::Refused(why)) if why == TOO_LONG && size > 1 => {
                    (size, widest) = (size / 2, size / 2);
                    continue;
                }
                Err(missed) => return Err(away(&missed)),
            };
            let is_last = page.items.len() < size;
            let items: Vec<_> = page.items.into_iter().filter_map(Item::read).collect();
            let last = items.last().map(|item| item.id.clone());
            is_whole &= self.take_page(client, items).await;
            match last {
                _ if is_last => {
                    if is_whole {
                        self.portal.looked_at.send_replace(Some(began));
                    }
                    break;
                }
                Some(last) if last != after => after = last,
                // It is full of what has no id, and there may be something behind that.
                _ if size < widest => size = (size * 2).min(widest),
                _ => break,
            }
        }
        Ok(())
    }

    /// Takes in what stands on a page: of each dossier in its order, and first those that need no files. Whether it is known of each what
    /// became of it.
    async fn take_page(&self, client: &Client, items: Vec<Item>) -> bool {
        let mut dossiers: BTreeMap<String, Vec<Item>> = BTreeMap::new();
        for item in items {
            dossiers.entry(item.code.clone()).or_default().push(item);
        }
        let mut dossiers: Vec<_> = dossiers.into_values().collect();
        dossiers.sort_by_key(|items| items.iter().any(Item::may_have_files));
        let taken = stream::iter(dossiers).map(async |items| {
            let mut all = true;
            for item in items {
                all &= self.take_one(client, item).await;
            }
            all
        });
        taken.buffer_unordered(AT_ONCE).fold(true, async |all, taken| all & taken).await
    }

    /// Takes one item in, unless that was done, and acknowledges it. What fails keeps no other from it. Whether it is known what became of it.
    async fn take_one(&self, client: &Client, item: Item) -> bool {
        let (id, kind) = (item.id.clone(), item.kind());
        match self.arrive(client, item).await {
            Ok(None) => true,
            Ok(Some(arrival)) => {
                if let Err(failure) = self.acknowledge(client, &arrival).await {
                    tracing::warn!(item = id, %failure, "an item of the national portal was not acknowledged");
                }
                true
            }
            Err(failure) => {
                tracing::warn!(item = id, ?kind, %failure, "an item of the national portal was not taken in");
                false
            }
        }
    }

    /// Whether a supplement of this may have been handed in at the portal in time and not have come here yet.
    pub(crate) async fn portal_may_bring_supplement(&self, overdue: &Overdue) -> Result<bool, Failure> {
        if self.portal.client.is_none() {
            return Ok(false);
        }
        let conn = self.outbox.database().read();
        let Some(code) = store::code_of(conn, &overdue.province, overdue.id).await? else { return Ok(false) };
        if self.portal.looked_at.borrow().is_none_or(|at| at <= overdue.until) {
            return Ok(true);
        }
        store::is_awaited(conn, &overdue.province, &code, Brought::Supplement).await
    }

    /// What is to be acknowledged; none: it is tried again later.
    async fn arrive(&self, client: &Client, item: Item) -> Result<Option<Arrival>, Failure> {
        let province = self.versions.active().await?.value.code.clone();
        let now = RealClock.now();
        let known = store::arrival(self.outbox.database().read(), &province, &item.id).await?;
        match &known {
            Some(Arrival { state: ArrivalState::Taken | ArrivalState::Refused, .. }) => return Ok(known),
            Some(Arrival { next_at, .. }) if now < *next_at => return Ok(None),
            _ => {}
        }
        let attempts = known.as_ref().map_or(0, |known| known.attempts) + 1;
        let mut arrival = Arrival {
            item: item.id.clone(),
            kind: item.kind(),
            // What is no code may be anything, and is not kept.
            code: Some(item.code.clone()).filter(|code| is_id(code)).unwrap_or_default(),
            seen_at: known.map_or(now, |known| known.seen_at),
            state: ArrivalState::Taken,
            attempts,
            next_at: now,
            reason: None,
            answer: Vec::new(),
            application: None,
        };
        let caller = caller();
        let id = item.id.clone();
        let mut fetching = Fetching { client, caller: &caller, item: &id, fetched: Vec::new() };
        let outcome = match self.take_item(&mut fetching, &province, item).await {
            Ok(application) => {
                arrival.application = Some(application);
                "taken"
            }
            Err(Failure::Rejected(refusal)) if is_final(&refusal, &arrival, now) => {
                arrival.state = ArrivalState::Refused;
                arrival.answer = sentences(&refusal);
                arrival.reason = Some(refusal.reason);
                "refused"
            }
            Err(failure) => {
                tracing::warn!(item = arrival.item, %failure, "an item of the national portal was not taken in");
                arrival.state = ArrivalState::Failed;
                arrival.next_at = later(now, backoff(attempts));
                arrival.reason =
                    Some(failure.rejection().map_or("INTERNAL".to_owned(), |refusal| refusal.reason.clone()));
                "failed"
            }
        };
        ARRIVALS.add(1, &[("outcome", outcome)]);
        let fetched = fetching.fetched;
        let (kept, at) = (arrival.clone(), self.business.now());
        self.outbox
            .database()
            .write(move |tx| Box::pin(async move { keep(tx, &province, &kept, at).await }))
            .await?;
        // Only once it is known to be refused: tried again, it would want them.
        if arrival.state == ArrivalState::Refused {
            self.delete_fetched(&caller, fetched).await;
        }
        Ok(Some(arrival).filter(|arrival| arrival.state != ArrivalState::Failed))
    }

    /// Does what an item says; answers which application it is about.
    async fn take_item(
        &self,
        fetching: &mut Fetching<'_>,
        province: &str,
        item: Item,
    ) -> Result<ApplicationId, Failure> {
        let (kind, code) = (item.kind(), item.code.clone());
        if !is_id(&code) {
            return Err(Rejection::new(Kind::Unavailable, "MALFORMED_ITEM", "it names no dossier").into());
        }
        let content = item.content()?;
        let caller = fetching.caller;
        match kind {
            Brought::Dossier => self.take_dossier(fetching, province, &code, content).await,
            Brought::Supplement => {
                let id = self.known_to_portal(province, &code).await?;
                Fetching::check_count(content.files.len(), "TepTin")?;
                if content.files.is_empty() {
                    let refusal = Rejection::invalid("MISSING_FIELD", "TepTin", "what is supplemented");
                    return Err(refusal.in_vietnamese("Bản bổ sung không có tệp nào.").into());
                }
                let zone = self.versions.active().await?.value.clock.time_zone().clone();
                let handed_in_at = brought::instant("ThoiDiem", &content.handed_in_at, &zone)?;
                let mut attachments = Vec::new();
                for (place, file) in content.files.iter().enumerate() {
                    attachments.push(self.fetch(fetching, &format!("TepTin[{place}]"), file).await?);
                }
                // Clocks differ, and nobody is refused for that.
                let now = self.business.now();
                let handed_in_at = handed_in_at.filter(|at| *at < now);
                self.receive_later(caller, id, Later::Supplement { attachments, handed_in_at }).await?;
                Ok(id)
            }
            Brought::Withdrawal => {
                let id = self.known_to_portal(province, &code).await?;
                self.receive_later(caller, id, Later::Withdrawal).await?;
                Ok(id)
            }
            Brought::Payment => {
                let id = self.known_to_portal(province, &code).await?;
                phidia_domain::application::check_text("MaGiaoDich", &content.reference, 1, 100)?;
                let (amount, reference) = (content.amount_dong, content.reference);
                self.receive_payment(caller, id, amount, reference, PaymentWay::Online).await?;
                Ok(id)
            }
            Brought::Unknown => {
                // A later version may know it.
                let message = "nobody here knows what this is";
                Err(Rejection::new(Kind::Unavailable, "UNKNOWN_ITEM", message).into())
            }
        }
    }

    async fn take_dossier(
        &self,
        fetching: &mut Fetching<'_>,
        province: &str,
        code: &str,
        content: Content,
    ) -> Result<ApplicationId, Failure> {
        let active = self.versions.active().await?;
        let conn = self.outbox.database().read();
        // A code of ours would stand for two dossiers there once we give it.
        let is_ours = code.starts_with(&format!("{}.", active.value.agency_code));
        match store::application(conn, province, code).await? {
            Some((id, true)) => return Ok(id),
            None if !is_ours && !store::knows(conn, province, code).await? => {}
            _ => {
                let message = "there is another dossier with this code, or will be";
                return Err(Rejection::new(Kind::AlreadyExists, "CODE_USED", message)
                    .violating("MaHoSo", message)
                    .in_vietnamese("Mã hồ sơ này đã được dùng cho hồ sơ khác.")
                    .into());
            }
        }
        let missing = || {
            let refusal = Rejection::invalid("MISSING_FIELD", "HoSo", "what is handed in");
            refusal.in_vietnamese("Hồ sơ không có nội dung.")
        };
        let dossier = content.dossier.ok_or_else(missing)?;
        Fetching::check_count(dossier.documents.iter().map(|document| document.files.len()).sum(), "GiayTo")?;
        let mut attachments = Vec::new();
        for (place, document) in dossier.documents.iter().enumerate() {
            let mut ids = Vec::new();
            for (file_place, file) in document.files.iter().enumerate() {
                let path = format!("GiayTo[{place}].TepTin[{file_place}]");
                ids.push(self.fetch(fetching, &path, file).await?.to_string());
            }
            attachments.push(ids);
        }
        let now = self.business.now();
        let earliest = now.saturating_sub(HANDED_IN_WITHIN).map_err(Failure::broken)?;
        // Clocks differ, and the line may have been down for long: nobody is refused for that.
        let mut request = dossier.request(attachments, active.value.clock.time_zone(), earliest..now)?;
        request.idempotency_key = format!("portal/{code}");
        let taken_in = self.submit_known_by(fetching.caller, request, Some(code)).await?;
        Ok(taken_in.receipt.application)
    }

    /// The application that the portal knows by a code.
    async fn known_to_portal(&self, province: &str, code: &str) -> Result<ApplicationId, Failure> {
        let conn = self.outbox.database().read();
        if let Some((id, _)) = store::application(conn, province, code).await? {
            return Ok(id);
        }
        if store::is_awaited(conn, province, code, Brought::Dossier).await? {
            let message = "the dossier that this is about could not be taken in yet";
            return Err(Rejection::new(Kind::Unavailable, "DOSSIER_NOT_TAKEN_YET", message).into());
        }
        let refusal = Rejection::not_found("UNKNOWN_APPLICATION", "no application has this code");
        Err(refusal
            .violating("MaHoSo", "a dossier that was taken in")
            .in_vietnamese("Không có hồ sơ nào mang mã này.")
            .into())
    }

    /// Tells the portal that it need not bring an item again.
    async fn acknowledge(&self, client: &Client, arrival: &Arrival) -> Result<(), Failure> {
        let province = self.versions.active().await?.value.code.clone();
        let dossier_code = match arrival.application {
            Some(id) => reading::receipt(self.outbox.database().read(), &province, id).await?,
            None => None,
        };
        let body = Acknowledgement {
            item: &arrival.item,
            code: &arrival.code,
            outcome: if arrival.state == ArrivalState::Taken { "DA_NHAN" } else { "TU_CHOI" },
            dossier_code: dossier_code.map(|receipt| receipt.dossier_code),
            reasons: &arrival.answer,
        };
        let body: Bytes = client::json(&body)?;
        let id = format!("danhan/{}", arrival.item);
        client.post::<Value>("/hoso/danhan", &id, body).await.map(drop).map_err(|missed| away(&missed))
    }
}

/// Writes down what became of an item; of a dossier that is refused the portal is told so.
async fn keep(
    tx: &sea_orm::DatabaseTransaction,
    province: &str,
    arrival: &Arrival,
    at: Timestamp,
) -> Result<(), Failure> {
    store::keep_arrival(tx, province, arrival).await?;
    let is_refused = arrival.kind == Brought::Dossier && arrival.state == ArrivalState::Refused;
    if !is_refused || store::knows(tx, province, &arrival.code).await? {
        return Ok(());
    }
    let refused =
        News { national_code: 3, at, unit_name: None, due_at: None, reasons: arrival.answer.clone() };
    store::know(tx, province, &arrival.code, None, true, vec![refused]).await
}

/// As whom the portal's items are taken in.
fn caller() -> Caller {
    Caller { role: Role::System, name: "national-portal".to_owned(), unit: None, officer: None }
}

/// Whether the same item would be refused again.
fn is_final(refusal: &Rejection, arrival: &Arrival, now: Timestamp) -> bool {
    let is_refusal = matches!(
        refusal.kind,
        Kind::Invalid | Kind::OutOfRange | Kind::NotFound | Kind::AlreadyExists | Kind::Precondition
    );
    let reasons = refusal.violations.iter().map(|violation| violation.reason.as_str());
    let mut reasons = reasons.chain([refusal.reason.as_str()]);
    let is_unknown =
        reasons.any(|reason| matches!(reason, "UNKNOWN_PROCEDURE" | "PROCEDURE_NOT_YET_IN_FORCE"));
    let of_files = refusal.violations.iter().any(|violation| violation.field.contains("TepTin["));
    is_refusal
        && (!is_unknown || now.duration_since(arrival.seen_at) >= CATALOGUE_BEHIND)
        && (!of_files || arrival.attempts >= FILES_TRIED)
}

/// Why something is refused, in sentences for the citizen, each once; where nobody has put it in Vietnamese, what it is of and its reason.
fn sentences(refusal: &Rejection) -> Vec<String> {
    let of_fields = refusal.violations.iter().map(|violation| {
        let known = violation.in_vietnamese.clone();
        known.unwrap_or_else(|| format!("Mục {} chưa đúng ({}).", violation.field, violation.reason))
    });
    let sentences: BTreeSet<String> = of_fields.collect();
    if sentences.is_empty() {
        return vec![format!("Không thực hiện được ({}).", refusal.reason)];
    }
    sentences.into_iter().collect()
}

/// The portal is not there, or does not give what it has: it is tried again.
pub(super) fn away(missed: &Missed) -> Failure {
    let message = format!("the national portal: {missed}");
    Rejection::new(Kind::Unavailable, "PORTAL_AWAY", message).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival(attempts: i32, seen_at: &str) -> Arrival {
        let seen_at: Timestamp = seen_at.parse().unwrap();
        Arrival {
            item: "M-1".into(),
            kind: Brought::Dossier,
            code: "G-1".into(),
            seen_at,
            state: ArrivalState::Taken,
            attempts,
            next_at: seen_at,
            reason: None,
            answer: Vec::new(),
            application: None,
        }
    }

    #[test]
    fn what_may_be_right_later_is_tried_again() {
        let now: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
        let fresh = arrival(1, "2026-11-23T08:59:00Z");
        let wrong = Rejection::invalid("MISSING_FIELD", "applicant.name", "a name");
        assert!(is_final(&wrong, &fresh, now));
        let away = Rejection::new(Kind::Unavailable, "PORTAL_AWAY", "away");
        assert!(!is_final(&away, &arrival(99, "2026-01-01T00:00:00Z"), now));
        let other_file = Rejection::invalid("OTHER_DIGEST", "GiayTo[0].TepTin[0].sha256", "another");
        assert!(!is_final(&other_file, &fresh, now));
        assert!(is_final(&other_file, &arrival(FILES_TRIED, "2026-11-23T08:59:00Z"), now));
        let unknown = Rejection::not_found("UNKNOWN_PROCEDURE", "none");
        assert!(!is_final(&unknown, &fresh, now));
        assert!(is_final(&unknown, &arrival(9, "2026-11-22T09:00:00Z"), now));
    }

    #[test]
    fn a_citizen_is_told_in_vietnamese() {
        let known = Rejection::invalid("X", "a", "English").in_vietnamese("Thiếu tên.");
        assert_eq!(sentences(&known), ["Thiếu tên."]);
        assert_eq!(sentences(&Rejection::invalid("X", "a.b", "English")), ["Mục a.b chưa đúng (X)."]);
        assert_eq!(
            sentences(&Rejection::new(Kind::Precondition, "X", "English")),
            ["Không thực hiện được (X)."]
        );
    }
}
