//! The batch being packed.

use layr_codec::{ChunkId, SegmentId};
use tokio::sync::watch;

use super::super::in_flight::{Fate, Whereabouts};
use super::super::source::{Batch, BatchChunk};

/// A batch being packed.
pub(super) struct Pending {
    /// Content.
    pub batch: Batch,
    /// Chunks before this one are packed.
    pub next_chunk: usize,
    /// What is known of each of its files.
    pub assemblies: Vec<Assembly>,
    /// When reading it began.
    pub read_from_ns: i64,
}

/// What is known of a file so far.
#[derive(Default)]
pub(super) struct Assembly {
    /// Its chunks so far.
    pub chunks: Vec<ChunkId>,
    /// Segments to wait for.
    pub waits: Vec<(SegmentId, watch::Receiver<Fate>)>,
    /// Some chunk lies in a segment that nobody sends.
    pub stranded: bool,
    /// Bytes that were new.
    pub new_bytes: u64,
    /// Bytes that were known.
    pub known_bytes: u64,
}

impl Pending {
    /// `carried` belongs to the file that the batch before left half read.
    pub(super) fn new(batch: Batch, carried: Option<Assembly>, read_from_ns: i64) -> Self {
        let mut assemblies: Vec<Assembly> = batch.files.iter().map(|_| Assembly::default()).collect();
        if let (Some(first), Some(file)) = (assemblies.first_mut(), batch.files.first())
            && let Some(carried) = carried
            && !file.begins
        {
            *first = carried;
        }
        Self { batch, next_chunk: 0, assemblies, read_from_ns }
    }

    /// Notes where one of its chunks is: a new one in the segment `own`.
    pub(super) fn note(
        &mut self,
        chunk: &BatchChunk,
        place: Whereabouts,
        own: Option<(SegmentId, watch::Receiver<Fate>)>,
    ) {
        let Some(assembly) = self.assemblies.get_mut(chunk.file) else { return };
        assembly.chunks.push(chunk.id);
        let bytes = chunk.range.len() as u64;
        let wait = match place {
            Whereabouts::New => {
                assembly.new_bytes += bytes;
                own
            }
            Whereabouts::Coming(segment, fate) => {
                assembly.known_bytes += bytes;
                Some((segment, fate))
            }
            Whereabouts::Stored => {
                assembly.known_bytes += bytes;
                None
            }
            Whereabouts::Stranded => {
                assembly.stranded = true;
                None
            }
        };
        if let Some((segment, fate)) = wait
            // From the end: a long file waits for thousands, and the last is nearly always the one.
            && assembly.waits.iter().rev().all(|(known, _)| *known != segment)
        {
            assembly.waits.push((segment, fate));
        }
    }
}
