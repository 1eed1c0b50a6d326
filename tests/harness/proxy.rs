//! A link between two processes that can be made bad while it is used.
//!
//! The proxy stands for the network and for a load balancer: whoever connects is led to the next upstream that
//! takes the connection. It keeps its port for good, so that processes may come back on another one; when
//! nobody is upstream, its port refuses as a dead process' does.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{io, net::SocketAddr, path::PathBuf, pin::pin, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream, UnixStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

use crate::wait::PATIENCE;

/// How the link is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weather {
    /// Everything goes through.
    #[default]
    Fair,
    /// Each piece of data comes late by this, both ways.
    Slow(Duration),
    /// Connections stay, new ones are taken, and no data comes through. What was sent meanwhile comes when it is
    /// over, as after lost packets.
    BlackHole,
    /// Every connection, there or new, is reset (RST).
    Reset,
    /// Every connection is reset, and new ones are refused.
    Refused,
}

/// Where a connection is led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upstream {
    /// A port.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

#[derive(Clone, Debug, Default)]
struct State {
    weather: Weather,
    upstreams: Arc<[Upstream]>,
}

impl State {
    fn is_open(&self) -> bool {
        self.weather != Weather::Refused && !self.upstreams.is_empty()
    }
}

/// A proxy on a port of its own. Its connections are closed when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: watch::Sender<State>,
    acceptor: JoinHandle<()>,
}

impl Proxy {
    /// One that leads nowhere yet.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (state, seen) = watch::channel(State::default());
        Self { address, state, acceptor: tokio::spawn(accept(Door::Open(listener), address, seen)) }
    }

    /// Where to connect to: `127.0.0.1:…`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as a URL.
    pub fn http(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on the link is like this, also for connections that are there.
    pub fn set(&self, weather: Weather) {
        self.state.send_modify(|state| state.weather = weather);
    }

    /// From now on new connections are led to these in turn.
    pub fn lead_to(&self, upstreams: Vec<Upstream>) {
        self.state.send_modify(|state| state.upstreams = upstreams.into());
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.acceptor.abort();
    }
}

/// The port: open, or held so that it refuses and nobody else takes it.
enum Door {
    Open(TcpListener),
    Shut { _held: TcpSocket },
}

impl Door {
    fn is_open(&self) -> bool {
        matches!(self, Self::Open(_))
    }

    async fn at(address: SocketAddr, open: bool) -> Self {
        let made = async {
            loop {
                match Self::try_at(address, open) {
                    Ok(door) => return door,
                    // A child that is just being started holds copies of our sockets until it is another program.
                    Err(_) => tokio::time::sleep(Duration::from_millis(1)).await,
                }
            }
        };
        tokio::time::timeout(PATIENCE, made).await.expect("the port of a proxy is its own")
    }

    fn try_at(address: SocketAddr, open: bool) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok(if open { Self::Open(socket.listen(1024)?) } else { Self::Shut { _held: socket } })
    }
}

async fn accept(mut door: Door, address: SocketAddr, mut state: watch::Receiver<State>) {
    let mut connections = JoinSet::new();
    let mut turn = 0;
    loop {
        let open = state.borrow_and_update().is_open();
        if open != door.is_open() {
            drop(door);
            door = Door::at(address, open).await;
        }
        let accepted = async {
            match &door {
                Door::Open(listener) => listener.accept().await,
                Door::Shut { .. } => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = state.changed() => if changed.is_err() { return },
            Ok((client, _)) = accepted => {
                turn += 1;
                connections.spawn(carry(client, state.clone(), turn));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// One connection from its beginning to its end.
async fn carry(mut client: TcpStream, state: watch::Receiver<State>, turn: usize) {
    let mut weather = state.clone();
    // It adds no waiting of its own.
    let _ = client.set_nodelay(true);
    let carried = async {
        let Some(mut upstream) = connect(state.clone(), turn).await else { return Err(()) };
        let piped = match &mut upstream {
            Connection::Tcp(upstream) => pipe(&mut client, upstream, &state).await,
            Connection::Unix(upstream) => pipe(&mut client, upstream, &state).await,
        };
        if piped.is_err()
            && let Connection::Tcp(upstream) = &upstream
        {
            let _ = upstream.set_zero_linger();
        }
        piped
    };
    let storm = weather.wait_for(|state| matches!(state.weather, Weather::Reset | Weather::Refused));
    let broken = tokio::select! {
        carried = carried => carried.is_err(),
        _ = storm => true,
    };
    if broken {
        let _ = client.set_zero_linger();
    }
}

enum Connection {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// The next upstream that takes the connection.
async fn connect(mut state: watch::Receiver<State>, turn: usize) -> Option<Connection> {
    let upstreams = state.wait_for(|state| state.weather != Weather::BlackHole).await.ok()?.upstreams.clone();
    for offset in 0..upstreams.len() {
        let connection = match &upstreams[(turn + offset) % upstreams.len()] {
            Upstream::Tcp(address) => TcpStream::connect(address).await.map(Connection::Tcp),
            Upstream::Unix(path) => UnixStream::connect(path).await.map(Connection::Unix),
        };
        if let Ok(connection) = connection {
            if let Connection::Tcp(connection) = &connection {
                let _ = connection.set_nodelay(true);
            }
            return Some(connection);
        }
    }
    None
}

/// Both ways, until both are closed; an error where one was broken off.
async fn pipe<U>(client: &mut TcpStream, upstream: &mut U, state: &watch::Receiver<State>) -> Result<(), ()>
where
    U: AsyncRead + AsyncWrite + Unpin,
{
    let (mut from_client, mut to_client) = client.split();
    let (mut from_upstream, mut to_upstream) = tokio::io::split(upstream);
    let there = pump(&mut from_client, &mut to_upstream, state.clone());
    let back = pump(&mut from_upstream, &mut to_client, state.clone());
    let (there, back) = (pin!(there), pin!(back));
    tokio::try_join!(there, back).map(drop)
}

async fn pump(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    mut state: watch::Receiver<State>,
) -> Result<(), ()> {
    let mut piece = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut piece).await.map_err(drop)?;
        let weather =
            state.wait_for(|state| state.weather != Weather::BlackHole).await.map_err(drop)?.weather;
        if let Weather::Slow(late) = weather {
            tokio::time::sleep(late).await;
        }
        if read == 0 {
            return to.shutdown().await.map_err(drop);
        }
        to.write_all(&piece[..read]).await.map_err(drop)?;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// Says back what it hears.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.split();
                    tokio::io::copy(&mut read, &mut write).await
                });
            }
        });
        address
    }

    async fn proxied() -> Proxy {
        let proxy = Proxy::start().await;
        proxy.lead_to(vec![Upstream::Tcp(echo().await)]);
        // The acceptor opens the door once it has seen that.
        while TcpStream::connect(proxy.address()).await.is_err() {
            tokio::task::yield_now().await;
        }
        proxy
    }

    async fn heard(stream: &mut TcpStream) -> io::Result<u8> {
        stream.write_all(&[7]).await?;
        stream.read_u8().await
    }

    async fn in_time<T>(doing: impl Future<Output = T>) -> T {
        tokio::time::timeout(PATIENCE, doing).await.expect("in time")
    }

    #[tokio::test]
    async fn in_fair_weather_everything_goes_through_to_the_end() {
        let proxy = proxied().await;
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(in_time(heard(&mut stream)).await.unwrap(), 7);
        stream.shutdown().await.unwrap();
        assert_eq!(in_time(stream.read(&mut [0])).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_slow_link_is_late_both_ways() {
        let proxy = proxied().await;
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        proxy.set(Weather::Slow(Duration::from_millis(100)));
        let since = Instant::now();
        assert_eq!(in_time(heard(&mut stream)).await.unwrap(), 7);
        assert!(since.elapsed() >= Duration::from_millis(200));
    }

    #[tokio::test]
    async fn a_black_hole_gives_back_what_it_swallowed() {
        let proxy = proxied().await;
        let mut old = TcpStream::connect(proxy.address()).await.unwrap();
        in_time(heard(&mut old)).await.unwrap();
        proxy.set(Weather::BlackHole);
        let mut new = TcpStream::connect(proxy.address()).await.unwrap();
        for stream in [&mut old, &mut new] {
            let silent = tokio::time::timeout(Duration::from_millis(100), heard(stream)).await;
            assert!(silent.is_err());
        }
        proxy.set(Weather::Fair);
        for stream in [&mut old, &mut new] {
            assert_eq!(in_time(stream.read_u8()).await.unwrap(), 7);
        }
    }

    #[tokio::test]
    async fn a_reset_reaches_old_and_new_connections() {
        let proxy = proxied().await;
        let mut old = TcpStream::connect(proxy.address()).await.unwrap();
        in_time(heard(&mut old)).await.unwrap();
        proxy.set(Weather::Reset);
        assert_eq!(in_time(old.read_u8()).await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        if let Ok(mut new) = TcpStream::connect(proxy.address()).await {
            assert!(in_time(heard(&mut new)).await.is_err());
        }
    }

    #[tokio::test]
    async fn a_refusing_port_keeps_its_place() {
        let proxy = proxied().await;
        proxy.set(Weather::Refused);
        let refused = async {
            let is_refused = |error: io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
            while !TcpStream::connect(proxy.address()).await.is_err_and(is_refused) {
                tokio::task::yield_now().await;
            }
        };
        in_time(refused).await;
        proxy.set(Weather::Fair);
        let back = async {
            loop {
                if let Ok(mut stream) = TcpStream::connect(proxy.address()).await
                    && let Ok(byte) = heard(&mut stream).await
                {
                    return byte;
                }
            }
        };
        assert_eq!(in_time(back).await, 7);
    }

    #[tokio::test]
    async fn who_is_not_there_is_passed_over() {
        let proxy = Proxy::start().await;
        assert!(matches!(TcpStream::connect(proxy.address()).await, Ok(_) | Err(_)));
        let nobody = SocketAddr::from(([127, 0, 0, 1], crate::port::free()));
        proxy.lead_to(vec![Upstream::Tcp(nobody), Upstream::Tcp(echo().await)]);
        for _ in 0..4 {
            let spoken = async {
                loop {
                    if let Ok(mut stream) = TcpStream::connect(proxy.address()).await
                        && let Ok(byte) = heard(&mut stream).await
                    {
                        return byte;
                    }
                }
            };
            assert_eq!(in_time(spoken).await, 7);
        }
    }
}
