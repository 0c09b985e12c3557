//! Sealed chunks: compressed if that shrinks them, encrypted, bound to their id and length.

use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::{Aes256Gcm, KeyInit};

use crate::{ChunkId, ChunkKey, MAX_CHUNK_BYTES, OpenError, SealError};

/// Length of a nonce.
pub const NONCE_BYTES: usize = 12;

/// Length of a tag.
pub const TAG_BYTES: usize = 16;

/// What sealing adds to an incompressible chunk: version, encoding, nonce and tag.
pub const SEALED_OVERHEAD_BYTES: usize = HEADER_BYTES + TAG_BYTES;

/// Room beyond a chunk's own length that sealing needs while it tries to compress: zstd's bound for the longest
/// chunk is 16 KiB above its length.
pub const SEAL_HEADROOM_BYTES: usize = 17 * 1024;

const HEADER_BYTES: usize = 2 + NONCE_BYTES;

/// The only version so far.
const VERSION: u8 = 1;

/// zstd's fastest standard level: chunks wait for the network, not for a better ratio.
const ZSTD_LEVEL: i32 = 1;

/// Version, encoding, chunk id, length of the plaintext.
const AAD_BYTES: usize = 2 + 32 + 4;

/// How a chunk's plaintext is written before encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// As it is.
    Raw,
    /// As a zstd frame.
    Zstd,
}

impl Encoding {
    /// The byte that stands for it.
    pub const fn to_byte(self) -> u8 {
        match self {
            Self::Raw => 0,
            Self::Zstd => 1,
        }
    }

    /// What a byte stands for.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Raw),
            1 => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// What sealing did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedInfo {
    /// Bytes appended to the segment.
    pub sealed_bytes: u32,
    /// How the plaintext was written.
    pub encoding: Encoding,
    /// The tag. Sealing the same chunk with the same nonce again after a crash must give the same tag; if it does
    /// not, the bytes differ (another zstd), and sending them would use a nonce twice.
    pub tag: [u8; TAG_BYTES],
}

/// Seals a chunk and appends it to `out`, the segment. After an error `out` is as before.
///
/// `nonce` must never have been used with this key for other bytes. An `out` with room for the chunk and
/// [`SEAL_HEADROOM_BYTES`] more is not reallocated.
pub fn seal_chunk(
    key: &ChunkKey,
    id: &ChunkId,
    plaintext: &[u8],
    nonce: [u8; NONCE_BYTES],
    out: &mut Vec<u8>,
) -> Result<SealedInfo, SealError> {
    let plain_bytes = plaintext.len();
    let length = match u32::try_from(plain_bytes) {
        Ok(length) if (1..=MAX_CHUNK_BYTES).contains(&plain_bytes) => length,
        _ => return Err(SealError::Length { plain_bytes }),
    };
    let start = out.len();
    out.extend_from_slice(&[VERSION, Encoding::Raw.to_byte()]);
    out.extend_from_slice(&nonce);
    let encoding = append_body(plaintext, out);
    if let Some(byte) = out.get_mut(start + 1) {
        *byte = encoding.to_byte();
    }
    let body = out.get_mut(start + HEADER_BYTES..).unwrap_or_default();
    let sealed = Aes256Gcm::new(key.as_bytes().into()).encrypt_inout_detached(
        &nonce.into(),
        &associated_data(encoding, id, length),
        InOutBuf::from(body),
    );
    let Ok(tag) = sealed else {
        out.truncate(start);
        return Err(SealError::Cipher { plain_bytes });
    };
    out.extend_from_slice(&tag);
    let sealed_bytes = u32::try_from(out.len() - start).map_err(|_| SealError::Length { plain_bytes })?;
    Ok(SealedInfo { sealed_bytes, encoding, tag: tag.into() })
}

/// Opens a sealed chunk of `plain_bytes` and appends the plaintext to `out`. Decrypts in place: `sealed` is
/// scratch afterwards. Memory and time are bounded by `plain_bytes`, whatever the content says; after an error
/// `out` is as before.
///
/// An `Ok` says that the bytes are those that the holder of the key sealed under this id: id and length are
/// authenticated with them.
pub fn open_chunk(
    key: &ChunkKey,
    id: &ChunkId,
    sealed: &mut [u8],
    plain_bytes: u32,
    out: &mut Vec<u8>,
) -> Result<(), OpenError> {
    let length = plain_bytes as usize;
    if !(1..=MAX_CHUNK_BYTES).contains(&length) {
        return Err(OpenError::Length { plain_bytes });
    }
    let sealed_bytes = sealed.len();
    let wrong_length = OpenError::SealedLength { sealed_bytes, plain_bytes };
    if sealed_bytes <= SEALED_OVERHEAD_BYTES || sealed_bytes > length + SEALED_OVERHEAD_BYTES {
        return Err(wrong_length);
    }
    let (header, rest) = sealed.split_first_chunk_mut::<HEADER_BYTES>().ok_or(wrong_length)?;
    let (body, tag) = rest.split_last_chunk_mut::<TAG_BYTES>().ok_or(wrong_length)?;
    let [version, encoding, nonce @ ..] = *header;
    if version != VERSION {
        return Err(OpenError::UnknownVersion { version });
    }
    let encoding = Encoding::from_byte(encoding).ok_or(OpenError::UnknownEncoding { encoding })?;
    Aes256Gcm::new(key.as_bytes().into())
        .decrypt_inout_detached(
            &nonce.into(),
            &associated_data(encoding, id, plain_bytes),
            InOutBuf::from(&mut *body),
            &(*tag).into(),
        )
        .map_err(|_| OpenError::NotAuthentic)?;
    match encoding {
        Encoding::Raw if body.len() != length => Err(wrong_length),
        Encoding::Raw => {
            out.extend_from_slice(body);
            Ok(())
        }
        Encoding::Zstd => decompress(body, plain_bytes, out),
    }
}

/// Appends the plaintext, compressed if that shrinks it. The same plaintext gives the same bytes as long as
/// zstd is the same: the room that zstd sees never limits it.
fn append_body(plaintext: &[u8], out: &mut Vec<u8>) -> Encoding {
    let start = out.len();
    out.reserve_exact(plaintext.len() + SEAL_HEADROOM_BYTES - HEADER_BYTES);
    let mut end = std::io::Cursor::new(&mut *out);
    end.set_position(start as u64);
    let compressed = zstd::bulk::Compressor::new(ZSTD_LEVEL)
        .and_then(|mut compressor| compressor.compress_to_buffer(plaintext, &mut end));
    // An error of the compressor is no reason not to store the chunk.
    if matches!(compressed, Ok(bytes) if bytes < plaintext.len() && out.len() == start + bytes) {
        return Encoding::Zstd;
    }
    out.truncate(start);
    out.extend_from_slice(plaintext);
    Encoding::Raw
}

fn decompress(body: &[u8], plain_bytes: u32, out: &mut Vec<u8>) -> Result<(), OpenError> {
    let start = out.len();
    let length = plain_bytes as usize;
    out.resize(start + length, 0);
    let destination = out.get_mut(start..).unwrap_or_default();
    match zstd::bulk::decompress_to_buffer(body, destination) {
        Ok(written) if written == length => Ok(()),
        Ok(_) | Err(_) => {
            out.truncate(start);
            Err(OpenError::Decompress { plain_bytes })
        }
    }
}

fn associated_data(encoding: Encoding, id: &ChunkId, plain_bytes: u32) -> [u8; AAD_BYTES] {
    let mut data = [0; AAD_BYTES];
    data[0] = VERSION;
    data[1] = encoding.to_byte();
    data[2..34].copy_from_slice(id.as_bytes());
    data[34..].copy_from_slice(&plain_bytes.to_be_bytes());
    data
}
