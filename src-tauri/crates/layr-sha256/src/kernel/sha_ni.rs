//! Two messages interleaved over the SHA instructions: while one lane waits for its rounds, the other runs.
//!
//! Register layout after Intel's "SHA Extensions": the state lives in two vectors, ABEF and CDGH, and
//! `sha256rnds2` does two rounds of each.

use core::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_blend_epi16, _mm_loadu_si128, _mm_set_epi64x,
    _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8, _mm_shuffle_epi32,
    _mm_storeu_si128,
};

use super::{Block, ROUND_CONSTANTS, State};

const LANES: usize = 2;

#[derive(Clone, Copy)]
struct Lane {
    abef: __m128i,
    cdgh: __m128i,
}

/// Runs both lanes over their blocks, as many as the shorter lane has.
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(super) fn compress(states: &mut [State; LANES], blocks: &[&[Block]; LANES]) {
    let [first, second] = blocks;
    let mut lanes = states.each_ref().map(|state| load_state(state));
    for (first, second) in first.iter().zip(*second) {
        let before = lanes;
        let mut words = [load_block(first), load_block(second)];
        let (scheduled, last) = ROUND_CONSTANTS.split_at(48);
        for constants in scheduled.as_chunks::<16>().0 {
            sixteen_rounds::<true>(&mut lanes, &mut words, constants);
        }
        for constants in last.as_chunks::<16>().0 {
            sixteen_rounds::<false>(&mut lanes, &mut words, constants);
        }
        for (lane, before) in lanes.iter_mut().zip(&before) {
            lane.abef = _mm_add_epi32(lane.abef, before.abef);
            lane.cdgh = _mm_add_epi32(lane.cdgh, before.cdgh);
        }
    }
    for (state, lane) in states.iter_mut().zip(lanes) {
        store_state(state, lane);
    }
}

/// Sixteen rounds of both lanes; with `SCHEDULE`, each word vector is replaced by the one sixteen rounds on.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
#[expect(clippy::indexing_slicing, reason = "indexes are below the arrays' lengths by construction")]
fn sixteen_rounds<const SCHEDULE: bool>(
    lanes: &mut [Lane; LANES],
    words: &mut [[__m128i; 4]; LANES],
    constants: &[u32; 16],
) {
    for quad in 0..4 {
        let constant = load_words(&constants.as_chunks::<4>().0[quad]);
        for (lane, w) in lanes.iter_mut().zip(words.iter_mut()) {
            let sum = _mm_add_epi32(w[quad], constant);
            lane.cdgh = _mm_sha256rnds2_epu32(lane.cdgh, lane.abef, sum);
            lane.abef = _mm_sha256rnds2_epu32(lane.abef, lane.cdgh, _mm_shuffle_epi32::<0x0e>(sum));
            if SCHEDULE {
                let (w1, w2, w3) = (w[(quad + 1) % 4], w[(quad + 2) % 4], w[(quad + 3) % 4]);
                let partial = _mm_add_epi32(_mm_sha256msg1_epu32(w[quad], w1), _mm_alignr_epi8::<4>(w3, w2));
                w[quad] = _mm_sha256msg2_epu32(partial, w3);
            }
        }
    }
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn load_state(state: &State) -> Lane {
    let (quads, _) = state.as_chunks::<4>();
    let [low, high] = quads else { return Lane { abef: _mm_set_epi64x(0, 0), cdgh: _mm_set_epi64x(0, 0) } };
    // DCBA and HGFE, to be sorted into ABEF and CDGH.
    let badc = _mm_shuffle_epi32::<0xb1>(load_words(low));
    let efgh = _mm_shuffle_epi32::<0x1b>(load_words(high));
    Lane { abef: _mm_alignr_epi8::<8>(badc, efgh), cdgh: _mm_blend_epi16::<0xf0>(efgh, badc) }
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn store_state(state: &mut State, lane: Lane) {
    let feba = _mm_shuffle_epi32::<0x1b>(lane.abef);
    let dchg = _mm_shuffle_epi32::<0xb1>(lane.cdgh);
    let (low, high) = state.split_at_mut(4);
    store_words(low, _mm_blend_epi16::<0xf0>(feba, dchg));
    store_words(high, _mm_alignr_epi8::<8>(dchg, feba));
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn load_words(words: &[u32; 4]) -> __m128i {
    // SAFETY: the array is 16 bytes, and the load needs no alignment.
    #[expect(unsafe_code, reason = "a vector load from an array of its size")]
    unsafe {
        _mm_loadu_si128(words.as_ptr().cast())
    }
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn store_words(words: &mut [u32], vector: __m128i) {
    let Ok(words): Result<&mut [u32; 4], _> = words.try_into() else { return };
    // SAFETY: the array is 16 bytes, and the store needs no alignment.
    #[expect(unsafe_code, reason = "a vector store to an array of its size")]
    unsafe {
        _mm_storeu_si128(words.as_mut_ptr().cast(), vector);
    }
}

/// The sixteen big-endian words of a block.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn load_block(block: &Block) -> [__m128i; 4] {
    let swap = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    [0, 16, 32, 48].map(|offset| {
        // SAFETY: 16 bytes from each offset are within the block's 64, and the load needs no alignment.
        #[expect(unsafe_code, reason = "a vector load within a block")]
        let vector = unsafe { _mm_loadu_si128(block.as_ptr().wrapping_add(offset).cast()) };
        _mm_shuffle_epi8(vector, swap)
    })
}
