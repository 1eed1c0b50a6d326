//! The portal: pages for citizens, officers, and whoever answers for a centre or for the province. It is a thin client of the four
//! services: it asks them on behalf of who is before the browser, and draws what they answer. No rule is in it.
//!
//! ```text
//!   browser ──> receive: who is it, which language ──> page: read fields, ask services, draw ──> shell, headers
//! ```
//!
//! What is where:
//!
//! - [`receive`]: what is the same for every call of a browser; [`shell`]: what is the same on every page; [`asset`]: styles and scripts
//! - [`visitor`]: who is there; [`session`]: how they sign in and out, and what of it the browser keeps
//! - [`limits`]: how many new names a network gets
//! - [`services`]: who is asked, [`remembered`] where every page needs it; [`trouble`]: what comes of a refusal
//! - [`form`]: what is filled in: once, by whom it was given to, with every fault beside its field
//! - [`part`]: pieces of which pages are made; [`picture`]: those that are drawn; [`live`]: those that change while somebody looks
//! - pages: [`citizen`] for everybody, [`work`] for officers, [`counter`], [`hall`], [`supervise`] for whoever answers for a centre,
//!   [`province`]

mod asset;
mod audits;
mod citizen;
mod config;
mod counter;
mod form;
mod hall;
mod limits;
mod live;
mod page;
mod part;
mod picture;
mod province;
mod receive;
mod remembered;
mod serve;
mod services;
mod session;
mod shell;
mod supervise;
mod trouble;
mod visitor;
mod work;

use std::sync::Arc;

use axum::Router;
use phidia_runtime::{clock::BusinessClock, peer::Peer, seal::BrowserKey};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

pub use audits::{Audits, Board, Conservation};
pub use config::Config;

use crate::{asset::Assets, limits::Newcomers, live::Live, services::Services};

/// What the portal needs of the process that it runs in.
#[derive(Debug)]
pub struct Deps {
    /// What it is told.
    pub config: Config,
    /// Intake.
    pub intake: Peer,
    /// Routing.
    pub routing: Peer,
    /// Processing.
    pub processing: Peer,
    /// Notification.
    pub notification: Peer,
    /// What is added up over all of them.
    pub audits: Arc<dyn Audits>,
    /// What day it is for business.
    pub business: BusinessClock,
    /// Seals what browsers keep.
    pub key: BrowserKey,
    /// What whoever signs in has to know; none: nothing, because only this machine reaches the portal.
    pub token: Option<SecretString>,
}

/// The portal, ready to serve. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Portal(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    services: Services,
    audits: Arc<dyn Audits>,
    games: province::Games,
    business: BusinessClock,
    key: BrowserKey,
    token: Option<SecretString>,
    assets: Assets,
    newcomers: Newcomers,
    live: Live,
    stop: CancellationToken,
}

impl Portal {
    /// Builds the portal; what it has under way ends when `stop` is cancelled.
    pub fn new(deps: Deps, stop: CancellationToken) -> Self {
        let Deps { config, intake, routing, processing, notification, audits, business, key, token } = deps;
        let live = Live::new(intake.clone(), routing.clone(), processing.clone(), &stop);
        let services = Services::new(intake, routing, processing, notification);
        let (assets, games) = (Assets::pack(), province::Games::default());
        let newcomers = Newcomers::default();
        Self(Arc::new(Inner {
            config,
            services,
            audits,
            games,
            business,
            key,
            token,
            assets,
            newcomers,
            live,
            stop,
        }))
    }

    fn routes(&self) -> Router {
        Router::new()
            .merge(asset::routes())
            .merge(session::routes())
            .merge(citizen::routes())
            .merge(work::routes())
            .merge(counter::routes())
            .merge(supervise::routes())
            .merge(province::routes())
            .merge(hall::routes())
            .fallback(trouble::no_such_page)
            .with_state(self.clone())
    }
}
