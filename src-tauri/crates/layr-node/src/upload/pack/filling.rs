//! The segment being filled.

use layr_codec::{MAX_CHUNK_BYTES, NONCE_BYTES, Profile, SEALED_OVERHEAD_BYTES, SegmentId, seal_chunk};
use layr_library::{PlannedChunk, SegmentPlan, SourceRef};
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::super::in_flight::{Claim, Fate};
use super::super::source::BatchChunk;
use super::pending::Pending;
use super::version::path_bytes;
use super::{LOOKUP_CHUNKS, PackContext, PackError, SEGMENT_CHUNKS};

/// Room for one segment: its memory, the permit that bounds such memory, and the code that it will be stored in.
#[derive(Debug)]
pub(in crate::upload) struct Buffer {
    /// Memory; its capacity is kept.
    pub bytes: Vec<u8>,
    /// Permit for it.
    pub permit: OwnedSemaphorePermit,
    /// Code.
    pub profile: Profile,
}

/// A segment ready to be planned and sent.
#[derive(Debug)]
pub(in crate::upload) struct FullSegment {
    /// What the journal needs.
    pub plan: SegmentPlan,
    /// Sealed chunks, one after the other.
    pub ciphertext: Vec<u8>,
    /// Bytes of content in it.
    pub plain_bytes: u64,
    /// Its entry in the table of chunks in flight.
    pub claim: Claim,
    /// Permit for its memory.
    pub permit: OwnedSemaphorePermit,
}

/// A segment that takes more chunks.
pub(super) struct Filling {
    claim: Claim,
    profile: Profile,
    ciphertext: Vec<u8>,
    chunks: Vec<PlannedChunk>,
    plain_bytes: u64,
    permit: OwnedSemaphorePermit,
}

impl Filling {
    /// Begins a segment in `buffer`.
    pub(super) fn new(claim: Claim, buffer: Buffer) -> Self {
        let Buffer { bytes: mut ciphertext, permit, profile } = buffer;
        ciphertext.clear();
        ciphertext.reserve_exact(segment_capacity(profile));
        Self { claim, profile, ciphertext, chunks: Vec::new(), plain_bytes: 0, permit }
    }

    /// The claim, to which new chunks go.
    pub(super) fn claim(&mut self) -> &mut Claim {
        &mut self.claim
    }

    /// What files wait for whose chunks lie here.
    pub(super) fn fate(&self) -> (SegmentId, watch::Receiver<Fate>) {
        (self.claim.segment(), self.claim.fate())
    }

    /// Ends the segment; gives the buffer back where nothing was put into it.
    pub(super) fn finish(self) -> Result<FullSegment, Buffer> {
        let Self { claim, profile, ciphertext, chunks, plain_bytes, permit } = self;
        if chunks.is_empty() {
            return Err(Buffer { bytes: ciphertext, permit, profile });
        }
        let len_bytes = u32::try_from(ciphertext.len()).unwrap_or(u32::MAX);
        let plan = SegmentPlan { id: claim.segment(), profile, len_bytes, chunks };
        Ok(FullSegment { plan, ciphertext, plain_bytes, claim, permit })
    }

    /// How many of the next chunks surely fit, if all of them are new and none can be compressed. The first always does
    /// where nothing is in yet.
    pub(super) fn fitting(&self, chunks: &[BatchChunk]) -> usize {
        let limit = usize::try_from(self.profile.max_segment_bytes()).unwrap_or(usize::MAX);
        let mut room = limit.saturating_sub(self.ciphertext.len());
        let fits = |chunk: &&BatchChunk| {
            let most = chunk.range.len() + SEALED_OVERHEAD_BYTES;
            let fits = most <= room;
            room = room.saturating_sub(most);
            fits
        };
        let most = LOOKUP_CHUNKS.min(SEGMENT_CHUNKS.saturating_sub(self.chunks.len()));
        chunks.iter().take(most).take_while(fits).count()
    }

    /// Adds a chunk, sealed.
    pub(super) fn seal(
        &mut self,
        context: &PackContext,
        pending: &Pending,
        chunk: &BatchChunk,
    ) -> Result<(), PackError> {
        let mut nonce = [0_u8; NONCE_BYTES];
        context.surroundings.entropy.fill(&mut nonce)?;
        let plaintext = pending.batch.bytes.get(chunk.range.clone()).unwrap_or_default();
        let offset_bytes = u32::try_from(self.ciphertext.len()).unwrap_or(u32::MAX);
        let key = context.secrets.chunk_key(&chunk.id);
        let sealed = seal_chunk(&key, &chunk.id, plaintext, nonce, &mut self.ciphertext)?;
        let local_path = pending.batch.files.get(chunk.file).map(|file| path_bytes(&file.found.local));
        self.plain_bytes += plaintext.len() as u64;
        self.chunks.push(PlannedChunk {
            chunk_id: chunk.id,
            plain_bytes: u32::try_from(plaintext.len()).unwrap_or(u32::MAX),
            sealed_bytes: sealed.sealed_bytes,
            offset_bytes,
            nonce,
            tag: sealed.tag,
            encoding: sealed.encoding,
            source: SourceRef {
                local_path: local_path.unwrap_or_default(),
                offset_bytes: chunk.offset_bytes,
            },
        });
        Ok(())
    }
}

/// Room that a segment's memory has, so that sealing never moves it.
pub(in crate::upload) fn segment_capacity(profile: Profile) -> usize {
    usize::try_from(profile.max_segment_bytes()).unwrap_or(0) + 2 * MAX_CHUNK_BYTES
}
