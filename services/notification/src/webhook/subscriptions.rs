//! What systems and operators do with subscriptions. Systems have their own; another's is not there for them.

use std::net::IpAddr;

use http::Uri;
use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection, address,
    caller::{Caller, Role},
    feed::Filter,
    id::SubscriptionId,
    webhook::Verdict,
};
use phidia_runtime::{
    clock::RealClock,
    failure::Failure,
    idempotency::{check_key, fingerprint},
    signed_body::SigningSecret,
};
use secrecy::SecretString;

use super::{
    Format, Signature, State, Subscription, Webhooks,
    attempt::{Attempted, Secrets},
    later,
};
use crate::{
    feed::watch::From,
    store::webhook::{self as store, Backlog, Change, Delivery},
};

/// The longest address.
const LONGEST_URL: usize = 2_000;
/// The longest name, in characters.
const LONGEST_NAME: usize = 100;

/// What a subscription is asked to be.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) format: Format,
    pub(crate) filter: Filter,
}

/// What is sent again.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Replay {
    /// What was recorded then or later.
    Since(Timestamp),
    /// What was given up.
    Dead,
}

/// What came of a ping.
#[derive(Clone, Debug)]
pub(crate) struct Pinged {
    pub(crate) is_delivered: bool,
    pub(crate) delivery: Delivery,
}

/// A subscription and how it stands.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) subscription: Subscription,
    /// Places of the feed behind its own.
    pub(crate) behind: u64,
    pub(crate) backlog: Backlog,
}

impl Webhooks {
    /// Subscribes; with what is shown of the secret, the first time.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for what cannot be; `ALREADY_EXISTS` where the key was used for something else; `RESOURCE_EXHAUSTED` where there
    /// are too many.
    pub(crate) async fn create(
        &self,
        caller: &Caller,
        key: String,
        asked: Asked,
        signature: Signature,
        since: Option<Timestamp>,
    ) -> Result<(Standing, Option<SecretString>), Failure> {
        check_key(&key)?;
        self.check(&asked)?;
        let Asked { name, url, format, filter } = asked;
        let request = fingerprint(&(&name, &url, format, &filter, signature, since))?;
        let owner = caller.actor();
        let db = self.feed.outbox.database();
        let position = self.position().await?;
        if let Some((known, of)) = store::by_key(db.read(), &owner, &key).await? {
            return self.again(known, &of, &request, position).await;
        }
        let (there_are, _, _) = store::totals(db.read()).await?;
        if there_are >= self.config.most.into() {
            let message = "there are as many subscriptions as there may be";
            return Err(Rejection::new(Kind::Exhausted, "TOO_MANY_SUBSCRIPTIONS", message).into());
        }
        let cursor = match since {
            None => self.feed.outbox.follower().settled_by_now().await?,
            Some(at) => self.feed.begin(From::Since(at)).await?,
        };
        let now = RealClock.now();
        let secret = SigningSecret::generate(signature.scheme())?;
        let subscription = Subscription {
            id: self.ids.mint(now),
            owner: owner.clone(),
            name,
            url,
            format,
            signature,
            filter,
            state: State::Active,
            state_reason: String::new(),
            failing_since: None,
            cursor: Some(cursor),
            run: 1,
            created_at: now,
            revision: 1,
        };
        let wrapped = secret.wrap(&self.master_key)?;
        let (new, claim) = (subscription.clone(), (key.clone(), request.clone()));
        let is_new = db
            .write(move |tx| {
                Box::pin(async move {
                    let is_new = store::add(tx, &new, claim).await?;
                    if is_new {
                        store::set_secrets(tx, new.id, vec![(wrapped, None)]).await?;
                    }
                    Ok::<_, Failure>(is_new)
                })
            })
            .await?;
        if !is_new && let Some((known, of)) = store::by_key(db.read(), &owner, &key).await? {
            return self.again(known, &of, &request, position).await;
        }
        self.changed.notify_one();
        Ok((self.standing(subscription, position).await?, Some(secret.shown())))
    }

    /// What was subscribed to under the same key.
    async fn again(
        &self,
        known: Subscription,
        of: &str,
        request: &str,
        position: i64,
    ) -> Result<(Standing, Option<SecretString>), Failure> {
        if of != request {
            let message = "this idempotency key was used for another request";
            return Err(Rejection::new(Kind::AlreadyExists, "IDEMPOTENCY_KEY_REUSED", message).into());
        }
        Ok((self.standing(known, position).await?, None))
    }

    /// One and how it stands.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub(crate) async fn get(&self, caller: &Caller, id: SubscriptionId) -> Result<Standing, Failure> {
        let position = self.position().await?;
        let subscription = self.of(caller, id).await?;
        self.standing(subscription, position).await
    }

    /// A page of those that the caller may see, by id; one more than `limit` shows that there is another page.
    pub(crate) async fn list(
        &self,
        caller: &Caller,
        after: Option<SubscriptionId>,
        limit: u64,
    ) -> Result<Vec<Standing>, Failure> {
        let actor = caller.actor();
        let owner = (caller.role != Role::Operator).then_some(&*actor);
        let position = self.position().await?;
        let found = store::list(self.feed.outbox.database().read(), owner, after, limit).await?;
        self.standings(found, position).await
    }

    /// Changes what one asks for.
    ///
    /// # Errors
    /// As [`Webhooks::create`]; `NOT_FOUND`; `ABORTED` where it was changed since that revision.
    pub(crate) async fn update(
        &self,
        caller: &Caller,
        id: SubscriptionId,
        revision: i64,
        asked: Asked,
    ) -> Result<Standing, Failure> {
        self.of(caller, id).await?;
        self.check(&asked)?;
        let Asked { name, url, format, filter } = asked;
        let change = Change::Terms { name, url, format, filter };
        if !self.change(id, Some(revision), change).await? {
            let message = "somebody has changed this subscription: look at it, and change it anew";
            return Err(Rejection::new(Kind::Conflict, "SUBSCRIPTION_CHANGED", message).into());
        }
        self.get(caller, id).await
    }

    /// Ends one.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub(crate) async fn delete(&self, caller: &Caller, id: SubscriptionId) -> Result<(), Failure> {
        self.of(caller, id).await?;
        let db = self.feed.outbox.database();
        db.write(move |tx| Box::pin(async move { store::delete(tx, id).await })).await?;
        self.changed.notify_one();
        Ok(())
    }

    /// Gives one a new secret; with the instant until which the one before signs beside it. `replace_newest`: the newest goes, where it
    /// came to nobody, and the one before it stays.
    ///
    /// # Errors
    /// `NOT_FOUND`; `FAILED_PRECONDITION` while one before that still signs, unless the newest is replaced.
    pub(crate) async fn rotate(
        &self,
        caller: &Caller,
        id: SubscriptionId,
        replace_newest: bool,
    ) -> Result<(SecretString, Timestamp), Failure> {
        let subscription = self.of(caller, id).await?;
        let secret = SigningSecret::generate(subscription.signature.scheme())?;
        let now = RealClock.now();
        let until = later(now, self.config.overlap());
        let new = secret.wrap(&self.master_key)?;
        let revision = subscription.revision;
        let db = self.feed.outbox.database();
        db.write(move |tx| {
            Box::pin(async move {
                // First: of two who rotate at once one finds that the other has.
                let is_first = store::change(tx, id, Some(revision), Change::Secret).await?;
                let known = store::secrets(tx, Some(id)).await?.remove(&id).unwrap_or_default();
                let still_signs = |until: &Option<Timestamp>| until.is_some_and(|until| now < until);
                let overlaps = known.iter().any(|(_, until)| still_signs(until));
                if !is_first || (overlaps && !replace_newest) {
                    let message = "the secret before this one still signs: wait until it does no more";
                    let rejection = Rejection::new(Kind::Precondition, "SECRET_OVERLAPS", message);
                    return Err(Failure::from(rejection));
                }
                // Of the one that came to nobody nobody knows; where it is the only one, nobody knows any.
                let previous = known.into_iter().nth(usize::from(replace_newest && overlaps));
                let previous = previous.map(|(wrapped, _)| (wrapped, Some(until)));
                let newest_first = std::iter::once((new, None)).chain(previous).collect();
                store::set_secrets(tx, id, newest_first).await
            })
        })
        .await?;
        self.changed.notify_one();
        Ok((secret.shown(), until))
    }

    /// Sends again to one that was paused or disabled.
    ///
    /// # Errors
    /// `NOT_FOUND`; `OUT_OF_RANGE` where something that it was not sent is no longer kept, and the gap is not accepted.
    pub(crate) async fn enable(
        &self,
        caller: &Caller,
        id: SubscriptionId,
        accept_gap: bool,
    ) -> Result<Standing, Failure> {
        let subscription = self.of(caller, id).await?;
        if subscription.state != State::Active {
            let held = store::first_held(self.feed.outbox.database().read(), id, false).await?;
            let stands = subscription.cursor.into_iter().chain(held.map(|position| position - 1)).min();
            let from = self.kept_from(stands, accept_gap).await?;
            self.change(id, None, Change::State(State::Active, "", from)).await?;
        }
        self.get(caller, id).await
    }

    /// Up to where what lies behind a place is passed over, as it is no longer kept; none: it is all there.
    ///
    /// # Errors
    /// `OUT_OF_RANGE` where it is not, and that is not accepted.
    async fn kept_from(&self, place: Option<i64>, accept_gap: bool) -> Result<Option<i64>, Failure> {
        let pruned = self.feed.outbox.pruned_through().await?;
        let Some(place) = place.filter(|place| *place < pruned) else { return Ok(None) };
        if accept_gap {
            return Ok(Some(pruned));
        }
        let message = "some of what it was not sent is no longer kept: accept the gap, or end it";
        let rejection = Rejection::new(Kind::OutOfRange, "EVENTS_NOT_KEPT", message);
        Err(rejection.with("gap_after_sequence", place).with("gap_through_sequence", pruned).into())
    }

    /// Sends nothing to one until it is enabled.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub(crate) async fn pause(&self, caller: &Caller, id: SubscriptionId) -> Result<Standing, Failure> {
        let subscription = self.of(caller, id).await?;
        if subscription.state == State::Active {
            self.change(id, None, Change::State(State::Paused, "PAUSED", None)).await?;
        }
        self.get(caller, id).await
    }

    /// Sends an event about nothing, once.
    ///
    /// # Errors
    /// `NOT_FOUND`; `RESOURCE_EXHAUSTED` where many are sent at this moment.
    pub(crate) async fn ping(&self, caller: &Caller, id: SubscriptionId) -> Result<Pinged, Failure> {
        let subscription = self.of(caller, id).await?;
        let _seat = self.pings.try_acquire().map_err(|_| {
            Rejection::new(
                Kind::Exhausted,
                "OVERLOADED",
                "many addresses are tried at this moment: try again soon",
            )
        })?;
        let db = self.feed.outbox.database();
        let wrapped = store::secrets(db.read(), Some(id)).await?.remove(&id).unwrap_or_default();
        let secrets = Secrets::open(self, &subscription, &wrapped)?;
        let Attempted { verdict, delivery } = self.send_ping(&subscription, &secrets).await?;
        let row = vec![delivery.clone()];
        db.write(move |tx| Box::pin(async move { store::add_deliveries(tx, row).await })).await?;
        Ok(Pinged { is_delivered: verdict == Verdict::Delivered, delivery })
    }

    /// Sends again.
    ///
    /// # Errors
    /// `NOT_FOUND`; `OUT_OF_RANGE` where some of it is no longer kept, and the gap is not accepted.
    pub(crate) async fn replay(
        &self,
        caller: &Caller,
        id: SubscriptionId,
        replay: Replay,
        accept_gap: bool,
    ) -> Result<Standing, Failure> {
        self.of(caller, id).await?;
        let change = match replay {
            Replay::Since(at) => {
                let position = self.feed.begin(From::Since(at)).await?;
                // What is kept begins there, or later than was asked for: what lay before it may have been asked for, too.
                let pruned = self.feed.outbox.pruned_through().await?;
                let before = (pruned > 0 && position <= pruned).then_some(pruned - 1);
                self.kept_from(before, accept_gap).await?;
                Change::Again(position)
            }
            Replay::Dead => {
                let first = store::first_held(self.feed.outbox.database().read(), id, true).await?;
                let from = self.kept_from(first.map(|position| position - 1), accept_gap).await?;
                Change::Revive(RealClock.now(), from)
            }
        };
        self.change(id, None, change).await?;
        self.get(caller, id).await
    }

    /// A page of what one was sent, newest first, with their numbers.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub(crate) async fn deliveries(
        &self,
        caller: &Caller,
        id: SubscriptionId,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<(i64, Delivery)>, Failure> {
        self.of(caller, id).await?;
        store::deliveries(self.feed.outbox.database().read(), id, before, limit).await
    }

    async fn change(
        &self,
        id: SubscriptionId,
        revision: Option<i64>,
        change: Change,
    ) -> Result<bool, Failure> {
        let db = self.feed.outbox.database();
        let is_changed =
            db.write(move |tx| Box::pin(async move { store::change(tx, id, revision, change).await }));
        let is_changed = is_changed.await?;
        self.changed.notify_one();
        Ok(is_changed)
    }

    /// One that the caller may see.
    async fn of(&self, caller: &Caller, id: SubscriptionId) -> Result<Subscription, Failure> {
        let found = store::find(self.feed.outbox.database().read(), id).await?;
        let own = |one: &Subscription| caller.role == Role::Operator || one.owner == caller.actor();
        let unknown =
            || Rejection::not_found("UNKNOWN_SUBSCRIPTION", "you have no subscription with this id");
        Ok(found.filter(own).ok_or_else(unknown)?)
    }

    /// Where those stand who have no cursor. To be asked before their rows are read: one that has none by then has everything up to here.
    async fn position(&self) -> Result<i64, Failure> {
        store::position(self.feed.outbox.database()).await
    }

    async fn standing(&self, subscription: Subscription, position: i64) -> Result<Standing, Failure> {
        let mut all = self.standings(vec![subscription], position).await?;
        all.pop().ok_or_else(|| Failure::broken("one subscription stands nowhere"))
    }

    async fn standings(
        &self,
        subscriptions: Vec<Subscription>,
        position: i64,
    ) -> Result<Vec<Standing>, Failure> {
        let outbox = &self.feed.outbox;
        let newest = outbox.newest().await?;
        let ids: Vec<_> = subscriptions.iter().map(|one| one.id).collect();
        let mut backlogs = store::backlogs(outbox.database().read(), &ids).await?;
        let stands = |subscription: Subscription| Standing {
            behind: u64::try_from(newest - subscription.cursor.unwrap_or(position)).unwrap_or_default(),
            backlog: backlogs.remove(&subscription.id).unwrap_or_default(),
            subscription,
        };
        Ok(subscriptions.into_iter().map(stands).collect())
    }

    fn check(&self, asked: &Asked) -> Result<(), Rejection> {
        let name = &asked.name;
        if name.trim().is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control)
        {
            let expected = format!("1 to {LONGEST_NAME} characters on one line");
            return Err(Rejection::invalid("MALFORMED_NAME", "name", expected));
        }
        self.check_url(&asked.url)
    }

    /// That an address may be called, as far as is seen by looking at it. Where a name leads is seen whenever it is called.
    fn check_url(&self, url: &str) -> Result<(), Rejection> {
        let malformed = |expected: &str| Rejection::invalid("MALFORMED_URL", "url", expected);
        let expected = "https://, a host, and no user";
        if url.len() > LONGEST_URL {
            return Err(malformed("at most 2,000 bytes"));
        }
        let uri: Uri = url.parse().map_err(|_| malformed(expected))?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(|| malformed(expected))?;
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(malformed(expected));
        }
        let is_secure = match uri.scheme_str() {
            Some("https") => true,
            // Only to a network that the operator has named.
            Some("http") if !self.config.allow.is_empty() => false,
            _ => return Err(malformed(expected)),
        };
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if let Ok(ip) = host.parse::<IpAddr>() {
            let may_be_called = match is_secure {
                true => address::may_call(ip, &self.config.allow),
                false => address::is_among(ip, &self.config.allow),
            };
            if !may_be_called {
                let expected =
                    "an address that everybody can reach, or of a network that the operator allows";
                return Err(Rejection::invalid("FORBIDDEN_ADDRESS", "url", expected));
            }
        }
        Ok(())
    }
}
