//! Which chunks are needed, in which order, and how they are grouped into reads of one segment each.

use std::collections::VecDeque;
use std::ops::Range;

use layr_library::{Manifest, ManifestContent};

/// Plaintexts that are kept for a chunk that comes again soon, such as the zeros of a sparse file. At 4 MiB each, 16 MiB.
pub(super) const KEPT_CHUNKS: usize = 4;

/// One use of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Want {
    /// Position in the manifest's chunks.
    pub chunk: u32,
    /// Position in the manifest's entries.
    pub entry: usize,
    /// Bytes of the plaintext to leave out in front.
    pub skip: u32,
    /// Bytes of the plaintext to take.
    pub take: u32,
    /// Whether the entry ends with it.
    pub ends_entry: bool,
    /// Whether the plaintext is still kept from one of the last chunks, so that nothing is fetched.
    pub kept: bool,
}

/// Uses of chunks of one segment, those to fetch in ascending order: one read serves them all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// Position in the manifest's segments.
    pub segment: u32,
    /// The uses, in the order of the output.
    pub wants: Vec<Want>,
}

impl Group {
    /// What to fetch of the segment's ciphertext: ascending, not touching each other.
    pub(super) fn ciphertext(&self, manifest: &Manifest) -> Vec<Range<u64>> {
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for want in self.wants.iter().filter(|want| !want.kept) {
            let Some(chunk) = chunk_of(manifest, want) else { continue };
            let start = u64::from(chunk.offset_bytes);
            let end = start + u64::from(chunk.sealed_bytes);
            match ranges.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => ranges.push(start..end),
            }
        }
        ranges
    }
}

/// The manifest's chunk of a use.
pub(super) fn chunk_of<'m>(manifest: &'m Manifest, want: &Want) -> Option<&'m layr_library::ManifestChunk> {
    manifest.chunks.get(usize::try_from(want.chunk).ok()?)
}

/// The uses of chunks that give `entries` in order; with `range`, only these bytes of each.
pub(super) fn wants<'m>(
    manifest: &'m Manifest,
    entries: impl Iterator<Item = usize> + 'm,
    range: Option<Range<u64>>,
) -> impl Iterator<Item = Want> + 'm {
    let mut recent: VecDeque<u32> = VecDeque::with_capacity(KEPT_CHUNKS);
    let mark_kept = move |mut want: Want| {
        want.kept = recent.contains(&want.chunk);
        if !want.kept {
            if recent.len() == KEPT_CHUNKS {
                recent.pop_front();
            }
            recent.push_back(want.chunk);
        }
        want
    };
    entries.flat_map(move |entry| wants_of_entry(manifest, entry, range.clone())).map(mark_kept)
}

fn wants_of_entry(
    manifest: &Manifest,
    entry: usize,
    range: Option<Range<u64>>,
) -> impl Iterator<Item = Want> {
    let content = manifest.entries.get(entry).map(|entry| &entry.content);
    let (chunks, size_bytes) = match content {
        Some(ManifestContent::File { chunks, size_bytes }) => (chunks.as_slice(), *size_bytes),
        _ => (&[][..], 0),
    };
    let range = range.unwrap_or(0..size_bytes);
    let range = range.start..range.end.min(size_bytes);
    let mut start = 0_u64;
    chunks.iter().filter_map(move |chunk| {
        let plain_bytes = manifest.chunks.get(usize::try_from(*chunk).ok()?)?.plain_bytes;
        let end = start + u64::from(plain_bytes);
        let taken = range.start.max(start)..range.end.min(end);
        let within = taken.start.saturating_sub(start);
        start = end;
        if taken.is_empty() {
            return None;
        }
        Some(Want {
            chunk: *chunk,
            entry,
            // Both are at most the chunk's own length.
            skip: u32::try_from(within).unwrap_or(plain_bytes),
            take: u32::try_from(taken.end - taken.start).unwrap_or(plain_bytes),
            ends_entry: taken.end == range.end,
            kept: false,
        })
    })
}

/// Groups uses as long as they go forward within one segment.
pub(super) struct Groups<'m, I: Iterator> {
    manifest: &'m Manifest,
    wants: std::iter::Peekable<I>,
}

impl<'m, I: Iterator<Item = Want>> Groups<'m, I> {
    /// The groups of these uses.
    pub(super) fn new(manifest: &'m Manifest, wants: I) -> Self {
        Self { manifest, wants: wants.peekable() }
    }
}

impl<I: Iterator<Item = Want>> Iterator for Groups<'_, I> {
    type Item = Group;

    fn next(&mut self) -> Option<Group> {
        let manifest = self.manifest;
        let first = self.wants.next()?;
        let mut segment = chunk_of(manifest, &first).map(|chunk| chunk.segment)?;
        let mut fetched_to = None;
        let mut note = |want: &Want, segment: &mut u32| {
            if want.kept {
                return true;
            }
            let Some(chunk) = chunk_of(manifest, want) else { return false };
            if fetched_to.is_none() {
                *segment = chunk.segment;
            }
            let fits = chunk.segment == *segment && fetched_to.is_none_or(|to| chunk.offset_bytes >= to);
            if fits {
                fetched_to = Some(chunk.offset_bytes.saturating_add(chunk.sealed_bytes));
            }
            fits
        };
        note(&first, &mut segment);
        let mut wants = vec![first];
        while let Some(want) = self.wants.next_if(|want| note(want, &mut segment)) {
            wants.push(want);
        }
        Some(Group { segment, wants })
    }
}

#[cfg(test)]
mod tests;
