//! From pieces to plaintext: short synchronous jobs that a worker runs.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use layr_codec::{DecodeError, SegmentDecoder, open_chunk};
use layr_library::Manifest;

use super::fetch::{StripePieces, columns_of, contains, uncovered};
use super::output::Output;
use super::plan::{Group, KEPT_CHUNKS, Want, chunk_of};
use super::source::SegmentSource;
use super::stage::StageError;

/// Plaintext handed to the output in one job: bounds memory and how long a cancelled download goes on, whatever a stripe
/// decompresses to.
const JOB_BYTES: usize = 16 * 1024 * 1024;

/// Why decoding stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(super) enum DecodeStop {
    /// The codec refused.
    #[error(transparent)]
    Codec(#[from] DecodeError),
    /// The output refused.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// The manifest's numbers do not fit each other.
    #[error("the manifest's chunks do not lie where it says")]
    Manifest,
}

/// What a job came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoded {
    /// The next stripe is needed.
    NeedsStripe,
    /// Enough plaintext for one job; go on.
    More,
    /// The chunk of this use does not open: some host lied.
    Bad(Want),
    /// The group is through.
    Done,
}

/// Bytes of one extent, and where they come from.
struct Part {
    bytes: Vec<u8>,
    range: Range<usize>,
    /// The shard and the position in it, while the bytes are still blinded.
    blinded: Option<(u8, u64)>,
}

/// The decoder of one group.
pub(super) struct GroupDecoder {
    manifest: Arc<Manifest>,
    decoder: SegmentDecoder,
    k: usize,
    wants: VecDeque<Want>,
    parts: VecDeque<Part>,
    sealed: Vec<u8>,
}

/// Plaintexts of the last chunks, for the uses that the plan marks as kept.
#[derive(Default)]
pub(super) struct Kept {
    chunks: VecDeque<(u32, Vec<u8>)>,
}

impl GroupDecoder {
    /// A decoder for the group's uses.
    pub(super) fn new(
        manifest: Arc<Manifest>,
        source: &SegmentSource,
        group: &Group,
    ) -> Result<Self, DecodeError> {
        let layout = source.layout;
        Ok(Self {
            decoder: SegmentDecoder::new(layout.profile(), &source.blind_key, layout.len_bytes())?,
            k: usize::from(layout.profile().k()),
            wants: group.wants.iter().copied().collect(),
            manifest,
            parts: VecDeque::new(),
            sealed: Vec::new(),
        })
    }

    /// Takes the pieces of a stripe in.
    pub(super) fn load(&mut self, mut got: StripePieces) -> Result<(), DecodeError> {
        let rebuilt = match uncovered(&got) {
            Some(columns) => Some((self.rebuild(&got, &columns)?, columns)),
            None => None,
        };
        for extent in std::mem::take(&mut got.extents) {
            let wanted = columns_of(&extent);
            let own = got
                .pieces
                .iter_mut()
                .find(|(shard, columns, _)| *shard == extent.shard && contains(columns, &wanted));
            let part = match (own, &rebuilt) {
                (Some((shard, columns, bytes)), _) => {
                    let range = wanted.start - columns.start..wanted.end - columns.start;
                    // A piece that serves one extent is handed over, not copied.
                    let whole = range == (0..bytes.len());
                    let bytes = if whole {
                        std::mem::take(bytes)
                    } else {
                        bytes.get(range.clone()).unwrap_or_default().to_vec()
                    };
                    Part { range: 0..bytes.len(), bytes, blinded: Some((*shard, extent.shard_range.start)) }
                }
                (None, Some((data, columns))) => {
                    let start = usize::from(extent.shard) * columns.len() + wanted.start - columns.start;
                    let bytes = data.get(start..start + wanted.len()).unwrap_or_default().to_vec();
                    Part { range: 0..bytes.len(), bytes, blinded: None }
                }
                (None, None) => continue,
            };
            self.parts.push_back(part);
        }
        Ok(())
    }

    /// The columns of all data shards, one after the other.
    fn rebuild(&mut self, got: &StripePieces, columns: &Range<usize>) -> Result<Vec<u8>, DecodeError> {
        let mut used = BTreeSet::new();
        let mut pieces: Vec<(u8, &[u8])> = Vec::with_capacity(self.k);
        for (shard, range, bytes) in &got.pieces {
            if contains(range, columns) && used.insert(*shard) {
                let within = columns.start - range.start..columns.end - range.start;
                pieces.push((*shard, bytes.get(within).unwrap_or_default()));
            }
        }
        let mut data = Vec::with_capacity(self.k * columns.len());
        self.decoder.decode_columns(got.stripe, columns.clone(), &pieces, &mut data)?;
        Ok(data)
    }

    /// Opens chunks and hands them to the output, as far as the pieces reach.
    pub(super) fn run(&mut self, kept: &mut Kept, output: &mut Output) -> Result<Decoded, DecodeStop> {
        let mut made_bytes = 0;
        while let Some(want) = self.wants.front().copied() {
            if made_bytes >= JOB_BYTES {
                return Ok(Decoded::More);
            }
            if !want.kept {
                let chunk = chunk_of(&self.manifest, &want).ok_or(DecodeStop::Manifest)?;
                let (id, key, plain_bytes) = (chunk.id, chunk.key.clone(), chunk.plain_bytes);
                let sealed_bytes = usize::try_from(chunk.sealed_bytes).map_err(|_| DecodeStop::Manifest)?;
                if !self.collect(sealed_bytes)? {
                    return Ok(Decoded::NeedsStripe);
                }
                let mut plaintext = kept.memory();
                let opened = open_chunk(&key, &id, &mut self.sealed, plain_bytes, &mut plaintext);
                self.sealed.clear();
                if opened.is_err() {
                    return Ok(Decoded::Bad(want));
                }
                kept.push(want.chunk, plaintext);
            }
            made_bytes += self.give(&want, kept, output)?;
        }
        Ok(Decoded::Done)
    }

    /// Hands over the chunk of the first use, whose verified ciphertext was fetched apart. False if it does not open either.
    pub(super) fn run_verified(
        &mut self,
        mut sealed: Vec<u8>,
        kept: &mut Kept,
        output: &mut Output,
    ) -> Result<bool, DecodeStop> {
        let want = self.wants.front().copied().ok_or(DecodeStop::Manifest)?;
        let chunk = chunk_of(&self.manifest, &want).ok_or(DecodeStop::Manifest)?;
        let mut plaintext = kept.memory();
        if open_chunk(&chunk.key, &chunk.id, &mut sealed, chunk.plain_bytes, &mut plaintext).is_err() {
            return Ok(false);
        }
        kept.push(want.chunk, plaintext);
        self.give(&want, kept, output)?;
        Ok(true)
    }

    fn give(&mut self, want: &Want, kept: &Kept, output: &mut Output) -> Result<usize, DecodeStop> {
        let plaintext = kept.get(want.chunk).ok_or(DecodeStop::Manifest)?;
        let index = |bytes: u32| usize::try_from(bytes).unwrap_or(usize::MAX);
        let taken = plaintext
            .get(index(want.skip)..index(want.skip).saturating_add(index(want.take)))
            .ok_or(DecodeStop::Manifest)?;
        output.take(&self.manifest, want, taken)?;
        self.wants.pop_front();
        Ok(taken.len())
    }

    /// Gathers the sealed chunk; false when the pieces do not reach that far.
    fn collect(&mut self, sealed_bytes: usize) -> Result<bool, DecodeStop> {
        while self.sealed.len() < sealed_bytes {
            let Some(part) = self.parts.front_mut() else { return Ok(false) };
            let taken = part.range.len().min(sealed_bytes - self.sealed.len());
            let range = part.range.start..part.range.start + taken;
            let start = self.sealed.len();
            self.sealed.extend_from_slice(part.bytes.get(range.clone()).ok_or(DecodeStop::Manifest)?);
            if let Some((shard, offset)) = part.blinded {
                let tail = self.sealed.get_mut(start..).unwrap_or_default();
                self.decoder.unblind(shard, offset + range.start as u64, tail)?;
            }
            part.range.start = range.end;
            if part.range.is_empty() {
                self.parts.pop_front();
            }
        }
        Ok(true)
    }
}

impl Kept {
    /// Memory for the next plaintext: that of the one that is forgotten next.
    fn memory(&mut self) -> Vec<u8> {
        let forgotten = if self.chunks.len() >= KEPT_CHUNKS { self.chunks.pop_front() } else { None };
        let mut memory = forgotten.map(|(_, memory)| memory).unwrap_or_default();
        memory.clear();
        memory
    }

    fn push(&mut self, chunk: u32, plaintext: Vec<u8>) {
        self.chunks.push_back((chunk, plaintext));
    }

    fn get(&self, chunk: u32) -> Option<&[u8]> {
        self.chunks.iter().rev().find(|(kept, _)| *kept == chunk).map(|(_, plaintext)| plaintext.as_slice())
    }
}
