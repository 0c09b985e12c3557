//! What this node looks after for other owners: a library for each, in a directory of its own.
//!
//! Nothing is taken of an owner whom the person at this node did not accept. A list is taken while the old one goes on being looked
//! after. What was given up is deleted, keys and all.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use layr_codec::CodecSecrets;
use layr_keys::{Delegation, DeviceKey, LogEntry, LogHead, OwnerId, PeerId};
use layr_library::{Library, LibraryKey, OpenError, StoreError, Watch, WatchError, WatchedSegment};
use parking_lot::Mutex;
use tokio::sync::broadcast;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::audit::AuditsConfig;
use crate::background::Background;
use crate::clock::{EntropyError, Surroundings};
use crate::net::Net;
use crate::owner::{Owner, OwnerParts};
use crate::wire::{HostHint, LogNews, MAX_REPORTED, Refusal, Response, WireBytes};

/// Owners for whom one node looks after files: each costs it traffic every day.
pub(crate) const MAX_OWNERS: usize = 16;
/// Ends the name of a directory that is being deleted.
const GONE: &str = "gone";
/// Entries of the log read at once, to find where the owner stands in it.
const LOG_AT_ONCE: usize = 1024;

/// What keeping is made of.
pub(crate) struct KeepingParts {
    /// The directory of all of it.
    pub(crate) dir: PathBuf,
    pub(crate) net: Arc<dyn Net>,
    pub(crate) network: String,
    /// Signs the logs.
    pub(crate) device: DeviceKey,
    /// Seals blind keys on disk.
    pub(crate) library_key: LibraryKey,
    pub(crate) surroundings: Surroundings,
    pub(crate) audits: AuditsConfig,
    /// The person's own: a pause of everything is in it.
    pub(crate) own: Library,
}

/// All owners. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Keeping {
    shared: Arc<Shared>,
}

struct Shared {
    parts: KeepingParts,
    /// By the owner's id as text, which is the directory's name.
    kept: Mutex<BTreeMap<OwnerId, Arc<Kept>>>,
    /// One change of what there is at a time.
    change: tokio::sync::Mutex<()>,
}

/// What is kept for one owner.
pub(crate) struct Kept {
    pub(crate) owner: OwnerId,
    pub(crate) library: Library,
    state: Mutex<KeptState>,
    /// One list comes in at a time.
    taking: Arc<tokio::sync::Mutex<()>>,
    /// Ends the work for this owner, whom nobody here wants to look after any more.
    released: CancellationToken,
}

struct KeptState {
    /// When the owner was last heard, and at first when this node started: nobody knows of the time before.
    heard_at: Instant,
    /// How it is looked after; none before the first list, and anew with each delegation.
    carer: Option<Owner>,
}

/// Why something could not be kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeepError {
    /// There are too many.
    #[error("this node looks after files of {MAX_OWNERS} owners already")]
    TooMany,
    /// The directory.
    #[error("cannot use {}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// The library in it.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The library.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something in it cannot be told.
    #[error("what is to be told does not fit an entry: {reason}")]
    Entry { reason: String },
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// A thread was lost.
    #[error("a thread was lost: {reason}")]
    Thread { reason: String },
}

/// How an owner's files are kept here, for a report.
pub(crate) struct KeptReport {
    pub(crate) owner: OwnerId,
    pub(crate) watch: Watch,
}

impl Keeping {
    /// Opens what is kept. What cannot be opened is left alone and logged; the owner is told that it is not accepted.
    pub(crate) fn open(parts: KeepingParts) -> Self {
        let mut kept = BTreeMap::new();
        for owner in owners_in(&parts.dir) {
            match open_kept(&parts, owner) {
                Ok(one) => drop(kept.insert(owner, Arc::new(one))),
                Err(error) => {
                    tracing::warn!(%owner, %error, "what is looked after for an owner cannot be used");
                }
            }
        }
        let (kept, change) = (Mutex::new(kept), tokio::sync::Mutex::default());
        Self { shared: Arc::new(Shared { parts, kept, change }) }
    }

    /// Whether the person paused everything.
    pub(crate) async fn is_paused(&self) -> Result<bool, KeepError> {
        let keeping = self.clone();
        Ok(on_thread(move || keeping.shared.parts.own.is_paused()).await??)
    }

    /// All that is kept.
    pub(crate) fn all(&self) -> Vec<Arc<Kept>> {
        self.shared.kept.lock().values().cloned().collect()
    }

    fn of(&self, owner: OwnerId) -> Result<Arc<Kept>, Refusal> {
        self.shared.kept.lock().get(&owner).cloned().ok_or(Refusal::NotAccepted)
    }

    /// Agrees to look after files of this owner; nothing happens before it gives a list. Tells whether that is new.
    pub(crate) async fn accept(&self, owner: OwnerId) -> Result<bool, KeepError> {
        let _change = self.shared.change.lock().await;
        {
            let kept = self.shared.kept.lock();
            if kept.contains_key(&owner) {
                return Ok(false);
            }
            if kept.len() >= MAX_OWNERS {
                return Err(KeepError::TooMany);
            }
        }
        let shared = Arc::clone(&self.shared);
        let one = on_thread(move || open_kept(&shared.parts, owner)).await??;
        self.shared.kept.lock().insert(owner, Arc::new(one));
        Ok(true)
    }

    /// Forgets an owner and everything of it. Tells whether there was one.
    pub(crate) async fn release(&self, owner: OwnerId) -> Result<bool, KeepError> {
        let _change = self.shared.change.lock().await;
        let one = self.shared.kept.lock().remove(&owner);
        let dir = dir_of(&self.shared.parts.dir, owner);
        on_thread(move || {
            if let Some(one) = &one {
                one.released.cancel();
                one.library.close();
            }
            let gone = dir.with_extension(GONE);
            // What could not be deleted the last time would be in the way.
            remove_all(&gone)?;
            // In one step, so that what is half deleted is not taken for an owner whom somebody accepted.
            let is_left = match std::fs::rename(&dir, &gone) {
                Ok(()) => true,
                Err(source) if source.kind() == io::ErrorKind::NotFound => false,
                Err(source) => return Err(KeepError::Io { path: dir, source }),
            };
            if is_left && let Some(parent) = dir.parent() {
                // A power cut brings nobody back whom the person revoked.
                let synced = std::fs::File::open(parent).and_then(|parent| parent.sync_all());
                synced.map_err(|source| KeepError::Io { path: parent.to_owned(), source })?;
            }
            remove_all(&gone)?;
            Ok(is_left || one.is_some())
        })
        .await?
    }

    /// Lets go of the databases.
    pub(crate) fn close(&self) {
        for one in self.all() {
            one.library.close();
        }
    }

    /// What is kept for whom.
    pub(crate) async fn report_all(&self) -> Result<Vec<KeptReport>, KeepError> {
        let kept = self.all();
        on_thread(move || {
            let report =
                |one: &Arc<Kept>| Ok(KeptReport { owner: one.owner, watch: one.library.watch_state()? });
            kept.iter().map(report).collect()
        })
        .await?
    }

    /// A list of this owner comes in.
    pub(crate) async fn begin(&self, owner: OwnerId, delegation: Vec<u8>) -> Result<Taking, Refusal> {
        let kept = self.of(owner)?;
        let turn = Arc::clone(&kept.taking).try_lock_owned().map_err(|_| Refusal::Busy)?;
        kept.heard();
        let now_unix_s = self.shared.parts.surroundings.clock.now_unix_s();
        let (one, given) = (Arc::clone(&kept), delegation.clone());
        let begin = move || {
            let before = one.library.watch_state()?.delegation;
            Ok((before, one.library.begin_watch(&given, now_unix_s)?))
        };
        let taken = on_thread(begin).await.map_err(|_| Refusal::DiskUnusable)?;
        let (before, list) = taken.map_err(|error: WatchError| kept.refusal_of(&error))?;
        if before.as_ref() != Some(&delegation) || kept.carer().is_none() {
            let carer =
                carer(&self.shared.parts, &kept.library, delegation).map_err(|_| Refusal::DiskUnusable)?;
            kept.state.lock().carer = Some(carer);
        }
        Ok(Taking { kept, list, keeping: self.clone(), _turn: turn })
    }

    /// What became of what is looked after since entry `after`, which the owner has, with all before it.
    pub(crate) async fn report(&self, owner: OwnerId, after: u64) -> Result<Response, Refusal> {
        let kept = self.of(owner)?;
        kept.heard();
        let (keeping, told) = (self.clone(), Arc::clone(&kept));
        let page = on_thread(move || keeping.page(&kept, after)).await.map_err(|_| Refusal::DiskUnusable)?;
        page.map_err(|error| {
            tracing::warn!(%owner, %error, "an owner cannot be told what became of its files");
            told.refusal(Refusal::DiskUnusable)
        })?
        .ok_or(Refusal::NotFound)
    }

    /// None where what is told and what is asked for do not fit: the owner has more than was ever said, or less than it has taken.
    fn page(&self, kept: &Kept, after: u64) -> Result<Option<Response>, KeepError> {
        let now_unix_s = self.shared.parts.surroundings.clock.now_unix_s();
        kept.library.owner_heard(now_unix_s)?;
        let Watch { told: mut head, untold, .. } = kept.library.watch_state()?;
        if after < head.number || after > head.number.saturating_add(untold) {
            return Ok(None);
        }
        while head.number < after {
            let taken = kept.library.untold(LOG_AT_ONCE)?;
            let before = head;
            for news in taken.into_iter().filter(|news| news.number <= after) {
                head = self.entry(kept, head, news.into())?.head();
            }
            if head == before {
                return Ok(None);
            }
            kept.library.log_taken(head)?;
        }
        let news = kept.library.untold(MAX_REPORTED + 1)?;
        let is_last = news.len() <= MAX_REPORTED;
        let news: Vec<_> = news.into_iter().take(MAX_REPORTED).collect();
        let peers = news.iter().map(|news| news.host).collect();
        let addresses = kept.library.host_addresses(&peers)?;
        let mut entries = Vec::new();
        for each in news {
            let entry = self.entry(kept, head, each.into())?;
            head = entry.head();
            entries.push(WireBytes(entry.encode()));
        }
        let hosts = addresses.iter().map(|(peer, addresses)| HostHint::new(*peer, addresses)).collect();
        Ok(Some(Response::Report { entries, hosts, is_last }))
    }

    /// The same entry each time it is asked for: signatures of this kind have no chance in them.
    fn entry(&self, kept: &Kept, head: LogHead, news: LogNews) -> Result<LogEntry, KeepError> {
        let unfit = |reason: String| KeepError::Entry { reason };
        let payload = minicbor::to_vec(news).map_err(|error| unfit(error.to_string()))?;
        LogEntry::next(head, kept.owner, payload, &self.shared.parts.device)
            .map_err(|error| unfit(error.to_string()))
    }
}

impl Kept {
    fn heard(&self) {
        self.state.lock().heard_at = Instant::now();
    }

    /// When the owner was last heard.
    pub(crate) fn heard_at(&self) -> Instant {
        self.state.lock().heard_at
    }

    /// How it is looked after, while its delegation holds.
    pub(crate) fn carer(&self) -> Option<Owner> {
        self.state.lock().carer.clone()
    }

    /// What `work` comes to; none where the owner is given up before: nothing more is asked or stored then.
    pub(crate) async fn unless_released<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.released.cancelled() => None,
            done = work => Some(done),
        }
    }

    fn refusal_of(&self, error: &WatchError) -> Refusal {
        tracing::warn!(%error, "what an owner entrusts cannot be taken");
        self.refusal(match error {
            WatchError::BadSegment { .. } | WatchError::TooMuch => Refusal::BadRequest,
            _ => Refusal::DiskUnusable,
        })
    }

    /// Nothing can be used that was given up meanwhile, and that is the reason to be told.
    fn refusal(&self, otherwise: Refusal) -> Refusal {
        if self.released.is_cancelled() { Refusal::NotAccepted } else { otherwise }
    }
}

/// A list that is coming in.
pub(crate) struct Taking {
    kept: Arc<Kept>,
    list: u64,
    keeping: Keeping,
    _turn: tokio::sync::OwnedMutexGuard<()>,
}

impl Taking {
    /// Takes a part of it.
    pub(crate) async fn take(
        &self,
        hosts: Vec<(PeerId, Vec<String>)>,
        segments: Vec<WatchedSegment>,
    ) -> Result<(), Refusal> {
        let (kept, keeping, list) = (Arc::clone(&self.kept), self.keeping.clone(), self.list);
        let take = move || kept.library.watch(list, &hosts, &segments, &keeping.shared.parts.library_key);
        on_thread(take)
            .await
            .map_err(|_| Refusal::DiskUnusable)?
            .map_err(|error| self.kept.refusal_of(&error))
    }

    /// It is whole. Returns how many segments are looked after now.
    pub(crate) async fn end(&self) -> Result<u64, Refusal> {
        let (kept, list) = (Arc::clone(&self.kept), self.list);
        kept.heard();
        let ended = on_thread(move || kept.library.end_watch(list)).await;
        ended.map_err(|_| Refusal::DiskUnusable)?.map_err(|error| self.kept.refusal_of(&error.into()))
    }
}

fn remove_all(dir: &Path) -> Result<(), KeepError> {
    match std::fs::remove_dir_all(dir) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(KeepError::Io { path: dir.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// Whose directories lie there.
fn owners_in(dir: &Path) -> Vec<OwnerId> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    for name in names.iter().filter(|name| name.ends_with(GONE)) {
        if let Err(error) = std::fs::remove_dir_all(dir.join(name)) {
            tracing::warn!(name, %error, "what was looked after for an owner is not deleted yet");
        }
    }
    let mut owners: Vec<OwnerId> = names.iter().filter_map(|name| name.parse().ok()).collect();
    owners.sort();
    owners.truncate(MAX_OWNERS);
    owners
}

fn dir_of(dir: &Path, owner: OwnerId) -> PathBuf {
    dir.join(owner.to_string())
}

fn open_kept(parts: &KeepingParts, owner: OwnerId) -> Result<Kept, KeepError> {
    let dir = dir_of(&parts.dir, owner);
    make_private(&dir)?;
    let path = dir.join(Library::FILE_NAME);
    let entropy = || {
        let entropy = Arc::clone(&parts.surroundings.entropy);
        layr_library::Entropy::from_fn(move |out| entropy.fill(out).map_err(io::Error::other))
    };
    let now = parts.surroundings.clock.now_unix_s();
    let library = match Library::open(&path, owner, entropy(), now) {
        Err(OpenError::Missing { .. }) => Library::create(&path, owner, entropy(), now)?,
        other => other?,
    };
    let carer = match library.watch_state()?.delegation {
        Some(delegation) => Some(carer(parts, &library, delegation)?),
        None => None,
    };
    let state = Mutex::new(KeptState { heard_at: Instant::now(), carer });
    Ok(Kept { owner, library, state, taking: Arc::default(), released: CancellationToken::new() })
}

fn make_private(dir: &Path) -> Result<(), KeepError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|source| KeepError::Io { path: dir.to_owned(), source })
}

/// Audits and repairs run on a list as on one's own library, with the delegation shown to hosts.
fn carer(parts: &KeepingParts, library: &Library, delegation: Vec<u8>) -> Result<Owner, KeepError> {
    // Nobody's: what would be coded with them nobody could open. A delegate codes nothing, and blinds with the keys of the list.
    let mut keys = Zeroizing::new([0; 104]);
    parts.surroundings.entropy.fill(keys.as_mut_slice())?;
    let key = |at: usize| {
        let mut key = [0; 32];
        key.copy_from_slice(keys.get(at..at + 32).unwrap_or(&[0; 32]));
        key
    };
    let secrets = CodecSecrets {
        chunk_id_key: key(0),
        chunk_key_secret: key(32),
        blind_secret: key(64),
        chunker_seed: 0,
    };
    // How its search for hosts fares is of no interest to the person at this node.
    let events = broadcast::Sender::new(1);
    let background = Background::new(Arc::clone(&parts.surroundings.clock), events.clone());
    let home = library.path().parent().unwrap_or(&parts.dir);
    let owner = Owner::new(OwnerParts {
        library: library.clone(),
        net: Arc::clone(&parts.net),
        network: &parts.network,
        secrets: Arc::new(secrets),
        library_key: parts.library_key.clone(),
        certificate: delegation,
        surroundings: parts.surroundings.clone(),
        home,
        audits: parts.audits.clone(),
        background: &background,
        events,
    });
    owner.map_err(|source| KeepError::Io { path: home.to_owned(), source })
}

/// Whether a delegation on record holds now, for this device.
pub(super) fn holds(delegation: &[u8], device: PeerId, now_unix_s: u64) -> bool {
    Delegation::decode(delegation).is_ok_and(|given| given.verify_for(device, now_unix_s).is_ok())
}

async fn on_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, KeepError> {
    crate::threads::spawn_blocking(work)
        .await
        .map_err(|source| KeepError::Thread { reason: source.to_string() })
}
