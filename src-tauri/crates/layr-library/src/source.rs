//! Stamps of local files: an unchanged file is recognised without reading it.

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::error::{StoreError, signed, unsigned};
use crate::health::is_lost_sql;
use crate::ids::{FileId, VersionNumber};
use crate::library::Library;
use crate::path::LibraryPath;
use crate::tree;

/// How much older than the moment of reading a file's times must be to prove that it did not change meanwhile: the
/// coarsest time stamps in use (FAT) have two seconds.
pub const SETTLE_NS: i64 = 2_000_000_000;

/// What a file system says about a file; it changes whenever the content does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceStamp {
    /// Length in bytes.
    pub size_bytes: u64,
    /// Last change of the content, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Last change of content or metadata, nanoseconds since 1970.
    pub ctime_ns: i64,
    /// Number within the file system.
    pub inode: u64,
    /// The file system.
    pub device: u64,
}

impl SourceStamp {
    /// Whether the stamp, taken before the file was read from `read_from_ns` on, would show a later change: both times
    /// lie at least [`SETTLE_NS`] before. Otherwise a change within the same tick of the file system's clock would go
    /// unnoticed, and the stamp must not be recorded.
    pub fn is_settled(&self, read_from_ns: i64) -> bool {
        self.mtime_ns.max(self.ctime_ns).saturating_add(SETTLE_NS) <= read_from_ns
    }
}

/// A local file and its stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Absolute path on this machine, in the operating system's bytes.
    pub local_path: Vec<u8>,
    /// Its stamp.
    pub stamp: SourceStamp,
}

/// A question: is this file stored already, can be brought back, and as the current version of that path?
#[derive(Debug, Clone, Copy)]
pub struct SourceProbe<'a> {
    /// The local path.
    pub local_path: &'a [u8],
    /// Its stamp now.
    pub stamp: SourceStamp,
    /// Where it would be stored.
    pub target: &'a LibraryPath,
}

/// What is known of a local file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownSource {
    /// Unknown or changed: read it.
    Unknown,
    /// Unchanged since it became this version, which is not what the target path holds. Commit it with
    /// [`crate::NewContent::SameAs`].
    Elsewhere {
        /// The file that has the version.
        file: FileId,
        /// The version.
        version: VersionNumber,
    },
    /// Unchanged, and the target path holds it: nothing to do.
    Current {
        /// The target's file.
        file: FileId,
        /// Its version.
        version: VersionNumber,
    },
}

impl Library {
    /// Looks up stamps of local files, in the order asked.
    pub fn known_sources(&self, probes: &[SourceProbe<'_>]) -> Result<Vec<KnownSource>, StoreError> {
        self.read(|connection| {
            let mut directory = NearestDirectory::default();
            probes.iter().map(|probe| known_source(connection, &mut directory, probe)).collect()
        })
    }
}

/// Row of the directory asked for last, as the probes of a tree mostly share theirs.
#[derive(Default)]
struct NearestDirectory {
    last: Option<(LibraryPath, Option<i64>)>,
}

impl NearestDirectory {
    fn of(&mut self, connection: &Connection, path: &LibraryPath) -> Result<Option<i64>, StoreError> {
        let Some(parent) = path.parent() else { return Ok(None) };
        if let Some((last, row)) = &self.last
            && *last == parent
        {
            return Ok(*row);
        }
        let row = tree::find(connection, &parent)?.map(|found| found.id);
        self.last = Some((parent, row));
        Ok(row)
    }
}

fn known_source(
    connection: &Connection,
    directory: &mut NearestDirectory,
    probe: &SourceProbe<'_>,
) -> Result<KnownSource, StoreError> {
    let stamp = &probe.stamp;
    let Ok(size_bytes) = signed("a file size", stamp.size_bytes) else { return Ok(KnownSource::Unknown) };
    let mut statement = connection.prepare_cached(
        concat!(
            "SELECT e.id, e.file_id, v.number, v.superseded_s IS NULL FROM source_stamp t
             JOIN version v ON v.id = t.version JOIN entry e ON e.id = v.entry
             WHERE t.local_path = ?1 AND t.size_bytes = ?2 AND t.mtime_ns = ?3 AND t.ctime_ns = ?4 AND t.inode = ?5
                AND t.device = ?6 AND NOT EXISTS (
                    SELECT 1 FROM version_segment n JOIN segment s ON s.id = n.segment WHERE n.version = v.id AND ",
            is_lost_sql!(),
            ")"
        ),
    )?;
    let asked = params![
        probe.local_path,
        size_bytes,
        stamp.mtime_ns,
        stamp.ctime_ns,
        stamp.inode.cast_signed(),
        stamp.device.cast_signed()
    ];
    let found: Option<(i64, i64, i64, bool)> = statement
        .query_row(asked, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((entry, file, number, is_current)) = found else { return Ok(KnownSource::Unknown) };
    let file = FileId::from_bits(file.cast_unsigned());
    let version = VersionNumber(unsigned(number)?);
    let at_target = match (directory.of(connection, probe.target)?, probe.target.name()) {
        (Some(parent), Some(name)) => {
            tree::child(connection, parent, name)?.is_some_and(|found| found.id == entry)
        }
        _ => false,
    };
    Ok(if at_target && is_current {
        KnownSource::Current { file, version }
    } else {
        KnownSource::Elsewhere { file, version }
    })
}

/// Records that `source` is the content of a version.
pub(crate) fn record(
    transaction: &Transaction<'_>,
    source: &SourceFile,
    version: i64,
) -> Result<(), StoreError> {
    let stamp = &source.stamp;
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO source_stamp (local_path, device, inode, size_bytes, mtime_ns, ctime_ns, version)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            source.local_path,
            stamp.device.cast_signed(),
            stamp.inode.cast_signed(),
            signed("a file size", stamp.size_bytes)?,
            stamp.mtime_ns,
            stamp.ctime_ns,
            version
        ])?;
    Ok(())
}
