//! Strict CBOR: one value has exactly one encoding, and nothing may follow it.

use minicbor::{Decode, Decoder, Encode, Encoder};
use zeroize::Zeroizing;

use crate::signing::Signature;

/// Why bytes from outside are not a value of the expected format.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// More bytes than the format can ever need; not looked at further.
    #[error("{size_bytes} bytes are more than the {limit_bytes} that this format allows")]
    TooLong {
        /// Bytes given.
        size_bytes: usize,
        /// Bytes allowed.
        limit_bytes: usize,
    },
    /// Written by a newer version of Layr, or not by Layr at all.
    #[error("format version {found} is not known to this version of Layr")]
    UnsupportedVersion {
        /// The version that the bytes name.
        found: u16,
    },
    /// Not the expected CBOR structure.
    #[error("the bytes don't have the structure of this format")]
    Malformed {
        /// What the CBOR decoder stumbled over.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Readable, but not in the one encoding that is allowed (shortest integers, definite lengths, nothing after).
    #[error("the bytes are not the canonical encoding of their content")]
    NotCanonical,
    /// A field has a value that the format forbids.
    #[error("the field \"{field}\" has a value that is not allowed")]
    Field {
        /// Name of the field as in `docs/formats.md`.
        field: &'static str,
    },
}

impl From<minicbor::decode::Error> for DecodeError {
    fn from(source: minicbor::decode::Error) -> Self {
        Self::Malformed { source: Box::new(source) }
    }
}

/// The canonical encoding of `value`.
pub(crate) fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    encode_sized(value, 0)
}

/// The canonical encoding of `value`, in a buffer that is not moved while it holds no more than `capacity_bytes`:
/// growing would leave copies of secrets behind.
pub(crate) fn encode_sized<T: Encode<()>>(value: &T, capacity_bytes: usize) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::with_capacity(capacity_bytes));
    #[expect(
        clippy::expect_used,
        reason = "a Vec takes every byte, and no encoder of this crate fails by itself"
    )]
    encoder.encode(value).expect("writing CBOR to memory does not fail");
    encoder.into_writer()
}

/// Decodes exactly one `T` of at most `limit_bytes`, in its canonical encoding, with nothing after it.
///
/// Comparing with the re-encoded value is what makes it strict: it refuses long integers, indefinite lengths,
/// unknown fields and trailing bytes alike, so that a signed thing cannot travel in two shapes.
pub(crate) fn decode<'b, T>(bytes: &'b [u8], limit_bytes: usize) -> Result<T, DecodeError>
where
    T: Decode<'b, ()> + Encode<()>,
{
    if bytes.len() > limit_bytes {
        return Err(DecodeError::TooLong { size_bytes: bytes.len(), limit_bytes });
    }
    let value: T = minicbor::decode(bytes)?;
    let canonical = Zeroizing::new(encode_sized(&value, bytes.len()));
    if canonical.as_slice() != bytes {
        return Err(DecodeError::NotCanonical);
    }
    Ok(value)
}

/// Refuses any version but `supported`, read from the first element of a CBOR array.
///
/// This comes before the decoding proper: another version may have another shape.
pub(crate) fn check_version(bytes: &[u8], supported: u16) -> Result<(), DecodeError> {
    let mut decoder = Decoder::new(bytes);
    decoder.array()?;
    let found = decoder.u16()?;
    if found == supported { Ok(()) } else { Err(DecodeError::UnsupportedVersion { found }) }
}

/// Reads a signed body of version `supported`, of at most `limit_bytes` with its signature, which is not checked yet.
pub(crate) fn decode_signed<B>(
    bytes: &[u8],
    limit_bytes: usize,
    supported: u16,
) -> Result<(B, Signature), DecodeError>
where
    B: for<'b> Decode<'b, ()> + Encode<()>,
{
    let Envelope { body, signature } = decode(bytes, limit_bytes)?;
    check_version(&body, supported)?;
    Ok((decode(&body, limit_bytes)?, signature))
}

/// The canonical encoding of a body with the signature over it.
pub(crate) fn encode_signed<B: Encode<()>>(body: &B, signature: Signature) -> Vec<u8> {
    encode(&Envelope { body: encode(body), signature })
}

/// A body and the signature over it: CBOR array of two byte strings.
#[derive(Encode, Decode)]
#[cbor(array)]
struct Envelope {
    #[cbor(n(0), with = "minicbor::bytes")]
    body: Vec<u8>,
    #[n(1)]
    signature: Signature,
}
