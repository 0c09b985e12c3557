//! Numbers in bytes that stay on the ledger's side. What is moved into the contract's memory is code, and code costs rent.

use soroban_sdk::{Bytes, BytesN};

/// The number of `length` bytes, big-endian, at `at`: at most eight. A call that passes fewer than eight bytes from there on fails, so
/// what is read is never the last of its bytes, or eight long.
#[inline(never)]
pub(crate) fn number(bytes: &Bytes, at: u32, length: u32) -> u64 {
    let mut word = [0; 8];
    bytes.slice(at..at + 8).copy_into_slice(&mut word);
    u64::from_be_bytes(word) >> (64 - 8 * length)
}

/// [`number`], of at most four bytes.
#[inline(never)]
#[expect(clippy::cast_possible_truncation, reason = "four bytes are a u32")]
pub(crate) fn short(bytes: &Bytes, at: u32, length: u32) -> u32 {
    number(bytes, at, length) as u32
}

/// Appends the number's eight bytes, big-endian.
#[inline(never)]
pub(crate) fn push(bytes: &mut Bytes, number: u64) {
    bytes.extend_from_array(&number.to_be_bytes());
}

/// The number of a host or a window, of which there are 64 at most.
#[expect(clippy::cast_possible_truncation, reason = "see above")]
pub(crate) const fn byte(number: u64) -> u8 {
    number as u8
}

/// A length of the formats, none of which is longer than a transaction.
#[expect(clippy::cast_possible_truncation, reason = "see above")]
pub(crate) const fn length(bytes: usize) -> u32 {
    bytes as u32
}

/// Bytes of a length that the caller has cut out.
pub(crate) fn sized<const N: usize>(bytes: Bytes) -> BytesN<N> {
    bytes.try_into().unwrap_or_else(|_| unreachable!())
}
