//! The host's side: lends space, takes shards in, gives them out, keeps its offer current.
//!
//! One accept task hands each incoming stream to a task of its own; what streams may take together is bounded in
//! [`admission`]. All disk work happens on blocking threads. A stream that breaks the protocol, stalls or exceeds a
//! bound is refused in words where that costs nothing, and reset otherwise; whatever its upload had reserved is released.
//!
//! | limit | bound |
//! |---|---|
//! | streams in total, per peer | [`MAX_STREAMS`], [`MAX_STREAMS_PER_PEER`] |
//! | requests of a peer | 512 a second, [`BURST_REQUESTS`] at once |
//! | leaves proven to a peer | 256 a second, [`BURST_LEAVES`] at once; one audit at a time |
//! | bytes read for them | 64 MiB a second, [`BURST_READ_BYTES`] at once |
//! | frames, either way | [`FRAME_TIMEOUT`]; the one after a shard [`STALL_TIMEOUT`] |
//! | progress while bytes move | [`MIN_PROGRESS_BYTES`] in [`STALL_TIMEOUT`] |
//! | shard bytes in memory | see `blocks` |
//! | vault calls, proofs at once | see `admission` |

mod admission;
mod agreements;
mod audit;
mod blocks;
mod certificates;
mod entrust;
mod get;
mod leaf_rate;
mod leaving;
mod maintenance;
mod offer;
mod peer_moments;
mod progress;
mod put;
mod rate_limit;
mod refusal;
mod request_rate;
mod requests;
mod settings;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use layr_keys::DeviceKey;
use layr_library::Library;
use layr_vault::{ReconcileReport, Vault};
use parking_lot::{Mutex, RwLock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, broadcast, mpsc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::admission::{Admission, Verdict};
pub use self::admission::{MAX_STREAMS, MAX_STREAMS_PER_PEER};
use self::agreements::{AgreementDesk, DeskParts};
use self::certificates::Certificates;
use self::leaf_rate::LeafRate;
pub use self::leaf_rate::{BURST_LEAVES, BURST_READ_BYTES};
pub use self::leaving::{DEFAULT_LEAVE_S, SHORTEST_LEAVE_S};
use self::offer::OfferDesk;
pub use self::progress::{MIN_PROGRESS_BYTES, STALL_TIMEOUT};
use self::rate_limit::RateLimit;
pub use self::request_rate::BURST_REQUESTS;
pub use self::settings::set_offline;
pub(crate) use self::settings::{VaultAtStart, open_at_start};
use crate::activity::Activity;
use crate::agreements::AgreementLedger;
use crate::background::Background;
use crate::clock::{Clock, Entropy};
use crate::delegate::Keeping;
use crate::home::{Home, HostingConfig};
use crate::net::{BoxStream, Incoming, Net};
use crate::node::NodeEvent;
use crate::wire::{FrameError, Refusal, Request, Response, read_frame, write_frame};

/// A caller has this long to send a whole frame, a request or the trailer of an upload, and to take an answer. Frames are
/// small, so that only a dead or hostile peer takes longer.
pub const FRAME_TIMEOUT: Duration = Duration::from_secs(10);
/// After a refusal the stream is read for this long before it is dropped, so that the answer arrives before the reset.
const LINGER: Duration = Duration::from_secs(2);
/// Bytes thrown away while lingering: what was under way when the refusal was said.
const LINGER_BYTES: u64 = 1024 * 1024;

/// What a host is made of.
pub(crate) struct HostParts {
    pub(crate) home: Home,
    pub(crate) network: String,
    pub(crate) device: DeviceKey,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) net: Arc<dyn Net>,
    pub(crate) settings: HostingConfig,
    pub(crate) vault: VaultAtStart,
    pub(crate) activity: Activity,
    /// Where agreements are recorded.
    pub(crate) library: Library,
    /// Where hosts are paid, if that is so here.
    pub(crate) ledger: Option<AgreementLedger>,
    pub(crate) entropy: Arc<dyn Entropy>,
    /// What this node looks after for other owners.
    pub(crate) keeping: Keeping,
    /// Where it is told that hosting ended by itself.
    pub(crate) events: broadcast::Sender<NodeEvent>,
}

/// The host's service. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Host {
    service: Arc<Service>,
}

/// State that all requests share.
pub(crate) struct Service {
    home: Home,
    clock: Arc<dyn Clock>,
    net: Arc<dyn Net>,
    settings: RwLock<HostingConfig>,
    /// Serialises changes of the settings with the file that they share with others.
    config_change: Arc<tokio::sync::Mutex<()>>,
    vault: RwLock<Option<Vault>>,
    /// Why there is no vault though one lies here, until one is opened after all.
    unusable: RwLock<Option<String>>,
    admission: Admission,
    leaf_rate: LeafRate,
    auditing: audit::Auditing,
    certificates: Certificates,
    keeping: Keeping,
    agreements: AgreementDesk,
    activity: Activity,
    events: broadcast::Sender<NodeEvent>,
    /// What the vault was found to have lost when it was opened, until somebody is told.
    found_at_start: Mutex<Option<ReconcileReport>>,
    desk: OfferDesk,
    offer_changed: Notify,
    up: RateLimit,
    down: RateLimit,
}

/// Why a request came to its end before it was served.
#[derive(Debug)]
enum Ended {
    /// The caller is told.
    Refused(Refusal),
    /// The stream broke or spoke nonsense: it is reset.
    Broken(FrameError),
    /// The caller stopped sending or reading: it is reset.
    Stalled,
}

impl From<Refusal> for Ended {
    fn from(reason: Refusal) -> Self {
        Self::Refused(reason)
    }
}

impl From<FrameError> for Ended {
    fn from(source: FrameError) -> Self {
        match source {
            FrameError::Stream { .. } => Self::Broken(source),
            _ => Self::Refused(Refusal::BadRequest),
        }
    }
}

impl From<std::io::Error> for Ended {
    fn from(source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::TimedOut => Self::Stalled,
            _ => Self::Broken(source.into()),
        }
    }
}

impl Host {
    pub(crate) fn new(parts: HostParts) -> Self {
        let VaultAtStart { opened, unusable } = parts.vault;
        let (vault, found) = opened.map(|opened| (opened.vault, opened.found)).unzip();
        let agreements = AgreementDesk::new(DeskParts {
            library: parts.library,
            ledger: parts.ledger,
            entropy: parts.entropy,
            device: &parts.device,
            promised: parts.home.promised(),
        });
        let service = Service {
            agreements,
            desk: OfferDesk::new(parts.network, parts.device),
            up: RateLimit::default(),
            down: RateLimit::default(),
            home: parts.home,
            clock: parts.clock,
            net: parts.net,
            settings: RwLock::new(parts.settings),
            config_change: Arc::default(),
            vault: RwLock::new(vault),
            unusable: RwLock::new(unusable),
            activity: parts.activity,
            keeping: parts.keeping,
            events: parts.events,
            found_at_start: Mutex::new(found),
            admission: Admission::new(),
            leaf_rate: LeafRate::default(),
            auditing: audit::Auditing::default(),
            certificates: Certificates::default(),
            offer_changed: Notify::new(),
        };
        service.follow_schedule();
        Self { service: Arc::new(service) }
    }

    /// Held while the configuration's file is changed, whatever part of it.
    pub(crate) fn config_change(&self) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(&self.service.config_change)
    }

    /// Starts the accept task, the maintenance task and the publication of offers. All end with `cancel`; streams under
    /// way are dropped then, and their reservations with them.
    pub(crate) fn start(
        &self,
        incoming: mpsc::Receiver<Incoming>,
        tasks: &TaskTracker,
        cancel: &CancellationToken,
        background: &Background,
    ) {
        let accept = Arc::clone(&self.service).accept(incoming, tasks.clone(), cancel.clone());
        tasks.spawn(cancel.clone().run_until_cancelled_owned(accept));
        let service = Arc::clone(&self.service);
        let task = background.task(
            "Care for lent space",
            "Gives back space whose data never came, reads what is stored for others again in time, and watches the disk.",
        );
        tasks.spawn(cancel.clone().run_until_cancelled_owned(async move { service.maintain(&task).await }));
        let service = Arc::clone(&self.service);
        let task = background.task(
            "Publishing the offer",
            "Tells the network how much space this computer lends. Without space to lend it has nothing to do.",
        );
        let publish = async move { service.publish_offers(&task).await };
        tasks.spawn(cancel.clone().run_until_cancelled_owned(publish));
        if self.service.agreements.is_paid() {
            let service = Arc::clone(&self.service);
            let task = background.task(
                "Care for what hosting earns",
                "Looks at the ledger, proves there what owners do not ask for, and sees to it that this computer is paid when a term is over.",
            );
            let care = async move { service.keep_agreements(&task).await };
            tasks.spawn(cancel.clone().run_until_cancelled_owned(care));
        }
    }
}

impl Host {
    /// Waits until no vault call is running any more, and closes the vault. Called when no stream is served any more.
    pub(crate) async fn close(&self) {
        self.service.admission.all_blocking().await;
        *self.service.vault.write() = None;
    }
}

impl Service {
    async fn accept(
        self: Arc<Self>,
        mut incoming: mpsc::Receiver<Incoming>,
        tasks: TaskTracker,
        cancel: CancellationToken,
    ) {
        while let Some(stream) = incoming.recv().await {
            match self.admission.admit(stream.peer) {
                Verdict::Serve(permit) => {
                    let service = Arc::clone(&self);
                    let serve = async move {
                        let _permit = permit;
                        service.serve(stream).await;
                    };
                    tasks.spawn(cancel.clone().run_until_cancelled_owned(serve));
                }
                Verdict::TurnAway(permit) => {
                    let turn_away = async move {
                        let _permit = permit;
                        refuse(stream.stream, Refusal::Busy).await;
                    };
                    tasks.spawn(cancel.clone().run_until_cancelled_owned(turn_away));
                }
                Verdict::Drop => drop(stream),
            }
        }
    }

    /// Serves one stream from its request to its end.
    async fn serve(&self, incoming: Incoming) {
        let Incoming { peer, relayed, mut stream } = incoming;
        let outcome = match timeout(FRAME_TIMEOUT, read_frame::<Request>(&mut stream)).await {
            Err(_) => Err(Ended::Stalled),
            Ok(Err(error)) => Err(error.into()),
            Ok(Ok(request)) => self.dispatch(peer, relayed, &mut stream, request).await,
        };
        match outcome {
            Ok(()) => {
                let _ = timeout(FRAME_TIMEOUT, stream.shutdown()).await;
            }
            Err(Ended::Refused(reason)) => refuse(stream, reason).await,
            Err(Ended::Stalled) => tracing::debug!(%peer, "a stream stalled and was dropped"),
            Err(Ended::Broken(error)) => tracing::debug!(%peer, %error, "a stream broke"),
        }
    }

    fn settings(&self) -> HostingConfig {
        self.settings.read().clone()
    }

    /// The vault, whether or not new shards are accepted: what is stored is served as long as it lies here.
    fn vault(&self) -> Option<Vault> {
        self.vault.read().clone()
    }

    /// Why the vault that lies here is not open; none where there is nothing to open, and while its disk is away.
    fn unusable(&self) -> Option<String> {
        self.unusable.read().clone()
    }

    /// The vault that has what is stored for others; none if there never was one, and nothing of anybody. A host whose vault
    /// is away has lost nothing, and must not say so.
    fn stored_vault(&self) -> Result<Option<Vault>, Refusal> {
        let vault = self.vault();
        if vault.is_none() && (self.settings.read().has_vault || self.unusable().is_some()) {
            return Err(Refusal::DiskUnusable);
        }
        Ok(vault)
    }

    /// The vault, if this node lends space and does not leave. Whether it is paused or full the vault knows itself.
    fn lending_vault(&self) -> Result<Vault, Refusal> {
        let settings = self.settings();
        let is_lending = settings.enabled && settings.leaves_unix_s.is_none();
        self.vault().filter(|_| is_lending).ok_or(Refusal::NotHosting)
    }

    /// Runs a vault call on a blocking thread; no more than a bounded number run at once.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let permit = self.admission.blocking().await.ok_or(Refusal::Busy)?;
        // The permit comes back with the result: a caller that is gone drops both here, the vault's handle in it first.
        let job = crate::threads::spawn_blocking(move || (work(), permit));
        job.await.map(|(outcome, _permit)| outcome).map_err(|_| Refusal::DiskUnusable)
    }

    /// Free space is another than the published offer says.
    fn space_changed(&self) {
        self.offer_changed.notify_one();
    }
}

/// Says something else than a refusal. A caller who gives its stream no room would keep its place, and what it had reserved,
/// for ever.
async fn answer(stream: &mut BoxStream, response: &Response) -> Result<(), Ended> {
    timeout(FRAME_TIMEOUT, write_frame(stream, response)).await.map_err(|_| Ended::Stalled)??;
    Ok(())
}

/// Says why not, and waits a moment for the caller to hear it.
async fn refuse(mut stream: BoxStream, reason: Refusal) {
    let say = async {
        write_frame(&mut stream, &Response::Refused { reason }).await.ok()?;
        stream.shutdown().await.ok()?;
        let mut rest = stream.take(LINGER_BYTES);
        let mut bin = [0; 4096];
        while rest.read(&mut bin).await.is_ok_and(|count| count > 0) {}
        Some(())
    };
    let _ = timeout(LINGER, say).await;
}
