//! SHA-256 of many messages at once.
//!
//! Hashing the coded shards is the dearest stage of an upload after the network. One message leaves most of a
//! core idle: every round waits for the one before. Several independent messages side by side do not, and a
//! Merkle tree has thousands of them. This crate hashes them in lanes, with the widest kernel that the CPU
//! offers, found at run time, and with the `sha2` crate where there is none or where a message is left over.
//!
//! | kernel, the preferred first | needs | lanes |
//! |---|---|---|
//! | `avx512` | AVX-512 F and BW | 16, a message per 32-bit element of the vectors |
//! | `sha_ni` | SHA, SSE4.1, SSSE3 | 2, interleaved |
//! | `avx2` | AVX2 | 8, a message per 32-bit element of the vectors |
//! | `sha2` | nothing | 1 |
//!
//! Where there are wide lanes and no SHA-NI, the lanes that a rest leaves idle are paid for, as soon as that is
//! cheaper than one message after the other, and messages of different length share them, too.
//!
//! All kernels give the digests of FIPS 180-4; `tests/digests.rs` compares every one with `sha2`.
//!
//! This is the only crate of the workspace that may contain `unsafe`: vector loads and stores, and the calls
//! that a detected CPU feature makes sound.

mod batch;
mod hmac;
mod kernel;
mod lanes;
mod padding;

pub use batch::{LEAF_BYTES, digest_many, digest_many_with, hash_leaves, hash_leaves_with};
pub use hmac::{hmac_many, hmac_many_with};
pub use kernel::{Kernel, Kernels};

/// A SHA-256 digest.
pub type Digest = [u8; 32];
