//! HMAC-SHA-256 (RFC 2104) of several messages under one key.

use crate::Digest;
use crate::kernel::{Block, INITIAL, Kernels, State};
use crate::lanes::compress_each;
use crate::padding::{Ending, digest_of};

/// Bytes of a block, which every keyed message starts with.
const BLOCK_BYTES: u64 = 64;

/// HMAC-SHA-256 of each message, in order. With SHA-NI neighbours share its two lanes: give messages of like length
/// next to each other, since what the longer one has beyond the shorter runs in one lane. Without it the messages
/// run in wide lanes, where lengths and order do not matter: give as many as there are lanes.
pub fn hmac_many(key: &[u8; 32], messages: &[&[u8]]) -> Vec<Digest> {
    hmac_many_with(Kernels::detect(), key, messages)
}

/// [`hmac_many`] with a given choice of kernels. SHA-NI comes before AVX-512: sixteen chunks at once would have to be
/// in memory together, and half as many are no faster than pairs.
pub fn hmac_many_with(kernels: Kernels, key: &[u8; 32], messages: &[&[u8]]) -> Vec<Digest> {
    let inner = keyed_state(kernels, key, 0x36);
    let outer = keyed_state(kernels, key, 0x5c);
    if kernels.has_wide_lanes_for(messages.len()) {
        return in_wide_lanes(kernels, inner, outer, messages);
    }
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

/// All bodies, then all endings, then all outer hashes. The keyed states stand in memory only until they are hashed
/// over: what is freed are the inner hashes' endings and the MACs.
fn in_wide_lanes(kernels: Kernels, inner: State, outer: State, messages: &[&[u8]]) -> Vec<Digest> {
    let split: Vec<_> = messages.iter().map(|message| message.as_chunks::<64>()).collect();
    let mut states = vec![inner; messages.len()];
    compress_each(kernels, &mut states, split.iter().map(|(blocks, _)| *blocks));
    let ending =
        |((_, end), message): (&(_, &[u8]), &&[u8])| Ending::new(end, BLOCK_BYTES + message.len() as u64);
    let mut endings: Vec<Ending> = split.iter().zip(messages).map(ending).collect();
    compress_each(kernels, &mut states, endings.iter().map(Ending::blocks));
    for (ending, state) in endings.iter_mut().zip(&mut states) {
        *ending = Ending::new(&digest_of(state), BLOCK_BYTES + 32);
        *state = outer;
    }
    compress_each(kernels, &mut states, endings.iter().map(Ending::blocks));
    states.iter().map(digest_of).collect()
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
