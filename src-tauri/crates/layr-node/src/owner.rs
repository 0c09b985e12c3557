//! The owner's side of a node: what uploads, downloads and checks share.

use std::path::Path;
use std::sync::Arc;

use layr_codec::CodecSecrets;
use layr_library::{Library, LibraryKey, ManifestKeys};
use parking_lot::Mutex;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, broadcast};

use crate::audit::{AuditBudget, AuditsConfig};
use crate::background::Background;
use crate::client::Client;
use crate::clock::Surroundings;
use crate::discovery::Hosts;
use crate::letting_go::LettingGo;
use crate::net::Net;
use crate::node::NodeEvent;
use crate::repair::RepairTraffic;
use crate::temporaries::Temporaries;
use crate::upload::InFlight;
use crate::workers::{WorkerLost, Workers};

/// Segments in memory at once, over all uploads: one is filled while two are sent. At 10 of 30 that is 3 × 44 MiB, which with
/// the rings, a batch of content and the connections stays below 256 MiB.
const SEGMENTS_IN_MEMORY: u32 = 3;

/// What an owner is made of.
pub struct OwnerParts<'a> {
    /// The library, open for writing.
    pub library: Library,
    /// The network.
    pub net: Arc<dyn Net>,
    /// Name of the network: offers of another one are refused.
    pub network: &'a str,
    /// What coding depends on.
    pub secrets: Arc<CodecSecrets>,
    /// Key that seals manifests of the owner's own.
    pub library_key: LibraryKey,
    /// This device's certificate, encoded.
    pub certificate: Vec<u8>,
    /// Time and randomness.
    pub surroundings: Surroundings,
    /// Directory of the home; the journal of temporaries lies there.
    pub home: &'a Path,
    /// What audits that nobody asks for may take.
    pub audits: AuditsConfig,
    /// The list of long-lived tasks.
    pub(crate) background: &'a Background,
    /// Where it is told what becomes of the library.
    pub(crate) events: broadcast::Sender<NodeEvent>,
}

/// The owner's side of a node. Cheap to clone; all clones are the same owner.
#[derive(Clone)]
pub struct Owner {
    shared: Arc<Shared>,
}

struct Shared {
    library: Library,
    client: Client,
    hosts: Hosts,
    secrets: Arc<CodecSecrets>,
    library_key: LibraryKey,
    surroundings: Surroundings,
    temporaries: Temporaries,
    workers: Workers,
    in_flight: InFlight,
    letting_go: LettingGo,
    audit_budget: AuditBudget,
    repair_traffic: Mutex<RepairTraffic>,
    segment_permits: Arc<Semaphore>,
    sending: Arc<Semaphore>,
    events: broadcast::Sender<NodeEvent>,
}

impl std::fmt::Debug for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Owner").field("client", &self.shared.client).finish_non_exhaustive()
    }
}

impl Owner {
    /// An owner; removes what downloads of an earlier process left behind.
    ///
    /// # Errors
    /// The journal of temporaries cannot be used.
    pub fn new(parts: OwnerParts<'_>) -> std::io::Result<Self> {
        let client = Client::new(Arc::clone(&parts.net), parts.network, parts.certificate);
        let hosts = Hosts::new(
            client.clone(),
            parts.net,
            parts.library.clone(),
            Arc::clone(&parts.surroundings.clock),
            parts.background.task(
                "Looking for hosts",
                "Asks hosts for their terms whenever an upload or a page needs to know.",
            ),
        );
        Ok(Self {
            shared: Arc::new(Shared {
                library: parts.library,
                client,
                hosts,
                secrets: parts.secrets,
                library_key: parts.library_key,
                surroundings: parts.surroundings,
                temporaries: Temporaries::open(parts.home)?,
                workers: Workers::for_this_machine(),
                in_flight: InFlight::default(),
                letting_go: LettingGo::default(),
                audit_budget: AuditBudget::new(parts.audits),
                repair_traffic: Mutex::default(),
                segment_permits: Arc::new(Semaphore::new(SEGMENTS_IN_MEMORY as usize)),
                sending: Arc::new(Semaphore::new(SEGMENTS_IN_MEMORY as usize)),
                events: parts.events,
            }),
        })
    }

    /// The library.
    pub fn library(&self) -> &Library {
        &self.shared.library
    }

    /// Requests to hosts.
    pub fn client(&self) -> &Client {
        &self.shared.client
    }

    /// The hosts that this node knows.
    pub fn hosts(&self) -> &Hosts {
        &self.shared.hosts
    }

    /// Tells that files or their health changed, while what changes them goes on. Nobody listening is fine.
    pub(crate) fn library_changed(&self) {
        let _ = self.shared.events.send(NodeEvent::LibraryChanged);
    }

    /// What coding depends on.
    pub(crate) fn secrets(&self) -> &Arc<CodecSecrets> {
        &self.shared.secrets
    }

    /// Key of the owner's own manifests.
    pub(crate) fn library_key(&self) -> &LibraryKey {
        &self.shared.library_key
    }

    /// The keys that making or importing a manifest needs.
    pub(crate) fn manifest_keys(&self) -> ManifestKeys<'_> {
        ManifestKeys { codec: &self.shared.secrets, library_key: &self.shared.library_key }
    }

    /// Time and randomness.
    pub(crate) fn surroundings(&self) -> &Surroundings {
        &self.shared.surroundings
    }

    /// Where downloads write first.
    pub(crate) fn temporaries(&self) -> &Temporaries {
        &self.shared.temporaries
    }

    /// Where processor and disk work runs.
    pub(crate) fn workers(&self) -> &Workers {
        &self.shared.workers
    }

    /// Chunks on their way.
    pub(crate) fn in_flight(&self) -> &InFlight {
        &self.shared.in_flight
    }

    /// Shards that are looked for, and those that are being deleted.
    pub(crate) fn letting_go(&self) -> &LettingGo {
        &self.shared.letting_go
    }

    /// What repairs have moved.
    pub(crate) fn repair_traffic(&self) -> &Mutex<RepairTraffic> {
        &self.shared.repair_traffic
    }

    /// What audits that nobody asks for may take.
    pub(crate) fn audit_budget(&self) -> &AuditBudget {
        &self.shared.audit_budget
    }

    /// A segment's turn to be sent. While limits of this node hold its streams back segments go one after the other: each host
    /// wants some bytes every half minute, which ninety streams of one low limit would not have for it.
    pub(crate) async fn turn_to_send(&self) -> Result<OwnedSemaphorePermit, AcquireError> {
        let share = if self.client().is_limited() { SEGMENTS_IN_MEMORY } else { 1 };
        Arc::clone(&self.shared.sending).acquire_many_owned(share).await
    }

    /// One permit for each segment in memory.
    pub(crate) fn segment_permits(&self) -> &Arc<Semaphore> {
        &self.shared.segment_permits
    }

    /// Calendar time.
    pub(crate) fn now_unix_s(&self) -> u64 {
        self.shared.surroundings.clock.now_unix_s()
    }

    /// Runs a call of the library on a blocking thread. The library orders its writers itself.
    pub(crate) async fn library_job<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Library) -> T + Send + 'static,
    ) -> Result<T, WorkerLost> {
        let library = self.shared.library.clone();
        crate::threads::spawn_blocking(move || job(&library))
            .await
            .map_err(|source| WorkerLost { reason: source.to_string() })
    }
}
