//! Messages of one length: a tree's leaves and its inner nodes.

use crate::Digest;
use crate::kernel::{AVX2_LANES, AVX512_LANES, Block, INITIAL, Kernel, Kernels, State};
use crate::padding::{Ending, MAX_END, digest_of};

/// Size of a leaf of a counted Merkle tree.
pub const LEAF_BYTES: usize = 1024;

/// The byte before a leaf that separates its hash from an inner node's.
const LEAF_PREFIX: u8 = 0x00;

/// Appends SHA-256(0x00 ‖ leaf) for each 1 KiB leaf of `data`. A last, shorter leaf is hashed as it is.
pub fn hash_leaves(data: &[u8], digests: &mut Vec<Digest>) {
    hash_leaves_with(Kernels::detect(), data, digests);
}

/// Appends the digest of each message.
pub fn digest_many<const BYTES: usize>(messages: &[[u8; BYTES]], digests: &mut Vec<Digest>) {
    digest_many_with(Kernels::detect(), messages, digests);
}

/// [`hash_leaves`] with a given choice of kernels.
pub fn hash_leaves_with(kernels: Kernels, data: &[u8], digests: &mut Vec<Digest>) {
    let (leaves, short) = data.as_chunks::<LEAF_BYTES>();
    digests.reserve(leaves.len() + 1);
    in_lanes(kernels, Some(LEAF_PREFIX), leaves, digests);
    if !short.is_empty() {
        use sha2::Digest as _;
        digests.push(sha2::Sha256::new().chain_update([LEAF_PREFIX]).chain_update(short).finalize().into());
    }
}

/// [`digest_many`] with a given choice of kernels.
pub fn digest_many_with<const BYTES: usize>(
    kernels: Kernels,
    messages: &[[u8; BYTES]],
    digests: &mut Vec<Digest>,
) {
    digests.reserve(messages.len());
    in_lanes(kernels, None, messages, digests);
}

/// Fills the widest lanes first; what is left over goes into two lanes, then one.
fn in_lanes<const BYTES: usize>(
    kernels: Kernels,
    prefix: Option<u8>,
    messages: &[[u8; BYTES]],
    digests: &mut Vec<Digest>,
) {
    let rest = match kernels.best() {
        Kernel::Avx512 => in_wide_lanes::<BYTES, AVX512_LANES>(kernels, prefix, messages, digests),
        Kernel::Avx2 => in_wide_lanes::<BYTES, AVX2_LANES>(kernels, prefix, messages, digests),
        Kernel::ShaNi | Kernel::Sha2 => messages,
    };
    let (pairs, single) = rest.as_chunks::<2>();
    for group in pairs {
        digests.extend(digest_group(kernels, prefix, group.each_ref()));
    }
    for message in single {
        digests.extend(digest_group(kernels, prefix, [message]));
    }
}

/// Gives back those that are too few to be worth it.
fn in_wide_lanes<'m, const BYTES: usize, const LANES: usize>(
    kernels: Kernels,
    prefix: Option<u8>,
    messages: &'m [[u8; BYTES]],
    digests: &mut Vec<Digest>,
) -> &'m [[u8; BYTES]] {
    let (groups, rest) = messages.as_chunks::<LANES>();
    for group in groups {
        digests.extend(digest_group(kernels, prefix, group.each_ref()));
    }
    match rest.first() {
        Some(first) if rest.len() >= kernels.fewest() => {
            let padded: [_; LANES] = core::array::from_fn(|lane| rest.get(lane).unwrap_or(first));
            digests.extend(digest_group(kernels, prefix, padded).into_iter().take(rest.len()));
            &[]
        }
        _ => rest,
    }
}

/// Digests of one message a lane. A prefix only goes with messages of at least 63 bytes, which fill its block.
fn digest_group<const BYTES: usize, const LANES: usize>(
    kernels: Kernels,
    prefix: Option<u8>,
    messages: [&[u8; BYTES]; LANES],
) -> [Digest; LANES] {
    let mut states: [State; LANES] = [INITIAL; LANES];
    let mut bodies: [&[u8]; LANES] = messages.map(<[u8; BYTES]>::as_slice);
    if let Some(prefix) = prefix {
        let mut heads = [[prefix; 64]; LANES];
        for (head, body) in heads.iter_mut().zip(&mut bodies) {
            if let ([_, head @ ..], Some((start, rest))) = (head, body.split_first_chunk::<63>()) {
                *head = *start;
                *body = rest;
            }
        }
        kernels.compress(&mut states, &heads.each_ref().map(core::slice::from_ref));
    }
    let total_bytes = BYTES as u64 + u64::from(prefix.is_some());
    // In place and not by `map`, which moves the whole array: that is twice the bytes of the blocks to hash.
    let mut blocks: [&[Block]; LANES] = [&[]; LANES];
    let mut endings = [Ending::EMPTY; LANES];
    for ((body, blocks), ending) in bodies.into_iter().zip(&mut blocks).zip(&mut endings) {
        let mut end = body;
        // A tree's inner node is two blocks: hashed in one go, the lanes change their layout only once.
        if body.len() > MAX_END {
            (*blocks, end) = body.as_chunks();
        }
        ending.pad(end, total_bytes);
    }
    kernels.compress(&mut states, &blocks);
    kernels.compress(&mut states, &endings.each_ref().map(Ending::blocks));
    states.each_ref().map(digest_of)
}
