//! A segment as a download sees it: who may have its shards, and what was found out about them.

use std::collections::BTreeMap;
use std::sync::Arc;

use layr_codec::{LayoutError, SegmentBlindKey, SegmentId, SegmentLayout, ShardRoot};
use layr_keys::PeerId;
use layr_library::{AskedShard, Manifest, ManifestSegment, ShardMark, ShardState};
use parking_lot::Mutex;

use crate::client::{ClientError, HostContact, Verdict};
use crate::owner::Owner;

/// Where one shard lies.
#[derive(Debug, Clone)]
pub(super) struct ShardSource {
    /// Its name at the host.
    pub root: ShardRoot,
    /// The host.
    pub host: HostContact,
}

/// A segment and its shards.
#[derive(Debug)]
pub(super) struct SegmentSource {
    /// Its id.
    pub id: SegmentId,
    /// Geometry.
    pub layout: SegmentLayout,
    /// Key of the blinding.
    pub blind_key: SegmentBlindKey,
    /// Its shards, by index.
    pub shards: BTreeMap<u8, ShardSource>,
    /// Shards in the order in which they should be asked.
    pub order: Vec<u8>,
    /// Shards whose hosts failed or lagged a moment ago: asked when nobody else is left.
    pub avoided: Vec<u8>,
}

impl SegmentSource {
    /// The segment at this position of the manifest.
    pub(super) fn new(
        owner: &Owner,
        manifest: &Manifest,
        segment: &ManifestSegment,
    ) -> Result<Self, LayoutError> {
        let layout = SegmentLayout::new(segment.profile, u64::from(segment.len_bytes))?;
        let hosts = owner.hosts();
        let mut shards = BTreeMap::new();
        let (mut order, mut avoided) = (Vec::new(), Vec::new());
        for shard in &segment.shards {
            let Some(host) = manifest.hosts.get(usize::from(shard.host)) else { continue };
            if shard.index >= segment.profile.n() || shards.contains_key(&shard.index) {
                continue;
            }
            let contact = hosts.contact(host.peer, &host.addresses);
            shards.insert(shard.index, ShardSource { root: shard.root, host: contact });
            order.push(shard.index);
            if hosts.is_down(host.peer) || hosts.is_slow(host.peer) {
                avoided.push(shard.index);
            }
        }
        Ok(Self { id: segment.id, layout, blind_key: segment.blind_key.clone(), shards, order, avoided })
    }

    /// Length of each shard.
    pub(super) fn shard_bytes(&self) -> u32 {
        u32::try_from(self.layout.shard_bytes()).unwrap_or(u32::MAX)
    }
}

/// What a download found out about shards, for the library.
#[derive(Debug, Clone, Default)]
pub(super) struct Findings {
    marks: Arc<Mutex<Vec<ShardMark>>>,
}

impl Findings {
    /// Notes that a shard could not be had from its host.
    pub(super) fn note_failure(
        &self,
        owner: &Owner,
        source: &SegmentSource,
        index: u8,
        host: PeerId,
        error: &ClientError,
    ) {
        tracing::debug!(segment = %source.id, index, %host, %error, "a shard could not be had");
        owner.hosts().note_failure(host, error);
        let state = match error.verdict() {
            Verdict::Missing => ShardState::Missing,
            Verdict::Corrupt => ShardState::Corrupt,
            Verdict::Unreachable => ShardState::Unreachable,
            // It is there, and wants to be asked later.
            Verdict::Busy | Verdict::NoRoom => return,
        };
        self.note(source, index, host, state);
    }

    /// Notes the state of a shard.
    pub(super) fn note(&self, source: &SegmentSource, index: u8, host: PeerId, state: ShardState) {
        let shard_bytes = source.layout.shard_bytes();
        let shard = source.shards.get(&index).map(|shard| AskedShard { root: shard.root, shard_bytes });
        self.marks.lock().push(ShardMark { segment: source.id, index, host, shard, state });
    }

    /// Takes what was found out so far.
    pub(super) fn take(&self) -> Vec<ShardMark> {
        std::mem::take(&mut *self.marks.lock())
    }

    /// Records it in the library; a failure to do so is no failure of the download.
    pub(super) async fn record(&self, owner: &Owner) {
        let marks = self.take();
        if marks.is_empty() {
            return;
        }
        let now_unix_s = owner.now_unix_s();
        let recorded = owner.library_job(move |library| library.mark_shards(&marks, now_unix_s)).await;
        match recorded {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "cannot record what was found out about shards"),
            Err(error) => tracing::warn!(%error, "cannot record what was found out about shards"),
        }
    }
}
