//! From a name to the addresses that may be called, a few names at a time and not for ever.

use std::{
    io,
    net::{IpAddr, SocketAddr, ToSocketAddrs as _},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
    vec,
};

use futures::future::BoxFuture;
use http::Uri;
use hyper_util::client::legacy::connect::dns::Name;
use phidia_domain::address::{self, Network};
use tokio::sync::Semaphore;
use tower::Service;

/// So many names are looked up at once: each takes a thread, which nobody can call back, from those that all share.
const AT_ONCE: usize = 32;

/// Which addresses a client calls.
#[derive(Clone, Debug)]
pub(super) enum Reach {
    /// Those that its operator has written down: whichever they are.
    All,
    /// What everybody can reach, and what is allowed beside that.
    Callable(Arc<[Network]>),
    /// What is allowed, and nothing else.
    Allowed(Arc<[Network]>),
}

/// Why there is no address.
#[derive(Debug, thiserror::Error)]
pub enum Unresolved {
    /// It has some, and none of them is within reach.
    #[error("no address of it may be called")]
    Forbidden,
    /// Nobody has answered so far.
    #[error("no answer came in time")]
    Late,
    /// The system found none.
    #[error(transparent)]
    Failed(#[from] io::Error),
}

/// Looks names up as the system does, and answers what is within reach. What is called is what was judged here: a name that leads
/// elsewhere a moment later gains nothing.
#[derive(Clone, Debug)]
pub struct Resolver {
    reach: Reach,
    /// Held until a look-up has ended, also where nobody waits for it any more.
    seats: Arc<Semaphore>,
    patience: Duration,
}

impl Reach {
    pub(super) fn holds(&self, address: IpAddr) -> bool {
        match self {
            Self::All => true,
            Self::Callable(allowed) => address::may_call(address, allowed),
            Self::Allowed(allowed) => address::is_among(address, allowed),
        }
    }

    /// Whether it holds the host that is called: an address, which is not looked up. Of a name that is seen later.
    pub(super) fn may_hold(&self, called: &Uri) -> bool {
        let host = called.host().unwrap_or_default();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        host.parse().map_or(true, |address| self.holds(address))
    }

    fn keep(&self, found: impl Iterator<Item = SocketAddr>) -> Result<vec::IntoIter<SocketAddr>, Unresolved> {
        let kept: Vec<_> = found.filter(|found| self.holds(found.ip())).collect();
        if kept.is_empty() { Err(Unresolved::Forbidden) } else { Ok(kept.into_iter()) }
    }
}

impl Resolver {
    /// One that looks for so long at most.
    pub(super) fn new(reach: Reach, patience: Duration) -> Self {
        Self { reach, seats: Arc::new(Semaphore::new(AT_ONCE)), patience }
    }
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = Unresolved;
    type Future = BoxFuture<'static, Result<Self::Response, Unresolved>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Unresolved>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let Self { reach, seats, patience } = self.clone();
        let found = async move {
            let seat = seats.acquire_owned().await.map_err(io::Error::other)?;
            let look = move || {
                let _seat = seat;
                (name.as_str(), 0).to_socket_addrs()
            };
            reach.keep(tokio::task::spawn_blocking(look).await.map_err(io::Error::other)??)
        };
        Box::pin(async move { tokio::time::timeout(patience, found).await.map_err(|_| Unresolved::Late)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(addresses: &[&str]) -> impl Iterator<Item = SocketAddr> {
        let found: Vec<_> =
            addresses.iter().map(|address| SocketAddr::new(address.parse().unwrap(), 0)).collect();
        found.into_iter()
    }

    fn kept(reach: &Reach, addresses: &[&str]) -> Vec<String> {
        let kept = reach.keep(found(addresses)).unwrap();
        kept.map(|address| address.ip().to_string()).collect()
    }

    #[test]
    fn of_the_addresses_of_a_name_only_those_within_reach_are_kept() {
        let allowed: Arc<[Network]> = Arc::new(["10.1.0.0/16".parse().unwrap()]);
        let all = ["127.0.0.1", "10.1.2.3", "10.2.2.3", "1.1.1.1", "::1", "fd00::1"];
        assert_eq!(kept(&Reach::All, &all), all);
        assert_eq!(kept(&Reach::Callable(Arc::clone(&allowed)), &all), ["10.1.2.3", "1.1.1.1"]);
        assert_eq!(kept(&Reach::Allowed(allowed), &all), ["10.1.2.3"]);
        let public = Reach::Callable(Arc::new([]));
        assert!(matches!(public.keep(found(&["127.0.0.1", "::1"])), Err(Unresolved::Forbidden)));
    }

    #[tokio::test]
    async fn who_waits_for_a_seat_does_not_wait_for_ever() {
        let mut resolver = Resolver::new(Reach::All, Duration::from_millis(50));
        let _all = resolver.seats.clone().acquire_many_owned(32).await.unwrap();
        let missed = resolver.call("localhost".parse().unwrap()).await;
        assert!(matches!(missed, Err(Unresolved::Late)));
    }
}
