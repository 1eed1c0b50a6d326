use phidia_board::MemoryBoard;
use phidia_domain::{
    id::{ApplicationId, Id as _},
    route::{Bid, LoadKey},
};
use phidia_runtime::clock::RealClock;

use super::*;

const DAY: i64 = 20_000;

fn item(number: u128) -> WorkItem {
    WorkItem::first(ApplicationId::from_uuid(uuid::Uuid::from_u128(number)), 1)
}

async fn desk() -> Desk {
    let board = Arc::new(MemoryBoard::new(Arc::new(|| RealClock.now())));
    board.rebuild("37", 1, Vec::new(), 0).await.unwrap();
    let mut desk = Desk::new(board, Duration::from_secs(30));
    desk.view("37").await.unwrap();
    desk
}

/// What a unit has lent, by the desk and by its view.
fn lent(desk: &Desk, unit: UnitId) -> (i64, i64) {
    let of = |lent: &Lent| lent.get(&unit).and_then(|days| days.get(&DAY)).copied().unwrap_or_default();
    (of(&desk.lent.0), desk.view.as_ref().map_or(0, |(view, _)| of(&view.lent)))
}

#[tokio::test]
async fn what_was_lent_is_given_back_when_the_reservation_is_and_stays_when_it_is_written() {
    let (mut desk, unit) = (desk().await, UnitId::of("37", "2"));
    let key = LoadKey { field: "Chứng thực".to_owned(), level: 2, due_day: None };
    let load = Bid::always(unit, true).load(key, 120);
    let borrowed = Borrowed { unit, day: DAY, minutes: 120 };
    for number in [1, 2, 3] {
        desk.borrows(item(number), borrowed);
    }
    // The board gave an old answer again: it is one reservation.
    desk.borrows(item(1), borrowed);
    assert_eq!(lent(&desk, unit), (360, 360));
    // Nobody wrote the first, a move with the second was refused, and the third was written: it is lent for good.
    desk.release("37", item(1), Some((unit, &load))).await.unwrap();
    desk.gives_back(item(2));
    desk.confirm("37", 1, item(3), unit, &load).await.unwrap();
    assert_eq!(lent(&desk, unit), (120, 120));
    for number in [1, 2, 3] {
        desk.release("37", item(number), Some((unit, &load))).await.unwrap();
    }
    assert_eq!(lent(&desk, unit), (120, 120));
    // What the store says counts, and knows nothing of what is only reserved.
    desk.borrows(item(4), borrowed);
    desk.know_lent([(unit, [(DAY, 120)].into())].into());
    desk.gives_back(item(4));
    assert_eq!(lent(&desk, unit), (120, 120));
}
