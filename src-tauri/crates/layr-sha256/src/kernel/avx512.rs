//! Sixteen messages side by side: element `l` of every vector belongs to lane `l`.
//!
//! The rounds are those of FIPS 180-4 section 6.2.2. The two choice functions are one ternary-logic instruction
//! each, and so are the sums of three rotations.

use core::arch::x86_64::{
    __m512i, _mm512_add_epi32, _mm512_loadu_si512, _mm512_ror_epi32, _mm512_set1_epi32, _mm512_set4_epi32,
    _mm512_setzero_si512, _mm512_shuffle_epi8, _mm512_shuffle_i32x4, _mm512_srli_epi32, _mm512_storeu_si512,
    _mm512_ternarylogic_epi32, _mm512_unpackhi_epi32, _mm512_unpackhi_epi64, _mm512_unpacklo_epi32,
    _mm512_unpacklo_epi64,
};

use super::{Block, ROUND_CONSTANTS, State, WIDE as LANES};

/// Truth tables of `vpternlog`: x ^ y ^ z, x ? y : z, majority.
const XOR: i32 = 0x96;
const CHOOSE: i32 = 0xca;
const MAJORITY: i32 = 0xe8;

/// Runs all lanes over their blocks, as many as the shortest lane has.
#[target_feature(enable = "avx512f,avx512bw")]
#[expect(clippy::indexing_slicing, reason = "indexes are below the shortest lane's length, and below 8")]
pub(super) fn compress(states: &mut [State; LANES], blocks: &[&[Block]; LANES]) {
    let count = blocks.iter().map(|lane| lane.len()).min().unwrap_or(0);
    let mut state = load_states(states);
    for index in 0..count {
        let before = state;
        let mut words = load_blocks(blocks, index);
        let (scheduled, last) = ROUND_CONSTANTS.split_at(48);
        for constants in scheduled.as_chunks::<16>().0 {
            sixteen_rounds::<true>(&mut state, &mut words, constants);
        }
        for constants in last.as_chunks::<16>().0 {
            sixteen_rounds::<false>(&mut state, &mut words, constants);
        }
        for word in 0..8 {
            state[word] = _mm512_add_epi32(state[word], before[word]);
        }
    }
    store_states(states, &state);
}

/// Sixteen rounds; with `SCHEDULE`, each word is replaced by the one sixteen rounds on.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
#[expect(clippy::many_single_char_names, reason = "the names of FIPS 180-4")]
fn sixteen_rounds<const SCHEDULE: bool>(
    state: &mut [__m512i; 8],
    words: &mut [__m512i; 16],
    constants: &[u32; 16],
) {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    // The variables keep their places and the roles move, so that no round copies a vector.
    macro_rules! round {
        ($a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $t:expr) => {
            let constant = _mm512_set1_epi32(constants[$t].cast_signed());
            let choice = _mm512_ternarylogic_epi32::<CHOOSE>($e, $f, $g);
            let t1 = add4($h, big_sigma_1($e), choice, _mm512_add_epi32(words[$t], constant));
            $d = _mm512_add_epi32($d, t1);
            let majority = _mm512_ternarylogic_epi32::<MAJORITY>($a, $b, $c);
            $h = _mm512_add_epi32(t1, _mm512_add_epi32(big_sigma_0($a), majority));
            if SCHEDULE {
                words[$t] = add4(
                    words[$t],
                    small_sigma_0(words[($t + 1) % 16]),
                    words[($t + 9) % 16],
                    small_sigma_1(words[($t + 14) % 16]),
                );
            }
        };
    }
    macro_rules! eight_rounds {
        ($t:expr) => {
            round!(a b c d e f g h, $t);
            round!(h a b c d e f g, $t + 1);
            round!(g h a b c d e f, $t + 2);
            round!(f g h a b c d e, $t + 3);
            round!(e f g h a b c d, $t + 4);
            round!(d e f g h a b c, $t + 5);
            round!(c d e f g h a b, $t + 6);
            round!(b c d e f g h a, $t + 7);
        };
    }
    eight_rounds!(0);
    eight_rounds!(8);
    *state = [a, b, c, d, e, f, g, h];
}

#[inline]
#[target_feature(enable = "avx512f")]
fn add4(a: __m512i, b: __m512i, c: __m512i, d: __m512i) -> __m512i {
    _mm512_add_epi32(_mm512_add_epi32(a, b), _mm512_add_epi32(c, d))
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
#[expect(clippy::indexing_slicing, reason = "from_fn stays below the lengths of the arrays")]
fn load_states(states: &[State; LANES]) -> [__m512i; 8] {
    core::array::from_fn(|word| {
        let column: [u32; LANES] = core::array::from_fn(|lane| states[lane][word]);
        // SAFETY: sixteen words are 64 bytes, and the load needs no alignment.
        #[expect(unsafe_code, reason = "a vector load from an array of its size")]
        unsafe {
            _mm512_loadu_si512(column.as_ptr().cast())
        }
    })
}

#[inline]
#[target_feature(enable = "avx512f")]
#[expect(clippy::indexing_slicing, reason = "a state has as many words as there are vectors")]
fn store_states(states: &mut [State; LANES], vectors: &[__m512i; 8]) {
    for (word, vector) in vectors.iter().enumerate() {
        let mut column = [0_u32; LANES];
        // SAFETY: sixteen words are 64 bytes, and the store needs no alignment.
        #[expect(unsafe_code, reason = "a vector store to an array of its size")]
        unsafe {
            _mm512_storeu_si512(column.as_mut_ptr().cast(), *vector);
        }
        for (state, value) in states.iter_mut().zip(column) {
            state[word] = value;
        }
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
