//! Who watches the load is told what changes, over either board.

use std::sync::{Arc, atomic::Ordering};

use ::harness::redis_server::RedisServer;
use phidia_board::{BoardConfig, RedisBoard};
use phidia_domain::{
    Kind, Rejection,
    route::{Load, LoadKey},
};
use phidia_proto::routing::v1::{WatchLoadRequest, WatchLoadResponse};
use phidia_runtime::status;
use tempfile::tempdir;
use tonic::Streaming;

use crate::{
    facts::completed,
    flaky::Flaky,
    harness::{Office, SOON, item, operator, until},
    province::{self, COPY, unit},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_load_is_watched_as_it_changes() {
    watched(Flaky::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_load_is_watched_as_it_changes_on_redis() {
    let redis = RedisServer::start();
    let config = BoardConfig { urls: vec![redis.url()], ..BoardConfig::default() };
    watched(Flaky::over(Arc::new(RedisBoard::new(&config).unwrap()))).await;
}

async fn watched(board: Arc<Flaky>) {
    let folder = tempdir().unwrap();
    let office = Office::without_province(folder.path(), board).await;
    let refusal = watch(&office, "").await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Unavailable, "NO_PROVINCE"));
    office.install(1, province::files()).await;
    until(async || office.units().await.is_ok()).await;
    let refusal = watch(&office, "rubbish").await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Invalid, "MALFORMED_RESUME_TOKEN"));

    // All of it first, then each change.
    let mut first = watch(&office, "").await.unwrap();
    let all = told(&mut first).await.unwrap();
    let idle = ["1", "2", "3", "D"].map(|code| (code.to_owned(), 0, 0, 0));
    assert_eq!((all.whole, loads(&all)), (true, idle.to_vec()));
    office.submit(1..2, COPY, "1").await;
    let begun = told(&mut first).await.unwrap();
    assert_eq!((begun.whole, loads(&begun)), (false, vec![("1".to_owned(), 120, 0, 1)]));
    // What somebody has borrowed, who is not told by this replica.
    let key = LoadKey { field: "Chứng thực".to_owned(), level: 2, due_day: None };
    let (inner, epoch) = (&office.board.inner, office.board.inner.snapshot("37").await.unwrap().epoch);
    let load = Load { key, minutes: 30, borrowed: true };
    inner.place("37", epoch, item(9, 1), unit("2"), load).await.unwrap();
    assert_eq!(loads(&told(&mut first).await.unwrap()), [("2".to_owned(), 30, 30, 1)]);
    let listed = office.units().await.unwrap();
    assert_eq!(listed.iter().map(|unit| unit.borrowed_minutes).collect::<Vec<_>>(), [0, 30, 0, 0]);

    // Whoever was away goes on from there, and is told at once all that it missed.
    let token = begun.resume_token;
    inner.release("37", item(9, 1)).await.unwrap();
    office.apply(item(1, 1), completed(item(1, 1), "1")).await;
    office.balanced().await;
    let mut again = watch(&office, &token).await.unwrap();
    let missed = told(&mut again).await.unwrap();
    assert_eq!((missed.whole, loads(&missed)), (false, idle[..2].to_vec()));
    // So is a slow one, who has read nothing meanwhile, if in more than one piece.
    let mut last = told(&mut first).await.unwrap();
    while last.resume_token != missed.resume_token {
        assert!(!last.whole);
        last = told(&mut first).await.unwrap();
    }
    // Of a time that nobody remembers all is told.
    assert!(told(&mut watch(&office, "0.0").await.unwrap()).await.unwrap().whole);

    // Away: everybody is sent away, and comes again.
    office.board.away.store(1, Ordering::SeqCst);
    let refusal = told(&mut first).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Unavailable, "BOARD_AWAY"));
    assert_eq!(watch(&office, "").await.unwrap_err().reason, "BOARD_AWAY");
    office.board.away.store(0, Ordering::SeqCst);
    let mut first = watch(&office, &missed.resume_token).await.unwrap();
    office.submit(2..3, COPY, "1").await;
    let next = told(&mut first).await.unwrap();
    assert_eq!((next.whole, loads(&next)), (false, vec![("1".to_owned(), 120, 0, 1)]));

    // Built anew: another board, of which all is told.
    inner.rebuild("37", epoch + 1, Vec::new(), 1_000).await.unwrap();
    let anew = told(&mut first).await.unwrap();
    // On PostgreSQL routing may have noticed, and have built it with what it should count, before anybody was told.
    let mut mended = idle.to_vec();
    mended[0] = ("1".to_owned(), 120, 0, 1);
    assert!(anew.whole && [idle.to_vec(), mended].contains(&loads(&anew)), "{anew:?}");

    // Nobody keeps a process from ending.
    office.close().await;
    loop {
        match told(&mut first).await {
            Ok(_) => {}
            Err(refusal) => break assert_eq!(refusal.reason, "GOING_AWAY"),
        }
    }
}

async fn watch(office: &Office, token: &str) -> Result<Streaming<WatchLoadResponse>, Rejection> {
    let request = WatchLoadRequest { resume_token: token.to_owned() };
    let answer = office.registry(operator()).watch_load(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
}

async fn told(stream: &mut Streaming<WatchLoadResponse>) -> Result<WatchLoadResponse, Rejection> {
    let message = tokio::time::timeout(SOON, stream.message()).await.expect("nothing is told");
    message.map(|message| message.expect("it ends")).map_err(|status| status::from_status(&status))
}

/// Code, queued and borrowed minutes, open items; by code.
fn loads(told: &WatchLoadResponse) -> Vec<(String, i64, i64, u32)> {
    let mut loads: Vec<_> = (told.units.iter())
        .map(|unit| (unit.code.clone(), unit.queued_minutes, unit.borrowed_minutes, unit.open_items))
        .collect();
    loads.sort();
    loads
}
