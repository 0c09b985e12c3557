//! HMAC-SHA-256 (RFC 2104) of several messages under one key, two at a time.

use crate::Digest;
use crate::kernel::{Block, INITIAL, Kernel, Kernels, State};
use crate::padding::{Ending, digest_of};

/// Bytes of a block, which every keyed message starts with.
const BLOCK_BYTES: u64 = 64;

/// HMAC-SHA-256 of each message, in order. Neighbours share the lanes of a kernel: give messages of like
/// length next to each other, since what the longer one has beyond the shorter runs in one lane.
pub fn hmac_many(key: &[u8; 32], messages: &[&[u8]]) -> Vec<Digest> {
    hmac_many_with(Kernels::detect(), key, messages)
}

/// [`hmac_many`] with a given choice of kernels. Two lanes at most: chunks are so long that sixteen at once
/// would have to be in memory together.
pub fn hmac_many_with(kernels: Kernels, key: &[u8; 32], messages: &[&[u8]]) -> Vec<Digest> {
    let kernels = if kernels.lanes() > 1 { kernels.limited_to(Kernel::ShaNi) } else { kernels };
    let inner = keyed_state(kernels, key, 0x36);
    let outer = keyed_state(kernels, key, 0x5c);
    let mut macs = Vec::with_capacity(messages.len());
    let (pairs, single) = messages.as_chunks::<2>();
    for pair in pairs {
        macs.extend(hmac_group(kernels, inner, outer, pair));
    }
    for message in single {
        macs.extend(hmac_group(kernels, inner, outer, &[*message]));
    }
    macs
}

/// The state after the block of the padded key.
fn keyed_state(kernels: Kernels, key: &[u8; 32], pad: u8) -> State {
    let mut block: Block = [pad; 64];
    for (to, from) in block.iter_mut().zip(key) {
        *to ^= *from;
    }
    let mut state = [INITIAL];
    kernels.compress(&mut state, &[&[block]]);
    let [state] = state;
    state
}

fn hmac_group<const LANES: usize>(
    kernels: Kernels,
    inner: State,
    outer: State,
    messages: &[&[u8]; LANES],
) -> [Digest; LANES] {
    let split = messages.map(|message| message.as_chunks::<64>());
    let shared = split.iter().map(|(blocks, _)| blocks.len()).min().unwrap_or(0);
    let mut states = [inner; LANES];
    kernels.compress(&mut states, &split.map(|(blocks, _)| blocks.get(..shared).unwrap_or_default()));
    for ((state, (blocks, end)), message) in states.iter_mut().zip(split).zip(messages) {
        let ending = Ending::new(end, BLOCK_BYTES + message.len() as u64);
        let mut alone = [*state];
        kernels.compress(&mut alone, &[blocks.get(shared..).unwrap_or_default()]);
        kernels.compress(&mut alone, &[ending.blocks()]);
        [*state] = alone;
    }
    let endings = states.map(|state| Ending::new(&digest_of(&state), BLOCK_BYTES + 32));
    let mut states = [outer; LANES];
    kernels.compress(&mut states, &endings.each_ref().map(Ending::blocks));
    states.map(|state| digest_of(&state))
}
