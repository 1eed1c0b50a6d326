//! Processing has moved a work item to its new unit: so do the board and the store.

use std::time::Instant;

use phidia_outbox::NewEvent;
use phidia_runtime::failure::Failure;
use tracing::Span;

use crate::{
    Routing, announce,
    desk::unavailable,
    reference::Reference,
    round::{ASSIGNMENTS, Decided},
    store::{agenda, assignment, decision, given_twice, is_given_twice, is_taken, item, lent, moves},
    work::{Action, Assignment, Counted, Item, Move, Origin, State, Way},
};

impl Routing {
    /// Makes the reservation permanent, and writes what has become of the move. Done before, it changes nothing.
    pub(crate) async fn arrive(&self, today: &Reference, open: &Move) -> Result<Assignment, Failure> {
        let code = today.code();
        let Move { from, to, counted, .. } = open;
        let mut desk = self.desk.lock().await;
        self.ready(&mut desk, code).await?;
        // Also where the reservation is there no more.
        desk.place(code, to.work_item, to.unit, &counted.load).await.map_err(unavailable)?;
        let standing = Assignment { counted: Some(counted.clone()), ..to.clone() };
        match self.write_arrival(today, open, standing).await {
            Err(failure) if is_given_twice(&failure) => {
                // A board that was set back has given its number again. It gets another one.
                desk.release(code, to.work_item, None).await.map_err(unavailable)?;
                let placed = desk.place(code, to.work_item, to.unit, &counted.load).await;
                let (epoch, sequence) = placed.map_err(unavailable)?;
                let counted = Some(Counted { epoch, sequence, ..counted.clone() });
                tracing::debug!(%from, epoch, sequence, "its place has another number now");
                self.write_arrival(today, open, Assignment { counted, ..to.clone() }).await
            }
            written => written,
        }
    }

    async fn write_arrival(
        &self,
        today: &Reference,
        open: &Move,
        standing: Assignment,
    ) -> Result<Assignment, Failure> {
        let (code, from, to) = (today.code(), open.from, standing.work_item);
        let left = item::find(self.db.read(), code, from).await?;
        let left = left.ok_or_else(|| Failure::broken(format!("{from} moves and is not there")))?;
        let told = tells(today, open, &left, &standing);
        let (row, reason) = (assignment::row(code, &standing)?, because(&standing));
        let logged = standing.clone();
        let (province, now) = (code.to_owned(), standing.decided_at);
        let origin = Origin { event: None, traceparent: open.traceparent.clone() };
        let written = self.outbox.write(move |tx, facts| {
            Box::pin(async move {
                if !moves::close(tx, &province, to, Way::Done, "").await? {
                    // Another one was quicker.
                    return Ok(false);
                }
                let was = [State::Assigned];
                if item::turn(tx, &[left.arrived], &was, State::Released, Some(&reason)).await? == 0 {
                    return Err(Failure::broken(format!("{from} was moved and stands otherwise")));
                }
                assignment::set_open(tx, &province, from, false).await?;
                agenda::add(tx, &province, from, Action::Release).await?;
                item::add(tx, &province, to, State::Assigned, left.previous, now, origin).await?;
                if let Err(error) = assignment::add(tx, vec![row]).await {
                    return Err(if is_taken(&error) { given_twice() } else { error.into() });
                }
                let made: Vec<_> = logged.counted.iter().map(|counted| (&logged, counted)).collect();
                decision::note(tx, &province, [logged.id]).await?;
                lent::add(tx, &province, &made).await?;
                for event in told {
                    facts.tell(event);
                }
                Ok(true)
            })
        });
        if written.await? {
            let ground = standing.ground.name();
            ASSIGNMENTS.add(1, &[("ground", ground)]);
            tracing::info!(%from, %to, ground, "moved");
            self.wake.notify_one();
        }
        Ok(standing)
    }
}

fn tells(today: &Reference, open: &Move, left: &Item, standing: &Assignment) -> Vec<NewEvent> {
    let origin = Origin { event: None, traceparent: open.traceparent.clone() };
    let moving = standing.counted.as_ref().and_then(|counted| counted.explanation.moved.as_ref());
    let decided = Decided {
        item: Item { work_item: standing.work_item, origin, ..left.clone() },
        revision: None,
        facts: announce::facts(today, standing, None),
        assignment: standing.clone(),
        actor: moving.map_or_else(|| crate::ACTOR.to_owned(), |moved| moved.by.clone()),
        since: Instant::now(),
        position: None,
        span: Span::none(),
    };
    decided.events(today.code())
}

/// Why the earlier attempt was taken back: in the words of who did it, or by the name of the ground.
fn because(standing: &Assignment) -> String {
    let moved = standing.counted.as_ref().and_then(|counted| counted.explanation.moved.as_ref());
    match moved.filter(|moved| !moved.reason.is_empty()) {
        Some(moved) => moved.reason.clone(),
        None => standing.ground.name().to_uppercase(),
    }
}
