//! What an owner gives a delegate: a delegation, and the list of what is to be looked after.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use layr_codec::CodecSecrets;
use layr_keys::{Delegation, DelegationSubject, MAX_DELEGATION_S, PeerId};
use layr_library::{DelegateRecord, Library, SegmentRecord, WatchedSegment, WatchedShard};
use tokio::time::Instant;

use super::visits::{Delegating, VisitError, contact};
use crate::check::Walk;
use crate::client::ListStream;
use crate::owner::Owner;
use crate::wire::{ListItem, MAX_LISTED_HOSTS, MAX_LISTED_SEGMENTS};

/// A list that changed is given at most this often: it takes 30 MB for a TB of files.
const LIST_EVERY: Duration = Duration::from_hours(1);
/// A delegation is renewed when it ends within so many seconds, 20 days: who sleeps for less leaves nobody without.
const RENEWED_BEFORE_S: u64 = 20 * 24 * 60 * 60;

/// What was given to a delegate since the start.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// The delegation, and when it ends.
    delegation: Option<(Vec<u8>, u64)>,
    /// The library's changes before it was given the list last.
    list: Option<u64>,
    /// When that was last tried: one that is not taken costs as much.
    tried_at: Option<Instant>,
}

impl Delegating {
    /// Renews the delegation, and gives the list if it changed. While not all `is_heard`, or a copy waits to be proven, the list is not
    /// given: it would have the delegate look for the old copies.
    pub(super) async fn give_what_is_due(
        &self,
        delegate: &DelegateRecord,
        is_heard: bool,
    ) -> Result<(), VisitError> {
        let (owner, peer) = (self.owner(), delegate.peer);
        let look = move |library: &Library| Ok((library.is_paused()?, library.put_off(&peer)?.is_empty()));
        let (is_paused, is_all_judged) = owner
            .library_job(look)
            .await?
            .map_err(|error: layr_library::StoreError| VisitError::from(error))?;
        let ends_soon = owner.now_unix_s().saturating_add(RENEWED_BEFORE_S);
        let changes = owner.library().changes();
        let (has_delegation, is_list_due) = self.with(peer, |known| {
            let has = known.given.delegation.as_ref().is_some_and(|(_, ends)| *ends >= ends_soon);
            let Given { list, tried_at, .. } = known.given;
            let may_be_given = tried_at.is_none_or(|at| at.elapsed() >= LIST_EVERY);
            (has, may_be_given && list != Some(changes))
        });
        let is_list_due = is_list_due && is_heard && is_all_judged && !is_paused;
        if has_delegation && !is_list_due {
            return Ok(());
        }
        if !has_delegation {
            let delegation = self.delegation(delegate).await?;
            self.with(peer, |known| known.given.delegation = Some(delegation));
        }
        let delegation = self.with(peer, |known| known.given.delegation.clone());
        let delegation = delegation.ok_or(VisitError::Revoked)?.0;
        let stream = owner.client().entrust(&contact(delegate), delegation).await?;
        // A list that breaks off before its first item is a delegation alone.
        if is_list_due {
            // Before it is walked through: what changes meanwhile is on the next one.
            let changes = owner.library().changes();
            self.with(peer, |known| known.given.tried_at = Some(Instant::now()));
            give(owner, stream).await?;
            self.with(peer, |known| known.given.list = Some(changes));
        }
        Ok(())
    }

    /// A new delegation that holds for as long as one may. On record before anybody can show it, and none for who is revoked.
    async fn delegation(&self, delegate: &DelegateRecord) -> Result<(Vec<u8>, u64), VisitError> {
        let now_unix_s = self.owner().now_unix_s();
        let peer = delegate.peer;
        let known = self.owner().library_job(Library::delegates).await??;
        let serial = known.iter().find(|known| known.peer == peer).map(|known| known.serial);
        let subject = DelegationSubject {
            delegate: peer,
            serial: serial.ok_or(VisitError::Revoked)?.saturating_add(1),
            issued_at_unix_s: now_unix_s,
            expires_at_unix_s: now_unix_s.saturating_add(MAX_DELEGATION_S),
        };
        let delegation = Delegation::issue(self.keys(), &subject)?;
        let DelegationSubject { serial, expires_at_unix_s, .. } = subject;
        let record = move |library: &Library| library.delegation_given(&peer, serial, expires_at_unix_s);
        if !self.owner().library_job(record).await?? {
            return Err(VisitError::Revoked);
        }
        Ok((delegation.encode(), expires_at_unix_s))
    }
}

/// Sends the list.
async fn give(owner: &Owner, stream: ListStream) -> Result<(), VisitError> {
    let mut giving = Giving { owner, stream, places: BTreeMap::new(), segments: 0 };
    let mut walk = owner.library_job(|library| Walk::new(library, &[])).await??;
    loop {
        let step = move |library: &Library| walk.next(library).map(|segments| (segments, walk));
        let (segments, rest) = owner.library_job(step).await??;
        walk = rest;
        if segments.is_empty() {
            let segments = giving.segments;
            giving.stream.finish(segments).await?;
            return Ok(());
        }
        for segment in segments.into_iter().filter(|segment| segment.is_ours) {
            giving.segment(segment, owner.secrets()).await?;
        }
    }
}

/// A list on its way.
struct Giving<'a> {
    owner: &'a Owner,
    stream: ListStream,
    places: BTreeMap<PeerId, u32>,
    segments: u64,
}

impl Giving<'_> {
    async fn segment(&mut self, segment: SegmentRecord, secrets: &CodecSecrets) -> Result<(), VisitError> {
        if self.segments >= MAX_LISTED_SEGMENTS {
            return Ok(());
        }
        let hosts = segment.shards.iter().map(|shard| shard.host);
        self.name(hosts.filter(|host| !self.places.contains_key(host)).collect()).await?;
        let shards = segment.shards.iter().filter(|shard| self.places.contains_key(&shard.host));
        let watched = WatchedSegment {
            id: segment.id,
            profile: segment.profile,
            len_bytes: segment.len_bytes,
            blind_key: secrets.segment_blind_key(&segment.id),
            shards: shards
                .map(|shard| WatchedShard {
                    index: shard.index,
                    root: shard.root,
                    host: shard.host,
                    failure: shard.failed,
                })
                .collect(),
        };
        if let Some(item) = ListItem::segment(&watched, |host| self.places.get(host).copied())
            && !watched.shards.is_empty()
        {
            self.stream.send(&item).await?;
            self.segments += 1;
        }
        Ok(())
    }

    /// Names hosts that come for the first time.
    async fn name(&mut self, new: BTreeSet<PeerId>) -> Result<(), VisitError> {
        if new.is_empty() {
            return Ok(());
        }
        let asked = new.clone();
        let addresses = self.owner.library_job(move |library| library.host_addresses(&asked)).await??;
        for host in new {
            if self.places.len() >= MAX_LISTED_HOSTS {
                break;
            }
            let place = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
            let recorded = addresses.get(&host).map(Vec::as_slice).unwrap_or_default();
            let known = self.owner.hosts().contact(host, recorded);
            self.stream.send(&ListItem::host(host, &known.addresses)).await?;
            self.places.insert(host, place);
        }
        Ok(())
    }
}
