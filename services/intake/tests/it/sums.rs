//! What is published of the centres: of the applications that each accepted, every one is somewhere.

use std::{cell::Cell, collections::BTreeMap};

use phidia_domain::conservation::CentreSum as Sum;
use phidia_proto::{
    events::v1::{StepOutcome, StopGround, event::Fact},
    intake::v1::SubmitApplicationRequest,
};
use sea_orm::{ConnectionTrait as _, Statement};

use crate::{
    harness::{Intake, at, request, until},
    later::stopped,
    progress::{event, opened, tell},
    receipts::{FIRST_CLOSED, days, meddle, published, sums},
    reopened::{completed, reopened},
};

/// A house in which things happen.
struct Played {
    intake: Intake,
    facts: Cell<u128>,
}

impl Played {
    /// Hands an application in at a centre, which begins with it.
    async fn accept(&self, key: &str, centre: &str) -> String {
        let request = SubmitApplicationRequest { received_at_code: centre.into(), ..request(key) };
        let id = self.intake.submit(request).await.unwrap().application_id;
        self.tell(&id, opened(centre)).await;
        id
    }

    async fn tell(&self, id: &str, fact: Fact) {
        self.facts.set(self.facts.get() + 1);
        tell(&self.intake, &[event(self.facts.get(), id, fact)]).await;
    }

    /// Anybody who asks now is told these sums.
    async fn stands(&self, what: &str, expected: &BTreeMap<String, Sum>) {
        assert!(expected.values().all(Sum::holds), "{what}");
        until(what, async || published(&sums(&self.intake, "").await.unwrap()).0 == *expected).await;
    }

    /// Lets a day end, and answers what was signed with it.
    async fn close(&self, at_instant: &str) -> BTreeMap<String, Sum> {
        let before = days(&self.intake).await.len();
        self.intake.clock.set(at(at_instant));
        until("the day is closed", async || days(&self.intake).await.len() > before).await;
        published(&days(&self.intake).await[0].sums).0
    }

    /// How many days are settled.
    async fn settled(&self) -> i64 {
        let asked = "select count(*) as many from closed_day where is_settled";
        let asked = Statement::from_string(self.intake.db.backend(), asked);
        let row = self.intake.db.read().query_one_raw(asked).await.unwrap().unwrap();
        row.try_get("", "many").unwrap()
    }
}

fn centres(one: Sum, other: Sum) -> BTreeMap<String, Sum> {
    [("1".to_owned(), one), ("2".to_owned(), other)].into()
}

fn granted() -> Fact {
    completed(StepOutcome::Approved, "2026-11-23T09:00:00Z")
}

fn refused() -> Fact {
    completed(StepOutcome::Refused, "2026-11-23T09:00:00Z")
}

#[tokio::test(flavor = "multi_thread")]
async fn of_all_that_a_centre_accepted_each_is_somewhere_also_when_it_is_opened_again() {
    let mut intake = Intake::new().await;
    let _workers = intake.start();
    let house = Played { intake, facts: Cell::new(0) };
    for (key, fact) in [("granted", granted()), ("withdrawn", stopped(StopGround::Withdrawn))] {
        let id = house.accept(key, "1").await;
        house.tell(&id, fact).await;
    }
    let again = house.accept("refused", "1").await;
    house.tell(&again, refused()).await;
    let lapsed = house.accept("lapsed", "2").await;
    house.tell(&lapsed, stopped(StopGround::Lapsed)).await;
    let open = house.accept("open", "2").await;
    let first = Sum { accepted: 3, finished: 1, refused: 1, withdrawn: 1, ..Sum::default() };
    let second = Sum { accepted: 2, open: 1, lapsed: 1, ..Sum::default() };
    house.stands("all has been played", &centres(first, second)).await;
    assert_eq!(house.close(FIRST_CLOSED).await, centres(first, second));
    house.stands("one is open", &centres(first, second)).await;
    assert_eq!(house.settled().await, 0);

    // The last one ends: from the next closing on, their day is not counted any more.
    house.tell(&open, granted()).await;
    let second = Sum { open: 0, finished: 1, ..second };
    house.stands("none is open", &centres(first, second)).await;
    assert_eq!(house.close("2026-11-24T17:05:00Z").await, centres(first, second));
    assert_eq!(house.settled().await, 2);
    house.stands("the day is settled", &centres(first, second)).await;

    // A decision opens one again, which is open at once, and on the next day as well.
    house.tell(&again, reopened(&again, "1")).await;
    let first = Sum { open: 1, refused: 0, ..first };
    house.stands("it is open again", &centres(first, second)).await;
    let fresh = house.accept("fresh", "2").await;
    let second = Sum { accepted: 3, open: 1, ..second };
    house.stands("one is in no tree yet", &centres(first, second)).await;
    assert_eq!(house.close("2026-11-25T17:05:00Z").await, centres(first, second));

    // It ends anew, and so does the other.
    house.tell(&again, completed(StepOutcome::Approved, "2026-12-09T02:00:00Z")).await;
    house.tell(&fresh, refused()).await;
    let first = Sum { open: 0, finished: 2, ..first };
    let second = Sum { open: 0, refused: 1, ..second };
    house.stands("all have ended", &centres(first, second)).await;
    house.accept("next", "2").await;
    let second = Sum { accepted: 4, open: 1, ..second };
    assert_eq!(house.close("2026-11-26T17:05:00Z").await, centres(first, second));
    assert_eq!(house.settled().await, 3);
    house.stands("all but one day are settled", &centres(first, second)).await;

    // What is lost of a day that was settled long ago is seen, too.
    meddle(&house.intake, "DELETE FROM application WHERE dossier_code LIKE 'H42.1-261123-0001'").await;
    house.accept("day-after", "2").await;
    let missing = Sum { finished: 1, ..first };
    let second = Sum { accepted: 5, open: 2, ..second };
    assert_eq!(house.close("2026-11-27T17:05:00Z").await, centres(missing, second));
    assert!(!missing.holds());
}
