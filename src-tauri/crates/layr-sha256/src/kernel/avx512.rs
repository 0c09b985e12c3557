//! Sixteen messages side by side. The two choice functions are one ternary-logic instruction each, and so are the
//! sums of three rotations.

use core::arch::x86_64::{
    __m512i, _mm512_add_epi32, _mm512_loadu_si512, _mm512_mask_storeu_epi32, _mm512_maskz_loadu_epi32,
    _mm512_ror_epi32, _mm512_set1_epi32, _mm512_set4_epi32, _mm512_setzero_si512, _mm512_shuffle_epi8,
    _mm512_shuffle_i32x4, _mm512_srli_epi32, _mm512_ternarylogic_epi32, _mm512_unpackhi_epi32,
    _mm512_unpackhi_epi64, _mm512_unpacklo_epi32, _mm512_unpacklo_epi64,
};

use super::elements::{eight_rounds, element_kernel, round};
use super::{AVX512_LANES as LANES, Block, ROUND_CONSTANTS, State};

/// Truth tables of `vpternlog`: x ^ y ^ z, x ? y : z, majority.
const XOR: i32 = 0x96;
const CHOOSE: i32 = 0xca;
const MAJORITY: i32 = 0xe8;

/// Mask of a state's words within a vector.
const STATE_WORDS: u16 = 0xff;

element_kernel!(__m512i, "avx512f,avx512bw");

#[inline]
#[target_feature(enable = "avx512f")]
fn splat(word: u32) -> __m512i {
    _mm512_set1_epi32(word.cast_signed())
}

#[inline]
#[target_feature(enable = "avx512f")]
fn add(a: __m512i, b: __m512i) -> __m512i {
    _mm512_add_epi32(a, b)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn choose(x: __m512i, y: __m512i, z: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<CHOOSE>(x, y, z)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn majority(x: __m512i, y: __m512i, z: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<MAJORITY>(x, y, z)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn big_sigma_0(x: __m512i) -> __m512i {
    let (p, q, r) = (_mm512_ror_epi32::<2>(x), _mm512_ror_epi32::<13>(x), _mm512_ror_epi32::<22>(x));
    _mm512_ternarylogic_epi32::<XOR>(p, q, r)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn big_sigma_1(x: __m512i) -> __m512i {
    let (p, q, r) = (_mm512_ror_epi32::<6>(x), _mm512_ror_epi32::<11>(x), _mm512_ror_epi32::<25>(x));
    _mm512_ternarylogic_epi32::<XOR>(p, q, r)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn small_sigma_0(x: __m512i) -> __m512i {
    let (p, q, r) = (_mm512_ror_epi32::<7>(x), _mm512_ror_epi32::<18>(x), _mm512_srli_epi32::<3>(x));
    _mm512_ternarylogic_epi32::<XOR>(p, q, r)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn small_sigma_1(x: __m512i) -> __m512i {
    let (p, q, r) = (_mm512_ror_epi32::<17>(x), _mm512_ror_epi32::<19>(x), _mm512_srli_epi32::<10>(x));
    _mm512_ternarylogic_epi32::<XOR>(p, q, r)
}

/// Block `index` of every lane, as vectors of equal words.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
#[expect(clippy::indexing_slicing, reason = "the caller keeps the index below every lane's length")]
fn load_blocks(blocks: &[&[Block]; LANES], index: usize) -> [__m512i; 16] {
    let swap = _mm512_set4_epi32(0x0c0d_0e0f, 0x0809_0a0b, 0x0405_0607, 0x0001_0203);
    let mut rows = [_mm512_setzero_si512(); 16];
    for (row, lane) in rows.iter_mut().zip(blocks) {
        let block: &Block = &lane[index];
        // SAFETY: a block is 64 bytes, and the load needs no alignment.
        #[expect(unsafe_code, reason = "a vector load from an array of its size")]
        let vector = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
        *row = _mm512_shuffle_epi8(vector, swap);
    }
    transpose(&rows)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load_state(state: &State) -> __m512i {
    // SAFETY: the mask reads eight words, which are the state's, and the load needs no alignment.
    #[expect(unsafe_code, reason = "a masked vector load from an array of its size")]
    unsafe {
        _mm512_maskz_loadu_epi32(STATE_WORDS, state.as_ptr().cast())
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store_state(state: &mut State, vector: __m512i) {
    // SAFETY: the mask writes eight words, which are the state's, and the store needs no alignment.
    #[expect(unsafe_code, reason = "a masked vector store to an array of its size")]
    unsafe {
        _mm512_mask_storeu_epi32(state.as_mut_ptr().cast(), STATE_WORDS, vector);
    }
}

/// Transposes sixteen rows of sixteen words: first within each 128-bit group, then the groups.
#[inline]
#[target_feature(enable = "avx512f")]
#[expect(clippy::indexing_slicing, reason = "indexes are below 16 by construction")]
fn transpose(rows: &[__m512i; 16]) -> [__m512i; 16] {
    let mut groups = [_mm512_setzero_si512(); 16];
    for four in 0..4 {
        let r = [rows[four * 4], rows[four * 4 + 1], rows[four * 4 + 2], rows[four * 4 + 3]];
        let (low01, high01) = (_mm512_unpacklo_epi32(r[0], r[1]), _mm512_unpackhi_epi32(r[0], r[1]));
        let (low23, high23) = (_mm512_unpacklo_epi32(r[2], r[3]), _mm512_unpackhi_epi32(r[2], r[3]));
        groups[four * 4] = _mm512_unpacklo_epi64(low01, low23);
        groups[four * 4 + 1] = _mm512_unpackhi_epi64(low01, low23);
        groups[four * 4 + 2] = _mm512_unpacklo_epi64(high01, high23);
        groups[four * 4 + 3] = _mm512_unpackhi_epi64(high01, high23);
    }
    let mut columns = [_mm512_setzero_si512(); 16];
    for word in 0..4 {
        let g = [groups[word], groups[4 + word], groups[8 + word], groups[12 + word]];
        let (low01, high01) =
            (_mm512_shuffle_i32x4::<0x44>(g[0], g[1]), _mm512_shuffle_i32x4::<0xee>(g[0], g[1]));
        let (low23, high23) =
            (_mm512_shuffle_i32x4::<0x44>(g[2], g[3]), _mm512_shuffle_i32x4::<0xee>(g[2], g[3]));
        columns[word] = _mm512_shuffle_i32x4::<0x88>(low01, low23);
        columns[4 + word] = _mm512_shuffle_i32x4::<0xdd>(low01, low23);
        columns[8 + word] = _mm512_shuffle_i32x4::<0x88>(high01, high23);
        columns[12 + word] = _mm512_shuffle_i32x4::<0xdd>(high01, high23);
    }
    columns
}
