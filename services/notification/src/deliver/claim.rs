//! Whose turn it is, and at which provider: decided and written down in one transaction, so that all replicas together keep to the
//! budget of a provider, and so that what was begun is known whatever dies.

use jiff::Timestamp;
use phidia_domain::notice::{
    Channel, Happening,
    breaker::Health,
    budget::{Bucket, Budget},
    failover::{self, Candidate, Choice, Last},
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use super::NO_OUTCOME;
use crate::{
    channel::Registered,
    store::{
        attempts::{self, Attempt},
        delivery::{self, Claim, Delivery},
        provider,
    },
};

/// What is asked for.
pub(super) struct Ask {
    pub(super) channel: Channel,
    /// Real time.
    pub(super) now: Timestamp,
    pub(super) business_now: Timestamp,
    pub(super) lease_until: Timestamp,
    /// Until when whoever is not in a hurry waits for a decent hour; none: it is one.
    pub(super) rests_until: Option<Timestamp>,
    pub(super) limit: u64,
    /// In the order in which they are tried.
    pub(super) providers: Vec<Seen>,
}

/// A provider as this process sees it.
pub(super) struct Seen {
    name: String,
    takes_key: bool,
    health: Health,
    budget: Option<Budget>,
}

impl Seen {
    pub(super) fn of(provider: &Registered, now: Timestamp) -> Self {
        Self {
            name: provider.name.clone(),
            takes_key: provider.provider.takes_key(),
            health: provider.health(now),
            budget: provider.budget,
        }
    }
}

/// What a provider may still be given in this transaction.
struct Purse {
    bucket: Bucket,
    paused_until: Option<Timestamp>,
    is_spent_from: bool,
}

/// Takes what is due. Answers also when a provider takes the next message, where none does now.
pub(super) async fn claim(
    tx: &DatabaseTransaction,
    mut ask: Ask,
) -> Result<(Vec<Claim>, Option<Timestamp>), Failure> {
    let mut purses = purses(tx, &ask).await?;
    let (mut claims, mut next) = (Vec::new(), None::<Timestamp>);
    for mut row in delivery::due(tx, ask.channel, ask.now, ask.limit).await? {
        if let Some(began_at) = row.began_at.take() {
            note_lost(tx, &row, began_at).await?;
            row.may_be_heard = true;
        }
        if row.expires_at.is_some_and(|at| at <= ask.business_now) {
            expire(tx, &row, ask.now).await?;
            continue;
        }
        if let Some(until) = ask.rests_until.filter(|_| row.waits) {
            delivery::put_off(tx, &row, until).await?;
            continue;
        }
        let last = row.provider.as_deref().map(|name| Last { name, may_be_heard: row.may_be_heard });
        let candidates: Vec<_> = ask
            .providers
            .iter()
            .zip(&purses)
            .map(|(seen, purse)| Candidate {
                name: &seen.name,
                takes_key: seen.takes_key,
                health: seen.health,
                not_before: purse.not_before(seen.budget, ask.now),
            })
            .collect();
        match failover::choose(&candidates, last) {
            Choice::To(place) => {
                let may_be_heard =
                    last.is_some_and(|last| last.may_be_heard && last.name == candidates[place].name);
                let (seen, purse) = (&mut ask.providers[place], &mut purses[place]);
                if let Some(budget) = seen.budget {
                    (_, purse.bucket) = budget.take(purse.bucket, ask.now, 1);
                    purse.is_spent_from = true;
                }
                if seen.health == Health::Trial {
                    // This one shows whether it has recovered.
                    seen.health = Health::Away(ask.lease_until);
                }
                let name = seen.name.clone();
                claims.push(delivery::take(tx, row, &name, may_be_heard, ask.now, ask.lease_until).await?);
            }
            Choice::Later(at) if last.is_some_and(|last| last.may_be_heard) => {
                // It waits for just that one; others do not wait with it.
                delivery::put_off(tx, &row, at).await?;
            }
            Choice::Later(at) => next = Some(next.map_or(at, |next| next.min(at))),
            // No provider is left for this channel: that is an attempt that fails, and patience with it ends.
            Choice::Nobody => {
                let (name, may_be_heard) = (row.provider.clone().unwrap_or_default(), row.may_be_heard);
                claims.push(delivery::take(tx, row, &name, may_be_heard, ask.now, ask.lease_until).await?);
            }
        }
    }
    for (seen, purse) in ask.providers.iter().zip(&purses).filter(|(_, purse)| purse.is_spent_from) {
        provider::spend(tx, &seen.name, purse.bucket).await?;
    }
    delivery::mark_sending(tx, &claims).await?;
    Ok((claims, next))
}

/// What may be given to each. Where one has a budget the rows are held: all replicas draw from one purse.
async fn purses(tx: &DatabaseTransaction, ask: &Ask) -> Result<Vec<Purse>, Failure> {
    let names: Vec<String> = ask.providers.iter().map(|seen| seen.name.clone()).collect();
    let with_budget = ask.providers.iter().any(|seen| seen.budget.is_some());
    let full = |budget: Option<Budget>| {
        budget.map_or(Bucket { micros: 0, at: ask.now }, |budget| budget.full(ask.now))
    };
    let mut kept = provider::of(tx, &names, with_budget).await?;
    if kept.len() < names.len() {
        for seen in &ask.providers {
            provider::know(tx, &seen.name, full(seen.budget)).await?;
        }
        kept = provider::of(tx, &names, with_budget).await?;
    }
    let of = |seen: &Seen| {
        let kept = kept.iter().find(|kept| kept.name == seen.name);
        Purse {
            bucket: kept.map_or_else(|| full(seen.budget), |kept| kept.bucket),
            paused_until: kept.and_then(|kept| kept.paused_until),
            is_spent_from: false,
        }
    };
    Ok(ask.providers.iter().map(of).collect())
}

impl Purse {
    /// When the next message may go there; none: now.
    fn not_before(&self, budget: Option<Budget>, now: Timestamp) -> Option<Timestamp> {
        let paused = self.paused_until.filter(|until| *until > now);
        let spent = budget.filter(|budget| budget.left(self.bucket, now) == 0);
        let spent = spent.map(|budget| super::later(now, budget.until_next(self.bucket, now)));
        paused.max(spent)
    }
}

/// Nobody has written down what the last attempt came to.
async fn note_lost(tx: &DatabaseTransaction, row: &Delivery, began_at: Timestamp) -> Result<(), Failure> {
    let attempt = Attempt {
        number: row.attempt,
        provider: row.provider.clone().unwrap_or_default(),
        began_at,
        took_milliseconds: 0,
        outcome: attempts::LOST.to_owned(),
        code: String::new(),
    };
    attempts::keep(tx, &row.province, row.message, attempt).await?;
    delivery::lose(tx, row).await?;
    let Some(mut message) = delivery::hold_message(tx, &row.province, row.message).await? else {
        return Ok(());
    };
    if let Some(state) = message.state.after(Happening::Failed) {
        message.state = state;
        message.attempts = row.attempt;
        message.failure = NO_OUTCOME.to_owned();
        delivery::keep(tx, &message, None).await?;
    }
    Ok(())
}

/// It is of no use any more.
async fn expire(tx: &DatabaseTransaction, row: &Delivery, now: Timestamp) -> Result<(), Failure> {
    delivery::drop_delivery(tx, &row.province, row.message).await?;
    let Some(mut message) = delivery::hold_message(tx, &row.province, row.message).await? else {
        return Ok(());
    };
    if let Some(state) = message.state.after(Happening::Expired) {
        message.state = state;
        message.attempts = row.attempt;
        delivery::keep(tx, &message, Some(now)).await?;
        tracing::info!(message = %message.id, "not sent: it came too late to be of use");
    }
    Ok(())
}
