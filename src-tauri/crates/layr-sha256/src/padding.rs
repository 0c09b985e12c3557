//! Padding of a message's end (FIPS 180-4 section 5.1.1).

use crate::Digest;
use crate::kernel::{Block, State};

/// Longest end of a message that still fits its last block beside the 0x80 and the 64-bit length.
const MAX_SINGLE_BLOCK_END: usize = 64 - 1 - 8;

/// Longest end of a message that two blocks hold.
pub(crate) const MAX_END: usize = 128 - 1 - 8;

/// The last block or two of a message.
#[derive(Clone, Copy)]
pub(crate) struct Ending {
    blocks: [Block; 2],
    count: usize,
}

impl Ending {
    /// To be filled with [`pad`](Self::pad).
    pub(crate) const EMPTY: Self = Self { blocks: [[0; 64]; 2], count: 0 };

    /// [`pad`](Self::pad) of an empty one.
    pub(crate) fn new(end: &[u8], total_bytes: u64) -> Self {
        let mut ending = Self::EMPTY;
        ending.pad(end, total_bytes);
        ending
    }

    /// Pads `end`, what follows the last full block of a message of `total_bytes`. Short messages may be all end:
    /// up to [`MAX_END`] bytes.
    #[inline]
    pub(crate) fn pad(&mut self, end: &[u8], total_bytes: u64) {
        debug_assert!(end.len() <= MAX_END);
        self.count = if end.len() <= MAX_SINGLE_BLOCK_END { 1 } else { 2 };
        let flat = self.blocks.as_flattened_mut();
        if let Some((message, [mark, ..])) = flat.split_at_mut_checked(end.len()) {
            message.copy_from_slice(end);
            *mark = 0x80;
        }
        if let Some(length) = flat.get_mut(..self.count * 64).and_then(<[u8]>::last_chunk_mut) {
            *length = total_bytes.wrapping_mul(8).to_be_bytes();
        }
    }

    pub(crate) fn blocks(&self) -> &[Block] {
        self.blocks.get(..self.count).unwrap_or_default()
    }
}

/// A final state as a digest.
pub(crate) fn digest_of(state: &State) -> Digest {
    let mut digest = [0; 32];
    for (bytes, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    digest
}
