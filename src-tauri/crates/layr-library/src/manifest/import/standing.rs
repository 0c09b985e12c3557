//! What is at the paths of an import already, and whether it may make room.

use std::collections::HashMap;

use layr_codec::{ChunkId, ChunkKey};
use rusqlite::{Connection, OptionalExtension as _};

use super::ImportError;
use crate::error::{StoreError, unsigned};
use crate::manifest::{Manifest, ManifestChunk, ManifestContent, ManifestKeys};
use crate::path::LibraryPath;
use crate::seal::Seal;
use crate::version::{self, VersionRef};

/// Judges what stands at the paths of one import.
///
/// What the person stored themselves never makes room. What was imported does for its owner only: a manifest does not say
/// whose it is, but ids and keys of chunks are its owner's alone, so one that names a chunk of what is to make room is of
/// the same owner, or of somebody to whom that owner gave as much.
pub(super) struct Standing<'a> {
    manifest: &'a Manifest,
    keys: ManifestKeys<'a>,
    seal: &'a Seal,
    /// The manifest's chunks, gathered when they are first needed.
    chunk_keys: Option<HashMap<&'a ChunkId, &'a ChunkKey>>,
    /// The first imported file that would get other content.
    replaced: Option<LibraryPath>,
    is_same_owner: bool,
}

impl<'a> Standing<'a> {
    pub(super) fn new(manifest: &'a Manifest, keys: ManifestKeys<'a>, seal: &'a Seal) -> Self {
        Self { manifest, keys, seal, chunk_keys: None, replaced: None, is_same_owner: false }
    }

    /// Looks at what `entry`, at `path`, holds now. Returns its version if that is to stay as it is: the person's own, and
    /// the very content; a share of it that comes back must not end it.
    pub(super) fn look(
        &mut self,
        connection: &Connection,
        entry: i64,
        path: &LibraryPath,
        content: &ManifestContent,
    ) -> Result<Option<VersionRef>, ImportError> {
        let Some(current) = version::current(connection, entry)? else { return Ok(None) };
        let is_same = self.is_same(connection, current.id, content)?;
        if !is_imported(connection, current.id)? {
            return if is_same { Ok(Some(current)) } else { Err(in_the_way(path)) };
        }
        self.is_same_owner = self.is_same_owner || self.shares_a_chunk(connection, current.id)?;
        if !is_same && self.replaced.is_none() {
            self.replaced = Some(path.clone());
        }
        Ok(None)
    }

    /// The verdict, when everything was looked at.
    pub(super) fn settle(self) -> Result<(), ImportError> {
        match self.replaced {
            Some(path) if !self.is_same_owner => Err(in_the_way(&path)),
            _ => Ok(()),
        }
    }

    fn is_same(
        &self,
        connection: &Connection,
        version: i64,
        content: &ManifestContent,
    ) -> Result<bool, StoreError> {
        let (stored_bytes, stored_target): (i64, Option<String>) = connection
            .prepare_cached("SELECT size_bytes, link_target FROM version WHERE id = ?1")?
            .query_row([version], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (size_bytes, references) = match (content, stored_target) {
            (ManifestContent::Symlink { target }, Some(stored)) => return Ok(*target == stored),
            (ManifestContent::File { size_bytes, chunks }, None) => (*size_bytes, chunks),
            _ => return Ok(false),
        };
        let rows = version::chunk_rows(connection, version)?;
        if unsigned(stored_bytes)? != size_bytes || rows.len() != references.len() {
            return Ok(false);
        }
        for (row, reference) in rows.into_iter().zip(references) {
            let chunk = usize::try_from(*reference).ok().and_then(|at| self.manifest.chunks.get(at));
            let ManifestChunk { id, key, .. } =
                chunk.ok_or_else(|| StoreError::damaged("a chunk vanished"))?;
            let (stored_id, stored_key) = stored_chunk(connection, row, self.keys, self.seal)?;
            if stored_id != *id || stored_key.as_ref() != Some(key) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn shares_a_chunk(&mut self, connection: &Connection, version: i64) -> Result<bool, StoreError> {
        let (manifest, keys, seal) = (self.manifest, self.keys, self.seal);
        let known = self
            .chunk_keys
            .get_or_insert_with(|| manifest.chunks.iter().map(|chunk| (&chunk.id, &chunk.key)).collect());
        for row in version::chunk_rows(connection, version)? {
            let (id, key) = stored_chunk(connection, row, keys, seal)?;
            if key.is_some_and(|key| known.get(&id).is_some_and(|known| **known == key)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Id and key of a chunk's row; no key where it does not open with ours.
fn stored_chunk(
    connection: &Connection,
    row: i64,
    keys: ManifestKeys<'_>,
    seal: &Seal,
) -> Result<(ChunkId, Option<ChunkKey>), StoreError> {
    let found: Option<([u8; 32], Option<Vec<u8>>)> = connection
        .prepare_cached("SELECT chunk_id, sealed_key FROM chunk WHERE id = ?1")?
        .query_row([row], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (id, sealed_key) =
        found.ok_or_else(|| StoreError::damaged("a version has a chunk that does not exist"))?;
    let id = ChunkId::from_bytes(id);
    let key = match sealed_key {
        None => Some(keys.codec.chunk_key(&id)),
        Some(sealed) => seal.open_key(id.as_bytes(), &sealed).ok().map(|key| ChunkKey::from_bytes(*key)),
    };
    Ok((id, key))
}

/// Whether a version came by an import: part of it lies in segments of others, or it ends some day. Empty files and links
/// of others look like the person's own, and are kept like these.
fn is_imported(connection: &Connection, version: i64) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT expires_unix_s IS NOT NULL
            OR EXISTS (SELECT 1 FROM version_segment vs JOIN segment s ON s.id = vs.segment
                       WHERE vs.version = ?1 AND s.origin = 1)
         FROM version WHERE id = ?1",
    )?;
    Ok(statement.query_row([version], |row| row.get(0))?)
}

fn in_the_way(path: &LibraryPath) -> ImportError {
    ImportError::InTheWay { path: path.clone() }
}
