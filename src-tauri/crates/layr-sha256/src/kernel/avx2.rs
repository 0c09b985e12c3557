//! Eight messages side by side. There is neither a rotation nor a ternary logic, so both are put together: about
//! twice the instructions of `avx512.rs` for half the lanes.

use core::arch::x86_64::{
    __m256i, _mm256_add_epi32, _mm256_and_si256, _mm256_andnot_si256, _mm256_loadu_si256, _mm256_or_si256,
    _mm256_permute2x128_si256, _mm256_set_epi64x, _mm256_set1_epi32, _mm256_setzero_si256,
    _mm256_shuffle_epi8, _mm256_slli_epi32, _mm256_srli_epi32, _mm256_storeu_si256, _mm256_unpackhi_epi32,
    _mm256_unpackhi_epi64, _mm256_unpacklo_epi32, _mm256_unpacklo_epi64, _mm256_xor_si256,
};

use super::elements::{eight_rounds, element_kernel, round};
use super::{AVX2_LANES as LANES, Block, ROUND_CONSTANTS, State};

element_kernel!(__m256i, "avx2");

#[inline]
#[target_feature(enable = "avx2")]
fn splat(word: u32) -> __m256i {
    _mm256_set1_epi32(word.cast_signed())
}

#[inline]
#[target_feature(enable = "avx2")]
fn add(a: __m256i, b: __m256i) -> __m256i {
    _mm256_add_epi32(a, b)
}

#[inline]
#[target_feature(enable = "avx2")]
fn choose(x: __m256i, y: __m256i, z: __m256i) -> __m256i {
    _mm256_xor_si256(_mm256_and_si256(x, y), _mm256_andnot_si256(x, z))
}

/// y, unless both others differ from it. The next round's y ^ z is this round's x ^ y, which the compiler keeps: two
/// instructions less a round than by the formula of the standard.
#[inline]
#[target_feature(enable = "avx2")]
fn majority(x: __m256i, y: __m256i, z: __m256i) -> __m256i {
    _mm256_xor_si256(y, _mm256_and_si256(_mm256_xor_si256(x, y), _mm256_xor_si256(y, z)))
}

/// `LEFT` is 32 less `RIGHT`, which a constant parameter cannot be computed from.
#[inline]
#[target_feature(enable = "avx2")]
fn rotate<const RIGHT: i32, const LEFT: i32>(x: __m256i) -> __m256i {
    const { assert!(RIGHT + LEFT == 32) };
    _mm256_or_si256(_mm256_srli_epi32::<RIGHT>(x), _mm256_slli_epi32::<LEFT>(x))
}

#[inline]
#[target_feature(enable = "avx2")]
fn xor3(x: __m256i, y: __m256i, z: __m256i) -> __m256i {
    _mm256_xor_si256(_mm256_xor_si256(x, y), z)
}

#[inline]
#[target_feature(enable = "avx2")]
fn big_sigma_0(x: __m256i) -> __m256i {
    xor3(rotate::<2, 30>(x), rotate::<13, 19>(x), rotate::<22, 10>(x))
}

#[inline]
#[target_feature(enable = "avx2")]
fn big_sigma_1(x: __m256i) -> __m256i {
    xor3(rotate::<6, 26>(x), rotate::<11, 21>(x), rotate::<25, 7>(x))
}

#[inline]
#[target_feature(enable = "avx2")]
fn small_sigma_0(x: __m256i) -> __m256i {
    xor3(rotate::<7, 25>(x), rotate::<18, 14>(x), _mm256_srli_epi32::<3>(x))
}

#[inline]
#[target_feature(enable = "avx2")]
fn small_sigma_1(x: __m256i) -> __m256i {
    xor3(rotate::<17, 15>(x), rotate::<19, 13>(x), _mm256_srli_epi32::<10>(x))
}

/// Block `index` of every lane, as vectors of equal words.
#[inline]
#[target_feature(enable = "avx2")]
#[expect(clippy::indexing_slicing, reason = "the caller keeps the index below every lane's length")]
fn load_blocks(blocks: &[&[Block]; LANES], index: usize) -> [__m256i; 16] {
    let swap = _mm256_set_epi64x(
        0x0c0d_0e0f_0809_0a0b,
        0x0405_0607_0001_0203,
        0x0c0d_0e0f_0809_0a0b,
        0x0405_0607_0001_0203,
    );
    let mut words = [_mm256_setzero_si256(); 16];
    for (half, words) in words.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        let mut rows = [_mm256_setzero_si256(); LANES];
        for (row, lane) in rows.iter_mut().zip(blocks) {
            let (halves, _) = lane[index].as_chunks::<32>();
            *row = _mm256_shuffle_epi8(load_bytes(&halves[half]), swap);
        }
        *words = transpose(&rows);
    }
    words
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_bytes(bytes: &[u8; 32]) -> __m256i {
    // SAFETY: the array is 32 bytes, and the load needs no alignment.
    #[expect(unsafe_code, reason = "a vector load from an array of its size")]
    unsafe {
        _mm256_loadu_si256(bytes.as_ptr().cast())
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_state(words: &State) -> __m256i {
    // SAFETY: eight words are 32 bytes, and the load needs no alignment.
    #[expect(unsafe_code, reason = "a vector load from an array of its size")]
    unsafe {
        _mm256_loadu_si256(words.as_ptr().cast())
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store_state(words: &mut State, vector: __m256i) {
    // SAFETY: eight words are 32 bytes, and the store needs no alignment.
    #[expect(unsafe_code, reason = "a vector store to an array of its size")]
    unsafe {
        _mm256_storeu_si256(words.as_mut_ptr().cast(), vector);
    }
}

/// Transposes eight rows of eight words: first within each 128-bit group, then the groups.
#[inline]
#[target_feature(enable = "avx2")]
#[expect(clippy::indexing_slicing, reason = "indexes are below 8 by construction")]
fn transpose(rows: &[__m256i; 8]) -> [__m256i; 8] {
    let mut groups = [_mm256_setzero_si256(); 8];
    for four in 0..2 {
        let r = [rows[four * 4], rows[four * 4 + 1], rows[four * 4 + 2], rows[four * 4 + 3]];
        let (low01, high01) = (_mm256_unpacklo_epi32(r[0], r[1]), _mm256_unpackhi_epi32(r[0], r[1]));
        let (low23, high23) = (_mm256_unpacklo_epi32(r[2], r[3]), _mm256_unpackhi_epi32(r[2], r[3]));
        groups[four * 4] = _mm256_unpacklo_epi64(low01, low23);
        groups[four * 4 + 1] = _mm256_unpackhi_epi64(low01, low23);
        groups[four * 4 + 2] = _mm256_unpacklo_epi64(high01, high23);
        groups[four * 4 + 3] = _mm256_unpackhi_epi64(high01, high23);
    }
    let mut columns = [_mm256_setzero_si256(); 8];
    for word in 0..4 {
        columns[word] = _mm256_permute2x128_si256::<0x20>(groups[word], groups[4 + word]);
        columns[4 + word] = _mm256_permute2x128_si256::<0x31>(groups[word], groups[4 + word]);
    }
    columns
}
