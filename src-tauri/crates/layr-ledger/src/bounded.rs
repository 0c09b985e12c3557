//! XDR from outside: always with a bound on depth and length.

use stellar_xdr::{Limits, ReadXdr, WriteXdr};

use crate::error::LedgerError;

/// Deepest nesting that is followed: as deep as the contract's host itself goes.
const MAX_DEPTH: u32 = 500;
/// Longest XDR in bytes: a transaction has at most 132 096 bytes, and its meta a few times that.
const MAX_BYTES: usize = 2 * 1024 * 1024;

/// The bounds of everything that is read and written.
pub(crate) const fn limits() -> Limits {
    Limits { depth: MAX_DEPTH, len: MAX_BYTES }
}

/// Reads base64 XDR of an answer.
pub(crate) fn decode<T: ReadXdr>(method: &'static str, text: &str) -> Result<T, LedgerError> {
    // Base64 has four letters for three bytes: what is longer is not even decoded.
    if text.len() > MAX_BYTES / 3 * 4 + 4 {
        return Err(LedgerError::malformed(method, "XDR that is too long"));
    }
    T::from_xdr_base64(text, limits()).map_err(|error| LedgerError::malformed(method, error))
}

/// Writes what is ours; fails only for what is larger than any transaction may be.
pub(crate) fn encode<T: WriteXdr>(value: &T) -> Result<Vec<u8>, LedgerError> {
    value.to_xdr(limits()).map_err(too_large)
}

/// As [`encode`], in base64.
pub(crate) fn encode_base64<T: WriteXdr>(value: &T) -> Result<String, LedgerError> {
    value.to_xdr_base64(limits()).map_err(too_large)
}

/// What cannot be written as XDR.
#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
pub(crate) fn too_large(error: stellar_xdr::Error) -> LedgerError {
    LedgerError::NotApproved { reason: format!("it is larger than a transaction may be ({error})") }
}
