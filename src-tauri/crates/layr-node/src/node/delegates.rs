//! Delegates of this node's owner, and owners for whom it is one.

use std::sync::Arc;

use layr_keys::{DELEGATION_TOLERANCE_S, Delegation, DeviceKey, OwnerId, OwnerKeys, PeerId, StoredSecrets};
use layr_library::{DelegateRecord, Library, LibraryKey, MAX_ADDRESS_BYTES, MAX_ADDRESSES};

use super::Node;
use crate::activity::Activity;
use crate::api::{DelegateInfo, DelegateRequest, DelegatesReport, EntrustingOwner};
use crate::catalogue::{rfc3339, store_error};
use crate::clock::Surroundings;
use crate::delegate::{
    Delegating, KeepError, Keeping, KeepingParts, MAX_DELEGATES, audit_for_others, repair_for_others,
    visit_in_background,
};
use crate::error::{ErrorCode, NodeError};
use crate::home::{Home, HomeConfig};
use crate::net::Net;
use crate::owner::Owner;

/// Longest name of a delegate, in letters.
const MAX_NAME_CHARS: usize = 64;

/// The two sides of it.
pub(super) struct Delegates {
    delegating: Delegating,
    pub(super) keeping: Keeping,
}

impl Delegates {
    pub(super) fn new(owner: &Owner, keys: OwnerKeys, activity: &Activity, keeping: Keeping) -> Self {
        Self { delegating: Delegating::new(owner.clone(), keys, activity.clone()), keeping }
    }
}

/// Opens what this node looks after for others.
pub(super) async fn open(
    home: &Home,
    net: &Arc<dyn Net>,
    (secrets, keys): (&StoredSecrets, &OwnerKeys),
    (library, config): (&Library, &HomeConfig),
    surroundings: &Surroundings,
) -> Result<Keeping, NodeError> {
    let parts = KeepingParts {
        dir: home.delegated(),
        net: Arc::clone(net),
        network: home.network()?.name,
        device: DeviceKey::from_bytes(&secrets.device_secret),
        library_key: LibraryKey::from_bytes(*keys.library_key()),
        surroundings: surroundings.clone(),
        audits: config.audits.clone(),
        own: library.clone(),
    };
    let opening = crate::threads::spawn_blocking(move || Keeping::open(parts));
    opening.await.map_err(|error| super::thread_lost(&error))
}

impl Node {
    /// Lets another node audit and repair our files. It cannot read them, and does nothing before the person there agrees.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] for what is no peer id, name or address, and where there are too many.
    pub async fn delegate_create(&self, request: DelegateRequest) -> Result<DelegatesReport, NodeError> {
        let peer: PeerId = request.peer_id.parse().map_err(|_| not_a_peer(&request.peer_id))?;
        let DelegateRequest { name, addresses, .. } = request;
        if peer == self.peer_id() {
            return Err(invalid("This is that node itself; name another one."));
        }
        if name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
            return Err(invalid("A name has at most 64 letters, in one line."));
        }
        let is_address = |address: &String| address.starts_with('/') && address.len() <= MAX_ADDRESS_BYTES;
        if addresses.len() > MAX_ADDRESSES || !addresses.iter().all(is_address) {
            return Err(invalid("An address looks like /ip4/203.0.113.7/tcp/4001; at most eight of them."));
        }
        let now_unix_s = self.inner.surroundings.clock.now_unix_s();
        let add = move |library: &Library| {
            let known = library.delegates().map_err(|error| store_error(&error))?;
            if known.len() >= MAX_DELEGATES && known.iter().all(|delegate| delegate.peer != peer) {
                return Err(invalid("There are eight delegates already; revoke one first."));
            }
            library.add_delegate(&peer, &name, &addresses, now_unix_s).map_err(|error| store_error(&error))
        };
        self.library(add).await?;
        self.inner.delegates.delegating.visit_soon();
        self.delegates().await
    }

    /// Agrees to look after files of an owner, who has to name this node as well.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] for what is no owner, and where there are too many; [`ErrorCode::LocalFile`].
    pub async fn delegate_accept(&self, owner: &str) -> Result<DelegatesReport, NodeError> {
        let owner: OwnerId = owner.parse().map_err(|_| not_an_owner(owner))?;
        if owner == self.owner_id() {
            return Err(invalid("These are your own files; this node looks after them anyway."));
        }
        self.inner.delegates.keeping.accept(owner).await?;
        self.delegates().await
    }

    /// Ends it from either side: of a delegate of ours, by its peer id, or of an owner for whom this node works, by the owner's id.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`], [`ErrorCode::InvalidRequest`], [`ErrorCode::LocalFile`].
    pub async fn delegate_revoke(&self, id: &str) -> Result<DelegatesReport, NodeError> {
        if let Ok(owner) = id.parse::<OwnerId>() {
            if !self.inner.delegates.keeping.release(owner).await? {
                return Err(NodeError::new(
                    ErrorCode::NotFound,
                    format!("This node looks after no files of the owner {id}."),
                ));
            }
            return self.delegates().await;
        }
        let peer: PeerId = id.parse().map_err(|_| not_a_peer(id))?;
        self.inner.delegates.delegating.let_go_of_waiting(peer).await;
        let remove = move |library: &Library| {
            let known = library.delegates().map_err(|error| store_error(&error))?;
            library.remove_delegate(&peer).map_err(|error| store_error(&error))?;
            Ok(known.into_iter().find(|delegate| delegate.peer == peer))
        };
        let Some(delegate) = self.library(remove).await? else {
            return Err(NodeError::new(ErrorCode::NotFound, format!("There is no delegate {id}.")));
        };
        // It hears of it if it is there. From now on nothing that it says counts either way.
        let told = self.inner.delegates.delegating.release(&delegate).await;
        let mut report = self.delegates().await?;
        if let Err(error) = told {
            tracing::info!(%peer, %error, "a revoked delegate could not be told");
            // Hosts go by clocks of their own.
            let last_use = |ends: u64| rfc3339(ends.saturating_add(DELEGATION_TOLERANCE_S));
            report.untold_until = delegate.expires_unix_s.map(last_use);
        }
        Ok(report)
    }

    /// Delegates of ours, and owners for whom this node is one.
    ///
    /// # Errors
    /// What a database says.
    pub async fn delegates(&self) -> Result<DelegatesReport, NodeError> {
        let delegates = self.library(|library| library.delegates().map_err(|error| store_error(&error)));
        let delegates = delegates.await?;
        let told = |delegate: &DelegateRecord| DelegateInfo {
            peer_id: delegate.peer.to_string(),
            name: delegate.name.clone(),
            since: rfc3339(delegate.added_unix_s),
            expires: delegate.expires_unix_s.map(rfc3339),
            last_heard: delegate.heard_unix_s.map(rfc3339),
            heard: delegate.log.number,
            placed: delegate.placed,
            refuted: delegate.refuted,
            problem: self.inner.delegates.delegating.problem(delegate.peer),
        };
        let kept = self.inner.delegates.keeping.report_all().await?;
        let owners = kept.into_iter().map(|kept| {
            // It was verified when it came.
            let ends = |given: &Vec<u8>| Some(rfc3339(Delegation::decode(given).ok()?.expires_at_unix_s()));
            EntrustingOwner {
                owner: kept.owner.to_string(),
                expires: kept.watch.delegation.as_ref().and_then(ends),
                last_heard: kept.watch.heard_unix_s.map(rfc3339),
                segments: kept.watch.segments,
                untold: kept.watch.untold,
            }
        });
        Ok(DelegatesReport {
            owner: self.owner_id().to_string(),
            delegates: delegates.iter().map(told).collect(),
            owners: owners.collect(),
            untold_until: None,
        })
    }

    pub(super) fn start_delegates(&self) {
        let (background, cancel) = (self.background(), &self.inner.cancel);
        let Delegates { delegating, keeping } = &self.inner.delegates;
        let task = background.task(
            "Visiting delegates",
            "Hears what nodes did that look after your files for you, and tells them what there is.",
        );
        self.inner.tasks.spawn(visit_in_background(delegating.clone(), cancel.clone(), task));
        let task = background.task(
            "Checking hosts for others",
            "Has hosts prove that they still keep the files of owners for whom this computer agreed to look.",
        );
        self.inner.tasks.spawn(audit_for_others(keeping.clone(), cancel.clone(), task));
        let task = background.task(
            "Repairing for others",
            "Makes lost parts of their files again while those owners are away. It cannot read them.",
        );
        self.inner.tasks.spawn(repair_for_others(keeping.clone(), cancel.clone(), task));
    }
}

fn invalid(words: &str) -> NodeError {
    NodeError::new(ErrorCode::InvalidRequest, words)
}

fn not_a_peer(id: &str) -> NodeError {
    invalid(&format!(
        "{id:?} is no peer id; `layr status` shows a node\u{2019}s own, which begins with 12D3KooW."
    ))
}

fn not_an_owner(id: &str) -> NodeError {
    invalid(&format!(
        "{id:?} is no owner; `layr delegate ls` shows who you are to others, 64 digits and letters a to f."
    ))
}

impl From<KeepError> for NodeError {
    fn from(error: KeepError) -> Self {
        let text = crate::upload::sentence(&error.to_string());
        match error {
            KeepError::TooMany => Self::new(ErrorCode::InvalidRequest, text),
            KeepError::Io { .. } => Self::new(ErrorCode::LocalFile, text),
            KeepError::Open(error) => super::library_unusable(&error),
            KeepError::Store(error) => store_error(&error),
            KeepError::Entropy(_) | KeepError::Entry { .. } | KeepError::Thread { .. } => {
                Self::new(ErrorCode::Internal, text)
            }
        }
    }
}
