//! Manifests: what it takes to get files back, without the library.

mod build;
mod check;
mod import;
mod wire;

use layr_codec::{ChunkId, ChunkKey, CodecSecrets, Profile, SegmentBlindKey, SegmentId, ShardRoot};
use layr_keys::PeerId;

pub use build::ExportError;
pub use check::ManifestError;
pub use import::{ImportError, Imported};

use crate::path::RelativePath;

/// Longest encoded manifest: a file of about 2 TiB at 10 of 30, at 120 bytes for each chunk of 1 MiB. Bounds what a
/// hostile file can make us read.
pub const MAX_MANIFEST_BYTES: usize = 256 * 1024 * 1024;

/// Most entries of a manifest: a hostile one needs 10 bytes for each, and we about 100.
pub const MAX_ENTRIES: usize = 1_000_000;

/// Most chunk references of all files of a manifest together, as a hostile one needs 1 byte for each, and we 4. Eight
/// TiB of chunks of 1 MiB.
pub const MAX_CHUNK_REFERENCES: usize = 8 * 1024 * 1024;

/// Most hosts of a manifest: they are numbered by 16 bits.
pub const MAX_HOSTS: usize = 65_535;

/// Permission bits that travel: read, write, execute. Never set-user-id and the like.
pub const MODE_MASK: u32 = 0o777;

/// What it takes to get one or more files back. Whoever has it can read exactly these files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manifest {
    /// Files, directories and links, ordered by path, each directory before what is in it.
    pub entries: Vec<ManifestEntry>,
    /// Chunks that the files refer to by position.
    pub chunks: Vec<ManifestChunk>,
    /// Segments that the chunks refer to by position.
    pub segments: Vec<ManifestSegment>,
    /// Hosts that the shards refer to by position.
    pub hosts: Vec<ManifestHost>,
    /// When it was made.
    pub created_unix_s: u64,
    /// When its maker wants it to end; a well-behaved reader refuses it from then on.
    pub expires_unix_s: Option<u64>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestEntry {
    /// Path below wherever it is written to. A single file or directory has its own name as the first part.
    pub path: RelativePath,
    /// What it is.
    pub content: ManifestContent,
    /// Last change, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Permission bits within [`MODE_MASK`].
    pub mode: Option<u32>,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManifestContent {
    /// A file.
    File {
        /// Length in bytes: the sum of its chunks' plaintexts.
        size_bytes: u64,
        /// Positions in [`Manifest::chunks`], in order.
        chunks: Vec<u32>,
    },
    /// A directory.
    Directory,
    /// A symbolic link. Where it points to is the reader's to judge.
    Symlink {
        /// Its target.
        target: String,
    },
}

/// One chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestChunk {
    /// Its id, bound into its encryption.
    pub id: ChunkId,
    /// Its key.
    pub key: ChunkKey,
    /// Length of its plaintext.
    pub plain_bytes: u32,
    /// Length when sealed.
    pub sealed_bytes: u32,
    /// Position in [`Manifest::segments`].
    pub segment: u32,
    /// Where the sealed chunk begins in the segment.
    pub offset_bytes: u32,
}

/// One segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestSegment {
    /// Its id.
    pub id: SegmentId,
    /// Its code.
    pub profile: Profile,
    /// Its length before padding.
    pub len_bytes: u32,
    /// Key of its blinding.
    pub blind_key: SegmentBlindKey,
    /// Its shards, those to be asked first in front.
    pub shards: Vec<ManifestShard>,
}

/// One shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManifestShard {
    /// Its index, below the profile's n.
    pub index: u8,
    /// Its root.
    pub root: ShardRoot,
    /// Position in [`Manifest::hosts`].
    pub host: u16,
}

/// One host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestHost {
    /// Which host.
    pub peer: PeerId,
    /// Where it can be dialled.
    pub addresses: Vec<String>,
}

/// The keys that making or importing a manifest needs.
#[derive(Debug, Clone, Copy)]
pub struct ManifestKeys<'a> {
    /// Chunk and blind keys of our own segments are derived from these.
    pub codec: &'a CodecSecrets,
    /// Keys of imported segments are stored sealed under this.
    pub library_key: &'a LibraryKey,
}

/// The key that seals what the owner keeps for themselves. Shown redacted.
#[derive(Clone, PartialEq, Eq, zeroize::Zeroize, zeroize::ZeroizeOnDrop)]
pub struct LibraryKey([u8; 32]);

impl LibraryKey {
    /// The key of these bytes, as the key hierarchy derives them.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for LibraryKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("LibraryKey(..)")
    }
}

impl Manifest {
    /// Whether it must not be used any more at `now_unix_s`.
    pub fn is_expired(&self, now_unix_s: u64) -> bool {
        self.expires_unix_s.is_some_and(|end| end <= now_unix_s)
    }

    /// Bytes of all files together.
    pub fn size_bytes(&self) -> u64 {
        let sizes = self.entries.iter().map(|entry| match entry.content {
            ManifestContent::File { size_bytes, .. } => size_bytes,
            ManifestContent::Directory | ManifestContent::Symlink { .. } => 0,
        });
        sizes.fold(0, u64::saturating_add)
    }
}
