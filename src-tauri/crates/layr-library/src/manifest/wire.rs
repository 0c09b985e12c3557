//! A manifest as bytes: CBOR (RFC 8949) of arrays with definite lengths. `docs/formats.md` has the grammar.

use layr_codec::{ChunkId, ChunkKey, Profile, SegmentBlindKey, SegmentId, ShardRoot};
use layr_keys::PeerId;
use minicbor::decode::Error as DecodeError;
use minicbor::{Decoder, Encoder};
use zeroize::Zeroizing;

use super::{
    MAX_MANIFEST_BYTES, Manifest, ManifestChunk, ManifestContent, ManifestEntry, ManifestError, ManifestHost,
    ManifestSegment, ManifestShard,
};
use crate::path::RelativePath;

const KIND_FILE: u8 = 0;
const KIND_DIRECTORY: u8 = 1;
const KIND_SYMLINK: u8 = 2;

type Output = Encoder<Vec<u8>>;
type Written = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

impl Manifest {
    /// The manifest as bytes. It holds keys: the buffer is wiped when dropped.
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>, ManifestError> {
        self.check()?;
        let bytes = self.to_bytes()?;
        if bytes.len() > MAX_MANIFEST_BYTES {
            return Err(ManifestError::TooLong { len_bytes: bytes.len() });
        }
        Ok(bytes)
    }

    /// The manifest that these bytes stand for. Nothing in it contradicts itself, none of its paths leads out, and
    /// there are no other bytes for it.
    pub fn decode(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > MAX_MANIFEST_BYTES {
            return Err(ManifestError::TooLong { len_bytes: bytes.len() });
        }
        let mut decoder = Decoder::new(bytes);
        let manifest = read_manifest(&mut decoder)
            .map_err(|_| ManifestError::Malformed { offset_bytes: decoder.position().min(bytes.len()) })?;
        let len_bytes = bytes.len().saturating_sub(decoder.position());
        if len_bytes > 0 {
            return Err(ManifestError::Trailing { len_bytes });
        }
        manifest.check()?;
        let only = manifest.to_bytes()?;
        if only.as_slice() != bytes {
            let offset_bytes = only.iter().zip(bytes).take_while(|(a, b)| a == b).count();
            return Err(ManifestError::Malformed { offset_bytes });
        }
        Ok(manifest)
    }

    fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, ManifestError> {
        // Enough at once, as a buffer that grows leaves copies of keys behind.
        let mut encoder = Encoder::new(Vec::with_capacity(self.encoded_bytes_at_most()));
        let written = self.write(&mut encoder);
        let bytes = Zeroizing::new(encoder.into_writer());
        // Memory takes all that is written; should it ever not, then what is there is no manifest.
        written.map_err(|_| ManifestError::Malformed { offset_bytes: bytes.len() })?;
        Ok(bytes)
    }

    fn encoded_bytes_at_most(&self) -> usize {
        let entries = self.entries.iter().map(|entry| {
            let content = match &entry.content {
                ManifestContent::File { chunks, .. } => 5 * chunks.len() + 20,
                ManifestContent::Directory => 1,
                ManifestContent::Symlink { target } => target.len() + 5,
            };
            entry.path.as_str().len() + content + 32
        });
        let segments = self.segments.iter().map(|segment| 80 + 40 * segment.shards.len());
        let hosts = self
            .hosts
            .iter()
            .map(|host| 40 + host.addresses.iter().map(|address| address.len() + 5).sum::<usize>());
        64 + 96 * self.chunks.len() + entries.chain(segments).chain(hosts).sum::<usize>()
    }

    fn write(&self, encoder: &mut Output) -> Written {
        encoder.array(6)?.u64(self.created_unix_s)?;
        match self.expires_unix_s {
            Some(time) => encoder.u64(time)?,
            None => encoder.null()?,
        };
        array(encoder, &self.hosts, |encoder, host| {
            encoder.array(2)?.bytes(host.peer.as_bytes())?;
            array(encoder, &host.addresses, |encoder, address| encoder.str(address).map(drop))
        })?;
        array(encoder, &self.segments, |encoder, segment| {
            encoder
                .array(6)?
                .bytes(segment.id.as_bytes())?
                .u8(segment.profile.k())?
                .u8(segment.profile.n())?;
            encoder.u32(segment.len_bytes)?.bytes(segment.blind_key.as_bytes())?;
            array(encoder, &segment.shards, |encoder, shard| {
                encoder.array(3)?.u8(shard.index)?.bytes(shard.root.as_bytes())?.u16(shard.host).map(drop)
            })
        })?;
        array(encoder, &self.chunks, |encoder, chunk| {
            encoder
                .array(6)?
                .bytes(chunk.id.as_bytes())?
                .bytes(chunk.key.as_bytes())?
                .u32(chunk.plain_bytes)?;
            encoder.u32(chunk.sealed_bytes)?.u32(chunk.segment)?.u32(chunk.offset_bytes).map(drop)
        })?;
        array(encoder, &self.entries, write_entry)
    }
}

fn array<T>(encoder: &mut Output, items: &[T], write: impl Fn(&mut Output, &T) -> Written) -> Written {
    encoder.array(items.len() as u64)?;
    items.iter().try_for_each(|item| write(encoder, item))
}

fn write_entry(encoder: &mut Output, entry: &ManifestEntry) -> Written {
    let kind = match entry.content {
        ManifestContent::File { .. } => KIND_FILE,
        ManifestContent::Directory => KIND_DIRECTORY,
        ManifestContent::Symlink { .. } => KIND_SYMLINK,
    };
    encoder.array(5)?.u8(kind)?.str(entry.path.as_str())?.i64(entry.mtime_ns)?;
    match entry.mode {
        Some(mode) => encoder.u32(mode)?,
        None => encoder.null()?,
    };
    match &entry.content {
        ManifestContent::File { size_bytes, chunks } => {
            encoder.array(2)?.u64(*size_bytes)?;
            array(encoder, chunks, |encoder, chunk| encoder.u32(*chunk).map(drop))
        }
        ManifestContent::Directory => encoder.null().map(drop),
        ManifestContent::Symlink { target } => encoder.str(target).map(drop),
    }
}

fn read_manifest(decoder: &mut Decoder<'_>) -> Result<Manifest, DecodeError> {
    tuple(decoder, 6)?;
    Ok(Manifest {
        created_unix_s: decoder.u64()?,
        expires_unix_s: optional(decoder, Decoder::u64)?,
        hosts: list(decoder, super::MAX_HOSTS, read_host)?,
        segments: list(decoder, usize::MAX, read_segment)?,
        chunks: list(decoder, usize::MAX, read_chunk)?,
        entries: list(decoder, super::MAX_ENTRIES, read_entry)?,
    })
}

fn read_host(decoder: &mut Decoder<'_>) -> Result<ManifestHost, DecodeError> {
    tuple(decoder, 2)?;
    Ok(ManifestHost {
        peer: PeerId::from_bytes(fixed(decoder)?),
        addresses: list(decoder, crate::host::MAX_ADDRESSES, |decoder| decoder.str().map(str::to_owned))?,
    })
}

fn read_segment(decoder: &mut Decoder<'_>) -> Result<ManifestSegment, DecodeError> {
    tuple(decoder, 6)?;
    let id = SegmentId::from_bytes(fixed(decoder)?);
    let profile =
        Profile::new(decoder.u8()?, decoder.u8()?).map_err(|_| DecodeError::message("no such profile"))?;
    Ok(ManifestSegment {
        id,
        profile,
        len_bytes: decoder.u32()?,
        blind_key: SegmentBlindKey::from_bytes(fixed(decoder)?),
        shards: list(decoder, usize::from(layr_codec::MAX_SHARDS), |decoder| {
            tuple(decoder, 3)?;
            let index = decoder.u8()?;
            Ok(ManifestShard { index, root: ShardRoot::from_bytes(fixed(decoder)?), host: decoder.u16()? })
        })?,
    })
}

fn read_chunk(decoder: &mut Decoder<'_>) -> Result<ManifestChunk, DecodeError> {
    tuple(decoder, 6)?;
    Ok(ManifestChunk {
        id: ChunkId::from_bytes(fixed(decoder)?),
        key: ChunkKey::from_bytes(fixed(decoder)?),
        plain_bytes: decoder.u32()?,
        sealed_bytes: decoder.u32()?,
        segment: decoder.u32()?,
        offset_bytes: decoder.u32()?,
    })
}

fn read_entry(decoder: &mut Decoder<'_>) -> Result<ManifestEntry, DecodeError> {
    tuple(decoder, 5)?;
    let kind = decoder.u8()?;
    let path = RelativePath::parse(decoder.str()?).map_err(|_| DecodeError::message("not a path"))?;
    let mtime_ns = decoder.i64()?;
    let mode = optional(decoder, Decoder::u32)?;
    let content = match kind {
        KIND_FILE => {
            tuple(decoder, 2)?;
            let size_bytes = decoder.u64()?;
            ManifestContent::File {
                size_bytes,
                chunks: list(decoder, super::MAX_CHUNK_REFERENCES, Decoder::u32)?,
            }
        }
        KIND_DIRECTORY => {
            decoder.null()?;
            ManifestContent::Directory
        }
        KIND_SYMLINK => ManifestContent::Symlink { target: decoder.str()?.to_owned() },
        _ => return Err(DecodeError::message("no such kind")),
    };
    Ok(ManifestEntry { path, content, mtime_ns, mode })
}

/// The head of an array, whose length must be definite.
fn length(decoder: &mut Decoder<'_>) -> Result<u64, DecodeError> {
    decoder.array()?.ok_or_else(|| DecodeError::message("indefinite length"))
}

fn tuple(decoder: &mut Decoder<'_>, fields: u64) -> Result<(), DecodeError> {
    if length(decoder)? == fields { Ok(()) } else { Err(DecodeError::message("wrong number of fields")) }
}

fn list<'b, T>(
    decoder: &mut Decoder<'b>,
    limit: usize,
    read: impl Fn(&mut Decoder<'b>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    // Every item takes at least a byte: a length beyond what is left is a lie, and reserves nothing.
    let left = decoder.input().len().saturating_sub(decoder.position());
    let count = usize::try_from(length(decoder)?).ok().filter(|count| *count <= limit.min(left));
    let count = count.ok_or_else(|| DecodeError::message("too many items"))?;
    let mut items = Vec::new();
    for _ in 0..count {
        items.push(read(decoder)?);
    }
    Ok(items)
}

fn optional<'b, T>(
    decoder: &mut Decoder<'b>,
    read: impl Fn(&mut Decoder<'b>) -> Result<T, DecodeError>,
) -> Result<Option<T>, DecodeError> {
    if decoder.datatype()? == minicbor::data::Type::Null {
        decoder.null()?;
        return Ok(None);
    }
    read(decoder).map(Some)
}

fn fixed<const LEN: usize>(decoder: &mut Decoder<'_>) -> Result<[u8; LEN], DecodeError> {
    decoder.bytes()?.try_into().map_err(|_| DecodeError::message("wrong length"))
}
