//! Making a manifest from the library.

use std::collections::HashMap;

use layr_codec::{ChunkId, ChunkKey, SegmentBlindKey, SegmentId, ShardRoot};
use layr_keys::PeerId;
use rusqlite::{Connection, OptionalExtension as _};

use super::{
    MAX_CHUNK_REFERENCES, MAX_ENTRIES, MAX_HOSTS, MODE_MASK, Manifest, ManifestChunk, ManifestContent,
    ManifestEntry, ManifestError, ManifestHost, ManifestKeys, ManifestSegment, ManifestShard,
};
use crate::error::{StoreError, from_engine, narrow, unsigned};
use crate::ids::VersionNumber;
use crate::info::{Target, locate, missing_version, pick};
use crate::journal;
use crate::library::Library;
use crate::listing::Walk;
use crate::path::{LibraryPath, RelativePath};
use crate::seal::{LABEL_ROWS, Seal};
use crate::tree::{Found, NameError};
use crate::version;

/// No manifest could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// No such entry or version.
    #[error(transparent)]
    Name(#[from] NameError),
    /// It would break the limits of manifests: export parts of the directory instead.
    #[error(transparent)]
    TooLarge(#[from] ManifestError),
    /// The keys of an imported segment were sealed under another library key.
    #[error("the keys of an imported file do not open with this recovery phrase")]
    WrongKey,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_engine!(ExportError);

impl Library {
    /// The manifest of a file (of one of its versions, or the current one) or of a directory with all it holds.
    ///
    /// Shards that are healthy come first, then those whose hosts did not answer. Shards that are missing or corrupt
    /// are left out unless the segment cannot be had without them: then they are the last hope and come last.
    pub fn manifest<'a>(
        &self,
        target: impl Into<Target<'a>>,
        version: Option<VersionNumber>,
        keys: ManifestKeys<'_>,
        now_unix_s: u64,
    ) -> Result<Manifest, ExportError> {
        let target = target.into();
        self.read(|connection| {
            let (found, place) = locate(connection, target)?;
            let mut builder = Builder::new(connection, keys, now_unix_s)?;
            if found.is_directory {
                builder.add_directory(found, &place.path)?;
            } else {
                let name = place.path.name().unwrap_or_default();
                let number = pick(connection, &found, version)?;
                let row = number.ok_or_else(|| missing_version(&place.path, version))?;
                builder.add_leaf(row.id, relative(name)?)?;
            }
            Ok(builder.manifest)
        })
    }
}

fn relative(path: &str) -> Result<RelativePath, StoreError> {
    RelativePath::parse(path)
        .map_err(|error| StoreError::damaged(format!("an entry has no valid path: {error}")))
}

struct Builder<'a> {
    connection: &'a Connection,
    keys: ManifestKeys<'a>,
    seal: Seal,
    manifest: Manifest,
    references: usize,
    /// Positions in the manifest by row.
    chunks: HashMap<i64, u32>,
    segments: HashMap<i64, u32>,
    hosts: HashMap<i64, u16>,
}

impl<'a> Builder<'a> {
    fn new(connection: &'a Connection, keys: ManifestKeys<'a>, now_unix_s: u64) -> Result<Self, ExportError> {
        Ok(Self {
            connection,
            keys,
            seal: Seal::new(keys.library_key, LABEL_ROWS).map_err(|_| ExportError::WrongKey)?,
            manifest: Manifest { created_unix_s: now_unix_s, ..Manifest::default() },
            references: 0,
            chunks: HashMap::new(),
            segments: HashMap::new(),
            hosts: HashMap::new(),
        })
    }

    fn add_directory(&mut self, found: Found, path: &LibraryPath) -> Result<(), ExportError> {
        // Paths begin with the directory's own name; the root has none.
        let skip = path.parent().map_or(0, |parent| parent.as_str().len() + usize::from(!parent.is_root()));
        let cut = |path: &LibraryPath| relative(path.as_str().get(skip.max(1)..).unwrap_or_default());
        if !path.is_root() {
            let (mtime_ns, mode): (Option<i64>, Option<u32>) = self
                .connection
                .prepare_cached("SELECT mtime_ns, mode FROM entry WHERE id = ?1")?
                .query_row([found.id], |row| Ok((row.get(0)?, row.get(1)?)))?;
            self.push(cut(path)?, ManifestContent::Directory, mtime_ns.unwrap_or(0), mode)?;
        }
        let mut walk = Walk::new(path, found.id, true);
        while let Some((path, child)) = walk.next(self.connection)? {
            let relative = cut(&path)?;
            if child.found.is_directory {
                self.push(relative, ManifestContent::Directory, child.mtime_ns.unwrap_or(0), child.mode)?;
            } else if let Some(version) = version::current(self.connection, child.found.id)? {
                self.add_leaf(version.id, relative)?;
            }
        }
        Ok(())
    }

    fn push(
        &mut self,
        path: RelativePath,
        content: ManifestContent,
        mtime_ns: i64,
        mode: Option<u32>,
    ) -> Result<(), ExportError> {
        if self.manifest.entries.len() >= MAX_ENTRIES {
            let count = self.manifest.entries.len().saturating_add(1);
            return Err(ManifestError::TooMany { what: "entries", count, limit: MAX_ENTRIES }.into());
        }
        let mode = mode.map(|mode| mode & MODE_MASK);
        self.manifest.entries.push(ManifestEntry { path, content, mtime_ns, mode });
        Ok(())
    }

    fn add_leaf(&mut self, version: i64, path: RelativePath) -> Result<(), ExportError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT size_bytes, mtime_ns, mode, link_target, expires_unix_s FROM version WHERE id = ?1",
        )?;
        let mut rows = statement.query([version])?;
        let row = rows.next()?.ok_or_else(|| StoreError::damaged("a version vanished"))?;
        let mode: Option<u32> = row.get::<_, Option<i64>>(2)?.map(narrow).transpose()?;
        if let Some(end) = row.get::<_, Option<i64>>(4)?.map(unsigned).transpose()? {
            let first = self.manifest.expires_unix_s.map_or(end, |other| other.min(end));
            self.manifest.expires_unix_s = Some(first);
        }
        let content = match row.get::<_, Option<String>>(3)? {
            Some(target) => ManifestContent::Symlink { target },
            None => self.file_content(version, unsigned(row.get(0)?)?)?,
        };
        self.push(path, content, row.get(1)?, mode)
    }

    fn file_content(&mut self, version: i64, size_bytes: u64) -> Result<ManifestContent, ExportError> {
        let rows = version::chunk_rows(self.connection, version)?;
        self.references = self.references.saturating_add(rows.len());
        if self.references > MAX_CHUNK_REFERENCES {
            let limit = MAX_CHUNK_REFERENCES;
            return Err(
                ManifestError::TooMany { what: "chunk references", count: self.references, limit }.into()
            );
        }
        let chunks = rows.into_iter().map(|row| self.chunk(row)).collect::<Result<_, _>>()?;
        Ok(ManifestContent::File { size_bytes, chunks })
    }

    /// Position of a chunk, added when it is new.
    fn chunk(&mut self, row: i64) -> Result<u32, ExportError> {
        if let Some(&position) = self.chunks.get(&row) {
            return Ok(position);
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT chunk_id, segment, offset_bytes, plain_bytes, sealed_bytes, sealed_key FROM chunk WHERE id = ?1",
        )?;
        let found = statement.query_row([row], |row| {
            let sealed_key: Option<Vec<u8>> = row.get(5)?;
            Ok((
                ChunkId::from_bytes(row.get(0)?),
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                sealed_key,
            ))
        });
        let (id, segment, offset_bytes, plain_bytes, sealed_bytes, sealed_key) = found
            .optional()?
            .ok_or_else(|| StoreError::damaged("a version has a chunk that does not exist"))?;
        let key = match sealed_key {
            None => self.keys.codec.chunk_key(&id),
            Some(sealed) => {
                let key = self.seal.open_key(id.as_bytes(), &sealed).map_err(|_| ExportError::WrongKey)?;
                ChunkKey::from_bytes(*key)
            }
        };
        let segment = self.segment(segment)?;
        let position = position(self.manifest.chunks.len())?;
        self.manifest.chunks.push(ManifestChunk {
            id,
            key,
            plain_bytes,
            sealed_bytes,
            segment,
            offset_bytes,
        });
        self.chunks.insert(row, position);
        Ok(position)
    }

    /// Position of a segment, added with its shards when it is new.
    fn segment(&mut self, row: i64) -> Result<u32, ExportError> {
        if let Some(&position) = self.segments.get(&row) {
            return Ok(position);
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT segment_id, k, n, len_bytes, sealed_blind_key FROM segment WHERE id = ?1",
        )?;
        let (id, k, n, len_bytes, sealed_key) = statement.query_row([row], |row| {
            let sealed_key: Option<Vec<u8>> = row.get(4)?;
            Ok((SegmentId::from_bytes(row.get(0)?), row.get(1)?, row.get(2)?, row.get(3)?, sealed_key))
        })?;
        let blind_key = match sealed_key {
            None => self.keys.codec.segment_blind_key(&id),
            Some(sealed) => {
                let key = self.seal.open_key(id.as_bytes(), &sealed).map_err(|_| ExportError::WrongKey)?;
                SegmentBlindKey::from_bytes(*key)
            }
        };
        let profile = journal::profile(k, n)?;
        let shards = self.shards(row, usize::from(k))?;
        let position = position(self.manifest.segments.len())?;
        self.manifest.segments.push(ManifestSegment { id, profile, len_bytes, blind_key, shards });
        self.segments.insert(row, position);
        Ok(position)
    }

    fn shards(&mut self, segment: i64, needed: usize) -> Result<Vec<ManifestShard>, ExportError> {
        // States in order of hope: healthy 0, unreachable 3, then missing 1 and corrupt 2; what failed for good last.
        let mut statement = self.connection.prepare_cached(
            "SELECT shard_index, root, host, state IN (0, 3) AND failed IS NULL FROM shard WHERE segment = ?1
             ORDER BY failed IS NOT NULL, CASE state WHEN 0 THEN 0 WHEN 3 THEN 1 ELSE 2 END, shard_index",
        )?;
        let mut rows = statement.query([segment])?;
        let mut shards = Vec::new();
        while let Some(row) = rows.next()? {
            let has_hope: bool = row.get(3)?;
            if !has_hope && shards.len() >= needed {
                break;
            }
            let host = self.host(row.get(2)?)?;
            shards.push(ManifestShard {
                index: narrow(row.get(0)?)?,
                root: ShardRoot::from_bytes(row.get(1)?),
                host,
            });
        }
        Ok(shards)
    }

    fn host(&mut self, row: i64) -> Result<u16, ExportError> {
        if let Some(&position) = self.hosts.get(&row) {
            return Ok(position);
        }
        let mut statement =
            self.connection.prepare_cached("SELECT peer, addresses FROM host WHERE id = ?1")?;
        let (peer, addresses): ([u8; 32], String) =
            statement.query_row([row], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let count = self.manifest.hosts.len().saturating_add(1);
        let too_many = ManifestError::TooMany { what: "hosts", count, limit: MAX_HOSTS };
        let position = u16::try_from(self.manifest.hosts.len()).ok().filter(|_| count <= MAX_HOSTS);
        let position = position.ok_or(too_many)?;
        let addresses = crate::host::split_addresses(&addresses);
        self.manifest.hosts.push(ManifestHost { peer: PeerId::from_bytes(peer), addresses });
        self.hosts.insert(row, position);
        Ok(position)
    }
}

fn position(len: usize) -> Result<u32, ExportError> {
    let too_many = ManifestError::TooMany { what: "parts", count: len, limit: u32::MAX as usize };
    u32::try_from(len).map_err(|_| too_many.into())
}
