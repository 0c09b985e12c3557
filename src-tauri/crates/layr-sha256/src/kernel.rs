//! Choice of a kernel, and the one shape that all of them have.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod elements;
#[cfg(target_arch = "x86_64")]
mod sha_ni;

/// The eight chaining words of a message.
pub(crate) type State = [u32; 8];

/// One input block.
pub(crate) type Block = [u8; 64];

/// Initial state (FIPS 180-4 section 5.3.3).
pub(crate) const INITIAL: State =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// Lanes of the two kernels with a message per vector element.
pub(crate) const AVX512_LANES: usize = 16;
pub(crate) const AVX2_LANES: usize = 8;

/// Fewest messages for which those kernels are faster than `sha2`, idle lanes included. Measured by
/// `examples/rates.rs`: with two 1.7 (AVX2) and 1.9 times (AVX-512) as fast, with one no faster.
const WIDE_FEWEST: usize = 2;

/// A way to hash, the preferred one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kernel {
    /// 16 lanes in AVX-512 registers.
    Avx512,
    /// Two lanes of interleaved SHA instructions.
    ShaNi,
    /// 8 lanes in AVX2 registers.
    Avx2,
    /// One lane by the `sha2` crate.
    Sha2,
}

impl Kernel {
    /// Lanes to fill for full speed.
    pub const fn lanes(self) -> usize {
        match self {
            Self::Avx512 => AVX512_LANES,
            Self::ShaNi => 2,
            Self::Avx2 => AVX2_LANES,
            Self::Sha2 => 1,
        }
    }
}

/// The kernels that this CPU has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kernels {
    avx512: bool,
    sha_ni: bool,
    avx2: bool,
}

impl Kernels {
    /// Asks the CPU. The answer is cached by the standard library, so this costs a few loads.
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            Self {
                avx512: is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw"),
                sha_ni: is_x86_feature_detected!("sha")
                    && is_x86_feature_detected!("sse4.1")
                    && is_x86_feature_detected!("ssse3"),
                avx2: is_x86_feature_detected!("avx2"),
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        Self { avx512: false, sha_ni: false, avx2: false }
    }

    /// At most the given kernel and those that it is preferred to: to measure and to test each on a CPU that has
    /// better ones.
    #[must_use]
    pub fn limited_to(self, best: Kernel) -> Self {
        Self {
            avx512: self.avx512 && best <= Kernel::Avx512,
            sha_ni: self.sha_ni && best <= Kernel::ShaNi,
            avx2: self.avx2 && best <= Kernel::Avx2,
        }
    }

    /// The preferred kernel here.
    pub fn best(self) -> Kernel {
        match self {
            Self { avx512: true, .. } => Kernel::Avx512,
            Self { sha_ni: true, .. } => Kernel::ShaNi,
            Self { avx2: true, .. } => Kernel::Avx2,
            Self { .. } => Kernel::Sha2,
        }
    }

    /// Fewest messages that are hashed faster in the lanes of the best kernel, idle ones included, than by what else
    /// there is. Beside SHA-NI that is as many as there are lanes.
    pub(crate) fn fewest(self) -> usize {
        match self.best() {
            Kernel::Avx512 if self.sha_ni => AVX512_LANES,
            Kernel::Avx512 | Kernel::Avx2 => WIDE_FEWEST,
            kernel @ (Kernel::ShaNi | Kernel::Sha2) => kernel.lanes(),
        }
    }

    /// Whether so many messages of any lengths are hashed faster side by side in wide lanes than in pairs by the SHA
    /// instructions or one by one.
    pub(crate) fn has_wide_lanes_for(self, messages: usize) -> bool {
        !self.sha_ni && (self.avx512 || self.avx2) && messages >= self.fewest()
    }

    /// Runs every lane over its blocks. All lanes must have equally many; what one has beyond the shortest is
    /// not hashed.
    pub(crate) fn compress<const LANES: usize>(
        self,
        states: &mut [State; LANES],
        blocks: &[&[Block]; LANES],
    ) {
        debug_assert!(blocks.iter().all(|lane| lane.len() == blocks[0].len()));
        if blocks.iter().all(|lane| lane.is_empty()) {
            return;
        }
        #[cfg(target_arch = "x86_64")]
        {
            if self.avx512
                && let Some((states, blocks)) = exactly(states, blocks)
            {
                return avx512_compress(states, blocks);
            }
            if self.avx2
                && let Some((states, blocks)) = exactly(states, blocks)
            {
                return avx2_compress(states, blocks);
            }
            if self.sha_ni {
                let (state_pairs, last_state) = states.as_chunks_mut::<2>();
                let (block_pairs, last_blocks) = blocks.as_chunks::<2>();
                for (states, blocks) in state_pairs.iter_mut().zip(block_pairs) {
                    sha_ni_compress(states, blocks);
                }
                return portable(last_state, last_blocks);
            }
        }
        portable(states, blocks);
    }
}

/// The lanes as a wide kernel takes them, if there are as many.
#[cfg(target_arch = "x86_64")]
fn exactly<'s, 'b, 'd, const LANES: usize>(
    states: &'s mut [State],
    blocks: &'b [&'d [Block]],
) -> Option<(&'s mut [State; LANES], &'b [&'d [Block]; LANES])> {
    Some((states.try_into().ok()?, blocks.try_into().ok()?))
}

fn portable(states: &mut [State], blocks: &[&[Block]]) {
    for (state, blocks) in states.iter_mut().zip(blocks) {
        sha2::block_api::compress256(state, blocks);
    }
}

/// Only called for [`Kernels`] whose field says that the CPU has the features: the field is private and set
/// by detection alone.
#[cfg(target_arch = "x86_64")]
fn avx512_compress(states: &mut [State; AVX512_LANES], blocks: &[&[Block]; AVX512_LANES]) {
    // SAFETY: the caller saw AVX-512 F and BW detected.
    #[expect(unsafe_code, reason = "a function with target features")]
    unsafe {
        avx512::compress(states, blocks);
    }
}

/// See [`avx512_compress`].
#[cfg(target_arch = "x86_64")]
fn avx2_compress(states: &mut [State; AVX2_LANES], blocks: &[&[Block]; AVX2_LANES]) {
    // SAFETY: the caller saw AVX2 detected.
    #[expect(unsafe_code, reason = "a function with target features")]
    unsafe {
        avx2::compress(states, blocks);
    }
}

/// See [`avx512_compress`].
#[cfg(target_arch = "x86_64")]
fn sha_ni_compress(states: &mut [State; 2], blocks: &[&[Block]; 2]) {
    // SAFETY: the caller saw SHA, SSE4.1 and SSSE3 detected.
    #[expect(unsafe_code, reason = "a function with target features")]
    unsafe {
        sha_ni::compress(states, blocks);
    }
}

/// Round constants (FIPS 180-4 section 4.2.2).
#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
static ROUND_CONSTANTS: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];
