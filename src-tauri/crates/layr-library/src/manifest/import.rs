//! Taking somebody's manifest into the library.

mod standing;

use std::collections::{BTreeSet, HashMap};

use layr_codec::SegmentLayout;
use rusqlite::{Transaction, params};

use self::standing::Standing;
use super::{
    LibraryKey, Manifest, ManifestChunk, ManifestContent, ManifestEntry, ManifestError, ManifestKeys,
};
use crate::commit::{self, CommitError};
use crate::error::{StoreError, from_engine, signed};
use crate::ids::{FileId, VersionNumber};
use crate::journal::FINISHED;
use crate::library::Library;
use crate::path::{LibraryPath, PathError};
use crate::seal::{LABEL_ROWS, Seal};
use crate::tree::{Directories, EntryKind, NameError};
use crate::version::{self, VersionRow};
use crate::{chunks, clock, health, host, tree};

/// An entry that an import made or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Its id.
    pub file: FileId,
    /// Where it is.
    pub path: LibraryPath,
    /// What it is.
    pub kind: EntryKind,
    /// Its version; none for directories.
    pub version: Option<VersionNumber>,
    /// Length in bytes.
    pub size_bytes: u64,
}

/// Nothing was imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The manifest contradicts itself.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Its maker wanted it to end before now.
    #[error("this share ended at unix time {expires_unix_s}; ask for a new one")]
    Expired {
        /// When it ended.
        expires_unix_s: u64,
    },
    /// A path would become too long below the chosen directory.
    #[error(transparent)]
    Path(#[from] PathError),
    /// Other content is at a path, and it is not the share's to replace.
    #[error(
        "{path:?} is in your library already with other content. Nothing was imported; move it away and repeat"
    )]
    InTheWay {
        /// What is in the way.
        path: LibraryPath,
    },
    /// Something is in the way of a path.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// Something is in the way of a directory.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The keys could not be sealed.
    #[error("the keys of the manifest could not be sealed")]
    Seal,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_engine!(ImportError);

impl Library {
    /// Takes the files of a manifest into the directory `to`, all or none. They list, download and export like any
    /// other.
    ///
    /// A file that was imported before gets a new version from a newer share of the same owner. What the person stored
    /// themselves is never superseded: where it is the same content it stays as it is, else nothing is imported.
    ///
    /// The manifest's keys are stored sealed under the library key. Its segments are somebody else's to keep alive:
    /// they are never used for deduplication and never deleted at hosts. Chunks that this library has safely itself,
    /// under the same key, are taken from there.
    pub fn import(
        &self,
        manifest: &Manifest,
        to: &LibraryPath,
        keys: ManifestKeys<'_>,
        now_unix_s: u64,
    ) -> Result<Vec<Imported>, ImportError> {
        manifest.check()?;
        if let Some(expires_unix_s) = manifest.expires_unix_s.filter(|_| manifest.is_expired(now_unix_s)) {
            return Err(ImportError::Expired { expires_unix_s });
        }
        let seal = row_seal(keys.library_key)?;
        self.write(|transaction| {
            let chunks = insert_chunks(self, transaction, manifest, keys, &seal)?;
            let mut directories = Directories::default();
            let mut standing = Standing::new(manifest, keys, &seal);
            let mut imported = Vec::with_capacity(manifest.entries.len());
            for entry in &manifest.entries {
                let path = to.join(&entry.path)?;
                let source = Source { manifest, chunks: &chunks, now_unix_s };
                imported.push(source.add_entry(
                    self,
                    transaction,
                    (&mut directories, &mut standing),
                    entry,
                    path,
                )?);
            }
            standing.settle()?;
            Ok(imported)
        })
    }
}

fn row_seal(library_key: &LibraryKey) -> Result<Seal, ImportError> {
    Seal::new(library_key, LABEL_ROWS).map_err(|_| ImportError::Seal)
}

/// Row of a chunk and of its segment.
type Row = (i64, i64);

/// Finds or makes a row for every chunk of the manifest, in order.
fn insert_chunks(
    library: &Library,
    transaction: &Transaction<'_>,
    manifest: &Manifest,
    keys: ManifestKeys<'_>,
    seal: &Seal,
) -> Result<Vec<Row>, ImportError> {
    let mut segments = HashMap::new();
    let mut rows = Vec::with_capacity(manifest.chunks.len());
    for chunk in &manifest.chunks {
        if let Some(own) = own_copy(transaction, chunk, keys)? {
            rows.push(own);
            continue;
        }
        let known = segments.get(&chunk.segment).copied();
        let segment = match known {
            Some(row) => row,
            None => insert_segment(library, transaction, manifest, chunk.segment, seal)?,
        };
        segments.insert(chunk.segment, segment);
        let nonce = library.inner.entropy.bytes()?;
        let sealed_key =
            seal.seal(nonce, chunk.id.as_bytes(), chunk.key.as_bytes()).map_err(|_| ImportError::Seal)?;
        transaction
            .prepare_cached(
                "INSERT INTO chunk (chunk_id, segment, offset_bytes, plain_bytes, sealed_bytes, sealed_key)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                chunk.id.as_bytes(),
                segment,
                chunk.offset_bytes,
                chunk.plain_bytes,
                chunk.sealed_bytes,
                sealed_key
            ])?;
        rows.push((transaction.last_insert_rowid(), segment));
    }
    Ok(rows)
}

/// The chunk as this library has it safely itself. Who can make its key has the same secret, so it is the same
/// content; where it lies is still only what our own journal says.
fn own_copy(
    transaction: &Transaction<'_>,
    chunk: &ManifestChunk,
    keys: ManifestKeys<'_>,
) -> Result<Option<Row>, ImportError> {
    let own = chunks::own_chunk(transaction, &chunk.id)?;
    let own = own.filter(|own| own.is_safe && own.plain_bytes == chunk.plain_bytes);
    Ok(own.filter(|_| keys.codec.chunk_key(&chunk.id) == chunk.key).map(|own| (own.id, own.segment)))
}

fn insert_segment(
    library: &Library,
    transaction: &Transaction<'_>,
    manifest: &Manifest,
    position: u32,
    seal: &Seal,
) -> Result<i64, ImportError> {
    let segment = usize::try_from(position).ok().and_then(|position| manifest.segments.get(position));
    let segment = segment.ok_or_else(|| StoreError::damaged("a checked segment vanished"))?;
    let nonce = library.inner.entropy.bytes()?;
    let sealed_key = seal
        .seal(nonce, segment.id.as_bytes(), segment.blind_key.as_bytes())
        .map_err(|_| ImportError::Seal)?;
    let layout = SegmentLayout::new(segment.profile, u64::from(segment.len_bytes));
    let shard_bytes = layout.map_or(1, |layout| layout.shard_bytes());
    transaction
        .prepare_cached(
            "INSERT INTO segment (segment_id, origin, k, n, len_bytes, shard_bytes, state, alive, sealed_blind_key,
                touched_s) VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            segment.id.as_bytes(),
            segment.profile.k(),
            segment.profile.n(),
            segment.len_bytes,
            signed("a shard's length", shard_bytes)?,
            FINISHED,
            i64::try_from(segment.shards.len()).unwrap_or(i64::MAX),
            sealed_key,
            clock::observed(transaction)?
        ])?;
    let row = transaction.last_insert_rowid();
    let mut statement = transaction.prepare_cached(
        "INSERT INTO shard (segment, shard_index, root, host, state, shown_unix_s) VALUES (?1, ?2, ?3, ?4, 0, ?5)",
    )?;
    // What its maker says is as good as an acknowledgement, and is as old one day.
    let shown_unix_s = health::now_unix_s(transaction)?;
    for shard in &segment.shards {
        let Some(host) = manifest.hosts.get(usize::from(shard.host)) else { continue };
        // What we know of a host ourselves is better than what a stranger says.
        let host = host::row_of(transaction, &host.peer, &host.addresses)?;
        statement.execute(params![row, shard.index, shard.root.as_bytes(), host, shown_unix_s])?;
    }
    health::note_shown(transaction, row)?;
    Ok(row)
}

struct Source<'a> {
    manifest: &'a Manifest,
    chunks: &'a [Row],
    now_unix_s: u64,
}

impl Source<'_> {
    fn add_entry(
        &self,
        library: &Library,
        transaction: &Transaction<'_>,
        (directories, standing): (&mut Directories, &mut Standing<'_>),
        entry: &ManifestEntry,
        path: LibraryPath,
    ) -> Result<Imported, ImportError> {
        let (kind, size_bytes, link_target, references) = match &entry.content {
            ManifestContent::Directory => {
                return add_directory(library, transaction, directories, entry, path);
            }
            ManifestContent::File { size_bytes, chunks } => {
                (EntryKind::File, *size_bytes, None, chunks.as_slice())
            }
            ManifestContent::Symlink { target } => {
                (EntryKind::Symlink, 0, Some(target.as_str()), [].as_slice())
            }
        };
        let leaf = commit::leaf(library, transaction, directories, &path)?;
        if let Some(kept) = standing.look(transaction, leaf.id, &path, &entry.content)? {
            return Ok(Imported { file: leaf.file, path, kind, version: Some(kept.number), size_bytes });
        }
        let mut chunks = Vec::with_capacity(references.len());
        let mut segments = BTreeSet::new();
        for &reference in references {
            let row = usize::try_from(reference).ok().and_then(|reference| self.chunks.get(reference));
            let (chunk, segment) = *row.ok_or_else(|| StoreError::damaged("a chunk vanished"))?;
            chunks.push(chunk);
            segments.insert(segment);
        }
        let row = VersionRow {
            size_bytes,
            mtime_ns: entry.mtime_ns,
            mode: entry.mode,
            link_target,
            committed_unix_s: self.now_unix_s,
            expires_unix_s: self.manifest.expires_unix_s,
            chunks: &chunks,
            segments: &segments,
        };
        let (version, _) = version::add(transaction, leaf.id, &row)?;
        Ok(Imported { file: leaf.file, path, kind, version: Some(version.number), size_bytes })
    }
}

fn add_directory(
    library: &Library,
    transaction: &Transaction<'_>,
    directories: &mut Directories,
    entry: &ManifestEntry,
    path: LibraryPath,
) -> Result<Imported, ImportError> {
    let id = directories.make(library, transaction, &path).map_err(NameError::from)?;
    transaction
        .prepare_cached("UPDATE entry SET mtime_ns = ?2, mode = ?3 WHERE id = ?1 AND mtime_ns IS NULL")?
        .execute(params![id, entry.mtime_ns, entry.mode])?;
    let found = tree::by_row(transaction, id)?.ok_or_else(|| StoreError::damaged("a directory vanished"))?;
    Ok(Imported { file: found.file, path, kind: EntryKind::Directory, version: None, size_bytes: 0 })
}
