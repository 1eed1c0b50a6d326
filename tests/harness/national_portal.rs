//! A portal as the decision record 0037 assumes the national one: strict in all that it says, and as unreliable as told. What it is told
//! against the rules it refuses, and remembers as a fault.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use phidia_runtime::clock::RealClock;
use ring::{
    digest,
    signature::{ED25519, UnparsedPublicKey},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

/// As whom Phidia logs in.
pub const CLIENT: &str = "hc37";
/// With what. Nobody's.
pub const SECRET: &str = "bí mật của cổng";
/// A signature is believed for so long.
const SIGNATURE_LASTS: u64 = 300;

/// The codes that follow each other there.
const NEXT: [(u64, &[u64]); 6] =
    [(1, &[2, 3, 5, 7]), (2, &[4, 7]), (4, &[5, 6, 7, 8, 9]), (5, &[2, 7, 8]), (6, &[4, 8]), (9, &[10])];

/// How it behaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// As it should.
    #[default]
    Well,
    /// It answers with this status, and does nothing.
    Fails(u16),
    /// It does what it is told, and then answers with 500: the answer is lost.
    LosesAnswers,
    /// It hears, and says nothing.
    Hangs,
    /// It answers 200 with something else than JSON.
    Babbles,
    /// It says that it is elsewhere: at itself.
    Redirects,
}

/// A dossier as it knows it.
#[derive(Clone, Debug, Default)]
pub struct Dossier {
    /// As it was created; null: it was handed in here.
    pub created: Value,
    /// What was told of it, in order, the creation included.
    pub told: Vec<Value>,
}

impl Dossier {
    /// The codes that were told.
    pub fn codes(&self) -> Vec<u64> {
        self.told.iter().map(|told| told["TrangThai"].as_u64().unwrap()).collect()
    }
}

#[derive(Default)]
struct Inner {
    manner: Manner,
    refused: BTreeSet<String>,
    key: Option<Vec<u8>>,
    tokens: BTreeSet<String>,
    logins: usize,
    calls: usize,
    /// What was answered under which id.
    seen: BTreeMap<String, Value>,
    dossiers: BTreeMap<String, Dossier>,
    items: BTreeMap<String, Value>,
    files: BTreeMap<String, Vec<u8>>,
    acknowledged: Vec<Value>,
    faults: Vec<String>,
}

/// A portal on a port of this machine. It is gone when it is dropped.
pub struct NationalPortal {
    inner: Arc<Mutex<Inner>>,
    url: String,
    serving: JoinHandle<()>,
}

impl NationalPortal {
    /// Starts it.
    pub async fn start() -> Self {
        let inner = Arc::new(Mutex::new(Inner::default()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&inner));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { inner, url, serving }
    }

    /// The settings by which Phidia finds it, as TOML.
    pub fn settings(&self) -> String {
        let url = &self.url;
        format!(
            "[portal]\nurl = \"{url}\"\nclient_id = \"{CLIENT}\"\nclient_secret = \"{SECRET}\"\npoll_seconds = 1\n\
             patience_seconds = 2\n"
        )
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Lets whoever has this key in (`whpk_…`); nobody before.
    pub fn trust(&self, public_key: &str) {
        let key = STANDARD.decode(public_key.strip_prefix("whpk_").unwrap()).unwrap();
        self.lock().key = Some(key);
    }

    /// Behaves like this from now on.
    pub fn behave(&self, manner: Manner) {
        self.lock().manner = manner;
    }

    /// Refuses what it is told of these dossiers from now on.
    pub fn refuse(&self, codes: &[&str]) {
        self.lock().refused = codes.iter().map(|code| (*code).to_owned()).collect();
    }

    /// Forgets whom it has let in.
    pub fn end_sessions(&self) {
        self.lock().tokens.clear();
    }

    /// Keeps a file, and answers how an item names it.
    pub fn keep(&self, id: &str, name: &str, media_type: &str, bytes: &[u8]) -> Value {
        self.lock().files.insert(id.to_owned(), bytes.to_vec());
        let sha256: String = digest::digest(&digest::SHA256, bytes)
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        json!({ "Ma": id, "Ten": name, "LoaiTep": media_type, "KichThuoc": bytes.len(), "SHA256": sha256 })
    }

    /// Brings an item until it is acknowledged. A dossier is newly registered by that.
    pub fn bring(&self, item: Value) {
        let mut inner = self.lock();
        if item["Loai"] == "HO_SO" {
            let code = item["MaHoSo"].as_str().unwrap().to_owned();
            let registered = Dossier { created: Value::Null, told: vec![json!({ "TrangThai": 1 })] };
            inner.dossiers.entry(code).or_insert(registered);
        }
        inner.items.insert(item["Ma"].as_str().unwrap().to_owned(), item);
    }

    /// Brings an item as if it had never been acknowledged.
    pub fn bring_again(&self, item: Value) {
        let id = format!("danhan/{}", item["Ma"].as_str().unwrap());
        self.lock().seen.remove(&id);
        self.bring(item);
    }

    /// Brings so many things that have no id, before all that has one.
    pub fn bring_nameless(&self, count: usize) {
        let nameless = (0..count).map(|number| (format!(" {number:03}"), json!({ "Loai": "HO_SO" })));
        self.lock().items.extend(nameless);
    }

    /// What it knows of a dossier.
    pub fn dossier(&self, code: &str) -> Dossier {
        self.lock().dossiers.get(code).cloned().unwrap_or_default()
    }

    /// How many dossiers it knows.
    pub fn count(&self) -> usize {
        self.lock().dossiers.len()
    }

    /// The acknowledgements that it was given, in order.
    pub fn acknowledged(&self) -> Vec<Value> {
        self.lock().acknowledged.clone()
    }

    /// How often somebody logged in, and how often it was called at all.
    pub fn counted(&self) -> (usize, usize) {
        let inner = self.lock();
        (inner.logins, inner.calls)
    }

    /// What it was told against the rules.
    pub fn faults(&self) -> Vec<String> {
        self.lock().faults.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }
}

impl Drop for NationalPortal {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(
    State(inner): State<Arc<Mutex<Inner>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let manner = {
        let mut inner = inner.lock().unwrap();
        inner.calls += 1;
        inner.manner.clone()
    };
    match manner {
        Manner::Well => inner.lock().unwrap().answer(&method, uri.path(), &headers, &body),
        Manner::Fails(status) => said(StatusCode::from_u16(status).unwrap(), &json!({ "MaLoi": "LOI" })),
        Manner::LosesAnswers => {
            let answer = inner.lock().unwrap().answer(&method, uri.path(), &headers, &body);
            let is_read =
                method == Method::GET || ["/api/oauth2/token", "/api/hoso/cho"].contains(&uri.path());
            if is_read { answer } else { said(StatusCode::INTERNAL_SERVER_ERROR, &Value::Null) }
        }
        Manner::Hangs => {
            tokio::time::sleep(Duration::from_secs(3_600)).await;
            said(StatusCode::OK, &Value::Null)
        }
        Manner::Babbles => Response::builder()
            .header("content-type", "text/html")
            .body(Body::from("<html>xin chào"))
            .unwrap(),
        Manner::Redirects => {
            let location = uri.to_string();
            Response::builder().status(302).header("location", location).body(Body::empty()).unwrap()
        }
    }
}

fn said(status: StatusCode, body: &Value) -> Response {
    let body = Body::from(body.to_string());
    Response::builder().status(status).header("content-type", "application/json").body(body).unwrap()
}

type Judged = Result<Value, (StatusCode, &'static str)>;

impl Inner {
    fn answer(&mut self, method: &Method, path: &str, headers: &HeaderMap, body: &Bytes) -> Response {
        let path = path.strip_prefix("/api").unwrap_or_default();
        if path == "/oauth2/token" {
            return self.log_in(headers, body);
        }
        let token =
            headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        if !token.is_some_and(|token| self.tokens.contains(token)) {
            return said(StatusCode::UNAUTHORIZED, &json!({ "MaLoi": "PHIEN" }));
        }
        if *method == Method::GET {
            let file = path.strip_prefix("/teptin/").and_then(|id| self.files.get(id));
            return match file {
                Some(bytes) => Response::new(Body::from(bytes.clone())),
                None => said(StatusCode::NOT_FOUND, &json!({ "MaLoi": "TEP" })),
            };
        }
        let (status, answer) = match self.judge(path, headers, body) {
            Ok(answer) => (StatusCode::OK, answer),
            Err((status, code)) => (status, json!({ "MaLoi": code, "ThongBao": "Nguyễn Thị Kín" })),
        };
        said(status, &answer)
    }

    fn log_in(&mut self, headers: &HeaderMap, body: &Bytes) -> Response {
        let expected = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{SECRET}")));
        let is_known =
            headers.get("authorization").is_some_and(|value| value.as_bytes() == expected.as_bytes());
        if !is_known || body.as_ref() != b"grant_type=client_credentials" {
            self.faults.push("a login that is none".to_owned());
            return said(StatusCode::UNAUTHORIZED, &json!({ "MaLoi": "DANG_NHAP" }));
        }
        self.logins += 1;
        let token = format!("phien-{}", self.logins);
        self.tokens.insert(token.clone());
        said(StatusCode::OK, &json!({ "access_token": token, "token_type": "Bearer", "expires_in": 3_600 }))
    }

    /// What is said to a signed body: the same under the same id.
    fn judge(&mut self, path: &str, headers: &HeaderMap, body: &Bytes) -> Judged {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (id, at) = (text("webhook-id").to_owned(), text("webhook-timestamp"));
        let Some(key) = &self.key else { return Err((StatusCode::FORBIDDEN, "KHOA")) };
        let signature =
            text("webhook-signature").strip_prefix("v1a,").and_then(|text| STANDARD.decode(text).ok());
        let signed = [format!("{id}.{at}.").as_bytes(), body].concat();
        let is_signed = signature.is_some_and(|signature| {
            UnparsedPublicKey::new(&ED25519, key).verify(&signed, &signature).is_ok()
        });
        let now = RealClock.now().as_second().unsigned_abs();
        let is_fresh = at.parse::<u64>().is_ok_and(|at| now.abs_diff(at) <= SIGNATURE_LASTS);
        if !is_signed || !is_fresh || id.is_empty() {
            self.faults.push(format!("{path}: a signature that is none"));
            return Err((StatusCode::BAD_REQUEST, "CHU_KY"));
        }
        let Ok(body_value) = serde_json::from_slice::<Value>(body) else {
            return self.fault(path, "no JSON");
        };
        if path == "/hoso/cho" {
            return self.pending(&body_value);
        }
        if let Some(answer) = self.seen.get(&id) {
            return Ok(answer.clone());
        }
        let code = body_value["MaHoSo"].as_str().unwrap_or_default().to_owned();
        if self.refused.contains(&code) {
            return Err((StatusCode::UNPROCESSABLE_ENTITY, "HS-07"));
        }
        let answer = match path {
            "/hoso" => self.create(&code, &body_value)?,
            "/hoso/trangthai" => self.progress(&code, &body_value)?,
            "/hoso/danhan" => self.acknowledge(&body_value)?,
            _ => return Err((StatusCode::NOT_FOUND, "DUONG_DAN")),
        };
        self.seen.insert(id, answer.clone());
        Ok(answer)
    }

    fn pending(&self, asked: &Value) -> Judged {
        let after = asked["SauMa"].as_str().unwrap_or_default();
        let most = usize::try_from(asked["SoLuong"].as_u64().unwrap_or(50)).unwrap();
        let items = self.items.iter().filter(|(id, _)| id.as_str() > after).take(most);
        Ok(json!({ "DanhSach": items.map(|(_, item)| item.clone()).collect::<Vec<_>>() }))
    }

    fn create(&mut self, code: &str, body: &Value) -> Judged {
        let is_text = |name: &str| body[name].as_str().is_some_and(|text| !text.is_empty());
        let texts = ["MaHoSo", "MaTTHC", "TenTTHC", "MaDonViTiepNhan", "TenDonViTiepNhan"];
        let is_whole = texts.into_iter().all(is_text)
            && body["ChuHoSo"]["HoTen"].as_str().is_some_and(|name| !name.is_empty())
            && ["NgayNop", "NgayTiepNhan", "ThoiDiemXuLy"].into_iter().all(|name| is_instant(&body[name]))
            && matches!(body["KenhThucHien"].as_u64(), Some(1..=3))
            && matches!(body["LoaiDoiTuong"].as_u64(), Some(0..=2))
            && body["TrangThai"] == 2;
        if !is_whole {
            return self.fault("/hoso", "a dossier that is not whole");
        }
        if self.dossiers.contains_key(code) {
            return self.fault("/hoso", "a dossier that is there");
        }
        let dossier = Dossier { created: body.clone(), told: vec![body.clone()] };
        self.dossiers.insert(code.to_owned(), dossier);
        Ok(Value::Null)
    }

    fn progress(&mut self, code: &str, body: &Value) -> Judged {
        let Some(dossier) = self.dossiers.get(code) else {
            return self.fault("/hoso/trangthai", "a dossier that is not there");
        };
        let (Some(last), Some(next)) = (dossier.codes().last().copied(), body["TrangThai"].as_u64()) else {
            return self.fault("/hoso/trangthai", "no code");
        };
        let follows = NEXT.iter().any(|(before, after)| *before == last && after.contains(&next));
        // What was decided may be opened again.
        let is_opened_again = next == 4 && matches!(last, 9 | 10);
        if !follows && !is_opened_again {
            return self.fault("/hoso/trangthai", &format!("{code}: {next} after {last}"));
        }
        let has_words = body["NoiDungXuLy"].as_str().is_some_and(|words| !words.is_empty());
        let ends = matches!(next, 3 | 7 | 8 | 9);
        if !is_instant(&body["ThoiDiemXuLy"]) || !has_words || ends != is_instant(&body["NgayKetThucXuLy"]) {
            return self.fault("/hoso/trangthai", "a status that is not whole");
        }
        self.dossiers.get_mut(code).unwrap().told.push(body.clone());
        Ok(Value::Null)
    }

    fn acknowledge(&mut self, body: &Value) -> Judged {
        let id = body["Ma"].as_str().unwrap_or_default();
        let is_refused = body["KetQua"] == "TU_CHOI";
        let has_reasons = body["LyDo"].as_array().is_some_and(|reasons| !reasons.is_empty());
        if !(is_refused || body["KetQua"] == "DA_NHAN") || is_refused != has_reasons {
            return self.fault("/hoso/danhan", "an acknowledgement that is none");
        }
        if self.items.remove(id).is_none() {
            return Err((StatusCode::NOT_FOUND, "MUC"));
        }
        self.acknowledged.push(body.clone());
        Ok(Value::Null)
    }

    fn fault(&mut self, path: &str, what: &str) -> Judged {
        self.faults.push(format!("{path}: {what}"));
        Err((StatusCode::UNPROCESSABLE_ENTITY, "SAI"))
    }
}

fn is_instant(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit()))
}
