//! What the kernels with a message per vector element share: element `l` of every vector belongs to lane `l`.
//!
//! The rounds are those of FIPS 180-4 section 6.2.2. Macros, since no method of a trait may have target features.

/// One round. The variables keep their places and the roles move, so that no round copies a vector.
macro_rules! round {
    ($words:ident $constants:ident, $t:expr, $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident) => {
        let constant = splat($constants[$t]);
        let t1 = add4($h, big_sigma_1($e), choose($e, $f, $g), add($words[$t], constant));
        $d = add($d, t1);
        $h = add(t1, add(big_sigma_0($a), majority($a, $b, $c)));
        if SCHEDULE {
            $words[$t] = add4(
                $words[$t],
                small_sigma_0($words[($t + 1) % 16]),
                $words[($t + 9) % 16],
                small_sigma_1($words[($t + 14) % 16]),
            );
        }
    };
}

/// Eight rounds, after which every role is back in its place.
macro_rules! eight_rounds {
    ($words:ident $constants:ident, $t:expr, $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident) => {
        round!($words $constants, $t, $a $b $c $d $e $f $g $h);
        round!($words $constants, $t + 1, $h $a $b $c $d $e $f $g);
        round!($words $constants, $t + 2, $g $h $a $b $c $d $e $f);
        round!($words $constants, $t + 3, $f $g $h $a $b $c $d $e);
        round!($words $constants, $t + 4, $e $f $g $h $a $b $c $d);
        round!($words $constants, $t + 5, $d $e $f $g $h $a $b $c);
        round!($words $constants, $t + 6, $c $d $e $f $g $h $a $b);
        round!($words $constants, $t + 7, $b $c $d $e $f $g $h $a);
    };
}

/// `compress` of a kernel, over its module's own operations on vectors: `LANES`, `splat`, `add`, the functions of
/// FIPS 180-4 section 4.1.2, `load_blocks`, `load_state`, `store_state` and `transpose`.
macro_rules! element_kernel {
    ($vector:ty, $features:literal) => {
        /// Runs all lanes over their blocks, as many as the shortest lane has.
        #[target_feature(enable = $features)]
        #[expect(clippy::indexing_slicing, reason = "a state has as many words as there are vectors")]
        pub(super) fn compress(states: &mut [State; LANES], blocks: &[&[Block]; LANES]) {
            let count = blocks.iter().map(|lane| lane.len()).min().unwrap_or(0);
            let mut state: [$vector; 8] = load_states(states);
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
                    state[word] = add(state[word], before[word]);
                }
            }
            store_states(states, &state);
        }

        /// Sixteen rounds; with `SCHEDULE`, each word is replaced by the one sixteen rounds on.
        #[inline]
        #[target_feature(enable = $features)]
        fn sixteen_rounds<const SCHEDULE: bool>(
            state: &mut [$vector; 8],
            words: &mut [$vector; 16],
            constants: &[u32; 16],
        ) {
            let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
            eight_rounds!(words constants, 0, a b c d e f g h);
            eight_rounds!(words constants, 8, a b c d e f g h);
            *state = [a, b, c, d, e, f, g, h];
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn add4(a: $vector, b: $vector, c: $vector, d: $vector) -> $vector {
            add(add(a, b), add(c, d))
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn load_states(states: &[State; LANES]) -> [$vector; 8] {
            let mut rows = [splat(0); LANES];
            for (row, state) in rows.iter_mut().zip(states) {
                *row = load_state(state);
            }
            let mut vectors = [splat(0); 8];
            for (vector, column) in vectors.iter_mut().zip(transpose(&rows)) {
                *vector = column;
            }
            vectors
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn store_states(states: &mut [State; LANES], vectors: &[$vector; 8]) {
            let mut rows = [splat(0); LANES];
            for (row, vector) in rows.iter_mut().zip(vectors) {
                *row = *vector;
            }
            for (state, column) in states.iter_mut().zip(transpose(&rows)) {
                store_state(state, column);
            }
        }
    };
}

pub(super) use {eight_rounds, element_kernel, round};
