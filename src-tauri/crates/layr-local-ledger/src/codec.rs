//! XDR to bytes and back, with limits on all that comes from outside.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use stellar_xdr::{Error, Limits, ReadXdr, WriteXdr};

use crate::error::LedgerError;

/// Deepest nesting that is read from outside: the host's own limit for values is 100, an envelope adds a few levels.
const MAX_DEPTH: u32 = 200;
/// Most bytes that are read from outside in one piece: twice the largest transaction; values expand no further.
pub(crate) const MAX_READ_BYTES: usize = 264_192;
/// What this ledger made itself is within the protocol's bounds already.
pub(crate) const WRITING: Limits = Limits { depth: 1000, len: 256 * 1024 * 1024 };

/// Bytes of a value.
pub(crate) fn bytes(value: &impl WriteXdr) -> Result<Vec<u8>, LedgerError> {
    Ok(value.to_xdr(WRITING)?)
}

/// A value as clients want it.
pub(crate) fn text(value: &impl WriteXdr) -> Result<String, LedgerError> {
    bytes(value).map(|bytes| STANDARD.encode(bytes))
}

/// Bytes as clients want them.
pub(crate) fn text_of(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A value from the ledger's own database.
pub(crate) fn stored<T: ReadXdr>(bytes: &[u8]) -> Result<T, LedgerError> {
    T::from_xdr(bytes, WRITING).map_err(|error| LedgerError::damaged(error.to_string()))
}

/// A value from outside.
pub(crate) fn from_text<T: ReadXdr>(text: &str) -> Result<T, Error> {
    if text.len() > MAX_READ_BYTES.saturating_mul(4) / 3 + 4 {
        return Err(Error::LengthLimitExceeded);
    }
    let bytes = STANDARD.decode(text.trim()).map_err(|_| Error::Invalid)?;
    T::from_xdr(bytes, Limits { depth: MAX_DEPTH, len: MAX_READ_BYTES })
}

/// Size in bytes; more than 32 bits can hold counts as the most.
pub(crate) fn size(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}
