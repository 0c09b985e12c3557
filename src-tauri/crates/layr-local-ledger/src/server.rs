//! The running ledger: its HTTP server, and the task that closes ledgers by the clock.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::middleware;
use axum::routing::{get, post};
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::connections::{self, STOP_WITHIN};
use crate::error::{LedgerError, LocalLedgerError};
use crate::ledger::Ledger;
use crate::{friendbot, origin, rpc};

/// Calls that are worked on at once. A simulation takes up to a second of one processor and 40 MiB.
const MAX_CALLS: usize = 8;
/// What the server needs beyond its own deadline to drop the connections that are left.
const STOP_MARGIN: Duration = Duration::from_millis(500);

/// Where and how a ledger runs.
#[derive(Clone, Debug)]
pub struct LocalLedgerSettings {
    /// Where its database `ledger.sqlite` lies; made if it is not there.
    pub directory: PathBuf,
    /// Where it listens; port 0 takes any free one. Whoever can reach it can use it: keep it on loopback unless that is meant.
    pub listen: SocketAddr,
    /// Whether each transaction closes a ledger at once.
    pub closes_at_once: bool,
    /// How often a ledger closes by the clock; none: only so, and when asked to.
    pub close_every: Option<Duration>,
    /// Where it takes the time from.
    pub clock: Clock,
}

/// A running ledger. It ends when this is dropped, or before the return of [`LocalLedger::stop`].
pub struct LocalLedger {
    shared: Arc<Shared>,
    passphrase: String,
    ended: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

/// What requests share.
pub(crate) struct Shared {
    pub(crate) ledger: Mutex<Ledger>,
    pub(crate) calls: Semaphore,
    /// Where it really listens.
    pub(crate) address: SocketAddr,
    /// Whether a test has the beacon publish nothing.
    is_beacon_silent: AtomicBool,
}

impl Shared {
    pub(crate) fn is_beacon_silent(&self) -> bool {
        self.is_beacon_silent.load(Ordering::Relaxed)
    }

    pub(crate) fn url(&self) -> String {
        // Where it listens everywhere, it is found on loopback, too.
        let ip = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        format!("http://{}", SocketAddr::new(ip, self.address.port()))
    }
}

impl LocalLedger {
    /// Opens the ledger of a directory, or begins one there, and serves it.
    ///
    /// # Errors
    /// Another process has it open, its database is not ours or damaged, or nobody can listen there.
    pub async fn start(settings: LocalLedgerSettings) -> Result<Self, LocalLedgerError> {
        let LocalLedgerSettings { directory, listen, closes_at_once, close_every, clock } = settings;
        let opened =
            tokio::task::spawn_blocking(move || Ledger::open(&directory, clock, closes_at_once)).await;
        let ledger = opened.map_err(LedgerError::host)??;
        let unheard = |source| LocalLedgerError::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(unheard)?;
        let address = listener.local_addr().map_err(unheard)?;
        let passphrase = ledger.network.passphrase.clone();
        let shared = Arc::new(Shared {
            ledger: Mutex::new(ledger),
            calls: Semaphore::new(MAX_CALLS),
            address,
            is_beacon_silent: AtomicBool::new(false),
        });
        let ended = CancellationToken::new();
        let mut tasks = vec![tokio::spawn(serve(listener, Arc::clone(&shared), ended.clone()))];
        if let Some(period) = close_every {
            tasks.push(tokio::spawn(close_by_clock(period, Arc::clone(&shared), ended.clone())));
        }
        Ok(Self { shared, passphrase, ended, tasks })
    }

    /// Where its RPC is reached.
    #[must_use]
    pub fn url(&self) -> String {
        self.shared.url()
    }

    /// The name of its network, which no other ledger has: `Layr local ledger ; ` and 32 hexadecimal digits.
    #[must_use]
    pub fn network_passphrase(&self) -> &str {
        &self.passphrase
    }

    /// Closes so many ledgers, at least one, and moves ledger time so many seconds ahead. What waits goes into the first.
    ///
    /// When the database fails nothing changes, and the log says so.
    pub async fn close(&self, ledgers: u32, seconds: u64) {
        close(Arc::clone(&self.shared), ledgers, seconds).await;
    }

    /// Makes its beacon publish nothing until it is told otherwise: for tests of what nodes do without one.
    pub fn silence_beacon(&self, is_silent: bool) {
        self.shared.is_beacon_silent.store(is_silent, Ordering::Relaxed);
    }

    /// Ends it: what is being answered is answered, and the directory is free for another process.
    ///
    /// That takes five seconds and a moment at most. A call that takes longer gets no answer, and holds the directory until it is through.
    pub async fn stop(mut self) {
        self.ended.cancel();
        let deadline = Instant::now() + STOP_WITHIN + STOP_MARGIN;
        for mut task in self.tasks.drain(..) {
            if timeout_at(deadline, &mut task).await.is_err() {
                task.abort();
            }
        }
    }
}

impl Drop for LocalLedger {
    fn drop(&mut self) {
        self.ended.cancel();
    }
}

impl std::fmt::Debug for LocalLedger {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("LocalLedger").field("url", &self.url()).finish_non_exhaustive()
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>, ended: CancellationToken) {
    let routes = axum::Router::new()
        .route("/", post(rpc::answer))
        .route("/friendbot", get(friendbot::answer).post(friendbot::answer))
        .layer(middleware::from_fn(connections::whole_body))
        .layer(middleware::from_fn(origin::refuse_other_sites))
        .with_state(shared);
    connections::serve(listener, routes, ended).await;
}

async fn close_by_clock(period: Duration, shared: Arc<Shared>, ended: CancellationToken) {
    // A period of nothing is no period.
    let mut ticks = tokio::time::interval(period.max(Duration::from_millis(1)));
    // After the computer slept, one ledger closes, not all that were missed.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick is now.
    ticks.tick().await;
    loop {
        tokio::select! {
            () = ended.cancelled() => return,
            _ = ticks.tick() => close(Arc::clone(&shared), 1, 0).await,
        }
    }
}

async fn close(shared: Arc<Shared>, ledgers: u32, seconds: u64) {
    let closed = tokio::task::spawn_blocking(move || shared.ledger.lock().close(ledgers, seconds)).await;
    match closed {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "a ledger did not close"),
        Err(error) => tracing::error!(%error, "closing a ledger broke off"),
    }
}
