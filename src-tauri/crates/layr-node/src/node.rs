//! The handle of a running node: assembles the owner's and the host's side over one network, and stops them in order.
//!
//! | task | owner | bound | ends by | lost if it dies |
//! |---|---|---|---|---|
//! | accept | host | one | cancel, or the network's end | streams are reset until the restart |
//! | one per stream | host | `MAX_STREAMS` + 64 told "busy" | its request's end, watchdog, cancel | that request; its reservation is released |
//! | maintenance | host | one | cancel | scrub and expiry pause until the restart |
//! | offer publication | host | one | cancel | the DHT's record ages; questions are still answered |
//! | housekeeping | node | one | cancel | purge of trash and old versions and the copy of the library wait for the restart; nobody says that the network is away or files are in danger |
//! | garbage, completion, repair, moving off leaving hosts | owner | one each | cancel | what they do is in the library and goes on at the restart |
//! | visiting delegates, auditing and repairing for others | owner | one each | cancel | what they do is in libraries and goes on at the restart |
//! | undecided payments | owner | one | known, or cancel | nothing: they are in the library and asked about before the next one |
//! | queue | owner | see [`crate::queue`] | cancel | nothing: the queue is in the library and goes on at the restart |
//!
//! All of them live in one [`TaskTracker`] and end with one [`CancellationToken`]; [`Node::stop`] waits for them.

mod affording;
mod agreements;
mod backups;
mod delegates;
mod files;
mod hosting;
mod housekeeping;
mod paying;
mod stores;
mod wallet;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use layr_codec::CodecSecrets;
use layr_keys::{
    CertificateSubject, DeviceCertificate, DeviceKey, OwnerId, OwnerKeys, PeerId, RecoveryPhrase,
    StoredSecrets,
};
use layr_library::{Library, LibraryKey};
use layr_net::Role;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::delegates::Delegates;
use self::housekeeping::LastHealth;
use self::stores::Stores;
use crate::activity::Activity;
use crate::agreements::spending::Spending;
use crate::agreements::{Paying, report};
use crate::api::{BandwidthReport, BandwidthSettings, StatusReport, Traffic};
use crate::audit::AuditsConfig;
use crate::background::Background;
use crate::bandwidth::Bandwidth;
use crate::clock::Surroundings;
use crate::error::{ErrorCode, NodeError};
use crate::home::{Home, HomeLock};
use crate::host::{Host, HostParts};
use crate::net::libp2p::{Libp2pNet, Libp2pOptions};
use crate::net::{Attached, Net, Reachability};
use crate::network_file::NetworkFile;
use crate::operation::Transfers;
use crate::owner::{Owner, OwnerParts};
use crate::queue::Queue;
use crate::wallet::Wallet;

/// Events kept for a slow reader; it loses the oldest and looks at the state instead.
const EVENT_BACKLOG: usize = 256;
/// Longest wait for tasks to end. With the network's own limit a stop takes under five seconds.
const TASKS_DEADLINE: Duration = Duration::from_secs(2);
/// Longest wait for the disk to finish what it was asked.
const DISK_DEADLINE: Duration = Duration::from_secs(1);

/// What a node is started with.
pub struct NodeStart {
    /// Its home.
    pub home: Home,
    /// Proof that no other process uses the home.
    pub lock: HomeLock,
    /// The keys, opened.
    pub secrets: StoredSecrets,
    /// Time and randomness.
    pub surroundings: Surroundings,
    /// The network.
    pub network: NetworkChoice,
}

/// Over what a node talks to others.
pub enum NetworkChoice {
    /// The real network of the home's `network.toml`.
    Libp2p {
        /// Multiaddresses to listen on; empty is every interface.
        listen: Vec<String>,
    },
    /// One that runs already.
    Attached(Attached),
}

/// Something happened that a window shows. A reader that lags loses events, never state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum NodeEvent {
    /// A long operation began.
    TransferStarted {
        /// Its id.
        id: u64,
        /// `put`, `get` or `verify`.
        kind: String,
    },
    /// A long operation ended.
    TransferEnded {
        /// Its id.
        id: u64,
        /// What it failed with; absent after success.
        error: Option<ErrorCode>,
    },
    /// The queue of transfers changed, or a transfer of it moved; at most ten times a second.
    TransfersChanged,
    /// Files or their health changed.
    LibraryChanged,
    /// Hosting was switched, paused or given another quota.
    HostingChanged,
    /// Something happened that a person should know, or is resolved.
    ActivityChanged,
    /// A task in the background fares differently.
    WorkersChanged,
    /// The node stops.
    Stopping,
}

/// A running node. Cheap to clone; all clones are the same node.
#[derive(Clone)]
pub struct Node {
    inner: Arc<Inner>,
}

struct Inner {
    bandwidth: Bandwidth,
    spending: Spending,
    peer: PeerId,
    owner_id: OwnerId,
    network: NetworkFile,
    surroundings: Surroundings,
    net: Arc<dyn Net>,
    library: Library,
    last_health: LastHealth,
    host: Host,
    owner: Owner,
    delegates: Delegates,
    transfers: Transfers,
    queue: Queue,
    activity: Activity,
    wallet: Wallet,
    /// Where hosts are paid.
    paying: Option<Paying>,
    background: Background,
    events: broadcast::Sender<NodeEvent>,
    tasks: TaskTracker,
    cancel: CancellationToken,
    /// Given back by [`Node::stop`], however many clones are left.
    lock: Mutex<Option<HomeLock>>,
}

impl Node {
    /// Starts a node: opens its library and, where it lends space, its vault, joins the network, and serves. A vault that cannot
    /// be used is left alone and named among what happened. Dropping the future stops the start; what is being opened on a
    /// thread then lets go of the home when it is through.
    ///
    /// # Errors
    /// [`ErrorCode::DatabaseUnusable`] for a damaged, foreign or newer database, [`ErrorCode::OtherOwner`] for the library
    /// of another owner (nothing is overwritten);
    /// [`ErrorCode::LocalFile`], [`ErrorCode::DiskFull`]; what the network says.
    pub async fn start(start: NodeStart) -> Result<Self, NodeError> {
        let NodeStart { home, lock, secrets, surroundings, network: choice } = start;
        let network = home.network()?;
        let keys = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&secrets.entropy));
        let owner_id = keys.owner_id();
        let Stores { lock, config, library, vault } =
            Stores::open(&home, lock, owner_id, &surroundings).await?;
        let device = DeviceKey::from_bytes(&secrets.device_secret);
        let peer = device.peer_id();
        let Attached { net, incoming } = attach(choice, &secrets, &network, &home).await?;
        let events = broadcast::Sender::new(EVENT_BACKLOG);
        let activity = Activity::new(library.clone(), Arc::clone(&surroundings.clock), events.clone());
        let background = Background::new(Arc::clone(&surroundings.clock), events.clone());
        let keeping =
            delegates::open(&home, &net, (&secrets, &keys), (&library, &config), &surroundings).await?;
        let wallet = Wallet::new(&network.ledger, &secrets, &library)?;
        let host = Host::new(HostParts {
            home: home.clone(),
            network: network.name.clone(),
            device,
            clock: Arc::clone(&surroundings.clock),
            net: Arc::clone(&net),
            settings: config.hosting,
            vault,
            activity: activity.clone(),
            library: library.clone(),
            ledger: wallet.agreements(),
            entropy: Arc::clone(&surroundings.entropy),
            keeping: keeping.clone(),
            events: events.clone(),
        });
        let around = (&surroundings, &background, &events);
        let owner = owner_of((&home, &network, &keys), &library, &net, config.audits, around)?;
        let (tasks, cancel) = (TaskTracker::new(), CancellationToken::new());
        host.start(incoming, &tasks, &cancel, &background);
        let spending = Spending::new(home.clone(), config.spending, host.config_change());
        let paying = wallet.agreements().map(|ledger| {
            let keys = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&secrets.entropy));
            Paying::new(owner.clone(), ledger, keys, spending.limits(), activity.clone())
        });
        let (clock, line) = (Arc::clone(&surroundings.clock), Arc::clone(&net));
        let inner = Inner {
            spending,
            bandwidth: Bandwidth::new(home, clock, line, config.bandwidth, host.config_change()),
            peer,
            owner_id,
            paying,
            wallet,
            network,
            surroundings,
            net,
            last_health: LastHealth::default(),
            library,
            host,
            delegates: Delegates::new(&owner, keys, &activity, keeping),
            owner,
            transfers: Transfers::default(),
            queue: Queue::default(),
            activity,
            background,
            events,
            tasks,
            cancel,
            lock: Mutex::new(Some(lock)),
        };
        Ok(Self { inner: Arc::new(inner) }.started())
    }

    /// With the tasks of its own.
    fn started(self) -> Self {
        self.start_housekeeping();
        self.start_queue(&self.inner.tasks);
        self.start_wallet();
        self.start_paying();
        self
    }

    /// This device on the network.
    pub fn peer_id(&self) -> PeerId {
        self.inner.peer
    }

    /// Whose node it is.
    pub fn owner_id(&self) -> OwnerId {
        self.inner.owner_id
    }

    /// Events from here on.
    pub fn events(&self) -> broadcast::Receiver<NodeEvent> {
        self.inner.events.subscribe()
    }

    /// What the node is doing.
    ///
    /// # Errors
    /// What the database says.
    pub async fn status(&self) -> Result<StatusReport, NodeError> {
        let inner = &self.inner;
        let net = inner.net.status().await;
        let summary = self.library(|library| {
            let summary = library.summary().map_err(|error| crate::catalogue::store_error(&error))?;
            Ok((summary, report::count_open(library)?))
        });
        let (summary, agreements) = summary.await?;
        Ok(StatusReport {
            peer_id: inner.peer.to_string(),
            owner: inner.owner_id.to_string(),
            listening: net.listening,
            reachability: match net.reachability {
                Reachability::Public => "public",
                Reachability::Private => "private",
                Reachability::Unknown => "unknown",
            }
            .to_owned(),
            peers: net.connected_peers,
            relays: relays(&net.external),
            network: inner.network.name.clone(),
            files: summary.files,
            bytes: summary.bytes,
            health: self.overall_health().await?.worst,
            transfers: inner.transfers.list(),
            agreements,
            money: inner.wallet.money(),
            balance_xlm: inner.wallet.balance().await.map(|balance| balance.to_string()),
            contract_life: Box::pin(inner.wallet.contract_life()).await,
            hosting: inner.host.space().await,
            audits_behind: inner.owner.audit_budget().behind(),
            traffic: Traffic { up_bytes: net.bytes_out, down_bytes: net.bytes_in },
        })
    }

    /// The limits of all transfers.
    pub fn bandwidth(&self) -> BandwidthReport {
        self.inner.bandwidth.report()
    }

    /// Changes the limits of all transfers; those under way follow within a second.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] for a schedule that is none; [`ErrorCode::LocalFile`].
    pub async fn bandwidth_set(&self, settings: BandwidthSettings) -> Result<BandwidthReport, NodeError> {
        self.inner.bandwidth.set(settings).await
    }

    /// Stops in order, in under five seconds: operations are cancelled and park themselves, tasks end, the disk finishes
    /// what it was asked, connections close, the home is given back. A second call does nothing more.
    pub async fn stop(&self) {
        self.stop_with(async {}).await;
    }

    /// [`Node::stop`] with the end of what serves this node alone, such as hosts in its own process: that begins once what
    /// moves is parked, and the home is not given back before it is over.
    pub async fn stop_with(&self, others: impl Future<Output = ()>) {
        let inner = &self.inner;
        self.tell(NodeEvent::Stopping);
        inner.cancel.cancel();
        inner.transfers.cancel_all();
        inner.tasks.close();
        inner.owner.hosts().close().await;
        if timeout(TASKS_DEADLINE, inner.tasks.wait()).await.is_err() {
            tracing::warn!(left = inner.tasks.len(), "some tasks did not end in time");
        }
        let own = async {
            if timeout(DISK_DEADLINE, inner.host.close()).await.is_err() {
                tracing::warn!("the disk is still busy; what it does is safe to interrupt");
            }
            inner.net.shutdown().await;
        };
        tokio::join!(own, others);
        // Also while a thread that nobody waits for still asks it something: whoever takes the home next finds it free.
        let (library, keeping) = (inner.library.clone(), inner.delegates.keeping.clone());
        let closing = crate::threads::spawn_blocking(move || {
            library.close();
            keeping.close();
        });
        if timeout(DISK_DEADLINE, closing).await.is_err() {
            tracing::warn!("the library is still being written to; what it writes is whole or not there");
        }
        drop(inner.lock.lock().take());
    }

    /// The queue of transfers.
    pub(crate) fn queue(&self) -> &Queue {
        &self.inner.queue
    }

    /// The owner's side.
    pub(crate) fn owner(&self) -> &Owner {
        &self.inner.owner
    }

    /// What happened.
    pub(crate) fn happenings(&self) -> &Activity {
        &self.inner.activity
    }

    /// The long-lived tasks.
    pub(crate) fn background(&self) -> &Background {
        &self.inner.background
    }

    /// Cancelled when the node stops.
    pub(crate) fn stopping(&self) -> &CancellationToken {
        &self.inner.cancel
    }

    /// Runs a question to the library on a blocking thread.
    pub(crate) async fn library<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Library) -> Result<T, NodeError> + Send + 'static,
    ) -> Result<T, NodeError> {
        let library = self.inner.library.clone();
        crate::threads::spawn_blocking(move || work(&library)).await.map_err(|error| thread_lost(&error))?
    }

    pub(crate) fn tell(&self, event: NodeEvent) {
        // Nobody listening is fine.
        let _ = self.inner.events.send(event);
    }
}

async fn attach(
    choice: NetworkChoice,
    secrets: &StoredSecrets,
    network: &NetworkFile,
    home: &Home,
) -> Result<Attached, NodeError> {
    match choice {
        NetworkChoice::Attached(attached) => Ok(attached),
        NetworkChoice::Libp2p { listen } => {
            let options = Libp2pOptions {
                device_secret: secrets.device_secret.clone(),
                network: network.clone(),
                role: Role::Node,
                listen,
                state_dir: home.network_cache(),
            };
            Libp2pNet::start(options).await
        }
    }
}

/// The owner's side.
fn owner_of(
    (home, network, keys): (&Home, &NetworkFile, &OwnerKeys),
    library: &Library,
    net: &Arc<dyn Net>,
    audits: AuditsConfig,
    (surroundings, background, events): (&Surroundings, &Background, &broadcast::Sender<NodeEvent>),
) -> Result<Owner, NodeError> {
    let owner = Owner::new(OwnerParts {
        library: library.clone(),
        net: Arc::clone(net),
        network: &network.name,
        secrets: Arc::new(codec_secrets(keys)),
        library_key: LibraryKey::from_bytes(*keys.library_key()),
        certificate: certify(keys, net.local_peer(), surroundings)?,
        surroundings: surroundings.clone(),
        home: home.dir(),
        audits,
        background,
        events: events.clone(),
    });
    owner.map_err(leftovers_stay)
}

pub(crate) fn codec_secrets(keys: &OwnerKeys) -> CodecSecrets {
    CodecSecrets {
        chunk_id_key: *keys.chunk_id_key(),
        chunk_key_secret: *keys.chunk_key_secret(),
        blind_secret: *keys.blind_secret(),
        chunker_seed: keys.chunker_seed(),
    }
}

fn leftovers_stay(error: impl std::fmt::Display) -> NodeError {
    NodeError::new(ErrorCode::LocalFile, format!("What an earlier download left cannot be cleared: {error}."))
}

/// The owner's word that this device acts for them. Made anew at each start, with the serial 1 that every first device
/// certificate has: it names the same device and owner each time.
fn certify(keys: &OwnerKeys, device: PeerId, surroundings: &Surroundings) -> Result<Vec<u8>, NodeError> {
    let issued_at_unix_s = surroundings.clock.now_unix_s();
    let subject = CertificateSubject { device, serial: 1, issued_at_unix_s, name: None };
    DeviceCertificate::issue(keys, subject).map(|certificate| certificate.encode()).map_err(|error| {
        NodeError::new(ErrorCode::Internal, format!("The device cannot be certified: {error}."))
    })
}

fn thread_lost(error: &tokio::task::JoinError) -> NodeError {
    NodeError::new(ErrorCode::Internal, format!("A thread of the library ended unexpectedly: {error}."))
}

/// Relays among the addresses under which others reach a node: a circuit begins with its relay's own.
fn relays(external: &[String]) -> u64 {
    let relay =
        |address: &String| Some(address.split_once("/p2p-circuit")?.0.rsplit_once("/p2p/")?.1.to_owned());
    external.iter().filter_map(relay).collect::<BTreeSet<_>>().len() as u64
}

/// Why a library cannot be opened, for people.
pub(crate) fn library_unusable(error: &layr_library::OpenError) -> NodeError {
    use layr_library::OpenError;
    let code = match error {
        OpenError::LockedByOther { .. } => ErrorCode::HomeInUse,
        OpenError::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
            ErrorCode::DiskFull
        }
        OpenError::Io { .. } => ErrorCode::LocalFile,
        OpenError::OtherOwner { .. } => ErrorCode::OtherOwner,
        OpenError::Missing { .. } => ErrorCode::NotFound,
        OpenError::Store { source, .. } => crate::catalogue::store_error(source).code,
        _ => ErrorCode::DatabaseUnusable,
    };
    let cause = std::error::Error::source(error).map(|source| format!(" ({source})")).unwrap_or_default();
    NodeError::new(code, crate::upload::sentence(&format!("{error}{cause}")))
}
