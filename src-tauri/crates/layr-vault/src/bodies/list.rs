//! What lies in a vault's directories.

use std::{fs, path::Path};

use layr_codec::ShardRoot;

use super::{BodyStore, TEMPORARY_SUFFIX, fan_out, file_name, is_absent, parse_root};
use crate::{accounts::ReservationId, error::StoreError};

/// A body found on the disk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FoundBody {
    pub(crate) root: ShardRoot,
    pub(crate) size_bytes: u64,
}

/// What a directory holds of ours, and how many entries that are not.
#[derive(Debug)]
pub(crate) struct Found<T> {
    pub(crate) ours: Vec<T>,
    pub(crate) foreign: u64,
}

impl<T> Found<T> {
    const fn new() -> Self {
        Self { ours: Vec::new(), foreign: 0 }
    }
}

impl BodyStore {
    /// Bodies whose roots start with this byte. A name that is no root, or stands in the wrong directory, or is no
    /// file, is foreign.
    pub(crate) fn list_bodies(&self, first_byte: u8) -> Result<Found<FoundBody>, StoreError> {
        let mut found = Found::new();
        let outer = self.dir().join(format!("{first_byte:02x}"));
        for (name, _) in entries(&outer)? {
            let inner_byte = parse_byte(&name);
            let inner = outer.join(&name);
            let Some(inner_byte) = inner_byte.filter(|_| inner.is_dir()) else {
                found.foreign += 1;
                continue;
            };
            for (name, size_bytes) in entries(&inner)? {
                let root = parse_root(&name).filter(|root| fan_out(root) == [first_byte, inner_byte]);
                match (root, size_bytes) {
                    (Some(root), Some(size_bytes)) => found.ours.push(FoundBody { root, size_bytes }),
                    _ => found.foreign += 1,
                }
            }
        }
        Ok(found)
    }

    /// Whether any body lies here, whoever's it is.
    pub(crate) fn has_any_body(&self) -> Result<bool, StoreError> {
        for byte in 0..=u8::MAX {
            if !self.list_bodies(byte)?.ours.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Temporaries, by the reservations that they were for.
    pub(crate) fn list_temporaries(&self) -> Result<Found<ReservationId>, StoreError> {
        let mut found = Found::new();
        for (name, size_bytes) in entries(&self.incoming)? {
            match parse_temporary(&name).filter(|_| size_bytes.is_some()) {
                Some(id) => found.ours.push(id),
                None => found.foreign += 1,
            }
        }
        Ok(found)
    }

    /// Damaged bodies that were moved aside.
    pub(crate) fn list_damaged(&self) -> Result<Found<ShardRoot>, StoreError> {
        let mut found = Found::new();
        for (name, size_bytes) in entries(&self.damaged)? {
            match parse_root(&name).filter(|_| size_bytes.is_some()) {
                Some(root) => found.ours.push(root),
                None => found.foreign += 1,
            }
        }
        Ok(found)
    }
}

/// Names in a directory, with the size of those that are files. An absent directory is empty. Names that are
/// not UTF-8 appear with replacement characters, which no name of ours has.
pub(super) fn entries(dir: &Path) -> Result<Vec<(String, Option<u64>)>, StoreError> {
    let fail = |error| StoreError::io("list", dir, error);
    let entries = match fs::read_dir(dir) {
        Err(error) if is_absent(&error) => return Ok(Vec::new()),
        entries => entries.map_err(fail)?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(fail)?.path();
        let size_bytes = match fs::metadata(&path) {
            Ok(metadata) => metadata.is_file().then_some(metadata.len()),
            // Removed meanwhile, or a dangling link.
            Err(error) if is_absent(&error) => None,
            Err(error) => return Err(fail(error)),
        };
        let name = match file_name(&path) {
            "" => path.to_string_lossy().into_owned(),
            name => name.to_owned(),
        };
        found.push((name, size_bytes));
    }
    Ok(found)
}

fn parse_byte(name: &str) -> Option<u8> {
    u8::from_str_radix(name, 16).ok().filter(|byte| format!("{byte:02x}") == name)
}

fn parse_temporary(name: &str) -> Option<ReservationId> {
    let digits = name.strip_suffix(TEMPORARY_SUFFIX)?;
    u64::from_str_radix(digits, 16).ok().filter(|id| format!("{id:016x}") == digits)
}
