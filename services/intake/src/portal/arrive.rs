//! Takes in what the portal brings: each item until it is taken or refused, and acknowledged then. What was done already is not
//! done again, however often it is brought.

use std::{collections::BTreeSet, time::Duration};

use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection,
    application::PaymentWay,
    caller::{Caller, Role},
    id::{ApplicationId, AttachmentId},
};
use phidia_runtime::{
    clock::RealClock, failure::Failure, http_client::Bytes, metrics::Counter, service::Worker,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Arrival, ArrivalState, Brought,
    brought::{File, Item, Pending},
    client::{self, Client, Missed},
    deliver::{backoff, later},
};
use crate::{
    Intake,
    applications::hand_in_later::Later,
    attachments::{
        begin,
        upload::{MOST_CHUNK, Piece},
    },
    store::{
        portal::{self as store, News},
        reading,
    },
};

static ARRIVALS: Counter = Counter::new(
    "phidia.portal.arrivals",
    "{item}",
    "What the national portal brought, by what became of it.",
);

/// So many items are asked for at once.
const PAGE: usize = 20;
/// So many pages are read in one look at most.
const MOST_PAGES: usize = 500;
/// An id of the portal's is not longer.
const LONGEST_ID: usize = 100;

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
        let mut after = String::new();
        for _ in 0..MOST_PAGES {
            let body = client::json(&json!({ "SauMa": after, "SoLuong": PAGE }))?;
            let id = format!("cho/{}", RealClock.now().as_microsecond());
            let page: Pending = client.post("/hoso/cho", &id, body).await.map_err(away)?;
            let is_last = page.items.len() < PAGE;
            let before = after.clone();
            for item in page.items {
                if let Some(id) = item.get("Ma").and_then(Value::as_str) {
                    id.clone_into(&mut after);
                }
                match serde_json::from_value::<Item>(item) {
                    Ok(item) if is_id(&item.id) && is_id(&item.code) => self.take_one(client, item).await,
                    _ => tracing::warn!(after, "the national portal brought something that says nothing"),
                }
            }
            if is_last || after == before {
                break;
            }
        }
        Ok(())
    }

    /// Takes one item in, unless that was done, and acknowledges it. What fails keeps no other from it.
    async fn take_one(&self, client: &Client, item: Item) {
        let (id, kind) = (item.id.clone(), item.kind());
        match self.arrive(client, item).await {
            Ok(None) => {}
            Ok(Some(arrival)) => {
                if let Err(failure) = self.acknowledge(client, &arrival).await {
                    tracing::warn!(item = id, %failure, "an item of the national portal was not acknowledged");
                }
            }
            Err(failure) => {
                tracing::warn!(item = id, ?kind, %failure, "an item of the national portal was not taken in");
            }
        }
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
            code: item.code.clone(),
            seen_at: known.map_or(now, |known| known.seen_at),
            state: ArrivalState::Taken,
            attempts,
            next_at: now,
            reason: None,
            answer: Vec::new(),
            application: None,
        };
        let outcome = match self.take_item(client, &province, item).await {
            Ok(application) => {
                arrival.application = Some(application);
                "taken"
            }
            Err(Failure::Rejected(refusal)) if is_final(refusal.kind) => {
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
        let (kept, at) = (arrival.clone(), self.business.now());
        self.outbox
            .database()
            .write(move |tx| Box::pin(async move { keep(tx, &province, &kept, at).await }))
            .await?;
        Ok(Some(arrival).filter(|arrival| arrival.state != ArrivalState::Failed))
    }

    /// Does what an item says; answers which application it is about.
    async fn take_item(&self, client: &Client, province: &str, item: Item) -> Result<ApplicationId, Failure> {
        let caller = caller();
        match item.kind() {
            Brought::Dossier => self.take_dossier(client, province, &caller, item).await,
            Brought::Supplement => {
                let id = self.known_to_portal(province, &item.code).await?;
                let mut attachments = Vec::new();
                for (place, file) in item.files.iter().enumerate() {
                    let path = format!("TepTin[{place}]");
                    attachments.push(self.bring(client, &caller, &item.id, &path, file).await?);
                }
                self.receive_later(&caller, id, Later::Supplement(attachments)).await?;
                Ok(id)
            }
            Brought::Withdrawal => {
                let id = self.known_to_portal(province, &item.code).await?;
                self.receive_later(&caller, id, Later::Withdrawal).await?;
                Ok(id)
            }
            Brought::Payment => {
                let id = self.known_to_portal(province, &item.code).await?;
                phidia_domain::application::check_text("MaGiaoDich", &item.reference, 1, 100)?;
                self.receive_payment(&caller, id, item.amount_dong, item.reference, PaymentWay::Online)
                    .await?;
                Ok(id)
            }
            Brought::Unknown => {
                // A later version may know it.
                Err(Rejection::new(Kind::Unavailable, "UNKNOWN_ITEM", "nobody here knows what this is")
                    .into())
            }
        }
    }

    async fn take_dossier(
        &self,
        client: &Client,
        province: &str,
        caller: &Caller,
        item: Item,
    ) -> Result<ApplicationId, Failure> {
        let conn = self.outbox.database().read();
        match store::application(conn, province, &item.code).await? {
            Some((id, true)) => return Ok(id),
            None if !store::knows(conn, province, &item.code).await? => {}
            _ => {
                let message = "there is another dossier with this code";
                return Err(Rejection::new(Kind::AlreadyExists, "CODE_USED", message).into());
            }
        }
        let missing = || Rejection::invalid("MISSING", "HoSo", "what is handed in");
        let dossier = item.dossier.ok_or_else(missing)?;
        let mut attachments = Vec::new();
        for (place, document) in dossier.documents.iter().enumerate() {
            let mut ids = Vec::new();
            for (file_place, file) in document.files.iter().enumerate() {
                let path = format!("GiayTo[{place}].TepTin[{file_place}]");
                ids.push(self.bring(client, caller, &item.id, &path, file).await?.to_string());
            }
            attachments.push(ids);
        }
        let active = self.versions.active().await?;
        let mut request = dossier.request(attachments, active.value.clock.time_zone())?;
        request.idempotency_key = format!("portal/{}", item.code);
        let taken_in = self.submit_known_by(caller, request, Some(&item.code)).await?;
        Ok(taken_in.receipt.application)
    }

    /// The application that the portal knows by a code.
    async fn known_to_portal(&self, province: &str, code: &str) -> Result<ApplicationId, Failure> {
        let found = store::application(self.outbox.database().read(), province, code).await?;
        let unknown = || Rejection::not_found("UNKNOWN_APPLICATION", "no application has this code");
        Ok(found.ok_or_else(unknown)?.0)
    }

    /// Fetches a file from the portal, unless that was done, and keeps it as an attachment.
    async fn bring(
        &self,
        client: &Client,
        caller: &Caller,
        item: &str,
        path: &str,
        file: &File,
    ) -> Result<AttachmentId, Failure> {
        let at_fault = |failure: Failure| match failure {
            Failure::Rejected(refusal) => refusal.under(path).into(),
            broken => broken,
        };
        let announced = || begin::File {
            file_name: file.name.clone(),
            media_type: file.media_type.clone(),
            size: file.size,
            sha256: file.sha256.to_lowercase(),
        };
        let key = format!("portal/{item}/{path}");
        let begun = match self.begin_upload(caller, &key, announced()).await {
            // It lay here for too long without being handed in, and was deleted.
            Err(Failure::Rejected(refusal)) if refusal.reason == "UPLOAD_GONE" => {
                let anew = format!("{key}/{}", self.business.now().as_second() / 86_400);
                self.begin_upload(caller, &anew, announced()).await
            }
            begun => begun,
        };
        let begun = begun.map_err(at_fault)?;
        if begun.state != phidia_domain::attachment::State::Uploading {
            return Ok(begun.id);
        }
        let size = usize::try_from(begun.size).map_err(Failure::broken)?;
        let bytes = client.file(&file.id, size).await.map_err(away)?;
        let stored = usize::try_from(begun.stored).map_err(Failure::broken)?;
        let start = Piece::Start { attachment: begun.id, offset: begun.stored };
        let rest = bytes.get(stored..).unwrap_or_default();
        let chunks: Vec<_> = rest.chunks(MOST_CHUNK).map(|chunk| Piece::Chunk(chunk.to_vec())).collect();
        let pieces = stream::iter(std::iter::once(start).chain(chunks).map(Ok));
        let sent = self.upload(caller, pieces.boxed()).await.map_err(at_fault)?;
        if sent.state == phidia_domain::attachment::State::Uploading {
            let expected = format!("{} bytes, as it was announced", begun.size);
            return Err(Rejection::invalid("FEWER_THAN_ANNOUNCED", path, expected).into());
        }
        Ok(sent.id)
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
        client.post::<Value>("/hoso/danhan", &id, body).await.map(drop).map_err(away)
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
fn is_final(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Invalid | Kind::OutOfRange | Kind::NotFound | Kind::AlreadyExists | Kind::Precondition
    )
}

/// Why something is refused, in sentences for the citizen, each once; where no Vietnamese is known, with the field that it is of.
fn sentences(refusal: &Rejection) -> Vec<String> {
    let of_fields = refusal.violations.iter().map(|violation| {
        let known = violation.in_vietnamese.clone();
        known.unwrap_or_else(|| format!("{}: {}", violation.field, violation.description))
    });
    let sentences: BTreeSet<String> = of_fields.collect();
    if sentences.is_empty() { vec![refusal.message.clone()] } else { sentences.into_iter().collect() }
}

/// The portal is not there, or does not give what it has: it is tried again.
fn away(missed: Missed) -> Failure {
    match missed {
        Missed::Refused(why) if why == "TOO_LONG" => {
            Rejection::invalid("MORE_THAN_ANNOUNCED", "TepTin", "no more bytes than were announced").into()
        }
        missed => {
            Rejection::new(Kind::Unavailable, "PORTAL_AWAY", format!("the national portal: {missed}")).into()
        }
    }
}

fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
