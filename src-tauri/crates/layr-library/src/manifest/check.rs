//! The rules that every manifest keeps, whoever made it.

use std::collections::HashSet;

use layr_codec::{MAX_CHUNK_BYTES, SEALED_OVERHEAD_BYTES, SegmentLayout};

use super::{
    MAX_CHUNK_REFERENCES, MAX_ENTRIES, MAX_HOSTS, MODE_MASK, Manifest, ManifestChunk, ManifestContent,
    ManifestEntry, ManifestSegment,
};
use crate::commit::is_link_target_fine;
use crate::host::are_addresses_fine;

/// Bytes or values that are no manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// Longer than [`super::MAX_MANIFEST_BYTES`].
    #[error("the manifest is {len_bytes} bytes long; the limit is {}", super::MAX_MANIFEST_BYTES)]
    TooLong {
        /// Its length.
        len_bytes: usize,
    },
    /// More of something than the limits allow.
    #[error("the manifest has {count} {what}; the limit is {limit}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// Not the CBOR that the format prescribes.
    #[error("the manifest is malformed at byte {offset_bytes}")]
    Malformed {
        /// Where reading stopped.
        offset_bytes: usize,
    },
    /// Bytes behind the end.
    #[error("{len_bytes} bytes follow the manifest")]
    Trailing {
        /// How many.
        len_bytes: usize,
    },
    /// Well-formed, but it contradicts itself.
    #[error("{what} {position} of the manifest is wrong: {reason}")]
    Wrong {
        /// Part of the manifest: host, segment, chunk or entry.
        what: &'static str,
        /// Its position from 0.
        position: usize,
        /// Which rule it breaks.
        reason: &'static str,
    },
}

fn ensure(holds: bool, reason: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(reason) }
}

fn limit(what: &'static str, count: usize, limit: usize) -> Result<(), ManifestError> {
    if count > limit { Err(ManifestError::TooMany { what, count, limit }) } else { Ok(()) }
}

fn each<'a, T>(
    what: &'static str,
    items: &'a [T],
    mut check: impl FnMut(&'a T) -> Result<(), &'static str>,
) -> Result<(), ManifestError> {
    items.iter().enumerate().try_for_each(|(position, item)| {
        check(item).map_err(|reason| ManifestError::Wrong { what, position, reason })
    })
}

impl Manifest {
    /// Checks every rule: all positions lie within their tables, all ranges within their segments, sizes agree, no
    /// path leads out, appears twice or leads through a file or link.
    pub fn check(&self) -> Result<(), ManifestError> {
        limit("hosts", self.hosts.len(), MAX_HOSTS)?;
        limit("entries", self.entries.len(), MAX_ENTRIES)?;
        let mut peers = HashSet::new();
        each("host", &self.hosts, |host| {
            ensure(peers.insert(host.peer), "it is listed twice")?;
            ensure(are_addresses_fine(&host.addresses), "its addresses break the limits")
        })?;
        each("segment", &self.segments, |segment| check_segment(segment, self.hosts.len()))?;
        each("chunk", &self.chunks, |chunk| check_chunk(chunk, &self.segments))?;
        self.check_overlaps()?;
        self.check_entries()
    }

    fn check_overlaps(&self) -> Result<(), ManifestError> {
        let mut order: Vec<(u32, u32, u32, usize)> = self
            .chunks
            .iter()
            .enumerate()
            .map(|(position, chunk)| (chunk.segment, chunk.offset_bytes, chunk.sealed_bytes, position))
            .collect();
        order.sort_unstable();
        let mut end = (u32::MAX, 0_u64);
        for (segment, offset_bytes, sealed_bytes, position) in order {
            if end.0 == segment && u64::from(offset_bytes) < end.1 {
                return Err(ManifestError::Wrong { what: "chunk", position, reason: "it overlaps another" });
            }
            end = (segment, u64::from(offset_bytes) + u64::from(sealed_bytes));
        }
        Ok(())
    }

    fn check_entries(&self) -> Result<(), ManifestError> {
        let mut references = 0_usize;
        let mut last: Option<&ManifestEntry> = None;
        each("entry", &self.entries, |entry| {
            if let Some(last) = last {
                ensure(last.path < entry.path, "the paths are not in order, or one appears twice")?;
                // In this order whatever lies below an entry follows it at once.
                let is_below = entry
                    .path
                    .as_str()
                    .strip_prefix(last.path.as_str())
                    .is_some_and(|rest| rest.starts_with('/'));
                ensure(
                    !is_below || last.content == ManifestContent::Directory,
                    "its path leads through a file or link",
                )?;
            }
            last = Some(entry);
            ensure(entry.mode.is_none_or(|mode| mode & !MODE_MASK == 0), "it has special permission bits")?;
            match &entry.content {
                ManifestContent::File { size_bytes, chunks } => {
                    references = references.saturating_add(chunks.len());
                    check_file(*size_bytes, chunks, &self.chunks)
                }
                ManifestContent::Directory => Ok(()),
                ManifestContent::Symlink { target } => {
                    ensure(is_link_target_fine(target), "its target is empty, too long or has a zero byte")
                }
            }
        })?;
        limit("chunk references", references, MAX_CHUNK_REFERENCES)
    }
}

fn check_segment(segment: &ManifestSegment, hosts: usize) -> Result<(), &'static str> {
    let layout = SegmentLayout::new(segment.profile, u64::from(segment.len_bytes));
    ensure(layout.is_ok(), "its length does not fit its profile")?;
    let mut seen = 0_u64;
    for shard in &segment.shards {
        ensure(shard.index < segment.profile.n(), "it has a shard beyond its profile")?;
        let bit = 1_u64.checked_shl(u32::from(shard.index)).unwrap_or(0);
        ensure(bit != 0 && seen & bit == 0, "it has a shard twice")?;
        seen |= bit;
        ensure(usize::from(shard.host) < hosts, "a shard lies at a host that is not listed")?;
    }
    Ok(())
}

// The bits of one word tell all shards of a segment apart.
const _: () = assert!(layr_codec::MAX_SHARDS <= 64);

fn check_chunk(chunk: &ManifestChunk, segments: &[ManifestSegment]) -> Result<(), &'static str> {
    let overhead = u64::try_from(SEALED_OVERHEAD_BYTES).unwrap_or(u64::MAX);
    let (plain, sealed) = (u64::from(chunk.plain_bytes), u64::from(chunk.sealed_bytes));
    ensure(
        plain >= 1 && usize::try_from(plain).is_ok_and(|plain| plain <= MAX_CHUNK_BYTES),
        "its length is impossible",
    )?;
    ensure(sealed > overhead && sealed <= plain + overhead, "its sealed length is impossible")?;
    let segment = usize::try_from(chunk.segment).ok().and_then(|segment| segments.get(segment));
    let segment = segment.ok_or("it lies in a segment that is not listed")?;
    let end = u64::from(chunk.offset_bytes) + sealed;
    ensure(end <= u64::from(segment.len_bytes), "it reaches beyond its segment")
}

fn check_file(size_bytes: u64, references: &[u32], chunks: &[ManifestChunk]) -> Result<(), &'static str> {
    let mut sum_bytes = 0_u64;
    for &reference in references {
        let chunk = usize::try_from(reference).ok().and_then(|reference| chunks.get(reference));
        let chunk = chunk.ok_or("it has a chunk that is not listed")?;
        sum_bytes = sum_bytes.checked_add(u64::from(chunk.plain_bytes)).ok_or("its length is impossible")?;
    }
    ensure(sum_bytes == size_bytes, "its length is not that of its chunks")
}
